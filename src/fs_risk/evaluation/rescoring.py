"""The tested cases scored again: from edited records, and by other fits of the same plan."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.evaluation.edits import Edit, edits_to_try
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.records import Records


@dataclass(frozen=True)
class Scored:
    """The tested cases scored again.

    Attributes
    ----------
    name, kind, says : str
        As in `Retest`.
    log_odds : ndarray of float64, shape (n,)
    """

    name: str
    kind: str
    says: str
    log_odds: np.ndarray


def score_edited(
    model: StepUpModel,
    records: Records,
    cohort: pd.DataFrame,
    score: Callable[[pd.DataFrame], np.ndarray],
) -> list[Scored]:
    """Score cases again after each change of `edits_to_try`.

    Parameters
    ----------
    model : StepUpModel
    records : Records
    cohort : DataFrame
        The tested cases.
    score : callable
        Takes their features and gives their log-odds, each from a model that has never
        seen its household.

    Returns
    -------
    list of Scored
        Empty where the model uses features that are not in the catalogue.
    """
    if not set(model.feature_names) <= {spec.name for spec in CATALOGUE}:
        return []
    unchanged = History.from_records(records)
    return [
        Scored(
            edit.name,
            edit.kind,
            edit.says,
            _scored(
                edit,
                model,
                edit.records(records) if edit.records is not None else unchanged,
                cohort,
                score,
            ),
        )
        for edit in edits_to_try()
    ]


def _scored(
    edit: Edit,
    model: StepUpModel,
    records: Records | History,
    cohort: pd.DataFrame,
    score: Callable[[pd.DataFrame], np.ndarray],
) -> np.ndarray:
    cases = cohort.assign(as_of=cohort["as_of"] + np.timedelta64(edit.days, "D"))
    cases = cases.iloc[::-1] if edit.order else cases
    lag = model.plan.extract_lag_days + edit.lag_days
    X = build_features(records, cases, lag_days=lag)
    return score(X.loc[cohort.index, list(model.feature_names)])


def replicas_scored(model: StepUpModel, X: pd.DataFrame) -> list[Scored]:
    """Score cases by each replica: fits of the same plan to other thirds of the households.

    Parameters
    ----------
    model : StepUpModel
    X : DataFrame
        Features of the tested cases.

    Returns
    -------
    list of Scored
    """
    matrix = model.matrix(X)
    return [
        Scored(
            f"replica_{number}",
            "refit",
            "Fitted to the same plan without one part of the households.",
            line.log_odds(booster.margin(matrix)),
        )
        for number, (booster, line) in enumerate(
            zip(model.replicas, model.facts.replica_calibrators, strict=True)
        )
    ]
