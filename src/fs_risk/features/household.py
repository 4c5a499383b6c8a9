"""Features of the household, of the child's age, and of the referral itself."""

from collections.abc import Iterator

from fs_risk.features.declare import AGE_NECESSITY, HEALTH, TRIO_NECESSITY, counts
from fs_risk.features.measures import Age, DeclaredSource, Siblings, SpellsOpen
from fs_risk.features.spec import FeatureSpec
from fs_risk.records.codes import SOURCE_GROUPS


def household_features() -> Iterator[FeatureSpec]:
    """Declare the features of siblings, of the child's age, and of who refers."""
    yield from _household()
    yield from _child()
    yield from _this_referral()


def _household() -> Iterator[FeatureSpec]:
    concept = "Brothers and sisters"
    yield FeatureSpec(
        name="siblings_number",
        concept=concept,
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
        concept=concept,
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
    yield from counts("referrals", (365,), concept, "earlier referral", whom="siblings")
    yield from counts(
        "section47",
        (365,),
        concept,
        "section 47 enquiry",
        plural="section 47 enquiries",
        whom="siblings",
    )
    yield from counts("cp_plan_starts", (1_095,), concept, "child protection plan", whom="siblings")
    yield from counts(
        "care_starts",
        (1_825,),
        concept,
        "time looked after",
        plural="times looked after",
        whom="siblings",
    )
    for stream, words in (
        ("substances_household", "alcohol or drug misuse by adults of the household"),
        ("mental_health_parent", "a parent's mental ill-health"),
    ):
        yield from counts(
            stream,
            (1_095,),
            concept,
            f"assessment with {words}",
            plural=f"assessments with {words}",
            whom="siblings",
            sensitivity=HEALTH,
            necessity=TRIO_NECESSITY,
        )
    yield FeatureSpec(
        name="siblings_cp_plan_open",
        concept=concept,
        meaning="Brothers and sisters on a child protection plan on the day, as far as known.",
        unit="plans open",
        kind="worry",
        measure=SpellsOpen("cp_plan", "siblings"),
        present="{n} brothers and sisters on a child protection plan",
        one="1 brother or sister on a child protection plan",
        absent="no brother or sister on a child protection plan",
        missing="brothers' and sisters' plans: not held by this return",
    )


def _child() -> Iterator[FeatureSpec]:
    concept = "The child's age"
    shared = {"concept": concept, "sensitivity": "protected", "necessity": AGE_NECESSITY}
    yield FeatureSpec(
        name="child_age_years",
        meaning="Age on the day; missing before birth.",
        unit="years",
        kind="neutral",
        measure=Age("years"),
        present="the child is {n} years old",
        one="the child is 1 year old",
        absent="the child is newborn",
        missing="the child is unborn or has no date of birth",
        **shared,  # type: ignore[arg-type]
    )
    yield FeatureSpec(
        name="child_unborn",
        meaning="Whether the child is not yet born on the day.",
        unit="1 or 0",
        kind="neutral",
        measure=Age("unborn"),
        present="the child is unborn",
        absent="the child is born",
        missing="the child has no date of birth",
        **shared,  # type: ignore[arg-type]
    )
    yield FeatureSpec(
        name="child_under_1",
        meaning="Whether the child is under one year old on the day.",
        unit="1 or 0",
        kind="neutral",
        measure=Age("under_1"),
        present="the child is under one year old",
        absent="the child is one or older",
        missing="the child has no date of birth",
        **shared,  # type: ignore[arg-type]
    )


def _this_referral() -> Iterator[FeatureSpec]:
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
        )
