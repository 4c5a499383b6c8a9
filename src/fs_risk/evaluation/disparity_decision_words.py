"""Decisions beside scores, in words and tables."""

from typing import TYPE_CHECKING

import pandas as pd

from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_sections import Section, Table, points
from fs_risk.evaluation.fairness_measures import SELECTION
from fs_risk.evaluation.fairness_table import NOT_ENOUGH, WORTH_A_LOOK
from fs_risk.evaluation.fairness_words import count_text, figure_text, gap_text, headline
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import stamp_of

if TYPE_CHECKING:
    from fs_risk.evaluation.disparity_decisions import DecisionAudit

WAYS = {
    "more_worried": "overrides, more worried than the score",
    "less_worried": "overrides, less worried than the score",
}


def decision_sections(audit: "DecisionAudit") -> list[Section]:
    """Lay an audit of decisions out as sections.

    Parameters
    ----------
    audit : DecisionAudit

    Returns
    -------
    list of Section
    """
    stamp = stamp_of(audit.origin == "synthetic")
    n = len(audit.scores.audited.label)
    lines = [
        f"{stamp}{count_of(n, 'referral')} scored and decided"
        + (
            f"; {audit.undecided:,} more without a decision are left out."
            if audit.undecided
            else "."
        ),
        f"Attention is a decision of: {', '.join(_plain(audit.counts_as))}."
        if audit.counts_as
        else "Attention is as it was passed.",
        *(f"By score. {line}" for line in headline(audit.scores)),
        *(f"By decision. {line}" for line in headline(audit.decisions)),
        *_moved(audit),
        "A decision that narrows a gap is not thereby right, nor one that widens it wrong: it is "
        "where to read files.",
    ]
    tables = [_between(audit)] if not audit.between.empty else []
    tables += [_overrides(audit, way) for way in audit.overrides]
    return [Section("Decisions beside scores", tuple(lines), tuple(tables))]


def _plain(words: tuple[str, ...]) -> list[str]:
    return [word.replace("_", " ") for word in words]


def _moved(audit: "DecisionAudit") -> list[str]:
    rows = audit.between[audit.between["moved"] & ~audit.between["suppressed"]]
    said = [
        f"{attribute_words(row.attribute)}, {row.group}, {_plain((row.metric,))[0]}: the gap by "
        f"score is {points(row.scores_gap)}, by decision {points(row.decisions_gap)} "
        f"(change {points(row.change, row.low, row.high)})."
        for row in rows.itertuples()
    ]
    return said or ["No gap is shown to differ between scores and decisions."]


def _between(audit: "DecisionAudit") -> Table:
    rows = tuple(
        (
            f"{attribute_words(row.attribute)}: {row.group}",
            _plain((row.metric,))[0],
            *_cells(row),
        )
        for row in audit.between.itertuples()
        if row.metric == SELECTION or not pd.isna(row.p)
    )
    return Table(
        "Gap to the rest by score and by decision",
        ("group", "rate", "by score", "by decision", "change, 95 % interval", "verdict"),
        rows,
    )


def _cells(row: object) -> tuple[str, ...]:
    if getattr(row, "suppressed", False):
        return ("c", "c", "c", "")
    change = tuple(float(getattr(row, name)) for name in ("change", "low", "high"))
    said = WORTH_A_LOOK if getattr(row, "moved", False) else ""
    if pd.isna(getattr(row, "p", None)):
        said = "" if change[0] == 0 else NOT_ENOUGH
    return (
        points(float(getattr(row, "scores_gap", "nan"))),
        points(float(getattr(row, "decisions_gap", "nan"))),
        points(*change),
        said,
    )


def _overrides(audit: "DecisionAudit", way: str) -> Table:
    table = audit.overrides[way].table
    rows = tuple(
        (
            f"{attribute_words(row.attribute)}: {row.group}",
            figure_text(row),
            gap_text(row),
            count_text(row.n),
            str(row.verdict),
        )
        for row in table[table["metric"] == SELECTION].itertuples()
    )
    return Table(
        WAYS.get(way, way.replace("_", " ")).capitalize() + ", of those where a score was seen",
        ("group", "share, 95 % interval", "difference to the rest", "n", "verdict"),
        rows,
    )
