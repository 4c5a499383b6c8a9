import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from fs_risk.model.splits import Slices
from fs_risk.training import candidates
from fs_risk.training.candidates import (
    PENALTIES,
    count_referrals,
    fit_candidates,
    fit_splines,
    practice_rules,
)
from fs_risk.training.distinct_values import code_columns
from fs_risk.training.spline_logistic import fit_along_penalties, margin_of


def rows(n=4_000, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {"curve": rng.uniform(-3, 3, n), "flag": rng.integers(0, 2, n), "dull": np.ones(n)}
    ).astype(np.float32)
    X["unseen"] = np.float32(np.nan)
    log_odds = -1 + 1.5 * np.sin(X["curve"]) + 0.7 * X["flag"]
    label = (rng.random(n) < expit(log_odds)).astype(float)
    X.loc[rng.random(n) < 0.1, "curve"] = np.nan
    return X, label, log_odds.to_numpy()


def fit_on_all(X, label, *, penalty):
    return fit_along_penalties(code_columns(X), label, np.arange(len(X)), penalties=[penalty])[0]


def test_curve_is_found():
    X, label, log_odds = rows()
    known = X["curve"].notna().to_numpy()
    margin = fit_on_all(X, label, penalty=1.0).margin(X)

    assert np.corrcoef(margin[known], log_odds[known])[0, 1] > 0.97


def test_features_without_a_difference_are_left_out():
    X, label, _ = rows()
    fitted = fit_on_all(X, label, penalty=0.1)

    assert [term.feature for term in fitted.terms] == ["curve", "flag"]
    assert [bool(term.knots) for term in fitted.terms] == [True, False]


def test_stored_coefficients_score_as_the_fitted_regression():
    """The coefficients are stored for unscaled columns; scikit-learn fitted scaled ones."""
    X, label, _ = rows()
    X = X[["flag"]]
    spread = max(float(X["flag"].std(ddof=0)), 0.1)
    scaled = (X - X.mean()) / spread
    direct = LogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-8).fit(scaled, label)

    assert fit_on_all(X, label, penalty=0.3).margin(X) == pytest.approx(
        direct.decision_function(scaled), abs=1e-5
    )


def test_coded_columns_score_as_the_columns_themselves():
    X, label, _ = rows()
    model = fit_on_all(X, label, penalty=0.1)
    some = np.arange(0, len(X), 7)

    assert margin_of(model, code_columns(X), some) == pytest.approx(model.margin(X)[some])


def test_without_features_only_the_mean_is_left():
    X, label, _ = rows()
    fitted = fit_on_all(X[["dull"]], label, penalty=0.1)

    assert expit(fitted.margin(X))[0] == pytest.approx(label.mean())


def test_mean_probability_is_the_share_observed():
    X, label, _ = rows()
    fitted = fit_on_all(X, label, penalty=0.01)

    assert expit(fitted.margin(X)).mean() == pytest.approx(label.mean(), abs=1e-5)


def slices_of(n, seed=0):
    everyone = np.ones(n, dtype=bool)
    fold = np.random.default_rng(seed).integers(0, 3, n)
    return Slices(fold=fold, fitting=everyone, testing=~everyone)


def test_noise_is_penalised_hardest():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(400, 30))).rename(columns=str)
    label = rng.integers(0, 2, 400).astype(float)

    slices = slices_of(400)
    columns = code_columns(X)
    whole, replicas = fit_splines(columns, label, slices.fold)

    assert {each.penalty for each in (whole, *replicas)} == {min(PENALTIES)}
    rows = slices.fit_rows(1)
    again = fit_on_all(X.iloc[rows], label[rows], penalty=min(PENALTIES))
    assert replicas[1].margin(X) == pytest.approx(again.margin(X), abs=1e-6)
    assert [term.knots for term in replicas[1].terms] == [term.knots for term in again.terms]


def test_of_many_rows_one_fold_chooses_and_all_are_fitted(monkeypatch):
    X, label, _ = rows(3_000)
    slices = slices_of(len(X))
    few = fit_splines(code_columns(X), label, slices.fold)
    monkeypatch.setattr(candidates, "MANY_ROWS", 1_000)
    many = fit_splines(code_columns(X), label, slices.fold)

    assert few[0].penalty == many[0].penalty  # so clear a choice that each fold makes it
    assert few[1][0] == many[1][0]
    for one, other in zip((few[0], *few[1]), (many[0], *many[1]), strict=True):
        assert one.margin(X) == pytest.approx(other.margin(X), abs=1e-4)


def test_replicas_do_not_see_their_own_fold():
    """T9."""
    X, label, _ = rows(1_500)
    slices = slices_of(len(X))
    first = fit_candidates(X, label, slices)
    changed = X.copy()
    changed.loc[slices.fold == 1, "flag"] = 1 - changed.loc[slices.fold == 1, "flag"]
    second = fit_candidates(changed, label, slices)

    if first.final[-1].penalty == second.final[-1].penalty:
        assert first.replicas[1] == second.replicas[1]  # to the last bit
    assert first.replicas[0] != second.replicas[0]
    assert first.final != second.final


class TestReferralCount:
    def counts(self, n=400):
        rng = np.random.default_rng(0)
        label = np.repeat([1.0, 0.0], n // 2)
        long = label * 2 + rng.integers(0, 2, n)
        long[: n // 4] = np.nan  # the first years of the records do not observe it
        X = pd.DataFrame(
            {
                "child_referrals_90d": rng.integers(0, 2, n).astype(float),
                "child_referrals_1095d": long,
                "child_referrals_1825d": np.nan,
                "child_referrals_police_1095d": label,
            }
        )
        return X, label

    def test_best_window_is_taken_though_the_first_years_do_not_observe_it(self):
        X, label = self.counts()
        found = count_referrals(X, label)

        assert found.feature == "child_referrals_1095d"
        assert found.when_missing == pytest.approx(X["child_referrals_1095d"].mean())

    def test_no_count_no_candidate(self):
        X, label = self.counts()

        assert count_referrals(X[["child_referrals_police_1095d"]], label) is None
        assert count_referrals(X[["child_referrals_1825d"]], label) is None

    def test_all_rows_are_compared_where_no_outcome_observed_every_window(self):
        X, label = self.counts()
        X.loc[label == 1, "child_referrals_1095d"] = np.nan

        assert count_referrals(X, label).feature in X.columns


def test_practice_rules_need_a_feature_of_theirs():
    assert practice_rules(pd.DataFrame({"noise": [1.0]})) is None
    assert len(practice_rules(pd.DataFrame({"child_under_1": [1.0]})).rules) == 1


def test_number_of_threads_for_linear_algebra_changes_no_bit():
    """M6."""
    X, label, _ = rows(2_000)
    made = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads, user_api="blas"):
            made.append(fit_candidates(X, label, slices_of(len(X)), progress=False))

    assert made[0].model_dump_json() == made[1].model_dump_json()
