"""The named baseline: constant rates of flow, as the open tools forecast placements.

Mean rates over a reference window, the mean path by matrix product, and a band of twice the
square root of the variances of all months added up. It knows neither how long children have
been on a tier, nor their age, the season or drift.

References
----------
.. [1] Social Finance, cs-demand-model-regional (multinomial exits and Poisson entries at
   constant rates; plus or minus two standard deviations).
"""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.hazards import N_STATES
from fs_risk.demand.hazards_rows import MonthsAtRisk

NAME = "constant-rate Markov"
WINDOW_MONTHS = 24


@dataclass(frozen=True)
class MarkovForecast:
    """A forecast of the stock on each tier at constant rates.

    Attributes
    ----------
    mean, sd : ndarray of float64, shape (horizon, 6)
    """

    mean: np.ndarray
    sd: np.ndarray

    def band(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the mean less and plus two standard deviations, never below nothing."""
        return np.maximum(self.mean - 2 * self.sd, 0.0), self.mean + 2 * self.sd


def markov_forecast(
    rows: MonthsAtRisk, opening: np.ndarray, *, horizon: int, window: int = WINDOW_MONTHS
) -> MarkovForecast:
    """Carry the stock forward at the mean rates of the last months.

    Parameters
    ----------
    rows : MonthsAtRisk
    opening : ndarray of int, shape (6,)
        Children on each tier at the origin.
    horizon : int
        Months.
    window : int, default=24
        Reference window in months; all there is, if less.

    Returns
    -------
    MarkovForecast
    """
    months = min(window, rows.n_months)
    recent = rows.place >= rows.n_months - months
    old = recent & ~rows.entered
    moves = np.zeros((N_STATES, N_STATES))
    np.add.at(moves, (rows.tier[old], rows.to[old]), 1.0)
    at_risk = moves.sum(axis=1, keepdims=True)
    rate = np.divide(moves, at_risk, out=np.eye(N_STATES), where=at_risk > 0)
    came = np.bincount(rows.to[recent & rows.entered], minlength=N_STATES) / months
    came[0] = 0.0
    mean, variance = np.zeros((2, horizon, N_STATES))
    stock, spread = opening.astype(np.float64), np.zeros(N_STATES)
    stock[0] = 0.0
    for month in range(horizon):
        spread = spread + (stock[:, None] * rate * (1 - rate)).sum(axis=0) + came
        stock = stock @ rate + came
        stock[0] = 0.0
        mean[month], variance[month] = stock, spread
    return MarkovForecast(mean, np.sqrt(variance))
