"""What other authorities' published referrals teach about one with a year of history.

Seasons by working day, how far a level is pulled back, and how wide errors are: a few numbers,
fitted to the Department for Education's monthly referrals (`fs_risk.demand.prior_fit`). Ten
sets are shipped, each from authorities whose code ends in another digit than the one left out,
so that an authority never learns from itself.

Contains public sector information licensed under the Open Government Licence v3.0. Source:
Department for Education, Characteristics of children in need.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from fs_risk.demand.bands import Bands
from fs_risk.demand.hierarchy import follow_totals
from fs_risk.demand.origin_forecast import OriginForecast
from fs_risk.demand.panel import Panel
from fs_risk.errors import SettingError

FILE = Path(__file__).with_name("published_prior.json")

MEASURE = "referrals"
YEAR = 12
FEWEST_MONTHS = 10
"""Months of the last year that must be known."""

_CODE = re.compile(r"[ENSW]\d{8}")


@dataclass(frozen=True)
class PublishedPrior:
    """What was learnt from authorities other than those of one group.

    Attributes
    ----------
    seasons : tuple of float
        January to December: referrals by working day against the year's; 1 on average.
    pull : tuple of float
        How the ratio to the year's level moves with the last month, the last three and the
        last six against it: three factors, and three more that grow in over the year ahead.
    by_step : tuple of float
        Size of errors by months ahead.
    quantiles : tuple of float
        Of errors, at `fs_risk.demand.bands.LEVELS`.
    shift : float
        Mean error.
    authorities : int
        How many it was learnt from.
    """

    seasons: tuple[float, ...]
    pull: tuple[float, ...]
    by_step: tuple[float, ...]
    quantiles: tuple[float, ...]
    shift: float
    authorities: int

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read a stored one."""
        return cls(
            seasons=tuple(stored["seasons"]),
            pull=tuple(stored["pull"]),
            by_step=tuple(stored["by_step"]),
            quantiles=tuple(stored["quantiles"]),
            shift=float(stored["shift"]),
            authorities=int(stored["authorities"]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give what is stored: numbers to four places."""
        return {name: [round(each, 4) for each in value] if isinstance(value, tuple)
                else round(value, 4) for name, value in asdict(self).items()}  # fmt: skip

    def forecast(self, rate: np.ndarray, months: np.ndarray, working: np.ndarray) -> np.ndarray:
        """Forecast from the last twelve months.

        Parameters
        ----------
        rate : ndarray of float64, shape (n, 12)
            Referrals by working day; NaN where not known.
        months : ndarray of int64, shape (horizon,)
            Calendar months ahead, 1 to 12; at most twelve.
        working : ndarray of float64, shape (n, horizon)
            Working days ahead.

        Returns
        -------
        ndarray of float64, shape (n, horizon)
        """
        seasons = np.array(self.seasons)
        past = np.roll(seasons, 1 - int(months[0]))
        level, state = level_and_state(rate, past)
        ratio = 1 + moves(state, len(months)) @ np.array(self.pull)
        ahead = level[:, None] * seasons[months - 1] * working
        return np.asarray(np.maximum(ratio, 0.0) * ahead)

    def bands(self, n: int, horizon: int) -> Bands:
        """Give the bands of series whose own errors are not known."""
        return Bands(np.array(self.by_step)[:horizon], np.ones(n), np.array(self.quantiles),
                     self.shift, 0)  # fmt: skip


def level_and_state(rate: np.ndarray, seasons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the year's level without its season, and where its end stands against it.

    Parameters
    ----------
    rate : ndarray of float64, shape (n, 12)
    seasons : ndarray of float64, shape (12,)
        Of the same months.

    Returns
    -------
    level : ndarray of float64, shape (n,)
    state : ndarray of float64, shape (n, 3)
        The last month, the last three and the last six, less 1; 0 where not known.
    """
    plain = rate / seasons
    level = _mean(plain)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = [_mean(plain[:, -n:]) / level - 1 for n in (1, 3, 6)]
    state = np.column_stack(ends)
    return level, np.where(np.isfinite(state), state, 0.0)


def moves(state: np.ndarray, horizon: int) -> np.ndarray:
    """Lay the state out by months ahead: as it is, and growing in; (n, horizon, 6)."""
    growing = np.arange(horizon)[:, None] / (YEAR - 1)
    wide = np.broadcast_to(state[:, None], (len(state), horizon, state.shape[1]))
    return np.concatenate([wide, wide * growing], axis=2)


def group_of(authority: str) -> str:
    """Give the group that an authority's code belongs to: its last digit.

    Raises
    ------
    SettingError
        If it is no code of a local authority.

    Examples
    --------
    >>> group_of("E06000001")
    '1'
    """
    if not _CODE.fullmatch(authority):
        raise SettingError(
            "The authority is no ONS code.",
            where="authority",
            fix="Pass the nine-character code of the local authority, such as E06000001.",
        )
    return authority[-1]


@cache
def _stored() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return stored


def published_prior(authority: str) -> PublishedPrior:
    """Give what was learnt without the group of an authority.

    Parameters
    ----------
    authority : str
        ONS code.

    Returns
    -------
    PublishedPrior

    Raises
    ------
    SettingError
        If it is no code of a local authority.
    """
    return PublishedPrior.from_dict(_stored()["groups"][group_of(authority)])


def held_out() -> dict[str, float]:
    """Give how it did on authorities held out: errors, last year's, and coverage of bands."""
    found: dict[str, float] = _stored()["held_out"]
    return found


def in_words() -> str:
    """Say where a forecast comes from, and how that did elsewhere."""
    found = held_out()
    return (
        "A year of referrals is too little to learn from: seasons, pull and bands come from other "
        f"authorities' published referrals. On authorities held out its error was "
        f"{found['mase']:.2f}, that of last year's number {found['mase_last_year']:.2f}, of the "
        f"last month's {found['mase_last_value']:.2f}."
    )


def lend(
    authority: str, panel: Panel, own: np.ndarray, forecast: OriginForecast
) -> tuple[OriginForecast, np.ndarray]:
    """Forecast referrals of which a year is known by what others teach; leave the rest.

    Parameters
    ----------
    authority : str
        ONS code.
    panel : Panel
    own : ndarray of bool, shape (n,)
        Which of the series are to be forecast.
    forecast : OriginForecast

    Returns
    -------
    forecast : OriginForecast
    lent : ndarray of bool, shape (n,)
        Which series were so forecast: monthly referrals of a whole authority, less than two
        years known, at most twelve months ahead.
    """
    prior = published_prior(authority)
    horizon = forecast.mean.shape[1]
    last = panel.known(panel.n_periods - 1)[:, -YEAR:]
    rate = last / panel.working[:, panel.n_periods - last.shape[1] : panel.n_periods]
    whole = np.array(["=" not in str(name) for name in panel.ids], dtype=bool)
    whole[[place for total in forecast.sums for each in total.parts for place in each]] = False
    seen = np.isfinite(panel.values).sum(axis=1)
    lent = own & whole & (panel.measures == MEASURE) & (seen < 2 * YEAR)
    lent &= np.isfinite(rate).sum(axis=1) >= FEWEST_MONTHS
    lent &= panel.freq == "MS" and rate.shape[1] == YEAR and horizon <= YEAR
    if not lent.any():
        return forecast, lent
    ahead = slice(panel.n_periods, panel.n_periods + horizon)
    said = prior.forecast(rate[lent], panel.months[ahead], panel.working[lent, ahead])
    bands = prior.bands(int(lent.sum()), horizon)
    mean, quantiles = forecast.mean.copy(), forecast.quantiles.copy()
    mean[lent], quantiles[:, lent] = bands.mean(said), bands.around(said)
    moved = [total for total in forecast.sums if lent[total.whole]]
    mean = follow_totals(mean, mean, forecast.mean, moved)
    quantiles = follow_totals(quantiles, quantiles[2], forecast.quantiles[2], moved)
    return replace(forecast, mean=mean, quantiles=quantiles), lent


def _mean(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
