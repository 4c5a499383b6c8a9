"""Whether near-identical cases get the same reasons (requirement E6)."""

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.evaluation.cases import check_families_named
from fs_risk.evaluation.edits import edits_to_try
from fs_risk.features.build import build_features
from fs_risk.features.timeline import History
from fs_risk.model.bands import wilson
from fs_risk.model.explanation import by_concept
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import COHORT, MODEL, RECORDS, takes
from fs_risk.records.records import Records

TOP = 3
"""Reasons that are compared."""

MOST_CASES = 500
"""Cases of which reasons are compared: enough for a rate, and soon worked out."""


@takes(model=MODEL, records=RECORDS, cohort=COHORT)
def reason_stability(
    model: StepUpModel, records: Records, cohort: pd.DataFrame, *, cases: int = MOST_CASES
) -> pd.DataFrame:
    """Say how often a change that should change nothing leaves the strongest reasons.

    Each case is explained again after each of the evaluation's trivial edits: rows in
    another order, what no feature reads recoded, events typed twice, the day before.

    Parameters
    ----------
    model : StepUpModel
    records : Records
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.
    cases : int, default=500
        At most so many of them, evenly spread.

    Returns
    -------
    DataFrame
        A row for each edit: ``edit``, ``says``, ``n``; ``same``, the share of cases whose
        three strongest concepts are the same, with its 95 % interval ``low``, ``high``;
        ``shared``, the mean number of the three that are.

    Raises
    ------
    SettingError
        If there are no cases.
    AuditError
        If families are declared to the model and the cohort names none.

    References
    ----------
    .. [1] Requirement E6.

    Examples
    --------
    >>> cohort = fs.referral_cohort(records).tail(1_000)  # doctest: +SKIP
    >>> reason_stability(model, records, cohort)[["edit", "same"]]  # doctest: +SKIP
    """
    if not len(cohort) or cases < 1:
        raise SettingError(
            "There are no cases to explain.", fix="Give a cohort, and cases= of 1 or more."
        )
    check_families_named(model, cohort)
    step = -(-len(cohort) // cases)
    chosen = cohort.iloc[::step].reset_index(drop=True)
    unchanged = History.from_records(records)
    before = strongest(model, _features(model, unchanged, chosen))
    rows = []
    for edit in edits_to_try():
        if edit.kind != "edit":
            continue
        edited = unchanged if edit.records is None else edit.records(records)
        moved = chosen.assign(as_of=chosen["as_of"] + np.timedelta64(edit.days, "D"))
        after = strongest(model, _features(model, edited, moved))
        shared = (before & after).sum(axis=1)
        same = int((shared == before.sum(axis=1)).sum())
        low, high = wilson(same, len(chosen))
        rows.append((edit.name, edit.says, len(chosen), same / len(chosen), low, high,
                     float(shared.mean())))  # fmt: skip
    names = ["edit", "says", "n", "same", "low", "high", "shared"]
    return pd.DataFrame(rows, columns=names)


def strongest(model: StepUpModel, X: pd.DataFrame, *, top: int = TOP) -> np.ndarray:
    """Mark the concepts that move each case's score most, either way.

    Parameters
    ----------
    model : StepUpModel
    X : DataFrame of shape (n, n_features)
    top : int, default=3

    Returns
    -------
    ndarray of bool, shape (n, n_concepts)
        In the order in which the model's features name them first.
    """
    totals = np.abs(by_concept(model.contributions(X), [f.concept for f in model.facts.features]))
    order = np.argsort(-totals, axis=1, kind="stable")[:, :top]
    marked = np.zeros(totals.shape, dtype=bool)
    np.put_along_axis(marked, order, True, axis=1)
    return marked


def _features(model: StepUpModel, source: Records | History, cohort: pd.DataFrame) -> pd.DataFrame:
    built = build_features(source, cohort, lag_days=model.plan.extract_lag_days)
    return built[list(model.feature_names)]
