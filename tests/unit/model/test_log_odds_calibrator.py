import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from fs_risk.errors import PlanError
from fs_risk.model.calibration import (
    LARGEST_SLOPE,
    SMALLEST_SLOPE,
    LogOddsCalibrator,
    fit_calibrator,
    fit_log_odds,
)


def draw(n=4_000, intercept=-0.5, slope=0.7, seed=0):
    rng = np.random.default_rng(seed)
    margin = rng.normal(-2, 1.2, n)
    return margin, (rng.random(n) < expit(intercept + slope * margin)).astype(float)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), intercept=st.floats(-1, 2), slope=st.floats(0.2, 2.5))
def test_line_is_the_unpenalised_logistic_regression(seed, intercept, slope):
    margin, label = draw(1_000, intercept, slope, seed)
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(margin[:, None], label)

    assert fit_log_odds(margin, label) == pytest.approx(
        (oracle.intercept_[0], oracle.coef_[0, 0]), abs=1e-4
    )


def test_weights_count_as_repeated_rows():
    margin, label = draw(500)
    weight = np.random.default_rng(1).integers(0, 4, 500)
    repeated = fit_log_odds(np.repeat(margin, weight), np.repeat(label, weight))

    assert fit_log_odds(margin, label, weight=weight) == pytest.approx(repeated, abs=1e-9)


def test_mean_probability_equals_the_observed_share():
    """M2."""
    margin, label = draw()
    line = fit_calibrator(margin, label)

    assert expit(line.log_odds(margin)).mean() == pytest.approx(label.mean(), abs=1e-9)


def test_score_that_points_the_wrong_way_keeps_its_order_and_loses_its_weight():
    margin, label = draw(slope=-1.0)
    line = fit_calibrator(margin, label)

    assert line.slope == SMALLEST_SLOPE
    assert expit(line.log_odds(margin)).mean() == pytest.approx(label.mean(), abs=1e-9)


def test_perfect_separation_has_a_finite_slope():
    margin = np.linspace(-1, 1, 100)
    intercept, slope = fit_log_odds(margin, (margin > 0).astype(float))

    assert 0 < slope <= LARGEST_SLOPE
    assert np.isfinite(intercept)


def test_scores_all_alike_say_only_the_mean():
    label = np.array([1.0, 0.0, 0.0, 0.0])
    line = fit_calibrator(np.full(4, -3.0), label)

    assert expit(line.log_odds(np.array([-3.0]))) == pytest.approx([0.25])
    assert line.slope == 1.0


@pytest.mark.parametrize("label", [np.zeros(10), np.ones(10)])
def test_labels_all_alike_are_refused(label):
    with pytest.raises(PlanError, match="of 10 calibration rows are positive"):
        fit_calibrator(np.arange(10.0), label)


def test_scores_all_alike_have_no_slope():
    with pytest.raises(PlanError, match="same score"):
        fit_log_odds(np.zeros(4), np.array([1.0, 0, 0, 0]))


def test_contributions_keep_adding_up():
    """E1."""
    parts = np.random.default_rng(0).normal(size=(50, 6))
    line = LogOddsCalibrator(intercept=0.3, slope=1.7)

    assert line.contributions(parts).sum(axis=1) == pytest.approx(
        line.log_odds(parts.sum(axis=1)), abs=1e-12
    )
