"""What takes new fits to know: more households, other seeds, no features of poverty.

All are short fits, alike but for what is compared: they say what differs, not how good
the model itself is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.evaluation.cases import Tested
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval
from fs_risk.evaluation.ranking import Ranking
from fs_risk.evaluation.report_parts import Figure, LearningPoint, WithoutFeatures, make_figure
from fs_risk.evaluation.rescoring import Scored
from fs_risk.evaluation.thinning import household_draw
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.booster import Recipe, grow
from fs_risk.model.plan import BoosterSettings
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.progress import tqdm

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
"""Of the fit period's households, each part holding the ones before it."""

SHORT = BoosterSettings(max_rounds=80, learning_rate=0.08)
ROUNDS = 80
POVERTY = "features that reflect poverty or use of services"


@dataclass(frozen=True)
class Rows:
    """Rows to learn from and to test, in one matrix.

    Attributes
    ----------
    X : DataFrame of float, shape (n, n_features)
    label : ndarray of float, shape (n,)
    household : ndarray of str, shape (n,)
    fold : ndarray of int64, shape (n,)
        Household folds: no test row is scored by trees that have seen its fold.
    learnt, asked : ndarray of bool, shape (n,)
        Rows of the fit period, and the tested rows.
    """

    X: pd.DataFrame
    label: np.ndarray
    household: np.ndarray
    fold: np.ndarray
    learnt: np.ndarray
    asked: np.ndarray


@dataclass(frozen=True)
class Refits:
    """What the new fits showed.

    Attributes
    ----------
    learning : tuple of LearningPoint
    without : WithoutFeatures or None
    seed : Scored or None
        The tested cases as fits with another seed score them.
    """

    learning: tuple[LearningPoint, ...]
    without: WithoutFeatures | None
    seed: Scored | None


def refit(
    model: StepUpModel,
    rows: Rows,
    tested: Tested,
    *,
    resamples: int,
    seed: int,
    progress: bool = True,
) -> Refits:
    """Fit again: to nested samples of households, without some features, with another seed.

    Parameters
    ----------
    model : StepUpModel
    rows : Rows
    tested : Tested
        The asked rows, in their order.
    resamples, seed : int
    progress : bool, default=True

    Returns
    -------
    Refits
    """
    names = list(model.feature_names)
    flagged = {spec.name for spec in CATALOGUE if spec.poverty_or_service_use}
    kept = [name for name in names if name not in flagged]
    drawn = household_draw(rows.household)
    tasks = len(SHARES) + (len(kept) < len(names)) + 1
    with tqdm(total=tasks, desc="refits", disable=None if progress else True) as bar:

        def scores(columns: Sequence[str], use: np.ndarray, plan_seed: int) -> np.ndarray:
            found = _scores(model, rows, columns, use, plan_seed)
            bar.update()
            return found

        samples = {share: rows.learnt & (drawn < share) for share in SHARES}
        curve = {share: scores(names, use, model.plan.seed) for share, use in samples.items()}
        fewer = None
        if 0 < len(kept) < len(names):
            fewer = scores(kept, rows.learnt, model.plan.seed)
        other = _as_in_use(model, rows, tested, model.plan.seed + 1)
        bar.update()
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    return Refits(
        learning=_learning(rows, samples, curve, tested, bootstrap),
        without=_without(curve[1.0], fewer, len(names) - len(kept), tested, bootstrap),
        seed=other,
    )


def _scores(
    model: StepUpModel, rows: Rows, columns: Sequence[str], use: np.ndarray, seed: int
) -> np.ndarray:
    """Score the asked rows by short fits that have not seen their households."""
    monotone = {feature.name: feature.monotone for feature in model.facts.features}
    recipe = Recipe(columns, [monotone[name] for name in columns], SHORT, seed)
    matrix, score = rows.X[list(columns)].to_numpy(), np.full(len(rows.X), np.nan)
    for fold in range(len(model.replicas)):
        learn, ask = use & (rows.fold != fold), rows.asked & (rows.fold == fold)
        trees = grow(matrix[learn], rows.label[learn], recipe, rounds=ROUNDS)
        score[ask] = trees.margin(matrix[ask])
    found: np.ndarray = score[rows.asked]
    return found


def _as_in_use(model: StepUpModel, rows: Rows, tested: Tested, seed: int) -> Scored:
    """Fit the model's own plan, trees for trees, with another seed."""
    monotone = [feature.monotone for feature in model.facts.features]
    recipe = Recipe(model.feature_names, monotone, model.training.settings, seed)
    matrix, score = model.matrix(rows.X), np.full(len(rows.X), np.nan)
    for fold, earlier in enumerate(model.replicas):
        learn, ask = rows.learnt & (rows.fold != fold), rows.asked & (rows.fold == fold)
        trees = grow(matrix[learn], rows.label[learn], recipe, rounds=earlier.n_trees)
        line = model.facts.replica_calibrators[fold]
        score[ask] = line.log_odds(trees.margin(matrix[ask]))
    return Scored(
        "other_seed",
        "refit",
        "Fitted to the same plan and rows with another seed.",
        score[rows.asked],
    )


def _learning(
    rows: Rows,
    samples: dict[float, np.ndarray],
    curve: dict[float, np.ndarray],
    tested: Tested,
    bootstrap: HouseholdBootstrap,
) -> tuple[LearningPoint, ...]:
    rankings = {str(share): Ranking(tested.label, score) for share, score in curve.items()}
    spread = bootstrap.replicates({name: each.average_precision for name, each in rankings.items()})
    once, n_folds = np.ones((1, len(tested.label))), int(rows.fold.max()) + 1
    kept = (n_folds - 1) / n_folds
    return tuple(
        LearningPoint(
            share=share,
            n_learnt=float(kept * use.sum()),
            positives_learnt=float(kept * rows.label[use].sum()),
            average_precision=make_figure(
                f"average_precision_of_{share:.0%}_of_households".replace("%", "_percent"),
                float(rankings[str(share)].average_precision(once)[0]),
                *interval(spread[str(share)]),
                len(tested.label),
            ),
        )
        for share, use in samples.items()
    )


def _without(
    every: np.ndarray,
    fewer: np.ndarray | None,
    n_left_out: int,
    tested: Tested,
    bootstrap: HouseholdBootstrap,
) -> WithoutFeatures | None:
    if fewer is None:
        return None
    both = Ranking(tested.label, every), Ranking(tested.label, fewer)

    def measures(weight: np.ndarray) -> dict[str, np.ndarray]:
        with_all, without = (ranking.average_precision(weight) for ranking in both)
        return {"with_all": with_all, "without": without, "loss": with_all - without}

    once = np.ones((1, len(tested.label)))
    value, spread = measures(once), bootstrap.together(measures)

    def figure(name: str, metric: str) -> Figure:
        return make_figure(metric, float(value[name][0]), *interval(spread[name]), once.size)

    return WithoutFeatures(
        what=POVERTY,
        n_left_out=n_left_out,
        with_all=figure("with_all", "average_precision_short_fit"),
        without=figure("without", "average_precision_without_poverty"),
        loss=figure("loss", "loss_average_precision_without_poverty"),
    )
