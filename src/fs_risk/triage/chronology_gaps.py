"""Gaps and repeats: what the entries of a chronology say by their distance from each other."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from fs_risk.triage.chronology import Entry, Gap, Kind

LEAST_MONTHS = 12
"""A shorter time without an entry is not a gap."""

REPEATED_WITHIN: Mapping[Kind, int | None] = {"referral": 365, "section47": 365, "cp_plan": None}
"""Kinds that repeat an earlier entry, and within how many days; None for however long."""

_EPOCH = date(1970, 1, 1)


class Span(NamedTuple):
    """Days on which something is recorded or a case was open, both included."""

    first: int
    last: int


def with_repeats(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Say of each entry which earlier one it repeats.

    Parameters
    ----------
    entries : sequence of Entry
        Earliest first.

    Yields
    ------
    Entry
        In the same order.
    """
    latest: dict[Kind, str] = {}
    for entry in entries:
        earlier = latest.get(entry.kind)
        within = REPEATED_WITHIN.get(entry.kind)
        if entry.kind in REPEATED_WITHIN:
            latest[entry.kind] = entry.day
        if earlier is None or (within is not None and _days(earlier, entry.day) > within):
            yield entry
        else:
            yield entry.model_copy(update={"repeat_of": earlier})


def gaps_between(
    spans: Sequence[Span], day: int, cut: int, windows: Mapping[Kind, tuple[int, int]]
) -> Iterator[Gap]:
    """Find the times of a year or more between spans, and between the last and the day.

    Parameters
    ----------
    spans : sequence of Span
        In any order.
    day, cut : int
        Of the case.
    windows : mapping of str to (int, int)
        Days on which each kind is observed.

    Yields
    ------
    Gap
        Earliest first; none before the first span, where nothing had begun.
    """
    ordered = sorted(spans)
    reached = ordered[0].last if ordered else day
    for span in (*ordered, Span(day, day)):
        months = months_between(_date(reached), _date(span.first)) if span.first > reached else 0
        if months >= LEAST_MONTHS:
            end = min(span.first, cut) - 1
            unseen = [kind for kind, (first, last) in windows.items()
                      if first > reached + 1 or last < end]  # fmt: skip
            yield Gap(
                first=_date(reached).isoformat(),
                last=_date(span.first).isoformat(),
                months=months,
                not_observed=tuple(unseen),
            )
        reached = max(reached, span.last)


def months_between(first: date, last: date) -> int:
    """Count the whole months from one day to another.

    Parameters
    ----------
    first, last : date

    Returns
    -------
    int

    Examples
    --------
    >>> months_between(date(2023, 1, 31), date(2024, 3, 30))
    13
    """
    return 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)
