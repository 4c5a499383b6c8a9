"""Plots of an explanation: one score, what moves scores most, and a feature's values."""

from collections.abc import Sequence
from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from fs_risk.errors import SettingError, nearest
from fs_risk.model.means import mean_of_rows
from fs_risk.records.axes import COLOURS, new_axes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.natural_frequencies import in_words
from fs_risk.records.notebook import stamp_of
from fs_risk.records.suppression import LARGEST_HIDDEN

if TYPE_CHECKING:
    from fs_risk.model.explanation import By, Explanation

_ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 300, 500, 700, 800, 900, 950, 980, 990, 995, 999)
"""Marks in 1,000 for the scale of probabilities."""

_SMALL = 0.05
"""Contributions are written with more digits where none is as large."""

_FEW_VALUES = 15
"""Up to this many values are shown each for itself; more are shown by tenths of the cases."""


def plot_row(explanation: "Explanation", row: int, most: int, ax: Any = None) -> Any:
    """Plot how one score comes about; see `Explanation.plot_row`.

    Parameters
    ----------
    explanation : Explanation
    row, most : int
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    case = explanation.place(row)
    parts = explanation.table(case, by="concept").iloc[1:]
    steps = _steps(parts, max(most, 1))
    ax = new_axes(ax, size=(9.6, 2.0 + 0.58 * len(steps)))
    ends = explanation.base_value + np.cumsum([pull for _, pull in steps])
    digits = 2 if max(abs(pull) for _, pull in steps) >= _SMALL else 4
    for place, (_, pull) in enumerate(steps):
        y, end = len(steps) - 1 - place, float(ends[place])
        _bar(ax, y, end - pull, pull, digits)
        ax.plot([end] * 2, [y - 0.33, y - 1 + 0.33], color="0.4", linewidth=0.8)
    score = in_words(float(expit(ends[-1])))
    ax.axvline(explanation.base_value, color="0.4", linewidth=0.8, linestyle=":")
    ax.set(
        yticks=range(len(steps)),
        yticklabels=[name for name, _ in reversed(steps)],
        ylim=(-1.1, len(steps) - 0.4),
        xlim=_around([explanation.base_value, *ends]),
        xlabel="score, log-odds (how sure it is: model.predict_interval)\n"
        "orange, plain: raises it; blue, hatched: lowers it; dotted: where every score starts",
    )
    ax.annotate(
        score, (ends[-1], -0.75), ha="center", va="center", fontsize="small",
        bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": "0.4"},
    )  # fmt: skip
    ax.tick_params(axis="y", labelsize="small", length=0)
    ax.xaxis.label.set_fontsize("small")
    _in_1000(ax)
    _entitle(explanation, ax, "How one score comes about",
             f"{score}; case {case + 1:,} of n {len(explanation):,}")  # fmt: skip
    return ax


def _steps(parts: pd.DataFrame, most: int) -> list[tuple[str, float]]:
    """Name the largest concepts with what is said of them, and the rest together."""
    shown = parts.head(most) if len(parts) > most + 1 else parts
    steps = [
        (f"{row.concept}:\n{fill(shorten(str(row.said), 160, placeholder=' …'), 60)}",
         float(row.contribution))
        for row in shown.itertuples()
    ]  # fmt: skip
    rest = parts.iloc[len(shown) :]
    if len(rest):
        steps.append(
            (f"{count_of(len(rest), 'other concept')} together", float(rest["contribution"].sum()))
        )
    return steps


def _around(ends: Sequence[float]) -> tuple[float, float]:
    """Give limits that leave room for words on both sides."""
    low, high = min(ends), max(ends)
    room = 0.14 * (high - low) or 1.0
    return low - room, high + room


def _bar(ax: Any, y: int, start: float, pull: float, digits: int) -> None:
    raises = pull > 0
    ax.barh(
        y, pull, left=start, height=0.66, color=COLOURS[1] if raises else COLOURS[0],
        hatch="" if raises else "///", edgecolor="white", linewidth=0.5,
    )  # fmt: skip
    ax.annotate(
        f"{pull:+.{digits}f}", (start + pull, y), xytext=(4 if raises else -4, 0),
        textcoords="offset points", ha="left" if raises else "right", va="center",
        fontsize="small",
    )  # fmt: skip


def _in_1000(ax: Any) -> None:
    """Put a second scale on top, of probabilities in 1,000."""
    low, high = ax.get_xlim()
    kept: list[float] = []
    for mark in _ROUND:
        at = logit(mark / 1000)
        if low <= at <= high and (not kept or at - logit(kept[-1] / 1000) >= (high - low) / 14):
            kept.append(mark)
    if len(kept) < 2:
        between = [1000 * float(expit(at)) for at in np.linspace(low, high, 6)[1:-1]]
        kept = sorted({float(f"{mark:.2g}") if mark < 100 else round(mark) for mark in between})
    top = ax.secondary_xaxis("top")
    top.set_xticks([logit(mark / 1000) for mark in kept], [f"{mark:.3g}" for mark in kept])
    top.tick_params(labelsize="small")
    top.set_xlabel("the same, in 1,000 similar cases", fontsize="small")


def plot_importance(explanation: "Explanation", by: "By", most: int, ax: Any = None) -> Any:
    """Plot mean sizes of contributions; see `Explanation.plot_importance`.

    Parameters
    ----------
    explanation : Explanation
    by : {"concept", "feature"}
    most : int
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    _refuse_empty(explanation)
    every = explanation.importance(by)
    rows = every.head(max(most, 1)).iloc[::-1]
    ax = new_axes(ax, size=(7.4, 1.7 + 0.3 * len(rows)))
    ax.barh(range(len(rows)), rows["mean"], color=COLOURS[4], height=0.66)
    known = rows["low"].notna().to_numpy()
    places = np.flatnonzero(known)
    shown = rows[known]
    ax.errorbar(
        shown["mean"], places, fmt="none", color=COLOURS[5], capsize=3, linewidth=1,
        xerr=[shown["mean"] - shown["low"], shown["high"] - shown["mean"]],
    )  # fmt: skip
    whole = "households whole" if explanation.households is not None else "cases taken singly"
    ax.set(
        yticks=range(len(rows)),
        yticklabels=[fill(str(part), 40, break_long_words=False) for part in rows["part"]],
        xlabel=f"mean size of its contribution, log-odds\n95 % interval, {whole}",
        xlim=(0, None),
    )
    ax.tick_params(axis="y", labelsize="small", length=0)
    which = f"{len(rows)} of {len(every)} {by}s"
    _entitle(explanation, ax, "What moves scores most",
             f"{which}, n {count_of(len(explanation), 'case')}", width=50)  # fmt: skip
    return ax


def plot_dependence(explanation: "Explanation", feature: str, ax: Any = None) -> Any:
    """Plot contributions against a feature's values; see `Explanation.plot_dependence`.

    Parameters
    ----------
    explanation : Explanation
    feature : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SettingError
        If there is no such feature.
    """
    names = list(explanation.values.columns)
    if feature not in names:
        raise SettingError(
            f"The model has no such feature.{nearest(str(feature), names)}",
            where="feature",
            fix="Name a column of explanation.values.",
        )
    _refuse_empty(explanation)
    values = explanation.data[feature].to_numpy(dtype=np.float64)
    pulls = explanation.values[feature].to_numpy()
    groups, hidden = _grouped(values, pulls, explanation.households)
    ax = new_axes(ax, size=(6.8, 4.4))
    numbers = groups[groups["at"].notna()]
    ax.vlines(numbers["at"], numbers["least"], numbers["most"], color=COLOURS[4], linewidth=5,
              alpha=0.6, label="nine cases in ten")  # fmt: skip
    _points(ax, numbers["at"], numbers, COLOURS[0], "o", "mean, 95 % interval")
    _unknown_on_the_left(ax, groups[groups["at"].isna()], numbers)
    ax.axhline(0.0, color="0.4", linewidth=0.8)
    place = names.index(feature)
    about = explanation.said.features[place]
    unit = f" ({about.unit})" if about.unit else ""
    ax.set(
        xlabel=fill(about.meaning.removesuffix(".") + unit, 70),
        ylabel="contribution to the score, log-odds",
    )
    _mark_values(ax, groups, numbers, explanation, place)
    ax.legend(frameon=False, fontsize="small")
    left_out = f"; {count_of(hidden, 'case')} with rare values not drawn" if hidden else ""
    _entitle(explanation, ax, f"What a feature adds: {feature}",
             f"n {count_of(len(explanation), 'case')}{left_out}")  # fmt: skip
    return ax


def _points(ax: Any, at: Any, rows: pd.DataFrame, colour: str, marker: str, label: str) -> None:
    ends = [(rows["mean"] - rows["low"]).fillna(0), (rows["high"] - rows["mean"]).fillna(0)]
    ax.errorbar(at, rows["mean"], yerr=ends, fmt=marker, color=colour, capsize=3, markersize=5,
                label=label)  # fmt: skip


def _unknown_on_the_left(ax: Any, unknown: pd.DataFrame, numbers: pd.DataFrame) -> None:
    """Draw the cases whose value is not known beside the others."""
    if len(unknown):
        at = _left_of(numbers)
        ax.vlines(at, unknown["least"], unknown["most"], color=COLOURS[4], linewidth=5, alpha=0.6)
        _points(ax, [at], unknown, COLOURS[1], "D", "not known")


def _left_of(numbers: pd.DataFrame) -> float:
    """Give a place to the left of all values."""
    if not len(numbers):
        return 0.0
    low, high = numbers["at"].min(), numbers["at"].max()
    return float(low - (0.15 if len(numbers) > 2 else 0.5) * ((high - low) or 1.0))


def _mark_values(
    ax: Any, groups: pd.DataFrame, numbers: pd.DataFrame, explanation: "Explanation", place: int
) -> None:
    """Mark values, those of a flag in practitioners' words, and where none is known."""
    if list(numbers["at"]) == [0.0, 1.0]:
        marks = {at: fill(explanation.said.say(place, at), 30) for at in (0.0, 1.0)}
        ax.margins(x=0.25)
    elif len(numbers):
        low, high = numbers["at"].min(), numbers["at"].max()
        near = 0.05 * (high - low)
        marks = {at: f"{at:g}" for at in ax.get_xticks() if low - near <= at <= high + near}
    else:
        marks = {}
    if len(groups) > len(numbers):
        marks[_left_of(numbers)] = "not\nknown"
    ax.set_xticks(list(marks), list(marks.values()))


def _grouped(
    values: np.ndarray, pulls: np.ndarray, households: np.ndarray | None
) -> tuple[pd.DataFrame, int]:
    """Give mean and spread of contributions by value, and how many cases are left out."""
    known = ~np.isnan(values)
    each = np.unique(values[known])
    if len(each) > _FEW_VALUES:
        edges = np.unique(np.quantile(values[known], np.linspace(0, 1, 11)))
        group = np.searchsorted(edges[1:-1], values, side="right")
    else:
        group = np.searchsorted(each, values)
    group = np.where(known, group, -1)
    rows, hidden = [], 0
    for number in np.unique(group):
        mine = group == number
        if mine.sum() <= LARGEST_HIDDEN:
            hidden += int(mine.sum())
            continue
        whose = None if households is None else households[mine]
        mean, low, high = (float(end[0]) for end in mean_of_rows(pulls[mine, None], whose))
        least, most = np.quantile(pulls[mine], [0.05, 0.95])
        at = float(values[mine].mean()) if number >= 0 else np.nan
        rows.append((at, mean, low, high, least, most))
    return pd.DataFrame(rows, columns=["at", "mean", "low", "high", "least", "most"]), hidden


def _refuse_empty(explanation: "Explanation") -> None:
    if not len(explanation):
        raise SettingError(
            "No case is explained, so there is nothing to plot.",
            where="Explanation",
            fix="Give explain() an X with at least one row.",
        )


def _entitle(explanation: "Explanation", ax: Any, what: str, of: str, *, width: int = 74) -> None:
    stamp = stamp_of(explanation.synthetic)
    title = f"{stamp}{what}\nScores of: {explanation.outcome}; {of}"
    ax.set_title("\n".join(fill(line, width) for line in title.splitlines()), fontsize="medium")
