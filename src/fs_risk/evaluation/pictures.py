"""The further pictures of a report: lists, decisions, steadiness, groups, months, learning."""

from collections.abc import Callable
from typing import Any

from fs_risk.evaluation.measures_in_words import retest_words
from fs_risk.evaluation.net_benefit import EVERYONE
from fs_risk.evaluation.pictures_over_time import (
    groups_to_draw,
    need,
    plot_learning,
    plot_months,
)
from fs_risk.evaluation.plots import (
    NAMES,
    plot_calibration,
    plot_gain,
    plot_precision_recall,
    title_of,
)
from fs_risk.evaluation.report import THE_MODEL, EvaluationReport
from fs_risk.evaluation.report_parts import Figure
from fs_risk.evaluation.verdict import capacity_words
from fs_risk.records.axes import COLOURS, STYLES, new_axes


def plot_capacity(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot whom of 1,000 cases the outcome followed, listed and not listed, at each capacity.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    need(report.capacities, "lists of several capacities")
    ax = new_axes(ax)
    rows = list(reversed(report.capacities))
    parts = (
        ("found_per_1000", "listed, the outcome followed", COLOURS[0], ""),
        ("false_per_1000", "listed, it did not follow", "#DDDDDD", "////"),
        ("missed_per_1000", "not listed, the outcome followed", "white", "...."),
    )
    left = [0.0] * len(rows)
    for name, words, colour, hatch in parts:
        widths = [getattr(at, name).value or 0.0 for at in rows]
        ax.barh(
            range(len(rows)), widths, left=left, label=words, color=colour, hatch=hatch,
            edgecolor="0.2", linewidth=0.6, height=0.7,
        )  # fmt: skip
        left = [start + width for start, width in zip(left, widths, strict=True)]
    ax.set(
        title=title_of(report, "What followed, by size of list"),
        xlabel="of 1,000 cases",
        yticks=range(len(rows)),
        yticklabels=[
            f"{capacity_words(report, at.capacity)}{' *' if at.planned else ''}" for at in rows
        ],
        ylim=(-0.6, len(rows) + 0.9),
    )
    ax.legend(frameon=False, fontsize="small", loc="upper right", ncols=1)
    ax.figure.text(0.01, 0.005, "* the plan's capacity", fontsize="x-small")
    return ax


def plot_net_benefit(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot decision curves: net benefit at each threshold, for each way of choosing.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    need(report.net_benefit, "decision curves")
    ax = new_axes(ax)
    for place, curve in enumerate(report.net_benefit):
        at = [1000 * threshold for threshold in curve.threshold]
        colour = "0.4" if curve.choice == EVERYONE else COLOURS[place % len(COLOURS)]
        style = (0, (1, 2)) if curve.choice == EVERYONE else STYLES[place % len(STYLES)]
        ax.plot(
            at, curve.per_1000, color=colour, linestyle=style,
            label=NAMES.get(curve.choice, curve.choice),
        )  # fmt: skip
        if curve.choice == THE_MODEL:
            ax.fill_between(at, curve.low, curve.high, color=colour, alpha=0.15, linewidth=0)
    ax.axhline(0.0, color="0.4", linewidth=0.8, label="attention to none")
    most = max((high for high in report.net_benefit[0].high if high == high), default=1.0)
    ax.set(
        title=title_of(report, "Net benefit"),
        xlabel="threshold: probability, in 1,000, from which\nattention is worth its cost",
        ylabel="net benefit of 1,000 cases: found,\nless, weighed, where none followed",
        xlim=(0, None),
        ylim=(-0.25 * most, 1.15 * most),
    )
    ax.legend(frameon=False, fontsize="small", loc="upper right")
    return ax


def plot_stability(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot the share of the list that stays after each stated change.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    shown = [each for each in report.retests if each.overlap.value is not None]
    need(shown, "retests")
    ax = new_axes(ax)
    _dots(
        ax,
        [retest_words(each.name) for each in shown],
        [_times_100(each.overlap) for each in shown],
        [{"edit": 0, "month": 1, "delay": 1, "refit": 2}[each.kind] for each in shown],
    )
    ax.set(
        title=title_of(report, "How steady the list is"),
        xlabel="of 100 listed, how many still are\n(95 % interval)",
        xlim=(0, 103),
    )
    return ax


def plot_groups(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot recall at capacity for each group that is large enough.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    shown = groups_to_draw(report, "recall_at_capacity", [])
    need(shown, "groups large enough")
    ax = new_axes(ax)
    names = list(dict.fromkeys(each.by for each in shown))
    _dots(
        ax,
        [f"{each.by}: {each.level}" for each in shown],
        [_times_100(each) for each in shown],
        [names.index(each.by) for each in shown],
    )
    ax.axvline(100 * report["recall_at_capacity"], color="0.4", linewidth=0.8, linestyle="--")
    ax.set(
        title=title_of(report, "Whom the list finds"),
        xlabel="listed, of 100 for whom the outcome followed\n"
        "(95 % interval; dashed: all children)",
        xlim=(0, 103),
    )
    return ax


PICTURES: dict[str, Callable[[EvaluationReport, Any], Any]] = {
    draw.__name__: draw
    for draw in (
        plot_precision_recall,
        plot_calibration,
        plot_gain,
        plot_capacity,
        plot_net_benefit,
        plot_stability,
        plot_groups,
        plot_months,
        plot_learning,
    )
}
"""Every picture of a report, by name."""


def _times_100(figure: Figure) -> tuple[float, float, float]:
    value = 100 * (figure.value or 0.0)
    low, high = (value if end is None else 100 * end for end in (figure.low, figure.high))
    return value, low, high


def _dots(
    ax: Any, names: list[str], values: list[tuple[float, float, float]], kinds: list[int]
) -> None:
    """Draw a dot with its interval for each name, from the top down; kinds differ in shape."""
    for place, ((value, low, high), kind) in enumerate(zip(values, kinds, strict=True)):
        ax.errorbar(
            value, len(names) - 1 - place, xerr=[[max(value - low, 0)], [max(high - value, 0)]],
            fmt="osD^v"[kind % 5], color=COLOURS[kind % len(COLOURS)], capsize=3, markersize=5,
        )  # fmt: skip
    ax.set(
        yticks=range(len(names)), yticklabels=list(reversed(names)), ylim=(-0.6, len(names) - 0.4)
    )
    ax.tick_params(axis="y", labelsize="small")
