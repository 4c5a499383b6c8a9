"""A score as text and as HTML, for a screen or a notebook."""

import html
from typing import TYPE_CHECKING

from fs_risk.triage.chronology_words import chronology_lines
from fs_risk.triage.household_words import household_lines

if TYPE_CHECKING:
    from fs_risk.triage.risk_score import RiskScore

SYNTHETIC = "SYNTHETIC: made by a model fitted on invented records."


def score_lines(score: "RiskScore") -> list[str]:
    """Say a score line by line.

    Parameters
    ----------
    score : RiskScore

    Returns
    -------
    list of str
    """
    lines = [SYNTHETIC] if score.synthetic else []
    if score.code is not None:
        lines.append(f"No score ({score.code}). {score.code_meaning}")
        lines += chronology_lines(score.chronology)
        return [*lines, *household_lines(score), score.caveat]
    lines += [said for said in (score.said, score.interval_said, score.similar_said) if said]
    if score.band is not None:
        lines.append(f"Band: {score.band.name}. {score.band.meaning}")
    if score.outside:
        lines.append(score.outside)
    lines += [f"Worry: {reason.concept}: {reason.wording}" for reason in score.worries]
    lines += [f"Strength: {reason.concept}: {reason.wording}" for reason in score.strengths]
    lines += [f"Not known: {unknown}" for unknown in score.unknowns]
    lines += [f"To find out: {change.wording}" for change in score.would_change]
    lines += chronology_lines(score.chronology)
    return [*lines, *household_lines(score), score.caveat]


def score_text(score: "RiskScore") -> str:
    """Say a score as text.

    Parameters
    ----------
    score : RiskScore
    """
    return "\n".join(score_lines(score))


def score_html(score: "RiskScore") -> str:
    """Say a score as an HTML list, everything escaped.

    Parameters
    ----------
    score : RiskScore
    """
    items = "".join(f"<li>{html.escape(line)}</li>" for line in score_lines(score))
    return f"<ul style='max-width:60em'>{items}</ul>"
