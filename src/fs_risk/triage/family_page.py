"""A page for families: what was used, by whom, who decides, and how to challenge it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fs_risk.records.days_in_words import day_words
from fs_risk.triage.chronology import Chronology, Kind
from fs_risk.triage.display import SYNTHETIC
from fs_risk.triage.family_words import (
    ALWAYS_THE_CHILDS,
    CONCEPT_WORDS,
    KIND_WORDS,
    Facts,
    Section,
    child_sections,
    family_sections,
)
from fs_risk.triage.page_templates import filled, kept
from fs_risk.triage.said import in_words

if TYPE_CHECKING:
    from fs_risk.triage.risk_score import RiskScore

Reader = Literal["family", "child"]

OUTCOME_WORDS = {
    "cp_plan": "a child protection plan",
    "pre_proceedings": "legal meetings before going to court",
    "care": "a child coming into care",
    "step_up": "a child protection plan, legal meetings or care",
    "section47": "a check on possible harm to the child",
    "re_referral": "another referral",
    "step_down": "less help being needed",
    "sustained_closure": "no need for help again",
    "proceedings": "a case in court",
}
_TITLES = {
    "family": "How we used a computer tool after the referral about your child",
    "child": "How we used a computer when someone told us about you",
}
_WHOM = {"family": "your child", "child": "you"}
_TO_WRITE = re.compile(r"(\[to be written: [^\]]*\])")


def family_page(
    score: "RiskScore",
    path: str | Path | None = None,
    *,
    authority: str = "",
    contact: str = "",
    purpose: str = "",
    complaints: str = "",
    reader: Reader = "family",
    with_score: bool = False,
) -> str:
    """Make the page of `RiskScore.to_family_html`.

    Parameters
    ----------
    score : RiskScore
    path : str or Path, optional
    authority, contact, purpose, complaints : str
    reader : {"family", "child"}
    with_score : bool, default=False

    Returns
    -------
    str
        The page, everything that comes from data escaped.
    """
    facts = Facts(
        whom=_WHOM[reader],
        authority=_ending(authority) or "[to be written: the authority's name]",
        contact=_ending(contact) or "[to be written: phone, email and address]",
        purpose=_ending(purpose) or "[to be written: what the tool is used for]",
        complaints=_ending(complaints) or "[to be written: how to complain, and to whom]",
        model=f"{score.model.name}, version {score.model.version}",
        day=day_words(score.as_of),
        outcome=f"{OUTCOME_WORDS[score.outcome]} {_within(score.within_days)}",
        records=_records(score.chronology, _WHOM[reader]),
        not_held=_not_held(score.chronology, _WHOM[reader]),
        counted=_counted(score),
        result=_result(score) if with_score else "",
        has_score=score.probability is not None,
    )
    sections = child_sections(facts) if reader == "child" else family_sections(facts)
    content = {
        "synthetic": score.synthetic,
        "stamp": SYNTHETIC,
        "title": _TITLES[reader],
        "sections": [_parted(section) for section in sections],
        "to_write": sum(
            len(_TO_WRITE.findall(line))
            for section in sections
            for line in (*section.lines, *section.items, *section.after)
        ),
    }
    return kept(filled("family.html.j2", content), path)


def _ending(words: str) -> str:
    """Take what ends a sentence without its full stop."""
    return words.strip().rstrip(".")


def _within(days: int) -> str:
    months = round(days / 30.4375)
    return f"in the next {months} months" if months > 1 else f"in the next {days} days"


def _records(chronology: Chronology | None, whom: str) -> tuple[str, ...]:
    """Name the kinds of the child's own records, with their years."""
    if chronology is None:
        return ("[to be written: the kinds of records, and their years]",)
    years: dict[Kind, list[str]] = {}
    for entry in chronology.entries:
        years.setdefault("referral" if entry.kind == "closure" else entry.kind, []).append(
            entry.day[:4]
        )
    return tuple(
        f"{words.format(whom=whom)}: {_years(sorted(years[kind]))}"
        for kind, words in KIND_WORDS.items()
        if kind in years
    )


def _years(years: list[str]) -> str:
    if years[0] == years[-1]:
        return years[0]
    return f"{years[0]} to {years[-1]}"


def _not_held(chronology: Chronology | None, whom: str) -> tuple[str, ...]:
    if chronology is None:
        return ()
    named = [KIND_WORDS[kind].format(whom=whom) for kind in chronology.not_held]
    return tuple(words[0].lower() + words[1:] for words in named)


def _counted(score: "RiskScore") -> tuple[str, ...]:
    """Name the concepts behind the reasons that rest on the child's own facts alone."""
    own = [
        reason.concept
        for reason in score.reasons
        if reason.concept in ALWAYS_THE_CHILDS
        or (reason.evidence and all(fact.whom == "child" for fact in reason.evidence))
    ]
    return tuple(
        CONCEPT_WORDS[concept] for concept in dict.fromkeys(own) if concept in CONCEPT_WORDS
    )


def _result(score: "RiskScore") -> str:
    if score.probability is None:
        return ""
    said = in_words(score.probability)
    return (
        f"The result: of 1,000 referrals like this one, {said.removesuffix(' in 1,000')} were "
        f"followed by {OUTCOME_WORDS[score.outcome]} {_within(score.within_days)}."
    )


def _parted(section: Section) -> dict[str, object]:
    """Part each line at what is still to be written, so that the page can mark it."""

    def parts(lines: tuple[str, ...]) -> list[list[tuple[str, bool]]]:
        return [
            [(part, bool(_TO_WRITE.fullmatch(part))) for part in _TO_WRITE.split(line) if part]
            for line in lines
        ]

    return {
        "title": section.title,
        "lines": parts(section.lines),
        "items": parts(section.items),
        "after": parts(section.after),
    }
