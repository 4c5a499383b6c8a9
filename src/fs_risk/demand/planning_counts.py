"""The part of the planning page about counts: contacts, referrals, plans that start."""

from typing import Any

import numpy as np
import pandas as pd

from fs_risk.demand.forecast import DemandForecast, coverage_in_words
from fs_risk.demand.planning_pictures import fan_svg
from fs_risk.demand.planning_words import band, count, shown
from fs_risk.demand.series_names import in_words
from fs_risk.records.days_in_words import day_words, month_words

YEARS_SHOWN = 4
MOST_SHOWN = 12
"""Series that get a chart: the largest; the others stand in a table."""


def counts_content(forecast: DemandForecast) -> dict[str, Any]:
    """Gather what the page shows of counts.

    Parameters
    ----------
    forecast : DemandForecast

    Returns
    -------
    dict of str to Any
    """
    ends = forecast.table.groupby("unique_id")["median"].sum().sort_values(ascending=False)
    drawn = [str(name) for name in ends.index[:MOST_SHOWN]]
    weekly = forecast.table["ds"].diff().dt.days.median() < 20
    return {
        "verdict": forecast.verdict,
        "coverage": coverage_in_words(forecast.coverage),
        "notes": list(forecast.notes),
        "verdicts": [
            {
                "measure": in_words(str(row["measure"])) or "all",
                "ours": _error(row["mase"]),
                "last_year": _error(row["mase_last_year"]),
                "verdict": row["verdict"],
            }
            for row in forecast.verdicts.to_dict("records")
        ],
        "series": [_series(forecast, name, weekly=bool(weekly)) for name in drawn],
        "others": [_sums(forecast, str(name)) for name in ends.index[MOST_SHOWN:]],
    }


def _error(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "not measured"


def _series(forecast: DemandForecast, name: str, *, weekly: bool) -> dict[str, Any]:
    part = forecast.table[forecast.table["unique_id"] == name]
    past = forecast.history[forecast.history["unique_id"].astype("str") == name]
    start = part["ds"].min() - pd.DateOffset(years=YEARS_SHOWN)
    past = past[(past["ds"] >= start) & (past["ds"] < part["ds"].min())].sort_values("ds")
    last = part.iloc[-1]
    when = day_words if weekly else month_words
    said = when(last["ds"])
    text = (
        f"{in_words(name)}: counted from {month_words(start)}, then the median forecast with its "
        f"80 % and 95 % bands to {said}, where it is {count(last['median'])} "
        f"({band(last['lo-80'], last['hi-80'])}). The figures are in the table below."
    )
    return {
        "name": in_words(name),
        "svg": fan_svg(past[["ds", "y"]], part, text),
        "rows": [
            {
                "when": when(row["ds"], short=True),
                "median": count(row["median"]),
                "band_80": band(row["lo-80"], row["hi-80"]),
                "band_95": band(row["lo-95"], row["hi-95"]),
            }
            for row in shown(part).to_dict("records")
        ],
    }


def _sums(forecast: DemandForecast, name: str) -> dict[str, str]:
    part = forecast.table[forecast.table["unique_id"] == name]
    last = part.iloc[-1]
    return {
        "name": in_words(name),
        "median": count(last["median"]),
        "band_80": band(last["lo-80"], last["hi-80"]),
    }
