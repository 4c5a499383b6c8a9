"""Tables of a back-test: each forecast beside what came, by origin, by horizon, and by rival."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.demand.accuracy import measures_by_series, point_error, squared_scale
from fs_risk.demand.bands import NAMES
from fs_risk.demand.origin_forecast import OriginForecast
from fs_risk.demand.panel import Panel
from fs_risk.demand.rolling import MODELS, TREES, RollingFits
from fs_risk.demand.rows import last_seen

RIVALS = {"last_value": "last value", "seasonal naive": "last year", "smoothing": "smoothing",
          "damped trend": "damped trend", "theta": "Theta", "level": "level by season",
          TREES: "trees alone"}  # fmt: skip
"""What the forecast is compared with, and what each is called."""


def by_origin(
    panel: Panel,
    own: np.ndarray,
    made: Mapping[int, OriginForecast],
    answers: Mapping[int, np.ndarray],
) -> pd.DataFrame:
    """Give every measure's mean over series, one row for each origin.

    Parameters
    ----------
    panel : Panel
    own : ndarray of bool, shape (n,)
        Which series are not the prior's.
    made : mapping of int to OriginForecast
        By the origin's place.
    answers : mapping of int to ndarray of float64, shape (n, horizon)
        What came after each origin; NaN where not observed.

    Returns
    -------
    DataFrame
    """
    rows = []
    for place, forecast in made.items():
        root = squared_scale(panel.values[:, : place + 1], panel.season, forecast.scale)
        found = measures_by_series(
            answers[place][own], forecast.quantiles[:, own], forecast.scale[own], root[own]
        )
        total = max(found.pop("total").sum(), 1e-12)
        missed = found.pop("missed").sum()
        bias = np.nansum(forecast.quantiles[2][own] - answers[place][own]) / total
        means = {name: nanmean(values) for name, values in found.items()}
        origin = panel.periods()[place]
        rows.append({"origin": origin, **means, "wape": missed / total, "bias": bias})
    return pd.DataFrame(rows)


def by_horizon(
    own: np.ndarray, made: Mapping[int, OriginForecast], answers: Mapping[int, np.ndarray]
) -> pd.DataFrame:
    """Give WAPE and coverage by periods ahead, over all origins.

    Parameters
    ----------
    own : ndarray of bool, shape (n,)
        Which series are not the prior's.
    made : mapping of int to OriginForecast
        By the origin's place.
    answers : mapping of int to ndarray of float64, shape (n, horizon)
        What came after each origin; NaN where not observed.

    Returns
    -------
    DataFrame
    """
    came = np.concatenate([answers[place][own] for place in made])
    said = np.concatenate([forecast.quantiles[:, own] for forecast in made.values()], axis=1)
    known = np.isfinite(came) & np.isfinite(said[2])
    count = np.maximum(known.sum(axis=0), 1)
    total = np.maximum(np.where(known, came, 0).sum(axis=0), 1e-12)
    missed = np.where(known, np.abs(came - said[2]), 0).sum(axis=0)
    held = [((lo <= came) & (came <= hi) & known).sum(axis=0) / count
            for lo, hi in ((said[1], said[3]), (said[0], said[4]))]  # fmt: skip
    steps = np.arange(1, came.shape[1] + 1)
    shown = {"h": steps, "wape": missed / total, "coverage_80": held[0], "coverage_95": held[1]}
    return pd.DataFrame(shown)[known.any(axis=0)]


def compare_rivals(
    fits: RollingFits,
    made: Mapping[int, OriginForecast],
    answers: Mapping[int, np.ndarray],
    own: np.ndarray,
) -> pd.DataFrame:
    """Compare with each rival on the answers that both have a forecast for.

    Parameters
    ----------
    fits : RollingFits
        With the forecasts of each model.
    own : ndarray of bool, shape (n,)
        Which series are not the prior's.
    made : mapping of int to OriginForecast
        By the origin's place.
    answers : mapping of int to ndarray of float64, shape (n, horizon)
        What came after each origin; NaN where not observed.

    Returns
    -------
    DataFrame
        ``rival``, its ``mase`` and the ``skill`` over it.
    """
    said: dict[str, list[np.ndarray]] = {name: [] for name in RIVALS}
    ours: dict[str, list[np.ndarray]] = {name: [] for name in RIVALS}
    for place, forecast in made.items():
        each = dict(zip(MODELS, fits.forecasts(place, cutoff=place), strict=True))
        seen = fits.panel.values[:, : place + 1]
        each["last_value"] = np.broadcast_to(last_seen(seen)[:, None], forecast.naive.shape)
        for name in RIVALS:
            both = np.where(np.isfinite(each[name]), answers[place], np.nan)[own]
            scale = forecast.scale[own]
            said[name].append(point_error(both, each[name][own], scale))
            ours[name].append(point_error(both, forecast.quantiles[2][own], scale))
    rows = []
    for name, called in RIVALS.items():
        rival, mine = nanmean(np.concatenate(said[name])), nanmean(np.concatenate(ours[name]))
        rows.append({"rival": called, "mase": rival, "skill": 1 - mine / max(rival, 1e-12)})
    return pd.DataFrame(rows)


def error_by_series(
    made: Mapping[int, OriginForecast], answers: Mapping[int, np.ndarray], of: str = ""
) -> np.ndarray:
    """Give each series' mean scaled error over origins.

    Parameters
    ----------
    made : mapping of int to OriginForecast
        By the origin's place.
    answers : mapping of int to ndarray of float64, shape (n, horizon)
        What came after each origin; NaN where not observed.
    of : {"", "naive"}
        Our median, or last year's number, on the answers that both have a forecast for.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    each = []
    for place, forecast in made.items():
        said = {"": forecast.quantiles[2], "naive": forecast.naive}
        both = np.isfinite(said[""]) & np.isfinite(said["naive"])
        each.append(point_error(np.where(both, answers[place], np.nan), said[of], forecast.scale))
    stacked = np.stack(each)
    known = np.isfinite(stacked)
    total = np.where(known, stacked, 0).sum(axis=0)
    mean: np.ndarray = np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
    return mean


def table_of(
    panel: Panel,
    own: np.ndarray,
    made: Mapping[int, OriginForecast],
    answers: Mapping[int, np.ndarray],
) -> pd.DataFrame:
    """Lay each origin's forecasts beside what came, in rows.

    Parameters
    ----------
    panel : Panel
    own : ndarray of bool, shape (n,)
        Which series are not the prior's.
    made : mapping of int to OriginForecast
        By the origin's place.
    answers : mapping of int to ndarray of float64, shape (n, horizon)
        What came after each origin; NaN where not observed.

    Returns
    -------
    DataFrame
    """
    parts = []
    for place, forecast in made.items():
        came = answers[place][own]
        n, horizon = came.shape
        days = panel.periods(horizon).to_numpy().astype("datetime64[s]")
        shown = {
            "unique_id": pd.Series(np.repeat(panel.ids[own], horizon), dtype="str"),
            "origin": np.repeat(days[place], n * horizon),
            "ds": np.tile(days[place + 1 : place + 1 + horizon], n),
            "h": np.tile(np.arange(1, horizon + 1), n),
            "y": came.ravel(),
        }
        ends = dict(zip(NAMES, forecast.quantiles, strict=True))
        for name in ("median", "lo-80", "hi-80", "lo-95", "hi-95"):
            shown[name] = ends[name][own].ravel()
        shown["last_year"] = forecast.naive[own].ravel()
        parts.append(pd.DataFrame(shown))
    return pd.concat(parts, ignore_index=True)


def nanmean(values: np.ndarray) -> float:
    """Average what is finite; NaN where nothing is.

    Parameters
    ----------
    values : ndarray of float64

    Returns
    -------
    float
    """
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
