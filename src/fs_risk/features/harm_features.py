"""Features of neglect and abuse found at assessment, those of the current episode set apart.

For an open case the current episode's assessment and the decision on a plan are one
judgement: what it found of neglect or abuse (factors 16A to 19C) would hand the
outcome to the model. It therefore has features of its own, which are left out of
models of that decision; all others read earlier episodes only.
"""

from collections.abc import Iterator

from fs_risk.features.declare import HEALTH
from fs_risk.features.measures import CURRENT_DAYS, EpisodeFactor, FactorTimes
from fs_risk.features.spec import FeatureSpec

CONCEPT = "Neglect and abuse assessed before"
CURRENT_CONCEPT = "Neglect and abuse assessed in this episode"

HARMS = {
    "neglect": (("16A",), "neglect"),
    "abuse": (
        ("17A", "18A", "18B", "18C", "19A", "19B", "19C"),
        "emotional, physical or sexual abuse",
    ),
}
"""Factors and words of each harm."""

SAME_DECISION = ("cp_plan", "step_up")
"""Outcomes decided by the assessment that records these factors."""

NECESSITY = "What was found at an earlier assessment is the service's own finding of harm."


def harm_features() -> Iterator[FeatureSpec]:
    """Declare states of neglect and abuse before this episode, how often, and in this episode."""
    for name, (factors, words) in HARMS.items():
        yield from _before(name, factors, words)
    for name, (factors, words) in HARMS.items():
        yield _times(name, factors, words)
    for name, (factors, words) in HARMS.items():
        yield _in_this_episode(name, factors, words)


def _before(name: str, factors: tuple[str, ...], words: str) -> Iterator[FeatureSpec]:
    yield FeatureSpec(
        name=f"child_{name}_current_365d",
        concept=CONCEPT,
        meaning=f"{words.capitalize()}, on the latest assessment within a year, of those "
        "before this episode.",
        unit="1 or 0",
        kind="worry",
        measure=EpisodeFactor(factors, "before", "current", CURRENT_DAYS),
        present=f"{words} on the latest earlier assessment (within a year)",
        absent=f"{words} not recorded on the latest earlier assessment (within a year)",
        missing=f"{words}: not assessed before in the last year, or factors missing",
        sensitivity=HEALTH,
        necessity=NECESSITY,
    )
    yield FeatureSpec(
        name=f"child_{name}_earlier_1095d",
        concept=CONCEPT,
        meaning=f"{words.capitalize()}, only on an assessment before the latest of those before "
        "this episode, or over a year ago, within three years.",
        unit="1 or 0",
        kind="neutral",
        measure=EpisodeFactor(factors, "before", "earlier", 1_095),
        present=f"{words} on an earlier assessment, not on the latest within a year",
        absent=f"{words} not on an earlier assessment alone",
        missing=f"{words}: not assessed before in the last three years, or factors missing",
        sensitivity=HEALTH,
        necessity=NECESSITY,
    )


def _times(name: str, factors: tuple[str, ...], words: str) -> FeatureSpec:
    last = "in the last three years, before this episode"
    return FeatureSpec(
        name=f"child_{name}_1095d",
        concept=CONCEPT,
        meaning=f"Assessments that recorded {words} {last}; several of one day count as one.",
        unit="days with an assessment",
        kind="worry",
        measure=FactorTimes(factors, 1_095),
        present=f"{{n}} assessments that recorded {words} {last}",
        one=f"1 assessment that recorded {words} {last}",
        absent=f"no assessment that recorded {words} {last}",
        missing=f"assessments that recorded {words}: not assessed before in the last three years, "
        "or factors missing",
        sensitivity=HEALTH,
        necessity=NECESSITY,
    )


def _in_this_episode(name: str, factors: tuple[str, ...], words: str) -> FeatureSpec:
    return FeatureSpec(
        name=f"child_{name}_this_episode_365d",
        concept=CURRENT_CONCEPT,
        meaning=f"{words.capitalize()}, on the latest assessment of the current episode; missing "
        "for a new referral, whose episode has no assessment yet.",
        unit="1 or 0",
        kind="worry",
        measure=EpisodeFactor(factors, "this", "current", CURRENT_DAYS),
        present=f"{words} on the latest assessment of this episode",
        absent=f"{words} not recorded on the latest assessment of this episode",
        missing=f"{words}: not assessed in this episode, or factors missing",
        sensitivity=HEALTH,
        necessity="What the open episode's own assessment found; left out where it is the "
        "outcome's own decision.",
        not_for=SAME_DECISION,
    )
