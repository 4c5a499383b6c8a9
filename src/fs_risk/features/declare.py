"""Declaring features of one kind: the same words and rules for every window and stream."""

from collections.abc import Iterator
from typing import Literal

from fs_risk.features.measures import (
    CURRENT_DAYS,
    Count,
    DaysSince,
    Episode,
    FactorState,
    Share,
    SpellDays,
    SpellsOpen,
    Whom,
)
from fs_risk.features.spec import FeatureSpec

Kind = Literal["worry", "strength", "neutral"]

HEALTH = "special"
TRIO_NECESSITY = (
    "The trio of vulnerabilities is what the service assesses and works with; without it the "
    "score would rest on contact history alone."
)
AGE_NECESSITY = "Risk of harm differs by age, most of all for infants and the unborn."

CRIMINAL = "criminal"
POLICE_NECESSITY = (
    "Most domestic abuse reaches the front door through the police; without their contacts and "
    "referrals the score would not know how often."
)

NOT_OBSERVED = "not known for the whole of that time"


_IN_YEARS = {365: "year", 730: "two years", 1_095: "three years", 1_825: "five years"}


def capital(words: str) -> str:
    """Begin a sentence with some words, leaving names within them as they are."""
    return words[:1].upper() + words[1:]


def last_days(days: int) -> str:
    """Say a look-back: in years where it is one of whole years."""
    return f"in the last {_IN_YEARS.get(days, f'{days:,} days')}"


def as_long(days: int) -> str:
    """Say a time as long as a look-back."""
    return f"the {_IN_YEARS.get(days, f'{days:,} days')}"


def whose(whom: Whom) -> str:
    """Say whose facts they are, where not the child's own."""
    theirs = {
        "siblings": " for brothers and sisters",
        "household": " about the household's children",
    }
    return theirs.get(whom, "")


def counts(
    stream: str,
    windows: tuple[int, ...],
    concept: str,
    noun: str,
    *,
    plural: str = "",
    kind: Kind = "worry",
    monotone: Literal[-1, 0, 1] = 0,
    whom: Whom = "child",
    service_use: bool = False,
    sensitivity: str = "",
    necessity: str = "",
) -> Iterator[FeatureSpec]:
    """Declare counts of one stream over several windows."""
    one, nouns = f"{noun}{whose(whom)}", f"{plural or f'{noun}s'}{whose(whom)}"
    for days in windows:
        last = last_days(days)
        yield FeatureSpec(
            name=f"{whom}_{stream}_{days}d",
            concept=concept,
            meaning=f"{capital(nouns)} {last}; several of one day count as one.",
            unit="days with an event",
            kind=kind,
            measure=Count(stream, days, whom),
            present=f"{{n}} {nouns} {last}",
            absent=f"no {one} {last}",
            one=f"1 {one} {last}",
            missing=f"{nouns} {last}: {NOT_OBSERVED}",
            monotone=monotone,
            sensitivity=sensitivity,
            necessity=necessity,
            poverty_or_service_use=service_use,
        )


def share(
    stream: str,
    of: str,
    days: int,
    concept: str,
    words: str,
    wholes: str,
    *,
    whom: Whom = "household",
    episode: Episode = "any",
    kind: Kind = "neutral",
    sensitivity: str = "",
    necessity: str = "",
) -> FeatureSpec:
    """Declare which percentage of the days with one event had another.

    Never with a direction: a share falls when something else is found more often.

    Parameters
    ----------
    stream, of, days, whom, episode
        As in `measures.Share`.
    concept : str
    words : str
        What is shared, as in "{words}: 50 % of the {wholes}".
    wholes : str
        What it is a share of, in the plural.
    kind, sensitivity, necessity
        As in `FeatureSpec`.
    """
    earlier = " before this episode" if episode == "before" else ""
    known = f"{wholes} known {last_days(days)}{earlier}"
    return FeatureSpec(
        name=f"{whom}_{stream}_share_{days}d",
        concept=concept,
        meaning=f"Percentage of {known}, as far as observed: {words}.",
        unit="per cent",
        kind=kind,
        measure=Share(stream, of, days, whom, episode),
        present=f"{words}: {{n}} % of the {known}",
        # a share does not know of how many it is
        whole=f"{words}: all of the {known} (there may be only one)",
        absent=f"{words}: none of the {known}",
        missing=f"{words}: no {wholes} known {last_days(days)}{earlier}",
        sensitivity=sensitivity,
        necessity=necessity,
    )


def days_since(
    stream: str,
    days: int,
    concept: str,
    noun: str,
    *,
    kind: Kind = "neutral",
    whom: Whom = "child",
    service_use: bool = False,
    sensitivity: str = "",
    necessity: str = "",
) -> FeatureSpec:
    """Declare the days since the latest event of one stream."""
    noun = noun if whom == "child" else f"{noun} for a brother or sister"
    last = last_days(days)
    return FeatureSpec(
        name=f"{whom}_days_since_{stream}_{days}d",
        concept=concept,
        meaning=f"Days since the latest {noun}; missing when there was none {last}.",
        unit="days",
        kind=kind,
        measure=DaysSince(stream, days, whom),
        present=f"latest {noun} {{n}} days before",
        one=f"latest {noun} 1 day before",
        absent=f"latest {noun} on the day itself",
        missing=f"no {noun} known {last}",
        sensitivity=sensitivity,
        necessity=necessity,
        poverty_or_service_use=service_use,
    )


def factor_states(
    name: str,
    concept: str,
    factors: tuple[str, ...],
    words: str,
    *,
    monotone: bool = False,
) -> Iterator[FeatureSpec]:
    """Declare the four states of one group of factors as two indicators."""
    shared = {
        "concept": concept,
        "unit": "1 or 0",
        "sensitivity": HEALTH,
        "necessity": TRIO_NECESSITY,
    }
    yield FeatureSpec(
        name=f"child_{name}_current_365d",
        meaning=f"{capital(words)}, on the latest assessment within a year.",
        kind="worry",
        measure=FactorState(factors, "current", CURRENT_DAYS),
        present=f"{words} on the latest assessment (within a year)",
        absent=f"{words} not recorded on the latest assessment (within a year)",
        missing=f"{words}: not assessed in the last year, or factors missing",
        monotone=1 if monotone else 0,
        **shared,  # type: ignore[arg-type]
    )
    yield FeatureSpec(
        name=f"child_{name}_earlier_1095d",
        meaning=f"{capital(words)}, only on an earlier assessment within three years.",
        kind="neutral",
        measure=FactorState(factors, "earlier", 1_095),
        present=f"{words} on an earlier assessment, not on the latest within a year",
        absent=f"{words} not on an earlier assessment alone",
        missing=f"{words}: not assessed in the last three years, or factors missing",
        **shared,  # type: ignore[arg-type]
    )


def spells(
    name: str,
    concept: str,
    noun: str,
    *,
    stream: str = "",
    kind: Kind = "worry",
    article: str = "a",
    service_use: bool = False,
) -> Iterator[FeatureSpec]:
    """Declare whether a spell is open, and for how long."""
    yield FeatureSpec(
        name=f"child_{name}_open",
        concept=concept,
        meaning=f"Whether {article} {noun} is open on the day, as far as known.",
        unit="number open",
        kind=kind,
        measure=SpellsOpen(stream or name),
        present=f"{article} {noun} is open",
        absent=f"no {noun} is open",
        missing=f"{noun}: not held by this return",
        poverty_or_service_use=service_use,
    )
    yield FeatureSpec(
        name=f"child_{name}_open_days",
        concept=concept,
        meaning=f"Days that the open {noun} has run; missing when none is open.",
        unit="days",
        kind="neutral",
        measure=SpellDays(stream or name),
        present=f"the {noun} has been open for {{n}} days",
        one=f"the {noun} has been open for 1 day",
        absent=f"the {noun} began on the day",
        missing=f"no open {noun} to count the days of",
        poverty_or_service_use=service_use,
    )
