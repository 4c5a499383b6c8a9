"""The interval on a score: where better knowledge of the same recorded facts would put it.

A score is a mean: cases with the same score differ in what their records would say to
somebody who knew how to read all of them. The interval is a range for that: it takes the
probability of a case, given its recorded facts, to be spread around the score as a beta
distribution is, with the score as its mean. How widely is worked out from the Brier score
on households held out, less the best that any reading of the records could reach. That
difference is itself an estimate, and the smaller the authority the more it owes to luck: its
standard error is added, since a range too narrow says more than is known.

That best cannot be known from real records. It is taken from invented authorities, where
it can be computed, and stated with the model (`BEST_SPREAD`).
"""

from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy.special import betaincinv

from fs_risk.errors import SettingError

LEVEL = 0.9
"""Nine cases in ten."""

BEST_SPREAD: dict[tuple[str, str], float] = {
    ("cp_plan", "referral"): 0.70,
    ("pre_proceedings", "referral"): 1.45,
    ("care", "referral"): 1.35,
    ("step_up", "referral"): 0.67,
    ("section47", "referral"): 0.31,
    ("re_referral", "referral"): 0.21,
    ("cp_plan", "open_case"): 1.35,
    ("pre_proceedings", "open_case"): 2.05,
    ("care", "open_case"): 1.70,
    ("step_up", "open_case"): 0.94,
    ("section47", "open_case"): 0.84,
}
"""For an outcome and cohort, the variance among cases of the probability given recorded facts,
over ``(p (1 - p))²`` for the mean probability p: the mean of invented authorities
(`docs/decisions/0014`)."""

OTHER_SPREAD = 1.0
"""For outcomes and cohorts without a figure of their own."""

FEWEST_CASES_WORTH, MOST_CASES_WORTH = 2.0, 500.0
_LEAST_EXCESS = 0.02


class ScoreInterval(BaseModel):
    """How far a case's probability may lie from its score.

    Attributes
    ----------
    level : float
        Share of cases that the interval is to hold.
    cases_worth : float
        The score is as uncertain as a share observed in this many cases: the sum of the
        beta distribution's parameters. The fewer cases it was worked out from, the lower.
    cases_worth_unknown : float
        The same where nothing that the model leans on is known.
    best_spread : float
        The assumption about the records at large, as in `BEST_SPREAD`.
    brier : float
        Brier score on households held out.
    best_brier : float
        What any reading of the records could reach, by the assumption.
    n, positives : int
        Cases held out, and those where the outcome followed.

    Examples
    --------
    >>> sure = ScoreInterval(cases_worth=25.0, cases_worth_unknown=14.0, best_spread=0.71,
    ...     brier=0.0900, best_brier=0.0855, n=7_500, positives=790)
    >>> sure.bounds(np.array([0.1, 0.4])).round(2).tolist()
    [[0.02, 0.21], [0.25, 0.56]]
    >>> sure.bounds(np.array([0.1]), unlike=np.array([1.0])).round(2).tolist()
    [[0.01, 0.25]]
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: float = Field(default=LEVEL, gt=0.0, lt=1.0)
    cases_worth: float = Field(gt=0.0)
    cases_worth_unknown: float = Field(gt=0.0)
    best_spread: float = Field(gt=0.0)
    brier: float
    best_brier: float
    n: int
    positives: int

    def bounds(
        self,
        probability: np.ndarray,
        *,
        unlike: np.ndarray | float = 0.0,
        level: float | None = None,
    ) -> np.ndarray:
        """Give the ends of the interval.

        Parameters
        ----------
        probability : ndarray of float, shape (n,)
            Calibrated scores.
        unlike : ndarray of float, shape (n,), or float, default=0.0
            Share of the model's weight on features that are missing, or out of range, as
            they hardly were in training: it widens the interval.
        level : float, optional
            Another level than the model's.

        Returns
        -------
        ndarray of float64, shape (n, 2)
            Lower and upper end, around the score.

        Raises
        ------
        SettingError
            If the level is not between 0 and 1.
        """
        wanted = self.level if level is None else level
        if not 0.0 < wanted < 1.0:
            raise SettingError(
                "The level of an interval is a share between 0 and 1.",
                fix="Pass level=0.9 for nine cases in ten.",
            )
        p = np.asarray(probability, dtype=np.float64)
        p = np.minimum(np.maximum(p, 1e-9), 1 - 1e-9)
        worth = self._worth(np.asarray(unlike, dtype=np.float64))
        tail = (1 - wanted) / 2
        pulls = (p * worth)[..., None], ((1 - p) * worth)[..., None]
        ends: np.ndarray = betaincinv(*pulls, np.array([tail, 1 - tail]))
        # a beta distribution far to one side can have its mean outside
        ends[..., 0] = np.minimum(ends[..., 0], p)
        ends[..., 1] = np.maximum(ends[..., 1], p)
        return ends

    def _worth(self, unlike: np.ndarray) -> np.ndarray:
        """Mix the variances of a known and an unknown case by the share that is unlike."""
        known, unknown = 1 / (self.cases_worth + 1), 1 / (self.cases_worth_unknown + 1)
        mixed: np.ndarray = 1 / (known + unlike * max(unknown - known, 0.0)) - 1
        return mixed

    @classmethod
    def fit(
        cls,
        probability: np.ndarray,
        label: np.ndarray,
        household: np.ndarray,
        *,
        best_spread: float,
    ) -> Self:
        """Work out the spread from cases of households held out.

        Parameters
        ----------
        probability : ndarray of float, shape (n,)
            Calibrated scores by a replica that has never seen the household.
        label : ndarray of float, shape (n,)
            1.0 or 0.0.
        household : ndarray, shape (n,)
            Cases of one household rise and fall together.
        best_spread : float
            As in `BEST_SPREAD`.

        Returns
        -------
        ScoreInterval

        References
        ----------
        .. [1] G. W. Brier, Verification of forecasts expressed in terms of probability,
           Monthly Weather Review 78 (1950), 1-3: the Brier score of p, less that of the true
           probability q, is the mean of (p - q)².
        """
        p, y = np.asarray(probability, dtype=np.float64), np.asarray(label, dtype=np.float64)
        mean = float(y.mean())
        spread = mean * (1 - mean)
        best = best_spread * spread**2
        # of the labels' covariance with the score, not of each label: the luck cancels out
        with_score = float(np.mean((y - mean) * (p - p.mean())))
        excess = best - 2 * with_score + float(p.var()) + (float(p.mean()) - mean) ** 2
        excess = max(excess, _LEAST_EXCESS * spread**2) + _error_of_excess(p, y, household)
        room = float(np.mean(p * (1 - p)))
        return cls(
            cases_worth=_cases_worth(room, excess),
            cases_worth_unknown=_cases_worth(spread, max(best, _LEAST_EXCESS * spread**2)),
            best_spread=best_spread,
            brier=float(np.mean((y - p) ** 2)),
            best_brier=spread - best,
            n=len(y),
            positives=int(y.sum()),
        )


def _error_of_excess(p: np.ndarray, y: np.ndarray, household: np.ndarray) -> float:
    """Give the standard error of the excess, households taken whole; 0 of fewer than two.

    The best possible score is an assumption, and no part of it.
    """
    away, above = p - p.mean(), y - y.mean()
    mean_of_both = float(np.mean(above * away))
    pull = away**2 - p.var() - 2 * (above * away - mean_of_both)
    names, number = np.unique(household, return_inverse=True)
    if len(names) < 2:
        return 0.0
    sums = np.bincount(number, weights=pull)
    return float(np.sqrt((sums**2).sum() * len(names) / (len(names) - 1)) / len(y))


def _cases_worth(room: float, variance: float) -> float:
    """Give the sum of the parameters of a beta distribution of that variance."""
    return float(np.clip(room / variance - 1, FEWEST_CASES_WORTH, MOST_CASES_WORTH))


def best_spread_of(outcome: str, cohort: str) -> float:
    """Give the assumption about how far cases differ at best.

    Parameters
    ----------
    outcome, cohort : str
        Of a plan.

    Returns
    -------
    float
    """
    return BEST_SPREAD.get((outcome, cohort), OTHER_SPREAD)
