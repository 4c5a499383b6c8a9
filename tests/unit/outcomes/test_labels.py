import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import OutcomeError
from fs_risk.outcomes.cohorts import closure_cohort, referral_cohort
from fs_risk.outcomes.labels import label_outcome
from fs_risk.outcomes.scope import count_reasons
from fs_risk.records.records import Records

WINDOW = ("2018-01-01", "2024-12-31")
TABLES = (
    "referrals",
    "cp_plans",
    "pre_proceedings",
    "care_periods",
    "care_episodes",
    "section47",
    "conferences",
    "assessments",
    "factors",
)
FRIDAY = "2022-03-04"


def day(text):
    return pd.to_datetime(pd.Series([text])).astype("datetime64[s]")


def spell(key, start, end=None, **more):
    return pd.DataFrame(
        {key: ["1"], "child_id": ["A"], "start_date": day(start),
         "end_date": day(end), **{name: [value] for name, value in more.items()}}
    )  # fmt: skip


def plan(start, end=None, **more):
    return {"cp_plans": spell("cp_plan_id", start, end, **more)}


def care(start, end=None, **more):
    return {"care_periods": spell("care_period_id", start, end, **more)}


def legal(start, end=None):
    return {"pre_proceedings": spell("pre_proceedings_id", start, end)}


def enquiry(start, end=None):
    return {"section47": spell("section47_id", start, end)}


def records_of(frames, *, on=FRIDAY, coverage=None):
    referral = pd.DataFrame({"referral_id": ["R"], "child_id": ["A"], "referral_date": day(on)})
    observed = dict.fromkeys(TABLES, WINDOW) | (coverage or {})
    return Records.from_frames(
        {"referrals": referral, **frames}, extract_date="2024-12-31", coverage=observed
    )


def answer(frames, outcome="cp_plan", within=365, **options):
    records = records_of(frames, **options)
    row = label_outcome(records, referral_cohort(records), outcome=outcome, within_days=within)
    return row["label"].item(), row["reason"].item()


YES, NO = (1.0, ""), (0.0, "")


@pytest.mark.parametrize(
    ("outcome", "frames", "expected"),
    [
        ("cp_plan", {}, NO),
        ("cp_plan", plan("2022-03-08"), YES),
        ("cp_plan", plan("2023-03-04"), YES),
        ("cp_plan", plan("2023-03-05"), NO),
        ("cp_plan", plan("2021-01-01", "2022-03-03"), NO),
        ("cp_plan", care("2022-06-01"), NO),
        ("care", plan("2022-06-01"), NO),
        ("care", care("2022-06-01"), YES),
        ("pre_proceedings", legal("2022-06-01"), YES),
        ("step_up", plan("2022-06-01"), YES),
        ("step_up", legal("2022-06-01"), YES),
        ("step_up", care("2022-06-01"), YES),
        ("section47", enquiry("2022-06-01"), YES),
        ("section47", plan("2021-06-01"), NO),
    ],
)
def test_positive_if_the_event_falls_within_the_days_after(outcome, frames, expected):
    assert answer(frames, outcome) == expected


@pytest.mark.parametrize("outcome", ["cp_plan", "step_up", "care"])
def test_event_on_the_day_or_by_the_end_of_the_next_working_day_is_decided_at_once(outcome):
    """T11: the referral was made on a Friday; the next working day is the Monday."""
    make = care if outcome == "care" else plan
    for start in (FRIDAY, "2022-03-05", "2022-03-07"):
        label, reason = answer(make(start), outcome)

        assert np.isnan(label)
        assert reason == "decided at once"
    assert answer(make("2022-03-08"), outcome) == YES


@pytest.mark.parametrize(
    ("outcome", "frames"),
    [
        ("cp_plan", plan("2021-01-01")),
        ("cp_plan", plan("2021-01-01", FRIDAY)),
        ("cp_plan", care("2021-01-01")),
        ("cp_plan", legal("2021-01-01")),
        ("pre_proceedings", legal("2021-01-01")),
        ("pre_proceedings", care("2021-01-01")),
        ("step_up", plan("2021-01-01")),
        ("care", care("2021-01-01")),
    ],
)
def test_child_already_at_or_above_the_tier_has_no_label(outcome, frames):
    label, reason = answer(frames, outcome)

    assert np.isnan(label)
    assert reason == "at or above tier"


def test_child_below_the_tier_has_one():
    assert answer(plan("2021-01-01"), "care") == NO
    assert answer(plan("2021-01-01") | care("2022-06-01"), "care") == YES


def test_enquiry_already_open_is_not_a_new_one():
    assert answer(enquiry("2022-03-01"), "section47")[1] == "already open"
    assert answer(enquiry("2022-03-01", "2022-03-02"), "section47") == NO


class TestMaturity:
    """T6: a row whose window was not wholly observed is never a 0."""

    def test_window_that_ends_on_the_last_day_is_whole(self):
        assert answer({}, on="2024-01-01") == NO

    def test_window_that_ends_a_day_later_is_not(self):
        assert answer({}, on="2024-01-02")[1] == "immature"

    def test_event_already_seen_does_not_make_an_immature_row_positive(self):
        assert answer(plan("2024-06-01"), on="2024-01-02")[1] == "immature"

    def test_end_of_the_outcomes_own_window_counts(self):
        early = {"cp_plans": ("2018-01-01", "2023-03-03")}

        assert answer({}, coverage=early)[1] == "immature"

    def test_table_that_the_return_cannot_hold_gives_no_label(self):
        assert answer({}, "care", coverage={"care_periods": None})[1] == "not observed"
        assert answer({}, "step_up", coverage={"care_periods": None})[1] == "not observed"
        assert answer({}, "cp_plan", coverage={"care_periods": None}) == NO

    def test_table_observed_only_later_gives_no_label(self):
        late = {"cp_plans": ("2022-03-05", "2024-12-31")}

        assert answer({}, coverage=late)[1] == "not observed"

    def test_known_date_is_the_same_for_positives_and_negatives(self):
        for frames in ({}, plan("2022-03-08")):
            records = records_of(frames)
            row = label_outcome(records, referral_cohort(records), outcome="cp_plan")

            assert row["known_date"].item() == pd.Timestamp("2023-03-04")


class TestScope:
    def test_unaccompanied_children_are_left_out(self):
        children = pd.DataFrame({"child_id": ["A"], "unaccompanied": [True]})

        assert answer({"children": children})[1] == "unaccompanied"

    def test_factor_9a_says_unaccompanied_too(self):
        frames = {
            "assessments": pd.DataFrame(
                {"assessment_id": ["1"], "child_id": ["A"], "start_date": day("2022-03-10")}
            ),
            "factors": pd.DataFrame({"assessment_id": ["1"], "code": ["9A"]}),
        }

        assert answer(frames)[1] == "unaccompanied"

    @pytest.mark.parametrize(
        ("status", "reason"), [("J1", "remand"), ("V3", "short break"), ("V4", "short break")]
    )
    def test_remand_and_short_breaks_are_not_care(self, status, reason):
        assert answer(care("2022-06-01", legal_status=status), "care")[1] == reason
        assert answer(care("2021-06-01", legal_status=status), "cp_plan")[1] == reason
        assert answer(care("2022-06-01", legal_status=status), "cp_plan") == NO

    def test_status_of_the_first_care_episode_stands_in(self):
        frames = care("2022-06-01") | {
            "care_episodes": pd.DataFrame(
                {"care_episode_id": ["1"], "care_period_id": ["1"], "child_id": ["A"],
                 "start_date": day("2022-06-01"), "legal_status": ["V4"]}
            )
        }  # fmt: skip

        assert answer(frames, "care")[1] == "short break"

    def test_plan_from_another_authority_is_no_step_up(self):
        assert answer(plan("2022-06-01", other_authority=True))[1] == "transfer in"

    def test_transfer_in_conference_makes_its_plan_one(self):
        frames = plan("2022-06-01", conference_id="K") | {
            "conferences": pd.DataFrame(
                {"conference_id": ["K"], "child_id": ["A"],
                 "conference_date": day("2022-06-01"), "transfer_in": [True]}
            )
        }  # fmt: skip

        assert answer(frames)[1] == "transfer in"

    def test_own_step_up_besides_counts(self):
        both = pd.concat(
            [
                plan("2022-06-01", other_authority=True)["cp_plans"],
                plan("2022-09-01")["cp_plans"].assign(cp_plan_id="2"),
            ]
        )

        assert answer({"cp_plans": both}) == YES

    def test_reasons_are_counted(self):
        records = records_of(plan("2021-01-01"))
        labels = label_outcome(records, referral_cohort(records), outcome="cp_plan")

        assert count_reasons(labels["reason"]) == {"at or above tier": 1}


class TestReReferral:
    def label(self, *later):
        days = ["2021-01-01", *later]
        referrals = pd.DataFrame(
            {
                "referral_id": [f"R{number}" for number in range(len(days))],
                "child_id": "A",
                "referral_date": pd.to_datetime(days),
                "close_date": pd.to_datetime([FRIDAY, *[None] * len(later)]),
            }
        )
        records = Records.from_frames(
            {"referrals": referrals}, extract_date="2024-12-31", coverage={"referrals": WINDOW}
        )
        row = label_outcome(records, closure_cohort(records), outcome="re_referral")
        return row["label"].item(), row["reason"].item()

    def test_referral_after_the_closure_counts(self):
        assert self.label() == NO
        assert self.label("2022-03-05") == YES
        assert self.label("2023-03-05") == NO

    def test_referral_on_the_day_of_closure_is_told_apart(self):
        assert self.label(FRIDAY)[1] == "same day"

    def test_referral_does_not_follow_itself(self):
        records = records_of({})
        row = label_outcome(records, referral_cohort(records), outcome="re_referral")

        assert row["label"].item() == 0.0


class TestOpenCaseStepUp:
    """For a case open on the day, any tier above the child's own is a step up."""

    def label(self, frames):
        records = records_of(frames, on="2021-02-01")
        cohort = pd.DataFrame({"case_id": ["R"], "child_id": ["A"], "as_of": day(FRIDAY)})
        row = label_outcome(records, cohort, outcome="step_up")
        return row["label"].item(), row["reason"].item()

    def test_from_a_plan_to_care(self):
        assert self.label(plan("2021-05-01") | care("2022-06-01")) == YES
        assert self.label(plan("2021-05-01")) == NO

    def test_second_plan_is_no_higher_tier(self):
        plans = pd.concat(
            [plan("2021-05-01")["cp_plans"], plan("2022-06-01")["cp_plans"].assign(cp_plan_id="2")]
        )

        assert self.label({"cp_plans": plans}) == NO

    def test_there_is_nothing_above_care(self):
        assert self.label(care("2021-05-01"))[1] == "at or above tier"


def test_unknown_outcome_names_the_nearest():
    records = records_of({})
    with pytest.raises(OutcomeError, match="Did you mean 'cp_plan'"):
        label_outcome(records, referral_cohort(records), outcome="cp_plans")


def test_cohort_without_its_columns_is_refused():
    records = records_of({})
    cohort = referral_cohort(records).rename(columns={"as_of": "as_off"})
    with pytest.raises(OutcomeError, match=r"lacks as_of\. Did you mean 'as_off'"):
        label_outcome(records, cohort, outcome="cp_plan")


@pytest.mark.parametrize("within", [0, -1, 1.5, True])
def test_days_are_whole_and_positive(within):
    records = records_of({})
    with pytest.raises(OutcomeError, match="whole number of days"):
        label_outcome(records, referral_cohort(records), outcome="cp_plan", within_days=within)


def test_case_without_a_date_is_refused():
    records = records_of({})
    cohort = referral_cohort(records).assign(as_of=pd.NaT)
    with pytest.raises(OutcomeError, match="1 of 1 cases have no as_of"):
        label_outcome(records, cohort, outcome="cp_plan")


def test_index_and_order_of_the_cohort_are_kept():
    records = records_of(plan("2022-06-01"))
    cohort = pd.concat([referral_cohort(records)] * 2)
    cohort.index = pd.Index([7, 3])
    cohort.loc[3, "child_id"] = "B"
    labels = label_outcome(records, cohort, outcome="cp_plan")

    assert labels.index.to_list() == [7, 3]
    assert labels["label"].fillna(-1).to_list() == [1.0, -1.0]


def test_child_of_whom_the_records_hold_nothing_has_no_label():
    """An identifier that lost its leading zeros is no child without the outcome."""
    referrals = pd.DataFrame({"referral_id": ["1"], "child_id": ["007"],
                              "referral_date": pd.to_datetime(["2023-01-10"])})  # fmt: skip
    window = ("2022-01-01", "2024-12-31")
    records = Records.from_frames(
        {"referrals": referrals}, extract_date="2024-12-31",
        coverage={"referrals": window, "cp_plans": window},
    )  # fmt: skip
    cohort = pd.DataFrame({"case_id": ["1", "1"], "child_id": ["007", "7"],
                           "as_of": pd.to_datetime(["2023-01-10"] * 2)})  # fmt: skip
    labels = label_outcome(records, cohort, outcome="cp_plan")

    assert labels["reason"].to_list() == ["", "not in these records"]
    assert labels["label"].fillna(-1).to_list() == [0.0, -1.0]
