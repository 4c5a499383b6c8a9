"""Evidence that may be looked at every month: a check repeated for years does not cry wolf.

References
----------
.. [1] J. Ville, Étude critique de la notion de collectif, Gauthier-Villars 1939: a test
   martingale exceeds ``1 / alpha`` at any time with a chance of at most alpha.
.. [2] A. Wald, Sequential tests of statistical hypotheses, Annals of Mathematical
   Statistics 16 (1945), 117-186: the likelihood ratio as the evidence.
.. [3] A. Ramdas, P. Grünwald, V. Vovk and G. Shafer, Game-theoretic statistics and safe
   anytime-valid inference, Statistical Science 38 (2023), 576-601: mixtures of such
   evidence, over alternatives and over the time of a change, are evidence again.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

LOOKS = 36
"""Monthly looks, one after the other, over which the chance of a false alarm is stated."""

HIGHER = np.array([1.2, 1.4, 1.7, 2.1, 2.7, 3.6, 5.0, 8.0, 15.0, 30.0])
"""By what the odds may have risen beyond the limit; their reciprocals are for a fall."""

_FROM_THE_START = 0.5
"""Weight of a change that was there in the first month; the other months share the rest."""

_INSIDE = (1e-9, 1 - 1e-9)

_LIKELY = 2.0
"""Log evidence above the mark that a change brings on average where it is likely to be seen."""


@dataclass(frozen=True)
class Evidence:
    """Log evidence, month by month, that a rate lies beyond its limits.

    Attributes
    ----------
    above, below : ndarray of float64, shape (n_months,)
        Natural logarithms; 0 says nothing either way.
    could_see : bool
        Whether a change as large as was stated would by now most likely have been seen.
    """

    above: np.ndarray
    below: np.ndarray
    could_see: bool

    def signalled(self, alpha: float) -> int | None:
        """Give the first month in which either side was beyond its mark.

        Parameters
        ----------
        alpha : float
            Chance of a false alarm in `LOOKS` monthly looks, both sides together.

        Returns
        -------
        int or None
        """
        strongest = np.maximum(self.above, self.below)
        beyond = np.flatnonzero(strongest >= mark(alpha))
        return int(beyond[0]) if beyond.size else None


def mark(alpha: float) -> float:
    """Give the log evidence from which one of two sides counts as shown.

    Examples
    --------
    >>> round(mark(0.05), 2)
    3.69
    """
    return float(np.log(2 / alpha))


def rate_evidence(
    hits: np.ndarray,
    month: np.ndarray,
    n_months: int,
    *,
    low: np.ndarray | float,
    high: np.ndarray | float,
    far: tuple[np.ndarray | float, np.ndarray | float] | None = None,
    effect: float = 1.0,
    alpha: float = 0.05,
) -> Evidence:
    """Weigh the evidence that a rate is above one limit, or below another, from some month on.

    Parameters
    ----------
    hits : ndarray of float, shape (n,)
        1 or 0 for each case, or a share between.
    month : ndarray of int, shape (n,)
        From 0 to ``n_months - 1``.
    n_months : int
        The last `LOOKS` months count.
    low, high : ndarray of float, shape (n,), or float
        Chance of a hit at the lower and the upper limit, for each case. As long as the
        true chances lie between them, month by month, nothing is wrong.
    far : tuple, optional
        Chances, below and above, of a change that the check is asked to see.
    effect : float, default=1.0
        Design effect of households: evidence counts as that of so many fewer cases.
    alpha : float, default=0.05
        Of the mark, for `Evidence.could_see`.

    Returns
    -------
    Evidence

    Notes
    -----
    For odds ratios θ the likelihood ratio of a case with chance p at the limit is
    ``θ^y / (1 - p + pθ)``. It is averaged over θ and over the month in which the change
    began; raised to one over the design effect, it stays evidence where the members of a
    household are as alike as can be.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> month = np.repeat(np.arange(12), 40)
    >>> usual = rng.random(480) < 0.1
    >>> changed = rng.random(480) < np.where(month < 6, 0.1, 0.4)
    >>> [rate_evidence(hits, month, 12, low=0.05, high=0.15).signalled(0.05)
    ...     for hits in (usual, changed)]
    [None, 7]
    """
    hits = np.asarray(hits, dtype=np.float64)
    shape = hits.shape
    ends = [np.broadcast_to(np.asarray(end, dtype=np.float64), shape) for end in (low, high)]
    first = max(0, n_months - LOOKS)
    kept = month >= first
    hits, month = hits[kept], month[kept] - first
    n = n_months - first
    ends = [np.clip(end[kept], *_INSIDE) for end in ends]
    below, above = (
        _mixed(_ratios(hits, month, n, end, odds) / effect)
        for end, odds in zip(ends, (1 / HIGHER, HIGHER), strict=True)
    )
    seen = True
    if far is not None:
        farther = [
            np.clip(np.broadcast_to(np.asarray(end, dtype=np.float64), shape)[kept], *_INSIDE)
            for end in far
        ]
        seen = all(
            _information(end, to, odds) / effect >= mark(alpha) + _LIKELY
            for end, to, odds in zip(ends, farther, (1 / HIGHER, HIGHER), strict=True)
            if not np.array_equal(to, end)
        )
    pad = np.zeros(first)
    return Evidence(np.r_[pad, above], np.r_[pad, below], bool(seen))


def count_evidence(
    counts: np.ndarray, *, low: np.ndarray, high: np.ndarray, effect: float, alpha: float = 0.05
) -> Evidence:
    """Weigh the evidence that counts are above one limit, or below another, from some month on.

    Parameters
    ----------
    counts : ndarray of float, shape (n_months,)
    low, high : ndarray of float, shape (n_months,)
        Expected at the limits.
    effect : float
        Variance of a month's count over its mean.
    alpha : float, default=0.05

    Returns
    -------
    Evidence
        As of `rate_evidence`, with Poisson's likelihood in the place of Bernoulli's.
    """
    kept = slice(max(0, len(counts) - LOOKS), None)
    sides = []
    for end, odds in ((low, 1 / HIGHER), (high, HIGHER)):
        ratios = counts[kept, None] * np.log(odds) - (odds - 1) * end[kept, None]
        sides.append(_mixed(ratios / effect))
    pad = np.zeros(len(counts) - len(sides[0]))
    half = [(times * end * np.log(times) - times * end + end).sum() / effect
            for times, end in ((0.5, low[kept]), (2.0, high[kept]))]  # fmt: skip
    seen = min(half, default=0.0) >= mark(alpha) + _LIKELY
    return Evidence(np.r_[pad, sides[1]], np.r_[pad, sides[0]], bool(seen))


def _ratios(
    hits: np.ndarray, month: np.ndarray, n: int, chance: np.ndarray, odds: np.ndarray
) -> np.ndarray:
    """Sum log likelihood ratios by month and odds ratio, shape (n_months, n_odds)."""
    total = np.bincount(month, weights=hits, minlength=n)
    against = np.stack(
        [np.bincount(month, weights=np.log1p(chance * (by - 1)), minlength=n) for by in odds],
        axis=1,
    )
    ratios: np.ndarray = total[:, None] * np.log(odds) - against
    return ratios


def _mixed(ratios: np.ndarray) -> np.ndarray:
    """Average over odds ratios and over the month of a change; log evidence by month."""
    n, grid = ratios.shape
    if not n:
        return np.zeros(0)
    sums = np.vstack([np.zeros(grid), ratios.cumsum(axis=0)])
    since = sums[1:, None, :] - sums[None, :-1, :]
    by_start = logsumexp(since, axis=2) - np.log(grid)
    by_start[~np.tri(n, dtype=bool)] = -np.inf
    weight = np.r_[_FROM_THE_START, np.full(n - 1, (1 - _FROM_THE_START) / (LOOKS - 1))]
    started = logsumexp(by_start + np.log(weight), axis=1)
    # a change that has not begun yet has evidence 1
    still = 1 - np.minimum(weight.cumsum(), 1)
    with np.errstate(divide="ignore"):
        mixed: np.ndarray = np.logaddexp(started, np.log(np.maximum(still, 0)))
    return mixed


def _information(chance: np.ndarray, far: np.ndarray, odds: np.ndarray) -> float:
    """Give the log evidence to be expected, all months together, if chances were far off."""
    against = np.stack([np.log1p(chance * (by - 1)).sum() for by in odds])
    expected: np.ndarray = far.sum() * np.log(odds) - against
    return float(expected.max(initial=0.0))
