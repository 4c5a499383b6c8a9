"""A chronology laid out on one line of time, for whatever draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fs_risk.triage.chronology import TRIO, Chronology, Entry, Kind
from fs_risk.triage.chronology_kinds import KINDS

MARGIN_DAYS = 45
"""Time drawn before the first entry."""

LEAST_DAYS = 365
"""Time drawn where the entries lie close to each other."""


@dataclass(frozen=True)
class Point:
    """A mark on one day.

    Attributes
    ----------
    day : date
    mark : {"event", "closure", "trio", "without", "missing"}
        The last three are of an assessment: it recorded this area of the trio, it recorded
        factors and not this, or its factors are missing.
    repeat : bool
        Whether it repeats an earlier one.
    words : str
        What stands behind it.
    """

    day: date
    mark: str
    repeat: bool
    words: str


@dataclass(frozen=True)
class Bar:
    """A time from one day to another; `ongoing` where its end was not known."""

    first: date
    last: date
    ongoing: bool


@dataclass(frozen=True)
class Lane:
    """One line of a picture: a kind of entry, or an area of the trio.

    Attributes
    ----------
    name : str
    points : tuple of Point
    bars : tuple of Bar
    unseen_until : date or None
        The day up to which the records do not observe it.
    trio : bool
        Whether it is an area of the trio, as assessments recorded it.
    """

    name: str
    points: tuple[Point, ...]
    bars: tuple[Bar, ...] = ()
    unseen_until: date | None = None
    trio: bool = False


@dataclass(frozen=True)
class Timeline:
    """All lanes on one line of time.

    Attributes
    ----------
    first, last : date
        What is drawn; the last is the day of the referral.
    lanes : tuple of Lane
        From the top.
    gaps : tuple of (date, date, int)
        From, to, months.
    ticks : tuple of (date, str)
    """

    first: date
    last: date
    lanes: tuple[Lane, ...]
    gaps: tuple[tuple[date, date, int], ...]
    ticks: tuple[tuple[date, str], ...]


def timeline_of(chronology: Chronology) -> Timeline:
    """Lay out a chronology.

    Parameters
    ----------
    chronology : Chronology

    Returns
    -------
    Timeline
        Without lanes where there are no entries.
    """
    last = date.fromisoformat(chronology.as_of)
    days = [date.fromisoformat(entry.day) for entry in chronology.entries]
    first = min([*(day - timedelta(days=MARGIN_DAYS) for day in days),
                 last - timedelta(days=LEAST_DAYS)])  # fmt: skip
    unseen = {seen.kind: date.fromisoformat(seen.first) for seen in chronology.observed}
    lanes = []
    for kind in KINDS:
        of_kind = [entry for entry in chronology.entries if _lane(entry.kind) == kind]
        if of_kind:
            lanes.append(_kind_lane(kind, of_kind, last, unseen.get(kind)))
    assessed = [entry for entry in chronology.entries if entry.kind == "assessment"]
    if assessed:
        until = unseen.get("assessment")
        lanes += [_trio_lane(area, assessed, until) for area in TRIO]
    return Timeline(
        first=first,
        last=last,
        lanes=tuple(lanes),
        gaps=tuple(
            (date.fromisoformat(gap.first), date.fromisoformat(gap.last), gap.months)
            for gap in chronology.gaps
        ),
        ticks=tuple(_ticks(first, last)),
    )


def _lane(kind: Kind) -> Kind:
    """Give the kind on whose line a kind stands: a closure on that of its referral."""
    return "referral" if kind == "closure" else kind


def _kind_lane(kind: Kind, entries: Sequence[Entry], last: date, unseen: date | None) -> Lane:
    closed = any(entry.kind == "closure" for entry in entries)
    return Lane(
        name="Referrals, closures" if closed else KINDS[kind].lane,
        points=tuple(
            Point(
                date.fromisoformat(entry.day),
                "closure" if entry.kind == "closure" else "event",
                entry.repeat_of is not None,
                entry.what,
            )
            # closures first, so that a referral of the same day is seen above them
            for entry in sorted(entries, key=lambda entry: entry.kind != "closure")
        ),
        bars=tuple(
            Bar(
                date.fromisoformat(entry.day),
                min(last, date.fromisoformat(entry.until)) if entry.until else last,
                entry.ongoing,
            )
            for entry in entries
            if entry.until or entry.ongoing
        ),
        unseen_until=unseen,
    )


def _trio_lane(area: str, assessed: Sequence[Entry], unseen: date | None) -> Lane:
    return Lane(
        name=area[0].upper() + area[1:],
        points=tuple(
            Point(date.fromisoformat(entry.day), *_of_area(area, entry))
            for entry in assessed
            if entry.factors_known is not None
        ),
        unseen_until=unseen,
        trio=True,
    )


def _of_area(area: str, entry: Entry) -> tuple[str, bool, str]:
    """Give the mark of an assessment on the line of one area, and what stands behind it."""
    if area in entry.areas:
        return "trio", False, "; ".join(entry.trio)
    if entry.factors_known:
        return "without", False, "assessed; not recorded"
    return "missing", False, "assessed; factors missing"


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Mark years, or quarters of a short time."""
    years = range(first.year, last.year + 1)
    if (last - first).days < 900:
        days = [(date(year, month, 1), f"{name} {year}") for year in years
                for month, name in ((1, "Jan"), (4, "Apr"), (7, "Jul"), (10, "Oct"))]  # fmt: skip
    else:
        every = 1 + (last.year - first.year) // 12
        days = [(date(year, 1, 1), str(year)) for year in years if year % every == 0]
    return [(day, words) for day, words in days if first <= day <= last]
