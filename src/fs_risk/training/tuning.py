"""The door to Optuna: search the booster's settings on households held out, within a budget."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fs_risk.errors import SettingError
from fs_risk.model.booster import LOCAL, Grower, Recipe
from fs_risk.model.facts import Trial
from fs_risk.model.fitting import FEWEST_POSITIVES, check_positives, grow_without, pooled_loss
from fs_risk.model.plan import BoosterSettings
from fs_risk.model.tuning import SearchSpace, Tuning
from fs_risk.records.progress import tqdm

SEEN_BEFORE_GIVING_UP = 5
"""Trials that are finished whatever they show, so that there is a median to compare with."""


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    Attributes
    ----------
    settings : BoosterSettings
        With the least loss; of equals, the first tried.
    trials : tuple of Trial
        Every configuration tried, in order.
    """

    settings: BoosterSettings
    trials: tuple[Trial, ...]


def tune(
    matrix: np.ndarray,
    label: np.ndarray,
    recipe: Recipe,
    budget: Tuning,
    *,
    fold: np.ndarray,
    fitting: np.ndarray,
    fewest_positives: int = FEWEST_POSITIVES,
    grower: Grower = LOCAL,
    progress: bool = True,
) -> Tuned:
    """Search the settings with the least log loss on households held out.

    Every configuration is fitted once for each household fold on the other folds' rows
    of the fit period, and measured on the fold's own; no row of the test
    period is looked at. The recipe's own settings are tried first, so the ones
    chosen are never worse on these rows.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, n_features)
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    recipe : Recipe
    budget : Tuning
        In trials alone, the same data and seed give the same settings.
    fold : ndarray of int, shape (n,)
        Household fold of each row.
    fitting : ndarray of bool, shape (n,)
        Rows of the fit period.
    fewest_positives : int, default=5
        That each fold must have.
    grower : Grower, optional
    progress : bool, default=True

    Returns
    -------
    Tuned

    Raises
    ------
    SettingError
        If Optuna is not installed.
    PlanError
        If a fold has too few positives.

    References
    ----------
    .. [1] J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, Algorithms for hyper-parameter
       optimization, Advances in Neural Information Processing Systems 24 (2011).
    """
    check_positives(label, fold, fitting, fewest_positives)
    n_folds = int(fold.max()) + 1
    tried: list[Trial] = []

    def objective(trial: Any) -> float:
        settings = _suggest(trial, recipe.settings, budget.space)
        curves: list[np.ndarray] = []
        tried.append(Trial(settings=settings, loss=None, rounds=None))
        for number in range(n_folds):
            _, curve = grow_without(
                number, matrix, label, replace(recipe, settings=settings),
                fold=fold, fitting=fitting, grower=grower,
            )  # fmt: skip
            curves.append(curve)
            loss = pooled_loss(curves, fold[fitting])
            trial.report(float(loss.min()), number)
            if number < n_folds - 1 and trial.should_prune():
                raise optuna.TrialPruned
        rounds = int(loss.argmin()) + 1
        tried[-1] = Trial(settings=settings, loss=float(loss.min()), rounds=rounds)
        return float(loss.min())

    with _quiet_optuna() as optuna:
        study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=recipe.seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=SEEN_BEFORE_GIVING_UP),
        )
        study.enqueue_trial({name: getattr(recipe.settings, name) for name in _ranges()})
        with tqdm(total=budget.trials, desc="settings", disable=None if progress else True) as bar:
            begun = time.monotonic()
            study.optimize(objective, n_trials=1, callbacks=[lambda *_: bar.update()])
            more = None if budget.trials is None else budget.trials - 1
            left = None if budget.seconds is None else begun + budget.seconds - time.monotonic()
            if more != 0 and (left is None or left > 0):
                study.optimize(
                    objective,
                    n_trials=more,
                    timeout=left,
                    callbacks=[lambda *_: bar.update()],
                )
    finished = [trial for trial in tried if trial.loss is not None]
    best = min(finished, key=lambda trial: trial.loss or 0.0)
    return Tuned(settings=best.settings, trials=tuple(tried))


def find_optuna() -> Any:
    """Give Optuna.

    Raises
    ------
    SettingError
        If it is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise SettingError(
            "Tuning needs Optuna, which is not installed.",
            where="Plan, tuning",
            fix="Install fs-risk[tuning], or fit without tune=.",
        ) from None
    return optuna


def _ranges() -> list[str]:
    return list(SearchSpace.model_fields)


def _suggest(trial: Any, own: BoosterSettings, space: SearchSpace) -> BoosterSettings:
    """Draw settings; each range is widened to hold the plan's own."""
    drawn: dict[str, int | float] = {}
    for name in _ranges():
        low, high = getattr(space, name)
        mine = getattr(own, name)
        low, high = min(low, mine), max(high, mine)
        if isinstance(mine, int):
            drawn[name] = trial.suggest_int(name, low, high, log=low > 0)
        else:
            drawn[name] = trial.suggest_float(name, low, high, log=low > 0)
    return own.model_copy(update=drawn)


@contextmanager
def _quiet_optuna() -> Iterator[Any]:
    """Give Optuna, kept from writing a line for each trial."""
    optuna = find_optuna()
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield optuna
    finally:
        optuna.logging.set_verbosity(before)
