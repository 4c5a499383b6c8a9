"""Intervals of an audit: Wilson's, with the effective number that resampling shows."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from fs_risk.evaluation.fairness_cells import Audited
from fs_risk.evaluation.fairness_measures import BASES, Counts
from fs_risk.evaluation.fairness_resampling import resampled
from fs_risk.records.progress import tqdm

LEVEL = 0.95


@dataclass(frozen=True)
class Spread:
    """What resamples say of one base rate; arrays (n_groups,) unless stated.

    Attributes
    ----------
    size, rest_size : ndarray of float64
        Number of independent rows that would vary as much: of the group, of the rest.
    shared : ndarray of float64
        Correlation of the group's rate and the rest's.
    apart : ndarray of float64, shape (b, n_groups)
        Each resample's distance from the rate, in standard errors; NaN where undefined.
    apart_gap : ndarray of float64, shape (b, n_groups)
        The same of the difference to the rest.
    """

    size: np.ndarray
    rest_size: np.ndarray
    shared: np.ndarray
    apart: np.ndarray
    apart_gap: np.ndarray


def spreads(
    audited: Audited, *, resamples: int, seed: int, progress: bool = False
) -> dict[str, Spread]:
    """Resample an audit and say how much each base rate varies.

    Parameters
    ----------
    audited : Audited
    resamples, seed : int
    progress : bool, default=False

    Returns
    -------
    dict of str to Spread
        By the names of `BASES`.
    """
    drawn: dict[str, list[tuple[np.ndarray, ...]]] = {base: [] for base in BASES}
    with tqdm(total=resamples, desc="resamples", disable=None if progress else True) as bar:
        for groups, everyone in resampled(audited, resamples=resamples, seed=seed):
            rest = groups.rest(everyone)
            for base in BASES:
                drawn[base].append(tuple(each.rate(base) for each in (groups, rest, everyone)))
            bar.update(len(everyone.tp))
    groups, everyone = audited.counts
    rest = groups.rest(everyone)
    return {
        base: _spread(
            base,
            (groups, rest, everyone),
            *(np.concatenate(part) for part in zip(*parts, strict=True)),
        )
        for base, parts in drawn.items()
    }


def _spread(
    base: str,
    counts: tuple[Counts, Counts, Counts],
    group: np.ndarray,
    rest: np.ndarray,
    everyone: np.ndarray,
) -> Spread:
    value, other, overall = (each.rate(base) for each in counts)
    whole = counts[2].parts(base)[1]
    whole_size = _size(overall, whole, _variance(everyone, whole), np.ones(1))
    usual = np.clip(whole / np.where(whole_size > 0, whole_size, 1.0), 1.0, None)
    sizes = [
        _size(rate, each.parts(base)[1], _variance(draws, each.parts(base)[1]), usual)
        for rate, each, draws in ((value, counts[0], group), (other, counts[1], rest))
    ]
    errors = [np.sqrt(_variance(draws, None)) for draws in (group, rest, group - rest)]
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = (errors[0] ** 2 + errors[1] ** 2 - errors[2] ** 2) / (2 * errors[0] * errors[1])
        apart = (group - value) / errors[0]
        apart_gap = (group - rest - (value - other)) / errors[2]
    return Spread(
        size=sizes[0],
        rest_size=sizes[1],
        shared=np.clip(np.nan_to_num(shared), -1.0, 1.0),
        apart=apart,
        apart_gap=apart_gap,
    )


def _variance(draws: np.ndarray, whole: np.ndarray | None) -> np.ndarray:
    """Give the variance over resamples, widened for small numbers; NaN where often undefined."""
    defined = ~np.isnan(draws)
    count = defined.sum(axis=0)
    known = np.where(defined, draws, 0.0)
    mean = known.sum(axis=0) / np.maximum(count, 1)
    squares = (np.where(defined, draws - mean, 0.0) ** 2).sum(axis=0)
    variance = np.where(count >= 0.9 * len(draws), squares / np.maximum(count - 1, 1), np.nan)
    if whole is None:
        return np.asarray(variance)
    return np.asarray(variance * whole / np.maximum(whole - 1, 1))


def _size(
    rate: np.ndarray, whole: np.ndarray, variance: np.ndarray, effect: np.ndarray
) -> np.ndarray:
    """Give the rows that would vary as much; by the usual effect where none or all are hits."""
    with np.errstate(invalid="ignore", divide="ignore"):
        alone = rate * (1 - rate) / variance
    return np.asarray(np.where(np.isfinite(alone) & (alone > 0), alone, whole / effect))


def wilson_ends(
    rate: np.ndarray, size: np.ndarray, z: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give Wilson's interval of each rate.

    Parameters
    ----------
    rate, size : ndarray of float
        `size` need not be whole.
    z : float or ndarray
        Standard errors to either side.

    Returns
    -------
    low, high : ndarray of float64
        NaN where the rate is.

    References
    ----------
    .. [1] E. B. Wilson, Probable inference, the law of succession, and statistical
       inference, JASA 22 (1927), 209-212.

    Examples
    --------
    >>> low, high = wilson_ends(np.array([0.1]), np.array([50.0]), 1.96)
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.043, 0.214)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        squeeze = z * z / size
        centre = (rate + squeeze / 2) / (1 + squeeze)
        half = np.sqrt(rate * (1 - rate) * squeeze + squeeze**2 / 4) / (1 + squeeze)
    # an end may pass the rate by a rounding error where none, or all, are hits
    return np.clip(np.minimum(centre - half, rate), 0, 1), np.clip(
        np.maximum(centre + half, rate), 0, 1
    )


def gap_ends(
    value: np.ndarray, other: np.ndarray, spread: Spread, z: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give the interval of each difference to the rest, from the two rates' own.

    Parameters
    ----------
    value, other : ndarray of float
        Rates of the group and of the rest.
    spread : Spread
    z : float

    Returns
    -------
    low, high : ndarray of float64

    References
    ----------
    .. [1] R. G. Newcombe, Interval estimation for the difference between independent
       proportions, Statistics in Medicine 17 (1998), 873-890 (method 10).
    .. [2] G. Y. Zou and A. Donner, Construction of confidence limits about effect
       measures: a general approach, Statistics in Medicine 27 (2008), 1693-1702 (with
       the correlation).
    """
    low, high = wilson_ends(value, spread.size, z)
    other_low, other_high = wilson_ends(other, spread.rest_size, z)
    below, above = value - low, high - value
    other_below, other_above = other - other_low, other_high - other
    gap = value - other
    down = below**2 + other_above**2 - 2 * spread.shared * below * other_above
    up = above**2 + other_below**2 - 2 * spread.shared * above * other_below
    return gap - np.sqrt(np.maximum(down, 0)), gap + np.sqrt(np.maximum(up, 0))


def ratio_ends(
    value: np.ndarray, other: np.ndarray, spread: Spread, z: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give the interval of each ratio to the rest, from the two rates' own.

    Parameters
    ----------
    value, other, spread, z
        As in `gap_ends`.

    Returns
    -------
    low, high : ndarray of float64
        NaN where the rest's rate is not known to be above 0.

    References
    ----------
    .. [1] A. Donner and G. Y. Zou, Closed-form confidence intervals for functions of the
       normal mean and standard deviation, Statistical Methods in Medical Research 21
       (2012), 347-359 (ratios).
    """
    low, high = wilson_ends(value, spread.size, z)
    other_low, other_high = wilson_ends(other, spread.rest_size, z)
    with np.errstate(invalid="ignore", divide="ignore"):
        down = value * other - spread.shared * (value - low) * (other_high - other)
        root = down**2 - low * (2 * value - low) * other_high * (2 * other - other_high)
        bottom = (down - np.sqrt(np.maximum(root, 0))) / (other_high * (2 * other - other_high))
        up = value * other - spread.shared * (high - value) * (other - other_low)
        root = up**2 - high * (2 * value - high) * other_low * (2 * other - other_low)
        top = (up + np.sqrt(np.maximum(root, 0))) / (other_low * (2 * other - other_low))
    known = (other_low > 0) & (2 * other > other_high)
    return np.where(known, np.maximum(bottom, 0), np.nan), np.where(known, top, np.nan)


def simultaneous(apart: list[np.ndarray], level: float = LEVEL) -> float:
    """Give how many standard errors hold all of several figures at once.

    Parameters
    ----------
    apart : list of ndarray of float, shape (b, k)
        Each resample's distances from the figures, in standard errors.
    level : float, default=0.95

    Returns
    -------
    float
        Between that of a single figure and Bonferroni's.

    References
    ----------
    .. [1] R. Beran, Balanced simultaneous confidence sets, JASA 83 (1988), 679-686.
    """
    single = float(norm.ppf(0.5 + level / 2))
    every = np.concatenate(apart, axis=1) if apart else np.zeros((1, 0))
    every = every[:, np.isfinite(every).mean(axis=0) >= 0.9] if every.shape[1] else every
    if not every.shape[1]:
        return single
    most = np.nanmax(np.where(np.isfinite(every), np.abs(every), 0.0), axis=1)
    bonferroni = float(norm.ppf(1 - (1 - level) / 2 / every.shape[1]))
    return float(np.clip(np.quantile(most, level), single, bonferroni))
