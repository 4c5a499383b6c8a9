"""Features of the household as one: the child and its siblings, what was found and who told."""

from collections.abc import Iterator

from fs_risk.features.contact_features import SOURCES
from fs_risk.features.declare import (
    CRIMINAL,
    HEALTH,
    POLICE_NECESSITY,
    TRIO_NECESSITY,
    counts,
    share,
)
from fs_risk.features.harm_features import CONCEPT as HARM
from fs_risk.features.harm_features import NECESSITY as HARM_NECESSITY
from fs_risk.features.measures import Episode
from fs_risk.features.protection_features import PLANS
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.trio import OWN, WHO_WORDS

YEARS = 1_825
"""Look-back of shares, in days: as much of it as was observed."""

CONCEPT = "The household as a whole"
OUTSIDE = "Harm outside the home"
WHO_TELLS = "Who has told the service of the household"

HARM_WORDS = {
    "neglect": "neglect",
    "emotional_abuse": "emotional abuse",
    "physical_abuse": "physical abuse",
    "sexual_abuse": "sexual abuse",
}
"""Harms found, in words."""

NEED_WORDS = {
    "behaviour_child": (OWN, "a child's behaviour recorded as socially unacceptable"),
    "young_carer": (OWN, "a child caring for a family member"),
    "outside_home": (OUTSIDE, "exploitation, trafficking, gangs or going missing"),
    "other_need": (CONCEPT, "another need than those with a code of their own"),
}
"""Other needs found: concept and words."""

CATEGORY_WORDS = {
    "neglect": "neglect",
    "emotional": "emotional abuse",
    "physical": "physical abuse",
    "sexual": "sexual abuse",
    "multiple": "several categories",
}
"""Initial categories of plans, in words."""


def household_needs_features() -> Iterator[FeatureSpec]:
    """Declare how often the household came to notice, what was found there, and who told."""
    yield from _notice()
    yield from _needs()
    yield from _harms()
    yield from _plans()
    yield from _who_told()


def _notice() -> Iterator[FeatureSpec]:
    """Count days on which any of its children came to notice, each day once."""
    for stream, windows, noun, nouns in (
        ("contacts", (90, 365, 1_095), "contact", "contacts"),
        ("referrals", (90, 365, 1_095), "earlier referral", "earlier referrals"),
        ("assessments", (365, 1_095), "assessment", "assessments"),
        ("section47", (365, 1_095), "section 47 enquiry", "section 47 enquiries"),
        ("cp_plan_starts", (1_095,), "child protection plan", "child protection plans"),
    ):
        yield from counts(stream, windows, CONCEPT, noun, plural=nouns, whom="household")


def _needs() -> Iterator[FeatureSpec]:
    for stream, (concept, words) in {**WHO_WORDS, **NEED_WORDS}.items():
        words = words.replace("the child", "a child")
        yield _of_assessments(stream, concept, words, TRIO_NECESSITY, "any")


def _harms() -> Iterator[FeatureSpec]:
    """Leave out this episode's findings: they and the decision on a plan are one judgement."""
    for stream, words in HARM_WORDS.items():
        yield _of_assessments(stream, HARM, words, HARM_NECESSITY, "before")


def _of_assessments(
    stream: str, concept: str, words: str, necessity: str, episode: Episode
) -> FeatureSpec:
    return share(
        stream,
        "assessments_with_factors",
        YEARS,
        concept,
        words,
        "assessments of the household's children with factors",
        episode=episode,
        kind="worry",
        sensitivity=HEALTH,
        necessity=necessity,
    )


def _plans() -> Iterator[FeatureSpec]:
    plans = "child protection plans of the household's children"
    for category, words in CATEGORY_WORDS.items():
        yield share(
            f"cp_plan_starts_{category}", "cp_plan_starts", YEARS, PLANS, f"for {words}", plans
        )
    for whom, whose in (("child", "the child"), ("household", "the household's children")):
        yield share(
            "cp_plan_starts_after_earlier",
            "cp_plan_starts",
            YEARS,
            PLANS,
            "begun after an earlier plan",
            f"child protection plans of {whose}",
            whom="child" if whom == "child" else "household",
            kind="worry",
        )


def _who_told() -> Iterator[FeatureSpec]:
    for stream in ("contacts", "referrals"):
        for source, by in SOURCES.items():
            police = source == "police"
            yield share(
                f"{stream}_{source}",
                stream,
                YEARS,
                WHO_TELLS,
                f"made {by}",
                f"{stream} about the household",
                sensitivity=CRIMINAL if police else "",
                necessity=POLICE_NECESSITY if police else "",
            )
