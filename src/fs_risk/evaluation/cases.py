"""Which cases a model is tested on, and every model's score for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.model.candidates import SIMPLEST_FIRST
from fs_risk.model.folds import split_groups
from fs_risk.model.listing import list_periods
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.counts_in_words import count_of

FEWEST_POSITIVES = 10
"""With fewer cases with, or without, the outcome no figure is given."""

TRUTHS = {
    "given_recorded": "ceiling_average_precision",
    "given_everything": "everything_average_precision",
}
"""Probabilities of a synthetic authority, and the figure that each gives."""

Truth = Mapping[str, Any]
"""Arrays or columns by the names of `TRUTHS`; a frame will do."""


@dataclass(frozen=True)
class Tested:
    """The evaluated cases, each with the scores of all models.

    Attributes
    ----------
    label : ndarray of float, shape (n,)
    log_odds : ndarray of float, shape (n,)
        The model's, calibrated.
    margins : dict of str to ndarray of float
        Of each candidate, the simplest first.
    household : ndarray of str, shape (n,)
    period : ndarray of int, shape (n,)
        List that the case falls into.
    truth : dict of str to ndarray of float
        Of a synthetic authority, the probabilities by what they are given
        (`TRUTHS`), NaN where they are not known; empty for any other.
    """

    label: np.ndarray
    log_odds: np.ndarray
    margins: dict[str, np.ndarray]
    household: np.ndarray
    period: np.ndarray
    truth: dict[str, np.ndarray]

    def only(self, rows: np.ndarray) -> "Tested":
        """Keep some of the cases."""
        return Tested(
            self.label[rows],
            self.log_odds[rows],
            {kind: margin[rows] for kind, margin in self.margins.items()},
            self.household[rows],
            self.period[rows],
            {given: known[rows] for given, known in self.truth.items()},
        )


def rows_to_test(
    model: StepUpModel,
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    *,
    fresh: bool,
) -> np.ndarray:
    """Say which cases count: labelled, and unless from elsewhere, of the test period.

    Parameters
    ----------
    model, X, labels, cohort, fresh
        As in `evaluate`.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    AuditError
        If the frames do not have the same index; if families are declared to the model
        and the cohort names none.
    """
    if not (X.index.equals(cohort.index) and labels.index.equals(cohort.index)):
        raise AuditError(
            f"Features ({count_of(len(X), 'row')}), labels ({len(labels)}) and cohort "
            f"({len(cohort)}) do not have the same index.",
            where="X, labels, cohort",
            fix="Build features and labels from this very cohort.",
        )
    check_families_named(model, cohort)
    rows: np.ndarray = labels["label"].notna().to_numpy()
    if not fresh:
        first = pd.Timestamp(model.training.test.first_as_of)
        rows = rows & (cohort["as_of"] >= first).to_numpy()
    return rows


def check_families_named(model: StepUpModel, cohort: pd.DataFrame) -> None:
    """Check that a cohort names families, if they are declared to the model with a referral.

    Without them features lack the brothers and sisters that the model learnt from.

    Parameters
    ----------
    model : StepUpModel
    cohort : DataFrame

    Raises
    ------
    AuditError
        If it has no column ``family_id``.
    """
    if model.plan.family_declared and "family_id" not in cohort:
        raise AuditError(
            "Families are declared to this model with each referral; the cohort names none.",
            where="cohort, column family_id",
            fix="Make it with referral_cohort(records, family_declared=True), and build features "
            "and labels from it.",
        )


def score_cases(
    model: StepUpModel,
    X: pd.DataFrame,
    labels: pd.DataFrame,
    cohort: pd.DataFrame,
    households: pd.Series,
    rows: np.ndarray,
    truth: Truth | pd.DataFrame | None,
    *,
    fresh: bool,
) -> Tested:
    """Score the cases that count with the model and its candidates.

    Parameters
    ----------
    model, X, labels, cohort, households, truth, fresh
        As in `evaluate`.
    rows : ndarray of bool, shape (n,)
        As `rows_to_test` gives it.

    Returns
    -------
    Tested

    Raises
    ------
    AuditError
        If there are too few cases with the outcome, or `truth` is of none of them.
    """
    label = labels.loc[rows, "label"].to_numpy(dtype=np.float64)
    _check_enough(label)
    X, cohort = X[rows], cohort[rows]
    household = split_groups(cohort, households)["household"]
    log_odds = scorer(model, cohort, households, fresh=fresh)(X)
    if fresh:
        margins = {str(each.kind): each.margin(X) for each in model.candidates.final}
    else:
        margins = _replica_margins(model, X, model.folds(household))
    return Tested(
        label=label,
        log_odds=log_odds,
        margins={kind: margins[kind] for kind in SIMPLEST_FIRST if kind in margins},
        household=household.to_numpy(dtype=object).astype(str),
        period=list_periods(cohort["as_of"], model.plan.list_period),
        truth=_truth_of(truth, rows),
    )


def scorer(
    model: StepUpModel, cohort: pd.DataFrame, households: pd.Series, *, fresh: bool
) -> Callable[[pd.DataFrame], np.ndarray]:
    """Give how tested cases are scored: never by a model that has seen their household.

    Parameters
    ----------
    model : StepUpModel
    cohort : DataFrame
        The tested cases.
    households : Series of str
    fresh : bool
        Whether they are another authority's: then by the booster in use.

    Returns
    -------
    callable
        From features of these cases, in their order, to calibrated log-odds.
    """
    if fresh:
        return model.log_odds
    fold = model.folds(split_groups(cohort, households)["household"])
    return lambda X: model.replica_log_odds(X, fold)


def _replica_margins(
    model: StepUpModel, X: pd.DataFrame, fold: np.ndarray
) -> dict[str, np.ndarray]:
    """Score each row with the candidates that have never seen its household.

    Their folds are on one scale: counts and points are the same everywhere, and
    log-odds of folds can be compared.
    """
    margins: dict[str, np.ndarray] = {}
    for number, candidates in enumerate(model.candidates.replicas):
        mine = fold == number
        for candidate in candidates:
            margin = margins.setdefault(candidate.kind, np.full(len(X), np.nan))
            margin[mine] = candidate.margin(X[mine])
    return margins


def _truth_of(truth: Truth | pd.DataFrame | None, rows: np.ndarray) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    if truth is None:
        return found
    for given in [name for name in TRUTHS if name in truth]:
        known = np.asarray(truth[given], dtype=np.float64)
        if len(known) != len(rows) or np.isnan(known[rows]).all():
            raise AuditError(
                "The true probabilities are not there for the cases.",
                where="truth",
                fix="Give one probability for each row of the cohort, in its order.",
            )
        found[given] = known[rows]
    return found


def _check_enough(label: np.ndarray) -> None:
    positives = int(label.sum())
    if min(positives, len(label) - positives) < FEWEST_POSITIVES:
        raise AuditError(
            f"The outcome followed in {positives} of the {len(label)} cases to test; at least "
            f"{FEWEST_POSITIVES} with and without it are needed.",
            where="labels",
            fix="Evaluate on a longer period.",
        )
