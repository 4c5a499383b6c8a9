import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import SettingError
from fs_risk.evaluation.capacities import capacities_to_show
from fs_risk.evaluation.ranking import AtCapacity
from fs_risk.evaluation.step_up import evaluate
from fs_risk.model.listing import share_listed


def draw(seed, n=14, levels=2):
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.4).astype(float)
    label[:2] = [0, 1]
    return label, np.round(rng.normal(size=n) * levels) / levels, rng.integers(0, 3, n)


def by_every_order(label, score, period, capacity):
    """Fill each list with every order of its tied children; fewest and most found."""
    fewest = most = 0
    for which in np.unique(period):
        here = np.flatnonzero(period == which)
        places = min(capacity, len(here))
        cut = np.sort(score[here])[::-1][places - 1]
        sure = here[score[here] > cut]
        tied = here[score[here] == cut]
        found = [
            label[list(chosen)].sum()
            for chosen in itertools.combinations(tied, places - len(sure))
        ]  # fmt: skip
        fewest += label[sure].sum() + min(found)
        most += label[sure].sum() + max(found)
    return fewest, most


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), capacity=st.integers(1, 5))
def test_worst_and_best_are_those_of_every_order_of_ties(seed, capacity):
    """M5."""
    label, score, period = draw(seed)
    lists = AtCapacity(label, score, period, capacity)
    once = np.ones((1, len(label)))
    worst, best = lists.extremes(once)
    fewest, most = by_every_order(label, score, period, capacity)

    assert worst["true_positives"].item() == pytest.approx(fewest)
    assert best["true_positives"].item() == pytest.approx(most)
    assert fewest <= lists.counts(once)["true_positives"].item() + 1e-9 <= most + 2e-9
    for counts in (worst, best):
        assert sum(counts.values()).item() == pytest.approx(len(label))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), capacity=st.integers(1, 5) | st.sampled_from([0.2, 0.5]))
def test_chance_of_being_listed_is_that_of_the_lists_in_use(seed, capacity):
    label, score, period = draw(seed)
    listed = AtCapacity(label, score, period, capacity).listed(np.ones((1, len(label))))

    assert listed[0] == pytest.approx(share_listed(score, period, capacity))


def test_own_capacity_agrees_with_the_headline(report):
    (own,) = [at for at in report.capacities if at.planned]

    assert own.capacity == report.plan.capacity
    assert own.precision.value == pytest.approx(report["precision_at_capacity"])
    assert own.recall.value == pytest.approx(report["recall_at_capacity"])
    assert own.found_per_1000.value == pytest.approx(report["true_positives_per_1000"])
    assert own.missed_per_1000.value == pytest.approx(report["false_negatives_per_1000"])
    assert own.false_per_1000.value == pytest.approx(report["false_positives_per_1000"])
    assert own.observed_over_expected.value == pytest.approx(
        report["observed_over_expected_listed"]
    )


def test_longer_lists_find_more_and_are_wrong_more_often(report):
    table = report.capacity_table

    assert table["capacity"].is_monotonic_increasing
    assert table["recall"].is_monotonic_increasing
    assert table["false_per_1000"].is_monotonic_increasing
    assert (table["recall_worst"] <= table["recall"] + 1e-9).all()
    assert (table["recall"] <= table["recall_best"] + 1e-9).all()
    assert (table["n"] == report.n).all()


def test_each_figure_says_of_how_many_it_is(report):
    assert report.figure("recall_at_capacity").n == report.positives
    (own,) = [at for at in report.capacities if at.planned]
    assert report.figure("precision_at_capacity").n == round(own.listed)
    assert report.figure("average_precision").n == report.n


def test_capacities_asked_for_are_shown(fitted, study):
    found = evaluate(
        fitted, study.X, study.labels, study.cohort, study.households,
        capacities=(7, 0.1), resamples=20,
    )  # fmt: skip

    assert {7, 0.1} <= set(found.capacity_table["capacity"])


@pytest.mark.parametrize("odd", [0, -1, 2.5, float("nan")])
def test_capacity_that_is_no_size_of_list_is_refused(odd):
    with pytest.raises(SettingError, match="1 of 1 capacity"):
        capacities_to_show(9, (odd,))


def test_ratio_within_the_list_is_of_the_listed_alone(fitted, study, refit):
    """M2: observed over expected among the listed, by hand."""
    from scipy.special import expit

    other = refit.make_study(n=2_000, seed=4)
    found = evaluate(
        fitted, other.X, other.labels, other.cohort, other.households, resamples=20, fresh=True
    )
    known = other.labels["label"].notna().to_numpy()
    score = fitted.log_odds(other.X[known])
    week = (other.cohort["as_of"][known] - pd.Timestamp("1970-01-05")).dt.days // 7
    listed = share_listed(score, week.to_numpy(), fitted.plan.capacity)
    label = other.labels.loc[known, "label"].to_numpy()

    assert found["observed_over_expected_listed"] == pytest.approx(
        (listed @ label) / (listed @ expit(score))
    )
