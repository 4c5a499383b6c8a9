"""From steps to days: when each event of a history fell, and which start belongs to which end."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.dates import DATE_DTYPE
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.history import History
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.states import ENQUIRIES, REVIEWS, Kind, Status, has_plan, on_plan

NONE = -1
"""No day: it has not happened."""

NO_CODE = np.array(None, dtype=object)
"""Nothing recorded."""

_DAY, _GAP, _LAG = 5, 6, 7
_CLOSING = (
    Kind.NO_FURTHER_ACTION,
    Kind.NOT_IN_NEED,
    Kind.SHORT_NEED,
    Kind.CLOSES,
    Kind.COMES_OF_AGE,
    Kind.LEAVES,
    Kind.DIES,
)


@dataclass(frozen=True)
class Timeline:
    """A history with days.

    Attributes
    ----------
    people : People
    calendar : Calendar
    referrals, events : dict of str to ndarray
        As in `History`.
    day : ndarray
        Day of each event; of an enquiry, the day it began.
    resolved : ndarray
        Day on which it was decided what each enquiry led to, or `NONE`.
    conference : ndarray
        Day of the conference that each enquiry led to, or `NONE`.
    closed : ndarray
        Day on which each referral's episode closed, or `NONE`.
    closing : ndarray
        Number of the event that closed each referral, or `NONE`.
    """

    people: People
    calendar: Calendar
    referrals: dict[str, np.ndarray]
    events: dict[str, np.ndarray]
    day: np.ndarray
    resolved: np.ndarray
    conference: np.ndarray
    closed: np.ndarray
    closing: np.ndarray

    def dates(self, days: np.ndarray) -> np.ndarray:
        """Turn days of the grid into dates; `NONE` and days after the extract have none."""
        happened = (days >= 0) & (days < self.calendar.end)
        dates = self.calendar.dates[np.where(happened, days, 0)].astype(DATE_DTYPE)
        dates[~happened] = np.datetime64("NaT")
        return dates

    def happened(self, days: np.ndarray) -> np.ndarray:
        """Say which days lie on the grid up to the extract."""
        inside: np.ndarray = (days >= 0) & (days < self.calendar.end)
        return inside


def conference_lags(parameters: Parameters) -> np.ndarray:
    """Give the probability of each number of working days from enquiry to conference."""
    last = [int(day) for day in parameters.names("conference.working_days")]
    chances = np.zeros(last[-1] + 1)
    first = int(parameters.number("conference.least_working_days"))
    for day, part in zip(last, parameters.table("conference.working_days"), strict=True):
        chances[first : day + 1] = part / (day + 1 - first)
        first = day + 1
    shares: np.ndarray = chances / chances.sum()
    return shares


def conference_day(
    calendar: Calendar, enquiry: np.ndarray, step: np.ndarray, lag: np.ndarray | int
) -> np.ndarray:
    """Place conferences `lag` working days after enquiries, by the end of the next step."""
    latest = calendar.last_working_day(step + 1)
    held: np.ndarray = np.maximum(
        np.minimum(calendar.add_working_days(enquiry, lag), latest), enquiry
    )
    return held


def make_timeline(
    history: History, people: People, calendar: Calendar, parameters: Parameters, luck: Luck
) -> Timeline:
    """Give every event of a history its day.

    Parameters
    ----------
    history : History
    people : People
    calendar : Calendar
    parameters : Parameters
    luck : Luck

    Returns
    -------
    Timeline
    """
    referrals = history.referrals
    events = {**history.events, "luck": _days_luck(history, people, luck)}
    kind, origin, step, number = (events[name] for name in ("kind", "origin", "step", "referral"))
    day = calendar.day_in_step(calendar.working_shares, step, events["luck"])
    referred = referrals["day"][number]
    at_entry = origin == Status.CLOSED
    enquiry = np.isin(kind, ENQUIRIES)
    gap = _gaps(history, people, parameters, luck)[number]
    day = np.where(at_entry & enquiry, enquiry_at_entry(calendar, referred, gap), day)
    day = np.where(at_entry & (kind == Kind.CARE), referred, day)
    found = np.isin(kind, (Kind.IN_NEED, Kind.NOT_IN_NEED, Kind.SHORT_NEED))
    day = np.where(found, referrals["authorised"][number], day)
    last = calendar.starts[step + 1] - 1
    decided = np.minimum(calendar.add_working_days(referred, 1), last)
    day = np.where(kind == Kind.NO_FURTHER_ACTION, decided, day)
    day = np.where(kind == Kind.COMES_OF_AGE, people.adult_day[events["child"]], day)
    sums = np.cumsum(conference_lags(parameters))[:-1]
    family = people.family[events["child"]]
    day = np.where(kind == Kind.TRANSFER_IN, referred, day)
    drawn = luck.shared(_LAG, family, events["child"], day, 1.0)
    lag = np.searchsorted(sums, drawn, side="right")
    held_on = np.minimum(conference_day(calendar, day, step, lag), _under_age(people, events, day))
    resolved = np.where(enquiry | (kind == Kind.TRANSFER_IN), held_on, NONE)
    conference = np.where(kind == Kind.ENQUIRY, NONE, resolved)
    review_days = parameters.array("plan_end.review_days").astype(np.int64)
    day = _at_reviews(day, events, conference, calendar, review_days)
    day = _when_left(day, events, conference, people)
    closing = np.full(len(referrals["day"]), NONE)
    closes = np.flatnonzero(np.isin(kind, _CLOSING))
    closing[number[closes]] = closes
    closed = np.where(closing == NONE, NONE, day[closing])
    return Timeline(people, calendar, referrals, events, day, resolved, conference, closed, closing)


def _days_luck(history: History, people: People, luck: Luck) -> np.ndarray:
    """Where in its step each event falls: alike for siblings, whatever each event is."""
    child, step = history.events["child"], history.events["step"]
    return luck.shared(_DAY, people.family[child], child, step, 1.0)


def enquiry_at_entry(calendar: Calendar, referred: np.ndarray, gap: np.ndarray | int) -> np.ndarray:
    """Place an enquiry made on a referral `gap` working days after it, within its step."""
    last = calendar.last_working_day(calendar.step_of[referred])
    day: np.ndarray = np.maximum(
        np.minimum(calendar.add_working_days(referred, gap), last), referred
    )
    return day


def _gaps(history: History, people: People, parameters: Parameters, luck: Luck) -> np.ndarray:
    """Working days from each referral to an enquiry made at once; alike for siblings."""
    child, day = history.referrals["child"], history.referrals["day"]
    drawn = luck.shared(_GAP, people.family[child], child, day, 1.0)
    sums = np.cumsum(parameters.array("enquiry.gap_days"))[:-1]
    gaps: np.ndarray = np.searchsorted(sums, drawn, side="right")
    return gaps


def _under_age(people: People, events: dict[str, np.ndarray], day: np.ndarray) -> np.ndarray:
    """Last day before each child's eighteenth birthday, or the event's own day if later."""
    last: np.ndarray = np.maximum(people.adult_day[events["child"]] - 1, day)
    return last


def _when_left(
    day: np.ndarray, events: dict[str, np.ndarray], conference: np.ndarray, people: People
) -> np.ndarray:
    """Let a family leave together, after all that was still to come of the step before."""
    left = np.flatnonzero(np.isin(events["kind"], (Kind.LEAVES, Kind.DIES)))
    order = np.argsort(events["child"], kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    before = order[np.maximum(place[left] - 1, 0)]
    earliest = np.maximum(day[left], np.maximum(day[before], conference[before]))
    _, group = np.unique(people.family[events["child"][left]], return_inverse=True)
    together = np.zeros(len(left), dtype=np.int64)
    np.maximum.at(together, group, earliest)
    moved = day.copy()
    moved[left] = together[group]
    return moved


def _at_reviews(
    day: np.ndarray,
    events: dict[str, np.ndarray],
    conference: np.ndarray,
    calendar: Calendar,
    review_days: np.ndarray,
) -> np.ndarray:
    """Move the end of plans that end at a review to near the day of that review."""
    starts, ends = spans(events, has_plan)
    ended = ends != NONE
    starts, ends = starts[ended], ends[ended]
    moved = day.copy()
    for review, after in zip(REVIEWS, review_days, strict=True):
        here = (events["origin"][ends] == on_plan(review)) & np.isin(
            events["kind"][ends], (Kind.STEPS_DOWN, Kind.CLOSES)
        )
        end = ends[here]
        due = conference[starts[here]] + after + (events["luck"][end] * 5).astype(np.int64)
        first = calendar.starts[events["step"][end]]
        last = calendar.starts[events["step"][end] + 1] - 1
        inside = (due >= first) & (due <= last)
        moved[end] = np.where(inside, due, day[end])
    return moved


def spans(
    events: dict[str, np.ndarray], inside: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Pair the events that begin and end each stay in a set of statuses.

    Parameters
    ----------
    events : dict of str to ndarray
    inside : callable
        Says which statuses belong to the set.

    Returns
    -------
    starts, ends : ndarray of int
        Numbers of events; an end that has not come is `NONE`.
    """
    before, after = inside(events["origin"]), inside(events["target"])
    starts = _in_order(np.flatnonzero(~before & after), events["child"])
    ends = _in_order(np.flatnonzero(before & ~after), events["child"])
    start_keys, end_keys = _keys(events["child"][starts]), _keys(events["child"][ends])
    place = np.searchsorted(end_keys, start_keys)
    found = np.zeros(len(starts), dtype=bool)
    within = place < len(ends)
    found[within] = end_keys[place[within]] == start_keys[within]
    matched = np.full(len(starts), NONE)
    matched[found] = ends[place[found]]
    return starts, matched


def _in_order(numbers: np.ndarray, child: np.ndarray) -> np.ndarray:
    return numbers[np.argsort(child[numbers], kind="stable")]


def rank_within(groups: np.ndarray) -> np.ndarray:
    """Count the members of each run of equal values from 0."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sizes = np.diff(np.append(first, len(groups)))
    rank: np.ndarray = np.arange(len(groups)) - np.repeat(first, sizes)
    return rank


def _keys(child: np.ndarray) -> np.ndarray:
    """Name each event of children in order by child and occasion."""
    keys: np.ndarray = child * 1_000 + rank_within(child)
    return keys


def ids(letter: str, numbers: np.ndarray) -> pd.Series:
    """Write numbers as identifiers of seven digits behind a letter."""
    return letter + pd.Series(numbers + 10_000_000).astype("str").str.slice(1)
