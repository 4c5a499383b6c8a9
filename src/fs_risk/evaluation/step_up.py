"""Evaluating a step-up model on cases that it has not seen."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.evaluation.beside import Study, all_beside, judged_beside
from fs_risk.evaluation.calibration import calibration_bins
from fs_risk.evaluation.cases import Truth, rows_to_test, score_cases
from fs_risk.evaluation.figures import find_leader, make_figures
from fs_risk.evaluation.groupings import by_breaks, by_time, make_groupings
from fs_risk.evaluation.ranking import Ranking
from fs_risk.evaluation.report import THE_MODEL, Curve, EvaluationReport, judge_gates
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.spec import FeatureSpec
from fs_risk.model.candidates import SIMPLEST_FIRST
from fs_risk.model.folds import split_groups
from fs_risk.model.marked_breaks import history_days
from fs_risk.model.plan import Plan
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.records import Records

__all__ = ["CURVE_POINTS", "EvaluationReport", "evaluate", "judge_gates", "needs_records"]

CURVE_POINTS = 200
"""Points kept of each precision-recall curve."""

WEIGHTS_AT_MOST = 40_000_000
"""Resamples × rows beyond which all but the headline figures take fewer resamples."""

FEWEST_RESAMPLES = 100

_NEED_RECORDS = ("list_overlap", "worst_group_recall")


def evaluate(
    model: StepUpModel,
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    households: pd.Series,
    *,
    truth: Truth | pd.DataFrame | None = None,
    by: Mapping[str, pd.Series] | None = None,
    records: Records | None = None,
    capacities: Sequence[float] = (),
    thorough: bool = False,
    brief: bool = False,
    resamples: int = 500,
    seed: int = 0,
    fresh: bool = False,
    progress: bool = True,
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
        Groupings of the cases on the cohort's index; by default year and month and,
        where there are records, those of `make_groupings`.
    records : Records, optional
        Those that `X` was built from. With them the cases are scored again after
        changes that should not matter, from a month sooner, and with facts dated by
        rule delayed.
    capacities : sequence of int or float, optional
        Sizes of list to show beside the plan's own.
    thorough : bool, default=False
        Whether to fit again as well: a learning curve, without features of poverty,
        with another seed, and the two-sample test of drift. Not for fresh cases.
    resamples : int, default=500
        Of whole households, for the intervals.
    seed : int, default=0
    fresh : bool, default=False
        Whether these are another authority's cases: then all labelled rows count, by
        the booster in use. Otherwise, rows of the model's test period, each scored by
        the replica that has never seen its household.
    brief : bool, default=False
        Whether to leave out all that no gate is judged on.
    progress : bool, default=True

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
    if by is None:
        by = by_time(cohort) if records is None else make_groupings(records, cohort)
        by |= by_breaks(
            model.plan.breaks,
            cohort,
            within_days=model.plan.within_days,
            history_days=history_days(_specs_of(model)),
        )
    study = Study(
        model=model,
        X=X,
        labels=labels,
        cohort=cohort,
        households=households,
        household=split_groups(cohort, households)["household"].to_numpy(dtype=object).astype(str),
        rows=rows,
        tested=tested,
        records=records,
        by=by,
        fresh=fresh,
        resamples=_fewer(resamples, len(tested.label)),
        seed=seed,
    )
    figures = make_figures(tested, model.plan.capacity, resamples, seed)
    beside = (
        judged_beside(study)
        if brief
        else all_beside(study, capacities=capacities, thorough=thorough, progress=progress)
    )
    return EvaluationReport(
        **_who(study),
        resamples=resamples,
        figures=(*figures, *beside.pop("figures")),
        leads_with=find_leader(figures, tested.margins),
        bins=calibration_bins(tested.label, tested.log_odds, tested.household),
        curves={
            name: _curve(tested.label, score)
            for name, score in {THE_MODEL: tested.log_odds, **tested.margins}.items()
        },
        **beside,
    )


def needs_records(plan: Plan) -> bool:
    """Say whether a gate of a plan is judged on what only the records can tell.

    Parameters
    ----------
    plan : Plan
    """
    return any(gate.metric.startswith(_NEED_RECORDS) for gate in plan.gates)


def _who(study: Study) -> dict[str, Any]:
    """State which model was tested, and on whom."""
    model, days = study.model, study.cohort["as_of"][study.rows]
    return {
        "model_name": model.name,
        "model_version": model.version,
        "plan_hash": model.plan.hash,
        "plan": model.plan,
        "origin": model.training.origin,
        "fresh": study.fresh,
        "n": len(study.tested.label),
        "positives": int(study.tested.label.sum()),
        "households": len(np.unique(study.tested.household)),
        "plans_tried": model.plans_tried,
        "configurations_tried": model.training.configurations_tried,
        "vignettes": model.facts.vignettes,
        "first_as_of": str(days.min().date()),
        "last_as_of": str(days.max().date()),
        "candidates": {
            candidate.kind: candidate.meaning
            for candidate in sorted(
                model.candidates.final, key=lambda each: SIMPLEST_FIRST.index(each.kind)
            )
        },
    }


def _specs_of(model: StepUpModel) -> list[FeatureSpec]:
    used = set(model.feature_names)
    return [spec for spec in CATALOGUE if spec.name in used]


def _fewer(resamples: int, n: int) -> int:
    """Give the resamples of all but the headline figures: fewer where there are many cases."""
    return min(resamples, max(WEIGHTS_AT_MOST // max(n, 1), FEWEST_RESAMPLES))


def _curve(label: np.ndarray, score: np.ndarray) -> Curve:
    recall, precision = Ranking(label, score).curve()
    keep = np.unique(np.linspace(0, len(recall) - 1, CURVE_POINTS).astype(int))
    return Curve(recall=tuple(recall[keep].tolist()), precision=tuple(precision[keep].tolist()))
