"""How many referrals come, how long lists are, and whether their places are used."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.model.listing import list_periods
from fs_risk.triage.watch_cases import Watched
from fs_risk.triage.watch_ledger import Recorded
from fs_risk.triage.watch_limits import DriftLimits
from fs_risk.triage.watch_published import share_of, shown_parts
from fs_risk.triage.watch_rates import said_when
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, Row
from fs_risk.triage.watch_sequence import count_evidence

FEWEST_MONTHS = 12
"""Whole months of the time learnt from, so that each calendar month is there."""

FEWEST_LISTS = 6
FEWEST_LISTED = 20
_OTHERS = 0.2

_VOLUME = "Referrals for each one that came in the same months when the model was fitted."
_PERIODS = "Periods in which a list was made, since the first one."
_PLACES = "Children listed for whom a decision is recorded: whether the places are used."


def volume_rows(watched: Watched, limits: DriftLimits) -> list[Row]:
    """Watch how many referrals come, against the same months of the time learnt from.

    Parameters
    ----------
    watched : Watched
    limits : DriftLimits

    Returns
    -------
    list of Row
        A list of fixed capacity finds fewer of the children with the outcome when more
        referrals come.
    """
    days, period = watched.cohort["as_of"], watched.span.words
    told: dict[str, Any] = {"check": "volume", "measure": "referrals_against_training",
            "limit_low": limits.volume[0], "limit_high": limits.volume[1]}  # fmt: skip
    usual = _usual(days[watched.learnt & ~watched.now], watched)
    now = watched.now
    if usual is None or not now.any():
        return [Row(**told, period=period, verdict=NOT_ENOUGH,
                    says=f"{_VOLUME} The records hold less than a year of that time.")]  # fmt: skip
    months = watched.span.months
    counts = np.bincount(watched.month[now], minlength=len(months)).astype(np.float64)
    daily, effect = usual
    expected = daily[months.month.to_numpy() - 1] * _days(watched)
    found = count_evidence(
        counts, low=expected * limits.volume[0], high=expected * limits.volume[1], effect=effect,
        alpha=limits.alpha("volume"),
    )  # fmt: skip
    at = found.signalled(limits.alpha("volume"))
    verdict = LOOK if at is not None else AS_EXPECTED if found.could_see else NOT_ENOUGH
    names = [str(month) for month in months]
    shown = shown_parts(counts, counts)
    rows = [_volume_row(told, period, shown.all_n, expected.sum(), shown.all_hidden)]
    rows += [
        _volume_row(told, names[k], int(shown.n[k]), expected[k], bool(shown.hidden[k]))
        for k in range(len(months))
        if expected[k] > 0
    ]
    says = said_when(_VOLUME, names, at)
    return [replace(rows[0], verdict=verdict, says=says), *rows[1:]]


def _usual(days: pd.Series, watched: Watched) -> tuple[np.ndarray, float] | None:
    """Give referrals a day by calendar month, and how much more than chance counts vary."""
    if days.empty:
        return None
    months = pd.period_range(days.min(), days.max(), freq="M")[1:-1]
    if len(months) < FEWEST_MONTHS:
        return None
    counts = days.dt.to_period("M").value_counts().reindex(months, fill_value=0)
    place, lengths = months.month.to_numpy() - 1, months.days_in_month.to_numpy()
    held = np.bincount(place, weights=counts.to_numpy(), minlength=12)
    daily = held / np.bincount(place, weights=lengths, minlength=12)
    usual = daily[place] * lengths
    freedom = max(len(months) - 12, 1)
    effect = float((((counts.to_numpy() - usual) ** 2) / np.maximum(usual, 1e-9)).sum() / freedom)
    return daily, max(effect, _households(watched))


def _households(watched: Watched) -> float:
    """Give the variance of a count over its mean that siblings referred together make."""
    rows = watched.learnt
    if not rows.any():
        return 1.0
    together = watched.cohort["as_of"][rows].astype("str") + watched.household[rows]
    sizes = together.value_counts().to_numpy(dtype=np.float64)
    return float((sizes**2).sum() / sizes.sum())


def _days(watched: Watched) -> np.ndarray:
    """Give the days of each month that are watched."""
    months, span = watched.span.months, watched.span
    starts = np.maximum(months.start_time.to_numpy(), np.datetime64(span.first))
    ends = np.minimum(months.end_time.normalize().to_numpy(), np.datetime64(span.last))
    days: np.ndarray = ((ends - starts) / np.timedelta64(1, "D") + 1).astype(np.float64)
    return days


def _volume_row(
    told: dict[str, Any], period: str, count: int, expected: float, hidden: bool
) -> Row:
    usual = round(float(expected), 0)
    value = None if hidden or usual <= 0 else count / usual
    return Row(
        **told,
        period=period, value=value, n=None if hidden else count, suppressed=hidden,
    )  # fmt: skip


def list_rows(watched: Watched, recorded: Recorded, limits: DriftLimits) -> list[Row]:
    """Say whether the lists made are those that the plan's figures are about, and are used.

    Parameters
    ----------
    watched : Watched
    recorded : Recorded
    limits : DriftLimits

    Returns
    -------
    list of Row
    """
    period, lists = watched.span.words, recorded.lists
    lists = lists[watched.span.holds(lists["as_of"])]
    told: dict[str, Any] = {"check": "lists", "period": period}
    if len(lists) < FEWEST_LISTS:
        return [Row(**told, measure="periods_with_a_list", verdict=NOT_ENOUGH,
                    limit_low=limits.places, limit_high=1.0,
                    says=f"{_PERIODS} Fewer than {FEWEST_LISTS} lists.")]  # fmt: skip
    return [
        _periods_row(watched, lists, limits, told),
        _capacity_row(watched, lists, told),
        _length_row(lists, told),
        _used_row(watched, recorded, limits, told),
    ]


def _periods_row(
    watched: Watched, lists: pd.DataFrame, limits: DriftLimits, told: dict[str, Any]
) -> Row:
    made = np.unique(list_periods(lists["as_of"], watched.model.plan.list_period))
    value = len(made) / (made[-1] - made[0] + 1)
    return Row(
        **told, measure="periods_with_a_list", value=round(value, 2), limit_low=limits.places,
        limit_high=1.0, n=int(made[-1] - made[0] + 1),
        verdict=LOOK if value < limits.places else AS_EXPECTED,
        says=f"{_PERIODS} The plan has one each {watched.model.plan.list_period}.",
    )  # fmt: skip


def _capacity_row(watched: Watched, lists: pd.DataFrame, told: dict[str, Any]) -> Row:
    """Compare the length of lists with the plan's: its figures hold for that length alone."""
    planned = watched.model.plan.capacity
    others = float((lists["capacity"] != planned).mean()) if planned >= 1 else 0.0
    return Row(
        **told, measure="other_capacity", value=round(others, 2), limit_low=0.0,
        limit_high=_OTHERS, n=len(lists), verdict=LOOK if others > _OTHERS else AS_EXPECTED,
        says="Lists with another number of places than the plan's, for which nothing was measured.",
    )  # fmt: skip


def _length_row(lists: pd.DataFrame, told: dict[str, Any]) -> Row:
    return Row(
        **told, measure="children_on_a_list", value=round(float(lists["listed"].mean()), 0),
        n=len(lists), says="Children on a list, on average.",
    )  # fmt: skip


def _used_row(
    watched: Watched, recorded: Recorded, limits: DriftLimits, told: dict[str, Any]
) -> Row:
    """Say for how many of those listed the ledger holds what was decided."""
    scores = recorded.listed[watched.span.holds(recorded.listed["as_of"])]
    used = scores["referral_id"].isin(recorded.decisions["referral_id"]).to_numpy(dtype=float)
    shown = shown_parts(np.array([used.sum()]), np.array([len(used)]))
    value, low, high = share_of(shown.all_hits, shown.all_n)
    ends: tuple[float | None, float | None, float | None] = (value, low, high)
    hidden = shown.all_hidden
    if hidden:
        ends = (None, None, None)
    few = len(used) < FEWEST_LISTED
    verdict = NOT_ENOUGH if few else LOOK if used.mean() < limits.places else AS_EXPECTED
    return Row(
        **told, measure="places_used", value=ends[0], low=ends[1], high=ends[2],
        limit_low=limits.places, limit_high=1.0, n=None if hidden else shown.all_n,
        verdict=verdict, suppressed=hidden, says=_PLACES,
    )  # fmt: skip
