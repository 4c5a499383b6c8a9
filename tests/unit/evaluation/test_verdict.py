import numpy as np
import pandas as pd
import pytest

from fs_risk.evaluation.step_up import evaluate
from fs_risk.model.calibration import LogOddsCalibrator


def recalibrated(model, intercept, slope):
    """The same model with its calibrators set wrong."""
    lines = tuple(
        LogOddsCalibrator(intercept=intercept + slope * line.intercept, slope=slope * line.slope)
        for line in model.facts.replica_calibrators
    )
    from dataclasses import replace

    facts = model.facts.model_copy(update={"replica_calibrators": lines})
    return replace(model, facts=facts)


def judged(model, study):
    return evaluate(
        model, study.X, study.labels, study.cohort, study.households, resamples=200
    )  # fmt: skip


@pytest.mark.parametrize(
    ("intercept", "slope", "words"),
    [(0.7, 1.0, "too high"), (-0.7, 1.0, "too low"), (0.0, 2.2, "too bold")],
)
def test_planted_miscalibration_is_caught(fitted, study, intercept, slope, words):
    """M1, M2."""
    found = judged(recalibrated(fitted, intercept, slope), study)

    assert any(f"probabilities are {words}" in said for said in found.verdict)
    error, chance = found.figure("calibration_error"), found.figure("calibration_error_by_chance")
    assert error.value > chance.high
    assert error.low > 0
    failed = {result.gate.metric for result in found.gate_results if not result.passed}
    assert failed & {"observed_over_expected", "calibration_slope"}


def test_calibrated_probabilities_are_not_accused(report):
    """M1, quiet."""
    assert not any("probabilities are too" in said for said in report.verdict)
    assert report.figure("calibration_error").low == 0
    assert report.figure("calibration_error").low <= report["calibration_error"]


def test_verdict_leads_with_which_model_then_how_often_it_is_wrong(report):
    """M5."""
    first, second, *_ = report.verdict

    assert first == report.leading_sentence
    found = round(100 * report["recall_at_capacity"])
    assert f"{100 - found} were not" in second
    assert "4 children each week" in second


def test_planted_leak_is_caught_by_the_report(refit):
    """T10: a column filled in after the outcome."""
    leaky = refit.make_study(n=6_000, seed=2)
    rng = np.random.default_rng(0)
    label = leaky.labels["label"].fillna(0)
    leaky.X["plan_recorded"] = (label + rng.normal(0, 0.2, len(label))).astype(np.float32)
    leaky.specs = [*leaky.specs, refit.spec("plan_recorded")]
    found = judged(refit.fit_study(leaky), leaky)

    assert found["suspicious_features"] == 1
    assert found.telling[0].feature == "plan_recorded"
    assert any("too well to have been known" in said for said in found.verdict)


def test_honest_features_are_not_accused(report):
    """T10, quiet."""
    assert report["suspicious_features"] == 0
    most = report.figure("largest_single_feature_auc")
    assert most.low < most.value < most.high < 0.8
    assert not any("too well" in said for said in report.verdict)


def test_way_to_the_ceiling_is_from_the_base_rate(report):
    way = (report["average_precision"] - report["base_rate"]) / (
        report["ceiling_average_precision"] - report["base_rate"]
    )

    assert report["way_to_ceiling"] == pytest.approx(way)
    assert report.figure("way_to_ceiling").low < way < report.figure("way_to_ceiling").high
    assert report["roc_auc"] < report["ceiling_roc_auc"] < 1


def test_worst_and_best_served_groups_are_named(report):
    (said,) = [each for each in report.verdict if "finds least" in each]
    table = report.group_table
    recalls = table[(table["metric"] == "recall_at_capacity") & table["value"].notna()]

    assert recalls.loc[recalls["value"].idxmin(), "level"] in said


def test_brief_reports_hold_what_gates_are_judged_on(fitted, study, report):
    brief = evaluate(
        fitted, study.X, study.labels, study.cohort, study.households, brief=True, resamples=200
    )

    assert brief.capacities == ()
    assert [r.figure for r in brief.gate_results] == [r.figure for r in report.gate_results]
    assert pd.notna(brief.table["value"]).all()
    assert brief.text()
    assert brief._repr_html_()


def test_thorough_reports_say_what_takes_new_fits_to_know(refit):
    """F7: with and without features of poverty or use of services, among the rest."""
    from fs_risk.features.catalogue import CATALOGUE

    flagged = next(spec.name for spec in CATALOGUE if spec.poverty_or_service_use)
    study = refit.make_study(n=6_000, seed=5)
    study.X = study.X.rename(columns={"noise": flagged})
    study.specs = [*study.specs[:-1], refit.spec(flagged)]
    found = evaluate(
        refit.fit_study(study), study.X, study.labels, study.cohort, study.households,
        thorough=True, progress=False, resamples=100,
    )  # fmt: skip
    learnt = [point.n_learnt for point in found.learning]

    assert learnt == sorted(learnt)
    assert [point.share for point in found.learning] == [0.1, 0.2, 0.4, 0.7, 1.0]
    assert found.learning[-1].average_precision.value > found["base_rate"]
    assert 0 < found["list_overlap_other_seed"] <= 1
    assert found["two_sample_auc"] == pytest.approx(0.5, abs=0.08)
    assert found.plot_learning().get_xlabel()
    (without,) = found.without
    assert without.n_left_out == 1
    assert without.loss.value == pytest.approx(without.with_all.value - without.without.value)
    assert without.loss.low < 0 < without.loss.high


def test_household_samples_are_nested():
    from fs_risk.evaluation.thinning import household_draw

    names = np.array([f"H{number}" for number in range(5_000)])
    drawn = household_draw(names)

    assert (drawn == household_draw(names)).all()
    assert 0 <= drawn.min() < drawn.max() < 1
    assert np.mean(drawn < 0.2) == pytest.approx(0.2, abs=0.02)
