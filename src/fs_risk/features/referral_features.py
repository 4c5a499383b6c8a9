"""Features of earlier referrals: repeats, what came of them, and who makes this one."""

from collections.abc import Iterator

from fs_risk.features.declare import (
    CRIMINAL,
    POLICE_NECESSITY,
    counts,
    days_since,
    last_days,
    spells,
)
from fs_risk.features.declare_rhythm import (
    change,
    count_since,
    days_open,
    distinct,
    gap,
    since_first,
    weighted,
)
from fs_risk.features.measures import DeclaredSource, FurthestStep, StepChange
from fs_risk.features.spec import FeatureSpec
from fs_risk.records.codes import SOURCE_GROUPS

CONCEPT = "Earlier referrals"
STEPS_CONCEPT = "How far earlier work went"

STEPS = {
    "referrals": "a referral",
    "referrals_accepted": "a referral that was taken up",
    "section47": "a section 47 enquiry",
    "cp_plan_starts": "a child protection plan",
    "pre_proceedings": "pre-proceedings",
    "care_starts": "being looked after",
}
"""Streams in the order in which work goes further, with their words."""


def referral_features() -> Iterator[FeatureSpec]:
    """Declare the features of earlier referrals and of how far the work went."""
    yield from counts("referrals", (90, 180, 365, 730, 1_095), CONCEPT, "earlier referral")
    yield from _counted(
        "referrals_police",
        (1_095,),
        "by the police",
        sensitivity=CRIMINAL,
        necessity=POLICE_NECESSITY,
    )
    yield from _counted("referrals_nfa", (365, 730), "with no further action")
    yield from counts(
        "closures_after_assessment",
        (730,),
        CONCEPT,
        "episode closed after assessment",
        plural="episodes closed after assessment",
        kind="neutral",
    )
    yield days_since("referrals", 1_095, CONCEPT, "earlier referral")
    yield days_since("referral_closures", 1_095, CONCEPT, "closure", kind="neutral")
    yield from _repeats()
    yield from _rhythm()
    yield from spells("episode", CONCEPT, "earlier episode of need", article="an")
    yield from days_open("episode", 1_095, CONCEPT, "with an episode of need open")
    yield from _steps()


def _counted(
    stream: str,
    windows: tuple[int, ...],
    words: str,
    *,
    sensitivity: str = "",
    necessity: str = "",
) -> Iterator[FeatureSpec]:
    yield from counts(
        stream,
        windows,
        CONCEPT,
        f"earlier referral {words}",
        plural=f"earlier referrals {words}",
        sensitivity=sensitivity,
        necessity=necessity,
    )


def _repeats() -> Iterator[FeatureSpec]:
    yield from _counted("referrals_again", (1_095,), "within 12 months of another")
    yield from _counted(
        "referrals_after_nfa", (1_095,), "within 12 months of one with no further action"
    )
    yield from _counted("referrals_after_closure", (1_095,), "within 12 months of a closure")
    yield from _counted("referrals_soon_after_closure", (1_095,), "within 90 days of a closure")
    yield count_since(
        "referrals_nfa_run",
        "referrals_nfa",
        ("referrals_accepted",),
        1_095,
        CONCEPT,
        "referral with no further action since one was last taken up",
        "referrals with no further action since one was last taken up",
    )


def _rhythm() -> Iterator[FeatureSpec]:
    yield weighted("referrals", 365, 1_825, CONCEPT, "earlier referrals")
    yield change("referrals", 365, CONCEPT, "earlier referral", "earlier referrals")
    yield gap("referrals", "mean", 1_825, CONCEPT, "referral", "earlier referrals")
    yield since_first("referrals", 1_825, CONCEPT, "earlier referral")
    yield days_since("referrals_nfa", 1_095, CONCEPT, "referral with no further action")
    yield distinct(
        "referral_sources",
        tuple(f"referrals_{source}" for source in SOURCE_GROUPS),
        1_095,
        CONCEPT,
        "kinds of people who referred the child",
    )


def _steps() -> Iterator[FeatureSpec]:
    streams = tuple(STEPS)
    for days in (365, 1_825):
        last = last_days(days)
        yield FeatureSpec(
            name=f"child_furthest_step_{days}d",
            concept=STEPS_CONCEPT,
            meaning=f"The furthest step {last}: {', '.join(STEPS.values())}.",
            unit=f"0 to {len(STEPS)}, in that order",
            kind="worry",
            measure=FurthestStep(streams, days),
            present=f"furthest step {last}: step {{n}}",
            levels=tuple(f"furthest step {last}: {words}" for words in STEPS.values()),
            absent=f"no referral or later step {last}",
            missing=f"furthest step {last}: not known for the whole of that time",
        )
    yield FeatureSpec(
        name="child_step_change_1095d",
        concept=STEPS_CONCEPT,
        meaning="The furthest step in the last year, less that in the two years before.",
        unit="steps",
        kind="worry",
        measure=StepChange(streams, 365, 1_095),
        present="work went {n} steps further in the last year than in the two years before",
        one="work went one step further in the last year than in the two years before",
        below="work went {n} steps less far in the last year than in the two years before",
        one_below="work went one step less far in the last year than in the two years before",
        absent="work went as far in the last year as in the two years before",
        missing="change in how far work went: not known for the whole of that time",
    )


def this_referral() -> Iterator[FeatureSpec]:
    """Declare what the referral being scored says of who made it."""
    for group, words in (
        ("police", "the police"),
        ("school", "a school or education service"),
        ("health", "a health service"),
        ("individual", "family, the child or the public"),
        ("local_authority", "another part of a local authority"),
    ):
        yield FeatureSpec(
            name=f"referral_source_{group}",
            concept="Who made this referral",
            meaning=f"Whether this referral was made by {words}.",
            unit="1 or 0",
            kind="neutral",
            measure=DeclaredSource(SOURCE_GROUPS[group]),
            present=f"this referral was made by {words}",
            absent=f"this referral was not made by {words}",
            missing="who made this referral is not recorded",
            sensitivity=CRIMINAL if group == "police" else "",
            necessity=POLICE_NECESSITY if group == "police" else "",
        )
