"""Whether a gap goes with who recorded: the team that received, or who referred.

A gap has two parts: the group meets other recorders than the rest does, at whose cases
the list does better or worse for everyone (who records); and with the same recorder it
fares otherwise (within). Only recorders with enough cases of both sides are told apart;
no worker is named, none can be.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.evaluation.disparity_gaps import parts_of
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval
from fs_risk.records.disclosure import hidden_in_line, is_small

OTHERS = "all others together"
RESAMPLES = 400


@dataclass(frozen=True)
class ByRecorder:
    """A gap split by who recorded.

    Attributes
    ----------
    by : str
        What is told apart: ``team`` or ``referred by``.
    gap, who_records, within : tuple of float
        Value, low, high (95 %): the gap, and the two parts that add up to it.
    strata : DataFrame
        ``recorder``, ``own`` and ``rest`` (the rate), ``difference``, ``low``, ``high``,
        ``share_own`` and ``share_rest`` (of the rows that the rate is of), and
        ``suppressed``: not for publication, small numbers and what would give them away.
    """

    by: str
    gap: tuple[float, float, float]
    who_records: tuple[float, float, float]
    within: tuple[float, float, float]
    strata: pd.DataFrame


def gap_by_recorder(
    metric: str,
    label: np.ndarray,
    share: np.ndarray,
    inside: np.ndarray,
    recorder: pd.Series,
    household: np.ndarray,
    *,
    by: str,
    fewest: int = 10,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> ByRecorder | None:
    """Split a gap into who records and what is left with the same recorder.

    Parameters
    ----------
    metric : {"recall", "precision"}
    label, share : ndarray of float, shape (n,)
    inside : ndarray of bool, shape (n,)
    recorder : Series of str, shape (n,)
        Missing values are recorders of their own kind.
    household : ndarray of int, shape (n,)
    by : str
        What to call it.
    fewest : int, default=10
        Rows that the rate is of, in the group and in the rest; recorders with fewer are
        put together.
    resamples, seed : int

    Returns
    -------
    ByRecorder or None
        None where fewer than two recorders can be told apart.

    References
    ----------
    .. [1] E. M. Kitagawa, Components of a difference between two rates, JASA 50 (1955),
       1168-1194.

    Examples
    --------
    >>> label, share = np.ones(80), np.tile([1.0, 0.0], 40)
    >>> team = pd.Series(np.repeat(["A", "B"], 40))
    >>> share[team == "A"] = 1.0
    >>> inside = np.arange(80) % 4 == 0
    >>> found = gap_by_recorder("recall", label, share, inside, team, np.arange(80), by="team",
    ...     resamples=20)
    >>> found.strata["recorder"].tolist()
    ['A', 'B']
    """
    values, weights = parts_of(metric, label, share)
    named = _merged(recorder, weights, inside, fewest)
    levels = sorted(set(named), key=lambda name: (name == OTHERS, name))
    if len(levels) < 2:
        return None
    side = np.stack([inside, ~inside], axis=1)
    of = np.stack([(named == level) for level in levels], axis=1)
    member = (side[:, :, None] & of[:, None, :]).astype(np.float64)

    def split(drawn: np.ndarray) -> dict[str, np.ndarray]:
        return _split(drawn, values, weights, member)

    once = {name: each[0] for name, each in split(np.ones((1, len(label)))).items()}
    spread = HouseholdBootstrap(household, resamples=resamples, seed=seed).together(split)

    def figure(name: str) -> tuple[float, float, float]:
        return (float(once[name]), *interval(spread[name]))

    total = (weights[:, None, None] * member).sum(axis=0)
    strata = [
        (level, float(once[f"own {place}"]), float(once[f"rest {place}"]),
         *figure(f"difference {place}"), *(total[:, place] / total.sum(axis=1)))
        for place, level in enumerate(levels)
    ]  # fmt: skip
    columns = ["recorder", "own", "rest", "difference", "low", "high", "share_own", "share_rest"]
    frame = pd.DataFrame(strata, columns=columns)
    hits = ((weights * values)[:, None, None] * member).sum(axis=0)
    cells = np.concatenate([hits, total - hits])
    frame["suppressed"] = hidden_in_line(cells.sum(axis=0), np.asarray(is_small(cells).any(axis=0)))
    return ByRecorder(
        by=by,
        gap=figure("gap"),
        who_records=figure("who records"),
        within=figure("within"),
        strata=frame,
    )


def _merged(
    recorder: pd.Series, weights: np.ndarray, inside: np.ndarray, fewest: int
) -> np.ndarray:
    """Put recorders with few cases together, and then as many as it takes for enough."""
    named = recorder.astype("object").fillna("not recorded").astype(str).to_numpy(dtype=object)
    sums = (
        pd.DataFrame({"name": named, "own": weights * inside, "rest": weights * ~inside})
        .groupby("name")[["own", "rest"]]
        .sum()
    )
    fewer = sums.min(axis=1).sort_values(kind="stable")
    few = list(fewer.index[fewer < fewest])
    left = [name for name in fewer.index if name not in few]
    while few and left and sums.loc[few].sum().min() < fewest:
        few.append(left.pop(0))
    return np.where(np.isin(named, few), OTHERS, named)


def _split(
    drawn: np.ndarray, values: np.ndarray, weights: np.ndarray, member: np.ndarray
) -> dict[str, np.ndarray]:
    """Give rates, the gap and its two parts, on each resample."""
    n, _, k = member.shape
    flat = member.reshape(n, -1)
    size = ((drawn * weights) @ flat).reshape(-1, 2, k)
    hits = ((drawn * (weights * values)) @ flat).reshape(-1, 2, k)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate, part = hits / size, size / size.sum(axis=2, keepdims=True)
        own, rest = rate[:, 0], rate[:, 1]
        who = ((part[:, 0] - part[:, 1]) * (own + rest) / 2).sum(axis=1)
        within = ((part[:, 0] + part[:, 1]) / 2 * (own - rest)).sum(axis=1)
    found = {"who records": who, "within": within, "gap": who + within}
    for place in range(k):
        found |= {
            f"own {place}": own[:, place],
            f"rest {place}": rest[:, place],
            f"difference {place}": own[:, place] - rest[:, place],
        }
    return found
