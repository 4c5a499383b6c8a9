"""Declaring features of the order of events, in the same words for every stream."""

from collections.abc import Iterator
from typing import Literal

from fs_risk.features.declare import NOT_OBSERVED, Kind, as_long, capital, last_days, whose
from fs_risk.features.measures import (
    Change,
    CountSince,
    DaysOpen,
    DaysSinceFirst,
    Distinct,
    Gap,
    Weighted,
    Whom,
)
from fs_risk.features.spec import FeatureSpec


def weighted(
    stream: str,
    half_life: int,
    days: int,
    concept: str,
    nouns: str,
    *,
    kind: Kind = "worry",
    whom: Whom = "child",
    sensitivity: str = "",
    necessity: str = "",
) -> FeatureSpec:
    """Declare a count that fades: the weight of an event halves every `half_life` days."""
    said = f"{nouns}{whose(whom)} {last_days(days)}"
    return FeatureSpec(
        name=f"{whom}_{stream}_weighted_{days}d",
        concept=concept,
        meaning=f"{capital(said)}, the weight of each halving every {half_life} days.",
        unit=f"days with an event, half-life {half_life} days",
        kind=kind,
        measure=Weighted(stream, half_life, days, whom),
        present=f"{said}, recent ones weighing more: {{n}}",
        absent=f"no {said}",
        missing=f"{said}: {NOT_OBSERVED}",
        sensitivity=sensitivity,
        necessity=necessity,
    )


def change(stream: str, recent: int, concept: str, noun: str, nouns: str) -> FeatureSpec:
    """Declare how a count of the last days compares with as many days before."""
    days = 2 * recent
    last, before = last_days(recent), f"in {as_long(recent)} before"
    against = f"{last} than {before}"
    return FeatureSpec(
        name=f"child_{stream}_change_{days}d",
        concept=concept,
        meaning=f"{capital(nouns)} {last}, less those {before}; several of one day count as one.",
        unit="days with an event",
        kind="worry",
        measure=Change(stream, recent, days),
        present=f"{{n}} more {nouns} {against}",
        one=f"1 more {noun} {against}",
        absent=f"as many {nouns} {last} as {before}",
        below=f"{{n}} fewer {nouns} {against}",
        one_below=f"1 fewer {noun} {against}",
        missing=f"change in {nouns} over {days:,} days: {NOT_OBSERVED}",
    )


def gap(
    stream: str, what: Literal["mean", "longest"], days: int, concept: str, noun: str, nouns: str
) -> FeatureSpec:
    """Declare the mean or longest time between one event and the next."""
    word = "average" if what == "mean" else "longest"
    return FeatureSpec(
        name=f"child_{stream}_{what}_gap_{days}d",
        concept=concept,
        meaning=f"The {word} number of days from one {noun} to the next {last_days(days)}; missing "
        "with fewer than two.",
        unit="days",
        kind="neutral",
        measure=Gap(stream, what, days),
        present=f"{word} time between {nouns} {last_days(days)}: {{n}} days",
        one=f"{word} time between {nouns} {last_days(days)}: 1 day",
        absent=f"no time between {nouns} {last_days(days)}",
        missing=f"fewer than two {nouns} known {last_days(days)}",
    )


def since_first(stream: str, days: int, concept: str, noun: str) -> FeatureSpec:
    """Declare the days since the earliest event in a window."""
    return FeatureSpec(
        name=f"child_days_since_first_{stream}_{days}d",
        concept=concept,
        meaning=f"Days since the first {noun} {last_days(days)}; missing when there was none.",
        unit="days",
        kind="neutral",
        measure=DaysSinceFirst(stream, days),
        present=f"first {noun} {last_days(days)}: {{n}} days before",
        one=f"first {noun} {last_days(days)}: 1 day before",
        absent=f"first {noun} {last_days(days)}: on the day itself",
        missing=f"no {noun} known in the {days:,} days before",
    )


def distinct(
    name: str,
    streams: tuple[str, ...],
    days: int,
    concept: str,
    nouns: str,
    *,
    at_least: int = 1,
    whom: Whom = "child",
    sensitivity: str = "",
    necessity: str = "",
) -> FeatureSpec:
    """Declare how many of several streams had events."""
    enough = "" if at_least == 1 else f" on {at_least} days or more"
    return FeatureSpec(
        name=f"{whom}_{name}_{days}d",
        concept=concept,
        meaning=f"Number of {nouns}{enough} {last_days(days)}.",
        unit=f"0 to {len(streams)}",
        kind="worry",
        measure=Distinct(streams, days, at_least, whom),
        present=f"{nouns}{enough} {last_days(days)}: {{n}} of {len(streams)}",
        absent=f"{nouns}{enough} {last_days(days)}: none of {len(streams)}",
        missing=f"{nouns} {last_days(days)}: {NOT_OBSERVED}",
        sensitivity=sensitivity,
        necessity=necessity,
    )


def count_since(
    name: str,
    stream: str,
    resets: tuple[str, ...],
    days: int,
    concept: str,
    noun: str,
    nouns: str,
    *,
    least: int = 1,
    kind: Kind = "worry",
    service_use: bool = False,
) -> FeatureSpec:
    """Declare a count since the latest of some other events, at least `least` days ago."""
    return FeatureSpec(
        name=f"child_{name}_{days}d",
        concept=concept,
        meaning=f"{capital(nouns)} {last_days(days)}; several of one day count as one.",
        unit="days with an event",
        kind=kind,
        measure=CountSince(stream, resets, days, least),
        present=f"{{n}} {nouns} {last_days(days)}",
        one=f"1 {noun} {last_days(days)}",
        absent=f"no {noun} {last_days(days)}",
        missing=f"{nouns} {last_days(days)}: {NOT_OBSERVED}",
        poverty_or_service_use=service_use,
    )


def days_open(
    stream: str,
    days: int,
    concept: str,
    words: str,
    *,
    name: str = "",
    kind: Kind = "neutral",
    service_use: bool = False,
) -> Iterator[FeatureSpec]:
    """Declare the days of a window on which a spell was open."""
    yield FeatureSpec(
        name=f"child_{name or stream}_days_{days}d",
        concept=concept,
        meaning=f"Days {words} {last_days(days)}, as far as ends were known.",
        unit="days",
        kind=kind,
        measure=DaysOpen(stream, days),
        present=f"{{n}} days {words} {last_days(days)}",
        one=f"1 day {words} {last_days(days)}",
        absent=f"no day {words} {last_days(days)}",
        missing=f"days {words} {last_days(days)}: {NOT_OBSERVED}",
        poverty_or_service_use=service_use,
    )
