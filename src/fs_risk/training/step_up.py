"""Fitting a step-up model to its plan: split, trees, candidates, calibration, bands."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

import fs_risk
from fs_risk.errors import FeatureError, PlanError, nearest
from fs_risk.model.bands import make_bands, observe_listing
from fs_risk.model.booster import Recipe
from fs_risk.model.facts import Facts, FoldProof, SliceSummary, Spec, Training, used_features
from fs_risk.model.fitting import FittedTrees, fit_trees
from fs_risk.model.folds import split_groups
from fs_risk.model.listing import list_periods, share_listed
from fs_risk.model.plan import Plan
from fs_risk.model.splits import ForwardHouseholdSplit, Slices
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.scope import count_reasons
from fs_risk.records.records import Origin
from fs_risk.training.candidates import fit_candidates


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
    specs = _matching_specs(X, specs)
    _check_rows(X, labels, cohort)
    known = labels["label"].notna().to_numpy()
    X, cohort = X[known], cohort[known]
    _check_mature(labels[known], extract_date)
    y = labels.loc[known, "label"].to_numpy(dtype=np.float64)
    groups = split_groups(cohort, households)
    splitter = _splitter(plan)
    slices, proof = splitter.slices(groups), splitter.proof(groups)
    _check_proof(proof)
    recipe = Recipe(
        feature_names=[spec.name for spec in specs],
        monotone=[spec.monotone for spec in specs],
        settings=plan.booster,
        seed=plan.seed,
        threads=threads,
    )
    trees = fit_trees(
        X.to_numpy(),
        y,
        recipe,
        fold=slices.fold,
        fitting=slices.fitting,
        calibrating=slices.calibrating,
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
        proof=tuple(_proof(row) for row in proof.to_dict("records")),
    )
    candidates = fit_candidates(X, y, slices)
    return StepUpModel(
        facts=_facts(X, y, groups, plan, specs, slices, trees, training),
        booster=trees.booster,
        replicas=trees.replicas,
        candidates=candidates,
    )


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


def _matching_specs(X: pd.DataFrame, specs: Sequence[Spec]) -> list[Spec]:
    by_name = {spec.name: spec for spec in specs}
    undeclared = [str(name) for name in X.columns if name not in by_name]
    if undeclared:
        hints = "".join(nearest(name, by_name) for name in undeclared[:3])
        raise FeatureError(
            f"{len(undeclared)} of {X.shape[1]} columns have no declaration.{hints}",
            where=", ".join(undeclared[:5]),
            fix="Pass the catalogue's specs, and your own for extra features.",
        )
    return [by_name[str(name)] for name in X.columns]


def _check_rows(X: pd.DataFrame, labels: pd.DataFrame, cohort: pd.DataFrame) -> None:
    if not (X.index.equals(cohort.index) and labels.index.equals(cohort.index)):
        raise FeatureError(
            f"Features ({len(X)} rows), labels ({len(labels)}) and cohort ({len(cohort)}) do "
            "not have the same index.",
            where="X, labels, cohort",
            fix="Build features and labels from this very cohort.",
        )


def _check_mature(labels: pd.DataFrame, extract_date: date | str | pd.Timestamp | None) -> None:
    if extract_date is None:
        return
    early = int((labels["known_date"] > pd.Timestamp(extract_date)).sum())
    if early:
        raise PlanError(
            f"{early} of {len(labels)} labels are for windows that end after the extract.",
            where="labels, known_date",
            fix="Label the cohort with label_outcome(), which leaves such rows without one.",
        )


def _check_proof(proof: pd.DataFrame) -> None:
    """Check again, on the rows themselves, what the split promises (requirements T7, T8)."""
    if proof["shared_households"].any() or (proof["days_clear"] <= 0).any():
        raise PlanError(
            "Test rows share time or household with rows that are learnt from.",
            where="ForwardHouseholdSplit.proof",
            fix="Report this as a fault of the library.",
        )
    empty = int((proof["n_test"] == 0).sum())
    if empty:
        raise PlanError(
            f"{empty} of {len(proof)} household folds have no test rows.",
            where="cohort, as_of",
            fix="Plan a longer test period or fewer folds.",
        )
