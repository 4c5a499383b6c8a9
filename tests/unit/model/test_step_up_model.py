import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import ArtefactError, FeatureError
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.gates import Gate, GateResult


def results(*passed):
    gate = Gate(metric="roc_auc", at_least=0.5)
    return [GateResult(gate=gate, figure=0.6, passed=each) for each in passed]


def as_real(model):
    from dataclasses import replace

    training = model.training.model_copy(update={"origin": "real"})
    return replace(model, facts=model.facts.model_copy(update={"training": training}))


def test_probability_is_that_of_the_calibrated_log_odds(fitted, study):
    proba = fitted.predict_proba(study.X[:50])
    margin = fitted.predict_margin(study.X[:50])
    log_odds = fitted.calibrator.intercept + fitted.calibrator.slope * margin

    assert proba.shape == (50, 2)
    assert proba.sum(axis=1) == pytest.approx(np.ones(50))
    assert proba[:, 1] == pytest.approx(1 / (1 + np.exp(-log_odds)))


def test_contributions_sum_to_the_calibrated_log_odds(fitted, study):
    """E1."""
    X = study.X[:300].mask(np.random.default_rng(0).random((300, 5)) < 0.2)
    parts = fitted.contributions(X)

    assert list(parts.columns) == [*fitted.feature_names, "base"]
    assert parts.index.equals(X.index)
    assert parts.sum(axis=1).to_numpy() == pytest.approx(fitted.log_odds(X), abs=1e-6)


def test_order_of_columns_does_not_matter(fitted, study):
    assert (fitted.log_odds(study.X[study.X.columns[::-1]]) == fitted.log_odds(study.X)).all()


def test_missing_or_unknown_column_is_refused_with_the_nearest(fitted, study):
    X = study.X.rename(columns={"child_age_years": "child_age_year"})
    with pytest.raises(
        FeatureError, match=r"1 feature is missing, 1 is unknown.*Did you mean 'child_age_years'"
    ):
        fitted.log_odds(X)


def test_other_features_of_the_catalogue_may_stand_among_them(fitted, study):
    """An outcome leaves a few features out: what build_features() gives can be used whole."""
    more = study.X.assign(**{CATALOGUE[-1].name: 1.0})

    assert CATALOGUE[-1].name not in fitted.feature_names
    assert (fitted.log_odds(more) == fitted.log_odds(study.X)).all()


def test_extra_column_is_refused(fitted, study):
    with pytest.raises(FeatureError, match="0 features are missing, 1 is unknown"):
        fitted.log_odds(study.X.assign(sex=1.0))


def test_column_twice_there_is_refused(fitted, study):
    with pytest.raises(FeatureError, match="1 is there twice"):
        fitted.log_odds(pd.concat([study.X, study.X[["noise"]]], axis=1))


def test_columns_without_names_are_refused(fitted, study):
    with pytest.raises(FeatureError, match="without names"):
        fitted.log_odds(study.X.to_numpy())


class TestMode:
    def test_synthetic_model_says_so_whatever_its_gates(self, fitted):
        assert fitted.mode == "synthetic"
        assert fitted.with_gate_results(results(True)).mode == "synthetic"

    def test_real_model_is_for_study_until_every_gate_is_passed(self, fitted):
        """M4."""
        real = as_real(fitted)

        assert real.mode == "study"
        assert real.with_gate_results([]).mode == "study"
        assert real.with_gate_results(results(True, False)).mode == "study"
        assert real.with_gate_results(results(True, True)).mode == "approval needed"

    def test_notebook_shows_the_stamp_and_what_was_missed(self, fitted):
        shown = fitted._repr_html_()

        assert "SYNTHETIC" in shown
        assert "were on no list" in shown
        assert "Study only" in as_real(fitted)._repr_html_()


def test_model_cannot_be_changed(fitted):
    with pytest.raises(AttributeError, match="cannot assign"):
        fitted.booster = None


def test_gate_results_change_the_hash(fitted):
    assert fitted.with_gate_results(results(True)).content_hash != fitted.content_hash


def test_changed_definition_of_a_feature_is_refused(fitted, study, refit):
    fitted.check_definitions(study.specs)
    changed = [*study.specs[:-1], refit.spec("something_else")]
    with pytest.raises(ArtefactError, match="1 of 5 features is no longer defined"):
        fitted.check_definitions(changed)


def test_replica_scores_come_from_the_fold_that_never_saw_the_household(fitted, study):
    fold = np.arange(30) % 3
    scores = fitted.replica_log_odds(study.X[:30], fold)

    for number in range(3):
        mine = fold == number
        margin = fitted.replicas[number].margin(study.X[:30].to_numpy()[mine])
        line = fitted.facts.replica_calibrators[number]
        assert scores[mine] == pytest.approx(line.intercept + line.slope * margin)


def test_band_of_a_score(fitted):
    assert fitted.band_of(fitted.bands[0].threshold).name == "highest 5 %"
    assert fitted.band_of(-99.0) is None
