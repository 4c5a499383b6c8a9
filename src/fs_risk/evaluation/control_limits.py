"""Control limits of a series, and the signals by which a point stands out from it.

References
----------
.. [1] D. B. Laney, Improved control charts for attributes, Quality Engineering 14 (2002)
   531-537: limits of shares and rates widened by the variation between periods.
.. [2] D. J. Wheeler, Understanding Variation, SPC Press 1993: individuals and moving
   ranges, 2.66 and 1.128.
.. [3] NHS England, Making data count: runs on one side of the mean, points beyond the
   limits. A run there is 7 points; 8 are asked for here, for fewer false alarms.
.. [4] J. Anhøj, A. V. Olesen, Run charts revisited, PLoS ONE 9 (2014) e113825.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST_POINTS = 12
"""Periods without which no limits are drawn."""

RUN = 8
"""Points in a row on one side of the centre that make a signal."""

BEYOND = "beyond the limits"
RUN_SIGNAL = f"run of {RUN} or more on one side"

_SIGMAS = 3.0
_RANGE = 1.128
"""Expected moving range of two normal values, in standard deviations."""


@dataclass(frozen=True)
class Limits:
    """A series' centre and limits, as arrays of its length; NaN where there are none."""

    centre: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def attribute_limits(
    numerator: np.ndarray, denominator: np.ndarray, baseline: np.ndarray, *, share: bool
) -> Limits:
    """Give Laney's limits of shares (p') or rates (u').

    Parameters
    ----------
    numerator, denominator : ndarray of float, shape (n,)
        NaN, or a denominator of 0, where a period has no value.
    baseline : ndarray of bool, shape (n,)
        Periods from which centre and limits come; they are held out for the rest.
    share : bool
        A share cannot exceed 1; a rate can.

    Returns
    -------
    Limits
        Per unit of the denominator.

    Notes
    -----
    With p the pooled share, the limits of period i are
    ``p ± 3 s sqrt(p (1 - p) / n_i)``, for a rate u ``u ± 3 s sqrt(u / n_i)``. s is the
    mean moving range of the standardised values over 1.128, and at least 1: limits are
    never narrower than chance alone makes them.
    """
    known = (denominator > 0) & ~np.isnan(numerator)
    used = known & baseline
    if used.sum() < FEWEST_POINTS:
        return _none(len(numerator))
    centre = numerator[used].sum() / denominator[used].sum()
    spread = centre * (1 - centre) if share else centre
    error = np.full(len(numerator), np.nan)
    error[known] = np.sqrt(spread / denominator[known])
    if spread <= 0:
        return Limits(*(np.where(known, centre, np.nan) for _ in range(3)))
    z = (numerator[used] / denominator[used] - centre) / error[used]
    widened = max(1.0, float(np.abs(np.diff(z)).mean()) / _RANGE)
    lower = np.maximum(centre - _SIGMAS * widened * error, 0.0)
    upper = centre + _SIGMAS * widened * error
    return Limits(
        np.where(known, centre, np.nan), lower, np.minimum(upper, 1.0) if share else upper
    )


def individual_limits(values: np.ndarray, baseline: np.ndarray) -> Limits:
    """Give limits of individual values from their moving ranges (XmR).

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        NaN where a period has none.
    baseline : ndarray of bool, shape (n,)

    Returns
    -------
    Limits
        ``mean ± 3 / 1.128 × mean moving range``, not below 0.
    """
    known = ~np.isnan(values)
    used = values[known & baseline]
    if len(used) < FEWEST_POINTS:
        return _none(len(values))
    centre = float(used.mean())
    reach = _SIGMAS * float(np.abs(np.diff(used)).mean()) / _RANGE
    lower = max(centre - reach, 0.0)
    return Limits(*(np.where(known, each, np.nan) for each in (centre, lower, centre + reach)))


def signals(values: np.ndarray, limits: Limits) -> np.ndarray:
    """Name the signal at each point, empty text where there is none.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
    limits : Limits

    Returns
    -------
    ndarray of object, shape (n,)
        `BEYOND`, `RUN_SIGNAL` (on every point of the run), or empty. A missing period, or
        a value on the centre, neither adds to a run nor breaks it.
    """
    named = np.full(len(values), "", dtype=object)
    side = np.sign(np.nan_to_num(values - limits.centre))
    on = np.flatnonzero(side)
    if len(on):
        run = np.cumsum(np.r_[True, side[on][1:] != side[on][:-1]]) - 1
        named[on[np.bincount(run)[run] >= RUN]] = RUN_SIGNAL
    with np.errstate(invalid="ignore"):
        named[(values < limits.lower) | (values > limits.upper)] = BEYOND
    return named


def share_interval(numerator: np.ndarray, denominator: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give Wilson's 95 % interval of each share; NaN without a denominator.

    Parameters
    ----------
    numerator, denominator : ndarray of float, shape (n,)

    References
    ----------
    .. [1] E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    """
    z = stats.norm.ppf(0.975)
    n = np.where(denominator > 0, denominator, np.nan)
    p = numerator / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def rate_interval(numerator: np.ndarray, denominator: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the exact 95 % interval of each Poisson rate; NaN without exposure.

    Parameters
    ----------
    numerator, denominator : ndarray of float, shape (n,)

    References
    ----------
    .. [1] F. Garwood, Biometrika 28 (1936) 437-442.
    """
    exposure = np.where(denominator > 0, denominator, np.nan)
    low = np.where(numerator > 0, stats.chi2.ppf(0.025, 2 * numerator) / 2, 0.0)
    high = stats.chi2.ppf(0.975, 2 * (numerator + 1)) / 2
    return low / exposure, high / exposure


def mean_interval(
    mean: np.ndarray, spread: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give Student's 95 % interval of each mean; NaN of fewer than two.

    Parameters
    ----------
    mean, spread, n : ndarray of float, shape (k,)
        Spread is the standard deviation.
    """
    enough = n >= 2
    freedom = np.where(enough, n - 1, 1)
    half = stats.t.ppf(0.975, freedom) * spread / np.sqrt(np.where(enough, n, 1))
    half = np.where(enough, half, np.nan)
    return np.maximum(mean - half, 0.0), mean + half


def _none(n: int) -> Limits:
    return Limits(*(np.full(n, np.nan) for _ in range(3)))
