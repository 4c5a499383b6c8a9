"""Features of the household and of the child's age."""

from collections.abc import Iterator

from fs_risk.features.declare import (
    AGE_NECESSITY,
    HEALTH,
    TRIO_NECESSITY,
    Kind,
    counts,
    days_since,
)
from fs_risk.features.declare_rhythm import weighted
from fs_risk.features.measures import Age, AgeKind, Siblings, SpellsOpen
from fs_risk.features.spec import FeatureSpec

CONCEPT = "Brothers and sisters"


def household_features() -> Iterator[FeatureSpec]:
    """Declare the features of siblings: each an explicit sum over them, never a maximum."""
    yield from _who()
    yield from _history()
    yield from _factors()
    yield from _open_now()


def _who() -> Iterator[FeatureSpec]:
    yield FeatureSpec(
        name="siblings_number",
        concept=CONCEPT,
        meaning="Brothers and sisters under 18 known to the service.",
        unit="children",
        kind="neutral",
        measure=Siblings("count"),
        present="{n} brothers and sisters known to the service",
        one="1 brother or sister known to the service",
        absent="no brother or sister known to the service",
        missing="brothers and sisters: not held by this return",
    )
    yield FeatureSpec(
        name="siblings_youngest_years",
        concept=CONCEPT,
        meaning="Age of the youngest brother or sister known; missing when there is none.",
        unit="years",
        kind="neutral",
        measure=Siblings("youngest_years"),
        present="the youngest brother or sister is {n} years old",
        one="the youngest brother or sister is 1 year old",
        absent="the youngest brother or sister is newborn",
        missing="no brother or sister known to the service",
        sensitivity="protected",
        necessity=AGE_NECESSITY,
    )
    for what, words, none in (
        ("under_1", "under one year old", "no brother or sister is under one year old"),
        ("unborn", "not yet born", "no unborn brother or sister is known"),
    ):
        yield FeatureSpec(
            name=f"siblings_{what}",
            concept=CONCEPT,
            meaning=f"Brothers and sisters {words} known to the service.",
            unit="children",
            kind="neutral",
            measure=Siblings("under_1" if what == "under_1" else "unborn"),
            present=f"{{n}} brothers and sisters are {words}",
            one=f"1 brother or sister is {words}",
            absent=none,
            missing=f"brothers and sisters {words}: not held by this return",
            sensitivity="protected",
            necessity=AGE_NECESSITY,
        )


def _history() -> Iterator[FeatureSpec]:
    for stream, windows, noun, nouns in (
        ("contacts", (365,), "contact", "contacts"),
        ("referrals", (365,), "earlier referral", "earlier referrals"),
        ("section47", (365,), "section 47 enquiry", "section 47 enquiries"),
        ("cp_plan_starts", (1_095,), "child protection plan", "child protection plans"),
        (
            "cp_plans_repeated",
            (1_825,),
            "child protection plan within two years of the end of another",
            "child protection plans within two years of the end of another",
        ),
        ("pre_proceedings", (1_825,), "time in pre-proceedings", "times in pre-proceedings"),
        ("care_starts", (1_825,), "time looked after", "times looked after"),
        ("missing", (365,), "missing episode", "missing episodes"),
        (
            "early_help_ends",
            (1_095,),
            "end of early help",
            "ends of early help",
        ),
    ):
        yield from counts(
            stream,
            windows,
            CONCEPT,
            noun,
            plural=nouns,
            kind="neutral" if stream == "early_help_ends" else "worry",
            service_use=stream == "early_help_ends",
            whom="siblings",
        )
    yield days_since("referrals", 1_095, CONCEPT, "earlier referral", whom="siblings")
    yield weighted("referrals", 365, 1_825, CONCEPT, "earlier referrals", whom="siblings")


def _factors() -> Iterator[FeatureSpec]:
    for stream, words in (
        ("domestic_abuse_household", "domestic abuse in the household"),
        ("substances_household", "alcohol or drug misuse by adults of the household"),
        ("mental_health_parent", "a parent's mental ill-health"),
    ):
        yield from counts(
            stream,
            (1_095,),
            CONCEPT,
            f"assessment that recorded {words}",
            plural=f"assessments that recorded {words}",
            whom="siblings",
            sensitivity=HEALTH,
            necessity=TRIO_NECESSITY,
        )


def _open_now() -> Iterator[FeatureSpec]:
    kind: Kind
    for name, stream, words, kind in (
        ("cp_plan", "cp_plan", "on a child protection plan", "worry"),
        ("pre_proceedings", "pre_proceedings_open", "in pre-proceedings", "worry"),
        ("care", "care", "looked after", "worry"),
        ("cin_plan", "cin_plan", "on a child in need plan", "neutral"),
        ("episode", "episode", "with an episode of need open", "neutral"),
        ("early_help", "early_help", "with early help open", "neutral"),
    ):
        yield FeatureSpec(
            name=f"siblings_{name}_open",
            concept=CONCEPT,
            meaning=f"Brothers and sisters {words} on the day, as far as known.",
            unit="number open",
            kind=kind,
            measure=SpellsOpen(stream, "siblings"),
            present=f"{{n}} brothers and sisters {words}",
            one=f"1 brother or sister {words}",
            absent=f"no brother or sister {words}",
            missing=f"brothers and sisters {words}: not held by this return",
            poverty_or_service_use=name in ("early_help", "cin_plan"),
        )


def child_features() -> Iterator[FeatureSpec]:
    """Declare the features of the child's age."""
    yield _age(
        "years",
        "Age on the day; missing before birth.",
        name="child_age_years",
        unit="years",
        present="the child is {n} years old",
        one="the child is 1 year old",
        absent="the child is newborn",
        missing="the child is unborn or has no date of birth",
    )
    yield _age(
        "unborn",
        "Whether the child is not yet born on the day.",
        present="the child is unborn",
        absent="the child is born",
        missing="the child has no date of birth",
    )
    yield _age(
        "under_1",
        "Whether the child is under one year old on the day.",
        present="the child is under one year old",
        absent="the child is one or older",
        missing="the child has no date of birth",
    )
    yield _age(
        "under_5",
        "Whether the child is under five years old on the day; 0 before birth.",
        present="the child is under five years old",
        absent="the child is not yet born, or five or older",
        missing="the child has no date of birth, so whether under five is not known",
    )
    yield _age(
        "teenager",
        "Whether the child is 13 or older on the day.",
        present="the child is 13 or older",
        absent="the child is under 13",
        missing="the child has no date of birth, so whether 13 or older is not known",
    )
    yield _age(
        "days_to_birth",
        "Days until the unborn child is expected; below zero when overdue; missing once born.",
        unit="days",
        present="the unborn child is expected in {n} days",
        one="the unborn child is expected in 1 day",
        below="the unborn child was expected {n} days before",
        one_below="the unborn child was expected 1 day before",
        absent="the unborn child is expected on the day",
        missing="the child is born or has no expected date of birth",
    )


def _age(
    what: AgeKind,
    meaning: str,
    *,
    present: str,
    absent: str,
    missing: str,
    one: str = "",
    below: str = "",
    one_below: str = "",
    name: str = "",
    unit: str = "1 or 0",
) -> FeatureSpec:
    """Declare one feature of the child's age."""
    return FeatureSpec(
        name=name or f"child_{what}",
        concept="The child's age",
        meaning=meaning,
        unit=unit,
        kind="neutral",
        measure=Age(what),
        present=present,
        one=one,
        below=below,
        one_below=one_below,
        absent=absent,
        missing=missing,
        sensitivity="protected",
        necessity=AGE_NECESSITY,
    )
