"""Raw frames become records; nothing is lost on the way."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import RecordsError
from fs_risk.records.records import Records

DATES = st.one_of(
    st.none(),
    st.sampled_from(["2024-03-01", "2024-03-02", "1066-01-01", "2099-01-01", "nonsense", ""]),
)


def referrals(*rows):
    columns = ["referral_id", "child_id", "referral_date", "source", "close_date", "close_reason"]
    return pd.DataFrame(list(rows), columns=columns).astype("str")


def made(frame, **more):
    return Records.from_frames({"referrals": frame}, extract_date="2024-12-31", **more)


def rules(records):
    return {found.rule for found in records.findings}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["R1", "R2", "R3", " R1 ", "", None]),
            st.sampled_from(["A", "B", None]),
            DATES,
            st.sampled_from(["6", "ZZ", None]),
            DATES,
            st.sampled_from(["RC7", "X", None]),
        ),
        max_size=8,
    )
)
def test_no_row_is_lost(rows):
    frame = pd.DataFrame(
        rows,
        columns=[
            "referral_id",
            "child_id",
            "referral_date",
            "source",
            "close_date",
            "close_reason",
        ],
        dtype="str",
    )
    records = made(frame)
    kept = records["referrals"]

    assert len(kept) + len(records.set_aside.get("referrals", ())) == len(rows)
    assert kept["referral_id"].is_unique
    assert kept[["referral_id", "child_id", "referral_date"]].notna().all(axis=None)
    assert not (kept["referral_date"] > records.extract_date).any()


def test_a_code_in_no_list_becomes_missing_with_a_finding():
    records = made(referrals(["R1", "A", "2024-03-01", "ZZ", None, None]))

    assert records["referrals"]["source"].isna().all()
    assert "R003" in rules(records)


def test_an_end_after_the_extract_takes_its_reason_with_it():
    records = made(referrals(["R1", "A", "2024-03-01", "6", "2025-06-01", "RC7"]))

    assert records["referrals"][["close_date", "close_reason"]].isna().all(axis=None)
    assert "R005" in rules(records)


def test_exact_repeats_and_differing_ones_are_told_apart():
    """F4: a record keyed twice counts once."""
    row = ["R1", "A", "2024-03-01", "6", None, None]
    same = made(referrals(row, row))
    differing = made(referrals(row, ["R1", "A", "2024-03-01", "9", None, None]))

    assert "R007" in rules(same)
    assert "R009" in rules(differing)
    assert len(same["referrals"]) == len(differing["referrals"]) == 1


def test_the_extract_date_is_the_latest_event_that_is_not_in_the_future():
    frame = referrals(
        ["R1", "A", "2024-03-01", "6", "2024-05-01", "RC7"],
        ["R2", "A", "2199-01-01", "6", None, None],
    )
    records = Records.from_frames({"referrals": frame})

    assert records.extract_date == pd.Timestamp("2024-05-01")
    assert "R004" in rules(records)


def test_tables_not_given_are_not_observed():
    records = made(referrals(["R1", "A", "2024-03-01", "6", None, None]))

    assert records.coverage["contacts"] is None
    assert records.coverage["referrals"].observed_from == pd.Timestamp("2024-03-01")


def test_a_window_that_was_not_given_is_said_to_be_guessed_and_how_to_give_it():
    frame = referrals(["R1", "A", "2014-03-01", "6", None, None])
    frames = {"referrals": frame, "contacts": frame.rename(columns={"referral_id": "contact_id",
              "referral_date": "contact_date"})}  # fmt: skip
    guessed = Records.from_frames(frames, extract_date="2024-12-31")
    stated = {"referrals": ("2020-01-01", "2024-12-31")}
    half = Records.from_frames(frames, extract_date="2024-12-31", coverage=stated)
    whole = made(frame, coverage=stated)

    (found,) = (each for each in guessed.findings if each.rule == "R056")
    assert (found.severity, found.count) == ("note", 2)
    assert "2 tables observe was not given" in found.message
    assert "(contacts, referrals)" in found.message
    assert "coverage={'contacts': (first, last)}" in found.fix
    (found,) = (each for each in half.findings if each.rule == "R056")
    assert "1 table observes was not given" in found.message
    assert found.table == "contacts"
    assert "R056" not in rules(whole)


def test_factors_are_observed_as_their_assessments():
    records = Records.from_frames(
        {
            "assessments": pd.DataFrame(
                {"assessment_id": ["S"], "child_id": ["A"], "start_date": ["2024-01-01"]}
            ),
            "factors": pd.DataFrame({"assessment_id": ["S"], "code": ["1B"]}),
        },
        extract_date="2024-12-31",
    )

    assert records.coverage["factors"] == records.coverage["assessments"]


@pytest.mark.parametrize(
    ("frames", "fault"),
    [
        ({"referral": pd.DataFrame()}, "Did you mean 'referrals'"),
        ({"referrals": pd.DataFrame({"referal_id": []})}, "lacks referral_id"),
        (
            {
                "assessments": pd.DataFrame(
                    {
                        "assessment_id": ["S"],
                        "child_id": ["A"],
                        "start_date": ["2024-01-01"],
                        "factors_recorded": ["perhaps"],
                    }
                )
            },
            "does not hold true or false",
        ),
    ],
)
def test_frames_that_cannot_be_used_are_refused(frames, fault):
    with pytest.raises(RecordsError, match=fault):
        Records.from_frames(frames, extract_date="2024-12-31")


def test_records_cannot_be_changed():
    records = made(referrals(["R1", "A", "2024-03-01", "6", None, None]))
    taken = records["referrals"]
    taken.loc[0, "child_id"] = "B"

    assert records["referrals"]["child_id"].to_list() == ["A"]
    with pytest.raises(AttributeError, match="immutable"):
        records.extract_date = None


def test_the_fingerprint_is_that_of_the_content_not_of_its_order():
    rows = [["R1", "A", "2024-03-01", "6", None, None], ["R2", "B", "2024-03-02", "9", None, None]]

    assert made(referrals(*rows)).fingerprint == made(referrals(*rows[::-1])).fingerprint
    assert made(referrals(*rows)).fingerprint != made(referrals(*rows[:1])).fingerprint


def test_findings_lie_in_a_table_errors_first():
    records = made(
        referrals(
            ["R1", "A", "2024-03-01", "ZZ", None, None], ["R1", "A", "2024-03-01", None, None, None]
        )
    )
    problems = records.problems

    assert problems["severity"].is_monotonic_increasing
    assert {"rule", "rows", "count", "fix"} <= set(problems.columns)


def test_observed_days_may_be_those_of_other_records():
    whole = made(referrals(["R1", "A", "2024-03-01", "6", "", ""]))
    again = made(whole["referrals"], coverage={"referrals": whole.coverage["referrals"]})

    assert again.coverage["referrals"] == whole.coverage["referrals"]
