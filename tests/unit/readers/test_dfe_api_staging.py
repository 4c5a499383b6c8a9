"""The staging table's history: facts known from the first submission that held them."""

import csv
import json
import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import ReturnError
from fs_risk.readers.dfe_api import read_dfe_api

COLUMNS = [
    "id",
    "person_id",
    "json_payload",
    "current_hash",
    "previous_hash",
    "submission_status",
    "submission_timestamp",
    "api_response",
    "row_state",
    "last_updated",
]
END = "2025-12-31"


def payload(child="C1", **episode):
    """A child with one episode that has stood since before the history."""
    whole = {"social_care_episode_id": f"E-{child}", "referral_date": "2024-04-10", **episode}
    return {
        "la_child_id": child,
        "child_details": {"date_of_birth": "2012-05-01"},
        "social_care_episodes": [whole],
    }


def row(number, sent, document, **changes):
    cells = dict.fromkeys(COLUMNS, "") | {
        "id": str(number),
        "person_id": document["la_child_id"],
        "json_payload": json.dumps(document),
        "submission_status": "Sent",
        "submission_timestamp": sent,
        "row_state": "updated",
    }
    return cells | changes


@pytest.fixture
def staged(tmp_path):
    """Write copies of the table and give their paths."""

    def write(*copies):
        paths = []
        for number, rows in enumerate(copies):
            paths.append(tmp_path / f"staging{number}.csv")
            with paths[-1].open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS)
                writer.writeheader()
                writer.writerows(rows)
        return paths

    return write


def days(records, table, column):
    return [None if pd.isna(day) else str(day.date()) for day in records[table][column]]


PLAN = {"child_protection_plan_id": "P1", "start_date": "2025-03-01"}
ENDED = {**PLAN, "end_date": "2025-06-01"}


def test_a_fact_is_known_from_the_first_submission_that_held_it(staged):
    rows = [
        row(1, "2025-01-01 02:00:00.000", payload()),
        row(2, "2025-03-05 02:00:00.000", payload(child_protection_plans=[PLAN])),
        row(3, "2025-04-01 02:00:00.000", payload(child_protection_plans=[PLAN], closure_date="")),
        row(4, "2025-06-09 02:00:00.000", payload(child_protection_plans=[ENDED])),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "cp_plans", "known_date") == ["2025-03-05"]
    assert days(records, "cp_plans", "end_known_date") == ["2025-06-09"]
    assert records["cp_plans"]["known_by_rule"].to_list() == [False]


def test_what_stood_before_the_history_began_is_dated_by_rule(staged):
    rows = [
        row(
            1,
            "2025-01-01 02:00",
            payload(child_protection_plans=[dict(PLAN, start_date="2024-09-01")]),
        ),
        row(2, "2025-02-01 02:00", payload("C2")),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "referrals", "known_date") == ["2024-04-10", "2024-04-10"]
    assert records["referrals"]["known_by_rule"].to_list() == [True, True]
    assert records["cp_plans"]["known_by_rule"].to_list() == [True]


def test_what_was_entered_late_is_known_late(staged):
    rows = [
        row(1, "2025-01-01 02:00", payload()),
        row(
            2,
            "2025-08-01 02:00",
            payload(child_protection_plans=[dict(PLAN, start_date="2024-09-01")]),
        ),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "cp_plans", "start_date") == ["2024-09-01"]
    assert days(records, "cp_plans", "known_date") == ["2025-08-01"]


def test_factors_are_known_when_the_whole_list_was_sent(staged):
    assessment = {
        "child_and_family_assessment_id": "A1",
        "start_date": "2025-02-01",
        "authorisation_date": "2025-03-01",
        "factors": ["3B"],
    }
    longer = {**assessment, "factors": ["4B", "3B"]}
    rows = [
        row(1, "2025-01-01 02:00", payload()),
        row(2, "2025-03-02 02:00", payload(child_and_family_assessments=[assessment])),
        row(3, "2025-03-20 02:00", payload(child_and_family_assessments=[longer])),
        row(
            4,
            "2025-04-20 02:00",
            payload(child_and_family_assessments=[longer], closure_date="2025-04-01"),
        ),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "assessments", "known_date") == ["2025-03-02"]
    assert days(records, "assessments", "end_known_date") == ["2025-03-20"]


def test_an_end_that_was_taken_back_counts_from_when_it_came_again(staged):
    rows = [
        row(1, "2025-01-01 02:00", payload()),
        row(2, "2025-03-05 02:00", payload(closure_date="2025-03-01")),
        row(3, "2025-03-10 02:00", payload()),
        row(4, "2025-05-05 02:00", payload(closure_date="2025-05-01")),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "referrals", "close_date") == ["2025-05-01"]
    assert days(records, "referrals", "end_known_date") == ["2025-05-05"]


def test_a_payload_overwritten_after_it_was_sent_counts_from_the_overwriting(staged):
    rows = [
        row(1, "2025-01-01 02:00", payload()),
        row(
            1,
            "2025-01-02 02:00",
            payload(child_protection_plans=[PLAN]),
            last_updated="2025-03-07 01:00",
        ),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "cp_plans", "known_date") == ["2025-03-07"]


def test_daily_copies_of_the_table_are_its_history(staged):
    first = [row(1, "2025-01-01 02:00", payload()), row(2, "2025-01-01 02:00", payload("C2"))]
    second = [
        row(1, "2025-03-05 02:00", payload(child_protection_plans=[PLAN])),
        row(2, "2025-01-01 02:00", payload("C2"), row_state="updated"),
    ]
    records = read_dfe_api(staged(first, second), extract_date=END)
    backwards = read_dfe_api(staged(first, second)[::-1], extract_date=END)

    assert days(records, "cp_plans", "known_date") == ["2025-03-05"]
    assert records.fingerprint == backwards.fingerprint


def test_a_conference_and_care_have_clocks_of_their_own(staged):
    enquiry = {"section_47_assessment_id": "S1", "start_date": "2025-02-01"}
    held = {
        **enquiry,
        "icpc_required_flag": True,
        "icpc_date": "2025-02-20",
        "end_date": "2025-02-10",
    }
    placements = [
        {
            "child_looked_after_placement_id": f"L{number}",
            "start_date": start,
            "start_reason": reason,
            "end_date": end,
            "end_reason": why,
        }
        for number, (start, reason, end, why) in enumerate(
            [("2025-03-01", "S", "2025-04-01", "X1"), ("2025-04-01", "P", "2025-07-01", "E4A")]
        )
    ]
    opened = [{**placements[0], "end_date": None, "end_reason": None}]
    rows = [
        row(1, "2025-01-01 02:00", payload()),
        row(2, "2025-02-03 02:00", payload(section_47_assessments=[enquiry])),
        row(3, "2025-02-21 02:00", payload(section_47_assessments=[held])),
        row(4, "2025-03-04 02:00", payload(child_looked_after_placements=opened)),
        row(5, "2025-07-15 02:00", payload(child_looked_after_placements=placements)),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "section47", "known_date") == ["2025-02-03"]
    assert days(records, "conferences", "known_date") == ["2025-02-21"]
    assert days(records, "care_periods", "known_date") == ["2025-03-04"]
    assert days(records, "care_periods", "end_known_date") == ["2025-07-15"]
    assert days(records, "care_episodes", "known_date") == ["2025-03-04", "2025-07-15"]


def test_a_plan_sent_before_it_begins_is_known_when_it_begins(staged):
    rows = [
        row(1, "2025-01-01 02:00", payload()),
        row(2, "2025-02-25 02:00", payload(child_protection_plans=[PLAN])),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert days(records, "cp_plans", "known_date") == ["2025-03-01"]
    assert "R008" not in {found.rule for found in records.findings}


def test_a_deleted_row_forgets_its_child(staged):
    rows = [
        row(1, "2025-01-01 02:00", payload()),
        row(2, "2025-02-01 02:00", payload(), row_state="deleted"),
        row(3, "2025-01-01 02:00", payload("C2")),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert records["children"]["child_id"].to_list() == ["C2"]


def test_rows_without_a_time_are_the_latest_and_give_no_clock(staged):
    rows = [
        row(1, "", payload(child_protection_plans=[PLAN]), submission_status="Pending"),
        row(2, "2025-01-01 02:00", payload()),
    ]
    records = read_dfe_api(staged(rows), extract_date=END)

    assert len(records["cp_plans"]) == 1
    assert records["cp_plans"]["known_by_rule"].to_list() == [True]


def test_a_row_whose_payload_is_cut_off_is_reported_by_its_number(staged):
    rows = [row(1, "2025-01-01", payload()), row(2, "2025-01-02", payload("C2"))]
    rows[1]["json_payload"] = rows[1]["json_payload"][:40]
    records = read_dfe_api(staged(rows), extract_date=END)
    found = {each.column: each for each in records.findings if each.rule == "R080"}

    assert found["json_payload"].rows == (3,)
    assert records["children"]["child_id"].to_list() == ["C1"]


def test_a_copy_of_which_nothing_can_be_read_is_reported_too(staged):
    broken = [row(1, "2025-02-01", payload(), json_payload="{")]
    records = read_dfe_api(staged([row(1, "2025-01-01", payload())], broken), extract_date=END)
    found = [each for each in records.findings if each.rule == "R080"]

    assert [(each.file, each.rows) for each in found] == [("staging1.csv", (2,))]
    assert len(records["children"]) == 1


def test_the_table_is_read_from_a_database_and_from_json_rows_alike(staged, tmp_path):
    rows = [
        row(1, "2025-01-01 02:00:00", payload()),
        row(2, "2025-03-05 02:00:00", payload(child_protection_plans=[PLAN])),
    ]
    with closing(sqlite3.connect(tmp_path / "s.db")) as connection:
        pd.DataFrame(rows[:1]).to_sql("ssd_api_data_staging", connection, index=False)
        pd.DataFrame(rows[1:]).to_sql("ssd_api_data_staging_history", connection, index=False)
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    prints = {
        read_dfe_api(source, extract_date=END).fingerprint
        for source in (staged(rows), f"sqlite:///{tmp_path / 's.db'}", tmp_path / "rows.json")
    }

    assert len(prints) == 1


def test_payloads_and_copies_of_the_table_cannot_be_mixed(staged, tmp_path):
    (tmp_path / "p.json").write_text(json.dumps([payload()]), encoding="utf-8")
    table = staged([row(1, "2025-01-01", payload())])

    with pytest.raises(ReturnError, match="without a time") as raised:
        read_dfe_api([tmp_path / "p.json", *table])
    assert raised.value.fix


def test_a_table_that_is_no_copy_is_refused_with_its_columns(tmp_path):
    (tmp_path / "other.csv").write_text("id,person_id\n1,C1\n", encoding="utf-8")

    with pytest.raises(ReturnError, match="json_payload"):
        read_dfe_api(tmp_path / "other.csv")


def test_a_table_without_a_childs_payload_is_refused(staged):
    with pytest.raises(ReturnError, match="json_payload is the JSON of a child"):
        read_dfe_api(staged([row(1, "2025-01-01", payload(), json_payload="{}")]))


SENDINGS = st.lists(
    st.tuples(st.integers(0, 300), st.booleans(), st.booleans()),
    min_size=1,
    max_size=8,
    unique_by=lambda t: t[0],
)


# a read is dear and children are told apart, so each example holds several
@settings(max_examples=4, deadline=None)
@given(st.lists(SENDINGS, min_size=3, max_size=6))
def test_no_fact_is_known_before_it_was_sent(tmp_path_factory, children):
    """Brute force: go through each child's submissions one by one (T1)."""
    start, rows, expected = pd.Timestamp("2025-01-01"), [], {}
    for child, sendings in enumerate(children):
        name, known, ended = f"C{child}", None, None
        for number, (offset, has_plan, has_end) in enumerate(sorted(sendings)):
            day = start + pd.Timedelta(days=offset)
            plan = {"child_protection_plan_id": f"P{child}", "start_date": "2024-12-30"}
            if has_end:
                plan["end_date"] = "2024-12-31"
            document = payload(name, child_protection_plans=[plan] if has_plan else [])
            rows.append(row(len(rows), f"{day:%Y-%m-%d} 03:00", document))
            is_old = number == 0
            if has_plan and known is None:
                known = (pd.Timestamp("2024-12-30"), True) if is_old else (day, False)
            if has_plan and has_end and ended is None:
                ended = max(known[0], pd.Timestamp("2024-12-31")) if is_old else day
            if has_plan and not has_end:
                ended = None
        if known is not None:
            expected[name] = (*known, ended)
    path = tmp_path_factory.mktemp("s") / "s.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    plans = read_dfe_api(path, extract_date=END)["cp_plans"].set_index("child_id")

    assert sorted(plans.index) == sorted(expected)
    for name, (known, by_rule, ended) in expected.items():
        plan = plans.loc[name]
        assert (plan["known_date"], plan["known_by_rule"]) == (known, by_rule)
        assert (None if pd.isna(plan["end_known_date"]) else plan["end_known_date"]) == ended
