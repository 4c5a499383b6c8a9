"""What is declared of a feature's direction holds, whatever the labels say."""

import numpy as np
import pytest

from fs_risk.model.plan import BoosterSettings, Plan

PLAN = Plan(outcome="cp_plan", booster=BoosterSettings(max_rounds=40, patience=40))

AGAINST = {
    "child_cp_plan_starts_1825d": -1,  # the more, the more often the outcome follows
    "child_age_years": 1,  # it follows most often below the first birthday
    "noise": 1,  # it has nothing to do with it
}
"""Declarations that the labels of the stand-in study do not bear out."""


def fit_declared(refit, declared):
    study = refit.make_study(n=4_000, seed=11)
    study.specs = [refit.spec(name, declared.get(name, 0)) for name in study.X]
    return refit.fit_study(study, plan=PLAN), study.X


@pytest.fixture(scope="module")
def declared(refit):
    return fit_declared(refit, AGAINST)


@pytest.fixture(scope="module")
def undeclared(refit):
    return fit_declared(refit, {})


def steps(score, X, feature):
    """Raise one feature alone through its whole range; give each step's change of score."""
    rows = X.iloc[::20]
    values = np.unique(np.quantile(X[feature], np.linspace(0, 1, 41)))
    path = np.array([score(rows.assign(**{feature: np.float32(value)})) for value in values])
    return np.diff(path, axis=0)


@pytest.mark.parametrize("feature", AGAINST)
def test_score_never_moves_against_a_declaration(declared, feature):
    """F3: not even where every label speaks for the other direction."""
    model, X = declared

    assert (AGAINST[feature] * steps(model.log_odds, X, feature) >= -1e-12).all()


@pytest.mark.parametrize("feature", AGAINST)
def test_no_replica_moves_against_a_declaration(declared, feature):
    """F3: the evidence comes from models that keep to it as well."""
    model, X = declared

    for replica in range(PLAN.n_folds):

        def score(rows, replica=replica):
            return model.replica_log_odds(rows, np.full(len(rows), replica))

        assert (AGAINST[feature] * steps(score, X, feature) >= -1e-12).all()


@pytest.mark.parametrize("feature", AGAINST)
def test_without_a_declaration_the_score_follows_the_labels(undeclared, feature):
    """F3: so what holds above is the declaration's doing, not the study's."""
    model, X = undeclared

    assert (AGAINST[feature] * steps(model.log_odds, X, feature)).min() < -0.01


def test_a_declared_feature_is_still_used_where_the_labels_agree(refit):
    """F3: a declaration bars one direction and leaves the other."""
    model, X = fit_declared(refit, {"child_cp_plan_starts_1825d": 1, "child_age_years": -1})

    assert steps(model.log_odds, X, "child_cp_plan_starts_1825d").max() > 0.01
    assert steps(model.log_odds, X, "child_age_years").min() < -0.01
