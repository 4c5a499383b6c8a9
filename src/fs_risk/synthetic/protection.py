"""Enquiries, conferences, child protection plans and pre-proceedings, as canonical tables."""

import numpy as np
import pandas as pd

from fs_risk.synthetic.drawing import drawn_codes, drawn_evenly
from fs_risk.synthetic.episodes import Kept
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import ENQUIRIES, STEPS_A_YEAR, Kind, has_plan, in_proceedings
from fs_risk.synthetic.timeline import NONE, Timeline, ids, rank_within, spans


def _enquiries(timeline: Timeline, kept: Kept) -> np.ndarray:
    """Numbers of the enquiries that the records hold."""
    events = timeline.events
    held = np.isin(events["kind"], ENQUIRIES) & kept.of(events["referral"])
    return np.flatnonzero(held & timeline.happened(timeline.day))


def make_section47(
    timeline: Timeline, kept: Kept, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Lay out the enquiries; one that led to a conference ends on its day, others as late.

    Parameters
    ----------
    timeline : Timeline
    kept : Kept
    parameters : Parameters
    rng : Generator

    Returns
    -------
    DataFrame
    """
    here = _enquiries(timeline, kept)
    number, day = timeline.events["referral"][here], timeline.day[here]
    end, closed = timeline.resolved[here], timeline.closed[number]
    end = np.where(closed == NONE, end, np.maximum(np.minimum(end, closed), day))
    conference = timeline.conference[here]
    needed = pd.array(conference != NONE, dtype="boolean")
    needed[~timeline.happened(end)] = pd.NA
    return pd.DataFrame(
        {
            "section47_id": ids("E", np.arange(1, len(here) + 1)),
            "child_id": kept.child[timeline.events["child"][here]].array,
            "referral_id": kept.identifier[number].array,
            "start_date": timeline.dates(day),
            "end_date": timeline.dates(end),
            "conference_needed": needed,
        }
    )


def make_conferences(timeline: Timeline, kept: Kept) -> pd.DataFrame:
    """Lay out the initial conferences, due 15 working days after the strategy discussion.

    A transfer-in conference is due as long after the child arrived; it has no enquiry.
    """
    events = timeline.events
    enquiries = _enquiries(timeline, kept)
    enquiry = pd.Series(ids("E", np.arange(1, len(enquiries) + 1)).array, index=enquiries)
    held = timeline.happened(timeline.conference) & kept.of(events["referral"])
    here = np.flatnonzero(held & timeline.happened(timeline.day))
    target = timeline.calendar.add_working_days(timeline.day[here], 15)
    dates = timeline.calendar.dates[target].astype("datetime64[s]")
    kind = events["kind"][here]
    return pd.DataFrame(
        {
            "conference_id": _conference_ids(timeline, here),
            "child_id": kept.child[events["child"][here]].array,
            "referral_id": kept.identifier[events["referral"][here]].array,
            "section47_id": enquiry.reindex(here).array,
            "conference_date": timeline.dates(timeline.conference[here]),
            "target_date": dates,
            "transfer_in": kind == Kind.TRANSFER_IN,
            "plan_made": np.isin(kind, (Kind.PLAN, Kind.TRANSFER_IN)),
        }
    )


def _conference_ids(timeline: Timeline, events: np.ndarray) -> np.ndarray:
    """Name conferences by their event, so that plans can refer to them."""
    number = np.cumsum(timeline.conference != NONE)
    identifiers: np.ndarray = ids("K", number[events]).to_numpy()
    return identifiers


def make_cp_plans(
    timeline: Timeline, kept: Kept, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Lay out the child protection plans.

    A plan begins on the day of its conference. When the child comes into care it
    ends within weeks.

    Parameters
    ----------
    timeline : Timeline
    kept : Kept
    parameters : Parameters
    rng : Generator

    Returns
    -------
    DataFrame
    """
    events = timeline.events
    starts, ends = spans(events, has_plan)
    child = events["child"][starts]
    earlier = rank_within(child)
    start = timeline.conference[starts]
    end = np.where(ends == NONE, NONE, timeline.day[ends])
    to_care = (ends != NONE) & (events["kind"][ends] == Kind.CARE)
    last = timeline.calendar.starts[events["step"][ends] + 1] - 1
    slack = np.maximum(last - end, 0) * rng.random(len(ends))
    end = np.where(to_care, end + slack.astype(np.int64), end)
    held = kept.of(events["referral"][starts]) & timeline.happened(start)
    counted = _year_ends(timeline, start, end)
    initial, latest = _categories(timeline, starts, counted, parameters, rng)
    return pd.DataFrame(
        {
            "cp_plan_id": ids("P", np.arange(1, held.sum() + 1)),
            "child_id": kept.child[child[held]].array,
            "referral_id": kept.identifier[events["referral"][starts][held]].array,
            "conference_id": _conference_ids(timeline, starts[held]),
            "start_date": timeline.dates(start[held]),
            "end_date": timeline.dates(end[held]),
            "initial_category": initial[held],
            "latest_category": latest[held],
            "previous_plans": earlier[held],
            "other_authority": np.zeros(held.sum(), dtype=bool),
        }
    )


def _year_ends(timeline: Timeline, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Count the reporting years at whose end each plan is in force."""
    calendar = timeline.calendar
    last_days = calendar.starts[STEPS_A_YEAR : calendar.steps + 1 : STEPS_A_YEAR] - 1
    over = np.where(end == NONE, calendar.end, end)
    ends = np.searchsorted(last_days, over) - np.searchsorted(last_days, start)
    counted: np.ndarray = np.maximum(ends, 0)
    return counted


def _categories(
    timeline: Timeline,
    starts: np.ndarray,
    counted: np.ndarray,
    parameters: Parameters,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw initial and latest category; siblings planned for in one step share it.

    Evenly, within a class, over those who count alike at the ends of years, by day.
    """
    child = timeline.events["child"][starts]
    family = timeline.people.family[child]
    key = family * (timeline.calendar.steps + 1) + timeline.events["step"][starts]
    _, first, occasion = np.unique(key, return_index=True, return_inverse=True)
    kind = timeline.people.child_class[child[first]]
    seen = np.bincount(occasion, counted, minlength=len(first))
    shares = parameters.table("plan.category").T[kind]
    names = parameters.names("plan.category")
    order = np.empty(len(first), dtype=np.int64)
    order[np.lexsort((timeline.conference[starts][first], seen, kind))] = np.arange(len(first))
    initial = np.asarray(names, dtype=object)[drawn_evenly(shares, order, rng)][occasion]
    changed = rng.random(len(starts)) < parameters.number("plan.category_changes")
    other = drawn_codes(shares, names, rng)[occasion]
    return initial, np.where(changed, other, initial)


def make_pre_proceedings(
    timeline: Timeline, kept: Kept, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Lay out the periods of pre-proceedings, which end in an application or a step down."""
    events = timeline.events
    starts, ends = spans(events, in_proceedings)
    start = timeline.day[starts]
    end = np.where(ends == NONE, NONE, timeline.day[ends])
    held = kept.of(events["referral"][starts]) & timeline.happened(start)
    starts, start, end, ends = starts[held], start[held], end[held], ends[held]
    over = timeline.happened(end)
    issued = over & (events["kind"][ends] == Kind.CARE)
    least, most = parameters.array("proceedings.meeting_days").astype(np.int64)
    wait = rng.integers(least, most + 1, len(start))
    meeting = timeline.calendar.add_working_days(start, wait)
    meeting = np.where(over, np.minimum(meeting, end), meeting)
    outcome = np.where(issued, "issue proceedings", "step down").astype(object)
    left = over & np.isin(events["kind"][ends], (Kind.LEAVES, Kind.DIES))
    outcome[left] = "case transferred"
    outcome[~over] = None
    return pd.DataFrame(
        {
            "pre_proceedings_id": ids("L", np.arange(1, len(starts) + 1)),
            "child_id": kept.child[events["child"][starts]].array,
            "referral_id": kept.identifier[events["referral"][starts]].array,
            "start_date": timeline.dates(start),
            "meeting_date": timeline.dates(meeting),
            "end_date": timeline.dates(end),
            "outcome": outcome,
            "court_date": timeline.dates(np.where(issued, end, NONE)),
        }
    )
