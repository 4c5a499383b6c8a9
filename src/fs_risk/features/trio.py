"""Features of the trio of vulnerabilities and other factors found at assessment."""

from collections.abc import Iterator
from itertools import combinations

from fs_risk.features.declare import (
    HEALTH,
    TRIO_NECESSITY,
    capital,
    counts,
    days_since,
    factor_states,
)
from fs_risk.features.declare_rhythm import distinct, weighted
from fs_risk.features.measures import (
    CURRENT_DAYS,
    FactorGroupsCurrent,
    FactorsTogether,
    FactorTrend,
    OnlySiblings,
)
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.streams import (
    DOMESTIC_ABUSE_HOUSEHOLD,
    SUBSTANCES_HOUSEHOLD,
    TRIO_FACTORS,
)

ABUSE = "Domestic abuse"
SUBSTANCES = "Parental substance misuse"
MENTAL_HEALTH = "Parental mental health"
OWN = "The child's own difficulties"
TOGETHER = "The trio together"

AREAS = {
    "domestic_abuse": (DOMESTIC_ABUSE_HOUSEHOLD, "domestic abuse"),
    "substances": (SUBSTANCES_HOUSEHOLD, "adult substance misuse"),
    "mental_health": (("4B",), "a parent's mental ill-health"),
}
"""The three areas: their factors and words."""

STREAM_WORDS = {
    "domestic_abuse_household": (ABUSE, "domestic abuse in the household"),
    "substances_household": (SUBSTANCES, "alcohol or drug misuse by adults of the household"),
    "mental_health_parent": (MENTAL_HEALTH, "a parent's mental ill-health"),
}
"""The streams of assessments with each area: concept and words."""

_OTHER = "another person in the household"

WHO_WORDS = {
    "domestic_abuse_parent": (ABUSE, "a parent subjected to domestic abuse"),
    "domestic_abuse_child": (ABUSE, "the child subjected to domestic abuse"),
    "domestic_abuse_other": (ABUSE, f"{_OTHER} subjected to domestic abuse"),
    "alcohol_parent": (SUBSTANCES, "alcohol misuse by a parent"),
    "alcohol_other": (SUBSTANCES, f"alcohol misuse by {_OTHER}"),
    "drugs_parent": (SUBSTANCES, "drug misuse by a parent"),
    "drugs_other": (SUBSTANCES, f"drug misuse by {_OTHER}"),
    "mental_health_parent": (MENTAL_HEALTH, "a parent's mental ill-health"),
    "mental_health_other": (MENTAL_HEALTH, f"mental ill-health of {_OTHER}"),
    "alcohol_child": (OWN, "alcohol misuse by the child"),
    "drugs_child": (OWN, "drug misuse by the child"),
    "mental_health_child": (OWN, "the child's mental ill-health or self-harm"),
}
"""Each area by whom it is about: concept and words."""

SUBSTANCE_WORDS = {
    "parent": (SUBSTANCES, "a parent"),
    "other": (SUBSTANCES, _OTHER),
    "child": (OWN, "the child"),
}
"""Whose alcohol and drug misuse are also taken together: concept and words."""

MONOTONE = ("alcohol_parent", "drugs_parent", "mental_health_parent", "substances_parent")
"""States that never lower a score; being subjected to domestic abuse is not among them."""

_SPECIAL = {"sensitivity": HEALTH, "necessity": TRIO_NECESSITY}


def trio_features() -> Iterator[FeatureSpec]:
    """Declare the states of each group of factors, how often and how recently, and together."""
    yield from _household()
    yield from _by_whom()
    yield from _own()
    yield from _how_often()
    yield from _together()
    yield from _in_siblings()


def _household() -> Iterator[FeatureSpec]:
    for stream, factors in (
        ("domestic_abuse_household", DOMESTIC_ABUSE_HOUSEHOLD),
        ("substances_household", SUBSTANCES_HOUSEHOLD),
    ):
        yield from factor_states(stream, STREAM_WORDS[stream][0], factors, STREAM_WORDS[stream][1])


def _by_whom() -> Iterator[FeatureSpec]:
    """Tell apart who: codes 3 name who was subjected to domestic abuse, never who did it."""
    for name, (concept, words) in WHO_WORDS.items():
        yield from factor_states(
            name, concept, TRIO_FACTORS[name], words, monotone=name in MONOTONE
        )
    for whom, (concept, words) in SUBSTANCE_WORDS.items():
        alcohol, drugs = TRIO_FACTORS[f"alcohol_{whom}"], TRIO_FACTORS[f"drugs_{whom}"]
        name = f"substances_{whom}"
        yield from factor_states(
            name,
            concept,
            (*alcohol, *drugs),
            f"alcohol or drug misuse by {words}",
            monotone=name in MONOTONE,
        )
        yield _both_substances(whom, concept, words, (alcohol, drugs))


def _both_substances(
    whom: str, concept: str, words: str, groups: tuple[tuple[str, ...], ...]
) -> FeatureSpec:
    both = f"alcohol and drug misuse by {words} together"
    return FeatureSpec(
        name=f"child_alcohol_and_drugs_{whom}_current_365d",
        concept=concept,
        meaning=f"{capital(both)}, on the latest assessment within a year.",
        unit="1 or 0",
        kind="worry",
        measure=FactorsTogether(groups, CURRENT_DAYS),
        present=f"{both} on the latest assessment (within a year)",
        absent=f"{both} not recorded on the latest assessment (within a year)",
        missing=f"{both}: not assessed in the last year, or factors missing",
        monotone=1 if whom == "parent" else 0,
        **_SPECIAL,  # type: ignore[arg-type]
    )


def _own() -> Iterator[FeatureSpec]:
    for name, code, words in (
        ("behaviour_child", "14A", "behaviour of the child recorded as socially unacceptable"),
        ("young_carer", "7A", "the child caring for a family member"),
    ):
        yield from factor_states(name, OWN, (code,), words)
    yield from factor_states(
        "outside_home",
        "Harm outside the home",
        ("10A", "11A", "12A", "13A", "24A"),
        "exploitation, trafficking, gangs or going missing",
    )


def _how_often() -> Iterator[FeatureSpec]:
    """Count and date the assessments with each area; for the three areas, also fading."""
    for stream, (concept, words) in {**STREAM_WORDS, **WHO_WORDS}.items():
        noun, nouns = f"assessment that recorded {words}", f"assessments that recorded {words}"
        yield from counts(
            stream,
            (1_095,),
            concept,
            noun,
            plural=nouns,
            sensitivity=HEALTH,
            necessity=TRIO_NECESSITY,
        )
        yield days_since(stream, 1_825, concept, noun, sensitivity=HEALTH, necessity=TRIO_NECESSITY)
        if stream in STREAM_WORDS:
            yield weighted(
                stream, 365, 1_825, concept, nouns, sensitivity=HEALTH, necessity=TRIO_NECESSITY
            )


def _together() -> Iterator[FeatureSpec]:
    groups = tuple(factors for factors, _ in AREAS.values())
    current = "on the latest assessment within a year"
    unknown = "not assessed in the last year, or factors missing"
    yield FeatureSpec(
        name="child_trio_areas_current_365d",
        concept=TOGETHER,
        meaning="How many of domestic abuse, adult substance misuse and a parent's mental "
        f"ill-health are {current}.",
        unit="0 to 3",
        kind="worry",
        measure=FactorGroupsCurrent(groups, CURRENT_DAYS),
        present="{n} of the trio of vulnerabilities on the latest assessment",
        absent="none of the trio of vulnerabilities on the latest assessment",
        missing=f"trio of vulnerabilities: {unknown}",
        **_SPECIAL,  # type: ignore[arg-type]
    )
    for size in (2, 3):
        for names in combinations(AREAS, size):
            words = " and ".join(AREAS[name][1] for name in names)
            what = "trio_all" if size == 3 else "_and_".join(names)
            yield FeatureSpec(
                name=f"child_{what}_current_365d",
                concept=TOGETHER,
                meaning=f"Whether {words} are together {current}.",
                unit="1 or 0",
                kind="worry",
                measure=FactorsTogether(tuple(AREAS[name][0] for name in names), CURRENT_DAYS),
                present=f"{words} together {current}",
                absent=f"{words} not together {current}",
                missing=f"{words} together: {unknown}",
                **_SPECIAL,  # type: ignore[arg-type]
            )
    yield FeatureSpec(
        name="child_trio_trend_1095d",
        concept=TOGETHER,
        meaning="Areas of the trio on the latest assessment, less those on the one before it; "
        "missing with fewer than two in the last three years.",
        unit="areas",
        kind="worry",
        measure=FactorTrend(groups, 1_095),
        present="{n} more of the trio of vulnerabilities than on the assessment before",
        below="{n} fewer of the trio of vulnerabilities than on the assessment before",
        absent="as many of the trio of vulnerabilities as on the assessment before",
        missing="trend of the trio: fewer than two assessments with factors in the last three "
        "years",
        **_SPECIAL,  # type: ignore[arg-type]
    )


def _in_siblings() -> Iterator[FeatureSpec]:
    yield distinct(
        "trio_areas",
        tuple(STREAM_WORDS),
        1_095,
        TOGETHER,
        "areas of the trio on assessments of brothers and sisters",
        whom="siblings",
        sensitivity=HEALTH,
        necessity=TRIO_NECESSITY,
    )
    for stream, (concept, words) in STREAM_WORDS.items():
        yield FeatureSpec(
            name=f"siblings_only_{stream}_1095d",
            concept=concept,
            meaning=f"Whether {words} is on an assessment of a brother or sister in the last "
            "three years and on none of the child's own.",
            unit="1 or 0",
            kind="worry",
            measure=OnlySiblings(stream, 1_095),
            present=f"{words} on an assessment of a brother or sister, none of the child's own",
            absent=f"{words} not on assessments of brothers and sisters alone",
            missing=f"{words} by whose assessment: not known for the whole of the last three years",
            **_SPECIAL,  # type: ignore[arg-type]
        )
