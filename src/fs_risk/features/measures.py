"""What a feature measures: the small vocabulary that the catalogue is written in."""

from dataclasses import dataclass
from typing import Literal

Whom = Literal["child", "siblings", "household"]
"""Household: the child and its siblings together."""

Episode = Literal["any", "before"]
"""All that befell, or only what did before the current episode began."""

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
    whom : {"child", "siblings", "household"}
        Siblings: all other children of the household together, an explicit sum.
        Household: the child and its siblings; several events of one day count as one.
    """

    stream: str
    window_days: int
    whom: Whom = "child"


@dataclass(frozen=True)
class Share:
    """Of the days with an event of one stream, the percentage that had one of another.

    A share of what was observed, however little of the window that is: unlike a count,
    it does not take a year nobody watched for a year in which nothing happened. Missing
    where nothing was.

    Attributes
    ----------
    stream : str
        Name in `fs_risk.features.streams.STREAMS`; each of its events is one of `of`.
    of : str
        What it is a share of.
    window_days : int
        Look-back, as far as observed.
    whom : {"child", "siblings", "household"}
    episode : {"any", "before"}
        Before: without what befell since the current episode's referral.
    """

    stream: str
    of: str
    window_days: int
    whom: Whom = "child"
    episode: Episode = "any"


@dataclass(frozen=True)
class DaysSince:
    """Days since the latest event of a stream; missing when none lies in the window."""

    stream: str
    window_days: int
    whom: Whom = "child"


@dataclass(frozen=True)
class DaysSinceFirst:
    """Days since the earliest event of a stream in a window; missing when there is none."""

    stream: str
    window_days: int
    whom: Whom = "child"


@dataclass(frozen=True)
class Weighted:
    """Days with an event in a window, the weight of each halving every `half_life_days`."""

    stream: str
    half_life_days: int
    window_days: int
    whom: Whom = "child"


@dataclass(frozen=True)
class Gap:
    """Days between one event and the next in a window; missing with fewer than two.

    Attributes
    ----------
    stream : str
    what : {"mean", "longest"}
    window_days : int
    """

    stream: str
    what: Literal["mean", "longest"]
    window_days: int


@dataclass(frozen=True)
class Change:
    """Days with an event in the last `recent_days`, less those in the rest of the window."""

    stream: str
    recent_days: int
    window_days: int
    whom: Whom = "child"


@dataclass(frozen=True)
class Distinct:
    """How many of some streams had events on at least `at_least` days of a window."""

    streams: tuple[str, ...]
    window_days: int
    at_least: int = 1
    whom: Whom = "child"


@dataclass(frozen=True)
class CountSince:
    """Days with an event in a window, after the latest event of any stream in `resets`.

    Attributes
    ----------
    stream : str
    resets : tuple of str
        What begins the count anew. An event of the same day does not count.
    window_days : int
    at_least_days_ago : int, default=1
        Later events do not count.
    """

    stream: str
    resets: tuple[str, ...]
    window_days: int
    at_least_days_ago: int = 1


@dataclass(frozen=True)
class FurthestStep:
    """The furthest of some steps reached in a window: 0 for none, 1 for the first of `streams`."""

    streams: tuple[str, ...]
    window_days: int


@dataclass(frozen=True)
class StepChange:
    """The furthest step in the last `recent_days`, less that in the rest of the window."""

    streams: tuple[str, ...]
    recent_days: int
    window_days: int


@dataclass(frozen=True)
class DaysWithout:
    """Days since the latest event of any of some streams, up to the length of the window."""

    streams: tuple[str, ...]
    window_days: int


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
class Overdue:
    """Whether an open spell has run past so many working days; 0 when none is open."""

    stream: str
    working_days: int


@dataclass(frozen=True)
class DaysOpen:
    """Days of a window on which a spell was open, as far as its end was known.

    Spells that overlap are counted once.
    """

    stream: str
    window_days: int


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
class EpisodeFactor:
    """A factor's state by episode: what the open episode's assessments found, told apart.

    For an open case on a day, the assessment of the current episode and the decision
    on a plan are one and the same judgement, so a factor found there can be left out.

    Attributes
    ----------
    factors : tuple of str
    episode : {"before", "this"}
        Assessments authorised before the current episode's referral, or since.
    state : {"current", "earlier"}
        As in `FactorState`, of those assessments.
    window_days : int
    """

    factors: tuple[str, ...]
    episode: Literal["before", "this"]
    state: Literal["current", "earlier"]
    window_days: int


@dataclass(frozen=True)
class FactorTimes:
    """Days with an assessment, before the current episode, on which a factor was recorded."""

    factors: tuple[str, ...]
    window_days: int


@dataclass(frozen=True)
class FactorsTogether:
    """Whether every group of factors is on the latest assessment at once."""

    groups: tuple[tuple[str, ...], ...]
    window_days: int


@dataclass(frozen=True)
class FactorTrend:
    """Groups of factors on the latest assessment, less those on the one before it.

    Missing with fewer than two assessments in the window.
    """

    groups: tuple[tuple[str, ...], ...]
    window_days: int


@dataclass(frozen=True)
class OnlySiblings:
    """Whether a stream had an event for a sibling, and none for the child, in a window."""

    stream: str
    window_days: int
    whom: Whom = "siblings"


@dataclass(frozen=True)
class FactorGroupsCurrent:
    """How many groups of factors are current; missing as in `FactorState`."""

    groups: tuple[tuple[str, ...], ...]
    window_days: int


AgeKind = Literal["years", "unborn", "under_1", "under_5", "teenager", "days_to_birth"]


@dataclass(frozen=True)
class Age:
    """The child's age on the day.

    Attributes
    ----------
    what : {"years", "unborn", "under_1", "under_5", "teenager", "days_to_birth"}
        Years are missing before birth, days to the expected birth after it; the
        others are 1 or 0. A teenager is 13 or older.
    """

    what: AgeKind


@dataclass(frozen=True)
class Siblings:
    """Other children of the household, known and under 18 on the day.

    Attributes
    ----------
    what : {"count", "youngest_years", "under_1", "unborn"}
        The age of the youngest is missing when there is none. An unborn sibling is
        one expected within nine months whom the service already has facts about.
    """

    what: Literal["count", "youngest_years", "under_1", "unborn"]


@dataclass(frozen=True)
class DeclaredSource:
    """Whether the referral being scored came from one of these sources, as it declares."""

    sources: tuple[str, ...]


Rhythm = (
    DaysSinceFirst
    | Weighted
    | Gap
    | Change
    | Distinct
    | CountSince
    | FurthestStep
    | StepChange
    | DaysWithout
)
"""Measures that depend on the order of events."""

Spell = SpellsOpen | SpellDays | Overdue | DaysOpen
"""Measures of spells with a beginning and an end."""

Factor = (
    FactorState | FactorGroupsCurrent | EpisodeFactor | FactorTimes | FactorsTogether | FactorTrend
)
"""Measures of factors found at assessment."""

Measure = (
    Count
    | Share
    | DaysSince
    | Rhythm
    | OnlySiblings
    | Spell
    | Factor
    | Age
    | Siblings
    | DeclaredSource
)


def streams_of(measure: Measure) -> tuple[str, ...]:
    """Name every stream that a measure reads.

    Parameters
    ----------
    measure : Measure

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> streams_of(CountSince("contacts", ("referrals",), 365))
    ('contacts', 'referrals')
    """
    own = (measure.stream,) if hasattr(measure, "stream") else getattr(measure, "streams", ())
    whole = (measure.of,) if isinstance(measure, Share) else ()
    return (*own, *whole, *getattr(measure, "resets", ()))
