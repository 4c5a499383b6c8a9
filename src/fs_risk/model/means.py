"""The mean of each column over cases, with an interval over whole households."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t


class Means(NamedTuple):
    """Means with the ends of their 95 % intervals; ends are NaN with fewer than two groups."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def mean_of_rows(values: np.ndarray, groups: np.ndarray | None = None) -> Means:
    """Give each column's mean over rows.

    Parameters
    ----------
    values : ndarray of float, shape (n, n_columns)
    groups : ndarray, shape (n,), optional
        Rows of one group are taken as a whole; by default each row is a group of its own.

    Returns
    -------
    Means
        NaN throughout without a row.

    References
    ----------
    .. [1] The ratio estimator of a mean over clusters: W. G. Cochran, Sampling Techniques,
       3rd edition (1977), section 9.7, with Student's t on the number of clusters less one.

    Examples
    --------
    >>> found = mean_of_rows(np.array([[1.0], [2.0], [3.0]]))
    >>> found.mean.tolist(), round(float(found.low[0]), 3)
    ([2.0], -0.484)
    """
    n, width = values.shape
    if not n:
        return Means(*(np.full(width, np.nan) for _ in range(3)))
    mean = values.mean(axis=0)
    away = values - mean
    if groups is not None:
        number = np.unique(groups, return_inverse=True)[1]
        together = np.zeros((number.max() + 1, width))
        np.add.at(together, number, away)
        away = together
    n_groups = len(away)
    if n_groups < 2:
        return Means(mean, np.full(width, np.nan), np.full(width, np.nan))
    error = np.sqrt((away**2).sum(axis=0) * n_groups / (n_groups - 1)) / n
    reach = t.ppf(0.975, n_groups - 1) * error
    return Means(mean, mean - reach, mean + reach)
