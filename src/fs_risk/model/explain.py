"""`explain`: exact contributions of features and concepts to a model's scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError, SettingError
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.spec import FeatureSpec
from fs_risk.model.booster import Booster
from fs_risk.model.calibration import LogOddsCalibrator
from fs_risk.model.columns import laid_out
from fs_risk.model.explanation import Explanation
from fs_risk.model.explanation_words import Said
from fs_risk.model.facts import UsedFeature
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.definitions import find_outcome
from fs_risk.records.arguments import FEATURES_OR_ARRAY, takes
from fs_risk.records.counts_in_words import count_of


@takes(X=FEATURES_OR_ARRAY)
def explain(
    model: Any,
    X: pd.DataFrame,
    *,
    households: pd.Series | np.ndarray | None = None,
    extra: Sequence[FeatureSpec] = (),
) -> Explanation:
    """Say by feature and concept why a model gives cases the scores it gives.

    Contributions are exact Shapley values of the trees over the paths that their training
    cases took. The calibrator is a straight line in log-odds, so it scales them, and a
    case's contributions and the base value sum to its calibrated, unclipped log-odds.

    Parameters
    ----------
    model : StepUpModel or fitted StepUpClassifier
    X : DataFrame of shape (n, n_features)
        As `build_features` gives it, in any order of columns; NaN where not known. An array
        only for a classifier that was fitted on one.
    households : Series or ndarray, shape (n,), optional
        Household of each case: intervals are then over whole households.
    extra : sequence of FeatureSpec, optional
        Features of your own, to be said in their words.

    Returns
    -------
    Explanation

    Raises
    ------
    FeatureError
        If a column of `X` is missing, unknown, twice there or holds no numbers, or `X`
        and `households` are not of one length.
    SettingError
        If `model` is something else.

    References
    ----------
    .. [1] Lundberg et al., "From local explanations to global understanding with
       explainable AI for trees", Nature Machine Intelligence 2 (2020).

    Examples
    --------
    >>> import fs_risk as fs
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"plans": rng.integers(0, 3, 600), "age": rng.uniform(0, 18, 600)})
    >>> y = (rng.random(600) < 0.1 + 0.3 * X["plans"]).astype(float)
    >>> clf = fs.StepUpClassifier().fit(X, y)
    >>> explanation = fs.explain(clf, X)
    >>> score = clf.decision_function(X)
    >>> bool(np.allclose(explanation.total, score, rtol=0, atol=1e-9))
    True
    >>> explanation.importance()["part"].to_list()
    ['plans', 'age']
    """
    booster, calibrator, features = _parts_of(model)
    names = tuple(feature.name for feature in features)
    trained = isinstance(model, StepUpModel)
    if not trained and not hasattr(model, "feature_names_in_") and isinstance(X, np.ndarray):
        X = pd.DataFrame(X, columns=list(names))
    matrix = laid_out(X, names)
    # the last row is of no case: it is there for the base, which all share
    rows = np.vstack([matrix, np.full((1, len(names)), np.nan, dtype=matrix.dtype)])
    parts = calibrator.contributions(booster.contributions(rows))
    return Explanation(
        values=pd.DataFrame(parts[:-1, :-1], index=X.index, columns=list(names)),
        base_value=float(parts[-1, -1]),
        data=pd.DataFrame(matrix, index=X.index, columns=list(names)),
        said=Said.of(features, (*CATALOGUE, *extra)),
        model=f"{model.name} {model.version}" if trained else type(model).__name__,
        outcome=_outcome(model) if trained else f"class {model.classes_[1]}",
        synthetic=trained and model.training.origin == "synthetic",
        households=_checked(households, len(X)),
    )


def _outcome(model: StepUpModel) -> str:
    meaning = find_outcome(model.plan.outcome).meaning.split(" (")[0]
    return f"{meaning} within {model.plan.within_days} days"


def _parts_of(model: Any) -> tuple[Booster, LogOddsCalibrator, tuple[UsedFeature, ...]]:
    """Take the trees, the line and the features of a trained model, or a fitted classifier."""
    if isinstance(model, StepUpModel):
        return model.booster, model.calibrator, model.facts.features
    trees = getattr(model, "trees_", None)
    if trees is None:
        raise SettingError(
            "Only a trained step-up model, or a StepUpClassifier that was fitted, is explained.",
            where=f"model, a {type(model).__name__}",
            fix="Pass what train_step_up(), load_model() or StepUpClassifier().fit() returns; "
            "of a pipeline its last step, and X as that step sees it.",
        )
    named = (_bare(name) for name in trees.booster.feature_names)
    return trees.booster, trees.calibrator, tuple(named)


def _bare(name: str) -> UsedFeature:
    """State a feature of which only the name is known: it is a concept of its own."""
    return UsedFeature(
        name=name, meaning=name, concept=name, kind="neutral", unit="", monotone=0, digest=""
    )


def _checked(households: pd.Series | np.ndarray | None, n: int) -> np.ndarray | None:
    if households is None:
        return None
    if len(households) != n:
        raise FeatureError(
            f"{count_of(n, 'case')}, and {count_of(len(households), 'household')}.",
            where="X, households",
            fix="Give the household of each case, in the order of X.",
        )
    return np.asarray(households)
