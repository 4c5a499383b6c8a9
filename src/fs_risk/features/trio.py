"""Features of the trio of vulnerabilities and other factors found at assessment."""

from collections.abc import Iterator

from fs_risk.features.declare import HEALTH, TRIO_NECESSITY, counts, factor_states
from fs_risk.features.measures import CURRENT_DAYS, FactorGroupsCurrent
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.streams import DOMESTIC_ABUSE_HOUSEHOLD, SUBSTANCES_HOUSEHOLD


def trio_features() -> Iterator[FeatureSpec]:
    """Declare the states of each group of factors, and how often it was assessed."""
    yield from factor_states(
        "domestic_abuse_household",
        "Domestic abuse",
        DOMESTIC_ABUSE_HOUSEHOLD,
        "domestic abuse in the household",
    )
    yield from factor_states(
        "alcohol_parent",
        "Parental substance misuse",
        ("1B",),
        "parental alcohol misuse",
        monotone=True,
    )
    yield from factor_states(
        "drugs_parent", "Parental substance misuse", ("2B",), "parental drug misuse", monotone=True
    )
    yield from factor_states(
        "substances_household",
        "Parental substance misuse",
        SUBSTANCES_HOUSEHOLD,
        "alcohol or drug misuse by adults of the household",
    )
    yield from factor_states(
        "mental_health_parent",
        "Parental mental health",
        ("4B",),
        "a parent's mental ill-health",
        monotone=True,
    )
    yield from factor_states(
        "substances_child",
        "The child's own difficulties",
        ("1A", "2A"),
        "alcohol or drug misuse by the child",
    )
    yield from factor_states(
        "mental_health_child",
        "The child's own difficulties",
        ("4A", "15A"),
        "the child's mental health or self-harm",
    )
    yield from factor_states(
        "outside_home",
        "Harm outside the home",
        ("10A", "11A", "12A", "13A", "24A"),
        "exploitation, gangs or going missing",
    )
    yield from factor_states("neglect", "Neglect and abuse assessed before", ("16A",), "neglect")
    yield from factor_states(
        "abuse",
        "Neglect and abuse assessed before",
        ("17A", "18A", "18B", "18C", "19A", "19B", "19C"),
        "emotional, physical or sexual abuse",
    )
    yield FeatureSpec(
        name="child_trio_areas_current_365d",
        concept="The trio together",
        meaning="How many of domestic abuse, adult substance misuse and a parent's mental "
        "ill-health are on the latest assessment within 365 days.",
        unit="0 to 3",
        kind="worry",
        measure=FactorGroupsCurrent(
            (DOMESTIC_ABUSE_HOUSEHOLD, SUBSTANCES_HOUSEHOLD, ("4B",)), CURRENT_DAYS
        ),
        present="{n} of the trio of vulnerabilities on the latest assessment",
        absent="none of the trio of vulnerabilities on the latest assessment",
        missing="trio of vulnerabilities: not assessed in the last 365 days, or factors missing",
        sensitivity=HEALTH,
        necessity=TRIO_NECESSITY,
    )
    for stream, concept, words in (
        ("domestic_abuse_household", "Domestic abuse", "domestic abuse in the household"),
        (
            "substances_household",
            "Parental substance misuse",
            "alcohol or drug misuse by adults of the household",
        ),
        ("mental_health_parent", "Parental mental health", "a parent's mental ill-health"),
        ("neglect", "Neglect and abuse assessed before", "neglect"),
    ):
        yield from counts(
            stream,
            (1_095,),
            concept,
            f"assessment with {words}",
            plural=f"assessments with {words}",
            sensitivity=HEALTH,
            necessity=TRIO_NECESSITY,
        )
