"""Plots of an audit: groups beside the rest, with what the audit could have seen."""

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError, nearest
from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.calibration import calibration_bins
from fs_risk.evaluation.fairness_scores import SCORE_MEASURES, measures_of
from fs_risk.evaluation.fairness_words import NO_GRADE
from fs_risk.evaluation.plots import plot_svg
from fs_risk.records.axes import COLOURS, STYLES, new_axes
from fs_risk.records.notebook import stamp_of

if TYPE_CHECKING:
    from fs_risk.evaluation.fairness_audit import FairnessAudit

_FEWEST_PER_BIN = 50
SYMBOLS = {
    "c": "c: hidden, small numbers",
    "z": "z: nothing to take a share of",
    ":": "“:”: not worked out",
}


def _named(metric: str) -> str:
    return metric.replace("_", " ")


def plot_metric(audit: "FairnessAudit", metric: str, ax: Any = None) -> Any:
    """Plot one measure of each group with its interval, beside everyone's.

    Parameters
    ----------
    audit : FairnessAudit
    metric : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    rows = _rows(audit, metric)
    ax = new_axes(ax, size=(8, 1.6 + 0.2 * len(rows)))
    _bars(ax, rows, "value", "low", "high")
    if metric in audit.overall:
        ax.axvline(audit.overall[metric], color="0.4", linewidth=0.8, label="everyone")
        ax.legend(frameon=False, fontsize="small")
    unit = f"{_named(metric)}{' (%)' if _as_hundredths(ax, metric) else ''}"
    _finish(audit, ax, rows, f"{unit}, 95 % interval", f"{_named(metric)} by group")
    return ax


def plot_gaps(audit: "FairnessAudit", metric: str, ax: Any = None) -> Any:
    """Plot each group's difference to the rest, beside the gap that could have been seen.

    Parameters
    ----------
    audit : FairnessAudit
    metric : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    rows = _rows(audit, metric)
    ax = new_axes(ax, size=(8, 1.6 + 0.2 * len(rows)))
    for place, row in enumerate(rows.itertuples()):
        if np.isfinite(row.could_see):
            ax.barh(place, -row.could_see, color="0.88", height=0.7)
        if np.isfinite(row.could_see_above):
            ax.barh(place, row.could_see_above, color="0.88", height=0.7)
    _bars(ax, rows, "difference", "difference_low", "difference_high")
    ax.axvline(0.0, color="0.4", linewidth=0.8)
    points = " (points)" if _as_hundredths(ax, metric) else ""
    unit = f"{_named(metric)}: difference to the rest{points}, 95 % interval"
    seen = rows[["could_see", "could_see_above"]].notna().to_numpy().any()
    grey = "\ngrey: gaps too small for this audit to see" if seen else ""
    _finish(audit, ax, rows, f"{unit}{grey}", f"Gaps in {_named(metric)} by group")
    return ax


def gaps_svg(audit: "FairnessAudit", metric: str) -> str:
    """Draw `plot_gaps` as SVG, the same bytes each time, to stand inside a page.

    Parameters
    ----------
    audit : FairnessAudit
    metric : str

    Returns
    -------
    str
    """

    def draw(report: Any, ax: Any) -> Any:
        return plot_gaps(report, metric, ax)

    draw.__name__ = f"plot_gaps_{metric}"
    rows = _rows(audit, metric)
    drawing: Any = plot_svg
    svg: str = drawing(draw, audit, height=min(1.6 + 0.25 * len(rows), 12.0))
    return svg


def plot_calibration(audit: "FairnessAudit", attribute: str, ax: Any = None) -> Any:
    """Plot observed against predicted shares, by fifths of the scores, group by group.

    Parameters
    ----------
    audit : FairnessAudit
    attribute : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    AuditError
        If the scores are not probabilities, the attribute was not audited, or no group of
        it is large enough.
    """
    audited, groups = audit.audited, audit.audited.groups
    slots = groups.slots[: groups.n_attributes]
    if attribute not in slots or len(measures_of(audited.score)) < 7:
        raise AuditError(
            "The scores are not probabilities, or the attribute was not audited."
            + nearest(attribute, slots),
            where="attribute",
            fix=f"Choose among {', '.join(slots)}, and audit probabilities.",
        )
    slot = slots.index(attribute)
    large = _large_enough(audit, slot)
    if not large:
        raise AuditError(
            "No group of this attribute has enough cases, and enough with the outcome, to draw.",
            where="attribute",
            fix="Choose an attribute with fewer and larger groups.",
        )
    ax = new_axes(ax)
    end = 0.0
    for place, (group, rows) in enumerate(large.items()):
        odds = np.clip(audited.score[rows], 1e-9, 1 - 1e-9)
        bins = calibration_bins(
            audited.label[rows], np.log(odds / (1 - odds)), audited.household[rows], bins=5
        )
        predicted, observed = ([1000 * getattr(part, name) for part in bins]
                               for name in ("predicted", "observed"))  # fmt: skip
        end = max(end, *predicted, *observed)
        ax.plot(predicted, observed, marker="o", markersize=4, color=COLOURS[place % 6],
                linestyle=STYLES[place % 6], label=str(groups.level[group]))  # fmt: skip
    ax.plot([0, 1.05 * end], [0, 1.05 * end], color="0.4", linewidth=0.8)
    ax.set(xlabel="predicted, in 1,000 similar cases", ylabel="observed, in 1,000")
    ax.set_title(_title(audit, f"Calibration by {attribute_words(attribute)}"), fontsize="medium")
    ax.legend(frameon=False, fontsize="small")
    return ax


def _large_enough(audit: "FairnessAudit", slot: int) -> dict[int, np.ndarray]:
    """Give the labelled rows of each group of an attribute that can be drawn."""
    audited, groups = audit.audited, audit.audited.groups
    found = {}
    for group in np.flatnonzero(groups.slot == slot):
        rows = (groups.group_of[groups.cell, slot] == group) & audited.labelled
        if rows.sum() >= 5 * _FEWEST_PER_BIN and audited.label[rows].sum() >= audit.settings.fewest:
            found[int(group)] = rows
    return found


def _rows(audit: "FairnessAudit", metric: str) -> pd.DataFrame:
    """Choose the rows of attributes' groups that may be shown, the first on top."""
    table = audit.table
    if metric not in set(table["metric"]):
        raise AuditError(
            "That is not a measure of this audit." + nearest(metric, set(table["metric"])),
            where="metric",
            fix=f"Choose among {', '.join(dict.fromkeys(table['metric']))}.",
        )
    slots = audit.audited.groups.slots[: audit.audited.groups.n_attributes]
    rows = table[(table["metric"] == metric) & table["attribute"].isin(slots)]
    return rows.iloc[::-1].reset_index(drop=True)


def _as_hundredths(ax: Any, metric: str) -> bool:
    """Mark the axis of a share as pages write it, of a hundred; any other measure as it is."""
    if metric in SCORE_MEASURES:
        return False
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g}".replace("-", "\u2212"))
    return True


def _bars(ax: Any, rows: pd.DataFrame, value: str, low: str, high: str) -> None:
    for place, row in enumerate(rows[[value, low, high]].itertuples(index=False)):
        if np.isfinite(row[0]) and np.isfinite(row[1]):
            ends = [[max(row[0] - row[1], 0.0)], [max(row[2] - row[0], 0.0)]]
            ax.errorbar(row[0], place, xerr=ends, fmt="o", color=COLOURS[0], capsize=3)


def _finish(audit: "FairnessAudit", ax: Any, rows: pd.DataFrame, unit: str, what: str) -> None:
    names = [
        f"{attribute_words(row.attribute)}: {row.group}"
        + (f" ({row.symbol})" if row.symbol else "")
        for row in rows.itertuples()
    ]
    met = [said for symbol, said in SYMBOLS.items() if (rows["symbol"] == symbol).any()]
    key = "\n" + "; ".join(met) if met else ""
    ax.set(yticks=range(len(rows)), yticklabels=names, ylim=(-0.6, len(rows) - 0.4),
           xlabel=unit + key)  # fmt: skip
    ax.tick_params(axis="y", labelsize="small")
    ax.set_title(_title(audit, what[:1].upper() + what[1:]), fontsize="medium")


def _title(audit: "FairnessAudit", what: str) -> str:
    stamp = stamp_of(audit.origin == "synthetic")
    of = f"n\N{NO-BREAK SPACE}{audit.audited.labelled.sum():,.0f}"
    named = fill(f"{stamp}{what}, {of}", 50)
    return f"{named}\n{NO_GRADE.split('.')[0]}."
