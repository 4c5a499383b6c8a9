"""The public functions that wire packages together, and the only place that does."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from fs_risk.errors import AuditError, PlanError
from fs_risk.evaluation.report import EvaluationReport, judge_gates
from fs_risk.evaluation.step_up import evaluate
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import features_for_outcome
from fs_risk.model.plan import Plan
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.cohorts import closure_cohort, contact_cohort, referral_cohort
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.households import household_keys
from fs_risk.records.records import Records
from fs_risk.training.step_up import fit_step_up

COHORTS: dict[str, Callable[[Records], pd.DataFrame]] = {
    "referral": referral_cohort,
    "contact": contact_cohort,
    "closure": closure_cohort,
}
"""Cohorts that records make by themselves."""


@dataclass(frozen=True)
class StudyCases:
    """What a plan asks of records: cases, features, labels, households."""

    cohort: pd.DataFrame
    features: pd.DataFrame
    labels: pd.DataFrame
    households: pd.Series


def study_cases(records: Records, plan: Plan) -> StudyCases:
    """Build the cases of a plan, with their features and labels.

    Parameters
    ----------
    records : Records
    plan : Plan

    Returns
    -------
    StudyCases

    Raises
    ------
    PlanError
        If the plan's cohort needs dates of its own (open cases).
    """
    if plan.cohort not in COHORTS:
        raise PlanError(
            f"A plan on the {plan.cohort} cohort cannot be carried out by this release.",
            where="Plan, cohort",
            fix=f"Choose one of: {', '.join(COHORTS)}.",
        )
    cohort = COHORTS[plan.cohort](records)
    built = build_features(records, cohort, lag_days=plan.extract_lag_days)
    return StudyCases(
        cohort=cohort,
        features=built[[spec.name for spec in features_for_outcome(plan.outcome)]],
        labels=label_outcome(records, cohort, outcome=plan.outcome, within_days=plan.within_days),
        households=household_keys(_all_children(records), records["family_links"]),
    )


def _all_children(records: Records) -> pd.DataFrame:
    """List every child of any table, known to the children table or not."""
    ids = [records[name]["child_id"] for name in records if "child_id" in records[name]]
    return pd.DataFrame({"child_id": pd.concat(ids, ignore_index=True).dropna().unique()})


def train_step_up(records: Records, plan: Plan, *, progress: bool = True) -> StepUpModel:
    """Fit a step-up model to a plan, and hold it against the plan's gates.

    Parameters
    ----------
    records : Records
    plan : Plan
        Fixed and hashed before anything is fitted.
    progress : bool, default=True
        Whether to show a progress bar in a terminal or notebook.

    Returns
    -------
    StepUpModel
        With the gates' results; in study mode if one is failed.

    Raises
    ------
    PlanError
        If the records are real and the plan names no purpose, owner, DPIA, lawful
        basis and policy document; or if they span too little time.

    Examples
    --------
    >>> from fs_risk.synthetic.authority import make_authority
    >>> records = make_authority(children=4_000, years=6, seed=0)  # doctest: +SKIP
    >>> plan = Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=9)
    >>> model = train_step_up(records, plan)  # doctest: +SKIP
    """
    plan.check_declared(records.origin.kind)
    cases = study_cases(records, plan)
    model = fit_step_up(
        cases.features,
        cases.labels,
        cases.cohort,
        cases.households,
        plan,
        features_for_outcome(plan.outcome),
        origin=records.origin,
        fingerprint=records.fingerprint,
        extract_date=records.extract_date,
        progress=progress,
    )
    report = _evaluated(model, records, cases, fresh=False, resamples=500)
    return model.with_gate_results(judge_gates(plan, report))


def evaluate_step_up(
    model: StepUpModel, records: Records, *, fresh: bool = False, resamples: int = 500
) -> EvaluationReport:
    """Say how good a model is, on later time and unseen households.

    Parameters
    ----------
    model : StepUpModel
    records : Records
        Those it was trained on, or a later extract of the same authority.
    fresh : bool, default=False
        Whether `records` are another authority's, which the model has never seen:
        then every mature case counts.
    resamples : int, default=500
        Household resamples for the intervals.

    Returns
    -------
    EvaluationReport

    Raises
    ------
    AuditError
        If there are too few cases for an honest figure, or the records are not of
        the kind (real or synthetic) that the model was fitted on.
    """
    if records.origin.kind != model.training.origin:
        raise AuditError(
            f"A model fitted on {model.training.origin} records cannot be judged on "
            f"{records.origin.kind} ones.",
            where=f"model {model.name}",
            fix="Evaluate it on records of the kind that it was fitted on.",
        )
    cases = study_cases(records, model.plan)
    return _evaluated(model, records, cases, fresh=fresh, resamples=resamples)


def _evaluated(
    model: StepUpModel, records: Records, cases: StudyCases, *, fresh: bool, resamples: int
) -> EvaluationReport:
    return evaluate(
        model,
        cases.features,
        cases.labels,
        cases.cohort,
        cases.households,
        truth=_truth(records, model.plan, cases.cohort),
        resamples=resamples,
        fresh=fresh,
    )


def _truth(records: Records, plan: Plan, cohort: pd.DataFrame) -> pd.Series | None:
    """Give the probabilities that a synthetic authority used, case by case."""
    if records.truth is None or plan.cohort != "referral":
        return None
    truth = records.truth["referrals"]
    column = f"prob_{plan.outcome}_{plan.within_days}"
    if column not in truth:
        return None
    by_referral = truth.set_index("referral_id")[column]
    return pd.Series(by_referral.reindex(cohort["case_id"]).to_numpy(), index=cohort.index)
