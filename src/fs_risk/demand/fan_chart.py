"""The fan chart of a forecast, and the coverage of its bands."""

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from fs_risk.demand.series_names import in_words
from fs_risk.errors import SettingError, nearest
from fs_risk.records.axes import COLOURS, new_axes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import stamp_of

if TYPE_CHECKING:
    from fs_risk.demand.forecast import DemandForecast

COLOUR, OBSERVED = COLOURS[0], COLOURS[5]
SIZE = (8, 4)
"""Of a new figure, in inches."""
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
    n = int(history["y"].notna().sum())
    seen = f"n {count_of(n, 'period')} observed"
    judged = forecast.by_series
    own = judged.loc[judged["unique_id"].astype("str") == chosen, "verdict"]
    verdict = str(own.iloc[0]) if len(own) else forecast.verdict
    title = f"{stamp_of(forecast.synthetic)}{in_words(chosen)}: {verdict}\n{seen}"
    drawn = draw_fan(history, part, forecast.coverage, title, ax)
    drawn.set_ylabel("count in the period")
    return drawn


def draw_fan(
    history: pd.DataFrame, part: pd.DataFrame, coverage: Mapping[int, float], title: str, ax: Any
) -> Any:
    """Draw what was observed, the median and the two bands.

    Parameters
    ----------
    history : DataFrame
        ``ds``, ``y``; the last `YEARS_SHOWN` years are drawn.
    part : DataFrame
        ``ds``, ``median`` and the ends of the bands.
    coverage : mapping of int to float
        Share of what came that each band has held; none where it was not measured.
    title : str
    ax : matplotlib Axes or None

    Returns
    -------
    matplotlib Axes
    """
    start = part["ds"].min() - pd.DateOffset(years=YEARS_SHOWN)
    history = history[history["ds"] >= start].sort_values("ds")
    ax = new_axes(ax, size=SIZE)
    for level, shade in ((95, 0.15), (80, 0.3)):
        ends = part[f"lo-{level}"], part[f"hi-{level}"]
        label = f"{level} % band{_held(coverage.get(level))}"
        ax.fill_between(part["ds"], *ends, color=COLOUR, alpha=shade, linewidth=0, label=label)
    ax.plot(part["ds"], part["median"], color=COLOUR, linestyle="--", label="median")
    ax.plot(history["ds"], history["y"], color=OBSERVED, linewidth=1.2, label="observed")
    ax.set(
        title="\n".join(fill(line, 90) for line in title.split("\n")),
        xlabel="first day of the period",
    )
    ax.set_ylim(bottom=0)
    ax.set_ylim(top=1.3 * ax.get_ylim()[1])
    ax.legend(frameon=False, fontsize="small", loc="upper left", ncols=2)
    return ax


def _held(share: float | None) -> str:
    return f" (held {100 * share:.0f} % before)" if share is not None and share == share else ""


def coverage_chart(by_horizon: pd.DataFrame, *, of: str, stamp: str = "", ax: Any = None) -> Any:
    """Draw the share of answers inside each band against the periods ahead.

    Parameters
    ----------
    by_horizon : DataFrame
        ``h``, ``coverage_80``, ``coverage_95``.
    of : str
        What was looked at, and of how many.
    stamp : str
        What the title begins with, as `stamp_of` gives it.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax, size=SIZE)
    for level, style in ((80, "-"), (95, "--")):
        held = 100 * by_horizon[f"coverage_{level}"]
        ax.plot(by_horizon["h"], held, color=COLOUR, linestyle=style, marker="o", markersize=3,
                label=f"{level} % band")  # fmt: skip
        ax.axhline(level, color="0.5", linewidth=0.8)
    ax.set(
        title=f"{stamp}Coverage of the bands\n{of}",
        xlabel="periods ahead",
        ylabel="of what came, inside the band, %",
    )
    ax.set_ylim(0, 101)
    ax.legend(frameon=False, fontsize="small", loc="lower left")
    return ax
