"""The tables of a report as frames: exact for analysts, rounded for pages."""

import pandas as pd

from fs_risk.evaluation.by_group import GROUP_METRICS
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.report_parts import Figure, GroupFigure
from fs_risk.records.suppression import HIDDEN, LARGEST_HIDDEN, shown_count

NO_FIGURE = "–"
"""Stands where too few households have, or have not, the outcome."""

_LISTS = ("precision", "recall", "found_per_1000", "missed_per_1000", "false_per_1000")
_AFTER = ("overlap", "average_precision", "loss", "recall", "observed_over_expected")
_PER_CENT = ("base_rate", "share_listed", "precision_at_capacity", "recall_at_capacity")


def capacity_table(report: EvaluationReport) -> pd.DataFrame:
    """Lay out what lists of each capacity hold.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    DataFrame
        One row per capacity: ``capacity``, ``planned``, ``lists``, ``listed``; for
        ``precision``, ``recall``, ``found_per_1000``, ``missed_per_1000``,
        ``false_per_1000`` and ``observed_over_expected`` the value with ``_low`` and
        ``_high``; for precision and recall ``_worst`` and ``_best`` too, had all ties
        at the last places fallen badly, or well; ``n``.
    """
    rows = []
    for at in report.capacities:
        row: dict[str, object] = {
            "capacity": at.capacity,
            "planned": at.planned,
            "lists": at.lists,
            "listed": at.listed,
        }
        for name in _LISTS:
            row |= _spread(name, getattr(at, name))
            if name in ("precision", "recall"):
                row |= {f"{name}_{end}": getattr(at, f"{name}_{end}") for end in ("worst", "best")}
        rows.append({**row, **_spread("observed_over_expected", at.observed_over_expected)})
    frame = pd.DataFrame(rows)
    return frame.assign(n=report.n) if len(frame) else frame


def retest_table(report: EvaluationReport) -> pd.DataFrame:
    """Lay out what each stated change did.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    DataFrame
        One row per change: ``name``, ``kind``, ``says``, ``mean_change``,
        ``largest_change``; for ``overlap``, ``average_precision``, ``loss``,
        ``recall`` and ``observed_over_expected`` the value with ``_low`` and
        ``_high``.
    """
    rows = []
    for each in report.retests:
        row: dict[str, object] = {
            name: getattr(each, name)
            for name in ("name", "kind", "says", "mean_change", "largest_change")
        }
        for name in _AFTER:
            row |= _spread(name, getattr(each, name))
        rows.append(row)
    return pd.DataFrame(rows)


def _spread(name: str, figure: Figure | None) -> dict[str, object]:
    ends = {"": "value", "_low": "low", "_high": "high"}
    return {
        f"{name}{ending}": None if figure is None else getattr(figure, side)
        for ending, side in ends.items()
    }


def published_groups(report: EvaluationReport) -> pd.DataFrame:
    """Lay out the groups as they may be published.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    DataFrame of str
        One row per level: ``by``, ``level``, ``n``, ``positives`` (``c`` for 1 to 5, and
        where the group is too small for figures; others to the nearest 5) and each measure,
        shares in whole per cent with their interval; a dash where too few households have,
        or have not, the outcome. Nothing is exact, so that no subtraction gives a hidden
        count away.
    """
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for figure in report.groups:
        row = rows.setdefault(
            (figure.by, figure.level),
            {
                "by": figure.by,
                "level": figure.level,
                "n": shown_count(figure.n),
                "positives": _shown_part(figure),
            },
        )
        row[figure.metric] = _shown(figure)
    return pd.DataFrame(
        list(rows.values()), columns=["by", "level", "n", "positives", *GROUP_METRICS], dtype="str"
    )


def _shown_part(figure: GroupFigure) -> str:
    """Write how many have the outcome; hidden where few have, or have not."""
    few = figure.value is None or figure.n - figure.positives <= LARGEST_HIDDEN
    return HIDDEN if few and figure.positives else shown_count(figure.positives)


def _shown(figure: Figure) -> str:
    if figure.value is None:
        return NO_FIGURE
    per_cent = figure.metric in _PER_CENT
    value = f"{100 * figure.value:.0f} %" if per_cent else f"{figure.value:.2f}"
    if figure.low is None or figure.high is None:
        return value
    low, high = (
        f"{100 * end:.0f}" if per_cent else f"{end:.2f}" for end in (figure.low, figure.high)
    )
    return f"{value} ({low} to {high})"
