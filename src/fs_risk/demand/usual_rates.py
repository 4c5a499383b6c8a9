"""Yearly companion: levels drift back to their own usual level and to the rates of other places."""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.panel import Panel
from fs_risk.demand.rows import last_seen

PERSISTENCE = 0.9
"""Share of a departure from usual rates that is left a year later: only how the pull of the
second and third year compares with that of the first; its strength is learnt."""

TOWARDS_NONE, TOWARDS_ALL = 0.1, 0.5
"""Ridge that draws the shared pull towards none, and each measure's own towards the shared one."""

FEW_PLACES = 5
"""With fewer places of a kind their rate says too little to be drawn towards."""

# a level made anew, or a merged authority, would else decide the pull of all
_LARGEST = 0.5
_LARGEST_RATE = 1.0
_WORST_RATIO = 1.0

_FEW_ROWS = 300
_SMALLEST_ERROR = 1e-3
_ROUNDS = 60


@dataclass(frozen=True)
class Pull:
    """How far levels are drawn back in a year, learnt from what was known by a period.

    Attributes
    ----------
    strength : ndarray of float64, shape (n, 3)
        For each series the factor on each of its `departures`.
    """

    strength: np.ndarray

    def forecast(self, panel: Panel, origin: int, horizon: int) -> np.ndarray:
        """Forecast levels that are drawn back.

        Parameters
        ----------
        panel : Panel
        origin : int
            Place of the last period that may be used.
        horizon : int

        Returns
        -------
        ndarray of float64, shape (n, horizon)
            Missing for series without a level.
        """
        known = panel.known(origin)
        moved = (departures(panel, known) * self.strength).sum(axis=1)
        ratio = 1 + moved[:, None] * _growing(np.arange(1, horizon + 1))
        drawn: np.ndarray = last_seen(known)[:, None] * np.maximum(ratio, 0.0)
        return drawn


def learn_pull(panel: Panel, cutoff: int, horizon: int) -> Pull | None:
    """Learn how far levels are drawn back, from yearly answers known by a period.

    The sum of absolute errors, each measure, origin and year ahead weighing the same, is made
    least over all measures, then over each measure's own departure from that. No term for
    growth: years of growth have not told the next ones.

    Parameters
    ----------
    panel : Panel
    cutoff : int
        Place of the last period that may be used.
    horizon : int

    Returns
    -------
    Pull or None
        None where there are too few answers.
    """
    kinds = np.unique(panel.measures.astype(str), return_inverse=True)[1]
    parts = [
        _answered(panel, origin, ahead, kinds)
        for ahead in range(1, min(horizon, cutoff) + 1)
        for origin in range(cutoff - ahead + 1)
    ]
    if sum(len(ratio) for _, ratio, _, _ in parts) < _FEW_ROWS:
        return None
    away, ratio, weight, kind = (np.concatenate(each) for each in zip(*parts, strict=True))
    none = np.zeros(away.shape[1])
    shared = least_absolute(away, ratio, weight, none, ridge=TOWARDS_NONE)
    strength = np.tile(shared, (len(panel.ids), 1))
    for code in np.unique(kind):
        here = kind == code
        own = least_absolute(away[here], ratio[here], weight[here], shared, ridge=TOWARDS_ALL)
        strength[kinds == code] = own
    return Pull(strength)


def departures(panel: Panel, known: np.ndarray) -> np.ndarray:
    """Say how each level departs from its own mean and from the rates of other places.

    In this order: the mean over the level, less 1; the log rate against all places; the log
    rate against the region.

    Parameters
    ----------
    panel : Panel
    known : ndarray of float64, shape (n, n_periods)
        Up to the origin.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        0 where nothing can be compared.
    """
    level = last_seen(known)
    seen = np.isfinite(known)
    mean = np.where(seen, known, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.clip(mean / level - 1, -_LARGEST, _LARGEST)
    rates = [_log_rate(panel, level, places) for places in (None, panel.regions)]
    away: np.ndarray = np.nan_to_num(np.column_stack([own, *rates]))
    return away


def least_absolute(
    matrix: np.ndarray, answer: np.ndarray, weight: np.ndarray, start: np.ndarray, *, ridge: float
) -> np.ndarray:
    """Fit a line by weighted absolute errors, drawn towards a start [1]_.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n_rows, n_terms)
    answer, weight : ndarray of float64, shape (n_rows,)
    start : ndarray of float64, shape (n_terms,)
    ridge : float
        Weight of the squared distance from the start, those of all rows being 1.

    Returns
    -------
    ndarray of float64, shape (n_terms,)

    References
    ----------
    .. [1] Schlossmacher (1973), An iterative technique for absolute deviations curve fitting.

    Examples
    --------
    >>> line = least_absolute(np.ones((5, 1)), np.array([0, 0, 1, 1, 9.0]), np.ones(5),
    ...                       np.zeros(1), ridge=1e-9)
    >>> line.round(2)  # the median
    array([1.])
    """
    line: np.ndarray = start
    share = weight / max(weight.sum(), 1e-12)
    pulled = ridge * np.eye(len(start))
    for _ in range(_ROUNDS):
        miss = np.abs(answer - matrix @ line)
        scaled = matrix * (share / np.maximum(miss, _SMALLEST_ERROR))[:, None]
        before, towards = line, scaled.T @ answer + ridge * start
        line = np.asarray(np.linalg.solve(scaled.T @ matrix + pulled, towards))
        if np.abs(line - before).max() < 1e-5:
            break
    return line


def _answered(
    panel: Panel, origin: int, ahead: int, kinds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Gather what was known at an origin, and what came some years later."""
    known = panel.known(origin)
    level, came = known[:, -1], panel.answers(origin, origin + ahead)[:, -1]
    usable = np.isfinite(level) & (level > 0) & np.isfinite(came)
    total = np.bincount(kinds[usable], weights=came[usable], minlength=kinds.max() + 1)[kinds]
    usable &= total > 0
    away = departures(panel, known)[usable] * _growing(np.array([ahead]))
    ratio = np.clip(came[usable] / level[usable] - 1, -_WORST_RATIO, _WORST_RATIO)
    return away, ratio, level[usable] / total[usable], kinds[usable]


def _growing(ahead: np.ndarray) -> np.ndarray:
    """Say how much of a year's pull has come by each year ahead."""
    grown: np.ndarray = (1 - PERSISTENCE**ahead) / (1 - PERSISTENCE)
    return grown


def _log_rate(panel: Panel, level: np.ndarray, regions: np.ndarray | None) -> np.ndarray:
    """Compare rates with those of all places, or of the region, that count the same."""
    named = panel.measures.astype(str)
    where = named if regions is None else np.char.add(np.char.add(named, "|"), regions.astype(str))
    place = np.unique(where, return_inverse=True)[1]
    rated = np.isfinite(level) & np.isfinite(panel.sizes) & (named != "")
    if regions is not None:
        rated &= regions.astype(str) != ""
    counts, levels, sizes = (
        np.bincount(place[rated], weights=each[rated], minlength=place.max() + 1)[place]
        for each in (np.ones(len(level)), level, panel.sizes)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.log(level / panel.sizes) - np.log(levels / sizes)
    compared = rated & (counts >= FEW_PLACES) & (level > 0)
    return np.where(compared, np.clip(relative, -_LARGEST_RATE, _LARGEST_RATE), np.nan)
