"""Control limits against their closed forms, and how often a stable series gives a signal."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fs_risk.evaluation.control_limits import (
    BEYOND,
    RUN_SIGNAL,
    Limits,
    attribute_limits,
    individual_limits,
    mean_interval,
    rate_interval,
    share_interval,
    signals,
)

N = 36
ALL = np.ones(N, dtype=bool)


def laney_by_hand(numerator, denominator, share):
    pooled = sum(numerator) / sum(denominator)
    error = [(pooled * (1 - pooled) / n if share else pooled / n) ** 0.5 for n in denominator]
    z = [(x / n - pooled) / e for x, n, e in zip(numerator, denominator, error, strict=True)]
    moving = [abs(after - before) for before, after in pairwise(z)]
    sigma = max(1.0, sum(moving) / len(moving) / 1.128)
    low = [max(pooled - 3 * sigma * e, 0.0) for e in error]
    high = [pooled + 3 * sigma * e for e in error]
    return pooled, low, [min(each, 1.0) for each in high] if share else high


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("over", [0.0, 0.3])
def test_limits_agree_with_laneys_by_hand(share, over):
    rng = np.random.default_rng(1)
    denominator = rng.integers(40, 90, N).astype(float)
    chance = np.clip(0.2 * (rng.gamma(1 / over, over, N) if over else np.ones(N)), 0, 1)
    numerator = rng.binomial(denominator.astype(int), chance).astype(float)

    found = attribute_limits(numerator, denominator, ALL, share=share)
    centre, low, high = laney_by_hand(numerator.tolist(), denominator.tolist(), share)

    np.testing.assert_allclose(found.centre, centre)
    np.testing.assert_allclose(found.lower, low)
    np.testing.assert_allclose(found.upper, high)


def test_individual_limits_are_the_mean_and_2_66_moving_ranges():
    values = np.random.default_rng(2).normal(250, 30, N)
    found = individual_limits(values, ALL)

    reach = 2.66 * np.abs(np.diff(values)).mean()
    np.testing.assert_allclose(found.upper, values.mean() + reach, rtol=1e-3)
    np.testing.assert_allclose(found.lower, values.mean() - reach, rtol=1e-3)


def test_few_periods_have_no_limits_and_no_signal():
    few = np.arange(N) < 11
    for found in (
        attribute_limits(np.full(N, 5.0), np.full(N, 50.0), few, share=False),
        individual_limits(np.arange(N, dtype=float), few),
    ):
        assert np.isnan(found.centre).all()
        assert set(signals(np.arange(N, dtype=float), found)) == {""}


def test_missing_periods_have_no_limits_and_move_nothing():
    numerator, denominator = np.full(N, 5.0), np.full(N, 50.0)
    numerator[7], denominator[9] = np.nan, 0.0
    found = attribute_limits(numerator, denominator, ALL, share=True)

    assert np.isnan(found.upper[[7, 9]]).all()
    np.testing.assert_allclose(found.centre[[0, 35]], 0.1)


def test_baseline_is_carried_on():
    values = np.r_[np.tile([90.0, 110.0], 12), np.full(12, 40.0)]
    found = individual_limits(values, np.arange(N) < 24)

    assert found.centre[-1] == 100.0
    assert set(signals(values, found)[24:]) == {BEYOND}


def level(centre, n, reach=10.0):
    return Limits(np.full(n, centre), np.full(n, centre - reach), np.full(n, centre + reach))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0] * 8, [RUN_SIGNAL] * 8),
        ([1.0] * 7 + [-1.0], [""] * 8),
        ([1.0] * 4 + [0.0] + [1.0] * 4, [RUN_SIGNAL] * 4 + [""] + [RUN_SIGNAL] * 4),
        ([1.0] * 4 + [np.nan] + [1.0] * 4, [RUN_SIGNAL] * 4 + [""] + [RUN_SIGNAL] * 4),
        ([11.0, -1.0, -10.0, 10.0], [BEYOND, "", "", ""]),
        ([np.nan, np.nan], ["", ""]),
    ],
)
def test_rules(values, expected):
    found = signals(np.array(values), level(0.0, len(values)))

    assert found.tolist() == expected


@given(st.lists(st.integers(-12, 12).map(float), max_size=40))
def test_signals_mirror(values):
    """What is said of a series is said of the same series upside down."""
    series, limits = np.array(values), level(0.0, len(values))

    assert signals(series, limits).tolist() == signals(-series, limits).tolist()


@pytest.mark.parametrize("kind", ["rate", "small rate", "share", "mean"])
def test_about_one_in_ten_stable_series_of_three_years_gives_a_signal(kind):
    rng = np.random.default_rng(3)
    hits = np.mean([bool(stable(rng, kind).any()) for _ in range(500)])

    assert 0.05 < hits < 0.20


def stable(rng, kind, change=1.0):
    """Signals of 36 periods, the last 18 after a change, if any; limits of the first."""
    level_at = np.where(np.arange(N) < 18, 1.0, change)
    baseline = ALL if change == 1.0 else np.arange(N) < 18
    if kind == "mean":
        values = rng.normal(250 * level_at, 40)
        return signals(values, individual_limits(values, baseline)) != ""
    size = rng.integers(80, 120, N) * {"rate": 20, "small rate": 5, "share": 1}[kind]
    chance = 0.25 if kind == "share" else 0.015
    numerator = rng.binomial(size, chance * level_at).astype(float)
    limits = attribute_limits(numerator, size.astype(float), baseline, share=kind == "share")
    return signals(numerator / size, limits) != ""


@pytest.mark.parametrize("kind", ["rate", "share", "mean"])
def test_fall_of_three_tenths_is_nearly_always_seen_in_eighteen_months(kind):
    rng = np.random.default_rng(4)
    seen = np.mean([stable(rng, kind, change=0.7)[18:].any() for _ in range(200)])

    assert seen > 0.9


def test_intervals_agree_with_their_definitions():
    x, n = np.array([0.0, 3.0, 40.0]), np.array([10.0, 30.0, 40.0])
    low, high = share_interval(x, n)
    for at in range(3):
        found = stats.binomtest(int(x[at]), int(n[at])).proportion_ci(method="wilson")
        np.testing.assert_allclose([low[at], high[at]], [found.low, found.high], atol=1e-9)
    low, high = rate_interval(x, n)
    for at in range(3):
        np.testing.assert_allclose(stats.poisson.cdf(x[at], high[at] * n[at]), 0.025, atol=1e-9)
        if x[at]:
            tail = stats.poisson.sf(x[at] - 1, low[at] * n[at])
            np.testing.assert_allclose(tail, 0.025, atol=1e-9)
    sample = np.array([200.0, 250.0, 330.0])
    low, high = mean_interval(
        np.array([sample.mean()]), np.array([sample.std(ddof=1)]), np.array([3.0])
    )
    expected = stats.t.interval(0.95, 2, sample.mean(), stats.sem(sample))
    np.testing.assert_allclose([low[0], high[0]], expected)


def test_nothing_to_divide_by_has_no_interval():
    none = np.array([0.0])
    for low, high in (
        share_interval(none, none),
        rate_interval(none, none),
        mean_interval(none, np.array([np.nan]), np.array([1.0])),
    ):
        assert np.isnan([low[0], high[0]]).all()
