"""`Chronology`: what was known of a child on the day, in the order in which it happened.

It holds dated facts of the child alone and nothing of a model: people read it before any
score, or without one. A brother's or sister's facts stand in their own chronology.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal[
    "contact", "early_help", "referral", "closure", "assessment", "section47", "conference",
    "cin_plan", "cp_plan", "pre_proceedings", "care", "missing",
]  # fmt: skip
"""What an entry is of; `chronology_kinds` says each in words."""

TRIO = ("domestic abuse", "substance misuse", "mental health")
"""The trio of vulnerabilities."""

AREA_OF_FACTOR = {"1": TRIO[1], "2": TRIO[1], "3": TRIO[0], "4": TRIO[2]}
"""The area of the trio by the number of a factor's code."""


class Entry(BaseModel):
    """What happened to a child on one day, of one kind.

    Rows of one kind and day are one entry: a referral that was keyed twice is not two.

    Attributes
    ----------
    kind : str
    day : str
        ISO date on which it happened or began.
    known : str
        ISO date on which the service knew of it; of several rows, the first.
    until : str or None
        ISO date on which it ended, as far as was known on the day.
    ongoing : bool
        Whether it was known to have begun and not to have ended.
    what : str
        In words.
    trio : tuple of str
        Factors of the trio that an assessment recorded, in the census's words. Those on
        domestic abuse name who was subjected to it, never who did it.
    areas : tuple of str
        Which of `TRIO` these are.
    factors_known : bool or None
        Of an authorised assessment, whether any factor of it is recorded: where none is,
        that the trio is not among them says nothing. None of all other entries.
    repeat_of : str or None
        ISO date of the entry that this one repeats: a referral or an enquiry within
        12 months before, any earlier child protection plan.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    day: str
    known: str
    until: str | None = None
    ongoing: bool = False
    what: str
    trio: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    factors_known: bool | None = None
    repeat_of: str | None = None


class Gap(BaseModel):
    """A time of a year or more without an entry and without an open case.

    Attributes
    ----------
    first, last : str
        ISO dates of the last thing before it and the first thing after it, or `as_of`.
    months : int
        Whole months.
    not_observed : tuple of Kind
        Kinds that the records did not observe for all of that time.
    """

    model_config = ConfigDict(frozen=True)

    first: str
    last: str
    months: int
    not_observed: tuple[Kind, ...] = ()


class Observed(BaseModel):
    """From when to when the records observe entries of one kind.

    Attributes
    ----------
    kind : str
    first, last : str
        ISO dates, both included; the last no later than what could be known.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    first: str
    last: str


class Chronology(BaseModel):
    """What was known of a child before a referral, in order of time.

    Attributes
    ----------
    as_of : str
        ISO date of the referral, which is not an entry itself.
    known_before : str
        ISO date: only what was known before it is here.
    entries : tuple of Entry
        Earliest first.
    gaps : tuple of Gap
    observed : tuple of Observed
    not_held : tuple of Kind
        Kinds that the records do not hold at all.

    Examples
    --------
    See `score_referral`.
    """

    model_config = ConfigDict(frozen=True)

    as_of: str
    known_before: str
    entries: tuple[Entry, ...] = ()
    gaps: tuple[Gap, ...] = ()
    observed: tuple[Observed, ...] = ()
    not_held: tuple[Kind, ...] = ()
