"""Differences between a group and the rest as sums over households, so that any can be combined.

A rate is a mean of values with weights: recall is the mean chance of being listed,
weighted by the outcome; precision the mean outcome, weighted by that chance. To first
order its error is a sum over rows, so differences of differences (before and after,
one outcome and another, score and decision) keep what the rows have in common.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from fs_risk.evaluation.fairness_measures import PRECISION, RECALL, SELECTION

RATES = (SELECTION, RECALL, PRECISION)


@dataclass(frozen=True)
class Gap:
    """A group's mean, the rest's, and by how much each row moves their difference.

    Attributes
    ----------
    own, rest : ndarray of float64, shape (k,)
        One for each column of values.
    pull : ndarray of float64, shape (n, k)
        What each row adds to the error of ``own - rest``.
    """

    own: np.ndarray
    rest: np.ndarray
    pull: np.ndarray

    @property
    def value(self) -> np.ndarray:
        """The group's mean less the rest's, shape (k,)."""
        found: np.ndarray = self.own - self.rest
        return found


def parts_of(metric: str, label: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the values and weights that a rate is the mean of.

    Parameters
    ----------
    metric : {"selection_rate", "recall", "precision"}
    label : ndarray of float, shape (n,)
        1 or 0; NaN where it is not known, which weighs nothing.
    share : ndarray of float, shape (n,)
        Chance of being listed.

    Returns
    -------
    values, weights : ndarray of float64, shape (n,)

    Examples
    --------
    >>> label, share = np.array([1.0, 0.0, np.nan]), np.array([1.0, 0.5, 1.0])
    >>> values, weights = parts_of("precision", label, share)
    >>> float(values @ weights / weights.sum()).__round__(3)
    0.667
    """
    known = ~np.isnan(label)
    outcome = np.where(known, label, 0.0)
    if metric == SELECTION:
        return share, np.ones(len(share))
    if metric == RECALL:
        return share, outcome
    return outcome, share * known


def gap_between(values: np.ndarray, weights: np.ndarray, inside: np.ndarray) -> Gap:
    """Compare a group's weighted means with the rest's.

    Parameters
    ----------
    values : ndarray of float, shape (n,) or (n, k)
    weights : ndarray of float, shape (n,)
    inside : ndarray of bool, shape (n,)

    Returns
    -------
    Gap
        NaN where either side weighs nothing.

    References
    ----------
    .. [1] R. S. Woodruff, A simple method for approximating the variance of a
       complicated estimate, JASA 66 (1971), 411-414.
    """
    columns = values.reshape(len(values), -1)
    means, pull = [], np.zeros(columns.shape)
    for rows, sign in ((inside, 1.0), (~inside, -1.0)):
        total = float(weights[rows].sum())
        if total <= 0:
            means.append(np.full(columns.shape[1], np.nan))
            continue
        mean = weights[rows] @ columns[rows] / total
        means.append(mean)
        pull[rows] = sign * weights[rows, None] * (columns[rows] - mean) / total
    return Gap(means[0], means[1], pull)


def rate_gap(metric: str, label: np.ndarray, share: np.ndarray, inside: np.ndarray) -> Gap:
    """Compare a group's rate with the rest's.

    Parameters
    ----------
    metric : {"selection_rate", "recall", "precision"}
    label, share : ndarray of float, shape (n,)
    inside : ndarray of bool, shape (n,)

    Returns
    -------
    Gap
        Of one column.
    """
    return gap_between(*parts_of(metric, label, share), inside)


def standard_error(pull: np.ndarray, household: np.ndarray) -> np.ndarray:
    """Give the standard error of what rows pull at, households taken whole.

    Parameters
    ----------
    pull : ndarray of float, shape (n, k)
    household : ndarray of int, shape (n,)
        From 0 on.

    Returns
    -------
    ndarray of float64, shape (k,)

    Examples
    --------
    >>> pull = np.array([[0.1], [0.1], [-0.2], [-0.2]])
    >>> together, alone = np.array([0, 0, 1, 1]), np.arange(4)
    >>> standard_error(pull, together)[0] > standard_error(pull, alone)[0]
    np.True_
    """
    sums = np.column_stack([np.bincount(household, weights=column) for column in pull.T])
    moved = int((np.bincount(household, weights=np.abs(pull).sum(axis=1)) > 0).sum())
    if moved < 2:
        return np.full(pull.shape[1], np.nan)
    found: np.ndarray = np.sqrt((sums**2).sum(axis=0) * moved / (moved - 1))
    return found


def degrees_of_freedom(household: np.ndarray, inside: np.ndarray, weights: np.ndarray) -> float:
    """Count the households of the smaller side, less one.

    Parameters
    ----------
    household : ndarray of int, shape (n,)
    inside : ndarray of bool, shape (n,)
    weights : ndarray of float, shape (n,)
        Rows that weigh nothing do not count.
    """
    counted = weights > 0
    sides = (len(np.unique(household[rows & counted])) for rows in (inside, ~inside))
    return float(max(min(sides) - 1, 1))


def limits(
    value: np.ndarray, error: np.ndarray, freedom: float, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give intervals and two-sided p-values of values with a standard error.

    Parameters
    ----------
    value, error : ndarray of float, shape (k,)
    freedom : float
        Degrees of freedom of the t distribution.
    level : float, default=0.95

    Returns
    -------
    low, high, p : ndarray of float64, shape (k,)
        p is NaN where nothing varies.

    Examples
    --------
    >>> [round(float(x[0]), 2) for x in limits(np.array([1.0]), np.array([0.5]), 1000)]
    [0.02, 1.98, 0.05]
    """
    reach = t.ppf(0.5 + level / 2, freedom) * error
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(error > 0, 2 * t.sf(np.abs(value) / error, freedom), np.nan)
    return value - reach, value + reach, p
