"""Fitting trees by household folds: replicas for the evidence, one booster for use.

The replica of a fold learns from the other folds' rows of the fit period. How many
trees are kept is chosen on the households that each replica had held out. The
calibrator is fitted on held-out households too, over the fit period and the later
calibration period together (requirement M1): the later year alone has too few
positives for a median authority.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.errors import PlanError
from fs_risk.model.booster import LOCAL, Booster, Grower, Growth, Recipe
from fs_risk.model.calibration import LogOddsCalibrator, fit_calibrator
from fs_risk.records.progress import tqdm

FEWEST_POSITIVES = 5
"""In each fold and period; with fewer, neither trees nor calibrator mean anything."""


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
        Fitted on the rows of both periods, each scored by the replica that has never
        seen its household.
    replica_calibrators : tuple of LogOddsCalibrator
        The same without the fold's own rows, so that its households stay unseen.
    rounds : int
        Trees kept.
    loss : ndarray of float64, shape (n_rounds,)
        Mean log loss on held-out households after each round.
    margin : ndarray of float64, shape (n,)
        Raw score of each row of both periods by the replica that has never seen its
        household; NaN on all others.
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
    calibrating: np.ndarray,
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
    fitting, calibrating : ndarray of bool, shape (n,)
        Rows of the fit and of the calibration period; other rows are not looked at.
    fewest_positives : int, default=5
        That each fold must have in each period.
    grower : Grower, optional
        What grows the trees; this machine by default.
    progress : bool, default=True

    Returns
    -------
    FittedTrees

    Raises
    ------
    PlanError
        If a fold has too few positives in a period.
    """
    n_folds = int(fold.max(initial=0)) + 1
    periods = {"fit": fitting, "calibration": calibrating}
    check_positives(label, fold, periods, fewest_positives)
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
    held_out = fitting | calibrating
    margin = _held_out_margins(matrix, fold, held_out, replicas, recipe.threads)
    return FittedTrees(
        booster=booster,
        replicas=replicas,
        calibrator=fit_calibrator(margin[held_out], label[held_out]),
        replica_calibrators=tuple(
            _without(number, margin, label, fold, held_out) for number in range(n_folds)
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
    number: int, margin: np.ndarray, label: np.ndarray, fold: np.ndarray, rows: np.ndarray
) -> LogOddsCalibrator:
    others = rows & (fold != number)
    return fit_calibrator(margin[others], label[others])


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


def check_positives(
    label: np.ndarray, fold: np.ndarray, periods: dict[str, np.ndarray], needed: int
) -> None:
    """Refuse to fit where a fold has too few rows of the rarer answer in a period.

    Parameters
    ----------
    label, fold : ndarray
    periods : dict of str to ndarray of bool
        Rows of each period, by its name.
    needed : int

    Raises
    ------
    PlanError
        If a fold has too few positives in a period.
    """
    for period, rows in periods.items():
        positives = np.bincount(fold[rows], weights=label[rows], minlength=int(fold.max()) + 1)
        negatives = np.bincount(fold[rows], minlength=len(positives)) - positives
        fewest = int(min(positives.min(), negatives.min()))
        if fewest < needed:
            raise PlanError(
                f"Too few cases have the outcome, or have it not: of {len(positives)} folds of "
                f"households one has only {fewest} cases with the rarer answer in the {period} "
                f"period; {needed} are needed.",
                where=f"{period} period: {int(rows.sum()):,} cases, {int(positives.sum()):,} of "
                "them with the outcome",
                fix="Read more years, check that the outcome's table was read (fs-risk check), or "
                "plan fewer folds or a commoner outcome.",
            )
