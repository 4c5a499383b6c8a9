"""Even draws: each alone has its chance, and together they come out as expected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fs_risk.synthetic.drawing import (
    drawn_evenly,
    each_apart,
    even_about,
    even_draws,
    picked_evenly,
)

TIMES = 4_000


@given(st.lists(st.floats(0.0, 0.95), max_size=200), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_as_many_are_picked_in_every_stretch_as_expected(chances, seed):
    chance = np.asarray(chances, dtype=float)
    picked = picked_evenly(chance, np.random.default_rng(seed))

    assert (np.diff(picked) > 0).all()
    counts = np.cumsum(np.isin(np.arange(len(chance)), picked))
    assert (np.abs(counts - np.cumsum(chance)) < 1 + 1e-9).all()


def test_each_thing_is_picked_with_its_own_chance():
    chance = np.array([0.02, 0.5, 0.1, 0.0, 0.31, 0.07])
    rng = np.random.default_rng(4)
    times = np.zeros(len(chance))
    for _ in range(TIMES):
        times[picked_evenly(chance, rng)] += 1

    for had, one in zip(times, chance, strict=True):
        assert stats.binomtest(int(had), TIMES, one).pvalue > 1e-4


def test_picks_of_a_thing_do_not_depend_on_its_earlier_picks():
    chance = np.full(40, 0.3)
    rng = np.random.default_rng(5)
    first = np.array([np.isin(7, picked_evenly(chance, rng)) for _ in range(TIMES)], dtype=float)

    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.06


@pytest.mark.parametrize("about", [False, True])
def test_each_draw_alone_is_uniform_whatever_its_neighbours(about):
    rng = np.random.default_rng(6)
    order = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
    chance = np.linspace(0.0, 0.9, 10)
    draws = np.array(
        [even_about(chance, order, rng) if about else even_draws(order, rng) for _ in range(TIMES)]
    )

    for column in draws.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    assert draws.max() < 1.0


def test_as_many_draws_lie_below_their_chances_as_expected():
    rng = np.random.default_rng(7)
    chance = rng.uniform(0.0, 0.2, 3_000)
    order = rng.integers(0, 50, 3_000)
    for _ in range(20):
        below = (even_about(chance, order, rng) < chance).sum()
        assert abs(below - chance.sum()) < 1


def test_columns_come_up_by_their_shares():
    shares = np.tile([1.0, 3.0, 0.0], (4_000, 1))
    drawn = drawn_evenly(shares, np.zeros(4_000), np.random.default_rng(2))

    assert np.bincount(drawn, minlength=3).tolist() == pytest.approx([1_000, 3_000, 0], abs=8)


def test_things_picked_apart_are_at_equal_distances():
    picked = each_apart(0.05, 1_000, np.random.default_rng(0))

    assert len(picked) == 50
    assert set(np.diff(picked)) <= {19, 20, 21}
    assert len(each_apart(0.0, 100, np.random.default_rng(0))) == 0
