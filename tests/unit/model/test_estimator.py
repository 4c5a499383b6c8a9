import numpy as np
import pytest
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator

from fs_risk.errors import PlanError
from fs_risk.model.estimator import StepUpClassifier
from fs_risk.model.folds import split_groups
from fs_risk.model.plan import BoosterSettings
from fs_risk.model.splits import ForwardHouseholdSplit

QUICK = BoosterSettings(max_rounds=20, min_rows_in_leaf=2)
EXCEPTIONS = {
    "check_supervised_y_no_nan": "raises PlanError, which counts the rows, and not ValueError",
    "check_array_api_input": "array API dispatch is not switched on",
}


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pair
        for pair in estimator_checks_generator(
            StepUpClassifier(n_folds=2, fewest_positives=1, settings=QUICK, threads=1)
        )
        if getattr(pair[1], "func", pair[1]).__name__ not in EXCEPTIONS
    ],
    ids=lambda part: getattr(getattr(part, "func", part), "__name__", ""),
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def labelled(study):
    known = study.labels["label"].notna()
    groups = split_groups(study.cohort, study.households)
    return study.X[known], study.labels.loc[known, "label"], groups[known]


def test_clone_is_unfitted_and_equal():
    first = StepUpClassifier(n_folds=4, seed=3)

    assert clone(first).get_params() == first.get_params()


def test_rows_without_a_label_are_refused_with_their_number(study):
    """T6."""
    missing = int(study.labels["label"].isna().sum())
    with pytest.raises(PlanError, match=f"{missing:,} of {len(study.X):,} rows have no label"):
        StepUpClassifier().fit(study.X, study.labels["label"])


def test_what_calibrates_a_fold_has_not_grown_its_trees(study):
    """M1, T9: a fold's features move its held-out scores, and no tree of its replica."""
    X, y, groups = labelled(study)
    clf = StepUpClassifier(settings=QUICK)
    first = clone(clf).fit(X, y, households=groups["household"]).trees_
    mine = clf._folds(groups["household"], y.to_numpy()) == 0
    shuffled = X.copy()
    shuffled.loc[mine] = X[mine].sample(frac=1, random_state=0).to_numpy()
    second = clone(clf).fit(shuffled, y, households=groups["household"]).trees_
    alike = [
        all(a == b for a, b in zip(grown(one), grown(other), strict=False))
        for one, other in zip(first.replicas, second.replicas, strict=True)
    ]

    assert alike == [True, False, False]
    assert (first.margin[mine] != second.margin[mine]).any()


def grown(booster):
    """Give the trees of a booster, without what stands around them."""
    return booster.text.split("end of trees")[0].split("Tree=")[1:]


def test_directions_are_by_name(study):
    X, y, _ = labelled(study)
    clf = StepUpClassifier(settings=QUICK, monotone={"child_cp_plan_starts_1825d": -1}).fit(X, y)
    more = X.assign(child_cp_plan_starts_1825d=X["child_cp_plan_starts_1825d"] + 1)

    assert (clf.decision_function(more) <= clf.decision_function(X) + 1e-12).all()


def test_cross_validation_forward_and_by_household(study):
    X, y, groups = labelled(study)
    scores = cross_val_score(
        StepUpClassifier(settings=BoosterSettings(max_rounds=60)),
        X,
        y,
        groups=groups,
        cv=ForwardHouseholdSplit(),
        scoring="roc_auc",
    )

    assert (scores > 0.6).all()


def test_it_works_in_a_pipeline_that_hands_frames_on(study):
    """Directions are found by name behind a step whose output is a frame."""
    X, y, groups = labelled(study)
    clf = StepUpClassifier(settings=QUICK, monotone={"child_cp_plan_starts_1825d": 1})
    pipeline = make_pipeline(SimpleImputer(), clf).set_output(transform="pandas").fit(X, y)
    bare = make_pipeline(SimpleImputer(), clone(clf)).set_output(transform="pandas")
    scores = cross_val_score(
        bare, X, y, groups=groups, cv=ForwardHouseholdSplit(), scoring="average_precision"
    )

    assert list(pipeline[-1].feature_names_in_) == list(X.columns)
    assert pipeline.predict_proba(X).shape == (len(X), 2)
    assert (scores > y.mean()).all()


def test_settings_can_be_searched_with_scikit_learns_own_tools(study):
    X, y, groups = labelled(study)
    search = GridSearchCV(
        StepUpClassifier(settings=QUICK),
        {"settings": [QUICK, QUICK.model_copy(update={"num_leaves": 3})]},
        cv=ForwardHouseholdSplit(),
        scoring="neg_log_loss",
    )
    search.fit(X, y, groups=groups)

    assert search.best_params_["settings"] in (
        QUICK,
        QUICK.model_copy(update={"num_leaves": 3}),
    )


def test_probabilities_are_calibrated_on_new_rows(study):
    X, y, _ = labelled(study)
    half = len(X) // 2
    clf = StepUpClassifier().fit(X[:half], y[:half])
    mean = clf.predict_proba(X[half:])[:, 1].mean()

    assert mean == pytest.approx(y[half:].mean(), abs=4 * np.sqrt(0.1 / half))
