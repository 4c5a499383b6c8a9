"""The cases that a plan asks of records: so a study can be made, and made again to check it."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import features_for_outcome
from fs_risk.model.plan import Plan
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.cohorts import closure_cohort, contact_cohort, referral_cohort
from fs_risk.outcomes.labels import label_outcome
from fs_risk.outcomes.reviews import monthly_review_cohort
from fs_risk.records.households import household_keys
from fs_risk.records.records import Records

COHORTS: dict[str, Callable[[Records], pd.DataFrame]] = {
    "referral": referral_cohort,
    "contact": contact_cohort,
    "closure": closure_cohort,
    "open_case": monthly_review_cohort,
}
"""The cohort that each plan is about; open cases as monthly supervision meets them, on the
first of each month."""


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
    """
    cohort = (
        referral_cohort(records, family_declared=True)
        if plan.family_declared
        else COHORTS[plan.cohort](records)
    )
    built = build_features(records, cohort, lag_days=plan.extract_lag_days)
    return StudyCases(
        cohort=cohort,
        features=built[[spec.name for spec in features_for_outcome(plan.outcome)]],
        labels=label_outcome(records, cohort, outcome=plan.outcome, within_days=plan.within_days),
        households=household_keys(_all_children(records), records["family_links"]),
    )


def check_kind(model: StepUpModel, records: Records) -> None:
    """See that a model is judged on the kind of records that it was fitted on.

    Parameters
    ----------
    model : StepUpModel
    records : Records

    Raises
    ------
    AuditError
        If one is real and the other synthetic.
    """
    if records.origin.kind != model.training.origin:
        raise AuditError(
            f"A model fitted on {model.training.origin} records cannot be judged on "
            f"{records.origin.kind} ones.",
            where=f"model {model.name}",
            fix="Use records of the kind that it was fitted on.",
        )


def _all_children(records: Records) -> pd.DataFrame:
    """List every child of any table, known to the children table or not."""
    ids = [records[name]["child_id"] for name in records if "child_id" in records[name]]
    return pd.DataFrame({"child_id": pd.concat(ids, ignore_index=True).dropna().unique()})
