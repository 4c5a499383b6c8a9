"""Two returns of one authority as one."""

import pandas as pd
import pytest

from fs_risk.errors import RecordsError
from fs_risk.readers.combine import combine
from fs_risk.records.assemble import assemble
from fs_risk.records.records import Origin, Records


def frame(columns, *rows):
    made = pd.DataFrame(list(rows), columns=columns.split())
    for name in made.columns[made.columns.str.endswith("_date")]:
        made[name] = pd.to_datetime(made[name])
    return made


REFERRALS = "referral_id child_id referral_date source close_date close_reason"


def census():
    return Records.from_frames(
        {
            "children": frame("child_id birth_date sex", ["c1", "2012-05-01", None]),
            "referrals": frame(
                REFERRALS,
                ["c1/a", "c1", "2024-04-10", "6", None, None],
                ["c1/b", "c1", "2024-06-01", "2A", "2024-07-01", "RC7"],
            ),
            "assessments": frame(
                "assessment_id child_id referral_id start_date authorised_date",
                ["c1/a/A", "c1", "c1/a", "2024-04-11", "2024-05-01"],
            ),
            "factors": frame("assessment_id code", ["c1/a/A", "3B"]),
        },
        extract_date="2024-12-31",
        coverage={"referrals": ("2024-04-01", "2024-12-31")},
    )


def system():
    return Records.from_frames(
        {
            "children": frame("child_id birth_date sex", [" C1", "2012-05-01", "F"]),
            "contacts": frame("contact_id child_id contact_date", ["K1", "C1", "2024-04-09"]),
            "referrals": frame(
                REFERRALS,
                ["R1", "C1", "2024-04-10", "9", "2024-11-01", "RC7"],
                ["R3", "C1", "2024-08-01", "6", None, None],
                ["R4", "C1", "2025-01-15", "6", None, None],
            ),
            "assessments": frame(
                "assessment_id child_id referral_id start_date authorised_date",
                ["A1", "C1", "R1", "2024-04-11", "2024-05-01"],
                ["A2", "C1", "R3", "2024-08-02", "2025-01-20"],
            ),
            "factors": frame("assessment_id code", ["A1", "4B"], ["A2", "1B"]),
        },
        extract_date="2025-01-31",
        coverage={
            "referrals": ("2023-01-01", "2025-01-31"),
            "contacts": ("2023-01-01", "2025-01-31"),
        },
    )


def rules(records):
    return {found.rule for found in records.findings}


def test_records_of_one_child_and_day_are_one_and_the_first_is_believed():
    referrals = combine(census(), system())["referrals"].set_index("referral_id")

    assert list(referrals.index) == ["c1/a", "c1/b", "R3"]
    assert referrals.loc["c1/a", "source"] == "6"
    assert referrals.loc["c1/a", "close_date"] == pd.Timestamp("2024-11-01")
    assert referrals.loc["c1/a", "end_known_date"] == pd.Timestamp("2024-11-01")
    assert set(referrals["child_id"]) == {"c1"}


def test_cells_that_differ_are_reported():
    found = [each for each in combine(census(), system()).findings if each.rule == "R032"]

    assert [(each.table, each.column, each.count) for each in found] == [("referrals", "source", 1)]


def test_missing_cells_are_filled():
    assert combine(census(), system())["children"]["sex"].to_list() == ["F"]


def test_identifiers_that_point_at_a_joined_record_point_at_the_firsts():
    both = combine(census(), system())

    assert set(both["assessments"]["referral_id"]) == {"c1/a", "R3"}


def test_a_list_is_taken_whole_from_the_first_that_has_one():
    both = combine(census(), system())

    assert sorted(zip(*both["factors"].T.to_numpy()[:2], strict=True)) == [
        ("A2", "1B"),
        ("c1/a/A", "3B"),
    ]
    assert both.set_aside["factors"]["code"].to_list() == ["4B"]


def test_nothing_is_known_after_the_earlier_extract():
    both = combine(census(), system())

    assert both.extract_date == pd.Timestamp("2024-12-31")
    assert "R4" not in set(both["referrals"]["referral_id"])
    assert both.set_aside["referrals"]["referral_id"].to_list() == ["R4"]
    assert both["assessments"].set_index("assessment_id").loc["A2"].isna()["authorised_date"]
    assert "R034" in rules(both)
    assert "R005" not in rules(both)


def test_what_was_recorded_after_the_earlier_extract_is_unknown():
    """T5: a clock after the cut never turns into an earlier one."""
    late = Records.from_frames(
        {
            "referrals": frame(
                REFERRALS + " known_date end_known_date decision_known_date no_further_action",
                ["L1", "C9", "2024-12-20", "6", None, None, "2025-01-10", None, None, None],
                [
                    "L2",
                    "C9",
                    "2024-11-20",
                    "6",
                    "2024-12-20",
                    "RC7",
                    "2024-11-20",
                    "2025-01-10",
                    "2025-01-12",
                    True,
                ],
            )
        },
        extract_date="2025-01-31",
    )
    both = combine(census(), late)
    found = both["referrals"].set_index("referral_id")

    assert "L1" not in found.index
    assert found.loc["L2", ["close_date", "close_reason"]].isna().all()
    assert both.set_aside["referrals"]["referral_id"].to_list() == ["L1"]


def test_windows_that_touch_are_joined_and_others_keep_their_own():
    both = combine(census(), system())

    assert both.coverage["referrals"].observed_from == pd.Timestamp("2023-01-01")
    assert both.coverage["referrals"].observed_to == pd.Timestamp("2024-12-31")
    assert both.coverage["contacts"].observed_from == pd.Timestamp("2023-01-01")
    assert both.coverage["care_periods"] is None


def windowed(first, last):
    return Records.from_frames(
        {"referrals": frame(REFERRALS, [f"{first}", "c1", first, "6", None, None])},
        extract_date="2024-12-31",
        coverage={"referrals": (first, last)},
    )


def test_of_windows_with_a_gap_only_the_later_counts():
    both = combine(windowed("2024-01-01", "2024-12-31"), windowed("2020-01-01", "2021-12-31"))

    assert both.coverage["referrals"].observed_from == pd.Timestamp("2024-01-01")
    assert "R033" in rules(both)


def test_one_identifier_of_two_records_is_told_apart():
    other = Records.from_frames(
        {"referrals": frame(REFERRALS, ["c1/a", "C2", "2024-05-05", "6", None, None])},
        extract_date="2024-12-31",
    )
    both = combine(census(), other)

    assert "c1/a~2" in set(both["referrals"]["referral_id"])
    assert "R031" in rules(both)


def test_returns_that_share_hardly_a_child_are_doubted():
    stranger = Records.from_frames(
        {
            "children": frame("child_id", ["Z9"]),
            "referrals": frame(REFERRALS, ["Z", "Z9", "2024-05-05", "6", None, None]),
        },
        extract_date="2024-12-31",
    )

    assert "R030" in rules(combine(census(), stranger))


def test_combining_a_return_with_itself_changes_nothing():
    once = census()

    assert combine(once, once).fingerprint == once.fingerprint


def test_real_and_synthetic_records_are_not_combined():
    made = assemble(
        {"referrals": frame(REFERRALS, ["R1", "C1", "2024-04-10", "6", None, None])},
        extract_date="2024-12-31",
        origin=Origin("synthetic", ("make_authority",), "seed 1"),
    )
    with pytest.raises(RecordsError, match="cannot be combined"):
        combine(census(), made)
    other = made.replace()
    other = Records(
        {name: other[name] for name in other},
        extract_date=other.extract_date,
        coverage=other.coverage,
        origin=Origin("synthetic", ("make_authority",), "seed 2"),
    )
    with pytest.raises(RecordsError, match="different synthetic authorities"):
        combine(made, other)
