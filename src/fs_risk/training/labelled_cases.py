"""The labelled cases that a model is fitted to, checked and divided into slices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.model.facts import Spec
from fs_risk.model.folds import split_groups
from fs_risk.model.plan import Plan
from fs_risk.model.splits import ForwardHouseholdSplit, Slices
from fs_risk.outcomes.scope import count_reasons
from fs_risk.training.checks import check_mature, check_proof, check_rows, matching_specs


@dataclass(frozen=True)
class LabelledCases:
    """Cases with a label, and who learns from which.

    Attributes
    ----------
    X : DataFrame of float, shape (n, n_features)
    matrix : ndarray of float, shape (n, n_features)
        The same.
    specs : list of FeatureSpec
        In the order of the columns.
    y : ndarray of float, shape (n,)
        1.0 or 0.0.
    cohort : DataFrame
    groups : DataFrame
        As `split_groups` gives it.
    slices : Slices
    proof : DataFrame
        As `ForwardHouseholdSplit.proof` gives it.
    not_labelled : dict of str to int
        Cases left out, by reason.
    """

    X: pd.DataFrame
    matrix: np.ndarray
    specs: list[Spec]
    y: np.ndarray
    cohort: pd.DataFrame
    groups: pd.DataFrame
    slices: Slices
    proof: pd.DataFrame
    not_labelled: dict[str, int]


def label_cases(
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    households: pd.Series,
    plan: Plan,
    specs: Sequence[Spec],
    *,
    extract_date: date | str | pd.Timestamp | None,
) -> LabelledCases:
    """Keep the labelled cases, and divide them as the plan says.

    Parameters
    ----------
    X, labels, cohort, households, plan, specs, extract_date
        As in `fit_step_up`.

    Returns
    -------
    LabelledCases

    Raises
    ------
    PlanError
        If a label's window ends after the extract, or the cases span too little time.
    FeatureError
        If `X` has a column without a declaration, or not the cohort's index.
    """
    specs = matching_specs(X, specs)
    check_rows(X, labels, cohort)
    known = labels["label"].notna().to_numpy()
    X, cohort = X[known], cohort[known]
    check_mature(labels[known], extract_date)
    groups = split_groups(cohort, households)
    splitter = _splitter(plan)
    slices, proof = splitter.slices(groups), splitter.proof(groups)
    check_proof(proof)
    return LabelledCases(
        X=X,
        matrix=X.to_numpy(),
        specs=specs,
        y=labels.loc[known, "label"].to_numpy(dtype=np.float64),
        cohort=cohort,
        groups=groups,
        slices=slices,
        proof=proof,
        not_labelled=count_reasons(labels.loc[~known, "reason"]),
    )


def _splitter(plan: Plan) -> ForwardHouseholdSplit:
    return ForwardHouseholdSplit(
        horizon_days=plan.within_days,
        n_folds=plan.n_folds,
        test_days=plan.test_days,
        extract_lag_days=plan.extract_lag_days,
        seed=plan.seed,
    )
