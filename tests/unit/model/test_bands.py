import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fs_risk.model.bands import design_effect, find_band, make_bands, observe_listing, wilson
from fs_risk.model.listing import share_listed


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_scipys(counts):
    positives, n = counts
    oracle = binomtest(positives, n).proportion_ci(method="wilson")

    assert wilson(positives, n) == pytest.approx((oracle.low, oracle.high), abs=1e-9)


def test_no_cases_say_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


def test_clusters_of_two_alike_double_the_variance():
    label = np.repeat(np.random.default_rng(0).integers(0, 2, 400).astype(float), 2)
    alone = np.arange(800)

    assert design_effect(label, np.repeat(np.arange(400), 2)) == pytest.approx(2.0)
    assert design_effect(label, alone) == pytest.approx(1.0)
    assert design_effect(np.zeros(5), np.arange(5)) == 1.0


def test_where_no_outcome_followed_a_household_counts_once():
    """Of none in 80 rows of 40 households as little is known as of none in 40."""
    twice = design_effect(np.zeros(80), np.repeat(np.arange(40), 2))

    assert wilson(0, 80, effect=twice) == pytest.approx(wilson(0, 40))


def cases(n=1_000, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    return score, (rng.random(n) < 1 / (1 + np.exp(2 - score))).astype(float), np.arange(n)


def test_bands_hold_the_highest_scores_and_what_followed():
    score, label, household = cases()
    first, second = make_bands(score, label, household)
    order = np.argsort(-score)

    assert (first.n, second.n) == (50, 100)
    assert first.positives == label[order[:50]].sum()
    assert second.positives == label[order[50:150]].sum()
    assert first.low < first.observed_rate < first.high
    assert first.threshold > second.threshold


def test_there_is_no_band_for_the_rest():
    score, label, household = cases()
    bands = make_bands(score, label, household)
    lowest = bands[-1].threshold

    assert find_band(bands, lowest) == bands[-1]
    assert find_band(bands, np.nextafter(lowest, -np.inf)) is None
    assert find_band(bands, 99.0) == bands[0]


def test_tied_scores_are_in_the_same_band():
    bands = make_bands(np.zeros(100), np.r_[np.ones(10), np.zeros(90)], np.arange(100))

    assert [band.n for band in bands] == [100]


def test_those_not_listed_are_counted_of_100():
    score, label, household = cases()
    bands = make_bands(score, label, household)
    listed = share_listed(score, np.zeros(len(score)), 50)
    figures = observe_listing(score, label, listed, bands)
    order = np.argsort(-score)

    assert figures.found == label[order[:50]].sum()
    assert figures.not_listed_of_100 == pytest.approx(100 * label[order[50:]].sum() / label.sum())
    assert figures.outside_bands_of_100 == pytest.approx(
        100 * label[order[150:]].sum() / label.sum()
    )


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=30),
    st.integers(1, 5) | st.sampled_from([0.1, 0.25, 0.5]),
)
def test_share_listed_is_the_chance_under_a_random_order_of_ties(rows, capacity):
    period = np.array([number for number, _ in rows])
    score = np.array([float(value) for _, value in rows])
    share = share_listed(score, period, capacity)

    for number in np.unique(period):
        inside = period == number
        places = capacity if capacity >= 1 else capacity * inside.sum()
        for value in np.unique(score[inside]):
            tied = inside & (score == value)
            above = (inside & (score > value)).sum()
            expected = np.clip(places - above, 0, tied.sum()) / tied.sum()
            assert share[tied] == pytest.approx(np.full(tied.sum(), expected))


def test_nobody_is_listed_of_nobody():
    assert share_listed(np.zeros(0), np.zeros(0), 3).shape == (0,)
