"""The waterfall of a tier as a matplotlib chart."""

from textwrap import fill
from typing import Any

import pandas as pd

from fs_risk.demand.caseload_waterfall import bars
from fs_risk.demand.fan_chart import SIZE
from fs_risk.demand.planning_words import change, count
from fs_risk.records.axes import new_axes

COLOURS = {"stock": "#5b6770", "in": "#0072B2", "out": "#D55E00", "unreconciled": "#000000"}
HATCHES = {"stock": "", "in": "", "out": "//", "unreconciled": ".."}
"""So that what goes is told from what comes without colour."""


def flow_chart(table: pd.DataFrame, title: str, *, ax: Any = None) -> Any:
    """Draw a waterfall: what comes blue, what goes orange and hatched, stocks grey.

    Parameters
    ----------
    table : DataFrame
        As `fs_risk.demand.caseload_waterfall.waterfall` gives it.
    title : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax, size=SIZE)
    begin, end = bars(table)
    places = range(len(table))
    drawn = ax.bar(places, end - begin, bottom=begin, width=0.7,
                   color=[COLOURS[kind] for kind in table["kind"]])  # fmt: skip
    for bar, kind in zip(drawn, table["kind"], strict=True):
        bar.set(hatch=HATCHES[kind], edgecolor="white")
    flows = table["kind"].isin(["in", "out"])
    for place, value, top, flow in zip(places, table["mean"], end, flows, strict=True):
        words = change(value) if flow else count(value)
        ax.annotate(words, (place, max(top, begin[place])), ha="center", va="bottom")
    names = [fill(step, 11, break_long_words=False) for step in table["step"]]
    ax.set_xticks(list(places), names, fontsize="small")
    ax.set(
        title=title,
        xlabel="what comes and goes",
        ylabel="children",
        ylim=(0, 1.1 * max(begin.max(), end.max(), 1)),
    )
    return ax
