"""Which days each table observed: as was stated, or as its rows alone say."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.findings import Finding, finding
from fs_risk.records.records import Window
from fs_risk.records.tables import TABLES

EARLIEST = pd.Timestamp("1900-01-02")
"""Dates before this are placeholders (1900-01-01 is the commonest)."""


def observed_windows(
    finished: Mapping[str, pd.DataFrame],
    given_frames: Mapping[str, pd.DataFrame],
    given: Mapping[str, Window | tuple[date | str, date | str] | None] | None,
    end: pd.Timestamp,
) -> dict[str, Window | None]:
    """Give the days that each table observed.

    Parameters
    ----------
    finished : mapping of str to DataFrame
        Typed tables.
    given_frames : mapping of str to DataFrame
        Those that were passed; a table that was not observed nothing.
    given : mapping or None
        Days that were stated, by table.
    end : Timestamp
        Of the extract.

    Returns
    -------
    dict of str to Window or None
        A table whose days were not stated observed from its first event on.
    """
    windows: dict[str, Window | None] = {}
    for name, table in TABLES.items():
        stated = (given or {}).get(name)
        if given is not None and name in given:
            windows[name] = None if stated is None else _stated_window(stated, end)
        elif name not in given_frames:
            windows[name] = None
        else:
            dates = finished[name][table.date] if table.date else pd.Series(dtype=DATE_DTYPE)
            first = dates.min()
            windows[name] = Window(end if pd.isna(first) else first, end)
    _follow(windows, "factors", "assessments")
    for name in ("children", "disabilities", "family_links"):
        if windows[name] is not None:
            windows[name] = Window(EARLIEST, end)
    return windows


def windows_not_given(
    finished: Mapping[str, pd.DataFrame],
    frames: Mapping[str, pd.DataFrame],
    given: Mapping[str, Window | tuple[date | str, date | str] | None] | None,
) -> list[Finding]:
    """Report the tables whose window follows from their rows alone.

    Parameters
    ----------
    finished, frames, given
        As in `observed_windows`.

    Returns
    -------
    list of Finding
    """
    named = [
        name
        for name, table in TABLES.items()
        if name in frames and name not in (given or {}) and table.date and len(finished[name])
    ]
    if not named:
        return []
    tables = count_of(len(named), "table observes", "tables observe")
    return [
        finding(
            "R056",
            "note",
            f"Which days {tables} was not given: from the first event on, to the extract "
            f"({', '.join(named)}).",
            table=named[0],
            count=len(named),
            fix="Nothing needs doing if every event from then on is there. Rows of cases that were "
            "only open then make a window too long: give the days, as "
            f"coverage={{{named[0]!r}: (first, last)}}.",
        )
    ]


def _stated_window(stated: Window | tuple[date | str, date | str], end: pd.Timestamp) -> Window:
    """Read the days said to be observed, none of them after the extract."""
    pair = (stated.observed_from, stated.observed_to) if isinstance(stated, Window) else stated
    return Window(pd.Timestamp(pair[0]), min(pd.Timestamp(pair[1]), end))


def _follow(windows: dict[str, Window | None], follower: str, leader: str) -> None:
    """Give a table without a date of its own the window of the table that dates it."""
    if windows[follower] is not None:
        windows[follower] = windows[leader]
