"""Whether one forecast beat another by more than chance, over origins whose answers overlap."""

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


def paired_interval(
    differences: np.ndarray, places: np.ndarray, horizon: int, *, of: int = 1
) -> tuple[float, ...]:
    """Give the mean of paired differences with its 95 % interval.

    Forecasts from origins nearer to each other than the horizon are judged on some of the same
    answers: their differences are taken to be correlated by the share of periods they have in
    common, which widens the interval.

    Parameters
    ----------
    differences : ndarray of float64, shape (n_origins,)
        NaN where nothing was measured.
    places : ndarray of int64, shape (n_origins,)
        Periods of the origins.
    horizon : int
    of : int, default=1
        Among how many comparisons this one was picked: the interval is wide enough that 95 % of
        such picks hold (Bonferroni).

    Returns
    -------
    tuple of float
        Mean, lower and upper end; the ends are infinite with fewer than two origins, or where
        all origins are so near that they say no more than one.

    References
    ----------
    .. [1] Diebold and Mariano (1995), Comparing predictive accuracy, J. Business and Economic
       Statistics 13.
    .. [2] Satterthwaite (1946), An approximate distribution of estimates of variance components.

    Examples
    --------
    >>> mean, low, high = paired_interval(np.array([1.0, 2.0, 3.0]), np.array([0, 12, 24]), 12)
    >>> stated = stats.ttest_1samp([1.0, 2.0, 3.0], 0).confidence_interval()
    >>> bool(np.allclose([low, high], stated))  # without overlap it is Student's
    True
    """
    known = np.isfinite(differences)
    values, n = differences[known], int(known.sum())
    if n == 0:
        return float("nan"), float("nan"), float("nan")
    mean = float(values.mean())
    apart = np.abs(np.subtract.outer(places[known], places[known]))
    shared = np.maximum(1 - apart / horizon, 0.0)
    centred = shared - shared.mean(axis=0)  # of the values less their mean
    freedom_of_variance = np.trace(centred)
    if n < 2 or freedom_of_variance < 1e-9:
        return mean, -float("inf"), float("inf")
    variance = ((values - mean) ** 2).sum() / freedom_of_variance
    freedom = freedom_of_variance**2 / np.trace(centred @ centred)
    spread = stats.t.ppf(1 - (1 - CONFIDENCE) / (2 * of), freedom) * np.sqrt(
        variance * shared.mean()
    )
    return mean, mean - float(spread), mean + float(spread)
