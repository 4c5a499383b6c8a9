"""Rates of small groups drawn towards the others', by how much groups differ at all."""

import numpy as np
from scipy.stats import beta


def pooled_rates(
    rate: np.ndarray, size: np.ndarray, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shrink the rates of groups towards their common one (beta-binomial).

    Parameters
    ----------
    rate, size : ndarray of float, shape (k,)
        Of groups that make up all rows; `size` is the effective number. Groups of none
        are given the common rate.
    level : float, default=0.95

    Returns
    -------
    shrunk, low, high : ndarray of float64, shape (k,)
        The mean and the central interval of each posterior.

    References
    ----------
    .. [1] J. C. Kleinman, Proportions with extraneous variance: single and independent
       samples, JASA 68 (1973), 46-54 (the prior, by moments).

    Examples
    --------
    >>> shrunk, low, high = pooled_rates(np.array([0.2, 0.4, 1.0]), np.array([400, 400, 2]))
    >>> bool(0.3 < shrunk[2] < 0.6), bool(abs(shrunk[0] - 0.2) < 0.01)
    (True, True)
    """
    known = np.isfinite(rate) & (size > 0)
    if known.sum() < 2:
        return np.full(len(rate), np.nan), np.full(len(rate), np.nan), np.full(len(rate), np.nan)
    p, n = rate[known], size[known]
    common, worth = _prior(p, n)
    hits = np.where(known, np.where(known, rate, 0.0) * np.where(known, size, 0.0), 0.0)
    total = np.where(known, size, 0.0)
    a, b = common * worth + hits, (1 - common) * worth + total - hits
    ends = 0.5 - level / 2, 0.5 + level / 2
    if not 0 < common < 1:
        same = np.full(len(rate), common)
        return same, same.copy(), same.copy()
    return a / (a + b), beta.ppf(ends[0], a, b), beta.ppf(ends[1], a, b)


def _prior(p: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """Give the common rate and how many rows it is worth; many where groups do not differ."""
    w = n / n.sum()
    common = float(w @ p)
    alone = common * (1 - common)
    if alone <= 0:
        return common, float(n.sum())
    between = float(w @ (p - common) ** 2)
    by_chance = alone * float((w * (1 - w) / n).sum())
    room = alone * float((w * (1 - w) * (1 - 1 / np.maximum(n, 1))).sum())
    alike = min(max((between - by_chance) / room, 0.0), 1.0) if room > 0 else 0.0
    most = float(n.sum())
    return common, min(max(1 / alike - 1, 0.01), most) if alike > 0 else most
