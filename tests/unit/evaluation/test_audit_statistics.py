"""The audit's tests, intervals and resamples, against brute force and published examples."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

import fs_risk as fs
from fs_risk.errors import AuditError
from fs_risk.evaluation.fairness_intervals import (
    Spread,
    gap_ends,
    ratio_ends,
    simultaneous,
    spreads,
    wilson_ends,
)
from fs_risk.evaluation.fairness_pooling import pooled_rates
from fs_risk.evaluation.fairness_power import smallest_gap_seen
from fs_risk.evaluation.fairness_resampling import resampled
from fs_risk.evaluation.fairness_table import verdict_of
from fs_risk.evaluation.fairness_tests import group_against_rest
from fs_risk.model.bands import wilson
from fs_risk.model.listing import share_listed
from fs_risk.records.many_tests import benjamini_hochberg, holm

MASK = 2**64 - 1


def made(n=60, seed=0, *, alone=False, capacity=0.4, redraw=True, ties=False):
    rng = np.random.default_rng(seed)
    household = np.arange(n) if alone else np.sort(rng.integers(0, n // 2, n))
    label = (rng.random(n) < 0.4).astype(float)
    score = rng.random(n)
    if ties:
        score = np.round(score, 1)
    groups = pd.Series(rng.choice(["A", "B", "C"], n, p=[0.4, 0.3, 0.3]), name="group")
    audit = fs.audit_fairness(
        label, score, groups, capacity=capacity, households=household,
        as_of=pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 21, n), "D")),
        redraw=redraw, resamples=20, fewest=3, score_measures=False,
    )  # fmt: skip
    return audit.audited


def test_p_value_of_independent_rows_is_that_of_every_way_to_choose_the_group():
    """The exact test: all groups of the same size, drawn from the positives."""
    rng = np.random.default_rng(3)
    listed, own = rng.random(14) < 0.5, np.arange(14) < 5
    audit = fs.audit_fairness(
        np.ones(14), np.zeros(14), pd.Series(np.where(own, "A", "B"), name="g"),
        capacity=0.5, listed=listed.astype(float), resamples=10, fewest=3, score_measures=False,
    )  # fmt: skip
    found = group_against_rest(audit.audited).p[1, 0]

    def statistic(inside):
        miss = listed - listed.mean()
        moved = miss * (inside - inside.mean())
        return abs(moved.sum()) / np.sqrt((moved**2).sum())

    every = []
    for chosen in combinations(range(14), 5):
        inside = np.zeros(14)
        inside[list(chosen)] = 1
        every.append(statistic(inside))
    brute = np.mean(np.array(every) >= statistic(own.astype(float)) - 1e-9)
    assert found == pytest.approx(brute, abs=1e-9)


def test_families_enter_as_one_in_the_statistic():
    """Its variance is the sum over households of squared sums."""
    audited = made(400, seed=1)
    tests = group_against_rest(audited)
    rows = audited.label == 1
    inside = (audited.groups.cell[rows] == 0).astype(float)
    miss = audited.share[rows] - audited.share[rows].mean()
    moved = np.bincount(audited.household[rows], weights=miss * (inside - inside.mean()))
    z = abs(moved.sum()) / np.sqrt((moved**2).sum())

    # a group of 60 positives: near the normal, and never below what it gives by far
    assert tests.p[1, 0] == pytest.approx(2 * norm.sf(z), abs=0.05)


def test_effect_of_families_is_that_of_brute_force():
    audited = made(300, seed=2)
    value, weight = audited.share, audited.label
    rate = (weight * value).sum() / weight.sum()
    inside = (audited.groups.cell == 0).astype(float)
    part = (weight * inside).sum() / weight.sum()
    same = audited.household[:, None] == audited.household[None, :]
    np.fill_diagonal(same, val=False)
    miss, away = weight * (value - rate), weight * (inside - part)
    alike = (miss @ same @ miss) / (weight @ same @ weight) / (rate * (1 - rate))
    effect = 1 + np.clip(alike, 0, 1) * (away @ same @ away) / (away**2).sum()

    assert group_against_rest(audited).effect[1, 0] == pytest.approx(max(1.0, effect))


def test_two_groups_that_make_up_all_are_one_question():
    rng = np.random.default_rng(0)
    label, score = (rng.random(500) < 0.3).astype(float), rng.random(500)
    sex = pd.Series(rng.choice(["F", "M"], 500), name="sex")
    rows = fs.audit_fairness(label, score, sex, capacity=0.3, resamples=10).primary

    recall = rows[rows["metric"] == "recall"]
    assert np.ptp(recall["p"]) < 1e-9
    assert recall["adjusted_p"].nunique() == 1
    smallest = rows["p"].min()
    assert rows["adjusted_p"].min() == pytest.approx(min(1, 2 * smallest))  # of two questions


def test_holm_is_its_definition_on_a_published_example():
    """Holm 1979, as worked through in Aickin and Gensler 1996."""
    p = np.array([0.01, 0.04, 0.03, 0.005])
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_benjamini_hochberg_is_scipys():
    p = np.random.default_rng(0).random(30) ** 2
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p))


def splitmix_weights(seed, n):
    """Draw households as the compiled pass does, in plain Python."""
    n, state = int(n), int(seed)
    weight = np.zeros(n, dtype=int)
    for drawn in range(0, n, 2):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        weight[((z >> 32) * n) >> 32] += 1
        if drawn + 1 < n:
            weight[((z & 0xFFFFFFFF) * n) >> 32] += 1
    return weight


@pytest.mark.parametrize("capacity", [0.4, 6])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("redraw", [False, True])
def test_each_resample_is_the_list_of_the_rows_drawn(capacity, ties, redraw):
    audited = made(120, capacity=capacity, ties=ties, redraw=redraw)
    groups, _ = next(resampled(audited, resamples=3, seed=5))
    seeds = np.random.SeedSequence(5).generate_state(3, np.uint64)
    families = audited.household.max() + 1

    for place, seed in enumerate(seeds):
        weight = splitmix_weights(seed, families)
        assert weight.sum() == families
        rows = np.repeat(np.arange(120), weight[audited.household])
        share = audited.share[rows]
        if redraw:
            share = share_listed(audited.score[rows], audited.period[rows], capacity)
        for group in range(3):
            inside = audited.groups.cell[rows] == group
            tp = (share * inside * audited.label[rows]).sum()
            fn = ((1 - share) * inside * audited.label[rows]).sum()
            assert groups.tp[place, group] == pytest.approx(tp)
            assert groups.fn[place, group] == pytest.approx(fn)


def test_counts_drawn_as_cells_vary_as_rows_drawn_one_by_one():
    """Exact multinomial resampling of cell counts, against a plain bootstrap of rows."""
    audited = made(150, alone=True, redraw=False)
    drawn = [groups.rate("recall") for groups, _ in resampled(audited, resamples=4000, seed=1)]
    by_cells = np.concatenate(drawn).std(axis=0)
    rng = np.random.default_rng(0)
    by_rows = []
    for _ in range(4000):
        rows = rng.integers(0, 150, 150)
        positive = audited.label[rows] == 1
        share, cell = audited.share[rows], audited.groups.cell[rows]
        by_rows.append([share[positive & (cell == group)].mean() for group in range(3)])

    assert by_cells == pytest.approx(np.std(by_rows, axis=0), rel=0.06)


def test_same_seed_gives_the_same_audit():
    """M6: nothing depends on the order of work."""
    one, other = (spreads(made(200), resamples=100, seed=9) for _ in range(2))

    assert all((one[base].size == other[base].size).all() for base in one)


def test_wilsons_interval_is_that_of_the_bands():
    low, high = wilson_ends(np.array([0.1]), np.array([50 / 1.4]), 1.959963985)
    assert (low[0], high[0]) == pytest.approx(wilson(5, 50, effect=1.4))


def one_spread(size, rest_size, shared=0.0):
    nothing = np.zeros((1, 1))
    return Spread(
        size=np.array([size]),
        rest_size=np.array([rest_size]),
        shared=np.array([shared]),
        apart=nothing,
        apart_gap=nothing,
    )


def test_difference_of_two_rates_is_newcombes_published_example():
    """Newcombe 1998, table II, example (a): 56 of 70 against 48 of 80, method 10."""
    low, high = gap_ends(np.array([56 / 70]), np.array([48 / 80]), one_spread(70, 80), 1.96)
    assert (low[0], high[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_ratio_holds_the_ratio_and_inverts():
    value, other = np.array([0.2]), np.array([0.4])
    low, high = ratio_ends(value, other, one_spread(100, 900), 1.96)
    back_low, back_high = ratio_ends(other, value, one_spread(900, 100), 1.96)

    assert low[0] < 0.5 < high[0]
    assert (1 / back_high[0], 1 / back_low[0]) == pytest.approx((low[0], high[0]))


def test_figures_held_at_once_need_more_but_no_more_than_bonferroni():
    apart = np.random.default_rng(0).standard_normal((4000, 20))
    many = simultaneous([apart])

    assert norm.ppf(0.975) < many <= norm.ppf(1 - 0.025 / 20)
    assert simultaneous([np.repeat(apart[:, :1], 20, axis=1)]) == pytest.approx(1.96, abs=0.1)
    assert simultaneous([]) == pytest.approx(1.96, abs=0.001)


def test_smallest_gap_is_found_four_times_in_five():
    rng = np.random.default_rng(0)
    below, above = smallest_gap_seen(
        *(np.array([each]) for each in (0.45, 80.0, 820.0, 1.0)), level=0.01
    )
    for gap in (-below[0], above[0]):
        own = rng.binomial(80, 0.45 + gap, 20_000)
        rest = rng.binomial(820, 0.45, 20_000)
        rate = (own + rest) / 900
        z = (own / 80 - rest / 820) / np.sqrt(rate * (1 - rate) * (1 / 80 + 1 / 820))
        assert (np.abs(z) > norm.ppf(0.995)).mean() == pytest.approx(0.8, abs=0.03)


def test_no_gap_could_be_seen_in_few_rows():
    below, _ = smallest_gap_seen(*(np.array([each]) for each in (0.1, 10, 900, 1)), level=0.01)
    assert np.isnan(below[0])


@pytest.mark.parametrize(
    ("adjusted", "below", "above", "primary", "words"),
    [
        (np.nan, 0.1, 0.1, True, "not enough evidence"),
        (0.01, np.nan, np.nan, True, "gap shown"),
        (0.01, 0.1, 0.1, False, "worth a look"),
        (0.2, 0.094, 0.1, True, "no gap shown (could have seen 9 points)"),
        (0.2, 0.004, 0.1, True, "no gap shown (could have seen 1 point)"),
        (0.2, np.nan, 0.31, True, "no gap shown (could have seen 31 points above, none below)"),
        (0.2, np.nan, np.nan, True, "not enough evidence"),
    ],
)
def test_verdicts(adjusted, below, above, primary, words):
    assert verdict_of(adjusted, below, above, primary, level=0.05) == words


def test_small_groups_are_drawn_to_the_others_and_large_ones_stand():
    rng = np.random.default_rng(0)
    true = rng.beta(20, 30, 40)
    size = rng.choice([8, 2_000], 40)
    rate = rng.binomial(size, true) / size
    shrunk, low, high = pooled_rates(rate, size.astype(float))

    assert np.abs(shrunk - rate)[size == 2_000].max() < 0.01
    assert ((shrunk - true) ** 2)[size == 8].mean() < 0.5 * ((rate - true) ** 2)[size == 8].mean()
    assert ((low <= true) & (true <= high)).mean() >= 0.85


def test_groups_that_do_not_differ_are_drawn_together():
    shrunk, *_ = pooled_rates(np.array([0.3, 0.3, 0.9]), np.array([500.0, 500.0, 2.0]))
    assert shrunk == pytest.approx([0.3, 0.3, 0.3], abs=0.02)


class TestBounds:
    def audit(self):
        rng = np.random.default_rng(4)
        label = (rng.random(2_000) < 0.3).astype(float)
        group = pd.Series(rng.choice(["A", "B"], 2_000), name="group")
        score = label + rng.normal(size=2_000)
        return fs.audit_fairness(label, score, group, capacity=0.3, resamples=10)

    def test_with_nothing_unseen_bounds_are_the_value(self):
        audit = self.audit()
        found = audit.bounds(np.zeros(2_000, dtype=bool))
        value = audit.full_table.set_index(["metric", "group"])["value"]

        for row in found.itertuples():
            assert row.low == pytest.approx(value[row.metric, row.group])
            assert row.high == pytest.approx(value[row.metric, row.group])

    def test_bounds_widen_with_the_odds(self):
        found = self.audit().bounds(np.arange(2_000) % 3 == 0, odds=(1.0, 2.0, 4.0))
        widths = (found["high"] - found["low"]).groupby(found["odds"]).mean()

        assert widths[1.0] == pytest.approx(0)
        assert widths[1.0] < widths[2.0] < widths[4.0]

    def test_truth_lies_within_bounds_of_the_odds_that_hold(self):
        """Unseen rows have twice the odds of the outcome: bounds of two hold the true recall."""
        rng = np.random.default_rng(0)
        n = 200_000
        listed = (rng.random(n) < 0.3).astype(float)
        unseen = rng.random(n) < 0.4
        odds = np.where(listed == 1, 1.0, 0.2) * np.where(unseen & (listed == 0), 2.0, 1.0)
        label = (rng.random(n) < odds / (1 + odds)).astype(float)
        group = pd.Series(rng.choice(["A", "B"], n), name="group")
        audit = fs.audit_fairness(
            np.where(unseen, np.nan, label), listed, group, capacity=0.3, listed=listed,
            resamples=5, score_measures=False,
        )  # fmt: skip
        found = audit.bounds(unseen, odds=(2.0,)).query("metric == 'recall'").set_index("group")

        for name in ("A", "B"):
            true = listed[(label == 1) & (group == name)].mean()
            assert found.loc[name, "low"] - 0.005 <= true <= found.loc[name, "high"]

    def test_odds_below_one_are_refused(self):
        with pytest.raises(AuditError, match="odds below 1"):
            self.audit().bounds(np.zeros(2_000, dtype=bool), odds=(0.5,))
