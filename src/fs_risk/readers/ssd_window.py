"""Which days an extract of the dataset observes, and on which day it was made."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.records.dates import day_given
from fs_risk.records.findings import Finding, finding
from fs_risk.records.tables import TABLES, Kind

TIMEFRAME_YEARS = 6
"""How far back the dataset's scripts look."""
LONGEST_QUIET = 92
"""Days without any event up to the extract beyond which its date is doubted."""
_FEWEST_EVENTS = 10
_LIKE_SHARE = 0.5
_NOT_EVENTS = ("children", "factors", "disabilities", "family_links")


def extract_day(
    tables: Mapping[str, pd.DataFrame], given: date | str | None
) -> tuple[pd.Timestamp, list[Finding]]:
    """Tell the day of the extract: as given, else the latest event that is not in the future.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables, not yet checked.
    given : date, str or None

    Returns
    -------
    day : Timestamp
    findings : list of Finding

    Raises
    ------
    ReturnError
        If no table holds a date.
    SettingError
        If the day that was given is none.
    """
    today = pd.Timestamp(date.today())  # noqa: DTZ011 - UK local whole days throughout
    last = today if given is None else day_given(given, argument="extract_date")
    latest = [
        frame.loc[frame[column.name] <= last, column.name].max()
        for name, frame in tables.items()
        if name not in _NOT_EVENTS
        for column in TABLES[name].columns
        if column.kind is Kind.DATE and not column.planned and column.name in frame
    ]
    known = [day for day in latest if pd.notna(day)]
    if given is not None:
        return last, []
    if not known:
        raise ReturnError(
            "No table holds a date that can be read, so the day of the extract is unknown.",
            fix="Pass extract_date=, or check the dates of the export.",
        )
    return max(known), [
        finding(
            "R004",
            "note",
            "The extract date was not given; the latest event date was taken.",
            fix="Nothing needs doing if the service recorded until then; otherwise give the "
            "day the data were extracted (extract_date=, --extract-date).",
        )
    ]


def quiet_at_the_end(days: pd.Series, end: pd.Timestamp) -> list[Finding]:
    """Report an extract date up to which nothing would be known to have happened.

    Parameters
    ----------
    days : Series of datetime64
        Of all events up to the extract.
    end : Timestamp
        The day of the extract.

    Returns
    -------
    list of Finding
    """
    quiet = 0 if days.empty else (end - days.max()).days
    if quiet <= LONGEST_QUIET:
        return []
    return [
        finding(
            "R035",
            "warning",
            f"The extract date lies {quiet:,} days after the latest event of any table; in all of "
            "them nothing would count as having happened.",
            fix="Give the day the data were extracted (extract_date=, --extract-date), or "
            "leave it out.",
        )
    ]


def event_days(tables: Mapping[str, pd.DataFrame], end: pd.Timestamp) -> pd.Series:
    """Give the days of all tables' events up to the extract."""
    dated = [_event_days(frame, name, end) for name, frame in tables.items()]
    found = [days for days in dated if days is not None]
    return pd.concat(found) if found else pd.Series(dtype="datetime64[s]")


def observed(
    tables: Mapping[str, pd.DataFrame], end: pd.Timestamp
) -> dict[str, tuple[pd.Timestamp, pd.Timestamp] | None]:
    """Say which days each table observes in full.

    The dataset's scripts take what touches the last six years. Rows from before are
    those of long cases that reach into them, not all that happened, so an extract
    observes from six years before it was made at the earliest. Authorities change the
    figure: where the year before that line holds at least half as many events of all
    tables as the year after it (and at least ten), the extract is taken to go back
    further, and the line moves back by years while this is so. In each table the first
    event from the line on begins the window: a module that came into use later shows
    nothing before. An empty table observes nothing.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables.
    end : Timestamp
        The day of the extract.

    Returns
    -------
    dict of str to (from, to) or None
    """
    dated = {name: _event_days(frame, name, end) for name, frame in tables.items()}
    line = _line(event_days(tables, end), end)
    coverage: dict[str, tuple[pd.Timestamp, pd.Timestamp] | None] = {}
    for name, days in dated.items():
        if days is None:
            coverage[name] = (end, end) if len(tables[name]) else None
        else:
            inside = days[days >= line]
            coverage[name] = (inside.min(), end) if len(inside) else None
    if coverage.get("factors") is not None:
        coverage["factors"] = coverage.get("assessments")
    return coverage


def _event_days(frame: pd.DataFrame, name: str, end: pd.Timestamp) -> pd.Series | None:
    """Give the days of a table's events up to the extract; None for a table without time."""
    if not TABLES[name].date:
        return None
    days = frame[TABLES[name].date]
    return days[days <= end].dropna()


def _line(days: pd.Series, end: pd.Timestamp) -> pd.Timestamp:
    """Give the day from which the extract as a whole observes."""
    year = pd.DateOffset(years=1)
    line = end - pd.DateOffset(years=TIMEFRAME_YEARS) + pd.Timedelta(days=1)
    while True:
        before = int(((days >= line - year) & (days < line)).sum())
        after = int(((days >= line) & (days < line + year)).sum())
        if before < max(_FEWEST_EVENTS, _LIKE_SHARE * after):
            return line
        line -= year
