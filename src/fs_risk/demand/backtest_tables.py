"""Tables of a back-test: each forecast beside what came, by origin, by horizon, and by rival."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.demand.accuracy import measures_by_series, point_error, squared_scale
from fs_risk.demand.bands import NAMES
from fs_risk.demand.origin_forecast import OriginForecast
from fs_risk.demand.panel import Panel
from fs_risk.demand.rolling import TREES, RollingFits
from fs_risk.demand.rows import last_seen
from fs_risk.demand.verdicts import RULES, PairedErrors

RIVALS = {**RULES, TREES: "trees alone"}
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


def paired_errors(
    fits: RollingFits,
    made: Mapping[int, OriginForecast],
    answers: Mapping[int, np.ndarray],
    own: np.ndarray,
) -> PairedErrors:
    """Set our errors beside each rival's, on the answers that both have a forecast for.

    Parameters
    ----------
    fits : RollingFits
    made : mapping of int to OriginForecast
        By the origin's place.
    answers : mapping of int to ndarray of float64, shape (n, horizon)
        What came after each origin; NaN where not observed.
    own : ndarray of bool, shape (n,)
        Which series are not the prior's.

    Returns
    -------
    PairedErrors
        For each of `RIVALS`.
    """
    said: dict[str, list[np.ndarray]] = {name: [] for name in RIVALS}
    ours: dict[str, list[np.ndarray]] = {name: [] for name in RIVALS}
    for place, forecast in made.items():
        seen = fits.panel.values[:, : place + 1]
        each = {
            **forecast.each,
            "last_value": np.broadcast_to(last_seen(seen)[:, None], forecast.naive.shape),
        }
        for name in RIVALS:
            both = np.where(np.isfinite(each[name]), answers[place], np.nan)[own]
            scale = forecast.scale[own]
            said[name].append(point_error(both, each[name][own], scale))
            ours[name].append(point_error(both, forecast.quantiles[2][own], scale))
    mine, theirs = (
        {name: np.stack(errors) for name, errors in each.items()} for each in (ours, said)
    )
    return PairedErrors(mine, theirs, np.array(list(made)), fits.horizon)


def compare_rivals(errors: PairedErrors) -> pd.DataFrame:
    """Compare with each rival over all series and origins.

    Parameters
    ----------
    errors : PairedErrors

    Returns
    -------
    DataFrame
        ``rival``, its ``mase`` and the ``skill`` over it.
    """
    rows = []
    for name, called in RIVALS.items():
        rival, mine = nanmean(errors.theirs[name]), nanmean(errors.ours[name])
        rows.append({"rival": called, "mase": rival, "skill": 1 - mine / max(rival, 1e-12)})
    return pd.DataFrame(rows)


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
