"""The quality of records as one page that an analyst can send to the data team."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.records.days_in_words import day_words
from fs_risk.records.html_templates import filled
from fs_risk.records.observed_windows import EARLIEST
from fs_risk.records.pictures import bars, cells, stack
from fs_risk.records.quality import (
    LAG_NAMES,
    Lag,
    Missing,
    counts_by_year,
    lags,
    missing_columns,
    row_ranges,
)
from fs_risk.records.quality_months import (
    MonthlyCodes,
    MonthlyEvents,
    coded_columns,
    monthly_codes,
    monthly_events,
)
from fs_risk.records.quality_questions import questions_of
from fs_risk.records.records import Records, Window
from fs_risk.records.suppression import drawn_share, rounded, shown_count, shown_share
from fs_risk.records.tables import TABLES

CODES_DRAWN = 12
"""How many codes of a column get a row of the picture: the commonest."""

_UNDATED = {
    "children": "a birth is known from that day; the rest is as at the extract",
    "disabilities": "as at the extract, never a feature",
    "family_links": "undated: known throughout",
    "factors": "known when their assessment is authorised",
}


def write_quality_report(records: Records, path: str | Path) -> Path:
    """Write the quality of records as one self-contained HTML page.

    Parameters
    ----------
    records : Records
    path : str or Path
        A file of that name is replaced.

    Returns
    -------
    Path

    Raises
    ------
    RecordsError
        If the file cannot be written.
    """
    target = Path(path)
    page = quality_html(records).encode()
    try:
        target.write_bytes(page)
    except OSError as error:
        raise RecordsError(
            f"The quality report cannot be written: {error.strerror}.",
            where=target.name,
            fix="Give a path in a folder that exists and may be written.",
        ) from None
    return target


def quality_html(records: Records) -> str:
    """Give the page of `write_quality_report` as text.

    Parameters
    ----------
    records : Records

    Returns
    -------
    str
        All that comes from data is escaped; no cell of a child's is in it, counts of 1
        to 5 are hidden and the others rounded.
    """
    return filled(Path(__file__).parent / "templates", "quality.html.j2", _content(records))


def _content(records: Records) -> dict[str, Any]:
    events = [monthly_events(records, name) for name, table in TABLES.items() if table.date]
    coded = [monthly_codes(records, *which) for which in coded_columns()]
    clocks = lags(records)
    problems = records.problems
    tallies = problems["severity"].value_counts()
    return {
        "synthetic": records.origin.kind == "synthetic",
        "returns": ", ".join(records.origin.returns),
        "extract_date": day_words(records.extract_date),
        "pseudonymised": bool(records.pseudonym_mark),
        "tally": {level: int(tallies.get(level, 0)) for level in ("error", "warning", "note")},
        "tables": [_table(records, name) for name in TABLES if _is_held(records, name)],
        "not_held": [name for name in TABLES if not _is_held(records, name)],
        "years": _years(records),
        "missing": [_missing(records, one) for one in missing_columns(records)],
        "lags": [_lag(one) for one in clocks if one.recorded],
        "ruled": _by_rule([one for one in clocks if not one.recorded]),
        "lag_names": LAG_NAMES,
        "months": [_months(one) for one in events if one is not None and one.counts.sum()],
        "codes": [_codes(one) for one in coded if one is not None],
        "findings": [_finding(row) for row in problems.to_dict("records")],
        "questions": questions_of(records),
    }


def _is_held(records: Records, name: str) -> bool:
    return bool(len(records[name])) or records.coverage[name] is not None


def _table(records: Records, name: str) -> dict[str, str]:
    frame, table, aside = records[name], TABLES[name], records.set_aside.get(name)
    recorded = int((~frame["known_by_rule"].fillna(True)).sum()) if table.date else 0
    return {
        "name": name,
        "meaning": table.meaning,
        "rows": shown_count(len(frame)),
        "children": shown_count(frame["child_id"].nunique()) if "child_id" in frame else "–",
        "observed": _window(records.coverage[name]),
        "clock": _UNDATED.get(name) or _clock(recorded, len(frame)),
        "aside": shown_count(0 if aside is None else len(aside)),
    }


def _clock(recorded: int, rows: int) -> str:
    if not rows:
        return "–"
    if not recorded:
        return "by rule"
    return "recorded" if recorded == rows else f"recorded for {shown_share(recorded, rows)}"


def _window(window: Window | None) -> str:
    if window is None:
        return "not observed"
    if window.observed_from <= EARLIEST:
        return f"as known on {day_words(window.observed_to)}"
    return f"{day_words(window.observed_from)} to {day_words(window.observed_to)}"


def _years(records: Records) -> dict[str, Any]:
    """Lay events out by year; those from before anything is observed stand together."""
    counts = {name: counts_by_year(records, name) for name in TABLES}
    counts = {name: years for name, years in counts.items() if years}
    windows = {name: records.coverage[name] for name in counts}
    starts = [window.observed_from.year for window in windows.values() if window is not None]
    first = min(starts, default=records.extract_date.year)
    columns = list(range(first, records.extract_date.year + 1))
    rows = []
    for name, years in counts.items():
        earlier = sum(count for year, count in years.items() if year < first)
        marks = ["" if _whole_year(windows[name], year) else "part" for year in columns]
        shown = [shown_count(years.get(year, 0)) for year in columns]
        cells_of_row = [(shown_count(earlier), "part"), *zip(shown, marks, strict=True)]
        rows.append({"name": name, "cells": cells_of_row})
    return {"columns": [f"before {first}", *columns], "rows": rows}


def _whole_year(window: Window | None, year: int) -> bool:
    if window is None:
        return False
    first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    return bool(window.observed_from <= first and last <= window.observed_to)


def _missing(records: Records, one: Missing) -> dict[str, Any]:
    """Lay missing cells out by year, from the first that is observed; the earlier together."""
    window = records.coverage[one.table]
    last = records.extract_date.year
    first = last if window is None else min(window.observed_from.year, last)
    names = [f"<{first}", *map(str, range(first, last + 1))]
    missing, rows = (
        [sum(count for year, count in held.items() if year < first)]
        + [held.get(year, 0) for year in range(first, last + 1)]
        for held in (one.missing_by_year, one.rows_by_year)
    )
    shares = [drawn_share(*each) for each in zip(missing, rows, strict=True)]
    text = f"Share of {one.table}, {one.column} missing, by year"
    return {
        "table": one.table,
        "column": one.column,
        "meaning": one.meaning,
        "open": one.may_be_open,
        "share": shown_share(one.missing, one.rows),
        "svg": cells([""], names, np.array([shares]), text) if one.rows_by_year else "",
    }


def _by_rule(clocks: Sequence[Lag]) -> dict[str, list[str]]:
    """Gather the clocks of which none was recorded, by the rule that sets them."""
    found: dict[str, list[str]] = {}
    for one in clocks:
        name = one.table if one.what == "opening facts" else f"{one.table} ({one.what})"
        if one.rows:
            found.setdefault(one.rule, []).append(name)
    return found


def _lag(one: Lag) -> dict[str, Any]:
    svg = ""
    if one.classes is not None:
        drawn = rounded(one.classes)
        shares = drawn / max(int(drawn.sum()), 1)
        svg = stack(shares.tolist(), LAG_NAMES, f"Days until {one.what} of {one.table} are known")
    return {
        "table": one.table,
        "what": one.what,
        "recorded": shown_share(one.recorded, one.rows),
        "rule": one.rule or "recorded",
        "median": _days(one.median),
        "ninetieth": _days(one.ninetieth),
        "svg": svg,
    }


def _days(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0f}"


def _months(one: MonthlyEvents) -> dict[str, Any]:
    odd = [
        f"{month} ({'far more' if way > 0 else 'far fewer'})"
        for month, way in zip(one.months, one.direction, strict=True)
        if way
    ]
    text = f"Events of {one.table} in each month. Out of line: {', '.join(odd) or 'none'}."
    return {
        "table": one.table,
        "odd": odd,
        "svg": bars(one.months, rounded(one.counts), one.direction, text),
    }


def _codes(one: MonthlyCodes) -> dict[str, Any]:
    whole = one.counts.sum(axis=0)
    drawn = one.counts[:CODES_DRAWN]
    shares = np.array(
        [
            [drawn_share(int(part), int(total)) for part, total in zip(row, whole, strict=True)]
            for row in drawn
        ]
    )
    changes = [f"{month}: {words}" for month, words in one.changed]
    text = f"Codes of {one.table}, {one.column}, as shares of each month. Changes: " + (
        "; ".join(changes) or "none"
    )
    return {
        "table": one.table,
        "column": one.column,
        "changes": changes,
        "more": max(0, len(one.codes) - CODES_DRAWN),
        "svg": cells(one.codes[:CODES_DRAWN], one.months, shares, text),
    }


def _finding(row: dict[str, Any]) -> dict[str, Any]:
    hidden = shown_count(row["count"]) if row["count"] else ""
    return {
        **{name: row[name] for name in ("rule", "severity", "message", "fix")},
        "where": ", ".join(filter(None, (row["file"], row["table"], row["column"]))),
        "rows": row_ranges(row["rows"]),
        "count": f"{row['count']:,}" if row["rows"] else hidden,
    }
