"""A trained model as scikit-learn's tools take one: they may ask it anything but to learn."""

from typing import Any, NoReturn, Protocol

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError


class Scores(Protocol):
    """What is needed of a model to act as an estimator."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in order."""

    @property
    def classes_(self) -> np.ndarray:
        """The outcome does not, and does, follow."""

    def log_odds(self, X: pd.DataFrame) -> np.ndarray:
        """Give calibrated, unclipped log-odds."""


class ActsAsEstimator:
    """A fitted binary classifier, in scikit-learn's words.

    `sklearn.inspection`, its metrics' displays, its scorers and the predicting side of a
    `Pipeline` take it as they take their own. It cannot be fitted again or cloned, so what
    fits anew (`cross_val_score`) is told to use `StepUpClassifier`. It has no ``score``:
    accuracy says nothing of an outcome this rare, so a measure is named
    (``scoring="average_precision"``).
    """

    _estimator_type = "classifier"

    @property
    def classes_(self) -> np.ndarray:
        """The labels: 0.0, the outcome does not follow, and 1.0, it does."""
        return np.array([0.0, 1.0])

    @property
    def feature_names_in_(self: Scores) -> np.ndarray:
        """Names of the features, ndarray of object, shape (n_features,)."""
        return np.array(self.feature_names, dtype=object)

    @property
    def n_features_in_(self: Scores) -> int:
        """How many features there are."""
        return len(self.feature_names)

    def decision_function(self: Scores, X: pd.DataFrame) -> np.ndarray:
        """Give calibrated, unclipped log-odds, as `log_odds` does.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return self.log_odds(X)

    def predict(self: Scores, X: pd.DataFrame) -> np.ndarray:
        """Give the likelier class; for scikit-learn's tools, never for a decision.

        Parameters
        ----------
        X : DataFrame of shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        likelier: np.ndarray = self.classes_[(self.log_odds(X) > 0).astype(int)]
        return likelier

    def fit(self, X: Any = None, y: Any = None, **_: Any) -> NoReturn:
        """Refuse: a trained model is a frozen result.

        Parameters
        ----------
        X, y : Any
            Not looked at.

        Raises
        ------
        SettingError
            Always.
        """
        raise _frozen("fitted again")

    def __sklearn_clone__(self) -> NoReturn:
        raise _frozen("cloned")

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        # scikit-learn asks, so it is loaded already
        from fs_risk.model.estimator import tags_of_a_fitted_model

        return tags_of_a_fitted_model()


def _frozen(what: str) -> SettingError:
    return SettingError(
        f"A trained StepUpModel cannot be {what}: it is a frozen result, proved on later time.",
        where="StepUpModel",
        fix="Use StepUpClassifier() in what fits anew, such as cross_val_score.",
    )
