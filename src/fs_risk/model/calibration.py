"""The calibrator: a straight line in log-odds, so that reasons still add up exactly."""

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import expit

from fs_risk.errors import PlanError
from fs_risk.records.notebook import ShowsItsFields

SMALLEST_SLOPE = 0.01
"""A margin that points the wrong way is kept, at this slope: the order never turns."""

LARGEST_SLOPE = 100.0
_STEPS = 100


class LogOddsCalibrator(ShowsItsFields, BaseModel):
    """Calibrated log-odds as ``intercept + slope × margin``.

    Being affine, it scales contributions and keeps their sum exact.

    Attributes
    ----------
    intercept : float
        In log-odds.
    slope : float
        Above 0, so that calibration never changes the order of cases.

    Examples
    --------
    >>> LogOddsCalibrator(intercept=-1.0, slope=2.0).log_odds(np.array([0.0, 1.0])).tolist()
    [-1.0, 1.0]
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    slope: float

    def log_odds(self, margin: np.ndarray) -> np.ndarray:
        """Give calibrated, unclipped log-odds.

        Parameters
        ----------
        margin : ndarray of float
            Raw scores in log-odds.

        Returns
        -------
        ndarray of float
        """
        return self.intercept + self.slope * np.asarray(margin, dtype=np.float64)

    def for_level(self, level: float) -> "LogOddsCalibrator":
        """Give the same line for margins that lie about a level, not about 0.

        Parameters
        ----------
        level : float
            In log-odds.

        Returns
        -------
        LogOddsCalibrator

        Examples
        --------
        >>> line = LogOddsCalibrator(intercept=-1.0, slope=2.0).for_level(-3.0)
        >>> line.log_odds(np.array([-3.0, -2.0])).tolist()
        [-1.0, 1.0]
        """
        return LogOddsCalibrator(intercept=self.intercept - self.slope * level, slope=self.slope)

    def contributions(self, parts: np.ndarray) -> np.ndarray:
        """Scale contributions to a margin so that they sum to the calibrated log-odds.

        Parameters
        ----------
        parts : ndarray of float, shape (n, n_features + 1)
            The last column is the base.

        Returns
        -------
        ndarray of float64, same shape
        """
        scaled = self.slope * np.asarray(parts, dtype=np.float64)
        scaled[:, -1] += self.intercept
        return scaled


def fit_log_odds(
    margin: np.ndarray, label: np.ndarray, *, weight: np.ndarray | None = None
) -> tuple[float, float]:
    """Fit the logistic regression of a label on a margin by Newton's method.

    Parameters
    ----------
    margin : ndarray of float, shape (n,)
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    weight : ndarray of float, shape (n,), optional

    Returns
    -------
    intercept, slope : float
        The slope is within ±`LARGEST_SLOPE`: a margin that separates the labels
        perfectly has no finite slope.

    Raises
    ------
    PlanError
        If the labels are all alike, or the margin is.

    References
    ----------
    .. [1] D. R. Cox, Two further applications of a model for binary regression,
       Biometrika 45 (1958), 562-565.
    """
    x = np.asarray(margin, dtype=np.float64)
    y = np.asarray(label, dtype=np.float64)
    w = np.ones_like(x) if weight is None else np.asarray(weight, dtype=np.float64)
    positives, total = float(w @ y), float(w.sum())
    if not 0 < positives < total:
        raise PlanError(
            f"{positives:.0f} of {total:.0f} calibration rows are positive, so no calibration "
            "can be fitted.",
            fix="Read more years, or plan a commoner outcome.",
        )
    centre = float(w @ x) / total
    scale = float(np.sqrt(w @ (x - centre) ** 2 / total))
    if scale == 0.0:
        raise PlanError(
            f"All {len(x)} calibration rows have the same score, so no slope can be fitted.",
            fix="Give the model features that differ between cases.",
        )
    intercept, slope = _newton((x - centre) / scale, y, w, np.log(positives / (total - positives)))
    slope = float(np.clip(slope / scale, -LARGEST_SLOPE, LARGEST_SLOPE))
    return _intercept_given(slope, x, y, w, intercept - slope * centre), slope


def _newton(x: np.ndarray, y: np.ndarray, w: np.ndarray, start: float) -> tuple[float, float]:
    """Maximise the likelihood, halving steps that do not raise it."""
    at = np.array([start, 0.0])
    design = np.column_stack([np.ones_like(x), x])
    best = _log_likelihood(design @ at, y, w)
    for _ in range(_STEPS):
        probability = expit(design @ at)
        gradient = design.T @ (w * (y - probability))
        spread = w * probability * (1 - probability)
        information = (design * spread[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(information, gradient)
        for halving in 0.5 ** np.arange(30):
            new = _log_likelihood(design @ (at + halving * step), y, w)
            if new >= best:
                break
        else:
            break
        gained, best, at = new - best, new, at + halving * step
        if gained <= 1e-13 * abs(best) or abs(at[1]) > 1e4:
            break
    return float(at[0]), float(at[1])


def _log_likelihood(log_odds: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    return float(w @ (y * log_odds - np.logaddexp(0.0, log_odds)))


def _intercept_given(
    slope: float, x: np.ndarray, y: np.ndarray, w: np.ndarray, start: float
) -> float:
    """Polish the intercept so that the mean probability equals the observed share."""
    at = start
    for _ in range(_STEPS):
        probability = expit(at + slope * x)
        information = float(w @ (probability * (1 - probability)))
        if information <= 0:
            break
        step = float(np.clip(w @ (y - probability) / information, -1.0, 1.0))
        at += step
        if abs(step) < 1e-12:
            break
    return at


def fit_calibrator(margin: np.ndarray, label: np.ndarray) -> LogOddsCalibrator:
    """Fit the calibrator on rows that the booster has not seen.

    Parameters
    ----------
    margin : ndarray of float, shape (n,)
        Scores of households held out of their booster's training.
    label : ndarray of float, shape (n,)
        1.0 or 0.0.

    Returns
    -------
    LogOddsCalibrator
        With a slope of at least `SMALLEST_SLOPE`; of 1 where all margins are alike,
        so that all that is left to say is the mean.

    Raises
    ------
    PlanError
        If the labels are all alike.
    """
    if len(margin) and np.ptp(margin) == 0.0 and 0 < np.mean(label) < 1:
        share = float(np.mean(label))
        return LogOddsCalibrator(
            intercept=float(np.log(share / (1 - share))) - float(margin[0]), slope=1.0
        )
    intercept, slope = fit_log_odds(margin, label)
    if slope < SMALLEST_SLOPE:
        slope = SMALLEST_SLOPE
        x, y = np.asarray(margin, dtype=np.float64), np.asarray(label, dtype=np.float64)
        share = float(y.mean())
        start = float(np.log(share / (1 - share))) - slope * float(x.mean())
        intercept = _intercept_given(slope, x, y, np.ones_like(x), start)
    return LogOddsCalibrator(intercept=intercept, slope=slope)
