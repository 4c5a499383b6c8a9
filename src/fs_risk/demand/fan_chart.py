"""The fan chart of a forecast; a door to matplotlib, loaded when a plot is asked for."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from fs_risk.errors import SettingError, nearest

if TYPE_CHECKING:
    from fs_risk.demand.forecast import DemandForecast

COLOUR, OBSERVED = "#0072B2", "#000000"
YEARS_SHOWN = 5


def fan_chart(forecast: "DemandForecast", unique_id: str | None = None, *, ax: Any = None) -> Any:
    """Draw what was observed, the median and the two bands of one series.

    Parameters
    ----------
    forecast : DemandForecast
    unique_id : str, optional
        By default the series with the largest forecast.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SettingError
        If there is no such series.
    """
    table = forecast.table
    chosen = unique_id or str(table.groupby("unique_id")["median"].sum().idxmax())
    part = table[table["unique_id"] == chosen]
    if part.empty:
        close = nearest(chosen, table["unique_id"].unique())
        raise SettingError(
            f"There is no such series in the forecast.{close}",
            where="unique_id",
            fix="Name a series of the forecast's table.",
        )
    history = forecast.history[forecast.history["unique_id"].astype("str") == chosen]
    start = part["ds"].min() - pd.DateOffset(years=YEARS_SHOWN)
    history = history[history["ds"] >= start].sort_values("ds")
    ax = axes(ax)
    for level, shade in ((95, 0.15), (80, 0.3)):
        ends = part[f"lo-{level}"], part[f"hi-{level}"]
        label = f"{level} % band{_held(forecast.coverage.get(level))}"
        ax.fill_between(part["ds"], *ends, color=COLOUR, alpha=shade, linewidth=0, label=label)
    ax.plot(part["ds"], part["median"], color=COLOUR, linestyle="--", label="median")
    ax.plot(history["ds"], history["y"], color=OBSERVED, linewidth=1.2, label="observed")
    ax.set(title=f"{chosen}: {forecast.verdict}", xlabel="", ylabel="count in the period")
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, fontsize="small", loc="upper left")
    return ax


def _held(share: float | None) -> str:
    return f" (held {100 * share:.0f} % before)" if share is not None and share == share else ""


def axes(ax: Any) -> Any:
    """Give the axes to draw on: those given, or new ones."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=(8, 4), layout="constrained")
    return made


def coverage_chart(by_horizon: pd.DataFrame, *, ax: Any = None) -> Any:
    """Draw the share of answers inside each band against the periods ahead.

    Parameters
    ----------
    by_horizon : DataFrame
        ``h``, ``coverage_80``, ``coverage_95``.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = axes(ax)
    for level, style in ((80, "-"), (95, "--")):
        held = 100 * by_horizon[f"coverage_{level}"]
        ax.plot(by_horizon["h"], held, color=COLOUR, linestyle=style, marker="o", markersize=3,
                label=f"{level} % band")  # fmt: skip
        ax.axhline(level, color="0.5", linewidth=0.8)
    ax.set(title="Coverage of the bands", xlabel="periods ahead", ylabel="answers inside, %")
    ax.set_ylim(0, 101)
    ax.legend(frameon=False, fontsize="small", loc="lower left")
    return ax
