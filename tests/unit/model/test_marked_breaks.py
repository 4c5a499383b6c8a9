"""No window or outcome crosses a go-live, a changed tier rule or a shock unmarked."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fs_risk.errors import PlanError, SettingError
from fs_risk.evaluation.by_group import worst_recall
from fs_risk.evaluation.groupings import MARKED, by_breaks
from fs_risk.evaluation.step_up import evaluate
from fs_risk.model.marked_breaks import crossed_by_case, sides_tested
from fs_risk.model.plan import BoosterSettings, Plan
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.breaks import Break, as_breaks
from fs_risk.records.records import Records

RULE = Break(kind="tier rule", start="2024-07-01", what="Family Help")
SHOCK = Break(kind="shock", start="2024-03-01", end="2024-03-31", what="flood")
DAYS = st.dates(pd.Timestamp("2024-01-01").date(), pd.Timestamp("2024-12-31").date())


class TestWindows:
    @given(DAYS, DAYS, DAYS)
    def test_change_is_crossed_where_days_lie_on_both_sides(self, start, one, other):
        """Oracle: every day of the window looked at by itself."""
        first, last = sorted((one, other))
        days = pd.date_range(first, last).date
        crossed = Break(start=start).touches(
            np.array([first], "datetime64[D]"), np.array([last], "datetime64[D]")
        )

        both = any(day < start for day in days) and any(day >= start for day in days)
        assert crossed.tolist() == [both]

    @given(DAYS, DAYS, DAYS, DAYS)
    def test_shock_is_touched_where_it_shares_a_day(self, start, end, one, other):
        start, end = sorted((start, end))
        first, last = sorted((one, other))
        shared = set(pd.date_range(first, last)) & set(pd.date_range(start, end))
        touched = Break(kind="shock", start=start, end=end).touches(
            np.array([first], "datetime64[D]"), np.array([last], "datetime64[D]")
        )

        assert touched.tolist() == [bool(shared)]


class TestPlan:
    def test_breaks_are_part_of_what_is_hashed_and_survive_writing(self):
        plain = Plan(outcome="cp_plan")
        marked = Plan(outcome="cp_plan", breaks=[RULE, "2021-04-01"])
        read = Plan.model_validate(json.loads(marked.model_dump_json()))

        assert marked.hash != plain.hash
        assert read == marked
        assert read.hash == marked.hash
        assert [each.kind for each in marked.breaks] == ["go-live", "tier rule"]

    def test_order_in_which_they_are_given_is_no_other_plan(self):
        one, other = (Plan(outcome="cp_plan", breaks=each) for each in ((RULE, SHOCK),
                                                                        (SHOCK, RULE)))  # fmt: skip
        assert one.hash == other.hash

    def test_plan_without_them_keeps_the_hash_it_had(self):
        assert "breaks" not in Plan(outcome="cp_plan").model_dump(mode="json")

    def test_days_that_are_none_are_refused(self):
        with pytest.raises((PlanError, SettingError), match="breaks"):
            Plan(outcome="cp_plan", breaks=["the spring"])


class TestLabels:
    def test_rows_whose_days_cross_a_break_are_named(self):
        days = pd.to_datetime(["2023-06-30", "2023-07-02", "2024-06-30", "2024-07-01"])
        referrals = pd.DataFrame({"referral_id": [*"1234"], "child_id": [*"ABCD"],
                                  "referral_date": days})  # fmt: skip
        window = ("2022-01-01", "2025-12-31")
        records = Records.from_frames(
            {"referrals": referrals}, extract_date="2025-12-31", coverage={"referrals": window}
        )
        cohort = pd.DataFrame({"case_id": [*"1234"], "child_id": [*"ABCD"], "as_of": days})
        plain = label_outcome(records, cohort, outcome="re_referral")
        marked = label_outcome(records, cohort, outcome="re_referral", breaks=[RULE, SHOCK])

        rule, flood = "tier rule of 1 July 2024 (Family Help)", "shock of 1 March 2024 to 31 March"
        assert marked["crosses"].str.contains(rule, regex=False).to_list() == [
            False, True, True, False,
        ]  # fmt: skip
        assert marked["crosses"].str.contains(flood).to_list() == [True, True, False, False]
        pd.testing.assert_frame_equal(marked.drop(columns="crosses"), plain)


class TestWords:
    @pytest.mark.parametrize(
        ("tested", "said"),
        [
            (("2022-01-01", "2022-12-31"), "No tested case is from after the tier rule"),
            (("2023-01-01", "2023-12-31"), "falls into the days in which their outcomes"),
            (("2024-01-01", "2024-12-31"), "from both sides of the tier rule of 1 July 2024"),
            (("2024-07-01", "2025-06-30"), "All tested cases are from after the tier rule"),
        ],
    )
    def test_side_on_which_it_was_tested(self, tested, said):
        (sentence,) = sides_tested([RULE], *tested, 365)
        assert said in sentence

    @pytest.mark.parametrize(
        ("as_of", "said"),
        [
            ("2023-06-30", None),
            ("2023-07-02", "falls into the days that the score is about"),
            ("2024-06-30", "falls into the days that the score is about"),
            ("2024-07-01", "part of the history read is from before it"),
            ("2026-06-30", "part of the history read is from before it"),
            ("2026-07-02", None),
        ],
    )
    def test_case_says_what_it_crosses(self, as_of, said):
        found = crossed_by_case(
            [RULE], pd.Timestamp(as_of).date(), history_days=730, within_days=365,
            tested_to="2024-12-31",
        )  # fmt: skip
        assert (said is None) == (found == ())
        assert said is None or said in found[0]
        assert not any("before it alone" in each for each in found)

    def test_model_tested_before_the_rules_changed_says_so(self):
        (said,) = crossed_by_case(
            [RULE], pd.Timestamp("2024-08-01").date(), history_days=730, within_days=365,
            tested_to="2023-12-31",
        )  # fmt: skip
        assert said.endswith("the model was tested on cases from before it alone")


@pytest.fixture(scope="module")
def marked(study, refit):
    day = study.cohort["as_of"].max() - pd.Timedelta(days=550)
    plan = Plan(
        outcome="cp_plan", capacity=4, breaks=[day.date()],
        booster=BoosterSettings(max_rounds=30, patience=30),
    )  # fmt: skip
    model = refit.fit_study(study, plan=plan)
    return model, evaluate(
        model, study.X, study.labels, study.cohort, study.households, resamples=100, brief=False
    )


class TestReport:
    def test_figures_stand_on_each_side_and_the_verdict_says_so(self, marked):
        model, report = marked
        sides = {each.level for each in report.groups if each.by == MARKED}

        assert any(side.endswith("outcome days across") for side in sides)
        assert any(model.plan.breaks[0].dated in sentence for sentence in report.verdict)

    def test_sides_are_no_group_of_children(self, marked):
        _, report = marked
        only = tuple(each for each in report.groups if each.by == MARKED)
        assert only
        assert worst_recall(only) is None

    def test_every_case_is_on_one_side(self, study):
        day = study.cohort["as_of"].median()
        (sides,) = by_breaks(
            as_breaks([day.date(), SHOCK]), study.cohort, within_days=365, history_days=1095
        ).values()

        assert sides.notna().all()
        before = (study.cohort["as_of"] + pd.Timedelta(days=365) < day).to_numpy()
        says = sides.astype("str").str.contains(r"go-live of [^;:]*: before").to_numpy()
        assert np.array_equal(before, says)

    def test_every_tested_case_is_counted_on_one_side(self, marked):
        _, report = marked
        sizes = {each.level: each.n for each in report.groups if each.by == MARKED}
        assert sum(sizes.values()) == report.n

    def test_no_break_no_grouping(self, study):
        assert by_breaks((), study.cohort, within_days=365, history_days=1095) == {}
