"""Evidence that may be looked at each month: against brute force, and over repeated looks."""

import numpy as np
import pytest
from scipy.stats import binom

from fs_risk.triage.watch_sequence import (
    _FROM_THE_START,
    HIGHER,
    LOOKS,
    count_evidence,
    mark,
    rate_evidence,
)


def by_hand(hits, month, n_months, chance, odds):
    """The evidence of one side, written out: every start, every odds ratio, case by case."""
    logs = []
    for last in range(n_months):
        total = 0.0
        for start in range(LOOKS):
            weight = _FROM_THE_START if start == 0 else (1 - _FROM_THE_START) / (LOOKS - 1)
            inside = (month >= start) & (month <= last)
            ratios = [
                np.prod([(by if hit else 1.0) / (1 - chance + chance * by) for hit in hits[inside]])
                for by in odds
            ]
            total += weight * (np.mean(ratios) if start <= last else 1.0)
        logs.append(np.log(total))
    return np.array(logs)


def test_evidence_is_the_mixture_written_out():
    rng = np.random.default_rng(1)
    month = np.repeat(np.arange(5), 6)
    hits = (rng.random(30) < 0.4).astype(float)
    found = rate_evidence(hits, month, 5, low=0.1, high=0.3)

    assert found.above == pytest.approx(by_hand(hits, month, 5, 0.3, HIGHER))
    assert found.below == pytest.approx(by_hand(hits, month, 5, 0.1, 1 / HIGHER))


@pytest.mark.parametrize("chance", [0.02, 0.3, 0.9])
def test_evidence_of_one_month_is_one_on_average(chance):
    """Ville: its mean at the limit is 1 whatever the outcome's chance (sum over all counts)."""
    n = 12
    values = [
        np.exp(rate_evidence(np.r_[np.ones(k), np.zeros(n - k)], np.zeros(n, int), 1,
                             low=chance, high=chance).above[0])
        for k in range(n + 1)
    ]  # fmt: skip

    assert np.dot(values, binom.pmf(np.arange(n + 1), n, chance)) == pytest.approx(1.0)


def world(rng, *, monthly, size, factor, from_month=0):
    """Households of so many alike; chances between 1 and 60 %; outcomes at `factor` times."""
    households = 36 * monthly // size
    month = np.repeat(rng.integers(0, 36, households), size)
    chance = np.repeat(np.clip(rng.beta(1.2, 9.0, households), 0.01, 0.6), size)
    shared = np.repeat(rng.random(households), size)
    luck = np.where(np.repeat(rng.random(households) < 0.5, size), shared, rng.random(len(shared)))
    hits = luck < chance * np.where(month >= from_month, factor, 1.0)
    residual = (hits - chance).reshape(-1, size).sum(axis=1)
    effect = max(1.0, (residual**2).sum() / (chance * (1 - chance)).sum())
    return hits.astype(float), month, chance, effect


@pytest.mark.parametrize(("size", "factor"), [(1, 1.0), (2, 1.0), (2, 1.25)])
def test_36_monthly_looks_rarely_cry_wolf(size, factor):
    """At most 5 %, siblings alike among them, exactly on the limit and at its edge."""
    rng, alarms = np.random.default_rng(2), 0
    for _ in range(200):
        hits, month, chance, effect = world(rng, monthly=40, size=size, factor=factor)
        found = rate_evidence(
            hits, month, 36, low=chance / factor, high=np.minimum(chance * factor, 0.99),
            effect=effect,
        )  # fmt: skip
        alarms += found.signalled(0.05) is not None

    assert alarms / 200 <= 0.05


def test_change_half_way_is_seen_soon():
    """Power: outcomes 1.8 times as often from month 18, 150 cases a month, limit 1.25."""
    rng, when = np.random.default_rng(3), []
    for _ in range(30):
        hits, month, chance, effect = world(rng, monthly=150, size=2, factor=1.8, from_month=18)
        found = rate_evidence(
            hits, month, 36, low=chance * 0.8, high=np.minimum(chance * 1.25, 0.99), effect=effect
        )
        when.append(found.signalled(0.005))

    assert all(month is not None and month >= 18 for month in when)
    assert np.median(when) <= 28


def test_rate_within_its_limits_month_by_month_gathers_no_evidence():
    rng = np.random.default_rng(4)
    month = np.repeat(np.arange(36), 60)
    moving = np.where(month % 2, 0.12, 0.28)
    found = rate_evidence(
        (rng.random(len(month)) < moving).astype(float), month, 36, low=0.1, high=0.3
    )

    assert max(found.above.max(), found.below.max()) < mark(0.05)


def test_only_the_last_36_months_count():
    month = np.repeat(np.arange(48), 20)
    hits = (month < 10).astype(float)
    found = rate_evidence(hits, month, 48, low=0.0, high=0.2)

    assert found.signalled(0.05) is None
    assert len(found.above) == 48


def test_small_numbers_could_not_have_seen_a_doubling():
    few = rate_evidence(np.zeros(20), np.zeros(20, int), 1, low=0.1, high=0.2, far=(0.05, 0.4))
    many = rate_evidence(
        np.tile([1, 0, 0, 0, 0, 0, 0], 300), np.zeros(2_100, int), 1, low=0.1, high=0.2,
        far=(0.05, 0.4),
    )  # fmt: skip

    assert not few.could_see
    assert many.could_see


def test_no_case_is_no_evidence():
    none = rate_evidence(np.zeros(0), np.zeros(0, int), 3, low=0.1, high=0.2)
    assert none.signalled(0.05) is None
    assert none.above == pytest.approx(np.zeros(3))


def test_counts_twice_as_high_are_seen_and_usual_ones_are_not():
    rng = np.random.default_rng(5)
    usual = np.full(24, 30.0)
    limits = {"low": usual * 0.67, "high": usual * 1.5, "effect": 1.5}
    alarms = [
        count_evidence(rng.negative_binomial(60, 2 / 3, 24).astype(float), **limits).signalled(0.05)
        for _ in range(200)
    ]
    doubled = count_evidence(np.r_[usual[:12], 2 * usual[:12]], **limits).signalled(0.05)

    assert sum(each is not None for each in alarms) <= 10
    assert doubled is not None
    assert doubled >= 12
