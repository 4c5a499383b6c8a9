"""What a report holds beside its headline figures: lists, groups, retests, cases, features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.evaluation.by_group import figures_by_group, worst_recall
from fs_risk.evaluation.capacities import at_capacities, capacities_to_show
from fs_risk.evaluation.case_ends import case_ends, decided_at_once
from fs_risk.evaluation.cases import Tested, scorer
from fs_risk.evaluation.certainty import (
    checks_of_intervals,
    rates_of_abstention,
    vignettes_failed,
)
from fs_risk.evaluation.changes import changes_since_training
from fs_risk.evaluation.edits import share_by_rule
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.evaluation.net_benefit import decision_curves, gain_at_base_rate
from fs_risk.evaluation.refits import Refits, Rows, refit
from fs_risk.evaluation.report_parts import Figure, GroupFigure, Retest
from fs_risk.evaluation.rescoring import Scored, replicas_scored, score_edited
from fs_risk.evaluation.retests import (
    MONTHLY,
    overlap_of_months,
    retest,
    retest_figures,
)
from fs_risk.evaluation.thinning import household_draw, records_of, share_to_keep
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.records import Records


@dataclass(frozen=True)
class Study:
    """A model with the cases that it is tested on, and those that it was not.

    Attributes
    ----------
    model, X, labels, cohort, households, records, by, fresh, seed
        As in `evaluate`.
    household : ndarray of str, shape (n,)
        Of each case.
    rows : ndarray of bool, shape (n,)
        The tested cases.
    tested : Tested
        The same with their scores.
    resamples : int
        For intervals beside the headline figures'.
    """

    model: StepUpModel
    X: pd.DataFrame
    labels: pd.DataFrame
    cohort: pd.DataFrame
    households: pd.Series
    household: np.ndarray
    rows: np.ndarray
    tested: Tested
    records: Records | None
    by: Mapping[str, pd.Series]
    fresh: bool
    resamples: int
    seed: int

    @property
    def capacity(self) -> float:
        """The plan's own."""
        return self.model.plan.capacity

    @property
    def period(self) -> np.ndarray:
        """Every case from the first tested day to the last, labelled or not, shape (n,)."""
        days = self.cohort["as_of"]
        tested = days[self.rows]
        inside: np.ndarray = days.between(tested.min(), tested.max()).to_numpy()
        return inside


def judged_beside(study: Study) -> dict[str, Any]:
    """Measure only what a gate can be judged on: groups, retests and vignettes.

    Parameters
    ----------
    study : Study

    Returns
    -------
    dict of str to Any
        Fields of `EvaluationReport`; ``figures`` are to be added to the headline ones.
    """
    if study.records is None:
        return {"figures": vignettes_failed(study.model)}
    groups, retests = _groups(study), retest_cases(study, None)
    return {
        "figures": (
            *_worst(groups),
            *retest_figures(retests),
            *vignettes_failed(study.model),
        ),
        "groups": groups,
        "retests": retests,
    }


def all_beside(
    study: Study, *, capacities: Sequence[float], thorough: bool, progress: bool
) -> dict[str, Any]:
    """Measure everything that a report holds beside its headline figures.

    Parameters
    ----------
    study : Study
    capacities, thorough, progress
        As in `evaluate`.

    Returns
    -------
    dict of str to Any
        As `judged_beside`.
    """
    tested, often = study.tested, (study.resamples, study.seed)
    refits = _refits(study, progress) if thorough and not study.fresh else Refits((), None, None)
    groups, retests = _groups(study), retest_cases(study, refits.seed)
    changes = changes_since_training(
        study.model,
        study.X,
        study.labels,
        study.cohort,
        study.household,
        study.rows,
        fresh=study.fresh,
        thorough=thorough,
        resamples=study.resamples,
    )
    return {
        "figures": (
            gain_at_base_rate(tested, *often),
            *_worst(groups),
            *retest_figures(retests),
            decided_at_once(study.labels, study.household, study.period, *often),
            *changes.figures,
            *vignettes_failed(study.model),
            *_of_refits(refits),
        ),
        "groups": groups,
        "retests": retests,
        "capacities": at_capacities(
            tested, capacities_to_show(study.capacity, capacities), study.capacity, *often
        ),
        "net_benefit": decision_curves(tested, *often),
        "ends": case_ends(study.labels, _children(study.cohort), study.period),
        "changed": changes.changed,
        "telling": changes.telling,
        "learning": refits.learning,
        "without": () if refits.without is None else (refits.without,),
        "share_by_rule": None if study.records is None else share_by_rule(study.records),
        **_certainty(study),
    }


def retest_cases(study: Study, other_seed: Scored | None) -> tuple[Retest, ...]:
    """Score the cases again after stated changes, and hold the lists against each other.

    Parameters
    ----------
    study : Study
    other_seed : Scored or None
        The cases as fits with another seed score them.

    Returns
    -------
    tuple of Retest
        Without what needs the records where there are none. Of very many cases, those of
        some households alone are scored again, and listed among themselves.
    """
    if other_seed is None:
        study = _smaller(study)
    model, cases, tested = study.model, study.cohort[study.rows], study.tested
    again: list[Scored] = []
    if study.records is not None:
        score = scorer(model, cases, study.households, fresh=study.fresh)
        again = score_edited(model, study.records, cases, score)
    often = (study.capacity, study.resamples, study.seed)
    met_again = None
    if model.plan.cohort == "open_case":
        met_again = overlap_of_months(tested, _children(cases), *often)
    if met_again is not None:
        again = [each for each in again if each.name != MONTHLY]
    again += replicas_scored(model, study.X[study.rows])
    if other_seed is not None:
        again.append(other_seed)
    found = retest(tested, again, *often)
    return found if met_again is None else (*found, met_again)


def _children(cohort: pd.DataFrame) -> np.ndarray:
    child: np.ndarray = cohort["child_id"].to_numpy(dtype=object).astype(str)
    return child


def _smaller(study: Study) -> Study:
    """Keep whole households, of about as many tested cases as can be scored again soon."""
    share = share_to_keep(len(study.tested.label))
    if share >= 1:
        return study
    kept = household_draw(study.household) < share
    of_kept = household_draw(study.households.to_numpy(dtype=object)) < share
    records = study.records
    return replace(
        study,
        rows=study.rows & kept,
        tested=study.tested.only(kept[study.rows]),
        records=None if records is None else records_of(records, study.households.index[of_kept]),
    )


def _groups(study: Study) -> tuple[GroupFigure, ...]:
    return figures_by_group(
        study.tested,
        study.cohort,
        study.rows,
        study.by,
        study.capacity,
        study.resamples,
        study.seed,
    )


def _certainty(study: Study) -> dict[str, Any]:
    """Say of the tested cases how often there is no score, and whether intervals hold."""
    X = study.X[study.rows]
    label = pd.Series(study.tested.label, index=X.index)
    household = pd.Series(study.household[study.rows], index=X.index)
    ethnicity = None
    if study.records is not None:
        ethnicity = fairness_groups(study.records, study.cohort[study.rows])["ethnicity"]
    return {
        "abstentions": rates_of_abstention(study.model, X, ethnicity),
        "interval_checks": checks_of_intervals(study.model, X, label, household),
    }


def _worst(groups: tuple[GroupFigure, ...]) -> tuple[Figure, ...]:
    worst = worst_recall(groups)
    return () if worst is None else (worst,)


def _refits(study: Study, progress: bool) -> Refits:
    fit = study.model.training.fit
    first, last = pd.Timestamp(fit.first_as_of), pd.Timestamp(fit.last_as_of)
    labelled = study.labels["label"].notna()
    rows = Rows(
        X=study.X,
        label=study.labels["label"].to_numpy(dtype=np.float64),
        household=study.household,
        fold=study.model.folds(pd.Series(study.household)),
        learnt=(study.cohort["as_of"].between(first, last) & labelled).to_numpy(),
        asked=study.rows,
    )
    return refit(
        study.model,
        rows,
        study.tested,
        resamples=study.resamples,
        seed=study.seed,
        progress=progress,
    )


def _of_refits(refits: Refits) -> list[Figure]:
    figures = [point.average_precision for point in refits.learning]
    if refits.without is not None:
        figures += [refits.without.without, refits.without.loss]
    return figures
