"""Fitting the same trees otherwise, by household folds, to see what could be done about a gap."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.evaluation.disparity_cases import ListedCases
from fs_risk.evaluation.disparity_fairlearn import (
    Scores,
    exponentiated_gradient,
    group_chances,
)
from fs_risk.evaluation.disparity_gaps import gap_between
from fs_risk.evaluation.disparity_legal import GroupThresholds, equal_recall_offsets
from fs_risk.evaluation.disparity_proxies import group_against_outcome
from fs_risk.evaluation.disparity_weights import RecallConstraint, reweighed
from fs_risk.evaluation.fairness_cells import MISSING
from fs_risk.evaluation.fairness_groups import fairness_groups
from fs_risk.model.booster import Recipe, grow, grow_to_objective
from fs_risk.model.calibration import fit_calibrator
from fs_risk.model.folds import split_groups

OTHERS = "all others"
FEWEST_TO_LEARN = 20
"""Children with the outcome, learnt from, below which groups are put together."""


@dataclass(frozen=True)
class Lessons:
    """All rows of a study, and what trees are fitted otherwise for.

    Attributes
    ----------
    cases : ListedCases
    matrix : ndarray of float, shape (n_study, n_features)
    label : ndarray of float64, shape (n_study,)
    fold : ndarray of int64, shape (n_study,)
    household : ndarray of int64, shape (n_study,)
    fitting : ndarray of bool, shape (n_study,)
        Labelled rows of the fit period.
    group : ndarray of str, shape (n_study,)
        Groups with few children with the outcome are put together, and with the largest
        where they are few even so.
    margin : ndarray of float64, shape (n_study,)
        The model's own, by replicas that have not seen the household, calibrated.
    share : float
        Share of cases that the lists take.
    """

    cases: ListedCases
    matrix: np.ndarray = field(repr=False)
    label: np.ndarray = field(repr=False)
    fold: np.ndarray = field(repr=False)
    household: np.ndarray = field(repr=False)
    fitting: np.ndarray = field(repr=False)
    group: np.ndarray = field(repr=False)
    margin: np.ndarray = field(repr=False)
    share: float

    @classmethod
    def of(cls, cases: ListedCases, attribute: str) -> "Lessons":
        """Gather the rows to learn from.

        Parameters
        ----------
        cases : ListedCases
        attribute : str
            Whose groups the options are to know while learning.
        """
        model, study = cases.model, cases.study
        household = split_groups(study.cohort, study.households)["household"]
        label = study.labels["label"].to_numpy(dtype=np.float64)
        days, known = study.cohort["as_of"], ~np.isnan(label)
        part = model.training.fit
        first, last = pd.Timestamp(part.first_as_of), pd.Timestamp(part.last_as_of)
        fitting = days.between(first, last).to_numpy() & known
        fold = model.folds(household)
        level = fairness_groups(cases.records, study.cohort)[attribute]
        named = level.astype("object").fillna(MISSING).astype(str).to_numpy(dtype=object)
        return cls(
            cases=cases,
            matrix=model.matrix(study.features),
            label=label,
            fold=fold,
            household=pd.factorize(household)[0].astype(np.int64),
            fitting=fitting,
            group=_merged(named, label, fitting),
            margin=model.replica_log_odds(study.features, fold),
            share=float(cases.share.mean()),
        )

    @property
    def threshold(self) -> float:
        """Probability at the end of the list, on rows learnt from."""
        return float(expit(np.quantile(self.margin[self.fitting], 1 - self.share)))

    def codes(self, rows: np.ndarray) -> np.ndarray:
        """Give the groups of rows as numbers from 0 on."""
        return np.unique(self.group[rows].astype(str), return_inverse=True)[1]


Fit = Callable[[Lessons, np.ndarray, int], Scores]
"""From the lessons, rows to learn from and how many trees: what scores a matrix."""


def _merged(named: np.ndarray, label: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Put groups with few rows to learn from together; if still few, with the largest."""
    positives = pd.Series(np.nan_to_num(label[rows])).groupby(named[rows]).sum()
    few = [name for name in set(named) if positives.get(name, 0.0) < FEWEST_TO_LEARN]
    enough = positives.reindex(few).sum() >= FEWEST_TO_LEARN
    largest = str(positives.idxmax()) if len(positives) else OTHERS
    return np.where(np.isin(named, few), OTHERS if enough else largest, named)


def fitted_otherwise(lessons: Lessons, fit: Fit) -> np.ndarray:
    """Score the tested cases by trees fitted otherwise, that have not seen their household.

    Parameters
    ----------
    lessons : Lessons
    fit : callable

    Returns
    -------
    ndarray of float64, shape (n_tested,)
        Log-odds, calibrated on held-out households of the other folds.
    """
    asked = lessons.fitting | lessons.cases.rows
    about = np.full(len(lessons.label), np.nan)  # the mean of each fit, as in `fit_trees`
    for number, replica in enumerate(lessons.cases.model.replicas):
        learn = np.flatnonzero(lessons.fitting & (lessons.fold != number))
        scores = fit(lessons, learn, replica.n_trees)
        mine = asked & (lessons.fold == number)
        level = scores(lessons.matrix[lessons.fitting]).mean()
        about[mine] = scores(lessons.matrix[mine]) - level
    found = np.full(len(lessons.label), np.nan)
    for number in range(len(lessons.cases.model.replicas)):
        others = lessons.fitting & (lessons.fold != number)
        line = fit_calibrator(about[others], lessons.label[others])
        mine = lessons.cases.rows & (lessons.fold == number)
        found[mine] = line.log_odds(about[mine])
    tested: np.ndarray = found[lessons.cases.rows]
    return tested


def without(columns: np.ndarray) -> Fit:
    """Give a fit that does not see some features.

    Parameters
    ----------
    columns : ndarray of bool, shape (n_features,)
        Those left out.
    """
    kept = np.flatnonzero(~columns)

    def fit(lessons: Lessons, learn: np.ndarray, rounds: int) -> Scores:
        recipe = _recipe(lessons, kept)
        trees = grow(lessons.matrix[learn][:, kept], lessons.label[learn], recipe, rounds=rounds)
        return lambda matrix: trees.margin(matrix[:, kept])

    return fit


def fit_reweighed(lessons: Lessons, learn: np.ndarray, rounds: int) -> Scores:
    """Fit with Kamiran and Calders' weights."""
    label = lessons.label[learn]
    weight = reweighed(label, lessons.codes(learn))
    trees = grow(lessons.matrix[learn], label, _recipe(lessons), rounds=rounds, weight=weight)
    return trees.margin


def fit_constrained(lessons: Lessons, learn: np.ndarray, rounds: int) -> Scores:
    """Fit with a multiplier on the outcome of groups whose recall falls short."""
    label = lessons.label[learn]
    constraint = RecallConstraint(label, lessons.codes(learn), lessons.share, rounds)
    trees = grow_to_objective(
        lessons.matrix[learn], label, _recipe(lessons), rounds=rounds, objective=constraint,
        start=constraint.start,
    )  # fmt: skip
    return trees.margin


def fit_reduced(lessons: Lessons, learn: np.ndarray, rounds: int) -> Scores:
    """Fit under equal recall by fairlearn's exponentiated gradient."""
    matrix, label, recipe = lessons.matrix[learn], lessons.label[learn], _recipe(lessons)

    def tree(rows: np.ndarray, label: np.ndarray, weight: np.ndarray) -> Scores:
        return grow(matrix[rows], label, recipe, rounds=rounds, weight=weight).margin

    # of trees as they are, not calibrated: the scale on which the reduction decides
    plain = grow(matrix, label, recipe, rounds=rounds).margin(matrix)
    threshold = float(expit(np.quantile(plain, 1 - lessons.share)))
    return exponentiated_gradient(
        matrix, label, lessons.codes(learn), lessons.share, threshold, tree
    )


def _recipe(lessons: Lessons, kept: np.ndarray | None = None) -> Recipe:
    model = lessons.cases.model
    features = model.facts.features if kept is None else [model.facts.features[i] for i in kept]
    return Recipe(
        feature_names=[each.name for each in features],
        monotone=[each.monotone for each in features],
        settings=model.training.settings,
        seed=model.plan.seed,
    )


def listed_by_fairlearn(lessons: Lessons) -> np.ndarray:
    """Score the tested cases by fairlearn's thresholds for each group, then by score.

    Parameters
    ----------
    lessons : Lessons

    Returns
    -------
    ndarray of float64, shape (n_tested,)
        The chance of being listed, between whole numbers their order within.
    """
    found = np.full(len(lessons.label), np.nan)
    for number in range(len(lessons.cases.model.replicas)):
        others = lessons.fitting & (lessons.fold != number)
        mine = lessons.cases.rows & (lessons.fold == number)
        chance = group_chances(
            expit(lessons.margin[others]), lessons.label[others], lessons.group[others],
            lessons.threshold, expit(lessons.margin[mine]), lessons.group[mine],
        )  # fmt: skip
        found[mine] = chance + 1e-3 * expit(lessons.margin[mine])
    tested: np.ndarray = found[lessons.cases.rows]
    return tested


def thresholds_by_group(lessons: Lessons, attribute: str) -> tuple[np.ndarray, GroupThresholds]:
    """Score the tested cases with offsets that make recall alike on held-out households.

    Parameters
    ----------
    lessons : Lessons
    attribute : str

    Returns
    -------
    log_odds : ndarray of float64, shape (n_tested,)
    thresholds : GroupThresholds
        Of all rows held out, as they would be given out for use.
    """

    def offsets(rows: np.ndarray) -> GroupThresholds:
        found = equal_recall_offsets(
            lessons.margin[rows], lessons.label[rows], lessons.group[rows], lessons.share
        )
        return GroupThresholds(attribute, lessons.cases.records.origin.kind, found)

    log_odds = np.full(len(lessons.label), np.nan)
    for number in range(len(lessons.cases.model.replicas)):
        others = lessons.fitting & (lessons.fold != number)
        mine = lessons.cases.rows & (lessons.fold == number)
        log_odds[mine] = offsets(others).study(lessons.margin[mine], lessons.group[mine])
    return log_odds[lessons.cases.rows], offsets(lessons.fitting)


def telling_features(lessons: Lessons, group: str) -> np.ndarray:
    """Say which features tell a group better than the outcome, on the rows learnt from.

    Parameters
    ----------
    lessons : Lessons
    group : str

    Returns
    -------
    ndarray of bool, shape (n_features,)
    """
    rows, names = lessons.fitting, lessons.cases.model.feature_names
    X = pd.DataFrame(lessons.matrix[rows], columns=list(names))
    found = group_against_outcome(
        X, lessons.group[rows] == group, lessons.label[rows],
        pd.factorize(lessons.household[rows])[0],
    )  # fmt: skip
    told = set(found.loc[found["proxy"].astype(bool), "feature"]) if len(found) else set()
    return np.array([name in told for name in names])


def carrying_concept(lessons: Lessons, group: str) -> str:
    """Name the concept that parts the group's scores most, on rows learnt from.

    Parameters
    ----------
    lessons : Lessons
    group : str
    """
    model = lessons.cases.model
    concepts = np.array([each.concept for each in model.facts.features], dtype=object)
    rows = np.flatnonzero(lessons.fitting & (lessons.label == 1))
    parts = np.zeros((len(rows), len(concepts)))
    for number, replica in enumerate(model.replicas):
        mine = lessons.fold[rows] == number
        parts[mine] = replica.contributions(lessons.matrix[rows[mine]])[:, :-1]
    gap = gap_between(parts, np.ones(len(rows)), lessons.group[rows] == group).value
    names = sorted({str(name) for name in concepts})
    return max(names, key=lambda name: abs(float(gap[concepts == name].sum())))
