"""`DemandForecaster`: one set of trees for all series and horizons, with companions and bands."""

from collections.abc import Mapping
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from fs_risk.demand.bands import NAMES
from fs_risk.demand.origin_forecast import OriginForecast, forecast_from
from fs_risk.demand.panel import Panel, as_panel, check_horizon
from fs_risk.demand.published_prior import in_words, lend
from fs_risk.demand.rolling import RollingFits
from fs_risk.demand.trees import YEARLY, TreeSettings
from fs_risk.errors import RecordsError, SettingError
from fs_risk.records.counts_in_words import count_of

OTHERS_WEIGHT = 0.1
"""What a row of another authority's series counts beside one of the series to forecast."""

COLUMNS = ("unique_id", "ds", "mean", "median", "lo-80", "hi-80", "lo-95", "hi-95")
"""The columns of a forecast."""


class DemandForecaster(BaseEstimator):  # type: ignore[misc]
    """Forecast many short count series at once, with bands that were checked on earlier origins.

    Each row of the trees is one series at one origin for one period ahead, divided by the
    series' own level then, by season and working days; so large and small series, and those of
    other authorities, teach the same trees. Companions (the level itself, last year, a damped
    trend, Theta) join by weights that earlier origins chose, and only where they made errors
    smaller.

    Parameters
    ----------
    horizon : int, default=12
        Periods ahead.
    prior : DataFrame, optional
        Series of other authorities, as `fit` takes them, to learn from beside the own ones; a
        series that is itself forecast is left out of it by its ``unique_id``.
    authority : str, optional
        ONS code of the authority whose series they are. Monthly referrals of which less than
        two years are known are then forecast by what other authorities' published referrals
        teach; what was learnt from its own is left out.
    upstream : mapping of str to str, optional
        For a series the ``unique_id`` of the one that leads it, such as referrals for
        assessments.
    seeds : int, default=2
        How many sets of trees are averaged.
    random_state : int, default=0
    num_threads : int, default=1
        More than one is slower on a busy machine by far.

    Attributes
    ----------
    panel_ : Panel
        The own series (and the prior's, after them).
    forecast_ : OriginForecast
        What is expected after the last observed period.
    lent_ : ndarray of bool
        Which series were forecast by what others' published referrals teach.
    notes_ : tuple of str
        What was found in the series and done about it.

    Examples
    --------
    >>> days = pd.date_range("2019-01-01", periods=48, freq="MS")
    >>> counts = 40 + 10 * np.sin(np.arange(48) * np.pi / 6)
    >>> series = pd.DataFrame({"unique_id": "referrals", "ds": days, "y": counts.round()})
    >>> forecast = DemandForecaster(horizon=3, seeds=1).fit(series).predict()
    >>> forecast.columns.to_list()[:4], len(forecast)
    (['unique_id', 'ds', 'mean', 'median'], 3)
    """

    def __init__(
        self,
        *,
        horizon: int = 12,
        prior: pd.DataFrame | None = None,
        authority: str | None = None,
        upstream: Mapping[str, str] | None = None,
        seeds: int = 2,
        random_state: int = 0,
        num_threads: int = 1,
    ) -> None:
        self.horizon = horizon
        self.prior = prior
        self.authority = authority
        self.upstream = upstream
        self.seeds = seeds
        self.random_state = random_state
        self.num_threads = num_threads

    def fit(self, series: pd.DataFrame, y: object = None) -> Self:
        """Learn from series up to their last observed period.

        Parameters
        ----------
        series : DataFrame
            ``unique_id`` (str), ``ds`` (datetime64, first day of the period), ``y`` (float,
            NaN where not observed), and where known ``measure`` and ``kind``.
        y : None
            There is none; scikit-learn passes it.

        Returns
        -------
        DemandForecaster

        Raises
        ------
        RecordsError
            If the series cannot be used as they are, or are too short.
        SettingError
            If an argument is not possible.
        """
        self.panel_, self.own_ = joined_panel(series, self.prior, ahead=check_horizon(self.horizon))
        fits = self.rolling_fits(self.panel_, self.own_)
        self.forecast_: OriginForecast = forecast_from(fits, self.panel_.n_periods - 1)
        self.lent_ = np.zeros(len(self.panel_.ids), dtype=bool)
        if self.authority is not None:
            self.forecast_, self.lent_ = lend(
                self.authority, self.panel_, self.own_, self.forecast_
            )
        said = _notes(self.panel_, self.own_ & ~self.lent_, self.forecast_)
        lent = (in_words(),) if self.lent_.any() else ()
        self.notes_ = (*self.panel_.notes, *said, *lent)
        return self

    def predict(self, horizon: int | None = None) -> pd.DataFrame:
        """Give the forecast of the periods after the last observed one.

        Parameters
        ----------
        horizon : int, optional
            At most that of the forecaster, which is the default.

        Returns
        -------
        DataFrame
            ``unique_id``, ``ds``, ``mean``, ``median``, ``lo-80``, ``hi-80``, ``lo-95``,
            ``hi-95``, by series and period.

        Raises
        ------
        SettingError
            If the horizon is longer than was fitted.
        """
        if not hasattr(self, "forecast_"):
            raise SettingError("The forecaster was not fitted.", fix="Call fit(series) first.")
        steps = self.horizon if horizon is None else check_horizon(horizon)
        if steps > self.horizon:
            fitted = count_of(self.horizon, "period that was", "periods that were")
            raise SettingError(
                f"horizon={steps} is longer than the {fitted} fitted.",
                where="horizon",
                fix="Fit a forecaster with a longer horizon.",
            )
        return forecast_table(self.panel_, self.own_, self.forecast_, steps)

    def rolling_fits(self, panel: Panel, own: np.ndarray) -> RollingFits:
        """Prepare fits by origin with this forecaster's settings."""
        return RollingFits(
            panel,
            check_horizon(self.horizon),
            settings=YEARLY if panel.season == 1 else TreeSettings(),
            seeds=tuple(range(self.random_state, self.random_state + max(1, self.seeds))),
            upstream=_upstream(panel.ids, self.upstream),
            trust=np.where(own, 1.0, OTHERS_WEIGHT),
            threads=self.num_threads,
        )


def joined_panel(
    series: pd.DataFrame, prior: pd.DataFrame | None, *, ahead: int
) -> tuple[Panel, np.ndarray]:
    """Lay own series and those of a prior side by side, and say which are own.

    Raises
    ------
    RecordsError
        If the series cannot be used as they are, or the prior's periods are others.
    """
    panel = as_panel(series, ahead=ahead)
    if prior is None:
        return panel, np.ones(len(panel.ids), dtype=bool)
    others = prior[~prior["unique_id"].astype("str").isin(panel.ids)]
    others = others[pd.to_datetime(others["ds"]) <= panel.periods()[-1]]
    if others.empty or not others["y"].notna().any():
        return panel, np.ones(len(panel.ids), dtype=bool)
    if as_panel(others, ahead=0).freq != panel.freq:
        raise RecordsError(
            "The prior's periods are not those of the series.",
            where="prior, ds",
            fix="Pass a prior that is counted over the same periods.",
        )
    both = as_panel(pd.concat([series, others], ignore_index=True), ahead=ahead)
    own = np.isin(both.ids, panel.ids)
    lent = count_of(int((~own).sum()), "series of another authority was",
                    "series of other authorities were")  # fmt: skip
    said = f"{lent} learnt from beside them."
    return Panel(**{**both.__dict__, "notes": (*panel.notes, said), "totals": panel.totals}), own


def forecast_table(
    panel: Panel, own: np.ndarray, forecast: OriginForecast, horizon: int
) -> pd.DataFrame:
    """Lay a forecast out in rows by series and period."""
    periods = panel.periods(horizon)[-horizon:]
    n = int(own.sum())
    table = pd.DataFrame(
        {
            "unique_id": pd.Series(np.repeat(panel.ids[own], horizon), dtype="str"),
            "ds": np.tile(periods.to_numpy().astype("datetime64[s]"), n),
            "mean": forecast.mean[own, :horizon].ravel(),
        }
    )
    for name, values in zip(NAMES, forecast.quantiles, strict=True):
        table[name] = values[own, :horizon].ravel()
    return table[list(COLUMNS)]


def _upstream(ids: np.ndarray, upstream: Mapping[str, str] | None) -> np.ndarray | None:
    if not upstream:
        return None
    place = {name: number for number, name in enumerate(ids)}
    unknown = (set(upstream) | set(upstream.values())) - set(place)
    if unknown:
        raise SettingError(
            count_of(
                len(unknown), "name in upstream is no series.", "names in upstream are no series."
            ),
            where="upstream",
            fix="Use the unique_id of series that are passed.",
        )
    return np.array([place.get(upstream.get(name, ""), -1) for name in ids])


def _notes(panel: Panel, own: np.ndarray, forecast: OriginForecast) -> list[str]:
    said: list[str] = []
    if not own.any():
        return said
    if forecast.past is None:
        said.append("Too short to look back: the level of the last year, with bands as wide as "
                    "published series move; no accuracy was measured.")  # fmt: skip
    elif not forecast.weights[0, own].any() and (forecast.quantiles[2] > 0).any():
        said.append("The trees did not help on earlier origins: the companions count alone.")
    if n := int((_last_is_odd(panel) & own).sum()):
        ends = count_of(n, "series ends", "series end")
        said.append(f"{ends} in a period far from the year before it: check that it is "
                    "complete, and read the forecast as if this may pass.")  # fmt: skip
    return said


def _last_is_odd(panel: Panel) -> np.ndarray:
    """Say where the last value is beyond six usual month-to-month deviations of its past."""
    values = panel.known(panel.n_periods - 1) / panel.working[:, : panel.n_periods]
    past = values[:, -25:-1]
    known = np.isfinite(past)
    count = known.sum(axis=1)
    mean = np.where(known, past, 0).sum(axis=1) / np.maximum(count, 1)
    away = np.where(known, np.abs(past - mean[:, None]), 0).sum(axis=1) / np.maximum(count, 1)
    least = np.sqrt(np.maximum(mean, 0) / panel.working[:, panel.n_periods - 1]) + 1e-9
    far = np.abs(values[:, -1] - mean) > 6 * np.maximum(away, least * 0.8)
    odd: np.ndarray = far & (count >= 6)
    return odd
