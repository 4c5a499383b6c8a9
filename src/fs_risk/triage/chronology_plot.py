"""A chronology as matplotlib axes; a door to matplotlib, loaded when a plot is asked for."""

from typing import TYPE_CHECKING, Any

from fs_risk.errors import ReferralError
from fs_risk.records.axes import COLOURS, new_axes
from fs_risk.records.days_in_words import day_words
from fs_risk.records.notebook import stamp_of
from fs_risk.triage.chronology_timeline import Lane, Point, Timeline, timeline_of
from fs_risk.triage.chronology_words import nothing_words

if TYPE_CHECKING:
    from fs_risk.triage.risk_score import RiskScore

_BLUE, _ORANGE, _LIGHT = COLOURS[0], COLOURS[1], COLOURS[4]
"""Shapes differ too."""

_LEGEND_BELOW = 0.52
"""Inches."""


def plot_chronology(score: "RiskScore", ax: Any = None, *, with_score: bool = False) -> Any:
    """Draw the axes of `RiskScore.plot_chronology`.

    Parameters
    ----------
    score : RiskScore
    ax : matplotlib Axes, optional
    with_score : bool, default=False

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ReferralError
        If the score has no chronology.
    """
    if score.chronology is None:
        raise ReferralError(
            "The score has no chronology: it was not asked for, or may not be shown.",
            where=f"score {score.score_id}",
            fix="Call score_referral with chronology=True.",
        )
    timeline = timeline_of(score.chronology)
    ax = new_axes(ax, size=(9, 1.9 + 0.3 * max(len(timeline.lanes), 2)))
    _time(ax, timeline)
    for place, lane in enumerate(timeline.lanes):
        _draw_lane(ax, lane, -place - 0.4 * lane.trio, timeline)
    if timeline.lanes:
        _legend(ax, timeline)
    else:
        ax.text(0.5, 0.5, nothing_words(score.chronology), ha="center", transform=ax.transAxes)
    ax.set_title(_title(score, with_score=with_score), fontsize="medium", loc="left", pad=18)
    return ax


def _title(score: "RiskScore", *, with_score: bool) -> str:
    stamp = stamp_of(score.synthetic)
    day = day_words(score.as_of)
    lines = [f"{stamp}Referral {score.referral_id}: what was known before {day}"]
    if with_score:
        lines.append(score.said or f"No score: {score.code}.")
    return "\n".join(lines)


def _time(ax: Any, timeline: Timeline) -> None:
    """Draw what all lanes share: the scale, the gaps and the day of the referral."""
    n_lanes = len(timeline.lanes)
    places = [-place - 0.4 * lane.trio for place, lane in enumerate(timeline.lanes)]
    for first, last, months in timeline.gaps:
        ax.axvspan(first, last, color="0.9", linewidth=0, zorder=0)
        middle = first + (last - first) / 2
        if (last - first) / (timeline.last - timeline.first) > 0.08:
            ax.annotate(
                f"{months} months", (middle, 1), xycoords=("data", "axes fraction"),
                xytext=(0, 3), textcoords="offset points", ha="center", fontsize="x-small",
            )  # fmt: skip
    ax.axvline(timeline.last, color="black", linewidth=1.6)
    ax.set(
        xlim=(timeline.first, timeline.last + (timeline.last - timeline.first) / 60),
        ylim=((places[-1] if n_lanes else 0) - 0.7, 0.7),
        xlabel=f"day; the line on the right is this referral, {day_words(timeline.last)}",
        ylabel="kind of entry",
        yticks=places,
        yticklabels=[lane.name for lane in timeline.lanes],
        xticks=[day for day, _ in timeline.ticks],
    )
    ax.set_xticklabels([words for _, words in timeline.ticks])
    ax.tick_params(axis="both", labelsize="small", length=0)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)


def _draw_lane(ax: Any, lane: Lane, y: float, timeline: Timeline) -> None:
    seen = min(max(lane.unseen_until or timeline.first, timeline.first), timeline.last)
    ax.plot([seen, timeline.last], [y, y], color="0.75", linewidth=0.8, zorder=1)
    ax.plot([timeline.first, seen], [y, y], color="0.45", linewidth=1, linestyle=":", zorder=1)
    for bar in lane.bars:
        ax.plot(
            [bar.first, bar.last],
            [y, y],
            color=_LIGHT,
            linewidth=6,
            solid_capstyle="butt",
            zorder=2,
        )
        if bar.ongoing:
            ax.plot([bar.last], [y], marker=">", color="black", markersize=6, zorder=5)
    for mark, style in _MARKS.items():
        days = [point.day for point in lane.points if point.mark == mark]
        ax.plot(days, [y] * len(days), linestyle="none", zorder=3, **style)
    again = [point.day for point in lane.points if point.repeat]
    ax.plot(again, [y] * len(again), linestyle="none", zorder=4, **_RING)


_MARKS: dict[str, dict[str, Any]] = {
    "event": {"marker": "o", "color": _BLUE, "markersize": 6, "markeredgecolor": "white"},
    "closure": {
        "marker": "s", "markerfacecolor": "none", "markeredgecolor": _BLUE, "markersize": 6,
        "markeredgewidth": 1.4,
    },
    "trio": {"marker": "D", "color": _ORANGE, "markersize": 6.5, "markeredgecolor": "white"},
    "without": {
        "marker": "D", "markerfacecolor": "white", "markeredgecolor": _ORANGE, "markersize": 3.5,
    },
    "missing": {"marker": "$?$", "color": "black", "markersize": 7},
}  # fmt: skip
_RING: dict[str, Any] = {
    "marker": "o", "markerfacecolor": "none", "markeredgecolor": "black", "markersize": 11,
}  # fmt: skip


def _legend(ax: Any, timeline: Timeline) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    points: list[Point] = [point for lane in timeline.lanes for point in lane.points]
    bars = [bar for lane in timeline.lanes for bar in lane.bars]
    marks = {point.mark for point in points}
    names = {
        "event": "entry",
        "closure": "case closed",
        "trio": "an assessment recorded it",
        "without": "assessed, not recorded",
        "missing": "assessed, factors missing",
    }
    shown: list[tuple[bool, Any]] = [
        (mark in marks, Line2D([], [], linestyle="none", label=name, **_MARKS[mark]))
        for mark, name in names.items()
    ]
    shown += [
        (any(p.repeat for p in points), Line2D([], [], linestyle="none", label="repeat", **_RING)),
        (bool(bars), Line2D([], [], color=_LIGHT, linewidth=6, label="how long it lasted")),
        (any(bar.ongoing for bar in bars), Line2D([], [], linestyle="none", marker=">",
         color="black", label="not known to have ended")),
        (bool(timeline.gaps), Patch(color="0.9", label="nothing recorded, no case open")),
        (any((lane.unseen_until or timeline.first) > timeline.first for lane in timeline.lanes),
         Line2D([], [], color="0.45", linestyle=":", label="not observed")),
    ]  # fmt: skip
    # below the name of the axis, however high the axes are
    below = ax.transAxes + ScaledTranslation(0, -_LEGEND_BELOW, ax.figure.dpi_scale_trans)
    ax.legend(
        handles=[handle for held, handle in shown if held], ncols=4, frameon=False,
        fontsize="x-small", loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=below,
        borderaxespad=0,
    )  # fmt: skip
