"""The simple models that a step-up model must beat, stored as data, never as code.

Each gives a margin: higher is more likely. They are fitted in
`fs_risk.training.candidates`; a report leads with the simplest that is not beaten.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from scipy.interpolate import BSpline

from fs_risk.model.additive_tables import AdditiveTables
from fs_risk.model.stored import Stored, column

DEGREE = 3


class ReferralCount(Stored):
    """How often the child was referred before.

    Attributes
    ----------
    feature : str
        The column that counts earlier referrals.
    when_missing : float
        What counts where the window was not observed: the mean of the fitted rows.
    """

    kind: Literal["previous_referrals"] = "previous_referrals"
    feature: str
    when_missing: float

    @property
    def meaning(self) -> str:
        """What the candidate is, for reports."""
        return f"number of earlier referrals ({self.feature})"

    def margin(self, X: pd.DataFrame) -> np.ndarray:
        """Give the count.

        Parameters
        ----------
        X : DataFrame
            With the candidate's columns.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return np.asarray(np.nan_to_num(column(X, self.feature), nan=self.when_missing))


class Points(Stored):
    """One line of a rule set: points where a feature is at least some value."""

    feature: str
    at_least: float
    points: int
    wording: str


PRACTICE_RULES: tuple[Points, ...] = (
    Points(feature="siblings_cp_plan_open", at_least=1, points=4,
           wording="a brother or sister is on a child protection plan"),
    Points(feature="child_cp_plan_starts_1825d", at_least=1, points=3,
           wording="the child was on a child protection plan in the last five years"),
    Points(feature="child_care_starts_1825d", at_least=1, points=2,
           wording="the child was looked after in the last five years"),
    Points(feature="siblings_care_starts_1825d", at_least=1, points=2,
           wording="a brother or sister was looked after in the last five years"),
    Points(feature="child_section47_365d", at_least=1, points=2,
           wording="a section 47 enquiry in the last year"),
    Points(feature="child_trio_areas_current_365d", at_least=2, points=2,
           wording="two of the trio on the latest assessment"),
    Points(feature="child_trio_areas_current_365d", at_least=3, points=1,
           wording="all three of the trio on the latest assessment"),
    Points(feature="child_neglect_current_365d", at_least=1, points=1,
           wording="neglect on the latest assessment"),
    Points(feature="child_unborn", at_least=1, points=2, wording="the child is not yet born"),
    Points(feature="child_under_1", at_least=1, points=2, wording="the child is under one"),
    Points(feature="child_referrals_365d", at_least=1, points=1,
           wording="referred before in the last year"),
    Points(feature="child_referrals_1095d", at_least=3, points=1,
           wording="three or more earlier referrals in three years"),
)  # fmt: skip
"""Points as a practice lead might write them down, before any data were seen."""


class RuleSet(Stored):
    """Points for what practitioners look at first, added up.

    Attributes
    ----------
    rules : tuple of Points
        A feature that was not observed gives no points.
    """

    kind: Literal["rule_set"] = "rule_set"
    rules: tuple[Points, ...]

    @property
    def meaning(self) -> str:
        """What the candidate is, for reports."""
        return f"points for {len(self.rules)} practice rules"

    def margin(self, X: pd.DataFrame) -> np.ndarray:
        """Add up the points.

        Parameters
        ----------
        X : DataFrame
            With the candidate's columns.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        total = np.zeros(len(X))
        for rule in self.rules:
            total += rule.points * (column(X, rule.feature) >= rule.at_least)
        return total


class Term(Stored):
    """One feature of a spline logistic regression.

    Attributes
    ----------
    feature : str
    fill : float
        What stands in where it is missing: the median of the fitted rows.
    low, high : float
        Values outside are moved to the nearer end.
    knots : tuple of float
        All knots of the cubic B-spline; empty for a straight line.
    coefficients : tuple of float
        Log-odds for each basis function, or for one unit.
    when_missing : float
        Log-odds added where the feature is missing.
    """

    feature: str
    fill: float
    low: float
    high: float
    knots: tuple[float, ...] = ()
    coefficients: tuple[float, ...]
    when_missing: float = 0.0

    def basis(self, values: np.ndarray) -> np.ndarray:
        """Give the basis functions of values, shape (n, n_coefficients)."""
        return spline_basis(values, self.fill, self.low, self.high, self.knots)

    @property
    def width(self) -> int:
        """How many basis functions it has."""
        return max(len(self.knots) - DEGREE - 2, 1)

    def added(self, values: np.ndarray) -> np.ndarray:
        """Give the log-odds that values add, shape (n,)."""
        known = self.basis(values) @ np.array(self.coefficients)
        return np.asarray(known + self.when_missing * np.isnan(values))


class SplineLogistic(Stored):
    """Logistic regression on smooth curves of each feature, without interactions.

    Attributes
    ----------
    intercept : float
    terms : tuple of Term
    penalty : float
        The inverse strength C of its L2 penalty.
    """

    kind: Literal["spline_logistic"] = "spline_logistic"
    intercept: float
    terms: tuple[Term, ...]
    penalty: float

    @property
    def meaning(self) -> str:
        """What the candidate is, for reports."""
        return f"spline logistic regression on {len(self.terms)} features"

    def margin(self, X: pd.DataFrame) -> np.ndarray:
        """Give the log-odds.

        Parameters
        ----------
        X : DataFrame
            With the candidate's columns.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        total = np.full(len(X), self.intercept)
        for term in self.terms:
            total += term.added(column(X, term.feature))
        return total


def spline_basis(
    values: np.ndarray, fill: float, low: float, high: float, knots: Sequence[float]
) -> np.ndarray:
    """Give a feature's columns in the regression: one, or those of a cubic B-spline.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        NaN where missing.
    fill, low, high : float
    knots : sequence of float
        With the end knots repeated; empty for a straight line.

    Returns
    -------
    ndarray of float64, shape (n, n_columns)
        Without the first basis function, which the intercept stands for.
    """
    known = np.clip(np.where(np.isnan(values), fill, values), low, high)
    if not len(knots):
        return known[:, None]
    basis: np.ndarray = BSpline.design_matrix(known, np.asarray(knots), DEGREE).toarray()
    return basis[:, 1:]


Candidate = Annotated[
    ReferralCount | RuleSet | SplineLogistic | AdditiveTables, Field(discriminator="kind")
]
"""Any simple model, told apart by its ``kind``."""

SIMPLEST_FIRST = ("previous_referrals", "rule_set", "spline_logistic", "explainable_boosting")
"""The candidates' kinds, the simplest first."""


class CandidateSet(Stored):
    """The simple models of one run.

    Attributes
    ----------
    final : tuple of Candidate
        Fitted on all fit-period rows.
    replicas : tuple of tuple of Candidate
        For each household fold, fitted on the other folds' fit-period rows.
    """

    final: tuple[Candidate, ...]
    replicas: tuple[tuple[Candidate, ...], ...]
