import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.evaluation import cases as evaluated
from fs_risk.evaluation.edits import edits_to_try, recoded, share_by_rule, shuffled, typed_twice
from fs_risk.evaluation.rescoring import Scored
from fs_risk.evaluation.retests import overlap_of_months, retest, retest_figures
from fs_risk.model.listing import share_listed
from fs_risk.model.plan import BoosterSettings
from fs_risk.records.tables import TABLES


@pytest.fixture(scope="module")
def whole(small_model, small_authority):
    return fs.evaluate_step_up(small_model, small_authority, resamples=100)


def drawn(seed=0, n=300):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1.5, 1, n)
    label = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(float)
    household = (np.arange(n) // 2).astype(str)
    return evaluated.Tested(label, log_odds, {}, household, rng.integers(0, 15, n), {})


def test_trivial_edits_change_nothing(whole):
    """M8: order of rows, fields that no feature reads, entries typed twice."""
    found = {each.name: each for each in whole.retests}

    for name in ("rows_shuffled", "recoded", "typed_twice"):
        assert found[name].largest_change == 0, name
        assert found[name].overlap.value == pytest.approx(1)
        assert found[name].loss.value == pytest.approx(0)


def test_one_day_moves_scores_little(whole):
    """M8."""
    found = {each.name: each for each in whole.retests}["day_earlier"]

    assert found.mean_change < 0.005
    assert whole["list_overlap_edited"] >= 0.9
    assert not any("not steady" in said for said in whole.verdict)


def test_score_that_leans_on_an_edit_is_caught():
    """M8: a list that a trivial edit changes is said to be unsteady."""
    cases = drawn()
    noise = np.random.default_rng(1).normal(0, 3, len(cases.label))
    again = [Scored("recoded", "edit", "Something trivial.", cases.log_odds + noise)]
    (found,) = retest(cases, again, 4, 100, 0)

    assert found.overlap.high < 0.9
    assert found.largest_change > 0.1


def test_overlap_is_the_share_of_places_kept():
    cases = drawn()
    other = np.random.default_rng(2).permutation(cases.log_odds)
    (found,) = retest(cases, [Scored("x", "refit", "", other)], 4, 50, 0)
    before, after = (share_listed(score, cases.period, 4) for score in (cases.log_odds, other))

    assert found.overlap.value == pytest.approx(np.minimum(before, after).sum() / before.sum())
    assert found.overlap.low <= found.overlap.value <= found.overlap.high


def test_result_is_repeated_with_rule_dated_facts_delayed(whole, small_model, small_authority):
    """The delayed figures are those of the same model on `records.delayed`, by hand."""
    cases = study_cases(small_authority.delayed(28), small_model.plan)
    from fs_risk.evaluation.step_up import evaluate

    by_hand = evaluate(
        small_model, cases.features, cases.labels, cases.cohort, cases.households,
        brief=True, resamples=20,
    )  # fmt: skip

    for days in (7, 28):
        assert f"average_precision_delayed_{days}d" in whole
    assert whole["average_precision_delayed_28d"] == pytest.approx(by_hand["average_precision"])
    assert whole["recall_at_capacity_delayed_28d"] == pytest.approx(by_hand["recall_at_capacity"])
    assert whole["loss_average_precision_delayed_28d"] == pytest.approx(
        whole["average_precision"] - by_hand["average_precision"]
    )
    assert 0 < whole.share_by_rule < 1


def test_recorded_clocks_are_not_delayed(small_authority):
    recorded = {}
    for name in small_authority:
        frame = small_authority[name]
        if "known_by_rule" in frame:
            recorded[name] = frame.assign(known_by_rule=False).astype(
                {"known_by_rule": frame["known_by_rule"].dtype}
            )
    records = small_authority.replace(**recorded)

    assert share_by_rule(records) == 0
    assert records.delayed(28).fingerprint == records.fingerprint


def test_month_to_month_is_from_records_a_month_older(whole, small_model, small_authority):
    older = fs.build_features(
        small_authority, study_cases(small_authority, small_model.plan).cohort, lag_days=37
    )
    found = {each.name: each for each in whole.retests}["month_to_month"]

    assert len(older)
    assert whole["list_overlap"] == found.overlap.value
    assert 0 < found.overlap.value <= 1


def test_edits_are_what_they_say(small_authority):
    mixed = shuffled(small_authority)
    assert mixed.fingerprint == small_authority.fingerprint
    assert not mixed["referrals"]["referral_id"].equals(small_authority["referrals"]["referral_id"])
    changed = recoded(small_authority)
    assert (changed["children"]["ethnicity"] != small_authority["children"]["ethnicity"]).any()
    twice = typed_twice(small_authority)
    for name in ("contacts", "referrals"):
        assert len(twice[name]) > len(small_authority[name])
        assert not twice[name].duplicated(list(TABLES[name].key)).any()
        assert (twice[name].dtypes == small_authority[name].dtypes).all()


def test_every_edit_has_a_name_of_its_own_and_says_what_it_does():
    edits = list(edits_to_try())

    assert len({edit.name for edit in edits}) == len(edits)
    assert all(edit.says.endswith(".") for edit in edits)


def test_open_cases_listed_one_month_and_the_next():
    """Ten children, three months: by hand."""
    n = 30
    child = np.tile([f"C{number}" for number in range(10)], 3)
    score = np.tile(np.arange(10.0), 3)
    score[10:12] = [20, 21]
    cases = evaluated.Tested(
        np.tile([0.0, 1.0], 15), score, {}, child.copy(), np.repeat([0, 1, 2], 10), {}
    )
    found = overlap_of_months(cases, child, 2, 50, 0)

    assert len(child) == n
    assert found.overlap.value == 0.0
    steady = evaluated.Tested(
        cases.label, np.tile(np.arange(10.0), 3), {}, child.copy(), cases.period, {}
    )
    assert overlap_of_months(steady, child, 2, 50, 0).overlap.value == 1.0


def test_cases_met_once_have_no_overlap():
    cases = drawn()

    assert overlap_of_months(cases, np.arange(300).astype(str), 4, 20, 0) is None


def test_worst_edit_is_the_gated_one(whole):
    edits = [each.overlap.value for each in whole.retests if each.kind == "edit"]

    assert whole["list_overlap_edited"] == min(edits)
    assert {"list_overlap", "list_overlap_refitted"} <= set(whole.table["metric"])
    assert retest_figures(()) == []


def test_table_has_a_row_for_each_change(whole):
    table = whole.retest_table

    assert len(table) == len(whole.retests)
    assert table["says"].str.len().gt(10).all()


def test_without_records_only_fits_are_compared(report):
    assert {each.kind for each in report.retests} == {"refit"}
    assert report.share_by_rule is None


def test_gates_on_steadiness_and_groups_are_judged_at_training(small_authority):
    gates = (
        fs.Gate(metric="list_overlap", at_least=0.0),
        fs.Gate(metric="worst_group_recall", at_least=0.0),
    )
    booster = BoosterSettings(max_rounds=40, patience=40, learning_rate=0.1)
    plan = fs.Plan(outcome="step_up", capacity=9, gates=gates, n_folds=2, booster=booster)
    model = fs.train_step_up(small_authority, plan, progress=False)
    found = {result.gate.metric: result for result in model.gate_results}

    assert found["list_overlap"].figure is not None
    assert found["list_overlap"].passed
    assert found["worst_group_recall"].passed
    assert isinstance(pd.Series(found["worst_group_recall"].figure).item(), float)


def test_very_many_cases_are_thinned_by_whole_households(
    small_model, small_authority, whole, monkeypatch
):
    """Half of the households alone: those cases are scored again as among all."""
    from fs_risk.evaluation import thinning

    monkeypatch.setattr(thinning.share_to_keep, "__defaults__", (whole.n // 2,))
    found = fs.evaluate_step_up(small_model, small_authority, resamples=100)
    changes = {each.name: each for each in found.retests}

    assert 0 < changes["rows_shuffled"].average_precision.n < 0.7 * whole.n
    assert changes["rows_shuffled"].largest_change == 0
    assert found["average_precision"] == whole["average_precision"]
