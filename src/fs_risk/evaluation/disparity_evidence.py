"""Evidence that a gap is beyond its limit, which may be looked at every month for ever.

Looking each month and alarming at the usual 5 % cries wolf sooner or later. An e-process
is a bet against "the gap is within its limit" whose stake, were that so, is expected
never to grow: the chance that it ever reaches K / 0.05 is at most 5 % over K such bets,
however often one looks. A bet is opened in every month, so that a gap that arises late
is not diluted by the years before it.
"""

from dataclasses import dataclass

import numpy as np

STAKES = (0.15, 0.22, 0.33, 0.5, 0.75, 1.1, 1.7)
"""How boldly to bet: the bold win soon where gaps are wide, the timid later where narrow."""

RHO = 0.5
"""Variance, in hits, that intervals are made for: tightest at about 30 times of it."""


@dataclass(frozen=True)
class MonthlySums:
    """A group's hits less those of the rest in the same month, and what chance makes of it.

    Attributes
    ----------
    excess : ndarray of float64, shape (t,)
        ``(a B - b A) / (A + B)``: hits a of A rows of the group, b of B of the rest.
    size : ndarray of float64, shape (t,)
        ``A B / (A + B)``: what a gap is multiplied by in `excess`.
    rows, rest_rows, hits, rest_hits : ndarray of float64, shape (t,)
        A, B, a and b.
    rate : ndarray of float64, shape (t,)
        Of all rows so far, drawn a little towards one half.
    effect : ndarray of float64, shape (t,)
        By how much households have widened the variance so far; 1 or more.
    """

    excess: np.ndarray
    size: np.ndarray
    rows: np.ndarray
    rest_rows: np.ndarray
    hits: np.ndarray
    rest_hits: np.ndarray
    rate: np.ndarray
    effect: np.ndarray

    def variance(self) -> np.ndarray:
        """Give the variance of `excess`, were there no gap, by month."""
        found: np.ndarray = self.size * self.rate * (1 - self.rate) * self.effect
        return found


def monthly_sums(
    values: np.ndarray,
    weights: np.ndarray,
    inside: np.ndarray,
    month: np.ndarray,
    household: np.ndarray,
    months: int,
) -> MonthlySums:
    """Compare a group with the rest of the same month, month by month.

    Parameters
    ----------
    values, weights : ndarray of float, shape (n,)
        As `parts_of` gives them.
    inside : ndarray of bool, shape (n,)
    month : ndarray of int, shape (n,)
        From 0 to ``months - 1``.
    household : ndarray of int, shape (n,)
    months : int

    Returns
    -------
    MonthlySums

    References
    ----------
    .. [1] N. Mantel and W. Haenszel, Statistical aspects of the analysis of data from
       retrospective studies of disease, JNCI 22 (1959), 719-748.
    """

    def total(what: np.ndarray) -> np.ndarray:
        return np.bincount(month, weights=what, minlength=months)

    own, rest = total(weights * inside), total(weights * ~inside)
    hits, rest_hits = total(weights * values * inside), total(weights * values * ~inside)
    everyone = np.maximum(own + rest, 1e-12)
    so_far = np.cumsum(own + rest)
    rate = (np.cumsum(hits + rest_hits) + 1) / (so_far + 2)
    pull = np.where(inside, (rest / everyone)[month], -(own / everyone)[month])
    pull = pull * weights * (values - rate[month])
    return MonthlySums(
        excess=(hits * rest - rest_hits * own) / everyone,
        size=own * rest / everyone,
        rows=own,
        rest_rows=rest,
        hits=hits,
        rest_hits=rest_hits,
        rate=rate,
        effect=_effect(pull, month, household, months),
    )


def _effect(pull: np.ndarray, month: np.ndarray, household: np.ndarray, months: int) -> np.ndarray:
    """Give by how much households have widened the variance up to each month, at least 1."""
    order = np.lexsort([month, household])
    order = order[pull[order] != 0]
    if not len(order):
        return np.ones(months)
    family, when, each = household[order], month[order], pull[order]
    first = np.r_[True, family[1:] != family[:-1]]
    # what a row adds to its household's squared sum, given the household's earlier rows
    before = np.cumsum(each) - each
    start = np.maximum.accumulate(np.where(first, np.arange(len(each)), 0))
    before = before - before[start]
    together = np.cumsum(np.bincount(when, weights=2 * before * each, minlength=months))
    alone = np.cumsum(np.bincount(when, weights=each**2, minlength=months))
    effect: np.ndarray = 1 + np.maximum(together, 0) / np.maximum(alone, 1e-12)
    return effect


def log_evidence(sums: MonthlySums, limit: float, *, below: bool) -> np.ndarray:
    """Give the log of the evidence, up to each month, that the gap is beyond its limit.

    Parameters
    ----------
    sums : MonthlySums
    limit : float
        0 or more: within it a gap is let be.
    below : bool
        Whether the group fares below the rest by more than the limit, or above it.

    Returns
    -------
    ndarray of float64, shape (t,)
        Were the gap within its limit throughout, the chance that this ever reaches
        ``log(1 / a)`` is at most a, as far as rows are as many independent ones as
        `MonthlySums.effect` makes them.

    References
    ----------
    .. [1] S. R. Howard, A. Ramdas, J. McAuliffe and J. Sekhon, Time-uniform Chernoff
       bounds via nonnegative supermartingales, Probability Surveys 17 (2020), 257-317:
       the binomial's own, so that rare outcomes, which lean to one side, keep it too.
    .. [2] J. Shin, A. Ramdas and A. Rinaldo, E-detectors: a nonparametric framework for
       sequential change detection, NEJSDS 2 (2024), 229-260: bets opened anew.

    Examples
    --------
    >>> flat = MonthlySums(*(np.full(24, x) for x in (0.0, 5.0, 6.0, 30.0, 2.4, 12.0, 0.4, 1.0)))
    >>> bool(log_evidence(flat, 0.1, below=True).max() < 0)
    True
    """
    growth = np.cumsum(_growth(sums, limit, below=below), axis=0)
    t = len(growth)
    opened = np.tri(t, dtype=bool)  # row: month looked at; column: month opened
    before = np.vstack([np.zeros(len(STAKES)), growth[:-1]])
    bets = growth[:, None, :] - before[None, :, :] - np.log(len(STAKES))
    log_bet = np.where(opened, np.logaddexp.reduce(bets, axis=2), -np.inf)
    # of the stake, 1 / (j (j + 1)) is put on the j-th month; what is not yet bet is kept
    month = np.arange(t)
    log_bet = log_bet - np.log((month + 1.0) * (month + 2.0))[None, :]
    kept = -np.log(month + 2.0)
    found: np.ndarray = np.logaddexp(np.logaddexp.reduce(log_bet, axis=1), kept)
    return found


def _growth(sums: MonthlySums, limit: float, *, below: bool) -> np.ndarray:
    """Give the log growth of each bet in each month, shape (t, n_stakes)."""
    sign = -1.0 if below else 1.0
    step = sign * sums.excess - limit * sums.size
    everyone = np.maximum(sums.rows + sums.rest_rows, 1e-12)
    own, rest = sums.rest_rows / everyone, sums.rows / everyone
    # at the edge of the limit, with everyone's rate as it is
    rest_rate = np.clip(sums.rate - sign * limit * rest, 0.0, 1.0)
    own_rate = np.clip(rest_rate + sign * limit, 0.0, 1.0)
    stake = np.array(STAKES)[None, :]
    cost = sums.rows[:, None] * _log_mgf(sign * stake * own[:, None], own_rate[:, None])
    cost = cost + sums.rest_rows[:, None] * _log_mgf(
        -sign * stake * rest[:, None], rest_rate[:, None]
    )
    growth: np.ndarray = (stake * step[:, None] - cost) / sums.effect[:, None]
    return growth


def _log_mgf(by: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Give the log of the expected exponential of a centred yes or no, times a factor."""
    found: np.ndarray = np.log1p(rate * np.expm1(by)) - by * rate
    return found


def opened_in(sums: MonthlySums, limit: float, *, below: bool, at: int) -> int:
    """Say from which month on the evidence at a month is strongest.

    Parameters
    ----------
    sums, limit, below
        As in `log_evidence`.
    at : int

    Returns
    -------
    int
    """
    growth = _growth(sums, limit, below=below)[: at + 1]
    since = np.cumsum(growth[::-1], axis=0)[::-1]
    return int(np.argmax(np.logaddexp.reduce(since, axis=1)))


def sequence(sums: MonthlySums, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the gap since the beginning with an interval that holds at every look at once.

    Parameters
    ----------
    sums : MonthlySums
    level : float
        Chance that it ever fails, over all months.

    Returns
    -------
    gap, low, high : ndarray of float64, shape (t,)
        NaN before the group and the rest have met.
    """
    size, width = np.cumsum(sums.size), np.cumsum(sums.variance()) + RHO
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.cumsum(sums.excess) / size
        reach = np.sqrt(width * (2 * np.log(1 / level) + np.log(width / RHO))) / size
        gap, reach = (np.where(size > 0, each, np.nan) for each in (gap, reach))
    return gap, gap - reach, gap + reach
