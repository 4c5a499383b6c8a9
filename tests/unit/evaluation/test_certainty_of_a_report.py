"""What a report says beside its figures: what was tried, vignettes, abstention, intervals."""

from dataclasses import replace

import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.evaluation.certainty_in_words import certainty_in_sentences, vignettes_in_sentences
from fs_risk.evaluation.page import page_html
from fs_risk.evaluation.report import judge_gates
from fs_risk.evaluation.step_up import evaluate
from fs_risk.model.vignettes import VignetteResult, orders_failed

NONE_FAILS = fs.Gate(metric="vignettes_failed", at_most=0)


def result(holds, higher="baby", lower="teenager"):
    return VignetteResult(
        higher=higher,
        lower=lower,
        why="A baby cannot speak.",
        or_about_equal=False,
        gap=0.4 if holds else -0.4,
        holds=holds,
    )


def report_with(model, study, results):
    return evaluate(
        replace(model.with_vignettes(results), plans_tried=7),
        study.X, study.labels, study.cohort, study.households, resamples=100,
    )  # fmt: skip


@pytest.fixture(scope="module")
def failing(fitted, study):
    return report_with(fitted, study, [result(True), result(False), result(True)])


class TestVignettes:
    def test_orders_that_fail_are_counted(self, failing):
        """M7."""
        figure = failing.figure("vignettes_failed")

        assert (figure.value, figure.n) == (orders_failed(failing.vignettes), 3)
        assert (figure.low, figure.high) == (None, None)

    @pytest.mark.parametrize(("holds", "passed"), [(True, True), (False, False)])
    def test_a_plan_can_require_that_none_fails(self, fitted, study, holds, passed):
        """M7: gate-able."""
        plan = fitted.plan.tightened(NONE_FAILS)
        report = report_with(fitted, study, [result(holds)])

        assert judge_gates(plan, report)[-1].passed is passed

    def test_no_default_gate_asks_it(self):
        gates = fs.Plan(outcome="cp_plan").gates

        assert not [gate for gate in gates if gate.metric == "vignettes_failed"]

    def test_gate_fails_where_nothing_was_tried(self, fitted, report):
        """Such a model has no vignettes; a bar that cannot be judged is not passed."""
        plan = fitted.plan.tightened(NONE_FAILS)

        assert "vignettes_failed" not in report
        assert not judge_gates(plan, report)[-1].passed
        assert vignettes_in_sentences(report)[0].startswith("The model was tried on no vignettes")

    def test_which_failed_and_why_it_was_expected_is_said(self, failing):
        count, which = vignettes_in_sentences(failing)

        assert count.startswith("Of 3 orders")
        assert count.endswith("2 hold and 1 does not.")
        assert "“baby” does not come above “teenager” (-0.40" in which
        assert which.endswith("A baby cannot speak.")
        assert which in failing.text()


class TestTrials:
    def test_plans_and_configurations_are_counted_on_page_and_in_text(self, failing, fitted):
        said = "Plans tried on these test months: 7. Configurations tried: 1."

        assert said in failing.text()
        assert said in page_html(failing, fitted)

    def test_plans_without_a_list_are_said_to_be_not_counted(self, report):
        assert "Plans tried on these test months: not counted." in report.text()


class TestCertainty:
    def test_rates_are_those_of_the_tested_cases(self, report, fitted, study):
        """M3: by age and source, as far as the features say them."""
        first = pd.Timestamp(report.first_as_of)
        tested = (study.cohort["as_of"] >= first) & study.labels["label"].notna()
        expected = fs.abstention_rates(fitted, study.X[tested])

        pd.testing.assert_frame_equal(report.abstention_table, expected, check_dtype=False)
        assert set(report.abstention_table["attribute"]) == {"all", "age"}

    def test_intervals_are_checked_in_every_group(self, report):
        """M3."""
        table = report.interval_table

        assert set(table["attribute"]) == {"all", "tenth of the score", "age"}
        assert table.loc[0, "n"] == report.n
        assert table.loc[0, "observed"] == pytest.approx(report["base_rate"])

    def test_groups_that_miss_are_named(self, report):
        wrong = [
            each.model_copy(update={"holds": each.group != "under 1"})
            for each in report.interval_checks
        ]
        said = certainty_in_sentences(report.model_copy(update={"interval_checks": tuple(wrong)}))

        assert "It does not in: age, under 1." in said
        assert any("scores by models of other families" in each for each in said)

    def test_model_of_before_models_were_sure_has_no_such_part(self, fitted, study):
        facts = fitted.facts.model_copy(update={"interval": None, "support": None})
        old = replace(fitted, facts=facts)
        report = report_with(old, study, [])

        assert report.abstentions == report.interval_checks == ()
        assert "fitted before models did" in page_html(report, old)

    def test_small_counts_of_cases_without_a_score_are_hidden(self, report, fitted):
        few = report.abstentions[0].model_copy(update={"without_score": "c", "share": "c"})
        page = page_html(report.model_copy(update={"abstentions": (few,)}), fitted)

        assert "1 to 5 of" in page
