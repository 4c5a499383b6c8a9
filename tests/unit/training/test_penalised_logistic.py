import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from fs_risk.training import penalised_logistic
from fs_risk.training.distinct_values import code_columns, pack_columns, quantiles
from fs_risk.training.penalised_logistic import fit_path


class Dense:
    """A design that is laid out in full."""

    def __init__(self, columns):
        self.columns = np.asarray(columns, dtype=float)
        self.width = self.columns.shape[1]

    def times(self, weights):
        return self.columns @ weights

    def against(self, values):
        return values @ self.columns

    def laid_out(self, every):
        return self.columns[::every].T.astype(np.float32)


def fit(columns, label, penalties):
    return fit_path(Dense(columns), label, penalties)


def drawn(n=600, k=8, seed=0):
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(n, k))
    design[:, 1] = design[:, 0] + 0.01 * rng.normal(size=n)  # two that say the same
    chance = 1 / (1 + np.exp(1.5 - design[:, 0] + 0.5 * design[:, 2]))
    return design, (rng.random(n) < chance).astype(float)


def test_path_is_that_of_scikit_learn():
    design, label = drawn()
    penalties = (0.0003, 0.003, 0.03, 1.0, 100.0)

    for penalty, (intercept, weights) in zip(penalties, fit(design, label, penalties), strict=True):
        oracle = LogisticRegression(C=penalty, solver="newton-cholesky", tol=1e-10)
        oracle.fit(design, label)
        assert intercept == pytest.approx(oracle.intercept_[0], abs=2e-5)
        assert weights == pytest.approx(oracle.coef_[0], abs=2e-4)
        assert design @ weights == pytest.approx(design @ oracle.coef_[0], abs=2e-5)


def test_directions_from_some_of_the_rows_lead_to_the_same_place(monkeypatch):
    design, label = drawn()
    monkeypatch.setattr(penalised_logistic, "ENOUGH_FOR_CURVATURE", 60)
    intercept, weights = fit(design, label, [0.3])[0]
    oracle = LogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-10).fit(design, label)

    assert intercept == pytest.approx(oracle.intercept_[0], abs=2e-5)
    assert design @ weights == pytest.approx(design @ oracle.coef_[0], abs=2e-5)


def test_strength_that_starts_from_another_ends_at_the_same_place():
    design, label = drawn(seed=1)
    alone = fit(design, label, [0.03])[0]
    after = fit(design, label, [0.0003, 0.03])[1]

    assert after[1] == pytest.approx(alone[1], abs=1e-5)


def test_labels_that_can_be_told_apart_have_finite_weights():
    design = np.linspace(-1, 1, 50)[:, None]
    intercept, weights = fit(design, (design[:, 0] > 0).astype(float), [0.03, 1e4])[1]

    assert np.isfinite([intercept, *weights]).all()
    assert weights[0] > 10


def test_no_column_leaves_the_mean():
    intercept, weights = fit(np.empty((10, 0)), np.r_[np.ones(2), np.zeros(8)], [0.1])[0]

    assert intercept == pytest.approx(np.log(0.2 / 0.8))
    assert weights.size == 0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_quantiles_of_counted_values_are_numpys(drawn_values, shares):
    values, counts = np.unique(np.array(drawn_values, dtype=float), return_counts=True)

    assert quantiles(values, counts, np.array(shares)) == pytest.approx(
        np.quantile(drawn_values, shares)
    )


def test_codes_lead_back_to_the_column():
    import pandas as pd

    X = pd.DataFrame({"a": [2.0, np.nan, 1.0, 2.0], "b": [np.nan] * 4}, dtype=np.float32)
    for column in code_columns(X):
        np.testing.assert_array_equal(column.values[column.codes], X[column.name])
        assert np.isnan(column.values[-1])
        assert column.counts(np.array([1, 2])).sum() == 2


def test_packs_lead_back_to_every_column():
    import pandas as pd

    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 3, (500, 9)).astype(np.float32)).rename(columns=str)
    X["days"] = rng.random(500).astype(np.float32)
    X.loc[rng.random(500) < 0.3, "3"] = np.nan
    columns, rows = code_columns(X), np.arange(0, 500, 3)
    packs = pack_columns(columns, rows, most=100)

    assert [number for pack in packs for number in pack.members] == list(range(10))
    assert 1 < len(packs) < 10
    for pack in packs:
        for number, places in zip(pack.members, pack.places, strict=True):
            column = columns[number]
            np.testing.assert_array_equal(
                column.values[places[pack.codes]], X[column.name].to_numpy()[rows]
            )
