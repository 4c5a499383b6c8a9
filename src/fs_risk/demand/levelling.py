"""What was counted before a marked break, brought to the level after it, by what was known then."""

import numpy as np

BREAK_VARIANCE = 0.09
"""Variance of the log of how much a break changes a level: by about a third."""

MONTH_VARIANCE = 0.02
"""Variance of the log of one period against the same of the year before, besides counting."""


def levelled(
    values: np.ndarray, working: np.ndarray, segments: np.ndarray | None, origin: int, season: int
) -> np.ndarray:
    """Give the values up to an origin, those before each break at the level after it.

    The change of level is that of the periods after the break against the same periods of
    the year before (at most a year of them), drawn towards none while they are few.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n_periods)
        NaN where not observed.
    working : ndarray of float64, shape (n, n_periods or more)
    segments : ndarray of int64, shape (n, n_periods), or None
        The stretch that each period belongs to; None where no break is marked.
    origin : int
        Place of the last period that may be used.
    season : int
        Periods in a year.

    Returns
    -------
    ndarray of float64, shape (n, origin + 1)

    Examples
    --------
    >>> counts = np.array([[100.0] * 12 + [200.0] * 12])
    >>> segments = np.repeat([[0, 1]], 12, axis=1)
    >>> levelled(counts, np.ones((1, 24)), segments, 23, 12)[0, [0, 23]].round()
    array([196., 200.])
    >>> levelled(counts, np.ones((1, 24)), segments, 11, 12)[0, 0]
    np.float64(100.0)
    """
    known = values[:, : origin + 1]
    if segments is None:
        return known
    found = known.copy()
    for place in np.flatnonzero((segments[:, 1 : origin + 1] != segments[:, :origin]).any(axis=0)):
        first = int(place) + 1
        broken = segments[:, first] != segments[:, place]
        rate = found[broken] / working[broken, : origin + 1]
        change = _change(rate, found[broken], segments[broken], first, season)
        found[broken, :first] *= change[:, None]
    return found


def _change(
    rate: np.ndarray, counts: np.ndarray, segments: np.ndarray, first: int, season: int
) -> np.ndarray:
    """Estimate the factor between the levels before and after the place of a break."""
    after = np.arange(first, min(first + season, rate.shape[1]))
    same = segments[:, after] == segments[:, [first]]
    before = after - season
    pairs = same & (before >= 0) & np.isfinite(rate[:, after])
    pairs &= np.isfinite(rate[:, before.clip(0)])
    lately = np.arange(max(first - season, 0), first)
    new, old = _sum(rate[:, after], pairs), _sum(rate[:, before.clip(0)], pairs)
    some = pairs.any(axis=1)  # without a year before: the periods just before it
    means = [_mean(rate[:, after], same), _mean(rate[:, lately], np.ones((len(rate), 1), bool))]
    new, old = np.where(some, new, means[0]), np.where(some, old, means[1])
    periods = np.maximum((same & np.isfinite(rate[:, after])).sum(axis=1), 1)
    seen = [_sum(counts[:, places], np.ones((len(rate), 1), bool)) for places in (after, lately)]
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(new / old)
        noise = MONTH_VARIANCE / periods + sum(1 / np.maximum(each, 1) for each in seen)
    drawn = log * BREAK_VARIANCE / (BREAK_VARIANCE + noise)
    return np.exp(np.where(np.isfinite(drawn), np.clip(drawn, -3, 3), 0.0))


def _sum(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(where & np.isfinite(values), values, 0.0).sum(axis=1))


def _mean(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    count = (where & np.isfinite(values)).sum(axis=1)
    return np.where(count > 0, _sum(values, where) / np.maximum(count, 1), np.nan)


def within_segment(
    values: np.ndarray, segments: np.ndarray | None, origin: int, last: int
) -> np.ndarray:
    """Give the values after an origin up to a period, missing where a break lies between.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n_periods)
    segments : ndarray of int64, shape (n, n_periods), or None
    origin, last : int

    Returns
    -------
    ndarray of float64, shape (n, last - origin)
    """
    answers = values[:, origin + 1 : last + 1]
    if segments is None:
        return answers
    same = segments[:, origin + 1 : last + 1] == segments[:, [origin]]
    return np.asarray(np.where(same, answers, np.nan))
