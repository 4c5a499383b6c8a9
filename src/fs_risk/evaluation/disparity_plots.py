"""Plots of why groups differ, of options and of gaps over time."""

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_carried import BASE, PARTS
from fs_risk.evaluation.disparity_why_words import HIDDEN_WORDS
from fs_risk.evaluation.plots import plot_svg
from fs_risk.records.axes import COLOURS, new_axes
from fs_risk.records.days_in_words import month_words
from fs_risk.records.disclosure import is_small
from fs_risk.records.notebook import stamp_of
from fs_risk.records.suppression import HIDDEN, shown_count

if TYPE_CHECKING:
    from fs_risk.evaluation.disparity_options import FairnessOptions
    from fs_risk.evaluation.disparity_over_time import GapsOverTime
    from fs_risk.evaluation.disparity_why import WhyGaps

_SHOWN = 12
_ROWS = ("rows", "rest_rows")
MARKERS = "osD^vPX*"
_AS_IT_IS = "#767676"


def plot_concepts(why: "WhyGaps", place: int, ax: Any = None) -> Any:
    """Plot the concepts that part a group's scores from the rest's, with intervals.

    Of a hidden group their names and verdicts alone, by the alphabet.

    Parameters
    ----------
    why : WhyGaps
    place : int
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    gap, ax = why.gaps[place], new_axes(ax)
    rows = gap.concepts[gap.concepts["part"] != BASE]
    draw = _names_alone if gap.suppressed else _differences
    ax.set(xlabel=draw(ax, rows))
    own, rest = (shown_count(round(each)) for each in gap.n)
    what = f"What parts the scores: {attribute_words(gap.attribute)}, {gap.group}; {gap.metric}"
    ax.set_title(
        f"{_title(why.origin, what, 40)}\nn {own}, and {rest} of the rest", fontsize="medium"
    )
    return ax


def _differences(ax: Any, concepts: pd.DataFrame) -> str:
    """Draw the largest differences, and give the words of the axis."""
    rows = concepts.head(_SHOWN).iloc[::-1]
    for at, row in enumerate(rows.itertuples()):
        parted = row.verdict == PARTS
        ax.errorbar(
            row.difference, at, xerr=[[row.difference - row.low], [row.high - row.difference]],
            fmt="o" if parted else "s", mfc=COLOURS[0] if parted else "white", color=COLOURS[0],
            capsize=3,
        )  # fmt: skip
    ax.axvline(0.0, color="0.4", linewidth=0.8)
    ax.set(yticks=range(len(rows)), yticklabels=rows["part"], ylim=(-0.6, len(rows) - 0.4))
    ax.locator_params(axis="x", nbins=5)
    return "log-odds, the group's less the rest's, 95 %\nfilled: sets the group apart"


def _names_alone(ax: Any, concepts: pd.DataFrame) -> str:
    """Name all concepts, in no order of theirs, with their verdicts, and give the words."""
    rows = concepts.sort_values("part", ascending=False)
    apart = np.where(rows["verdict"] == PARTS, f"; {PARTS}", "")
    names = rows["part"] + f" ({HIDDEN}" + apart + ")"
    ax.set(yticks=range(len(rows)), yticklabels=names, ylim=(-0.6, len(rows) - 0.4), xticks=[])
    ax.tick_params(axis="y", labelsize="small")
    return HIDDEN_WORDS


def _title(origin: str, what: str, width: int = 60) -> str:
    stamp = stamp_of(origin == "synthetic")
    return fill(f"{stamp}{what}", width)


def concepts_svg(why: "WhyGaps", place: int) -> str:
    """Draw `plot_concepts` as SVG, the same bytes each time, to stand inside a page.

    Parameters
    ----------
    why : WhyGaps
    place : int
    """

    def draw(report: Any, ax: Any) -> Any:
        return plot_concepts(report, place, ax)

    draw.__name__ = f"plot_concepts_{place}"
    drawing: Any = plot_svg
    svg: str = drawing(draw, why, height=4.6)
    return svg


def plot_frontier(options: "FairnessOptions", ax: Any = None) -> Any:
    """Plot everyone's recall against a group's gap in recall, one point for each option.

    Parameters
    ----------
    options : FairnessOptions
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    AuditError
        If the group is hidden for its small numbers.
    """
    if options.suppressed:
        raise AuditError(
            "The group's figures are hidden, small numbers.",
            where=f"{options.attribute}, {options.group}",
            fix="Choose a larger group, or read frontier, which is not for publication.",
        )
    ax = new_axes(ax, size=(6.4, 5.4))
    colours = (_AS_IT_IS, *COLOURS)
    by_group = {option.name for option in options.options if option.by_group}
    for place, row in enumerate(options.frontier.itertuples()):
        ax.errorbar(
            100 * row.gap, 100 * row.recall,
            xerr=[[100 * (row.gap - row.gap_low)], [100 * (row.gap_high - row.gap)]],
            yerr=[[100 * (row.recall - row.recall_low)], [100 * (row.recall_high - row.recall)]],
            fmt=MARKERS[place % len(MARKERS)], color=colours[place % len(colours)],
            elinewidth=0.6, label=row.option + (" (by group)" if row.option in by_group else ""),
        )  # fmt: skip
    unbeaten = options.frontier[options.frontier["unbeaten"]].sort_values("gap")
    ax.plot(100 * unbeaten["gap"], 100 * unbeaten["recall"], color="0.6", linewidth=0.8)
    ax.axvline(0.0, color="0.4", linewidth=0.8)
    ax.set(
        xlabel=f"gap in recall of {options.group}, points to the rest, 95 % interval",
        ylabel="recall of everyone, in 100",
    )
    ax.set_title(
        _title(
            options.origin,
            f"What options would change: {attribute_words(options.attribute)}, {options.group}. "
            "Line: no other option has a smaller gap and a higher recall.",
        ),
        fontsize="medium",
    )
    # seven crosses leave no corner of the plot free
    ax.legend(
        frameon=False, fontsize="small", ncols=2, loc="upper left", bbox_to_anchor=(0.0, -0.13)
    )
    return ax


def frontier_svg(options: "FairnessOptions") -> str:
    """Draw `plot_frontier` as SVG, the same bytes each time, to stand inside a page.

    Parameters
    ----------
    options : FairnessOptions
    """
    drawing: Any = plot_svg
    svg: str = drawing(plot_frontier, options, height=5.4)
    return svg


def plot_over_time(
    watched: "GapsOverTime", attribute: str, group: str, metric: str, ax: Any = None
) -> Any:
    """Plot one gap over time with its interval and limits.

    Parameters
    ----------
    watched : GapsOverTime
    attribute, group, metric : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    AuditError
        If that gap was not watched.
    """
    table = watched.table
    rows = table[
        (table["attribute"] == attribute) & (table["group"] == group) & (table["metric"] == metric)
    ]
    if rows.empty:
        named = table[["attribute", "group"]].drop_duplicates().head(8)
        raise AuditError(
            "That gap was not watched.",
            where="attribute, group, metric",
            fix="Choose among " + ", ".join(" ".join(map(str, each)) for each in named.to_numpy())
            + "; of two groups that make up all, only the first.",
        )  # fmt: skip
    ax, limit = new_axes(ax), 100 * rows["limit"].iloc[0]
    rows = rows[~_few(rows)]
    ax.fill_between(rows["month"], 100 * rows["low"], 100 * rows["high"], color="0.88")
    ax.plot(rows["month"], 100 * rows["gap"], color=COLOURS[0])
    for edge in {limit, -limit}:
        ax.axhline(edge, color=COLOURS[1], linestyle="--", linewidth=0.8)
    for alert in watched.alerts:
        if (alert.attribute, alert.group, alert.metric) == (attribute, group, metric):
            ax.axvline(alert.month, color=COLOURS[1], label=f"alert, {month_words(alert.month)}")
            ax.legend(frameon=False, fontsize="small")
    ax.set(
        xlabel="month in which outcomes were known",
        ylabel="gap to the rest, points; band: holds at every look\ndashed: its limit",
    )
    ax.tick_params(axis="x", rotation=30)
    of = f"{attribute_words(attribute)}, {group}"
    what = f"{metric.replace('_', ' ').capitalize()} of {of}, over time"
    n = [shown_count(int(rows[name].max())) if len(rows) else HIDDEN for name in _ROWS]
    title = f"{_title(watched.origin, what)}\nn {n[0]}, and {n[1]} of the rest"
    ax.set_title(title, fontsize="medium")
    return ax


def _few(rows: pd.DataFrame) -> np.ndarray:
    """Say in which months the counts so far are too small to draw."""
    pairs = (("hits", "rows"), ("rest_hits", "rest_rows"))
    cells = [each for one, all_ in pairs for each in (rows[one], rows[all_] - rows[one])]
    return np.asarray(is_small(np.stack(cells)).any(axis=0))


def over_time_svg(watched: "GapsOverTime", named: tuple[str, str, str]) -> str:
    """Draw `plot_over_time` as SVG, the same bytes each time, to stand inside a page.

    Parameters
    ----------
    watched : GapsOverTime
    named : tuple of str
        Attribute, group and metric.
    """

    def plot_gap_over_time(report: Any, ax: Any) -> Any:
        return plot_over_time(report, *named, ax)

    drawing: Any = plot_svg
    svg: str = drawing(plot_gap_over_time, watched)
    return svg
