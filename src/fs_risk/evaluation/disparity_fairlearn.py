"""The door to fairlearn's mitigations: constrained learning, and thresholds by group."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.reductions import ErrorRate, ExponentiatedGradient, TruePositiveRateParity
from scipy.special import expit, logit
from sklearn.base import BaseEstimator

ITERATIONS, TRIES = 8, 3
WITHIN = 0.2
"""Part of the order that is left to the mean score, among rows of the same chance."""

DIFFERENCE = 0.02
"""Difference of recall to the whole that the reduction lets pass."""

Scores = Callable[[np.ndarray], np.ndarray]
"""From a matrix of rows to margins."""

Learner = Callable[[np.ndarray, np.ndarray, np.ndarray], Scores]
"""From rows (positions), labels and weights to what scores a matrix."""


class _Oracle:
    """An estimator of positions: fairlearn sees row numbers, the learner their features."""

    def __init__(self, matrix: np.ndarray, learn: Learner) -> None:
        self.matrix, self.learn = matrix, learn

    def __deepcopy__(self, memo: dict[int, object]) -> "_Oracle":
        return _Oracle(self.matrix, self.learn)

    def fit(self, X: np.ndarray, y: np.ndarray, *, sample_weight: np.ndarray) -> "_Oracle":
        """Learn from the rows of these numbers."""
        rows = np.asarray(X, dtype=np.int64)[:, 0]
        labels = np.asarray(y, dtype=np.float64)
        self.scores = self.learn(rows, labels, np.asarray(sample_weight, dtype=np.float64))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Say which rows are above even odds in the weighted problem."""
        rows = np.asarray(X, dtype=np.int64)[:, 0]
        return (self.scores(self.matrix[rows]) > 0).astype(np.float64)


def exponentiated_gradient(
    matrix: np.ndarray,
    label: np.ndarray,
    group: np.ndarray,
    share: float,
    threshold: float,
    learn: Learner,
) -> Scores:
    """Learn under equal recall by fairlearn's reduction, at the size of a list.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, n_features)
    label : ndarray of float, shape (n,)
    group : ndarray of int, shape (n,)
    share : float
        Share of rows listed: equal recall at another size says little of this one, so
        the cost of errors is moved until the reduction lists about as many.
    threshold : float
        Probability at the end of the list, to begin with.
    learn : callable

    Returns
    -------
    callable
        From a matrix to margins: by the chance with which the predictors that the
        reduction mixes list a row, then by their mean score. The group is not needed.

    References
    ----------
    .. [1] A. Agarwal, A. Beygelzimer, M. Dudík, J. Langford and H. Wallach, A
       reductions approach to fair classification, ICML 2018.
    """
    cost = threshold
    for _ in range(TRIES):
        used = _reduced(matrix, label, group, cost, learn)
        listed = float(_listed(used, matrix).mean())
        if abs(listed - share) <= 0.1 * share:
            break
        cost = float(np.clip(cost * (max(listed, 0.25 * share) / share) ** 0.6, 1e-4, 0.9))

    def scores(rows: np.ndarray) -> np.ndarray:
        mean = sum(weight * expit(_margin(each, rows)) for weight, each in used)
        # its own chance of listing a row first; rows with the same chance by mean score
        chance = (1 - WITHIN) * _listed(used, rows) + WITHIN * mean
        found: np.ndarray = logit(np.clip(chance, 1e-9, 1 - 1e-9))
        return found

    return scores


def _reduced(
    matrix: np.ndarray, label: np.ndarray, group: np.ndarray, cost: float, learn: Learner
) -> list[tuple[float, object]]:
    """Run the reduction at one cost; give the predictors it mixes, with their weights."""
    reduction = ExponentiatedGradient(
        _Oracle(matrix, learn),
        TruePositiveRateParity(difference_bound=DIFFERENCE),
        objective=ErrorRate(costs={"fp": cost, "fn": 1 - cost}),
        max_iter=ITERATIONS,
    )
    rows = np.arange(len(label))[:, None]
    with warnings.catch_warnings():
        # fairlearn 0.15 sets new keys with Series.at, which pandas 3 deprecates
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        reduction.fit(rows, label.astype(np.int64), sensitive_features=group)
    return [
        (float(weight), predictor)
        for weight, predictor in zip(reduction.weights_, reduction.predictors_, strict=True)
        if weight > 0
    ]


def _listed(used: list[tuple[float, object]], matrix: np.ndarray) -> np.ndarray:
    """Give the chance with which the mixed predictors list each row."""
    chance = np.zeros(len(matrix))
    for weight, predictor in used:
        chance += weight * (_margin(predictor, matrix) > 0)
    return chance


def _margin(predictor: object, matrix: np.ndarray) -> np.ndarray:
    """Give a predictor's margins; where all labels were alike it has one answer for all."""
    if isinstance(predictor, _Oracle):
        return predictor.scores(matrix)
    answer = float(predictor.predict(np.zeros((1, 1)))[0])  # type: ignore[attr-defined]
    return np.full(len(matrix), 10.0 if answer else -10.0)


class _AsItIs(BaseEstimator):  # type: ignore[misc]
    """An estimator whose scores are there already."""

    def __sklearn_is_fitted__(self) -> bool:
        """Say that there is nothing left to learn."""
        return True

    def fit(self, X: np.ndarray, y: np.ndarray) -> "_AsItIs":
        """Learn nothing."""
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Give the score that was put in."""
        return np.asarray(X, dtype=np.float64)[:, 0]


def group_chances(
    score: np.ndarray,
    label: np.ndarray,
    group: np.ndarray,
    threshold: float,
    asked: np.ndarray,
    asked_group: np.ndarray,
) -> np.ndarray:
    """Give chances of being listed by fairlearn's thresholds for each group.

    Parameters
    ----------
    score, label, group : ndarray, shape (n,)
        Held-out rows that thresholds are chosen on.
    threshold : float
        Probability at the end of the list: rows with the outcome are repeated so that
        the most accurate threshold lies there, which leaves each group's recall as it is.
    asked, asked_group : ndarray, shape (m,)
        Scores and groups to list; every group among those above.

    Returns
    -------
    ndarray of float64, shape (m,)

    References
    ----------
    .. [1] M. Hardt, E. Price and N. Srebro, Equality of opportunity in supervised
       learning, NeurIPS 2016.
    """
    times = max(1, round((1 - threshold) / threshold))
    rows = np.repeat(np.arange(len(label)), np.where(label == 1, times, 1))
    chosen = ThresholdOptimizer(
        estimator=_AsItIs(),
        constraints="true_positive_rate_parity",
        objective="accuracy_score",
        prefit=True,
        predict_method="predict",
    )
    chosen.fit(score[rows][:, None], label[rows].astype(np.int64), sensitive_features=group[rows])
    chance = np.zeros(len(asked))
    for name, rule in chosen.interpolated_thresholder_.interpolation_dict.items():
        mine = asked_group == name
        own = asked[mine]
        mixed = rule.p0 * rule.operation0(own) + rule.p1 * rule.operation1(own)
        ignored = getattr(rule, "p_ignore", 0.0)
        chance[mine] = ignored * getattr(rule, "prediction_constant", 0.0) + (1 - ignored) * mixed
    return chance
