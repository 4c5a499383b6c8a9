"""Exact reasons: equal to LightGBM's own, and to every coalition counted out (E1)."""

from itertools import combinations
from math import factorial

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.model.booster import Booster
from fs_risk.model.tree_shap import Forest, UnreadTreesError


def grown(seed=0, *, n=600, features=6, trees=20, missing=0.1, **settings):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, features)).round(1)
    X[:, 0] = rng.poisson(1.0, n)
    X[rng.random(X.shape) < missing] = np.nan
    margin = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1 % features] * X[:, 2 % features])
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)
    given = {"objective": "binary", "min_data_in_leaf": 5, "learning_rate": 0.3, "verbosity": -1,
             "num_threads": 1, "seed": seed, **settings}  # fmt: skip
    return lightgbm.train(given, lightgbm.Dataset(X, y), trees), X


@pytest.mark.parametrize(
    ("leaves", "depth"), [(2, 1), (4, 2), (31, -1), (31, 6), (255, -1)], ids=str
)
@pytest.mark.parametrize("features", [1, 3, 40])
def test_contributions_are_those_of_lightgbm(leaves, depth, features):
    trees, X = grown(n=2_000, features=features, num_leaves=leaves, max_depth=depth)
    X = X[:200]

    ours = Forest(trees.model_to_string()).contributions(X)

    np.testing.assert_allclose(ours, trees.predict(X, pred_contrib=True), atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), leaves=st.integers(2, 40), kept=st.floats(0.3, 1.0))
def test_contributions_sum_to_the_score(seed, leaves, kept):
    trees, X = grown(seed, num_leaves=leaves, bagging_fraction=kept, bagging_freq=1)

    parts = Forest(trees.model_to_string()).contributions(X)

    np.testing.assert_allclose(parts.sum(axis=1), trees.predict(X, raw_score=True), atol=1e-11)


def test_contributions_are_those_of_every_coalition():
    """Shapley's definition: what a feature adds to each set of the others, weighed by size."""
    trees, X = grown(features=5, trees=3, num_leaves=8)
    forest = Forest(trees.model_to_string())
    dump = [tree["tree_structure"] for tree in trees.dump_model()["tree_info"]]

    for row in X[:10]:
        found = forest.contributions(row[None])[0]
        for feature in range(5):
            assert found[feature] == pytest.approx(by_coalitions(dump, row, feature, 5), abs=1e-12)
        assert found[-1] == pytest.approx(sum(expected(tree, row, set()) for tree in dump))


def by_coalitions(trees, row, feature, n):
    others = [other for other in range(n) if other != feature]
    total = 0.0
    for size in range(n):
        weight = factorial(size) * factorial(n - size - 1) / factorial(n)
        for known in combinations(others, size):
            for tree in trees:
                gain = expected(tree, row, {*known, feature}) - expected(tree, row, set(known))
                total += weight * gain
    return total


def expected(node, row, known):
    """A tree's value where only some features are known: other branches by their rows."""
    if "leaf_value" in node:
        return node["leaf_value"]
    left, right = node["left_child"], node["right_child"]
    feature = node["split_feature"]
    if feature in known:
        value = row[feature]
        if np.isnan(value):
            goes_left = node["default_left"] if node["missing_type"] == "NaN" else (
                node["threshold"] >= 0
            )  # fmt: skip
        else:
            goes_left = value <= node["threshold"]
        return expected(left if goes_left else right, row, known)
    rows = [side.get("internal_count", side.get("leaf_count")) for side in (left, right)]
    return np.average([expected(left, row, known), expected(right, row, known)], weights=rows)


def test_a_value_never_missing_in_training_may_be_missing_now():
    trees, X = grown(missing=0.0, num_leaves=12)
    X = X[:50].copy()
    X[::2, :3] = np.nan

    ours = Forest(trees.model_to_string()).contributions(X)

    np.testing.assert_allclose(ours, trees.predict(X, pred_contrib=True), atol=1e-12)


def test_one_row_is_explained_as_in_company():
    trees, X = grown(num_leaves=31)
    forest = Forest(trees.model_to_string())

    together = forest.contributions(X)
    alone = np.vstack([forest.contributions(X[place : place + 1]) for place in range(len(X))])

    np.testing.assert_array_equal(together, alone)


def test_single_precision_is_read_as_it_is():
    trees, X = grown(num_leaves=31)
    narrow = X.astype(np.float32)

    ours = Forest(trees.model_to_string()).contributions(narrow)

    np.testing.assert_allclose(ours, trees.predict(narrow, pred_contrib=True), atol=1e-12)


def test_trees_without_a_question_give_their_value_alone():
    trees, X = grown(n=8, min_data_in_leaf=100, trees=2)

    parts = Forest(trees.model_to_string()).contributions(X)

    assert not parts[:, :-1].any()
    np.testing.assert_allclose(parts[:, -1], trees.predict(X, raw_score=True))


@pytest.mark.parametrize("given", [{"zero_as_missing": True}, {"linear_tree": True}], ids=str)
def test_other_trees_are_left_to_lightgbm(given):
    trees, X = grown(n=200, **given)
    text = trees.model_to_string()

    with pytest.raises(UnreadTreesError, match=r"zero|numbers"):
        Forest(text)
    if "linear_tree" not in given:  # LightGBM itself has no contributions of those
        parts = Booster(text).contributions(X)
        np.testing.assert_array_equal(parts, trees.predict(X, pred_contrib=True))


def test_questions_about_categories_are_left_to_lightgbm():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 5, (400, 2)).astype(float)
    y = (rng.random(400) < np.where(X[:, 0] == 3, 0.9, 0.1)).astype(float)
    data = lightgbm.Dataset(X, y, categorical_feature=[0])
    trees = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 5)

    parts = Booster(trees.model_to_string()).contributions(X)

    np.testing.assert_array_equal(parts, trees.predict(X, pred_contrib=True))
