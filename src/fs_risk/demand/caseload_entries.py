"""Children who come from outside: how many each month, to which tier, and who they were."""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.calendar import exposure
from fs_risk.demand.hazards_drift import Drift, follow_drift, sibling_noise
from fs_risk.demand.hazards_rows import MonthsAtRisk

POOL_MONTHS = 24
"""Those to come are drawn from those who came in so many months."""

_SEASON_WEIGHT = 30.0
"""Events of a month of the year beyond which its own index counts more than none."""


@dataclass(frozen=True)
class Entries:
    """Entries to one tier.

    Attributes
    ----------
    tier : int
    base : float
        Mean of a month of average season and working days.
    season : ndarray of float64, shape (12,)
        Relative to the average month, January first; per working day.
    drift : Drift
    ages : ndarray of int64
        Months of age of recent entrants at the end of the month; `UNKNOWN_AGE` where the
        birth is not known.
    teams : ndarray of int64
        Their teams.
    """

    tier: int
    base: float
    season: np.ndarray
    drift: Drift
    ages: np.ndarray
    teams: np.ndarray

    def expected(self, months: np.ndarray) -> np.ndarray:
        """Give what months expect at the level of the history, shape (n_months,)."""
        return np.asarray(self.base * self.season[months % 12] * working_share(months))


def working_share(months: np.ndarray) -> np.ndarray:
    """Give the working days of months, relative to 21, shape (n_months,)."""
    if not len(months):
        return np.zeros(0)
    edges = np.arange(months[0], months[-1] + 2).astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray(exposure(edges)["working_days"].to_numpy(dtype=np.float64) / 21.0)


def fit_entries(
    rows: MonthsAtRisk,
    tier: int,
    team: np.ndarray,
    *,
    breaks: np.ndarray,
    hidden: np.ndarray,
) -> Entries:
    """Fit the entries to one tier.

    Parameters
    ----------
    rows : MonthsAtRisk
    tier : int
    team : ndarray of int64, shape (n_rows,)
    breaks, hidden : ndarray of bool, shape (n_months,)
        As in `follow_drift`.

    Returns
    -------
    Entries
    """
    mine = rows.entered & (rows.tier == tier)
    counts = np.bincount(rows.place[mine], minlength=rows.n_months).astype(np.float64)
    months = rows.first_month + np.arange(rows.n_months)
    share = working_share(months)
    season = seasonal_index(np.where(hidden, np.nan, counts / share), months % 12)
    usual = season[months % 12] * share
    told = ~hidden
    base = max(float(counts[told].sum() / max(usual[told].sum(), 1e-9)), 1e-3)
    noise = sibling_noise(rows.household[mine], rows.month[mine])
    recent = mine & (rows.place >= rows.n_months - POOL_MONTHS)
    pool = recent if recent.any() else mine
    return Entries(
        tier=tier,
        base=base,
        season=season,
        drift=follow_drift(counts, base * usual, noise=noise, breaks=breaks, hidden=hidden),
        ages=(rows.month - rows.born)[pool],
        teams=team[pool],
    )


def seasonal_index(values: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Give each month of the year relative to the twelve months around it.

    Parameters
    ----------
    values : ndarray of float, shape (n_months,)
        NaN where nothing is to be learnt.
    month : ndarray of int, shape (n_months,)
        0 for January.

    Returns
    -------
    ndarray of float64, shape (12,)
        Of mean 1; drawn towards 1 where events are few. All 1 with less than two years.

    Examples
    --------
    >>> seasonal_index(np.tile([10.0] * 11 + [21.0], 4), np.arange(48) % 12).round(1)[[0, 11]]
    array([1. , 1.5])
    """
    index = np.ones(12)
    if len(values) < 24:
        return index
    weights = np.r_[0.5, np.ones(11), 0.5] / 12
    around = np.convolve(values, weights, mode="valid")
    middle = values[6:-6]
    usable = np.isfinite(around) & np.isfinite(middle)
    of_year = month[6:-6]
    for each in range(12):
        own = usable & (of_year == each)
        level = float(around[own].sum())
        index[each] = (float(middle[own].sum()) + _SEASON_WEIGHT) / (level + _SEASON_WEIGHT)
    return np.asarray(index / index.mean())
