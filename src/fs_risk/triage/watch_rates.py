"""A rate watched month by month: its figures as they may be published, and its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fs_risk.model.bands import wilson
from fs_risk.triage.watch_published import household_effect, share_of, shown_parts
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, STOP, Row
from fs_risk.triage.watch_sequence import rate_evidence

FEWEST_CASES = 20
"""Of fewer, before or now, nothing is said of a rate."""

_FOR_THE_PAST = 0.2
"""Part of a question's chance of a false alarm that its comparison in the past may spend."""


@dataclass(frozen=True, eq=False)
class Rate:
    """A rate to be watched.

    Attributes
    ----------
    check, measure : str
    hits : ndarray of float, shape (n,)
        1 or 0 for each case.
    month : ndarray of int, shape (n,)
        From 0.
    household : ndarray, shape (n,)
    low, high : float
        Limits of its chance.
    alpha : float
        Chance of a false alarm that it may spend.
    stop : tuple of float or None
        Limits beyond which the model is to be stopped.
    by, group : str
    """

    check: str
    measure: str
    hits: np.ndarray
    month: np.ndarray
    household: np.ndarray
    low: float
    high: float
    alpha: float
    stop: tuple[float, float] | None = None
    by: str = ""
    group: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """What all its rows say alike."""
        names = ("check", "measure", "by", "group")
        said = {name: getattr(self, name) for name in names}
        return {**said, "limit_low": self.low, "limit_high": self.high}

    @property
    def effect(self) -> float:
        """Design effect of households."""
        rate = float(self.hits.mean()) if len(self.hits) else 0.0
        variance = len(self.hits) * rate * (1 - rate)
        return household_effect(self.hits - rate, variance, self.household)

    def verdict(self, n_months: int) -> tuple[str, int | None]:
        """Give the verdict, and the month that first brought it.

        Parameters
        ----------
        n_months : int

        Returns
        -------
        verdict : str
        month : int or None
        """
        if len(self.hits) < FEWEST_CASES:
            return NOT_ENOUGH, None
        if self.stop is not None:
            month = self._signalled(n_months, *self.stop)[0]
            if month is not None:
                return STOP, month
        month, seen = self._signalled(n_months, self.low, self.high)
        if month is not None:
            return LOOK, month
        return (AS_EXPECTED if seen else NOT_ENOUGH), None

    def _signalled(self, n_months: int, low: float, high: float) -> tuple[int | None, bool]:
        found = rate_evidence(
            self.hits, self.month, n_months, low=low, high=high,
            far=(low / 2 if low > _NEXT_TO_NONE else low, min(1.0, max(2 * high, high + 0.1))),
            effect=self.effect, alpha=self.alpha,
        )  # fmt: skip
        return found.signalled(self.alpha), found.could_see


_NEXT_TO_NONE = 0.02
"""Below a limit so low, a fall is not asked to be seen."""


def rate_rows(
    rate: Rate, months: Sequence[str], period: str, says: str, *, monthly: bool = True
) -> list[Row]:
    """Give the rows of a rate: one for all months, and one for each.

    Parameters
    ----------
    rate : Rate
    months : sequence of str
        ``yyyy-mm``.
    period : str
        First and last day.
    says : str
        What the figure is; the month of a signal is added.
    monthly : bool, default=True

    Returns
    -------
    list of Row
    """
    verdict, at = rate.verdict(len(months))
    hits = np.bincount(rate.month, weights=rate.hits, minlength=len(months)).round()
    shown = shown_parts(hits, np.bincount(rate.month, minlength=len(months)))
    told, effect = rate.told, rate.effect
    rows = [_row(told, period, *shown.total, effect, verdict, said_when(says, months, at))]
    if monthly:
        rows += [
            _row(told, months[k], *shown.part(k), effect, "", "")
            for k in range(len(months))
            if shown.n[k] or shown.hidden[k]
        ]
    return rows


def group_rows(
    rates: Sequence[Rate],
    months: Sequence[str],
    period: str,
    says: str,
    *,
    also: np.ndarray | None = None,
) -> list[Row]:
    """Give a row for each of several groups that together are all.

    Parameters
    ----------
    rates : sequence of Rate
        One for each group.
    months : sequence of str
    period : str
    says : str
    also : ndarray of bool, optional
        Groups whose figures are hidden whatever their counts; then they have no verdict
        of their own either.

    Returns
    -------
    list of Row
    """
    hits = np.array([rate.hits.sum() for rate in rates]).round()
    n = np.array([len(rate.hits) for rate in rates])
    apart = np.zeros(len(rates), dtype=bool) if also is None else also
    shown = shown_parts(hits, n, also=apart)
    rows = []
    for k, rate in enumerate(rates):
        verdict, at = (NOT_ENOUGH, None) if apart[k] else rate.verdict(len(months))
        rows.append(
            _row(
                rate.told, period, *shown.part(k), rate.effect, verdict, said_when(says, months, at)
            )
        )
    return rows


def said_when(says: str, months: Sequence[str], at: int | None) -> str:
    """Add to a sentence since when there is a signal."""
    return says if at is None else f"{says} First signalled with {months[at]}."


def _row(
    told: dict[str, Any], period: str, hits: int, n: int, hidden: bool, effect: float,
    verdict: str, says: str,
) -> Row:  # fmt: skip
    value, low, high = (None, None, None) if hidden else share_of(hits, n, effect=effect)
    return Row(
        **told,
        period=period, value=value, low=low, high=high, n=None if hidden else n,
        verdict=verdict, suppressed=hidden, says=says,
    )  # fmt: skip


def limits_from(
    hits: np.ndarray,
    household: np.ndarray,
    *,
    alpha: float,
    more: float = 0.0,
    times: float = 1.0,
) -> tuple[float, float] | None:
    """Give limits of a rate from what it was before, with room for what is not known of that.

    Parameters
    ----------
    hits : ndarray of float, shape (n,)
        Of the time before.
    household : ndarray, shape (n,)
    alpha : float
        Of the question; a fifth is spent here.
    more : float, default=0
        Tolerance to be added at either side.
    times : float, default=1
        Tolerance as a factor.

    Returns
    -------
    low, high : float
        None of too few cases.
    """
    if len(hits) < FEWEST_CASES:
        return None
    rate = float(hits.mean())
    effect = household_effect(hits - rate, len(hits) * rate * (1 - rate), household)
    low, high = wilson(float(hits.sum()), len(hits), effect=effect, level=1 - _FOR_THE_PAST * alpha)
    # to two places, so that limits give no count of the past away
    return max(0.0, round(low / times - more, 2)), min(1.0, round(high * times + more, 2))


def left_after_the_past(alpha: float) -> float:
    """Give what a question may still spend once its limits came from the past."""
    return (1 - _FOR_THE_PAST) * alpha
