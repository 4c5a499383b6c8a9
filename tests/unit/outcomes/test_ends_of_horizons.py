"""The first and the last day of a horizon, outcome by outcome, counted on a plain calendar.

T6 also fixes the end of what was observed: of several tables, that of the earliest.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.records import Records

AS_OF = date(2022, 3, 1)
"""A Tuesday: the end of the next working day is one day later."""

FIRST, LAST = date(2018, 1, 1), date(2024, 12, 31)
ENDED = date(2024, 6, 30)
"""The last day of the one table that is observed to an earlier day than the others."""

DAY = timedelta(days=1)
WITHIN = pytest.mark.parametrize("within", [28, 365])
KEYS = {"children": "child_id", "referrals": "referral_id", "section47": "section47_id",
        "cp_plans": "cp_plan_id", "pre_proceedings": "pre_proceedings_id",
        "care_periods": "care_period_id"}  # fmt: skip
TIERS = ("cp_plans", "pre_proceedings", "care_periods")
OBSERVED = (*KEYS, "conferences", "care_episodes", "assessments", "factors")


def begun(table, day, end=None, **more):
    """A row of one table: something of the child's that began on a day."""
    return [(table, {"start_date": day, "end_date": end, **more})]


def referred(day, closed=None, **more):
    return [("referrals", {"referral_date": day, "close_date": closed, **more})]


def court(day):
    return begun("pre_proceedings", date(2021, 12, 1), court_date=day)


NEW = referred(AS_OF)
OPEN = referred(date(2021, 6, 1))
CLOSED = referred(date(2021, 6, 1), AS_OF)

EVENTS = {
    "cp_plan": {"plan": lambda day: NEW + begun("cp_plans", day)},
    "pre_proceedings": {"pre-proceedings": lambda day: NEW + begun("pre_proceedings", day)},
    "care": {"care": lambda day: NEW + begun("care_periods", day)},
    "step_up": {table: lambda day, table=table: NEW + begun(table, day) for table in TIERS},
    "section47": {"enquiry": lambda day: NEW + begun("section47", day)},
    "re_referral": {"referral": lambda day: NEW + referred(day)},
    "step_down": {
        "closing": lambda day: referred(date(2021, 6, 1), day),
        **{
            table: lambda day, table=table: OPEN + begun(table, date(2021, 9, 1), day)
            for table in TIERS
        },
    },
    "sustained_closure": {
        "referral": lambda day: CLOSED + referred(day),
        **{table: lambda day, table=table: CLOSED + begun(table, day) for table in TIERS},
    },
    "proceedings": {"application": lambda day: NEW + court(day)},
}
"""For each outcome every kind of event that decides it, dated to a day."""


def records_of(children, **windows):
    """Hold children, each given by rows of tables of which the first is the case's referral."""
    tables = {}
    for child, rows in children.items():
        for number, (table, row) in enumerate(rows):
            key = {KEYS[table]: f"{child} {number}", "child_id": str(child)}
            tables.setdefault(table, []).append(key | row)
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    for frame in frames.values():
        for name in frame.columns[frame.columns.str.endswith("_date")]:
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    coverage = {name: windows.get(name, (FIRST, LAST)) for name in OBSERVED}
    return Records.from_frames(
        frames,
        extract_date=LAST.isoformat(),
        coverage={name: (a.isoformat(), b.isoformat()) for name, (a, b) in coverage.items()},
    )


def labelled(outcome, within, children, records=None):
    """Give each child's label, why there is none, and what came instead."""
    records = records_of(children) if records is None else records
    cohort = pd.DataFrame(
        {
            "case_id": [f"{child} 0" for child in children],
            "child_id": [str(child) for child in children],
        }
    )
    cohort["as_of"] = pd.Series([pd.Timestamp(AS_OF)] * len(cohort), dtype="datetime64[s]")
    made = label_outcome(records, cohort, outcome=outcome, within_days=within)
    labels = [None if np.isnan(label) else label for label in made["label"]]
    said = zip(labels, made["reason"], made["competing_end"], strict=True)
    return dict(zip(children, said, strict=True))


def without_ends(said):
    return {child: (label, reason) for child, (label, reason, _) in said.items()}


def where_it_happened(outcome):
    """A closure is sustained where nothing happened."""
    return 0.0 if outcome == "sustained_closure" else 1.0


def test_every_outcome_has_its_events_here():
    assert set(EVENTS) == set(OUTCOMES)


@WITHIN
@pytest.mark.parametrize("outcome", EVENTS)
def test_event_on_the_last_day_counts_and_a_day_later_does_not(outcome, within):
    """T6. Labels are of (as_of, as_of + within_days]; the last day is included."""
    last, yes = AS_OF + timedelta(days=within), where_it_happened(outcome)
    answers = {last - DAY: (yes, ""), last: (yes, ""), last + DAY: (1.0 - yes, "")}
    expected = {f"{kind} {day}": said for kind in EVENTS[outcome] for day, said in answers.items()}
    children = {f"{kind} {day}": make(day) for kind, make in EVENTS[outcome].items()
                for day in answers}  # fmt: skip

    assert without_ends(labelled(outcome, within, children)) == expected


@pytest.mark.parametrize("outcome", EVENTS)
def test_event_on_the_day_itself_is_reported_apart(outcome):
    """T6 and T11. What was decided on the day is neither a 1 nor a 0."""
    children = {kind: make(AS_OF) for kind, make in EVENTS[outcome].items()}
    named = "same day" if outcome in ("re_referral", "sustained_closure") else "decided at once"

    assert without_ends(labelled(outcome, 365, children)) == dict.fromkeys(children, (None, named))


@WITHIN
@pytest.mark.parametrize(
    ("outcome", "base", "answer"),
    [("cp_plan", NEW, 0.0), ("step_up", NEW, 0.0), ("care", NEW, 0.0), ("step_down", OPEN, 0.0),
     ("sustained_closure", CLOSED, 1.0)],
)  # fmt: skip
def test_step_on_other_grounds_leaves_no_label_up_to_the_last_day(outcome, base, answer, within):
    """T6. A day later it is beyond the horizon: the row is as if it had not been."""
    last = AS_OF + timedelta(days=within)
    grounds = {
        "transfer in": lambda day: begun("cp_plans", day, other_authority=True),
        "remand": lambda day: begun("care_periods", day, legal_status="J1"),
    }
    if outcome in ("cp_plan", "care"):
        del grounds["remand" if outcome == "cp_plan" else "transfer in"]
    on = {why: base + make(last) for why, make in grounds.items()}
    later = {f"{why}, later": base + make(last + DAY) for why, make in grounds.items()}

    assert without_ends(labelled(outcome, within, on | later)) == {
        **{why: (None, why) for why in on},
        **dict.fromkeys(later, (answer, "")),
    }


@WITHIN
def test_what_came_instead_on_the_last_day_is_named_and_a_day_later_is_not(within):
    """T6. For a nought: the case closed, stepped up or went to court in (as_of, last]."""
    last = AS_OF + timedelta(days=within)
    closed = {day: referred(AS_OF, day) for day in (last, last + DAY)}
    moved = {
        (table, day): OPEN + begun(table, day) for table in TIERS for day in (last, last + DAY)
    }
    legal = {("court", day): OPEN + court(day) for day in (last, last + DAY)}

    assert labelled("cp_plan", within, closed) == {
        last: (0.0, "", "closed"),
        last + DAY: (0.0, "", ""),
    }
    assert labelled("step_down", within, moved | legal) == {
        (what, day): (
            0.0,
            "",
            "" if day > last else "stepped up" if what in TIERS else "went to court",
        )
        for what, day in moved | legal
    }


@pytest.mark.parametrize(
    ("outcome", "early"),
    [(outcome, table) for outcome in ("step_up", "step_down", "sustained_closure")
     for table in ("referrals", *TIERS) if table in OUTCOMES[outcome].tables],
)  # fmt: skip
def test_window_that_one_table_of_several_did_not_observe_to_its_end_is_no_nought(outcome, early):
    """T6. Whichever of the tables it is, and whatever the others show; positives wait too."""
    base = {"step_up": NEW, "step_down": OPEN, "sustained_closure": CLOSED}[outcome]
    yes, whole = where_it_happened(outcome), (ENDED - AS_OF).days
    seen = {kind: make(date(2022, 6, 1)) for kind, make in EVENTS[outcome].items()}
    answers = dict.fromkeys(seen, (yes, "")) | {"nothing": (1.0 - yes, "")}
    children = seen | {"nothing": base}
    records = records_of(children, **{early: (FIRST, ENDED)})
    in_time, too_long = (labelled(outcome, days, children, records) for days in (whole, whole + 1))

    assert without_ends(in_time) == answers
    assert without_ends(too_long) == dict.fromkeys(children, (None, "immature"))


@pytest.mark.parametrize("late", TIERS)
def test_day_that_one_table_of_several_did_not_observe_yet_is_no_nought(late):
    """T6. The table whose window begins last says from when on all of them were observed."""
    children = {"nothing": NEW} | {table: NEW + begun(table, date(2022, 6, 1)) for table in TIERS}

    on_the_day = labelled("step_up", 365, children, records_of(children, **{late: (AS_OF, LAST)}))
    later = records_of(children, **{late: (AS_OF + DAY, LAST)})
    a_day_late = labelled("step_up", 365, children, later)

    assert without_ends(on_the_day) == dict.fromkeys(TIERS, (1.0, "")) | {"nothing": (0.0, "")}
    assert without_ends(a_day_late) == dict.fromkeys(children, (None, "not observed"))


@WITHIN
def test_case_that_ended_on_the_last_day_ended_in_time_and_a_day_later_did_not(within):
    """T6. A child who left or was adopted in (as_of, last] has no label; one who died has a 0."""
    last = AS_OF + timedelta(days=within)
    ends = {"left the area": "RC5", "adopted": "RC1", "died": "RC2"}
    children = {
        f"{name} {day}": referred(AS_OF, day, close_reason=code)
        for name, code in ends.items()
        for day in (last, last + DAY)
    }
    death = {f"closed, died {day}": [*CLOSED, ("children", {"death_date": day})]
             for day in (last, last + DAY)}  # fmt: skip

    assert labelled("cp_plan", within, children) == {
        f"left the area {last}": (None, "left the area", ""),
        f"adopted {last}": (None, "adopted", ""),
        f"died {last}": (0.0, "", "died"),
        **{f"{name} {last + DAY}": (0.0, "", "") for name in ends},
    }
    assert without_ends(labelled("sustained_closure", within, death)) == {
        f"closed, died {last}": (None, "died"),
        f"closed, died {last + DAY}": (1.0, ""),
    }
