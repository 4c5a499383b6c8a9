"""The same list held against a second outcome: whether the label itself may bring a gap about.

A plan is a decision. If a group's children get one more readily for the same need, a
gap against plans is a fact about plans. A second outcome, decided elsewhere or by others,
need not agree; where it does not, neither is thereby the truth.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.evaluation.disparity_gaps import (
    Gap,
    degrees_of_freedom,
    gap_between,
    limits,
    parts_of,
    standard_error,
)
from fs_risk.evaluation.fairness_measures import PRECISION, RECALL
from fs_risk.records.many_tests import benjamini_hochberg

FOLLOWED = "how often it follows"
MEASURES = (FOLLOWED, RECALL, PRECISION)

SAME_WAY = "points the same way"
OTHER_WAY = "points the other way"
UNDECIDED = "cannot be told either way"
TOO_FEW = "not enough evidence"

LEVEL = 0.05


def against_other_outcomes(
    label: np.ndarray,
    others: Mapping[str, np.ndarray],
    share: np.ndarray,
    inside: np.ndarray,
    household: np.ndarray,
    *,
    fewest: int = 10,
) -> pd.DataFrame:
    """Compare a group's gaps on one list by one outcome and by others.

    Parameters
    ----------
    label : ndarray of float, shape (n,)
        The outcome that the model was fitted to.
    others : mapping of str to ndarray of float, shape (n,)
        Second outcomes; NaN where one is not known.
    share : ndarray of float, shape (n,)
        Chance of being listed.
    inside : ndarray of bool, shape (n,)
    household : ndarray of int, shape (n,)
    fewest : int, default=10
        Cases with the outcome, or listed, in the group and in the rest.

    Returns
    -------
    DataFrame
        A row per outcome and measure (how often it follows, recall, precision):
        ``gap`` by the model's outcome, ``other_gap`` with ``other_low``,
        ``other_high``; ``change`` between the two with ``low``, ``high``, ``p``,
        ``adjusted_p`` (Benjamini and Hochberg) and ``differs``; ``says``, whether the
        other outcome points the same way. 95 %, households whole, the list as it is.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> inside, share = rng.random(600) < 0.3, (rng.random(600) < 0.3).astype(float)
    >>> need = rng.random(600) < 0.2
    >>> readily = need | (inside & (rng.random(600) < 0.3))
    >>> found = against_other_outcomes(readily.astype(float), {"need": need.astype(float)},
    ...     share, inside, np.arange(600))
    >>> found.loc[found["measure"] == "how often it follows", "differs"].item()
    True
    """
    rows = [
        _compared(name, measure, label, other, share, inside, household, fewest)
        for name, other in others.items()
        for measure in MEASURES
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    p = frame["p"].to_numpy(dtype=np.float64)
    adjusted, known = np.full(len(p), np.nan), np.isfinite(p)
    adjusted[known] = benjamini_hochberg(p[known])
    frame["adjusted_p"], frame["differs"] = adjusted, adjusted <= LEVEL
    return frame


_COLUMNS = ["outcome", "measure", "gap", "other_gap", "other_low", "other_high", "change", "low",
            "high", "p", "says"]  # fmt: skip


def _compared(
    name: str,
    measure: str,
    label: np.ndarray,
    other: np.ndarray,
    share: np.ndarray,
    inside: np.ndarray,
    household: np.ndarray,
    fewest: int,
) -> tuple[object, ...]:
    own, second = (_gap(measure, each, share, inside) for each in (label, other))
    if not all(_enough(measure, each, share, inside, fewest) for each in (label, other)):
        nothing = float("nan")
        return (name, measure, *[nothing] * 8, TOO_FEW)
    freedom = degrees_of_freedom(household, inside, _weights(measure, other, share))
    low, high, p = limits(second.value, standard_error(second.pull, household), freedom)
    change = second.value - own.value
    below, above, apart = limits(change, standard_error(second.pull - own.pull, household), freedom)
    gap, seen = float(own.value[0]), float(second.value[0])
    return (
        name, measure, gap, seen, float(low[0]), float(high[0]),
        float(change[0]), float(below[0]), float(above[0]), float(apart[0]),
        _says(gap, seen, float(p[0])),
    )  # fmt: skip


def _gap(measure: str, label: np.ndarray, share: np.ndarray, inside: np.ndarray) -> Gap:
    values, weights = _parts(measure, label, share)
    return gap_between(values, weights, inside)


def _parts(measure: str, label: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if measure == FOLLOWED:
        known = ~np.isnan(label)
        return np.where(known, label, 0.0), known.astype(np.float64)
    return parts_of(measure, label, share)


def _weights(measure: str, label: np.ndarray, share: np.ndarray) -> np.ndarray:
    return _parts(measure, label, share)[1]


def _enough(
    measure: str, label: np.ndarray, share: np.ndarray, inside: np.ndarray, fewest: int
) -> bool:
    weights = _weights(measure, label, share)
    if measure == FOLLOWED:
        weights = np.nan_to_num(label)
    return bool(min(weights[inside].sum(), weights[~inside].sum()) >= fewest)


def _says(gap: float, other: float, p: float) -> str:
    if not p <= LEVEL:
        return UNDECIDED
    return SAME_WAY if gap * other > 0 else OTHER_WAY
