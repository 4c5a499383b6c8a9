"""Rows to learn from: what each series looked like at an origin, divided by its own level then."""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.panel import Panel

RECENT = {12: 12, 52: 13, 1: 4}
"""How many of the last periods are shown, by periods in a year."""

YEARS_OF_SEASONS = 6
FADING = 0.8
"""Seasons are an average over this many years, each earlier one weighing this much less."""

SHRINK_YEARS = 30.0
"""A series' own seasons count as its years beside this many years of its group's."""

_LEAST = 1e-6


@dataclass(frozen=True)
class OriginRows:
    """What is known of every series at one origin, for each period ahead.

    Attributes
    ----------
    matrix : ndarray of float32, shape (n, horizon, n_features)
    expected : ndarray of float64, shape (n, horizon)
        Level at the origin by season and working days: what rows are divided by.
    naive : ndarray of float64, shape (n, horizon)
        The same period of the last observed year; the last value where that is missing.
    index : ndarray of float64, shape (n, season)
        Seasons from the first period ahead on.
    usable : ndarray of bool, shape (n,)
        Whether the series has a level at all.
    """

    matrix: np.ndarray
    expected: np.ndarray
    naive: np.ndarray
    index: np.ndarray
    usable: np.ndarray


def feature_names(season: int) -> tuple[str, ...]:
    """Name the columns of `OriginRows.matrix`."""
    lags = [f"lag_{place}" for place in range(RECENT[season])]
    level = ["mean_3", "mean_6", "smoothed", "year_before", "two_years_before"]
    shape = ["spread", "volatility", "log_level", "slope", "history"]
    others = ["group_mean_3", "group_mean_6", "group_last", "group_year_before", "group",
              "relative_rate"]  # fmt: skip
    upstream = ["upstream_mean_3", "upstream_last"]
    ahead = ["ahead", "month", "origin_month", "season", "own_season", "group_season"]
    days = ["working_days", "working_days_change", "school_share", "same_last_year"]
    return (*lags, *level, *shape, *others, *upstream, *ahead, *days, "same_two_years_before")


def origin_rows(
    panel: Panel, origin: int, horizon: int, *, upstream: np.ndarray | None = None
) -> OriginRows:
    """Describe every series by what was observed up to one period.

    Parameters
    ----------
    panel : Panel
    origin : int
        Place of the last period that may be used.
    horizon : int
    upstream : ndarray of int64, shape (n,), optional
        Place of the series that leads each series; -1 for none.

    Returns
    -------
    OriginRows
    """
    season = panel.season
    rate = panel.known(origin) / panel.working[:, : origin + 1]
    own, group, years = seasons_of(rate, season, panel.groups)
    index = np.clip((years * own + SHRINK_YEARS * group) / (years + SHRINK_YEARS), 0.2, 4.0)
    slots = (np.arange(-RECENT[season], 0) % season).astype(np.intp)
    recent = _last(rate, RECENT[season]) / index[:, slots]
    level = _mean(recent[:, -min(season, RECENT[season]) :])
    level = np.where(np.isfinite(level), level, _mean(rate))  # nothing seen for a year
    usable = np.isfinite(level) & (level > 0)
    scale = np.where(usable, np.maximum(level, _LEAST), 1.0)
    recent = recent / scale[:, None]
    fixed = _at_origin(panel, origin, rate, recent, scale, upstream)
    ahead, expected, naive = _at_target(panel, origin, horizon, rate, scale, own, group, index)
    matrix = np.concatenate(
        [np.broadcast_to(fixed[:, None], (*ahead.shape[:2], fixed.shape[1])), ahead], axis=2
    )
    expected[~usable] = np.nan
    return OriginRows(matrix.astype(np.float32), expected, naive, index, usable)


def seasons_of(
    rate: np.ndarray, season: int, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compare each period with its own year: for the series, its group, and the years used.

    Parameters
    ----------
    rate : ndarray of float64, shape (n, n_periods)
        By working day, up to the origin.
    season : int
        Periods in a year.
    groups : ndarray of int64, shape (n,)

    Returns
    -------
    own, group : ndarray of float64, shape (n, season)
        From the first period after the origin on; 1 on average.
    years : ndarray of float64, shape (n, 1)
    """
    n, length = rate.shape
    years = min(length // season, YEARS_OF_SEASONS)
    if season == 1 or years == 0:
        return np.ones((n, season)), np.ones((n, season)), np.zeros((n, 1))
    blocks = rate[:, length - years * season :].reshape(n, years, season)[:, ::-1]
    mean = _mean(blocks, axis=2)
    enough = np.isfinite(blocks).mean(axis=2) >= 0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((enough & (mean > 0))[:, :, None], blocks / mean[:, :, None], np.nan)
    weight = FADING ** np.arange(years)
    group = np.ones((n, season))
    for code in np.unique(groups):
        here = groups == code
        typical = _median(ratio[here])
        pooled = _weighted(typical[None], weight)[0]
        pooled = np.where(np.isfinite(pooled) & (pooled > 0), pooled, 1.0)
        group[here] = pooled / pooled.mean()
    own = _weighted(ratio, weight)
    own = np.where(np.isfinite(own), own, group)
    return own, group, (np.isfinite(ratio).any(axis=2)).sum(axis=1)[:, None].astype(np.float64)


def _at_origin(
    panel: Panel,
    origin: int,
    rate: np.ndarray,
    recent: np.ndarray,
    scale: np.ndarray,
    upstream: np.ndarray | None,
) -> np.ndarray:
    """Give what does not depend on the period ahead, in the order of `feature_names`."""
    season, n = panel.season, len(rate)
    fade = 0.7 ** np.arange(recent.shape[1])[::-1]
    before = [_mean(_year(rate, season, back)) / scale for back in (1, 2)]
    mean_3, mean_6 = _mean(recent[:, -3:]), _mean(recent[:, -6:])
    centred = np.arange(recent.shape[1]) - (recent.shape[1] - 1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.diff(np.log(np.maximum(_last(rate, 5 * season + 1), 0.01)), axis=1)
    columns = [
        *recent[:, ::-1].T,
        mean_3,
        mean_6,
        _weighted(recent[:, :, None], fade)[:, 0],
        *before,
        _spread(recent),
        _spread(steps),
        np.log(scale * np.median(panel.working[:, : origin + 1], axis=1)),
        np.nansum((recent - 1) * centred, axis=1) / (centred**2).sum(),
        np.isfinite(rate).sum(axis=1),
        *(_by_group(each, panel.groups) for each in (mean_3, mean_6, recent[:, -1], before[0])),
        panel.groups,
        _relative_rate(scale, panel),
    ]
    lead = np.full(n, -1) if upstream is None else upstream
    columns += [np.where(lead >= 0, each[lead], np.nan) for each in (mean_3, recent[:, -1])]
    return np.column_stack(columns)


def _at_target(
    panel: Panel,
    origin: int,
    horizon: int,
    rate: np.ndarray,
    scale: np.ndarray,
    own: np.ndarray,
    group: np.ndarray,
    index: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give what belongs to each period ahead, the level expected there, and the naive value."""
    season, n = panel.season, len(rate)
    steps = np.arange(1, horizon + 1)
    target, slot = origin + steps, (steps - 1) % season
    last_year = target - season * ((steps - 1) // season + 1)
    days, then = panel.working[:, target], panel.working[:, last_year.clip(0)]
    expected = scale[:, None] * days * index[:, slot]
    per_day = scale[:, None] * index[:, slot]
    known = [_column(rate, last_year - season * back) for back in (0, 1)]
    both = (n, horizon)
    ahead = [
        np.broadcast_to(steps, both),
        np.broadcast_to(panel.months[target], both),
        np.full(both, panel.months[origin]),
        index[:, slot],
        own[:, slot],
        group[:, slot],
        days,
        days / then,
        np.broadcast_to(panel.school[target], both),
        *(each / per_day for each in known),
    ]
    last = last_seen(panel.known(origin))
    naive = known[0] * then
    naive = np.where(np.isfinite(naive), naive, last[:, None])
    return np.stack(ahead, axis=2), expected, naive


def _column(rate: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Take columns; those before the first are missing."""
    taken: np.ndarray = np.where(places >= 0, rate[:, places.clip(0)], np.nan)
    return taken


def _last(rate: np.ndarray, n: int) -> np.ndarray:
    """Take the last columns; those before the first are missing."""
    return _column(rate, np.arange(rate.shape[1] - n, rate.shape[1]))


def _year(rate: np.ndarray, season: int, back: int) -> np.ndarray:
    end = rate.shape[1] - season * back
    return _column(rate, np.arange(end - season, end))


def last_seen(values: np.ndarray) -> np.ndarray:
    """Give each series' last observed value; NaN where there is none."""
    seen = np.isfinite(values)
    place = values.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    last: np.ndarray = values[np.arange(len(values)), place]
    return last


def _mean(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Average what is observed; NaN where nothing is."""
    seen = np.isfinite(values)
    count = seen.sum(axis=axis)
    total = np.where(seen, values, 0.0).sum(axis=axis)
    mean: np.ndarray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def _weighted(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Average over the second axis of (n, years, slots) with weights, missing ones left out."""
    seen = np.isfinite(values)
    total = (np.where(seen, values, 0.0) * weight[None, :, None]).sum(axis=1)
    of = (seen * weight[None, :, None]).sum(axis=1)
    mean: np.ndarray = np.where(of > 0, total / np.maximum(of, _LEAST), np.nan)
    return mean


def _spread(values: np.ndarray) -> np.ndarray:
    mean = _mean(values)
    spread: np.ndarray = np.sqrt(_mean((values - mean[:, None]) ** 2))
    return spread


def _median(values: np.ndarray) -> np.ndarray:
    """Median over the first axis of what is observed; NaN where nothing is."""
    ordered = np.sort(values, axis=0)  # missing values come last
    count = np.isfinite(values).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2
    pick = np.take_along_axis
    both = pick(ordered, low[None], axis=0)[0] + pick(ordered, high[None], axis=0)[0]
    middle: np.ndarray = both / 2
    return middle


def _relative_rate(scale: np.ndarray, panel: Panel) -> np.ndarray:
    """Compare each level, by its size, with the median of its group."""
    rate = np.log(scale / panel.sizes)
    relative: np.ndarray = rate - _by_group(rate, panel.groups)
    return relative


def _by_group(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Give each series the median of its group."""
    shared = np.empty(len(values))
    for code in np.unique(groups):
        shared[groups == code] = _median(values[groups == code])
    return shared
