"""A score's history as one page for the screen or a printer; the score itself only if asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import day_words
from fs_risk.triage.chronology import Chronology
from fs_risk.triage.chronology_drawing import chronology_svg
from fs_risk.triage.chronology_words import (
    gap_words,
    held_lines,
    late_words,
    nothing_words,
    repeat_words,
    spell_words,
)
from fs_risk.triage.display import SYNTHETIC
from fs_risk.triage.household_member import HouseholdMember
from fs_risk.triage.page_templates import filled, kept
from fs_risk.triage.reasons import Reason

if TYPE_CHECKING:
    from fs_risk.triage.risk_score import RiskScore

LEFT_OUT = (
    "The score is left out of this page, so that the history is read first. Nothing here says "
    "what to decide, and no referral may be closed, deferred or refused because of it."
)
LEGEND = (
    "Dot: an entry. Open square: a case closed. Bar: how long it lasted; arrow: not known to have "
    "ended. Ring: a repeat. Diamond: an assessment recorded it; small open one: it did not; "
    "question mark: its factors are missing. Shaded: a year or more with nothing recorded and no "
    "case open. Dashes: not observed."
)
DATES_SAID = 3


def score_page(
    score: "RiskScore", path: str | Path | None = None, *, with_score: bool = False
) -> str:
    """Make the page of `RiskScore.to_html`.

    Parameters
    ----------
    score : RiskScore
    path : str or Path, optional
    with_score : bool, default=False

    Returns
    -------
    str
        The page, everything that comes from data escaped.
    """
    return kept(filled("score.html.j2", page_content(score, with_score=with_score)), path)


def page_content(score: "RiskScore", *, with_score: bool) -> dict[str, Any]:
    """Give what the page says.

    Parameters
    ----------
    score : RiskScore
    with_score : bool

    Returns
    -------
    dict
    """
    about = "Study output" if score.referral_id is None else f"Referral {score.referral_id}"
    whom = "" if score.child_id is None else f"Child {score.child_id}. "
    return {
        "synthetic": score.synthetic,
        "stamp": SYNTHETIC,
        "title": f"{about}, {day_words(score.as_of)}",
        "subtitle": f"{whom}Summary of what was recorded before that day.",
        "caveat": score.caveat,
        "code": score.code,
        "code_meaning": score.code_meaning,
        "said": _said(score) if with_score else [],
        "left_out": LEFT_OUT,
        "chronology": score.chronology and _chronology(score.chronology),
        "reasons_title": "What raises and what lowers the score"
        if with_score
        else "Worries beside strengths",
        "worries": [_reason(reason) for reason in score.worries],
        "strengths": [_reason(reason) for reason in score.strengths],
        "unknowns": [f"{_upper(unknown)}." for unknown in score.unknowns],
        "would_change": _would_change(score, with_score=with_score),
        "household_said": score.household_said,
        "household": _household(score, with_score=with_score),
        "footer": _footer(score),
    }


def _said(score: "RiskScore") -> list[str]:
    """Say the score and its limits, as `score_text` does."""
    lines = [said for said in (score.said, score.interval_said, score.similar_said) if said]
    if score.band is not None:
        lines.append(f"Band: {score.band.name}. {score.band.meaning}")
    return lines + [score.outside] * bool(score.outside)


def _chronology(chronology: Chronology) -> dict[str, Any]:
    return {
        "day": day_words(chronology.as_of),
        "svg": chronology_svg(chronology),
        "legend": LEGEND,
        "gaps": [gap_words(gap) for gap in chronology.gaps],
        "nothing": nothing_words(chronology),
        "held": held_lines(chronology),
        "rows": [
            {
                "iso": entry.day,
                "day": day_words(entry.day, short=True),
                "what": entry.what + spell_words(entry),
                "trio": "; ".join(entry.trio),
                "repeat": repeat_words(entry),
                "late": late_words(entry),
            }
            for entry in reversed(chronology.entries)
        ],
    }


def _reason(reason: Reason) -> dict[str, str]:
    """Say a reason with its latest days; a sibling's day is not said to be the child's."""
    own = sorted({fact.day for fact in reason.evidence if fact.whom == "child"}, reverse=True)
    said = ", ".join(day_words(day, short=True) for day in own[:DATES_SAID])
    more = len(own) - DATES_SAID
    return {
        "concept": reason.concept,
        "wording": reason.wording,
        "dates": said + (f" and on {count_of(more, 'other day')}" if more > 0 else ""),
    }


def _would_change(score: "RiskScore", *, with_score: bool) -> list[str]:
    """Say what could be newly learned; without the score only what to find out."""
    if with_score:
        return [change.wording for change in score.would_change]
    return [f"{change.concept}: {change.known}." for change in score.would_change]


def _household(score: "RiskScore", *, with_score: bool) -> list[str]:
    """Say each other child; what being outside the bands does not mean, once for all of them."""
    lines = [member_words(member, with_score=with_score) for member in score.household]
    outside = dict.fromkeys(member.outside for member in score.household if member.outside)
    return lines + list(outside) * with_score


def member_words(member: HouseholdMember, *, with_score: bool) -> str:
    """Say what moves the score of another child of the household, the score only if asked for.

    Parameters
    ----------
    member : HouseholdMember
    with_score : bool

    Returns
    -------
    str
    """
    whose = "Study output" if member.child_id is None else f"Child {member.child_id}"
    lines = [f"{whose}, {member.age}."]
    if member.code is not None:
        return " ".join([*lines, f"No score: {member.code_meaning}"])
    if with_score:
        lines += [member.said]
        lines += [f"Band: {member.band.name}." if member.band else "Outside the bands."]
    for name, reasons in (("Shared", member.shared), ("Own", member.own)):
        said = [f"{reason.direction}: {reason.concept}" for reason in reasons]
        lines += [f"{name}: {'; '.join(said)}."] * bool(said)
    return " ".join(lines)


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _footer(score: "RiskScore") -> str:
    model = score.model
    return (
        f"Score {score.score_id}, model {model.name} {model.version}, plan {model.plan}, fitted on "
        f"{'invented' if score.synthetic else 'real'} records."
    )
