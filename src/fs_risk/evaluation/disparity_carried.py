"""Which concepts and features carry a gap: exact contributions, the group's less the rest's."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fs_risk.evaluation.disparity_cases import ListedCases
from fs_risk.evaluation.disparity_gaps import (
    degrees_of_freedom,
    gap_between,
    limits,
    parts_of,
    rate_gap,
    standard_error,
)
from fs_risk.records.many_tests import benjamini_hochberg, holm

BASE = "where each fold's trees begin"
"""What is left besides the features: the expected score of each fold's own trees."""

LEVEL = 0.05
PARTS, LEAD, NOT_SHOWN = "sets the group apart", "worth a look", "not shown"


def carried_by(
    cases: ListedCases, inside: np.ndarray, metric: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the difference in mean score between a group and the rest into its parts.

    For a gap in recall the children compared are those with the outcome; for one in
    precision those listed. Parts add up to the difference in mean log-odds.

    Parameters
    ----------
    cases : ListedCases
    inside : ndarray of bool, shape (n,)
    metric : {"recall", "precision"}

    Returns
    -------
    concepts, features : DataFrame
        The largest difference first: ``part``, ``own`` and ``rest`` (mean contribution
        in log-odds), ``difference``, ``low``, ``high`` (95 %, households whole), ``p``,
        ``adjusted_p`` (concepts by Holm, features by Benjamini and Hochberg),
        ``verdict``; of concepts ``gap_if_alike``, what the gap would be on a list on
        which that concept told the two apart no more.
    """
    parts = cases.contributions()
    names = np.array([*cases.model.feature_names, BASE], dtype=object)
    concept = np.array([*(each.concept for each in cases.model.facts.features), BASE], dtype=object)
    features = _table(cases, inside, metric, parts, names, by_chance=benjamini_hochberg)
    together, kept = _summed(parts, concept)
    concepts = _table(cases, inside, metric, together, kept, by_chance=holm)
    concepts["gap_if_alike"] = [
        _gap_if_alike(cases, inside, metric, shift) for shift in concepts["difference"]
    ]
    features["verdict"] = features["verdict"].replace(PARTS, LEAD)
    features.insert(1, "concept", features["part"].map(dict(zip(names, concept, strict=True))))
    return concepts, features


def _summed(parts: np.ndarray, concept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add features' contributions up by concept."""
    kept, number = np.unique(concept.astype(str), return_inverse=True)
    together = np.zeros((len(parts), len(kept)))
    for column, place in enumerate(number):
        together[:, place] += parts[:, column]
    return together, kept.astype(object)


def _table(
    cases: ListedCases,
    inside: np.ndarray,
    metric: str,
    parts: np.ndarray,
    names: Sequence[str] | np.ndarray,
    *,
    by_chance: object,
) -> pd.DataFrame:
    _, weights = parts_of(metric, cases.label, cases.share)
    gap = gap_between(parts, weights, inside)
    error = standard_error(gap.pull, cases.household)
    low, high, p = limits(gap.value, error, degrees_of_freedom(cases.household, inside, weights))
    adjusted = np.full(len(p), np.nan)
    asked = np.isfinite(p) & (np.asarray(names) != BASE)
    adjusted[asked] = by_chance(p[asked])  # type: ignore[operator]
    frame = pd.DataFrame(
        {
            "part": names,
            "own": gap.own,
            "rest": gap.rest,
            "difference": gap.value,
            "low": low,
            "high": high,
            "p": p,
            "adjusted_p": adjusted,
            "verdict": np.where(adjusted <= LEVEL, PARTS, NOT_SHOWN),
        }
    )
    size = frame["difference"].abs()
    return frame.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _gap_if_alike(cases: ListedCases, inside: np.ndarray, metric: str, shift: float) -> float:
    """Give the gap on lists where the group's scores are moved by a part's difference."""
    if not np.isfinite(shift):
        return float("nan")
    moved = cases.relisted(cases.log_odds - shift * inside)
    return float(rate_gap(metric, cases.label, moved, inside).value[0])
