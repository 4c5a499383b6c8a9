"""Fitting a step-up model to its plan: split, trees, candidates, calibration, bands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fs_risk.model.booster import LOCAL, Grower, Recipe
from fs_risk.model.facts import Spec, Training, Trial
from fs_risk.model.fitting import FittedTrees, fit_trees
from fs_risk.model.plan import Plan
from fs_risk.model.plans_tried import note_plan
from fs_risk.model.step_up import StepUpModel
from fs_risk.model.vignette_cases import tried_on_vignettes
from fs_risk.model.vignettes import VignetteBook
from fs_risk.records.records import Origin
from fs_risk.training.candidates import fit_candidates
from fs_risk.training.extras import check_installed
from fs_risk.training.labelled_cases import LabelledCases, label_cases
from fs_risk.training.statement import describe_cases, state_facts

Engine = Literal["local", "dask"]
"""Where trees are grown: on this machine, or on the workers of a Dask cluster."""


def fit_step_up(
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    households: pd.Series,
    plan: Plan,
    specs: Sequence[Spec],
    *,
    origin: Origin,
    fingerprint: str,
    extract_date: date | str | pd.Timestamp | None = None,
    threads: int | None = None,
    engine: Engine = "local",
    client: Any = None,
    plans_tried: str | Path | None = None,
    vignettes: VignetteBook | None = None,
    progress: bool = True,
) -> StepUpModel:
    """Fit a step-up model, with the replicas that its evidence comes from.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
        As `build_features` gives it for `cohort`, with ``plan.extract_lag_days``.
    labels : DataFrame
        As `label_outcome` gives it. Rows without a label are left out and counted.
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.
    households : Series of str
        Household of each child, indexed by ``child_id``.
    plan : Plan
    specs : sequence of FeatureSpec
        One for each column of `X`.
    origin : Origin
        Of the records; on real ones the plan must be fully declared.
    fingerprint : str
        Of the records.
    extract_date : date or str, optional
        Of the records; a label known only after it is refused (requirement T6).
    threads : int, optional
        All cores by default for many rows; the result does not depend on it.
    engine : {"local", "dask"}, default="local"
    client : distributed.Client, optional
        Of the cluster to use; the current one by default.
    plans_tried : str or Path, optional
        List that the plan is noted in before anything is fitted.
    vignettes : VignetteBook, optional
        To try the model on, in the place of those that ship with the library.
    progress : bool, default=True

    Returns
    -------
    StepUpModel
        Not yet held against its gates.

    Raises
    ------
    PlanError
        If the plan is not declared, the cases span too little time, or too few of
        them have the outcome.
    FeatureError
        If `X` has a column without a declaration, or not the cohort's index.
    SettingError
        If the plan or the engine needs what is not installed.
    """
    plan.check_declared(origin.kind)
    check_installed(plan)
    grower = _grower(engine, client)
    cases = label_cases(X, labels, cohort, households, plan, specs, extract_date=extract_date)
    described = describe_cases(cases, origin, fingerprint, extract_date)
    tried = _note(plans_tried, plan, cases, origin)
    recipe, trials = _tuned(plan, cases, _recipe(plan, cases, threads), grower, progress)
    trees = _grow(cases, recipe, grower, progress)
    training = Training.model_validate(
        {
            **described,
            "rounds": trees.rounds,
            "settings": recipe.settings,
            "trials": trials,
            "engine": grower.name,
        }
    )
    model = StepUpModel(
        facts=state_facts(cases, plan, trees, training),
        booster=trees.booster,
        replicas=trees.replicas,
        candidates=fit_candidates(
            cases.X,
            cases.y,
            cases.slices,
            further=plan.further_candidates,
            seed=plan.seed,
            progress=progress,
        ),
        plans_tried=tried,
    )
    return model.with_vignettes(tried_on_vignettes(model, book=vignettes))


def _note(path: str | Path | None, plan: Plan, cases: LabelledCases, origin: Origin) -> int | None:
    """Note the plan in the list of those tried, if there is to be one."""
    if path is None:
        return None
    tested = cases.cohort[cases.slices.testing]
    return note_plan(path, plan, tested, origin=origin.kind, label=origin.label)


def _grower(engine: Engine, client: Any) -> Grower:
    if engine == "local":
        return LOCAL
    from fs_risk.training.dask_trees import dask_grower

    return dask_grower(client)


def _recipe(plan: Plan, cases: LabelledCases, threads: int | None) -> Recipe:
    return Recipe(
        feature_names=[spec.name for spec in cases.specs],
        monotone=[spec.monotone for spec in cases.specs],
        settings=plan.booster,
        seed=plan.seed,
        threads=threads,
    )


def _tuned(
    plan: Plan, cases: LabelledCases, recipe: Recipe, grower: Grower, progress: bool
) -> tuple[Recipe, tuple[Trial, ...]]:
    """Search the settings as the plan says, or leave them as they are."""
    if plan.tuning is None:
        return recipe, ()
    from fs_risk.training.tuning import tune

    found = tune(
        cases.matrix,
        cases.y,
        recipe,
        plan.tuning,
        fold=cases.slices.fold,
        fitting=cases.slices.fitting,
        grower=grower,
        progress=progress,
    )
    return replace(recipe, settings=found.settings), found.trials


def _grow(cases: LabelledCases, recipe: Recipe, grower: Grower, progress: bool) -> FittedTrees:
    return fit_trees(
        cases.matrix,
        cases.y,
        recipe,
        fold=cases.slices.fold,
        fitting=cases.slices.fitting,
        grower=grower,
        progress=progress,
    )
