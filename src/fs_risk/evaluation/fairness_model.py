"""The audit of a step-up model, on cases that it has not seen."""

from collections.abc import Sequence

import pandas as pd
from scipy.special import expit

from fs_risk.errors import AuditError
from fs_risk.evaluation.cases import rows_to_test, score_cases
from fs_risk.evaluation.fairness import audit_fairness
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.counts_in_words import out_of
from fs_risk.records.records import Records

EXPLORED = ("ethnicity_18", "unaccompanied")
"""Attributes of many small groups, or of one out of scope: explored, not of the family."""


def audit_model(
    model: StepUpModel,
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    households: pd.Series,
    records: Records,
    *,
    attributes: Sequence[str] | None = None,
    capacity: float | None = None,
    resamples: int = 1000,
    fresh: bool = False,
    progress: bool = False,
) -> FairnessAudit:
    """Audit a model's lists over its test period, at its plan's capacity.

    Parameters
    ----------
    model : StepUpModel
    X, labels, cohort, households
        As in `evaluate`.
    records : Records
        Those that `X` was built from.
    attributes : sequence of str, optional
        Columns of `fairness_groups`; by default all.
    capacity : int or float, optional
        By default the plan's own.
    resamples : int, default=1000
    fresh : bool, default=False
        As in `evaluate`.
    progress : bool, default=False

    Returns
    -------
    FairnessAudit

    Raises
    ------
    AuditError
        If an attribute is not known.
    """
    rows = rows_to_test(model, X, labels, cohort, fresh=fresh)
    tested = score_cases(model, X, labels, cohort, households, rows, None, fresh=fresh)
    groups = fairness_groups(records, cohort[rows])
    chosen = list(groups) if attributes is None else list(attributes)
    unknown = [name for name in chosen if name not in groups]
    if unknown:
        raise AuditError(
            f"{out_of(len(unknown), len(chosen), 'attribute')} not known.",
            where="attributes",
            fix=f"Choose among {', '.join(groups)}.",
        )
    return audit_fairness(
        tested.label,
        expit(tested.log_odds),
        groups[chosen],
        capacity=model.plan.capacity if capacity is None else capacity,
        households=tested.household,
        as_of=cohort.loc[rows, "as_of"],
        list_period=model.plan.list_period,
        explored=[name for name in EXPLORED if name in chosen],
        resamples=resamples,
        origin=records.origin.kind,
        progress=progress,
    )
