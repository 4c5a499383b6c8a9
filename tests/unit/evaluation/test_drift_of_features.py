import numpy as np
import pandas as pd
import pytest

from fs_risk.evaluation.drift import changed_features, stability_index, two_sample_area

N, M = 4_000, 1_500


def world(seed, n, shift=0.0, kinds=6):
    """Features of children, two to a household and alike within it."""
    rng = np.random.default_rng(seed)
    family = rng.normal(size=(n // 2, kinds)).repeat(2, axis=0)
    values = family + 0.3 * rng.normal(size=(n, kinds))
    frame = pd.DataFrame(values, columns=[f"worry_{k}" for k in range(kinds)])
    frame["count"] = rng.poisson(0.4, n // 2).repeat(2)
    frame["worry_0"] += shift
    return frame, np.array([f"{seed}-{place // 2}" for place in range(n)])


def compared(shift=0.0, seed=0):
    (before, first), (after, second) = world(seed, N), world(seed + 1_000, M, shift)
    return changed_features(before, after, household_before=first, household_after=second)


def test_planted_drift_is_caught():
    found = compared(shift=0.8)

    assert [each.feature for each in found if each.drifted] == ["worry_0"]
    assert found[0].psi > 0.25


def test_without_drift_it_is_quiet():
    for seed in range(20):
        assert not any(each.drifted for each in compared(seed=seed))


def test_window_that_was_not_observed_at_first_is_no_drift():
    (before, first), (after, second) = world(0, N), world(1, M)
    before.loc[: N // 2, "count"] = np.nan
    found = {
        each.feature: each
        for each in changed_features(
            before, after, household_before=first, household_after=second
        )
    }  # fmt: skip

    assert not found["count"].drifted
    assert found["count"].missing_before > 0.45
    assert found["count"].missing_after == 0


def test_few_households_say_nothing():
    (before, first), (after, second) = world(0, N), world(1, 60, shift=3.0)
    found = changed_features(before, after, household_before=first, household_after=second)

    assert not any(each.drifted for each in found)


def test_index_is_the_formula_on_tenths():
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=5_000), rng.normal(0.3, 1, 5_000)
    edges = np.quantile(before, np.arange(0.1, 0.95, 0.1))
    p, q = (
        (np.bincount(np.searchsorted(edges, values), minlength=10) + 0.5) / (5_000 + 5)
        for values in (before, after)
    )

    assert stability_index(before, after) == pytest.approx(
        ((q - p) * np.log(q / p)).sum(), rel=0.01
    )
    assert np.isnan(stability_index(before, np.array([])))


@pytest.mark.parametrize(("shift", "low", "high"), [(0.0, 0.45, 0.55), (1.2, 0.7, 1.0)])
def test_trees_tell_drifted_cases_and_no_others(shift, low, high):
    (before, first), (after, second) = world(0, N), world(1, M, shift)
    area = two_sample_area(before, after, household_before=first, household_after=second)

    assert low < area < high


def test_report_catches_features_that_changed_in_the_test_period(fitted, study):
    from fs_risk.evaluation.step_up import evaluate

    drifted = study.X.copy()
    later = (study.cohort["as_of"] >= pd.Timestamp(fitted.training.test.first_as_of)).to_numpy()
    drifted.loc[later, "child_age_years"] += 6
    arguments = (study.labels, study.cohort, study.households)
    planted = evaluate(fitted, drifted, *arguments, resamples=20)
    quiet = evaluate(fitted, study.X, *arguments, resamples=20)

    assert planted["features_drifted"] == 1
    assert any("drifted since training: child_age_years" in said for said in planted.verdict)
    assert quiet["features_drifted"] == 0
    assert not any("drifted" in said for said in quiet.verdict)
