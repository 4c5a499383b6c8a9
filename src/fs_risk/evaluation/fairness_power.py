"""The smallest gap that an audit of this size could have seen."""

import numpy as np
from scipy.stats import norm

POWER = 0.8
_STEPS = 400


def smallest_gap_seen(
    rest_rate: np.ndarray,
    size: np.ndarray,
    rest_size: np.ndarray,
    effect: np.ndarray,
    *,
    level: float,
    power: float = POWER,
) -> tuple[np.ndarray, np.ndarray]:
    """Find how far a group's rate must be from the rest's to be seen at a stated power.

    Parameters
    ----------
    rest_rate : ndarray of float
        Of all other rows.
    size, rest_size : ndarray of float
        Rows of the group and of the rest that the rate is of.
    effect : ndarray of float
        By how much households widen the variance.
    level : float
        Of a single test: that of the family by the number of tests in it, since the
        smallest p-value of Holm's procedure must pass that.
    power : float, default=0.8

    Returns
    -------
    below, above : ndarray of float64
        The smallest difference downwards, and upwards; NaN where none would do.

    References
    ----------
    .. [1] J. L. Fleiss, B. Levin and M. C. Paik, Statistical Methods for Rates and
       Proportions, 3rd edition, Wiley 2003, section 4.2.

    Examples
    --------
    >>> below, above = smallest_gap_seen(*(np.array([x]) for x in (0.5, 100, 900, 1.0)),
    ...                                  level=0.05)
    >>> round(float(below[0]), 2)
    0.15
    """
    return tuple(  # type: ignore[return-value]
        _one_way(rest_rate, size, rest_size, effect, end, level, power) for end in (0.0, 1.0)
    )


def _one_way(
    rest_rate: np.ndarray,
    size: np.ndarray,
    rest_size: np.ndarray,
    effect: np.ndarray,
    end: float,
    level: float,
    power: float,
) -> np.ndarray:
    other, n, rest = rest_rate[:, None], size[:, None], rest_size[:, None]
    gap = np.linspace(0, 1, _STEPS + 1)[None, 1:] * np.abs(other - end)
    rate = other - gap if end == 0 else other + gap
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (n * rate + rest * other) / (n + rest)
        tested = pooled * (1 - pooled) * (1 / n + 1 / rest)
        true = rate * (1 - rate) / n + other * (1 - other) / rest
        critical = norm.ppf(1 - level / 2) * np.sqrt(tested * effect[:, None])
        reached = norm.cdf((gap - critical) / np.sqrt(true * effect[:, None])) >= power
    first = np.argmax(reached, axis=1)
    found: np.ndarray = np.where(reached.any(axis=1), gap[np.arange(len(gap)), first], np.nan)
    return found
