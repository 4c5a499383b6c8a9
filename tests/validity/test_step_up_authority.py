"""The step-up model on invented authorities, where the true probabilities are known."""

import numpy as np
import pytest

import fs_risk as fs
from fs_risk.evaluation.step_up import evaluate
from fs_risk.evaluation.study_cases import study_cases
from fs_risk.features.catalogue import features_for_outcome
from fs_risk.training.step_up import fit_step_up

pytestmark = pytest.mark.slow

PLAN = fs.Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9)


@pytest.fixture(scope="module")
def authority():
    return fs.make_authority(children=40_000, years=8, seed=11)


@pytest.fixture(scope="module")
def trained(authority):
    return fs.train_step_up(authority, PLAN, progress=False)


def test_model_is_between_chance_and_the_ceiling(authority, trained):
    report = fs.evaluate_step_up(trained, authority)

    assert report.figure("average_precision").low > report["base_rate"]
    assert report["average_precision"] < report["ceiling_average_precision"]
    assert report["ceiling_average_precision"] < report["everything_average_precision"]


def test_probabilities_hold_in_another_authority(trained):
    """M2: the same country, other families."""
    other = fs.make_authority(children=40_000, years=8, seed=12)
    cases = study_cases(other, PLAN)
    # without the ceiling of 40,000 more children, which nothing here is compared with
    report = evaluate(
        trained,
        cases.features,
        cases.labels,
        cases.cohort,
        cases.households,
        fresh=True,
        progress=False,
    )

    assert report["observed_over_expected"] == pytest.approx(1.0, abs=0.15)
    assert report["calibration_slope"] == pytest.approx(1.0, abs=0.25)
    assert report.figure("gain_average_precision_over_previous_referrals").low > 0


def test_labels_drawn_anew_have_no_signal(authority):
    """T10: with labels shuffled among cases there is nothing to find."""
    cases = study_cases(authority, PLAN)
    known = cases.labels["label"].notna()
    labels = cases.labels.copy()
    labels.loc[known, "label"] = np.random.default_rng(0).permutation(labels.loc[known, "label"])
    model = fit_step_up(
        cases.features,
        labels,
        cases.cohort,
        cases.households,
        PLAN,
        features_for_outcome(PLAN.outcome),
        origin=authority.origin,
        fingerprint=authority.fingerprint,
        progress=False,
    )
    report = evaluate(model, cases.features, labels, cases.cohort, cases.households)

    assert report.figure("roc_auc").low < 0.5 < report.figure("roc_auc").high
    assert report.leads_with != "step_up_model"
