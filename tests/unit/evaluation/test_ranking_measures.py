import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from fs_risk.evaluation.ranking import AtCapacity, Ranking
from fs_risk.model.listing import share_listed


def draw(n=200, seed=0, levels=None):
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.3).astype(float)
    label[:2] = [0, 1]
    score = label + rng.normal(0, 1.5, n)
    return label, np.round(score * levels) / levels if levels else score


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), levels=st.sampled_from([None, 1, 3]))
def test_measures_are_scikit_learns_with_ties_and_weights(seed, levels):
    label, score = draw(seed=seed, levels=levels)
    weight = np.random.default_rng(seed).integers(0, 4, (3, len(label))).astype(float)
    weight[:, :2] = 1.0
    ranking = Ranking(label, score)

    for row, precision, area in zip(
        weight, ranking.average_precision(weight), ranking.roc_auc(weight), strict=True
    ):
        assert precision == pytest.approx(average_precision_score(label, score, sample_weight=row))
        assert area == pytest.approx(roc_auc_score(label, score, sample_weight=row))


def test_curve_is_scikit_learns():
    label, score = draw(levels=3)
    recall, precision = Ranking(label, score).curve()
    theirs, theirs_recall, _ = precision_recall_curve(label, score)

    assert recall == pytest.approx(theirs_recall[-2::-1])
    assert precision == pytest.approx(theirs[-2::-1])


def test_without_positives_there_is_no_measure():
    ranking = Ranking(np.zeros(4), np.arange(4.0))

    assert np.isnan(ranking.average_precision(np.ones((1, 4)))).all()
    assert np.isnan(ranking.roc_auc(np.ones((1, 4)))).all()


def by_repeating(label, score, period, capacity, weight):
    """Count by writing each row as often as it weighs and filling each list by hand."""
    label, score, period = (np.repeat(part, weight) for part in (label, score, period))
    share = share_listed(score, period, capacity)
    found, listed = share @ label, share.sum()
    n, positives = len(label), label.sum()
    return {
        "true_positives": found,
        "false_positives": listed - found,
        "false_negatives": positives - found,
        "true_negatives": n - listed - positives + found,
    }


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    capacity=st.integers(1, 6) | st.sampled_from([0.1, 0.5]),
    levels=st.sampled_from([None, 1]),
)
def test_counts_at_capacity_are_those_of_repeated_rows(seed, capacity, levels):
    """M5."""
    label, score = draw(n=60, seed=seed, levels=levels)
    rng = np.random.default_rng(seed)
    period = rng.integers(0, 5, 60)
    weight = rng.integers(0, 3, (2, 60))
    counts = AtCapacity(label, score, period, capacity).counts(weight.astype(float))

    for place, row in enumerate(weight):
        expected = by_repeating(label, score, period, capacity, row)
        found = {name: values[place] for name, values in counts.items()}
        assert found == pytest.approx(expected, abs=1e-9)


def test_ratios_at_capacity_follow_from_the_counts():
    label, score = draw()
    held = AtCapacity(label, score, np.zeros(200, dtype=int), 20)
    top = np.argsort(-score)[:20]
    once = np.ones((1, 200))

    assert held.precision(once).item() == pytest.approx(label[top].mean())
    assert held.recall(once).item() == pytest.approx(label[top].sum() / label.sum())
    assert held.lift(once).item() == pytest.approx(label[top].mean() / label.mean())
