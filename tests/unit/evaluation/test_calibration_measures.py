import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from fs_risk.evaluation.calibration import Calibration, calibration_bins, equal_bins


def draw(seed=0, n=800, shift=0.0, slope=1.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(-1.5, 1.0, n)
    return (rng.random(n) < expit(shift + slope * x)).astype(float), x


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_slope_and_intercept_are_those_of_logistic_regression(seed):
    label, x = draw(seed)
    weight = np.random.default_rng(seed).integers(0, 4, (3, len(x))).astype(float)
    lines = Calibration(label, x)

    for row, slope, intercept in zip(
        weight, lines.slope(weight), lines.intercept(weight), strict=True
    ):
        oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000)
        oracle.fit(x[:, None], label, sample_weight=row)
        offset = brentq(lambda a, row=row: row @ (label - expit(a + x)), -10, 10)
        assert slope == pytest.approx(oracle.coef_[0, 0], abs=1e-3)
        assert intercept == pytest.approx(offset, abs=1e-7)


def test_observed_over_expected():
    label, x = draw()
    weight = np.random.default_rng(0).integers(0, 3, (1, len(x))).astype(float)

    assert Calibration(label, x).observed_over_expected(weight).item() == pytest.approx(
        (weight[0] @ label) / (weight[0] @ expit(x))
    )


def test_calibration_error_is_the_mean_gap_over_bins():
    label, x = draw()
    number = equal_bins(x, 10)
    gaps = [
        (number == place).mean()
        * abs(label[number == place].mean() - expit(x)[number == place].mean())
        for place in range(10)
    ]

    assert Calibration(label, x).error(np.ones((1, len(x)))).item() == pytest.approx(sum(gaps))


def test_all_alike_has_no_slope_and_no_intercept():
    lines = Calibration(np.zeros(50), np.linspace(-1, 1, 50))

    assert np.isnan(lines.intercept(np.ones((1, 50)))).all()


def test_same_score_for_all_has_no_slope():
    label, _ = draw(n=50)

    assert np.isnan(Calibration(label, np.zeros(50)).slope(np.ones((1, 50)))).all()


def test_bins_are_of_equal_size_and_ties_stay_together():
    assert np.bincount(equal_bins(np.arange(100.0), 10)).tolist() == [10] * 10
    assert set(equal_bins(np.zeros(7), 10)) == {0}


def test_bins_say_what_was_observed():
    label, x = draw()
    bins = calibration_bins(label, x, np.arange(len(x)))

    assert sum(part.n for part in bins) == len(x)
    assert sum(part.positives for part in bins) == label.sum()
    assert all(part.low <= part.observed <= part.high for part in bins)
    assert [part.predicted for part in bins] == sorted(part.predicted for part in bins)
