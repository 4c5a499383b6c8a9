"""The door to LightGBM: grow trees that can be repeated, score and explain with them."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import lightgbm
import numpy as np

from fs_risk.errors import ArtefactError, FeatureError
from fs_risk.model.plan import BoosterSettings
from fs_risk.model.tree_shap import Forest, UnreadTreesError
from fs_risk.records.counts_in_words import count_of

FEW_ROWS = 64
"""Up to this many rows are explained by one thread: waking others costs more."""

MANY_ROWS = 50_000
"""From this many rows on trees are grown, and rows scored, by all cores."""

_NAME = re.compile(r"[A-Za-z0-9_]+")
_THREADS = re.compile(r"^\[num_threads: -?\d+\]$", flags=re.MULTILINE)


class Booster:
    """Grown trees: scores in log-odds and their exact contributions.

    Parameters
    ----------
    text : str
        LightGBM's text form.

    Raises
    ------
    ArtefactError
        If the text is not a LightGBM model of a single score.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._trees = lightgbm.Booster(model_str=text)
            single = self._trees.num_model_per_iteration() == 1
        except lightgbm.basic.LightGBMError:
            single = False
        if not single:
            raise ArtefactError(
                "The booster is not a LightGBM model with one score for each case.",
                fix="Save the model again from the run that fitted it.",
            )

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the columns to give."""
        return tuple(self._trees.feature_name())

    @property
    def n_trees(self) -> int:
        """How many trees were grown."""
        return int(self._trees.num_trees())

    def margin(self, matrix: np.ndarray, *, threads: int | None = None) -> np.ndarray:
        """Score rows in log-odds.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)
            Columns in the order of `feature_names`; NaN where not known.
        threads : int, optional
            One for few rows, else all cores; the scores do not depend on it.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return self._predict(matrix, threads, raw_score=True)

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Give each feature's exact Shapley contribution to the score, base last.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)
            As `margin` takes it.

        Returns
        -------
        ndarray of float64, shape (n, n_features + 1)
            Rows sum to `margin`. LightGBM's own, for trees that `Forest` does not read.
        """
        if self._forest is None:
            return self._predict(matrix, None, pred_contrib=True)
        return self._forest.contributions(self._checked(matrix))

    @cached_property
    def _forest(self) -> Forest | None:
        try:
            return Forest(self.text)
        except UnreadTreesError:
            return None

    def _checked(self, matrix: np.ndarray) -> np.ndarray:
        rows = np.ascontiguousarray(matrix)
        if rows.ndim != 2 or rows.shape[1] != len(self.feature_names):
            raise FeatureError(
                f"The matrix has shape {rows.shape}, not (n, {len(self.feature_names)}).",
                fix="Give one column for each feature of the model, in its order.",
            )
        return rows

    def _predict(self, matrix: np.ndarray, threads: int | None, **kind: bool) -> np.ndarray:
        rows = self._checked(matrix)
        if not len(rows):
            width = (len(self.feature_names) + 1,) if "pred_contrib" in kind else ()
            return np.empty((0, *width))
        few = FEW_ROWS if "pred_contrib" in kind else MANY_ROWS
        use = threads or (1 if len(rows) <= few else all_threads())
        return np.asarray(self._trees.predict(rows, num_threads=use, **kind))


def all_threads() -> int:
    """Give the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Recipe:
    """All that decides which trees are grown, besides the rows.

    Attributes
    ----------
    feature_names : sequence of str
        Letters, digits and underscores only.
    monotone : sequence of {-1, 0, 1}
        Direction in which each feature may move the score.
    settings : BoosterSettings
    seed : int
    threads : int or None
        Where None, one for fewer than `MANY_ROWS`, else all cores; the trees do not
        depend on it.

    Raises
    ------
    FeatureError
        If a feature's name holds anything else.
    """

    feature_names: Sequence[str]
    monotone: Sequence[int]
    settings: BoosterSettings
    seed: int
    threads: int | None = None

    def __post_init__(self) -> None:
        odd = [name for name in self.feature_names if not _NAME.fullmatch(name)]
        if odd:
            raise FeatureError(
                f"{count_of(len(odd), 'feature name holds', 'feature names hold')} more than "
                "letters, digits and underscores.",
                where=", ".join(odd[:5]),
                fix="Rename these features.",
            )

    def parameters(self, n_rows: int) -> dict[str, object]:
        """Say the same in LightGBM's words, for a number of rows."""
        few = 1 if n_rows < MANY_ROWS else all_threads()
        return {
            "objective": "binary",
            "metric": "binary_logloss",
            "learning_rate": self.settings.learning_rate,
            "num_leaves": self.settings.num_leaves,
            "max_depth": self.settings.max_depth,
            "min_data_in_leaf": self.settings.min_rows_in_leaf,
            "lambda_l2": self.settings.l2,
            "feature_fraction": self.settings.share_of_features,
            "bagging_fraction": self.settings.share_of_rows,
            "bagging_freq": 1 if self.settings.share_of_rows < 1 else 0,
            "monotone_constraints": [int(direction) for direction in self.monotone],
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.threads or few,
            "verbosity": -1,
        }


def grow(
    matrix: np.ndarray,
    label: np.ndarray,
    recipe: Recipe,
    *,
    rounds: int,
    weight: np.ndarray | None = None,
) -> Booster:
    """Grow a number of trees.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, n_features)
        NaN where not known.
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    recipe : Recipe
    rounds : int
    weight : ndarray of float, shape (n,), optional
        How much each row counts; by default all alike.

    Returns
    -------
    Booster
    """
    data = _dataset(matrix, label, recipe, weight)
    grown = lightgbm.train(recipe.parameters(len(matrix)), data, num_boost_round=rounds)
    return Booster(_text(grown, rounds))


def grow_to_objective(
    matrix: np.ndarray,
    label: np.ndarray,
    recipe: Recipe,
    *,
    rounds: int,
    objective: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    start: float = 0.0,
) -> Booster:
    """Grow trees down the gradient of an objective of one's own.

    Parameters
    ----------
    matrix, label, recipe, rounds
        As in `grow`.
    objective : callable
        From the margins of all rows, after each round, to gradients and curvatures.
    start : float, default=0.0
        Margin before the first tree; not part of the booster's own margins.

    Returns
    -------
    Booster
    """
    data = _dataset(matrix, label, recipe)
    data.set_init_score(np.full(len(label), start))

    def pull(margin: np.ndarray, _: lightgbm.Dataset) -> tuple[np.ndarray, np.ndarray]:
        return objective(margin)

    parameters = recipe.parameters(len(matrix)) | {"objective": pull, "metric": "none"}
    grown = lightgbm.train(parameters, data, num_boost_round=rounds)
    return Booster(_text(grown, rounds))


def grow_with_held_out(
    matrix: np.ndarray,
    label: np.ndarray,
    held_out: np.ndarray,
    held_out_label: np.ndarray,
    recipe: Recipe,
) -> tuple["Growth", np.ndarray]:
    """Grow trees until households held out no longer gain.

    Parameters
    ----------
    matrix, label, recipe
        As in `grow`.
    held_out, held_out_label : ndarray
        Rows that the trees do not learn from.

    Returns
    -------
    growth : Growth
        From which a booster of any smaller number of trees can be cut.
    loss : ndarray of float64, shape (n_rounds,)
        Mean log loss of the rows held out, after each round.
    """
    data = _dataset(matrix, label, recipe)
    check = lightgbm.Dataset(np.ascontiguousarray(held_out), held_out_label, reference=data)
    history: dict[str, dict[str, list[float]]] = {}
    grown = lightgbm.train(
        recipe.parameters(len(matrix)),
        data,
        num_boost_round=recipe.settings.max_rounds,
        valid_sets=[check],
        valid_names=["held_out"],
        callbacks=[
            lightgbm.record_evaluation(history),
            lightgbm.early_stopping(recipe.settings.patience, verbose=False),
        ],
    )
    # threads add in another order; without the last digits the loss is the same for any number
    return Growth(grown), np.round(history["held_out"]["binary_logloss"], 12)


class Growth:
    """Trees as they were grown, from which the first so many can be kept."""

    def __init__(self, trees: lightgbm.Booster) -> None:
        self._trees = trees

    def first(self, rounds: int) -> Booster:
        """Keep the first trees.

        Parameters
        ----------
        rounds : int
        """
        return Booster(_text(self._trees, rounds))

    def loss_by_round(self, matrix: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Measure the mean log loss of rows after each round.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)
        label : ndarray of float, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n_rounds,)
        """
        reached = self._trees.predict(np.ascontiguousarray(matrix), pred_leaf=True)
        leaf = np.asarray(reached, dtype=np.int64)
        margin = np.zeros(len(label))
        loss = np.zeros(leaf.shape[1])
        for tree in range(leaf.shape[1]):
            last = int(leaf[:, tree].max(initial=0))
            values = [self._trees.get_leaf_output(tree, place) for place in range(last + 1)]
            margin += np.array(values)[leaf[:, tree]]
            loss[tree] = np.mean(np.logaddexp(0.0, margin) - label * margin)
        return loss


@dataclass(frozen=True)
class Grower:
    """Where trees are grown: on this machine, or on several.

    Attributes
    ----------
    grow, grow_with_held_out : callable
        As the functions of these names here.
    name : {"local", "dask"}
    """

    grow: Callable[..., Booster]
    grow_with_held_out: Callable[..., tuple[Growth, np.ndarray]]
    name: Literal["local", "dask"]


LOCAL = Grower(grow, grow_with_held_out, "local")


def _dataset(
    matrix: np.ndarray, label: np.ndarray, recipe: Recipe, weight: np.ndarray | None = None
) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        np.ascontiguousarray(matrix),
        label,
        weight=weight,
        feature_name=list(recipe.feature_names),
        categorical_feature=[],
    )


def _text(trees: lightgbm.Booster, rounds: int) -> str:
    """Write trees as text; the number of threads, which changes nothing, is left out."""
    text: str = trees.model_to_string(num_iteration=rounds)
    return _THREADS.sub("[num_threads: 0]", text)
