"""A trained model, and the classifier, in scikit-learn's own hands."""

import warnings

import matplotlib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.metrics import PrecisionRecallDisplay, RocCurveDisplay, get_scorer, roc_auc_score
from sklearn.model_selection import cross_val_score, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

import fs_risk as fs
from fs_risk.errors import SettingError
from fs_risk.model.folds import split_groups
from fs_risk.model.plan import BoosterSettings

matplotlib.use("Agg")

QUICK = BoosterSettings(max_rounds=20, min_rows_in_leaf=2)


@pytest.fixture(scope="module")
def cases(study):
    known = study.labels["label"].notna().to_numpy()
    return study.X[known].tail(1_500), study.labels.loc[known, "label"].tail(1_500)


@pytest.fixture(scope="module")
def all_cases(study):
    known = study.labels["label"].notna().to_numpy()
    groups = split_groups(study.cohort, study.households)
    return study.X[known], study.labels.loc[known, "label"], groups[known]


@pytest.fixture
def pyplot():
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def test_a_trained_model_is_a_fitted_classifier(fitted, cases):
    X, _ = cases
    check_is_fitted(fitted)
    proba = fitted.predict_proba(X)

    assert is_classifier(fitted)
    assert not is_regressor(fitted)
    assert fitted.classes_.tolist() == [0.0, 1.0]
    assert fitted.feature_names_in_.tolist() == list(X.columns)
    assert fitted.n_features_in_ == X.shape[1]
    assert proba.shape == (len(X), 2)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.predict(X), fitted.classes_[proba.argmax(axis=1)])
    np.testing.assert_array_equal(fitted.decision_function(X), fitted.log_odds(X))
    assert fitted.__sklearn_tags__().input_tags.allow_nan


def test_scikit_learns_displays_and_scorers_take_a_trained_model(fitted, cases, pyplot):
    X, y = cases
    roc = RocCurveDisplay.from_estimator(fitted, X, y)
    PrecisionRecallDisplay.from_estimator(fitted, X, y)
    calibration = CalibrationDisplay.from_estimator(fitted, X, y, strategy="quantile")
    # scikit-learn writes its grid into the frame, which of float32 pandas refuses
    PartialDependenceDisplay.from_estimator(
        fitted,
        X.astype(float),
        ["child_age_years", ("child_age_years", "noise")],
        grid_resolution=4,
    )

    assert roc.roc_auc == roc_auc_score(y, fitted.predict_proba(X)[:, 1])
    assert abs(calibration.prob_true - calibration.prob_pred).max() < 0.15
    assert get_scorer("roc_auc")(fitted, X, y) == pytest.approx(roc.roc_auc)


def test_permutation_importance_finds_what_the_model_reads(fitted, cases):
    X, y = cases
    found = permutation_importance(
        fitted, X, y, scoring="neg_log_loss", n_repeats=3, random_state=0
    ).importances_mean

    names = list(X.columns)
    assert names[int(found.argmin())] == "noise"
    assert (np.delete(found, found.argmin()) > 0).all()
    with pytest.raises(TypeError, match="should have a 'score' method"):
        permutation_importance(fitted, X, y)


def test_a_trained_model_ends_a_pipeline_whose_output_is_a_frame(fitted, cases):
    X, y = cases
    pipeline = Pipeline([("same", FunctionTransformer().fit(X)), ("model", fitted)])
    pipeline.set_output(transform="pandas")

    np.testing.assert_array_equal(pipeline.predict_proba(X), fitted.predict_proba(X))
    assert pipeline.classes_.tolist() == [0.0, 1.0]
    recalibrated = CalibratedClassifierCV(FrozenEstimator(fitted)).fit(X, y)
    assert recalibrated.predict_proba(X).shape == (len(X), 2)


def test_a_trained_model_is_not_fitted_again(fitted, cases):
    X, y = cases
    with pytest.raises(SettingError, match="cannot be fitted again"):
        fitted.fit(X, y)
    with pytest.raises(SettingError, match="cannot be cloned"):
        clone(fitted)
    with pytest.raises(SettingError, match=r"Use StepUpClassifier\(\)"):
        cross_val_score(fitted, X, y, scoring="roc_auc")


def test_households_are_routed_to_every_fold(all_cases):
    X, y, groups = all_cases
    told = {"households": groups["household"]}
    with sklearn.config_context(enable_metadata_routing=True):
        clf = fs.StepUpClassifier(settings=QUICK).set_fit_request(households=True)
        found = cross_validate(
            make_pipeline(SimpleImputer(), clf).set_output(transform="pandas"), X, y,
            cv=fs.ForwardHouseholdSplit(), scoring="roc_auc", params={**told, "groups": groups},
            return_estimator=True,
        )  # fmt: skip
    plain = fs.StepUpClassifier(settings=QUICK)
    train = next(iter(fs.ForwardHouseholdSplit().split(X, y, groups)))[0]
    direct = plain.fit(
        X.iloc[train], y.iloc[train], **{name: each.iloc[train] for name, each in told.items()}
    )

    assert (found["test_score"] > 0.6).all()
    assert found["estimator"][0][-1].trees_.booster.text == direct.trees_.booster.text


def test_scikit_learns_displays_take_the_classifier_within_a_pipeline(cases, pyplot):
    X, y = cases
    clf = fs.StepUpClassifier(settings=QUICK)
    pipeline = make_pipeline(SimpleImputer(), clf).set_output(transform="pandas").fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CalibrationDisplay.from_estimator(pipeline, X, y)
        PartialDependenceDisplay.from_estimator(
            pipeline, X.astype(float), ["noise"], grid_resolution=4, kind="both", subsample=20
        )
    found = permutation_importance(pipeline, X, y, scoring="average_precision", n_repeats=1)

    assert found.importances.shape == (X.shape[1], 1)
