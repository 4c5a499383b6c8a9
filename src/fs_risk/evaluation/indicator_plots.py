"""Control charts of a service's indicators."""

from textwrap import fill
from typing import Any

import pandas as pd

from fs_risk.evaluation.control_limits import BEYOND, RUN_SIGNAL
from fs_risk.evaluation.indicator_table import SHORT_NOTE, OutcomeIndicators
from fs_risk.outcomes.indicators import ALL_TEAMS
from fs_risk.records.axes import COLOURS, new_axes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import stamp_of

_MARKS = {BEYOND: ("D", COLOURS[1]), RUN_SIGNAL: ("s", COLOURS[2])}


def plot_control_chart(
    kpis: OutcomeIndicators,
    indicator: str,
    team: str | None,
    go_live: tuple[pd.Timestamp, ...],
    ax: Any = None,
) -> Any:
    """Plot one series with its centre, limits, signals and go-lives.

    Parameters
    ----------
    kpis : OutcomeIndicators
    indicator : str
    team : str or None
        None for all teams.
    go_live : tuple of Timestamp
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    series = kpis.series(indicator, team=team)
    ax = new_axes(ax)
    ax.plot(series["month"], series["value"], marker="o", markersize=3, color=COLOURS[0],
            label="value")  # fmt: skip
    ax.plot(series["month"], series["centre"], color="0.4", linewidth=0.8, label="centre")
    for name, label in (("lower_limit", "limits (3 sigma)"), ("upper_limit", None)):
        ax.plot(series["month"], series[name], color="0.4", linewidth=0.8, linestyle="--",
                label=label)  # fmt: skip
    for signal, (marker, colour) in _MARKS.items():
        hit = series[(series["signal"] == signal).to_numpy()]
        if len(hit):
            ax.plot(hit["month"], hit["value"], marker, color=colour, label=signal)
    for place, day in enumerate(go_live):
        ax.axvline(day, color="0.2", linestyle=":", label=None if place else "go-live")
    note = f"\n{SHORT_NOTE}"
    ax.set(
        xlabel="first day of the period" + (note if go_live else ""),
        ylabel=series["unit"].iloc[0],
    )
    ax.set_title(_title(kpis, indicator, series), fontsize="medium")
    if series["value"].notna().any():
        ax.set_ylim(bottom=0)
    ax.xaxis.label.set_fontsize("small")
    ax.tick_params(axis="x", labelrotation=45)
    ax.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def _title(kpis: OutcomeIndicators, indicator: str, series: pd.DataFrame) -> str:
    stamp = stamp_of(kpis.origin == "synthetic")
    team = series["team"].iloc[0]
    whose = "all teams" if team == ALL_TEAMS else f"team {team}, as at the extract"
    known = series[series["value"].notna().to_numpy()]
    mean = series["kind"].eq("mean").all()
    n = known["denominator" if mean else "numerator"].sum()
    meaning = kpis.meaning(indicator)
    what = fill(f"{stamp}{meaning[:1].upper()}{meaning[1:]}", 60)
    periods = count_of(len(known), "period")
    return f"{what}\n{whose}; {periods}, n {n:,.0f} {'plans' if mean else 'events'}"
