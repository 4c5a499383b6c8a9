"""`StepUpClassifier`: the trees and calibrator of a step-up model as a scikit-learn estimator."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from fs_risk.errors import PlanError
from fs_risk.model.booster import Recipe
from fs_risk.model.fitting import FEWEST_POSITIVES, fit_trees
from fs_risk.model.folds import household_fold
from fs_risk.model.plan import BoosterSettings
from fs_risk.records.counts_in_words import out_of

_APART = 104_729
"""Moves the folds within a fit from those of a splitter with the same seed, which would leave
one of them empty: the households that are tested on."""


class StepUpClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Boosted trees calibrated in log-odds on households held out.

    Parameters
    ----------
    settings : BoosterSettings, optional
        How the trees are grown.
    monotone : dict of str to {-1, 0, 1}, optional
        Direction in which a named feature may move the score.
    n_folds : int, default=3
        Household folds.
    fewest_positives : int, default=5
        That each fold must have.
    seed : int, default=0
    threads : int, optional

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        When fitted on a frame.
    trees_ : FittedTrees

    Notes
    -----
    Trees are calibrated on households held out; without ``households`` each row is a
    household of its own. `cross_val_score`'s own splitters mix time and households: pass
    ``cv=ForwardHouseholdSplit(...)`` and ``groups=split_groups(cohort, households)``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"plans": rng.integers(0, 3, 600).astype(float)})
    >>> y = (rng.random(600) < 0.1 + 0.3 * X["plans"]).astype(float)
    >>> StepUpClassifier().fit(X, y).predict_proba(X).shape
    (600, 2)
    """

    def __init__(
        self,
        *,
        settings: BoosterSettings | None = None,
        monotone: dict[str, int] | None = None,
        n_folds: int = 3,
        fewest_positives: int = FEWEST_POSITIVES,
        seed: int = 0,
        threads: int | None = None,
    ) -> None:
        self.settings = settings
        self.monotone = monotone
        self.n_folds = n_folds
        self.fewest_positives = fewest_positives
        self.seed = seed
        self.threads = threads

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        households: pd.Series | None = None,
    ) -> "StepUpClassifier":
        """Fit on labelled rows.

        Parameters
        ----------
        X : DataFrame or array of float, shape (n, n_features)
            NaN where not known.
        y : array-like of shape (n,)
            Two classes, the second of them the outcome; no missing label.
        households : Series of str, optional

        Returns
        -------
        StepUpClassifier

        Raises
        ------
        PlanError
            If labels are missing (their outcome is not known yet), or a fold has too
            few of the rarer class.
        """
        _refuse_unlabelled(y)
        X, y = validate_data(
            self, X, y, dtype=[np.float64, np.float32], ensure_all_finite="allow-nan"
        )
        check_classification_targets(y)
        self.classes_, label = np.unique(y, return_inverse=True)
        _refuse_other_than_two(self.classes_)
        self.trees_ = fit_trees(
            X,
            label.astype(np.float64),
            self._recipe(),
            fold=self._folds(households, label),
            fitting=np.ones(len(X), dtype=bool),
            fewest_positives=self.fewest_positives,
            progress=False,
        )
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Give calibrated, unclipped log-odds.

        Parameters
        ----------
        X : DataFrame or array of float, shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        check_is_fitted(self)
        X = validate_data(
            self, X, reset=False, dtype=[np.float64, np.float32], ensure_all_finite="allow-nan"
        )
        margin = self.trees_.booster.margin(X, threads=self.threads)
        return self.trees_.calibrator.log_odds(margin)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Give calibrated probabilities of both classes, shape (n, 2)."""
        follows = expit(self.decision_function(X))
        return np.column_stack([1 - follows, follows])

    def predict(self, X: Any) -> np.ndarray:
        """Give the likelier class; for scikit-learn's tools, never for a decision."""
        scores = self.decision_function(X)
        likelier: np.ndarray = self.classes_[(scores > 0).astype(int)]
        return likelier

    def _folds(self, households: pd.Series | None, label: np.ndarray) -> np.ndarray:
        """Fold by household; rows that are households of their own are dealt out by class."""
        if households is None:
            dealt = np.empty(len(label), dtype=np.int64)
            dealt[np.argsort(label, kind="stable")] = np.arange(len(label)) % self.n_folds
            return dealt
        keys = pd.Series(np.asarray(households))
        return household_fold(keys, n_folds=self.n_folds, seed=self.seed + _APART)

    def _recipe(self) -> Recipe:
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"x{place}" for place in range(self.n_features_in_)]
        directions = self.monotone or {}
        return Recipe(
            feature_names=[str(name) for name in names],
            monotone=[directions.get(str(name), 0) for name in names],
            settings=self.settings or BoosterSettings(),
            seed=self.seed,
            threads=self.threads,
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def tags_of_a_fitted_model() -> Any:
    """Give the tags by which scikit-learn knows a trained step-up model as a classifier.

    Returns
    -------
    sklearn.utils.Tags
    """
    tags = StepUpClassifier().__sklearn_tags__()
    tags.requires_fit = False
    return tags


def _refuse_unlabelled(y: Any) -> None:
    if y is None or isinstance(y, str):
        return
    missing = int(np.sum(pd.isna(np.asarray(y))))
    if missing:
        raise PlanError(
            f"{out_of(missing, np.shape(y)[0], 'row', does='has', do='have')} no label: their "
            "outcome is not known yet, or not observed.",
            where="y",
            fix="Keep the rows whose label is 0 or 1.",
        )


def _refuse_other_than_two(classes: np.ndarray) -> None:
    if len(classes) != 2:
        # scikit-learn's own checks look for this wording and type.
        raise ValueError(
            f"Only binary classification is supported. The type of the target has "
            f"{len(classes)} class{'es' * (len(classes) != 1)}."
        )
