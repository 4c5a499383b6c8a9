"""Where the number of events changes for good: a threshold, a pandemic, a new system.

References
----------
.. [1] Scott, A. J. and Knott, M. (1974). A cluster analysis method for grouping means
   in the analysis of variance. Biometrics 30, 507-512 (binary segmentation).
.. [2] Anscombe, F. J. (1948). The transformation of Poisson, binomial and
   negative-binomial data. Biometrika 35, 246-254.
"""

from dataclasses import dataclass

import numpy as np

from fs_risk.records.quality_months import monthly_events
from fs_risk.records.records import Records

SHORTEST = 6
"""A level lasts at least so many months."""
SCORE = 4.5
"""How many standard errors two levels must lie apart."""
CHANGE = 0.15
"""And by which share."""

_MAD_TO_SD = 1.4826
_YEAR = 12


@dataclass(frozen=True)
class LevelChange:
    """A month from which there are more or fewer events than before.

    Attributes
    ----------
    table, month : str
        ``yyyy-mm``.
    ratio : float
        Events a month afterwards, relative to before.
    score : float
        Difference in standard errors, negative for fewer.
    """

    table: str
    month: str
    ratio: float
    score: float


def level_changes(records: Records, name: str) -> list[LevelChange]:
    """Find the months from which a table's events lie on another level.

    Parameters
    ----------
    records : Records
    name : str
        A table with a date.

    Returns
    -------
    list of LevelChange
        By month; none where too few months are observed.
    """
    events = monthly_events(records, name)
    if events is None:
        return []
    return [
        LevelChange(name, events.months[at], ratio, score)
        for at, ratio, score in changes_in(events.counts)
    ]


def changes_in(counts: np.ndarray) -> list[tuple[int, float, float]]:
    """Find changes of level in monthly counts.

    Months of the year are put on one footing first. On the scale 2√(n + 3/8), on which
    counts of any size vary by about 1, the series is cut in two where the means differ
    most, and each part again. What months vary by is told by the differences between
    neighbours, and is never less than chance alone makes.

    Parameters
    ----------
    counts : ndarray of int

    Returns
    -------
    list of (int, float, float)
        Place of the first month of the new level, ratio, and score.

    Examples
    --------
    >>> [at for at, _, _ in changes_in(np.array([100] * 20 + [60] * 20))]
    [20]
    """
    scale = 2 * np.sqrt(np.asarray(counts) + 0.375)
    if len(scale) < 2 * SHORTEST:
        return []
    level = _on_one_footing(scale)
    spread = float(np.median(np.abs(np.diff(level)))) * _MAD_TO_SD / np.sqrt(2)
    cuts = sorted(_cuts(level, 0, len(level), max(spread, 1.0)))
    edges = [0, *cuts, len(level)]
    found = []
    for first, cut, last in zip(edges, cuts, edges[2:], strict=False):
        score = _scores(level[first:last], max(spread, 1.0))[cut - first]
        before, after = counts[first:cut].mean(), counts[cut:last].mean()
        ratio = float(after / before) if before else float("inf")
        if abs(ratio - 1) >= CHANGE:
            found.append((cut, ratio, float(score)))
    return found


def _on_one_footing(scale: np.ndarray) -> np.ndarray:
    """Take out what a month of the year has beside its neighbours, where it comes often enough."""
    if len(scale) < 3 * _YEAR:
        return scale
    kernel = np.r_[0.5, np.ones(_YEAR - 1), 0.5] / _YEAR
    padded = np.pad(scale, _YEAR // 2, mode="reflect")
    beside = scale - np.convolve(padded, kernel, mode="valid")
    usual = np.array([np.median(beside[month::_YEAR]) for month in range(_YEAR)])
    level: np.ndarray = scale - usual[np.arange(len(scale)) % _YEAR]
    return level


def _scores(level: np.ndarray, spread: float) -> np.ndarray:
    """Score every place at which a series could be cut; 0 where a part would be too short."""
    count = np.arange(len(level), dtype=np.float64)
    sums = np.append(0.0, np.cumsum(level))
    scores = np.zeros(len(level))
    inside = np.arange(SHORTEST, len(level) - SHORTEST + 1)
    inside = inside[inside < len(level)]
    left, right = count[inside], len(level) - count[inside]
    gap = (sums[-1] - sums[inside]) / right - sums[inside] / left
    scores[inside] = gap / (spread * np.sqrt(1 / left + 1 / right))
    return scores


def _cuts(level: np.ndarray, first: int, last: int, spread: float) -> list[int]:
    if last - first < 2 * SHORTEST:
        return []
    scores = _scores(level[first:last], spread)
    at = int(np.argmax(np.abs(scores)))
    if abs(scores[at]) < SCORE:
        return []
    cut = first + at
    return [cut, *_cuts(level, first, cut, spread), *_cuts(level, cut, last, spread)]
