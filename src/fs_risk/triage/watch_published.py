"""Counts that add up to a total, as they may be published: none of 1 to 5, nor what gives one away.

What is shown is a function of counts rounded to 5, and where one is hidden another is
too: so neither a total nor last month's page gives a small number away by subtraction.
"""

from dataclasses import dataclass

import numpy as np

from fs_risk.model.bands import wilson
from fs_risk.records.disclosure import hidden_in_line, is_small
from fs_risk.records.suppression import rounded


@dataclass(frozen=True)
class Shown:
    """Parts of a total as they may be published.

    Attributes
    ----------
    hits, n : ndarray of int64, shape (k,)
        Rounded to 5.
    hidden : ndarray of bool, shape (k,)
    all_hits, all_n : int
        Of the total, rounded to 5.
    all_hidden : bool
    """

    hits: np.ndarray
    n: np.ndarray
    hidden: np.ndarray
    all_hits: int
    all_n: int
    all_hidden: bool

    @property
    def total(self) -> tuple[int, int, bool]:
        """Hits, n and whether they are hidden, of the total."""
        return self.all_hits, self.all_n, self.all_hidden

    def part(self, k: int) -> tuple[int, int, bool]:
        """Hits, n and whether they are hidden, of one part."""
        return int(self.hits[k]), int(self.n[k]), bool(self.hidden[k]) or self.all_hidden


def shown_parts(hits: np.ndarray, n: np.ndarray, *, also: np.ndarray | None = None) -> Shown:
    """Say what may be shown of counts and of what they are of.

    Parameters
    ----------
    hits, n : ndarray of int, shape (k,)
        Those of each part; parts do not overlap.
    also : ndarray of bool, shape (k,), optional
        Parts to hide whatever their counts.

    Returns
    -------
    Shown

    Examples
    --------
    >>> shown_parts(np.array([12, 3, 20]), np.array([40, 40, 60])).hidden.tolist()
    [True, True, False]
    """
    hits, n = (np.asarray(each, dtype=np.int64) for each in (hits, n))
    hidden = np.zeros(len(n), dtype=bool)
    for line in (hits, n - hits, n):
        small = is_small(line) if also is None else is_small(line) | also
        hidden |= hidden_in_line(line, small)
    totals = np.array([hits.sum(), (n - hits).sum(), n.sum()])
    all_hidden = bool(is_small(totals).any())
    if all_hidden:
        hidden[:] = True
    return Shown(
        hits=np.minimum(rounded(hits), rounded(n)),
        n=rounded(n),
        hidden=hidden,
        all_hits=int(min(rounded(totals)[0], rounded(totals)[2])),
        all_n=int(rounded(totals)[2]),
        all_hidden=all_hidden,
    )


def share_of(hits: int, n: int, *, effect: float = 1.0) -> tuple[float, float, float]:
    """Give a share of rounded counts, and its 95 % interval.

    Parameters
    ----------
    hits, n : int
        Rounded.
    effect : float, default=1.0
        Design effect; one decimal of it counts.

    Returns
    -------
    value, low, high : float
        NaN of none.
    """
    if n <= 0:
        return float("nan"), float("nan"), float("nan")
    return (hits / n, *wilson(hits, n, effect=round(max(effect, 1.0), 1)))


def household_effect(residual: np.ndarray, variance: float, household: np.ndarray) -> float:
    """Say by how much households as clusters widen the variance of a sum, at least 1.

    Parameters
    ----------
    residual : ndarray of float, shape (n,)
        Each case's hit less its chance.
    variance : float
        Of the sum, were the cases independent.
    household : ndarray, shape (n,)

    Returns
    -------
    float

    References
    ----------
    .. [1] L. Kish, Survey Sampling, Wiley 1965, section 5.4.
    """
    if not len(residual) or variance <= 0:
        return 1.0
    _, cluster = np.unique(household, return_inverse=True)
    sums = np.bincount(cluster, weights=residual)
    return max(1.0, float(sums @ sums) / variance)
