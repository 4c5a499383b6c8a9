"""When facts became known by rule; working days; households."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from fs_risk.records.clocks import delayed, set_clocks
from fs_risk.records.dates import (
    add_working_days,
    bank_holidays,
    from_days,
    reporting_year,
    to_days,
    working_days_between,
)
from fs_risk.records.findings import finding, findings_by_file
from fs_risk.records.households import household_keys, household_numbers
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES

DAYS = st.dates(date(1995, 1, 1), date(2055, 12, 31))


def is_working(day):
    return day.weekday() < 5 and np.datetime64(day) not in bank_holidays()


def series(*days):
    return pd.Series(pd.to_datetime(list(days)).astype("datetime64[s]"))


@given(DAYS, st.integers(1, 60))
def test_working_days_are_those_counted_one_by_one(day, n):
    moved = day
    for _ in range(n):
        moved += timedelta(1)
        while not is_working(moved):
            moved += timedelta(1)

    assert add_working_days(series(day), n).dt.date.to_list() == [moved]


@given(DAYS, st.integers(0, 100))
def test_working_days_between_are_those_after_the_start_up_to_the_end(day, length):
    end = day + timedelta(length)
    expected = sum(is_working(day + timedelta(n)) for n in range(1, length + 1))

    assert working_days_between(series(day), series(end)).to_list() == [expected]


@given(st.lists(st.one_of(st.none(), DAYS), min_size=1))
def test_days_as_numbers_come_back(days):
    values = series(*days)

    assert pd.Series(from_days(to_days(values))).equals(values)


@given(DAYS)
def test_a_reporting_year_is_named_by_the_year_in_which_it_ends(day):
    year = reporting_year(day)

    assert date(year - 1, 4, 1) <= day <= date(year, 3, 31)


def one_referral(**cells):
    row = {"referral_id": "R1", "child_id": "A", "referral_date": "2024-03-28", **cells}
    return Records.from_frames({"referrals": pd.DataFrame([row])}, extract_date="2024-12-31")


def test_a_decision_is_known_one_working_day_after_the_referral():
    """The Thursday before Easter is followed by four days without work."""
    found = one_referral()["referrals"].iloc[0]

    assert found["known_date"] == pd.Timestamp("2024-03-28")
    assert found["decision_known_date"] == pd.Timestamp("2024-04-02")
    assert found["known_by_rule"]


def test_a_recorded_decision_is_known_on_its_date():
    found = one_referral(decision_date="2024-03-30")["referrals"].iloc[0]

    assert found["decision_known_date"] == pd.Timestamp("2024-03-30")


def test_an_end_is_known_when_it_came_and_not_before():
    assert one_referral()["referrals"]["end_known_date"].isna().all()
    closed = one_referral(close_date="2024-06-01", close_reason="RC7")["referrals"].iloc[0]
    assert closed["end_known_date"] == pd.Timestamp("2024-06-01")


def test_a_clock_before_its_event_is_mended_with_a_finding():
    records = one_referral(known_date="2024-03-01")

    assert records["referrals"]["known_date"].to_list() == [pd.Timestamp("2024-03-28")]
    assert "R008" in {found.rule for found in records.findings}


def test_delay_moves_facts_dated_by_rule_and_no_others():
    ruled, recorded = one_referral(), one_referral(known_date="2024-03-29")

    assert ruled.delayed(7)["referrals"]["known_date"].to_list() == [pd.Timestamp("2024-04-04")]
    assert recorded.delayed(7)["referrals"]["known_date"].to_list() == [pd.Timestamp("2024-03-29")]
    frame = ruled["children"]
    assert delayed(frame, TABLES["children"], 7).equals(frame)


def test_tables_without_a_date_have_no_rule():
    frame = pd.DataFrame(
        {
            "child_id": pd.Series(["A"], dtype="str"),
            "known_date": series(None),
            "known_by_rule": pd.array([pd.NA], dtype="boolean"),
        }
    )
    found, findings = set_clocks(TABLES["family_links"], frame)

    assert found["known_by_rule"].to_list() == [True]
    assert findings == []


CHILDREN = st.lists(st.sampled_from("ABCDEFGH"), unique=True, min_size=1)
LINKS = st.lists(
    st.tuples(st.sampled_from([*"ABCDEFGHZ", None]), st.sampled_from(["F", "G", "H", None])),
    max_size=12,
)


@given(CHILDREN, LINKS)
def test_households_are_the_connected_components(children, links):
    """T8: children joined through any chain of families, and by a missing family never."""
    frame = pd.DataFrame(links, columns=["child_id", "family_id"], dtype="str")
    numbers = household_numbers(pd.Index(children, dtype="str"), frame)
    group = {child: {child} for child in children}
    for child, family in links:
        for other, same in links:
            if family is not None and family == same and child in group and other in group:
                joined = group[child] | group[other]
                for member in joined:
                    group[member] = joined
    by_number = {}
    for child, number in zip(children, numbers, strict=True):
        by_number.setdefault(number, set()).add(child)

    assert all(
        by_number[number] == group[child] for child, number in zip(children, numbers, strict=True)
    )


@given(CHILDREN, LINKS, st.randoms())
def test_household_names_do_not_depend_on_order(children, links, luck):
    shuffled, turned = children[:], links[:]
    luck.shuffle(shuffled)
    luck.shuffle(turned)

    def named(ids, pairs):
        frame = pd.DataFrame(pairs, columns=["child_id", "family_id"], dtype="str")
        keys = household_keys(pd.DataFrame({"child_id": pd.Series(ids, dtype="str")}), frame)
        return keys.to_dict()

    assert named(children, links) == named(shuffled, turned)


def test_a_finding_counts_all_rows_and_keeps_the_first_thousand():
    found = finding("R1", "error", "Wrong.", fix="Mend it.", rows=range(3_000))

    assert found.count == 3_000
    assert len(found.rows) == 1_000


def test_findings_are_told_file_by_file():
    rows = pd.DataFrame(
        {"source_file": ["b", "a", None], "source_row": pd.array([3, 2, None], "Int64")}
    )
    found = findings_by_file("R1", "error", "Wrong.", rows, fix="Mend it.")

    assert [(each.file, each.rows, each.count) for each in found] == [
        ("", (), 1),
        ("a", (2,), 1),
        ("b", (3,), 1),
    ]
