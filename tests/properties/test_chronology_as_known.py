"""T1, T5, G7: a chronology is what was known on the day, and every line of it is in the records."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.features.cases import as_cases
from fs_risk.features.timeline import History
from fs_risk.records.as_known import as_known_before, with_another_future, with_merged_children
from fs_risk.records.codes import CONTACT_OUTCOMES, FACTORS, REFERRAL_SOURCES
from fs_risk.records.records import Records
from fs_risk.triage.chronology_facts import chronology_of

FIRST, LAST = pd.Timestamp("2016-01-01"), pd.Timestamp("2022-12-31")
CHILDREN = [f"C{number}" for number in range(60)]
ROWS = 260
KINDS = {
    "contact": ("contacts", "contact_date", ["known_date"], False),
    "early_help": ("early_help", "start_date", ["known_date"], True),
    "referral": ("referrals", "referral_date", ["known_date"], False),
    "closure": ("referrals", "close_date", ["known_date", "end_known_date"], False),
    "assessment": ("assessments", "authorised_date", ["known_date", "end_known_date"], False),
    "section47": ("section47", "start_date", ["known_date"], True),
    "conference": ("conferences", "conference_date", ["known_date"], False),
    "cin_plan": ("cin_plans", "start_date", ["known_date"], True),
    "cp_plan": ("cp_plans", "start_date", ["known_date"], True),
    "pre_proceedings": ("pre_proceedings", "start_date", ["known_date"], True),
    "care": ("care_periods", "start_date", ["known_date"], True),
    "missing": ("missing_episodes", "start_date", ["known_date"], True),
}
"""Table, day, clocks that must have passed, and whether it lasts."""

ENDS = {"early_help": "end_date", "referrals": "close_date", "assessments": "authorised_date",
        "section47": "end_date", "cin_plans": "end_date", "cp_plans": "end_date",
        "pre_proceedings": "end_date", "care_periods": "end_date",
        "missing_episodes": "end_date"}  # fmt: skip
KEYS = {"early_help": "early_help_id", "contacts": "contact_id", "referrals": "referral_id",
        "assessments": "assessment_id", "section47": "section47_id",
        "conferences": "conference_id", "cin_plans": "cin_plan_id", "cp_plans": "cp_plan_id",
        "pre_proceedings": "pre_proceedings_id", "care_periods": "care_period_id",
        "missing_episodes": "missing_id"}  # fmt: skip


def days_after(dates, rng, most, missing=0.0):
    moved = dates + pd.to_timedelta(rng.integers(0, most, len(dates)), unit="D")
    return moved.where(rng.random(len(dates)) >= missing)


@pytest.fixture(scope="module")
def records():
    """Sixty children with too much of everything, much of it keyed late and some of it twice."""
    rng = np.random.default_rng(11)
    frames = {}
    for table, key in KEYS.items():
        start = "start_date" if table not in ("contacts", "referrals", "conferences") else (
            f"{table[:-1]}_date"
        )  # fmt: skip
        days = pd.Series(FIRST + pd.to_timedelta(rng.integers(0, 2_500, ROWS), unit="D"))
        frame = pd.DataFrame(
            {
                key: [f"{table}{number}" for number in range(ROWS)],
                "child_id": rng.choice(CHILDREN, ROWS),
                start: days,
                "known_date": days_after(days, rng, 60),
            }
        )
        if table in ENDS:
            frame[ENDS[table]] = days_after(days, rng, 500, missing=0.2)
            frame["end_known_date"] = days_after(frame[ENDS[table]], rng, 60)
        twice = frame.sample(20, random_state=2)
        twice[key] += "again"
        frames[table] = pd.concat([frame, twice], ignore_index=True)
    n = ROWS + 20
    for table in ("contacts", "referrals"):
        frames[table]["source"] = rng.choice(list(REFERRAL_SOURCES), n)
        opened = frames[table].iloc[:, 2]
        frames[table]["decision_known_date"] = days_after(opened, rng, 40)
    frames["contacts"]["outcome"] = rng.choice(list(CONTACT_OUTCOMES), n)
    frames["referrals"]["no_further_action"] = pd.array(rng.random(n) < 0.4, dtype="boolean")
    frames["section47"]["conference_needed"] = pd.array(rng.random(n) < 0.4, dtype="boolean")
    ids = rng.choice(frames["assessments"]["assessment_id"], 500)
    factors = pd.DataFrame({"assessment_id": ids, "code": rng.choice(list(FACTORS), 500)})
    frames["factors"] = factors.drop_duplicates()
    keep = pd.Series(FIRST + pd.to_timedelta(rng.integers(0, 6_000, len(CHILDREN)), unit="D"))
    frames["children"] = pd.DataFrame({"child_id": CHILDREN, "retain_until": keep})
    frames["family_links"] = pd.DataFrame(
        {"child_id": CHILDREN, "family_id": [f"F{number // 3}" for number in range(60)]}
    )
    observed = dict.fromkeys(frames, (FIRST, LAST + pd.Timedelta(days=900)))
    return Records.from_frames(
        frames, extract_date=LAST + pd.Timedelta(days=900), coverage=observed
    )


class Rows:
    """The tables as plain rows of one child, and the history of them; missing is None."""

    def __init__(self, records):
        self.history = History.from_records(records)
        self.keep = dict(records["children"][["child_id", "retain_until"]].to_numpy())
        factors = records["factors"].groupby("assessment_id")["code"].agg(list)
        self.factors = factors.to_dict()
        self.of = {}
        for table in KEYS:
            frame = records[table].astype(object)
            for row in frame.where(frame.notna(), None).to_dict("records"):
                self.of.setdefault((row["child_id"], table), []).append(row)

    def __repr__(self):
        return "Rows"

    def get(self, child, table):
        return self.of.get((child, table), ())


@pytest.fixture(scope="module")
def tables(records):
    return Rows(records)


def before(day, *moments):
    """Whether all of them are known days before a day."""
    return all(moment is not None and moment < day for moment in moments)


def chronology(history, child, as_of, lag=0):
    cohort = pd.DataFrame({"case_id": ["case"], "child_id": [child], "as_of": [as_of]})
    return chronology_of(history, as_cases(history, cohort, lag_days=lag))


def in_the_records(tables, child, as_of, cut):
    """Ask the tables row by row: a line for each day and kind, with its end as known."""
    found = {}
    if tables.keep[child] < as_of:
        return found
    seen = {}
    for kind, (table, date, clocks, _) in KINDS.items():
        for row in tables.get(child, table):
            known = [row[clock] for clock in clocks]
            if before(as_of, row[date]) and before(cut, *known):
                seen.setdefault((kind, row[date]), []).append({**row, "known": max(known)})
    for (kind, day), rows in seen.items():
        table, _, _, lasts = KINDS[kind]
        ends = [row[ENDS[table]] if before(cut, row["end_known_date"]) else None
                for row in rows if lasts]  # fmt: skip
        until = max(ends).date().isoformat() if ends and None not in ends else None
        found[kind, day.date().isoformat(), until, None in ends] = rows
    for row in tables.get(child, "assessments"):
        begun = before(as_of, row["start_date"]) and before(cut, row["known_date"])
        if begun and not before(cut, row["end_known_date"]):
            line = "assessment", row["start_date"].date().isoformat(), None, True
            found.setdefault(line, []).append({**row, "known": row["known_date"]})
    return found


DAYS = st.dates(FIRST.date(), LAST.date()).map(pd.Timestamp)
GROUPS = {"2": "school", "3": "health services", "6": "police"}
"""Some sources, by the first character of their code."""


@settings(deadline=None, max_examples=80)
@given(child=st.sampled_from(CHILDREN), as_of=DAYS, lag=st.integers(0, 30))
def test_every_line_is_in_the_records_and_no_row_is_without_one(tables, child, as_of, lag):
    """T5, F4, G7: nothing is left out, nothing doubled, nothing known later or past its date."""
    cut = as_of - pd.Timedelta(days=lag)
    made = chronology(tables.history, child, as_of, lag)
    expected = in_the_records(tables, child, as_of, cut)
    lines = [(entry.kind, entry.day, entry.until, entry.ongoing) for entry in made.entries]

    assert sorted(map(str, lines)) == sorted(map(str, expected))
    assert [entry.day for entry in made.entries] == sorted(entry.day for entry in made.entries)
    for entry, line in zip(made.entries, lines, strict=True):
        rows = expected[line]
        assert entry.known == min(row["known"] for row in rows).date().isoformat()
        assert entry.known < cut.date().isoformat()
        assert entry.day < as_of.date().isoformat()
        if entry.kind in ("contact", "referral"):
            named = {GROUPS[row["source"][0]] for row in rows if row["source"][0] in GROUPS}
            assert {word for word in set(GROUPS.values()) if word in entry.what} == named
        if entry.kind == "assessment" and not entry.ongoing:
            codes = {code for row in rows for code in tables.factors.get(row["assessment_id"], ())}
            trio = [FACTORS[code] for code in FACTORS if code in codes and code[0] in "1234"
                    and code[1:] in ("A", "B", "C")]  # fmt: skip
            assert list(entry.trio) == trio
            assert entry.factors_known is bool(codes - {"9A", "22A", "23A"})


@settings(deadline=None, max_examples=40)
@given(child=st.sampled_from(CHILDREN), as_of=DAYS)
def test_repeats_are_the_latest_earlier_entry_in_time(tables, child, as_of):
    entries = chronology(tables.history, child, as_of).entries
    for entry in entries:
        days = [pd.Timestamp(other.day) for other in entries if other.kind == entry.kind]
        day = pd.Timestamp(entry.day)
        within = {"referral": 365, "section47": 365, "cp_plan": 10_000}.get(entry.kind, 0)
        earlier = [other for other in days if 0 < (day - other).days <= within]
        assert entry.repeat_of == (max(earlier).date().isoformat() if earlier else None)


@settings(deadline=None, max_examples=40)
@given(child=st.sampled_from(CHILDREN), as_of=DAYS)
def test_a_day_is_in_a_gap_exactly_if_nothing_was_recorded_or_open_around_it(tables, child, as_of):
    """Walked day by day: a run of a year or more of days on which nothing was, is a gap."""
    made = chronology(tables.history, child, as_of)
    busy = {pd.Timestamp(entry.day) for entry in made.entries}
    spans = [(e.day, e.until) for e in made.entries if e.until or e.ongoing]
    kept = tables.keep[child] >= as_of
    for row in tables.get(child, "referrals") if kept else ():
        known = before(as_of, row["known_date"], row["decision_known_date"], row["referral_date"])
        if known and row["no_further_action"] is False:
            ended = before(as_of, row["end_known_date"])
            spans.append((row["referral_date"], row["close_date"] if ended else None))
    for row in tables.get(child, "assessments") if kept else ():
        if before(as_of, row["known_date"], row["start_date"]):
            ended = before(as_of, row["end_known_date"])
            spans.append((row["start_date"], row["authorised_date"] if ended else None))
    for first, last in spans:
        busy |= set(pd.date_range(first, as_of if last is None else last))
    expected = []
    for first, last in pairwise([*sorted(busy), as_of]):
        if last >= first + pd.DateOffset(years=1) and last <= as_of:
            expected.append((first.date().isoformat(), last.date().isoformat()))

    assert [(gap.first, gap.last) for gap in made.gaps] == expected


@pytest.mark.parametrize(
    "change", [as_known_before, with_another_future, with_merged_children],
    ids=lambda change: change.__name__,
)  # fmt: skip
def test_another_future_leaves_every_chronology_as_it_was(records, tables, change):
    """T1, T5: what happened, or was recorded, from the cut on changes nothing."""
    as_of, lag = pd.Timestamp("2020-06-15"), 7
    changed = History.from_records(change(records, as_of - pd.Timedelta(days=lag)))

    for child in CHILDREN:
        before = chronology(tables.history, child, as_of, lag)
        assert chronology(changed, child, as_of, lag) == before
