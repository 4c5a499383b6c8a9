import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from fs_risk.errors import AuditError
from fs_risk.evaluation.figures import find_leader
from fs_risk.evaluation.report import THE_MODEL, EvaluationReport, Figure
from fs_risk.evaluation.step_up import evaluate
from fs_risk.model.folds import split_groups


@pytest.fixture(scope="module")
def tested(fitted, study):
    """The test rows found anew, with their scores by each fold's replica."""
    groups = split_groups(study.cohort, study.households)
    rows = (
        study.labels["label"].notna()
        & (groups["as_of"] >= pd.Timestamp(fitted.training.test.first_as_of))
    ).to_numpy()
    fold = fitted.folds(groups["household"][rows])
    return rows, study.labels.loc[rows, "label"], fitted.replica_log_odds(study.X[rows], fold)


def test_figures_are_those_of_later_rows_scored_by_their_replica(report, tested, study):
    rows, label, score = tested

    assert report.n == rows.sum()
    assert report["average_precision"] == pytest.approx(average_precision_score(label, score))
    assert report["roc_auc"] == pytest.approx(roc_auc_score(label, score))
    assert report["ceiling_average_precision"] == pytest.approx(
        average_precision_score(label, study.truth[rows])
    )
    assert report["base_rate"] == pytest.approx(label.mean())


def test_counts_of_1000_make_1000_and_give_the_ratios(report):
    """M5."""
    tp, fp, fn, tn = (
        report[f"{name}_per_1000"]
        for name in ("true_positives", "false_positives", "false_negatives", "true_negatives")
    )

    assert tp + fp + fn + tn == pytest.approx(1000)
    assert report["precision_at_capacity"] == pytest.approx(tp / (tp + fp))
    assert report["recall_at_capacity"] == pytest.approx(tp / (tp + fn))


def test_report_has_every_baseline(report):
    """M5: random, earlier referrals, rules, glass box."""
    metrics = set(report.table["metric"])

    for name in ("random", "previous_referrals", "rule_set", "spline_logistic"):
        assert f"average_precision_{name}" in metrics
    assert list(report.table.columns) == ["metric", "value", "low", "high", "n"]
    assert report.table["metric"].is_unique


def test_gain_is_over_the_best_simple_model(report):
    best = max(report[f"average_precision_{kind}"] for kind in report.candidates)

    assert report["gain_average_precision"] == pytest.approx(report["average_precision"] - best)


def test_intervals_hold_their_values(report):
    table = report.table.dropna()
    inside = (table["low"] <= table["value"]) & (table["value"] <= table["high"])

    assert inside[~table["metric"].str.contains("error|capacity|per_1000")].all()


def test_same_seed_same_report(fitted, study):
    """M6."""
    arguments = (fitted, study.X, study.labels, study.cohort, study.households)

    assert evaluate(*arguments, resamples=20) == evaluate(*arguments, resamples=20)


def test_rows_of_other_periods_change_nothing(fitted, study, report, tested):
    rows, *_ = tested
    changed = study.X.copy()
    changed.loc[~rows] = 0.0
    again = evaluate(fitted, changed, study.labels, study.cohort, study.households, resamples=20)

    assert again["average_precision"] == report["average_precision"]


def test_fresh_cases_are_scored_by_the_booster_in_use(fitted, refit):
    other = refit.make_study(n=3_000, seed=9)
    fresh = evaluate(
        fitted, other.X, other.labels, other.cohort, other.households, resamples=20, fresh=True
    )
    known = other.labels["label"].notna()

    assert fresh.n == known.sum()
    assert fresh["average_precision"] == pytest.approx(
        average_precision_score(other.labels["label"][known], fitted.log_odds(other.X[known]))
    )


def figures(**lows):
    return tuple(
        Figure(metric=f"gain_average_precision_over_{kind}", value=0.1, low=low, high=0.2, n=9)
        for kind, low in lows.items()
    )


@pytest.mark.parametrize(
    ("lows", "leader"),
    [
        ({"previous_referrals": 0.01, "rule_set": 0.01, "spline_logistic": 0.01}, THE_MODEL),
        ({"previous_referrals": 0.01, "rule_set": 0.01, "spline_logistic": 0.0}, "spline_logistic"),
        ({"previous_referrals": 0.01, "rule_set": -0.1, "spline_logistic": -0.1}, "rule_set"),
        ({"previous_referrals": None, "spline_logistic": 0.01}, "previous_referrals"),
    ],
)
def test_report_leads_with_the_simplest_model_not_beaten(lows, leader):
    assert find_leader(figures(**lows), dict.fromkeys(lows)) == leader


def test_report_says_first_that_the_model_ranks_better(report):
    ahead = report.model_copy(update={"leads_with": THE_MODEL})

    assert ahead.text().startswith("SYNTHETIC")
    assert "ranks better than every simpler one" in ahead.text().splitlines()[1]


@pytest.mark.parametrize(
    ("high", "said"),
    [(0.02, "A simpler model is as good, "), (-0.01, "A simpler model ranks better")],
)
def test_report_says_first_that_a_simpler_model_does(report, high, said):
    gain = "gain_average_precision_over_spline_logistic"
    others = tuple(each for each in report.figures if each.metric != gain)
    measured = Figure(metric=gain, value=-0.02, low=-0.03, high=high, n=report.n)
    beaten = type(report)(
        **{**dict(report), "leads_with": "spline_logistic", "figures": (*others, measured)}
    )

    first = beaten.text().splitlines()[1]
    assert first.startswith(said)
    assert "spline logistic" in first


def test_gates_are_judged_on_the_report(report):
    gain, slope, ratio, listed = report.gate_results[:4]

    assert gain.figure == report.figure("gain_average_precision").low
    assert gain.passed == (gain.figure > 0)
    assert slope.figure == report["calibration_slope"]
    assert ratio.passed == (0.9 <= report["observed_over_expected"] <= 1.1)
    assert listed.figure == report["observed_over_expected_listed"]


def test_report_survives_json(report):
    assert EvaluationReport.model_validate_json(report.model_dump_json()) == report


def test_unknown_measure_names_the_nearest(report):
    with pytest.raises(AuditError, match="Did you mean 'roc_auc'"):
        report["roc_auk"]


def test_groups_add_up_and_small_ones_have_no_figure(report, fitted, study):
    groups = report.group_table

    assert set(groups["level"]) == {"under 9", "9 to 17"}
    assert groups.drop_duplicates("level")["n"].sum() == report.n
    odd = pd.Series(np.where(np.arange(len(study.X)) % 400 == 0, "few", "rest"))
    small = evaluate(
        fitted, study.X, study.labels, study.cohort, study.households,
        by={"size": odd}, resamples=20,
    ).group_table  # fmt: skip
    assert small.loc[small["level"] == "few", "value"].isna().all()
    assert small.loc[small["level"] == "rest", "value"].notna().all()


def test_too_few_outcomes_are_refused(fitted, study):
    labels = study.labels.assign(label=study.labels["label"] * 0)
    with pytest.raises(AuditError, match="The outcome followed in 0 of the"):
        evaluate(fitted, study.X, labels, study.cohort, study.households)


def test_truth_of_no_case_is_refused(fitted, study):
    with pytest.raises(AuditError, match="not there for the cases"):
        evaluate(
            fitted,
            study.X,
            study.labels,
            study.cohort,
            study.households,
            truth={"given_recorded": study.truth * np.nan},
        )


def test_ceiling_is_of_the_cases_whose_true_probability_is_known(fitted, study, tested):
    rows, label, _ = tested
    gaps = np.where(np.arange(len(study.truth)) % 5 == 0, np.nan, study.truth)
    report = evaluate(
        fitted, study.X, study.labels, study.cohort, study.households,
        truth=pd.DataFrame({"given_recorded": gaps, "given_everything": study.truth}),
        resamples=50,
    )  # fmt: skip
    known = ~np.isnan(gaps[rows])

    assert report["ceiling_average_precision"] == pytest.approx(
        average_precision_score(label[known], gaps[rows][known])
    )
    assert report["everything_average_precision"] == pytest.approx(
        average_precision_score(label, study.truth[rows])
    )


def test_frames_of_different_cases_are_refused(fitted, study):
    with pytest.raises(AuditError, match="same index"):
        evaluate(fitted, study.X[1:], study.labels, study.cohort, study.households)
