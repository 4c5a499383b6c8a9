"""Whether a group's rate differs from the rest's: one test, made for small groups and families."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln
from scipy.stats import norm

from fs_risk.evaluation.fairness_cells import Audited
from fs_risk.evaluation.fairness_kernels import households_met
from fs_risk.evaluation.fairness_measures import BASES

EXACT_UP_TO = 400.0
"""Variance of the number of hits beyond which it is taken as normal."""

_SAME = 1e-9


@dataclass(frozen=True)
class Comparisons:
    """Each group against the rest, on each of `BASES`; arrays (n_bases, n_groups).

    Attributes
    ----------
    p : ndarray of float64
        Two-sided; NaN where there is nothing to compare.
    effect : ndarray of float64
        By how much households widen the variance of the difference, where there is none.
    """

    p: np.ndarray
    effect: np.ndarray


def group_against_rest(audited: Audited) -> Comparisons:
    """Test each group's rates against those of all other rows.

    The statistic is the score test's, with the variance summed over households. Its
    null distribution is worked out over every number of hits that the group could have
    had (the hypergeometric of Fisher's test), so that it holds for small groups; with
    large ones it becomes the normal.

    Parameters
    ----------
    audited : Audited

    Returns
    -------
    Comparisons

    References
    ----------
    .. [1] R. A. Fisher, The logic of inductive inference, JRSS 98 (1935), 39-82.
    .. [2] A. C. Cameron and D. L. Miller, A practitioner's guide to cluster-robust
       inference, Journal of Human Resources 50 (2015), 317-372.
    .. [3] A. Janssen, Studentized permutation tests for non-i.i.d. hypotheses and the
       generalized Behrens-Fisher problem, Statistics and Probability Letters 36 (1997),
       9-21.
    """
    sums = _Sums(audited)
    z, effect = sums.z(), sums.effect()
    p = np.full(z.shape, np.nan)
    for base in range(len(BASES)):
        hits, size = sums.hits[base], sums.size[base]
        everyone = sums.all_hits[base], sums.all_size[base]
        for group in range(z.shape[1]):
            p[base, group] = _p_value(z[base, group], hits[group], size[group], *everyone)
    return Comparisons(p=p, effect=effect)


class _Sums:
    """Sums over rows and households from which the statistic follows."""

    def __init__(self, audited: Audited) -> None:
        groups, everyone = audited.counts
        parts = [groups.parts(base) for base in BASES]
        wholes = [everyone.parts(base) for base in BASES]
        self.hits, self.size = (np.stack([part[k] for part in parts]) for k in (0, 1))
        self.all_hits, self.all_size = (
            np.array([float(whole[k][0]) for whole in wholes]) for k in (0, 1)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            self.rate = np.where(self.all_size > 0, self.all_hits / self.all_size, 0.0)
            self.part = np.where(
                self.all_size[:, None] > 0, self.size / self.all_size[:, None], 0.0
            )
        self._rows(audited)
        self._pairs(audited)

    def _rows(self, audited: Audited) -> None:
        """Sum squares of single rows: of what each misses the rate by, and of its weight."""
        rows = audited.labelled
        label, share, cell = audited.label[rows], audited.share[rows], audited.groups.cell[rows]
        weights = (np.ones(len(label)), label, share, 1 - label, 1 - share)
        values = (share, share, label, share, label)
        member = audited.groups.member
        self.own = np.zeros((2, len(BASES), member.shape[1]))
        self.all_own = np.zeros((2, len(BASES)))
        for base, (weight, value) in enumerate(zip(weights, values, strict=True)):
            squares = (weight * (value - self.rate[base])) ** 2, weight**2
            for kind, square in enumerate(squares):
                by_cell = np.bincount(cell, weights=square, minlength=len(member))
                self.own[kind, base] = by_cell @ member
                self.all_own[kind, base] = square.sum()

    def _pairs(self, audited: Audited) -> None:
        shape = (2, len(BASES), len(audited.groups.slot))
        self.met, self.within, self.with_all = np.zeros(shape[:2]), np.zeros(shape), np.zeros(shape)
        if not audited.clustered:
            return
        order, _ = audited.by_household
        rows = order[audited.labelled[order]]
        size = np.bincount(audited.household[rows])
        households_met(
            np.r_[0, np.cumsum(size)].astype(np.int64),
            audited.groups.cell[rows],
            audited.label[rows],
            audited.share[rows],
            self.rate,
            audited.groups.group_of,
            self.met,
            self.within,
            self.with_all,
        )

    def _squares(self, kind: int) -> np.ndarray:
        """Sum, over households, the square of the group's sum less its part of everyone's."""
        own = self.own[kind] + self.within[kind]
        every = (self.all_own[kind] + self.met[kind])[:, None]
        cross = self.own[kind] + self.with_all[kind]
        squares = own - 2 * self.part * cross + self.part**2 * every
        found: np.ndarray = np.maximum(squares, 0.0)
        return found

    def z(self) -> np.ndarray:
        """Give the score statistic, its variance summed over households; NaN without one."""
        gap = self.hits - self.rate[:, None] * self.size
        variance = self._squares(0)
        none = (variance <= _SAME) | (self.part <= 0) | (self.part >= 1)
        found: np.ndarray = np.where(
            none, np.nan, np.abs(gap) / np.sqrt(np.where(none, 1.0, variance))
        )
        return found

    def effect(self) -> np.ndarray:
        """Give how much households widen the variance of a difference that is not there."""
        alone = self.rate * (1 - self.rate)
        with np.errstate(invalid="ignore", divide="ignore"):
            alike = np.where(self.met[1] > 0, self.met[0] / self.met[1] / alone, 0.0)
            alike = np.clip(np.nan_to_num(alike), 0.0, 1.0)[:, None]
            own = (1 - 2 * self.part) * self.own[1] + self.part**2 * self.all_own[1][:, None]
            together = self._squares(1) - own
            widened = 1 + alike * np.where(own > 0, together / own, 0.0)
        found: np.ndarray = np.maximum(widened, 1.0)
        return found


def _p_value(z: float, hits: float, size: float, all_hits: float, all_size: float) -> float:
    """Give the chance of so large a statistic, over the hits that the group could have had."""
    if np.isnan(z):
        return float("nan")
    everyone, of_all = round(all_size), round(all_hits)
    group = min(round(size), everyone)
    rate, part = of_all / everyone, group / everyone
    if everyone * rate * (1 - rate) * part * (1 - part) > EXACT_UP_TO:
        return float(2 * norm.sf(z))
    possible = np.arange(max(0, of_all + group - everyone), min(of_all, group) + 1)
    chance = _hypergeometric(possible, everyone, of_all, group)
    squares = (1 - part) ** 2 * (possible * (1 - rate) ** 2 + (group - possible) * rate**2)
    rest_hits, rest = of_all - possible, everyone - group
    squares += part**2 * (rest_hits * (1 - rate) ** 2 + (rest - rest_hits) * rate**2)
    each = np.abs(possible - group * rate) / np.sqrt(np.maximum(squares, _SAME))
    return float(min(1.0, chance[each >= z - _SAME].sum()))


def _hypergeometric(possible: np.ndarray, everyone: int, of_all: int, group: int) -> np.ndarray:
    """Give the chance of each number of hits in a group drawn from everyone, without return."""
    others = (of_all - possible, group - possible, everyone - of_all - group + possible)
    log = -gammaln(possible + 1) - sum(gammaln(other + 1) for other in others)
    chance = np.exp(log - log.max())
    whole: np.ndarray = chance / chance.sum()
    return whole
