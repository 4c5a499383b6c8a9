"""An audit as one page that governance can read alone, in any browser and in print."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from fs_risk.evaluation.attribute_words import attribute_words
from fs_risk.evaluation.disparity_sections import Section, sections_html
from fs_risk.evaluation.fairness_measures import PRIMARY, WORDS
from fs_risk.evaluation.fairness_scores import SCORE_WORDS
from fs_risk.evaluation.fairness_table import WORTH_A_LOOK
from fs_risk.evaluation.fairness_words import (
    UNKNOWN,
    conflicts,
    count_text,
    figure_text,
    gap_text,
    headline,
    title_of_audit,
)

if TYPE_CHECKING:
    from fs_risk.evaluation.disparity_decisions import DecisionAudit
    from fs_risk.evaluation.disparity_options import FairnessOptions
    from fs_risk.evaluation.disparity_over_time import GapsOverTime
    from fs_risk.evaluation.disparity_why import WhyGaps
    from fs_risk.evaluation.fairness_audit import FairnessAudit

QUESTIONS = (
    "Eliminate discrimination: where a gap is shown, what in the records or in the service's own "
    "decisions brings it about, and could the same aim be reached with less of it?",
    "Advance equality of opportunity: which group's children with the outcome are missed most, and "
    "by what other way are they reached?",
    "Advance equality of opportunity: where the evidence is not enough, what would have to be "
    "recorded, or pooled over how many years, to say more?",
    "Foster good relations: which families are listed where the outcome did not follow, and what "
    "do they and their communities say of it?",
    "Who was asked, who decided, on which date, and when is it looked at again?",
)


def write_audit_page(
    audit: "FairnessAudit",
    path: str | Path,
    *,
    why: "WhyGaps | None" = None,
    options: "FairnessOptions | None" = None,
    decisions: "DecisionAudit | None" = None,
    over_time: "GapsOverTime | None" = None,
) -> Path:
    """Write an audit as one self-contained HTML page.

    Parameters
    ----------
    audit : FairnessAudit
    path : str or Path
    why, options, decisions, over_time : optional
        As in `FairnessAudit.to_html`.

    Returns
    -------
    Path
    """
    target = Path(path)
    further = _sections(why, options, decisions, over_time)
    target.write_bytes(audit_page(audit, further).encode())
    return target


def _sections(
    why: "WhyGaps | None",
    options: "FairnessOptions | None",
    decisions: "DecisionAudit | None",
    over_time: "GapsOverTime | None",
) -> list[Section]:
    """Lay out what is to stand beside the audit; each part is loaded only if it is there."""
    found: list[Section] = []
    if why is not None:
        from fs_risk.evaluation.disparity_why_words import why_sections

        found += why_sections(why, picture=True)
    if options is not None:
        from fs_risk.evaluation.disparity_options_words import options_section

        found.append(options_section(options, picture=True))
    if decisions is not None:
        from fs_risk.evaluation.disparity_decision_words import decision_sections

        found += decision_sections(decisions)
    if over_time is not None:
        from fs_risk.evaluation.disparity_time_words import over_time_section

        found.append(over_time_section(over_time, picture=True))
    return found


def audit_page(audit: "FairnessAudit", further: Sequence[Section] = ()) -> str:
    """Give the page of `write_audit_page` as text.

    Parameters
    ----------
    audit : FairnessAudit
    further : sequence of Section

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    from fs_risk.evaluation.page import from_template

    table = audit.table
    return from_template(
        "audit.html.j2",
        {
            "synthetic": audit.origin == "synthetic",
            "title": title_of_audit(audit),
            "headline": headline(audit),
            "primary": [_part(audit, metric) for metric in PRIMARY],
            "conflicts": [*conflicts(audit), UNKNOWN],
            "leads": [_row(row) for row in _leads(table).itertuples()],
            "further": sections_html(further),
            "questions": QUESTIONS,
        },
    )


def _part(audit: "FairnessAudit", metric: str) -> tuple[str, str, list[dict[str, Any]], str]:
    from fs_risk.evaluation.fairness_plots import gaps_svg

    rows = audit.primary[audit.primary["metric"] == metric]
    words = WORDS[metric][0].upper() + WORDS[metric][1:]
    return metric, words, [_row(row) for row in rows.itertuples()], gaps_svg(audit, metric)


def _leads(table: pd.DataFrame) -> pd.DataFrame:
    """Choose explored rows that are worth a look, the clearest first; hidden ones are left out."""
    shown = (table["verdict"] == WORTH_A_LOOK) & ~table["suppressed"]
    return table[shown].sort_values("adjusted_p", kind="stable").head(30)


def _row(row: Any) -> dict[str, Any]:
    return {
        "attribute": attribute_words(row.attribute),
        "group": row.group,
        "measure": {**WORDS, **SCORE_WORDS}[row.metric],
        "figure": figure_text(row),
        "gap": gap_text(row),
        "n": count_text(row.n),
        "positives": count_text(row.positives),
        "verdict": row.verdict,
    }
