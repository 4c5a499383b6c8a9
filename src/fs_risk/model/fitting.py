"""Fitting trees by household folds: replicas for the evidence, one booster for use.

The replica of a fold learns from the other folds' rows of the fit period. How many
trees are kept is chosen on the households that each replica had held out, and the
calibrator is fitted on them too (requirement M1): so no row is kept from the trees for
its sake.

A fold with more outcomes than the others leaves fewer to its replica, whose scores then
lie lower: put together, scores of held-out households would point the wrong way where
there are few cases. So the calibrator is fitted on each replica's scores less their mean
over the same rows of the period.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.errors import PlanError
from fs_risk.model.booster import LOCAL, Booster, Grower, Growth, Recipe
from fs_risk.model.calibration import LogOddsCalibrator, fit_calibrator
from fs_risk.records.progress import tqdm

FEWEST_POSITIVES = 5
"""In each fold; with fewer, neither trees nor calibrator mean anything."""

ENOUGH_FOR_A_MEAN = 10_000
"""Rows whose mean score says where a booster's scores lie."""


@dataclass(frozen=True)
class FittedTrees:
    """Trees and calibrators.

    Attributes
    ----------
    booster : Booster
        Fitted on every household of the fit period.
    replicas : tuple of Booster
        By fold.
    calibrator : LogOddsCalibrator
        Fitted on the same rows, each scored by the replica that has never seen its
        household.
    replica_calibrators : tuple of LogOddsCalibrator
        The same without the fold's own rows, so that its households stay unseen.
    rounds : int
        Trees kept.
    loss : ndarray of float64, shape (n_rounds,)
        Mean log loss on held-out households after each round.
    margin : ndarray of float64, shape (n,)
        Raw score of each fitted row by the replica that has never seen its household;
        NaN on all others.
    """

    booster: Booster
    replicas: tuple[Booster, ...]
    calibrator: LogOddsCalibrator
    replica_calibrators: tuple[LogOddsCalibrator, ...]
    rounds: int
    loss: np.ndarray
    margin: np.ndarray


def fit_trees(
    matrix: np.ndarray,
    label: np.ndarray,
    recipe: Recipe,
    *,
    fold: np.ndarray,
    fitting: np.ndarray,
    fewest_positives: int = FEWEST_POSITIVES,
    grower: Grower = LOCAL,
    progress: bool = True,
) -> FittedTrees:
    """Fit replicas, calibrators and the booster.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, n_features)
        NaN where not known.
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    recipe : Recipe
    fold : ndarray of int, shape (n,)
        Household fold of each row.
    fitting : ndarray of bool, shape (n,)
        Rows of the fit period; other rows are not looked at.
    fewest_positives : int, default=5
        That each fold must have.
    grower : Grower, optional
        What grows the trees; this machine by default.
    progress : bool, default=True

    Returns
    -------
    FittedTrees

    Raises
    ------
    PlanError
        If a fold has too few positives.
    """
    n_folds = int(fold.max(initial=0)) + 1
    check_positives(label, fold, fitting, fewest_positives)
    grown: list[tuple[Growth, np.ndarray]] = []
    with tqdm(total=n_folds + 1, desc="trees", disable=None if progress else True) as bar:
        for number in range(n_folds):
            grown.append(
                grow_without(
                    number, matrix, label, recipe, fold=fold, fitting=fitting, grower=grower
                )
            )
            bar.update()
        loss = pooled_loss([curve for _, curve in grown], fold[fitting])
        rounds = int(loss.argmin()) + 1
        replicas = tuple(growth.first(rounds) for growth, _ in grown)
        booster = grower.grow(matrix[fitting], label[fitting], recipe, rounds=rounds)
        bar.update()
    level = _levels(matrix[fitting], (*replicas, booster), recipe.threads)
    margin = _held_out_margins(matrix, fold, fitting, replicas, recipe.threads)
    about = margin[fitting] - np.array(level)[fold[fitting]]
    line = fit_calibrator(about, label[fitting])
    return FittedTrees(
        booster=booster,
        replicas=replicas,
        calibrator=line.for_level(level[-1]),
        replica_calibrators=tuple(
            _without(number, about, label[fitting], fold[fitting]).for_level(level[number])
            for number in range(n_folds)
        ),
        rounds=rounds,
        loss=loss,
        margin=margin,
    )


def grow_without(
    number: int,
    matrix: np.ndarray,
    label: np.ndarray,
    recipe: Recipe,
    *,
    fold: np.ndarray,
    fitting: np.ndarray,
    grower: Grower = LOCAL,
) -> tuple[Growth, np.ndarray]:
    """Grow a fold's replica on the other folds, until the fold's own rows no longer gain.

    Parameters
    ----------
    number : int
        Of the fold.
    matrix, label, recipe, fold, fitting, grower
        As in `fit_trees`.

    Returns
    -------
    growth : Growth
    loss : ndarray of float64, shape (n_rounds,)
        Mean log loss of the fold's own rows after each round.
    """
    learn, hold = fitting & (fold != number), fitting & (fold == number)
    return grower.grow_with_held_out(matrix[learn], label[learn], matrix[hold], label[hold], recipe)


def _levels(matrix: np.ndarray, boosters: Sequence[Booster], threads: int | None) -> list[float]:
    """Give each booster's mean score over the same rows, evenly drawn where there are many."""
    drawn = matrix[:: 1 + len(matrix) // ENOUGH_FOR_A_MEAN]
    return [float(booster.margin(drawn, threads=threads).mean()) for booster in boosters]


def _held_out_margins(
    matrix: np.ndarray,
    fold: np.ndarray,
    rows: np.ndarray,
    replicas: Sequence[Booster],
    threads: int | None,
) -> np.ndarray:
    margin = np.full(len(matrix), np.nan)
    for number, replica in enumerate(replicas):
        mine = rows & (fold == number)
        margin[mine] = replica.margin(matrix[mine], threads=threads)
    return margin


def _without(
    number: int, about: np.ndarray, label: np.ndarray, fold: np.ndarray
) -> LogOddsCalibrator:
    others = fold != number
    return fit_calibrator(about[others], label[others])


def pooled_loss(curves: Sequence[np.ndarray], fold: np.ndarray) -> np.ndarray:
    """Average loss curves over the first folds, as far as all of them go.

    Parameters
    ----------
    curves : sequence of ndarray
        By fold.
    fold : ndarray of int
        Fold of each row that is fitted.

    Returns
    -------
    ndarray of float64, shape (n_rounds,)
    """
    sizes = np.bincount(fold, minlength=len(curves))[: len(curves)]
    common = min(len(curve) for curve in curves)
    stacked = np.stack([curve[:common] for curve in curves])
    mean: np.ndarray = np.average(stacked, axis=0, weights=sizes)
    return mean


def check_positives(label: np.ndarray, fold: np.ndarray, fitting: np.ndarray, needed: int) -> None:
    """Refuse to fit where a fold has too few rows of the rarer answer.

    Parameters
    ----------
    label, fold : ndarray
    fitting : ndarray of bool, shape (n,)
        Rows of the fit period.
    needed : int

    Raises
    ------
    PlanError
        If a fold has too few positives.
    """
    positives = np.bincount(fold[fitting], weights=label[fitting], minlength=int(fold.max()) + 1)
    negatives = np.bincount(fold[fitting], minlength=len(positives)) - positives
    fewest = int(min(positives.min(), negatives.min()))
    if fewest < needed:
        raise PlanError(
            f"Too few cases have the outcome, or have it not: of {len(positives)} folds of "
            f"households one has only {fewest} cases with the rarer answer in the fit period; "
            f"{needed} are needed.",
            where=f"fit period: {int(fitting.sum()):,} cases, {int(positives.sum()):,} of "
            "them with the outcome",
            fix="Read more years, check that the outcome's table was read (fs-risk check), or "
            "plan fewer folds or a commoner outcome.",
        )
