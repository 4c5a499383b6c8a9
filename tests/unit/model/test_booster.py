import warnings

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.errors import ArtefactError, FeatureError
from fs_risk.model.booster import Booster, Recipe, grow, grow_with_held_out
from fs_risk.model.plan import BoosterSettings

NAMES = ["up", "down", "free"]


def rows(n=2_000, seed=0):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n, 3)).astype(np.float32)
    log_odds = -1 + matrix[:, 0] - matrix[:, 1] + np.sin(3 * matrix[:, 2])
    label = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(float)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    return matrix, label


def recipe(**changes):
    usual = {
        "feature_names": NAMES,
        "monotone": [1, -1, 0],
        "settings": BoosterSettings(max_rounds=60, patience=10),
        "seed": 7,
        "threads": 1,
    }
    return Recipe(**{**usual, **changes})


@pytest.fixture(scope="module")
def booster():
    return grow(*rows(), recipe(), rounds=40)


def test_number_of_threads_changes_no_byte(booster):
    """M6."""
    assert grow(*rows(), recipe(threads=2), rounds=40).text == booster.text
    assert grow(*rows(), recipe(seed=8), rounds=40).text != booster.text


def test_text_scores_as_lightgbm_does(booster):
    matrix, _ = rows(seed=1)
    direct = lightgbm.Booster(model_str=booster.text)

    assert Booster(booster.text).margin(matrix) == pytest.approx(
        direct.predict(matrix, raw_score=True), abs=0
    )
    assert Booster(booster.text).feature_names == tuple(NAMES)


def test_few_rows_and_many_rows_score_alike(booster):
    """G1."""
    matrix, _ = rows(n=300, seed=2)
    singly = np.concatenate([booster.margin(matrix[[row]]) for row in range(50)])

    assert (singly == booster.margin(matrix)[:50]).all()


def test_contributions_are_those_of_shap_and_sum_to_the_score(booster):
    """E1."""
    matrix, _ = rows(n=100, seed=3)
    parts = booster.contributions(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own notices, on import and on use
        import shap

        oracle = shap.TreeExplainer(lightgbm.Booster(model_str=booster.text)).shap_values(matrix)

    assert parts[:, :-1] == pytest.approx(oracle, abs=1e-12)
    assert parts.sum(axis=1) == pytest.approx(booster.margin(matrix), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(
    base=st.lists(st.floats(-3, 3, width=32), min_size=3, max_size=3),
    step=st.floats(0, 3, width=32),
)
def test_declared_directions_hold_for_all_values(booster, base, step):
    """F3."""
    low = np.array([base], dtype=np.float32)
    up, down = low.copy(), low.copy()
    up[0, 0] += np.float32(step)
    down[0, 1] += np.float32(step)

    assert booster.margin(up).item() >= booster.margin(low).item() - 1e-12
    assert booster.margin(down).item() <= booster.margin(low).item() + 1e-12


def test_loss_of_held_out_rows_is_that_of_the_trees_cut_there():
    matrix, label = rows()
    growth, loss = grow_with_held_out(
        matrix[:1000], label[:1000], matrix[1000:], label[1000:], recipe()
    )
    margin = growth.first(12).margin(matrix[1000:])
    y = label[1000:]
    expected = np.mean(np.logaddexp(0, margin) - y * margin)

    assert loss[11] == pytest.approx(expected, abs=1e-9)
    assert growth.first(12).n_trees == 12


def test_growing_stops_when_held_out_rows_gain_no_more():
    matrix, _ = rows()
    noise = np.random.default_rng(0).integers(0, 2, len(matrix)).astype(float)
    _, loss = grow_with_held_out(matrix[:1000], noise[:1000], matrix[1000:], noise[1000:], recipe())

    assert len(loss) < 60


def test_no_rows_give_no_scores(booster):
    assert booster.margin(np.empty((0, 3))).shape == (0,)
    assert booster.contributions(np.empty((0, 3))).shape == (0, 4)


def test_wrong_number_of_columns_is_refused(booster):
    with pytest.raises(FeatureError, match=r"shape \(2, 4\), not \(n, 3\)"):
        booster.margin(np.zeros((2, 4)))


def test_names_that_cannot_be_written_are_refused():
    with pytest.raises(FeatureError, match="1 feature name holds more than letters"):
        recipe(feature_names=["up", "down", 'odd"name'])


@pytest.mark.parametrize("text", ["", "tree", "\x80\x04pickle"])
def test_text_that_is_no_model_is_refused(text):
    """M9."""
    with pytest.raises(ArtefactError, match="not a LightGBM model"):
        Booster(text)
