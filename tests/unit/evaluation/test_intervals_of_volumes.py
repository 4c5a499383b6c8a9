"""What lists hold depends on how busy weeks were, and resamples make weeks busier and quieter."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from fs_risk.evaluation import cases
from fs_risk.evaluation.by_group import figures_by_group
from fs_risk.evaluation.capacities import at_capacities
from fs_risk.evaluation.figures import make_figures
from fs_risk.evaluation.intervals import interval, interval_of_volumes

WEEKS, CAPACITY = 52, 9


def drawn(volumes, rng):
    """A year's cases, each of a household of its own, with the volumes of its weeks."""
    n = int(volumes.sum())
    log_odds = rng.normal(-2, 1, n)
    return cases.Tested(
        label=(rng.random(n) < expit(log_odds)).astype(float),
        log_odds=log_odds,
        margins={"previous_referrals": rng.normal(size=n)},
        household=np.array([f"H{number}" for number in range(n)]),
        period=np.repeat(np.arange(len(volumes)), volumes),
        truth={},
    )


def false_of(tested, resamples):
    (at,) = at_capacities(tested, [CAPACITY], CAPACITY, resamples, 0)
    return at.false_per_1000


def test_lists_nearly_full_have_intervals_that_hold_their_values():
    """About nine cases a week for nine places."""
    rng = np.random.default_rng(2)
    tested = drawn(rng.poisson(CAPACITY, WEEKS), rng)
    figures = {each.metric: each for each in make_figures(tested, CAPACITY, 200, 0)}
    found = [
        false_of(tested, 200),
        figures["false_positives_per_1000"],
        figures["true_negatives_per_1000"],
    ]

    assert all(each.low < each.value < each.high for each in found)


@pytest.mark.parametrize("mean", [9, 12])
def test_intervals_hold_what_is_true_of_such_volumes(mean):
    """Nineteen in twenty; by resamples as they are fewer than eight in ten."""
    rng = np.random.default_rng(mean)
    volumes = rng.poisson(mean, WEEKS)
    true = np.mean([false_of(drawn(volumes, rng), 2).value for _ in range(200)])
    found = [false_of(drawn(volumes, rng), 120) for _ in range(60)]

    assert np.mean([each.low <= true <= each.high for each in found]) > 0.88


def test_share_of_a_group_that_is_listed_lies_within_its_interval():
    rng = np.random.default_rng(4)
    tested = drawn(rng.poisson(CAPACITY, WEEKS), rng)
    n = len(tested.label)
    cohort = pd.DataFrame({"as_of": pd.date_range("2024-01-01", periods=n)})
    by = {"half": pd.Series(np.where(np.arange(n) % 2 == 0, "even", "odd"))}
    rows = np.ones(n, dtype=bool)
    shown = figures_by_group(tested, cohort, rows, by, CAPACITY, 200, 0)
    shares = [each for each in shown if each.metric == "share_listed"]

    assert len(shares) == 2
    assert all(each.low < each.value < each.high for each in shares)


def test_interval_without_a_bias_that_counts_is_left():
    replicates = np.random.default_rng(0).normal(10, 1, 500)
    assert interval_of_volumes(replicates, 10.2, top=1000) == interval(replicates)


def test_moved_interval_stays_within_what_there_can_be():
    low, high = interval_of_volumes(np.linspace(0.5, 0.9, 100), 0.95, top=1)
    assert low > 0.7
    assert high == 1
