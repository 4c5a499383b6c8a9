"""Fitting a step-up model to its plan: split, trees, candidates, calibration, bands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

import fs_risk
from fs_risk.model.bands import make_bands, observe_listing
from fs_risk.model.booster import LOCAL, Grower, Recipe
from fs_risk.model.facts import (
    Facts,
    FoldProof,
    SliceSummary,
    Spec,
    Training,
    Trial,
    used_features,
)
from fs_risk.model.fitting import FittedTrees, fit_trees
from fs_risk.model.folds import split_groups
from fs_risk.model.listing import list_periods, share_listed
from fs_risk.model.plan import Plan
from fs_risk.model.plans_tried import note_plan
from fs_risk.model.splits import ForwardHouseholdSplit, Slices
from fs_risk.model.step_up import StepUpModel
from fs_risk.model.vignette_cases import tried_on_vignettes
from fs_risk.outcomes.scope import count_reasons
from fs_risk.records.records import Origin
from fs_risk.training.candidates import fit_candidates
from fs_risk.training.certainty import past_cases, score_interval
from fs_risk.training.checks import check_mature, check_proof, check_rows, matching_specs

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
    """
    plan.check_declared(origin.kind)
    specs = matching_specs(X, specs)
    check_rows(X, labels, cohort)
    known = labels["label"].notna().to_numpy()
    X, cohort = X[known], cohort[known]
    check_mature(labels[known], extract_date)
    y = labels.loc[known, "label"].to_numpy(dtype=np.float64)
    groups = split_groups(cohort, households)
    splitter = _splitter(plan)
    slices, proof = splitter.slices(groups), splitter.proof(groups)
    check_proof(proof)
    tried = _note(plans_tried, plan, cohort[slices.testing], origin)
    grower = _grower(engine, client)
    recipe = Recipe(
        feature_names=[spec.name for spec in specs],
        monotone=[spec.monotone for spec in specs],
        settings=plan.booster,
        seed=plan.seed,
        threads=threads,
    )
    matrix = X.to_numpy()
    recipe, trials = _tuned(plan, matrix, y, recipe, slices, grower, progress)
    trees = fit_trees(
        matrix,
        y,
        recipe,
        fold=slices.fold,
        fitting=slices.fitting,
        calibrating=slices.calibrating,
        grower=grower,
        progress=progress,
    )
    training = Training(
        origin=origin.kind,
        label=origin.label,
        returns=origin.returns,
        fingerprint=fingerprint,
        extract_date=None if extract_date is None else str(pd.Timestamp(extract_date).date()),
        fit=_summary(slices.fitting, y, groups),
        calibrate=_summary(slices.calibrating, y, groups),
        test=_summary(slices.testing, y, groups),
        not_labelled=count_reasons(labels.loc[~known, "reason"]),
        rounds=trees.rounds,
        settings=recipe.settings,
        trials=trials,
        engine=grower.name,
        proof=tuple(_proof(row) for row in proof.to_dict("records")),
    )
    candidates = fit_candidates(
        X, y, slices, further=plan.further_candidates, seed=plan.seed, progress=progress
    )
    model = StepUpModel(
        facts=_facts(X, y, groups, plan, specs, slices, trees, training),
        booster=trees.booster,
        replicas=trees.replicas,
        candidates=candidates,
        plans_tried=tried,
    )
    return model.with_vignettes(tried_on_vignettes(model))


def _note(path: str | Path | None, plan: Plan, tested: pd.DataFrame, origin: Origin) -> int | None:
    """Note the plan in the list of those tried, if there is to be one."""
    if path is None:
        return None
    return note_plan(path, plan, tested, origin=origin.kind, label=origin.label)


def _grower(engine: Engine, client: Any) -> Grower:
    if engine == "local":
        return LOCAL
    from fs_risk.training.dask_trees import dask_grower

    return dask_grower(client)


def _tuned(
    plan: Plan,
    matrix: np.ndarray,
    y: np.ndarray,
    recipe: Recipe,
    slices: Slices,
    grower: Grower,
    progress: bool,
) -> tuple[Recipe, tuple[Trial, ...]]:
    """Search the settings as the plan says, or leave them as they are."""
    if plan.tuning is None:
        return recipe, ()
    from fs_risk.training.tuning import tune

    found = tune(
        matrix,
        y,
        recipe,
        plan.tuning,
        fold=slices.fold,
        fitting=slices.fitting,
        grower=grower,
        progress=progress,
    )
    return replace(recipe, settings=found.settings), found.trials


def _splitter(plan: Plan) -> ForwardHouseholdSplit:
    return ForwardHouseholdSplit(
        horizon_days=plan.within_days,
        n_folds=plan.n_folds,
        calibration_days=plan.calibration_days,
        test_days=plan.test_days,
        extract_lag_days=plan.extract_lag_days,
        seed=plan.seed,
    )


def _facts(
    X: pd.DataFrame,
    y: np.ndarray,
    groups: pd.DataFrame,
    plan: Plan,
    specs: Sequence[Spec],
    slices: Slices,
    trees: FittedTrees,
    training: Training,
) -> Facts:
    """State all that is known of the model, with bands observed on the test rows."""
    tested = slices.testing
    scores = _test_scores(X, slices, trees)[tested]
    label = y[tested]
    household = groups["household"].to_numpy(dtype=object)[tested].astype(str)
    bands = make_bands(scores, label, household)
    periods = list_periods(groups["as_of"][tested], plan.list_period)
    listed = share_listed(scores, periods, plan.capacity)
    return Facts(
        name=f"{plan.outcome}-{plan.within_days}d-{plan.cohort}",
        library_version=fs_risk.__version__,
        plan=plan,
        plan_hash=plan.hash,
        features=used_features(specs),
        calibrator=trees.calibrator,
        replica_calibrators=trees.replica_calibrators,
        bands=bands,
        listed=observe_listing(scores, label, listed, bands),
        training=training,
        interval=score_interval(X.to_numpy(), y, slices, trees, plan),
        support=past_cases(X, slices, trees),
    )


def _test_scores(X: pd.DataFrame, slices: Slices, trees: FittedTrees) -> np.ndarray:
    """Score test rows, each by the replica that has never seen its household."""
    matrix = X.to_numpy()
    scores = np.full(len(matrix), np.nan)
    for fold, (replica, line) in enumerate(
        zip(trees.replicas, trees.replica_calibrators, strict=True)
    ):
        rows = slices.test_rows(fold)
        scores[rows] = line.log_odds(replica.margin(matrix[rows]))
    return scores


def _summary(rows: np.ndarray, y: np.ndarray, groups: pd.DataFrame) -> SliceSummary:
    days = groups["as_of"][rows]
    return SliceSummary(
        first_as_of=str(days.min().date()),
        last_as_of=str(days.max().date()),
        n=int(rows.sum()),
        positives=int(y[rows].sum()),
        households=int(groups["household"][rows].nunique()),
    )


def _proof(row: dict[str, object]) -> FoldProof:
    plain = {
        name: str(value.date()) if isinstance(value, pd.Timestamp) else int(str(value))
        for name, value in row.items()
    }
    return FoldProof.model_validate(plain)
