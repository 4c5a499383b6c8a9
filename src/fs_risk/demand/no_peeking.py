"""A proof that no forecast knows its future: change what came later, and demand the same."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.demand.forecaster import DemandForecaster
from fs_risk.demand.origin_forecast import forecast_from
from fs_risk.demand.panel import as_panel, check_horizon
from fs_risk.errors import SettingError
from fs_risk.records.dates import day_given


@dataclass(frozen=True)
class PeekingProof:
    """What a changed future did to forecasts.

    Attributes
    ----------
    forecasts : int
        How many numbers (means and quantiles) were compared.
    changed : int
        How many of them differed.
    """

    forecasts: int
    changed: int

    @property
    def passed(self) -> bool:
        """Whether no number differed by a bit."""
        return self.changed == 0


def prove_no_peeking(
    series: pd.DataFrame, horizon: int = 12, *, origin: Any = None, seed: int = 0
) -> PeekingProof:
    """Change every value after an origin, and compare forecasts made from it.

    Parameters
    ----------
    series : DataFrame
        As `forecast_demand` takes it.
    horizon : int, default=12
    origin : date, optional
        First day of the last period known; by default half-way.
    seed : int, default=0
        Of the changes.

    Returns
    -------
    PeekingProof

    Raises
    ------
    SettingError
        If the origin is not a period with another after it.

    Examples
    --------
    >>> days = pd.date_range("2019-01-01", periods=48, freq="MS")
    >>> series = pd.DataFrame({"unique_id": "a", "ds": days, "y": np.arange(48.0) % 12 + 20})
    >>> prove_no_peeking(series, 3).passed
    True
    """
    steps = check_horizon(horizon)
    periods = as_panel(series, ahead=0).periods()
    now = (
        len(periods) // 2
        if origin is None
        else int(periods.get_indexer([day_given(origin, argument="origin")])[0])
    )
    if not 1 <= now < len(periods) - 1:
        raise SettingError(
            "The origin is not a period with others before and after it.",
            where="origin",
            fix="Pass the first day of a period well inside the series.",
        )
    later = pd.to_datetime(series["ds"]) > periods[now]
    noise = np.random.default_rng(seed).integers(1, 500, len(series))
    changed = series.assign(
        y=series["y"].mask(later & series["y"].notna(), series["y"] * 3 + noise)
    )
    first, second = (_numbers(each, steps, now) for each in (series, changed))
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    return PeekingProof(int(first.size), int((~same).sum()))


def _numbers(series: pd.DataFrame, horizon: int, now: int) -> np.ndarray:
    """Forecast from a place in series that hold its future too."""
    panel = as_panel(series, ahead=horizon)
    fits = DemandForecaster(horizon=horizon, seeds=1).rolling_fits(
        panel, np.ones(len(panel.ids), dtype=bool)
    )
    forecast = forecast_from(fits, now)
    return np.concatenate([forecast.mean[None], forecast.quantiles])
