"""What a feature measures: the small vocabulary that the catalogue is written in."""

from dataclasses import dataclass
from typing import Literal

Whom = Literal["child", "siblings"]

CURRENT_DAYS = 365
"""An assessment authorised within this many days before `as_of` is current."""


@dataclass(frozen=True)
class Count:
    """Days with an event of a stream within a window.

    Attributes
    ----------
    stream : str
        Name in `fs_risk.features.streams.STREAMS`.
    window_days : int
        Events on ``as_of - window_days`` or later, before ``as_of``.
    whom : {"child", "siblings"}
        Siblings: all other children of the household together, an explicit sum.
    """

    stream: str
    window_days: int
    whom: Whom = "child"


@dataclass(frozen=True)
class DaysSince:
    """Days since the latest event of a stream; missing when none lies in the window."""

    stream: str
    window_days: int
    whom: Whom = "child"


@dataclass(frozen=True)
class SpellsOpen:
    """Spells of a stream open on the day, as far as known."""

    stream: str
    whom: Whom = "child"


@dataclass(frozen=True)
class SpellDays:
    """Days that the longest open spell has run; missing when none is open."""

    stream: str


@dataclass(frozen=True)
class FactorState:
    """Whether a group of assessment factors is in a state on the day.

    1 when it is, 0 when the child was assessed within the look-back and it is not,
    missing when the child was not assessed or factors are missing. The two states
    together tell apart: on the latest assessment within 365 days; only on an
    earlier one; assessed and not recorded; not known (requirement F1).

    Attributes
    ----------
    factors : tuple of str
        Any of these codes.
    state : {"current", "earlier"}
        ``current``: on the latest assessment. ``earlier``: not on the latest within
        `CURRENT_DAYS`, but on an earlier one.
    window_days : int
        Look-back for assessments.
    """

    factors: tuple[str, ...]
    state: Literal["current", "earlier"]
    window_days: int


@dataclass(frozen=True)
class FactorGroupsCurrent:
    """How many groups of factors are current; missing as in `FactorState`."""

    groups: tuple[tuple[str, ...], ...]
    window_days: int


@dataclass(frozen=True)
class Age:
    """The child's age on the day.

    Attributes
    ----------
    what : {"years", "unborn", "under_1"}
        Years are missing before birth; the others are 1 or 0.
    """

    what: Literal["years", "unborn", "under_1"]


@dataclass(frozen=True)
class Siblings:
    """Other children of the household, known and under 18 on the day.

    Attributes
    ----------
    what : {"count", "youngest_years"}
        The age of the youngest is missing when there is none.
    """

    what: Literal["count", "youngest_years"]


@dataclass(frozen=True)
class DeclaredSource:
    """Whether the referral being scored came from one of these sources, as it declares."""

    sources: tuple[str, ...]


Measure = (
    Count
    | DaysSince
    | SpellsOpen
    | SpellDays
    | FactorState
    | FactorGroupsCurrent
    | Age
    | Siblings
    | DeclaredSource
)
