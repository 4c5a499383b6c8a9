"""Features of the trio of vulnerabilities and other factors found at assessment."""

from collections.abc import Iterator
from itertools import combinations

from fs_risk.features.declare import HEALTH, TRIO_NECESSITY, counts, days_since, factor_states
from fs_risk.features.declare_rhythm import distinct, weighted
from fs_risk.features.measures import (
    CURRENT_DAYS,
    FactorGroupsCurrent,
    FactorsTogether,
    FactorTrend,
    OnlySiblings,
)
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.streams import DOMESTIC_ABUSE_HOUSEHOLD, SUBSTANCES_HOUSEHOLD

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
    for name, concept, code, words in (
        ("alcohol_parent", SUBSTANCES, "1B", "parental alcohol misuse"),
        ("drugs_parent", SUBSTANCES, "2B", "parental drug misuse"),
        ("mental_health_parent", MENTAL_HEALTH, "4B", "a parent's mental ill-health"),
    ):
        yield from factor_states(name, concept, (code,), words, monotone=True)


def _by_whom() -> Iterator[FeatureSpec]:
    """Tell apart who: codes 3 name who was subjected to domestic abuse, never who did it."""
    other = "another person in the household"
    for name, concept, codes, words in (
        ("domestic_abuse_parent", ABUSE, ("3B",), "a parent subjected to domestic abuse"),
        ("domestic_abuse_child", ABUSE, ("3A",), "the child subjected to domestic abuse"),
        ("domestic_abuse_other", ABUSE, ("3C",), f"{other} subjected to domestic abuse"),
        ("alcohol_other", SUBSTANCES, ("1C",), f"alcohol misuse by {other}"),
        ("drugs_other", SUBSTANCES, ("2C",), f"drug misuse by {other}"),
        ("substances_parent", SUBSTANCES, ("1B", "2B"), "alcohol or drug misuse by a parent"),
        ("mental_health_other", MENTAL_HEALTH, ("4C",), f"mental ill-health of {other}"),
    ):
        yield from factor_states(name, concept, codes, words, earlier=False)


def _own() -> Iterator[FeatureSpec]:
    yield from factor_states(
        "substances_child", OWN, ("1A", "2A"), "alcohol or drug misuse by the child"
    )
    yield from factor_states(
        "mental_health_child", OWN, ("4A", "15A"), "the child's mental health or self-harm"
    )
    for name, code, words in (
        ("alcohol_child", "1A", "alcohol misuse by the child"),
        ("drugs_child", "2A", "drug misuse by the child"),
        ("behaviour_child", "14A", "socially unacceptable behaviour of the child"),
        ("young_carer", "7A", "caring for a family member"),
    ):
        yield from factor_states(name, OWN, (code,), words, earlier=False)
    yield from factor_states(
        "outside_home",
        "Harm outside the home",
        ("10A", "11A", "12A", "13A", "24A"),
        "exploitation, gangs or going missing",
    )


def _how_often() -> Iterator[FeatureSpec]:
    for stream, (concept, words) in STREAM_WORDS.items():
        noun, nouns = f"assessment with {words}", f"assessments with {words}"
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
        yield weighted(
            stream, 365, 1_825, concept, nouns, sensitivity=HEALTH, necessity=TRIO_NECESSITY
        )


def _together() -> Iterator[FeatureSpec]:
    groups = tuple(factors for factors, _ in AREAS.values())
    current = "on the latest assessment within 365 days"
    unknown = "not assessed in the last 365 days, or factors missing"
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
        "missing with fewer than two in the last 1,095 days.",
        unit="areas",
        kind="worry",
        measure=FactorTrend(groups, 1_095),
        present="{n} more of the trio of vulnerabilities than on the assessment before",
        below="{n} fewer of the trio of vulnerabilities than on the assessment before",
        absent="as many of the trio of vulnerabilities as on the assessment before",
        missing="trend of the trio: fewer than two assessments with factors in the last 1,095 days",
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
            "1,095 days and on none of the child's own.",
            unit="1 or 0",
            kind="worry",
            measure=OnlySiblings(stream, 1_095),
            present=f"{words} on an assessment of a brother or sister, none of the child's own",
            absent=f"{words} not on assessments of brothers and sisters alone",
            missing=f"{words} by whose assessment: not known for the whole of the last 1,095 days",
            **_SPECIAL,  # type: ignore[arg-type]
        )
