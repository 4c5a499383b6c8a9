"""What a report says of features alone: those that changed since training, those that tell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.evaluation.drift import changed_features, stability_index, two_sample_area
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval, value_of
from fs_risk.evaluation.leakage import audit_leakage
from fs_risk.evaluation.ranking import Ranking
from fs_risk.evaluation.report_parts import ChangedFeature, Figure, TellingFeature, make_figure
from fs_risk.evaluation.thinning import thinned
from fs_risk.model.step_up import StepUpModel

SHOWN = 20
"""Features kept of each list, beside those that are drifted or suspicious."""


@dataclass(frozen=True)
class Changes:
    """What features alone show.

    Attributes
    ----------
    changed : tuple of ChangedFeature
    telling : tuple of TellingFeature
    figures : tuple of Figure
    """

    changed: tuple[ChangedFeature, ...]
    telling: tuple[TellingFeature, ...]
    figures: tuple[Figure, ...]


def changes_since_training(
    model: StepUpModel,
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    household: np.ndarray,
    rows: np.ndarray,
    *,
    fresh: bool,
    thorough: bool,
    resamples: int,
) -> Changes:
    """Look at each feature alone: how it changed since training, and how much it tells.

    Parameters
    ----------
    model, X, labels, cohort, fresh, thorough, resamples
        As in `evaluate`.
    household : ndarray of str, shape (n,)
    rows : ndarray of bool, shape (n,)
        The tested cases.

    Returns
    -------
    Changes
        Of fresh cases, which come without those learnt from, only what features tell.
    """
    X = X[list(model.feature_names)]
    telling, figures = _telling(X, labels, cohort["case_id"], household, resamples)
    if fresh:
        return Changes((), telling, figures)
    training = model.training
    learnt = cohort["as_of"].between(
        pd.Timestamp(training.fit.first_as_of), pd.Timestamp(training.fit.last_as_of)
    )
    before = thinned(learnt.to_numpy() & labels["label"].notna().to_numpy(), household)
    after = thinned(rows, household)
    if not before.any():
        return Changes((), telling, figures)
    sides = {"household_before": household[before], "household_after": household[after]}
    changed = changed_features(X[before], X[after], **sides)
    n = int(after.sum())
    drifted = sum(each.drifted for each in changed)
    fold = model.folds(pd.Series(household))
    score = stability_index(
        model.replica_log_odds(X[before], fold[before]),
        model.replica_log_odds(X[after], fold[after]),
    )
    found = [
        *figures,
        make_figure("features_drifted", drifted, None, None, n),
        make_figure("largest_feature_psi", changed[0].psi, None, None, n),
        make_figure("score_psi", score, None, None, n),
    ]
    if thorough:
        area = two_sample_area(X[before], X[after], **sides, seed=model.plan.seed)
        found.append(make_figure("two_sample_auc", area, None, None, n))
    kept = tuple(each for at, each in enumerate(changed) if at < SHOWN or each.drifted)
    return Changes(kept, telling, tuple(found))


def _telling(
    X: pd.DataFrame, labels: pd.DataFrame, case: pd.Series, household: np.ndarray, resamples: int
) -> tuple[tuple[TellingFeature, ...], tuple[Figure, ...]]:
    """Audit single features on all labelled cases, learnt from or tested (requirement T10)."""
    chosen = thinned(labels["label"].notna().to_numpy() & _once(case), household)
    audit = audit_leakage(X[chosen], labels.loc[chosen, "label"])
    telling = tuple(
        TellingFeature(
            feature=str(row.feature),
            roc_auc=float(row.roc_auc),
            roc_auc_missing=float(row.roc_auc_missing),
            suspicious=bool(row.suspicious),
        )
        for at, row in enumerate(audit.itertuples())
        if at < SHOWN or row.suspicious
    )
    n = int(chosen.sum())
    return telling, (
        make_figure("suspicious_features", int(audit["suspicious"].sum()), None, None, n),
        _most_telling(audit, X[chosen], labels["label"][chosen], household[chosen], resamples),
    )


def _most_telling(
    audit: pd.DataFrame,
    X: pd.DataFrame,
    label: pd.Series,
    household: np.ndarray,
    resamples: int,
) -> Figure:
    """Give the area of the feature that tells most, with its interval."""
    areas = audit[["roc_auc", "roc_auc_missing"]]
    worst = audit.iloc[int(areas.max(axis=1).to_numpy().argmax())]
    values = X[worst["feature"]].to_numpy(dtype=np.float64)
    known = ~np.isnan(values)
    if worst["roc_auc_missing"] > worst["roc_auc"]:
        values, known = (~known).astype(np.float64), np.ones(len(values), dtype=bool)
    y = label.to_numpy(dtype=np.float64)[known]
    ranking = Ranking(y, values[known])
    way = 1.0 if value_of(ranking.roc_auc, len(y)) >= 0.5 else -1.0
    area = Ranking(y, way * values[known]).roc_auc
    bootstrap = HouseholdBootstrap(household[known], resamples=resamples)
    ends = interval(bootstrap.replicates({"area": area})["area"])
    return make_figure("largest_single_feature_auc", float(areas.max(axis=None)), *ends, len(y))


def _once(case: pd.Series) -> np.ndarray:
    """Keep one row, by chance, of each case: one asked about each month is no new evidence."""
    order = np.random.default_rng(0).permutation(len(case))
    kept: np.ndarray = np.zeros(len(case), dtype=bool)
    kept[order] = ~case.iloc[order].duplicated().to_numpy()
    return kept
