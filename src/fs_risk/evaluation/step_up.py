"""Evaluating a step-up model on cases that it has not seen."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.evaluation.calibration import calibration_bins
from fs_risk.evaluation.cases import Truth, rows_to_test, score_cases
from fs_risk.evaluation.figures import figures_by_group, find_leader, make_figures
from fs_risk.evaluation.ranking import Ranking
from fs_risk.evaluation.report import THE_MODEL, Curve, EvaluationReport, judge_gates
from fs_risk.model.candidates import SIMPLEST_FIRST
from fs_risk.model.step_up import StepUpModel

__all__ = ["CURVE_POINTS", "EvaluationReport", "evaluate", "judge_gates"]

CURVE_POINTS = 200
"""Points kept of each precision-recall curve."""


def evaluate(
    model: StepUpModel,
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    households: pd.Series,
    *,
    truth: Truth | pd.DataFrame | None = None,
    by: Mapping[str, pd.Series] | None = None,
    resamples: int = 500,
    seed: int = 0,
    fresh: bool = False,
) -> EvaluationReport:
    """Measure a model, and the simple ones it must beat, on cases that it has not seen.

    Parameters
    ----------
    model : StepUpModel
    X : DataFrame of float, shape (n, n_features)
    labels : DataFrame
        As `label_outcome` gives it.
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.
    households : Series of str
        Household of each child, indexed by ``child_id``.
    truth : DataFrame or mapping of str to array of float, shape (n,), optional
        For each case of a synthetic authority, its probability ``given_recorded``, the
        exact posterior given what was recorded by `as_of`, which gives
        ``ceiling_average_precision``, and ``given_everything``, which the simulation
        itself used and no record tells, which gives ``everything_average_precision``.
        Both on the same rows, but for those without (NaN).
    by : mapping of str to Series, optional
        Groupings of the cases on the cohort's index, such as year or age band.
    resamples : int, default=500
        Of whole households, for the intervals.
    seed : int, default=0
    fresh : bool, default=False
        Whether these are another authority's cases: then all labelled rows count, by
        the booster in use. Otherwise, rows of the model's test period, each scored by
        the replica that has never seen its household.

    Returns
    -------
    EvaluationReport

    Raises
    ------
    AuditError
        If there are too few cases with the outcome to say anything.
    """
    rows = rows_to_test(model, X, labels, cohort, fresh=fresh)
    tested = score_cases(model, X, labels, cohort, households, rows, truth, fresh=fresh)
    figures = make_figures(tested, model.plan.capacity, resamples, seed)
    days = cohort["as_of"][rows]
    return EvaluationReport(
        model_name=model.name,
        model_version=model.version,
        plan_hash=model.plan.hash,
        plan=model.plan,
        origin=model.training.origin,
        fresh=fresh,
        n=len(tested.label),
        positives=int(tested.label.sum()),
        households=len(np.unique(tested.household)),
        first_as_of=str(days.min().date()),
        last_as_of=str(days.max().date()),
        resamples=resamples,
        figures=figures,
        candidates={
            candidate.kind: candidate.meaning
            for candidate in sorted(
                model.candidates.final, key=lambda each: SIMPLEST_FIRST.index(each.kind)
            )
        },
        leads_with=find_leader(figures, tested.margins),
        bins=calibration_bins(tested.label, tested.log_odds, tested.household),
        curves={
            name: _curve(tested.label, score)
            for name, score in {THE_MODEL: tested.log_odds, **tested.margins}.items()
        },
        groups=figures_by_group(
            tested, cohort, rows, by or {}, model.plan.capacity, resamples, seed
        ),
    )


def _curve(label: np.ndarray, score: np.ndarray) -> Curve:
    recall, precision = Ranking(label, score).curve()
    keep = np.unique(np.linspace(0, len(recall) - 1, CURVE_POINTS).astype(int))
    return Curve(recall=tuple(recall[keep].tolist()), precision=tuple(precision[keep].tolist()))
