"""Calibration of a known world reads as calibrated, and of a distorted one as distorted."""

import numpy as np
import pytest
from scipy.special import expit

from fs_risk.evaluation.calibration import Calibration
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval, value_of
from fs_risk.evaluation.ranking import Ranking
from fs_risk.model.calibration import fit_calibrator

pytestmark = pytest.mark.slow


def households_of(n, rng, *, shared=0.8):
    """Two or three children to a household, alike in what is not in their scores."""
    household = np.sort(rng.integers(0, int(n / 2.5), n))
    luck = rng.normal(0, shared, household.max() + 1)[household]
    return household, luck


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (-0.4, 0.6), (0.5, 1.6)])
def test_calibrator_recovers_a_known_line(intercept, slope):
    """Over 200 worlds, the mean of the fitted lines is the true one."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        margin = rng.normal(-2.2, 1.0, 3_000)
        label = (rng.random(3_000) < expit(intercept + slope * margin)).astype(float)
        line = fit_calibrator(margin, label)
        found.append((line.intercept, line.slope))
    means, spreads = np.mean(found, axis=0), np.std(found, axis=0)

    assert np.abs(means - [intercept, slope]) == pytest.approx(
        [0, 0], abs=float(4 * spreads.max() / np.sqrt(200) + 0.02)
    )


def test_calibrated_scores_read_as_calibrated():
    """The interval of the slope holds 1 in about 95 of 100 worlds, children clustered."""
    rng = np.random.default_rng(1)
    held = []
    for world in range(200):
        household, luck = households_of(2_500, rng)
        x = rng.normal(-2.2, 0.9, 2_500)
        # Averaged over households' luck, the slope of the outcome on x is not 1: so x is
        # first calibrated on a large sample of the same world.
        big_luck, big = rng.normal(0, 0.8, 200_000), rng.normal(-2.2, 0.9, 200_000)
        if world == 0:
            line = fit_calibrator(big, (rng.random(200_000) < expit(big + big_luck)).astype(float))
        label = (rng.random(2_500) < expit(x + luck)).astype(float)
        lines = Calibration(label, line.log_odds(x))
        bootstrap = HouseholdBootstrap(household, resamples=200, seed=world)
        low, high = interval(bootstrap.replicates({"slope": lines.slope})["slope"])
        held.append(low <= 1.0 <= high)

    assert 0.89 <= np.mean(held) <= 0.99


def test_interval_of_average_precision_covers_as_often_as_it_says():
    """Households as clusters: 95 % intervals hold the value in about 95 of 100 worlds."""
    rng = np.random.default_rng(2)

    def world(n):
        household, luck = households_of(n, rng, shared=1.0)
        signal = rng.normal(-2.4, 1.0, household.max() + 1)[household]
        label = (rng.random(n) < expit(signal + luck)).astype(float)
        return household, label, signal + rng.normal(0, 0.3, n)

    _, label, score = world(400_000)
    truth = value_of(Ranking(label, score).average_precision, len(label))
    held, alone = [], []
    for number in range(200):
        household, label, score = world(2_500)
        statistic = {"ap": Ranking(label, score).average_precision}
        clusters = HouseholdBootstrap(household, resamples=200, seed=number)
        singly = HouseholdBootstrap(np.arange(2_500), resamples=200, seed=number)
        for kept, bootstrap in ((held, clusters), (alone, singly)):
            low, high = interval(bootstrap.replicates(statistic)["ap"])
            kept.append(low <= truth <= high)

    assert 0.89 <= np.mean(held) <= 0.99
    assert np.mean(alone) < np.mean(held)


def test_distorted_scores_read_as_distorted():
    rng = np.random.default_rng(3)
    x = rng.normal(-2.2, 0.9, 20_000)
    label = (rng.random(20_000) < expit(x)).astype(float)
    once = np.ones((1, 20_000))

    assert Calibration(label, 2 * x + 2.2).slope(once).item() == pytest.approx(0.5, abs=0.05)
    assert Calibration(label, x + 0.5).intercept(once).item() == pytest.approx(-0.5, abs=0.08)
    assert Calibration(label, x - 0.5).observed_over_expected(once).item() > 1.3
