import pandas as pd
import pytest

from fs_risk.errors import OutcomeError
from fs_risk.outcomes.cohorts import (
    closure_cohort,
    contact_cohort,
    open_case_cohort,
    referral_cohort,
)
from fs_risk.records.records import Records


def dates(*days):
    return pd.to_datetime(pd.Series(days, dtype="object")).astype("datetime64[s]")


def referrals(**columns):
    n = len(columns["referral_date"])
    frame = {
        "referral_id": [f"R{number}" for number in range(n)],
        "child_id": [f"C{number}" for number in range(n)],
    }
    return pd.DataFrame(
        {**frame, **{name: values for name, values in columns.items() if name != "referral_date"},
         "referral_date": dates(*columns["referral_date"])}
    )  # fmt: skip


def records_of(frame, *, observed=("2020-01-01", "2024-12-31")):
    return Records.from_frames(
        {"referrals": frame}, extract_date="2024-12-31", coverage={"referrals": observed}
    )


def test_only_referrals_made_while_observed_are_in_the_cohort():
    frame = referrals(referral_date=["2019-12-31", "2020-01-01", "2024-06-30", "2024-07-01"])
    cohort = referral_cohort(records_of(frame, observed=("2020-01-01", "2024-06-30")))

    assert cohort["case_id"].to_list() == ["R1", "R2"]
    assert list(cohort.columns) == ["case_id", "child_id", "as_of"]
    assert str(cohort["as_of"].dtype) == "datetime64[s]"
    assert isinstance(cohort.index, pd.RangeIndex)


def test_order_of_the_records_does_not_matter():
    """M8."""
    frame = referrals(referral_date=["2021-01-01", "2020-05-01", "2021-01-01"])
    same = referral_cohort(records_of(frame.iloc[::-1]))

    pd.testing.assert_frame_equal(referral_cohort(records_of(frame)), same)


def test_contacts_are_needed_for_their_cohort():
    frame = referrals(referral_date=["2021-01-01"])
    with pytest.raises(OutcomeError, match="hold no contacts"):
        contact_cohort(records_of(frame))


def test_contact_is_a_case_on_its_day():
    contacts = pd.DataFrame(
        {"contact_id": ["K"], "child_id": ["A"], "contact_date": dates("2021-01-01")}
    )
    cohort = contact_cohort(Records.from_frames({"contacts": contacts}, extract_date="2024-12-31"))

    assert cohort["case_id"].to_list() == ["K"]


def test_closure_is_a_case_on_the_day_it_closed_unless_nothing_was_opened():
    frame = referrals(
        referral_date=["2021-01-01", "2021-01-01", "2021-01-01"],
        close_date=dates("2021-03-01", "2021-01-02", None),
        no_further_action=[False, True, pd.NA],
    )
    cohort = closure_cohort(records_of(frame))

    assert cohort["case_id"].to_list() == ["R0"]
    assert cohort["as_of"].to_list() == [pd.Timestamp("2021-03-01")]


class TestOpenCases:
    FRAME = referrals(
        referral_date=["2021-01-10", "2021-01-01", "2021-01-01", "2021-01-01"],
        close_date=dates(None, "2021-01-09", "2021-01-10", None),
        no_further_action=[False, False, False, True],
        decision_date=dates("2021-01-11", "2021-01-02", "2021-01-02", "2021-01-04"),
    )

    def test_open_means_known_to_be_begun_and_not_known_to_be_over(self):
        cohort = open_case_cohort(records_of(self.FRAME), on="2021-01-10")

        assert cohort["case_id"].to_list() == ["R2"]

    def test_referral_is_open_until_its_refusal_is_known(self):
        cohort = open_case_cohort(records_of(self.FRAME), on="2021-01-04")

        assert cohort["case_id"].to_list() == ["R1", "R2", "R3"]

    def test_several_days_give_a_row_for_each_case_and_day(self):
        cohort = open_case_cohort(records_of(self.FRAME), on=["2021-02-01", "2021-01-05"])

        assert cohort["as_of"].is_monotonic_increasing
        assert not cohort.duplicated(["case_id", "as_of"]).any()
        assert set(cohort.loc[cohort["as_of"] == "2021-02-01", "case_id"]) == {"R0"}

    def test_child_with_two_open_episodes_is_one_case(self):
        frame = self.FRAME.assign(child_id="A", close_date=pd.NaT, no_further_action=False)
        cohort = open_case_cohort(records_of(frame), on="2021-02-01")

        assert cohort["case_id"].to_list() == ["R0"]

    def test_day_outside_the_window_is_refused(self):
        with pytest.raises(OutcomeError, match="not observed on 1 of the 2 days"):
            open_case_cohort(records_of(self.FRAME), on=["2021-01-05", "2019-01-05"])

    def test_no_day_gives_no_case(self):
        assert open_case_cohort(records_of(self.FRAME), on=[]).empty
