"""Whether probabilities mean what they say: slope, intercept, observed over expected."""

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import expit

from fs_risk.model.bands import design_effect, wilson

_STEPS = 25
_CLOSE = 1e-9


class Calibration:
    """Calibration measures of one score, for many weightings of the rows at once.

    Parameters
    ----------
    label : ndarray of float, shape (n,)
        1.0 or 0.0.
    log_odds : ndarray of float, shape (n,)
        Calibrated, unclipped.
    bins : int, default=10
        Of equal size, for the calibration error.
    """

    def __init__(self, label: np.ndarray, log_odds: np.ndarray, *, bins: int = 10) -> None:
        self._y, self._x = label, log_odds
        self._p = expit(log_odds)
        self._bin = equal_bins(log_odds, bins)

    def slope(self, weight: np.ndarray) -> np.ndarray:
        """Give the slope of the outcome on the log-odds; 1 is ideal, less is overconfident.

        Parameters
        ----------
        weight : ndarray of float, shape (b, n)

        Returns
        -------
        ndarray of float64, shape (b,)
            NaN where it is not defined.

        References
        ----------
        .. [1] D. R. Cox, Two further applications of a model for binary regression,
           Biometrika 45 (1958), 562-565.
        """
        return self._line(weight)[1]

    def _line(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fit intercept and slope for each weighting by Newton's method, all at once."""
        a, b = np.zeros(len(weight)), np.ones(len(weight))
        x = self._x
        for _ in range(_STEPS):
            p = expit(a[:, None] + b[:, None] * x)
            miss, spread = weight * (self._y - p), weight * p * (1 - p)
            g0, g1 = miss.sum(axis=1), miss @ x
            h00, h01, h11 = spread.sum(axis=1), spread @ x, spread @ (x * x)
            det = h00 * h11 - h01 * h01
            good = det > 1e-12
            det = np.where(good, det, 1.0)
            da = np.where(good, (h11 * g0 - h01 * g1) / det, np.nan)
            db = np.where(good, (h00 * g1 - h01 * g0) / det, np.nan)
            a, b = a + np.clip(da, -2, 2), b + np.clip(db, -2, 2)
            if np.nanmax(np.abs([da, db]), initial=0.0) < _CLOSE:
                break
        return a, b

    def intercept(self, weight: np.ndarray) -> np.ndarray:
        """Give calibration in the large: what to add to all log-odds to make the means agree.

        Parameters
        ----------
        weight : ndarray of float, shape (b, n)

        Returns
        -------
        ndarray of float64, shape (b,)
            0 is ideal; above it, the scores are too low. NaN where all rows agree.
        """
        a = np.zeros(len(weight))
        positives = weight @ self._y
        mixed = (positives > 0) & (positives < weight.sum(axis=1))
        for _ in range(_STEPS):
            p = expit(a[:, None] + self._x)
            step = (weight * (self._y - p)).sum(axis=1) / (weight * p * (1 - p)).sum(axis=1)
            a = a + np.where(mixed, np.clip(step, -2, 2), 0.0)
            if np.max(np.abs(step[mixed]), initial=0.0) < _CLOSE:
                break
        return np.where(mixed, a, np.nan)

    def observed_over_expected(self, weight: np.ndarray) -> np.ndarray:
        """Give the number observed over the sum of probabilities; 1 is ideal, shape (b,)."""
        expected: np.ndarray = weight @ self._p
        ratio: np.ndarray = (weight @ self._y) / expected
        return ratio

    def error(self, weight: np.ndarray) -> np.ndarray:
        """Give the expected calibration error over bins of equal size, shape (b,).

        References
        ----------
        .. [1] M. P. Naeini, G. Cooper and M. Hauskrecht, Obtaining well calibrated
           probabilities using Bayesian binning, AAAI 2015.
        """
        member = np.eye(int(self._bin.max()) + 1)[self._bin]
        gap = np.abs((weight * (self._y - self._p)) @ member).sum(axis=1)
        mean_gap: np.ndarray = gap / weight.sum(axis=1)
        return mean_gap

    def error_by_chance(
        self, household: np.ndarray, *, draws: int = 1000, seed: int = 0
    ) -> np.ndarray:
        """Draw the calibration error that exact probabilities would show by chance alone.

        Parameters
        ----------
        household : ndarray, shape (n,)
            Children of one household are alike: their bins vary more.
        draws : int, default=1000
        seed : int, default=0

        Returns
        -------
        ndarray of float64, shape (draws,)
            The error if no bin were off: what is left of each household once its bins'
            own gaps are taken away, with signs drawn at random.

        References
        ----------
        .. [1] A. C. Cameron, J. B. Gelbach and D. L. Miller, Bootstrap-based improvements
           for inference with clustered errors, Review of Economics and Statistics 90
           (2008), 414-427.
        """
        _, cluster = np.unique(household, return_inverse=True)
        residual = self._y - self._p
        sizes = np.bincount(self._bin)
        residual = residual - (np.bincount(self._bin, weights=residual) / sizes)[self._bin]
        sums = np.zeros((int(cluster.max()) + 1, len(sizes)))
        np.add.at(sums, (cluster, self._bin), residual)
        signs = np.random.default_rng(seed).integers(0, 2, (draws, len(sums)), dtype=np.int8)
        errors: np.ndarray = np.abs((2.0 * signs - 1.0) @ sums).sum(axis=1) / len(self._y)
        return errors


class CalibrationBin(BaseModel):
    """One tenth of the cases: what was predicted, and what was observed.

    Attributes
    ----------
    predicted : float
        Mean probability.
    observed, low, high : float
        Share where the outcome followed, and its 95 % interval, households taken
        as clusters.
    n, positives : int
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    predicted: float
    observed: float
    low: float
    high: float
    n: int
    positives: int


def equal_bins(score: np.ndarray, bins: int) -> np.ndarray:
    """Put rows into bins of equal size by score; tied rows stay together.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
    bins : int

    Returns
    -------
    ndarray of int64, shape (n,)
        Numbered from the lowest, without gaps.
    """
    edges = np.unique(np.quantile(score, np.arange(1, bins) / bins))
    _, numbered = np.unique(np.searchsorted(edges, score, side="right"), return_inverse=True)
    return np.asarray(numbered, dtype=np.int64)


def calibration_bins(
    label: np.ndarray, log_odds: np.ndarray, household: np.ndarray, *, bins: int = 10
) -> tuple[CalibrationBin, ...]:
    """Compare probabilities with what was observed, tenth by tenth.

    Parameters
    ----------
    label, log_odds : ndarray of float, shape (n,)
    household : ndarray, shape (n,)
    bins : int, default=10

    Returns
    -------
    tuple of CalibrationBin
        From the lowest probabilities up.
    """
    number, probability = equal_bins(log_odds, bins), expit(log_odds)
    found = []
    for place in range(int(number.max()) + 1):
        rows = number == place
        n, positives = int(rows.sum()), int(label[rows].sum())
        low, high = wilson(positives, n, effect=design_effect(label[rows], household[rows]))
        found.append(
            CalibrationBin(
                predicted=float(probability[rows].mean()),
                observed=positives / n,
                low=low,
                high=high,
                n=n,
                positives=positives,
            )
        )
    return tuple(found)
