"""Many tests at once: p-values adjusted for their number."""

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p-values so that the chance of any false alarm among them is kept.

    Parameters
    ----------
    p : ndarray of float
        NaN where nothing was tested; it counts as no test.

    Returns
    -------
    ndarray of float64
        NaN where `p` is.

    References
    ----------
    .. [1] S. Holm, A simple sequentially rejective multiple test procedure,
       Scandinavian Journal of Statistics 6 (1979), 65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    stepped = np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1))
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjust p-values so that the expected share of false finds among the finds is kept.

    Parameters
    ----------
    p : ndarray of float

    Returns
    -------
    ndarray of float64

    References
    ----------
    .. [1] Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, JRSS B 57
       (1995), 289-300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p, kind="stable")[::-1]
    stepped = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
