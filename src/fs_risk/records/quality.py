"""How good records are, in figures: what is there, what is missing, when it was known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES, Column, Known, Table

LAGS = (0, 1, 7, 28, 90)
"""Upper ends, in days, of the classes of lags; a last class has no end."""

LAG_NAMES = ("same day", "1 day", "2 to 7 days", "8 to 28 days", "29 to 90 days", "over 90 days")

_CLOCKS = {
    "known_date": "opening facts",
    "decision_known_date": "decision",
    "end_known_date": "end",
}
_RULES = {
    "known_date": "by rule: known on the day it happened",
    "decision_known_date": "by rule: on the day of the decision, else one working day after",
    "end_known_date": "by rule: known on the day it ended",
}
_FEWEST_LAGS = 30


@dataclass(frozen=True)
class Missing:
    """How often one column is missing.

    Attributes
    ----------
    table, column, meaning : str
    may_be_open : bool
        Whether a missing value may only say that something has not ended.
    missing, rows : int
    missing_by_year, rows_by_year : dict of int to int
        By year of the event; empty for tables without time.
    """

    table: str
    column: str
    meaning: str
    may_be_open: bool
    missing: int
    rows: int
    missing_by_year: dict[int, int]
    rows_by_year: dict[int, int]


@dataclass(frozen=True)
class Lag:
    """How long after an event the service knew of it.

    Attributes
    ----------
    table, what : str
        ``opening facts``, ``decision`` or ``end``.
    recorded, rows : int
        Rows whose clock was recorded, of those with such a clock.
    rule : str
        Where the clock comes from for the others.
    classes : ndarray of int64, or None
        Recorded rows in each class of `LAG_NAMES`; None for fewer than 30.
    median, ninetieth : float
        In days; NaN for fewer than 30.
    """

    table: str
    what: str
    recorded: int
    rows: int
    rule: str
    classes: np.ndarray | None
    median: float
    ninetieth: float


def summary_of(records: Records) -> pd.DataFrame:
    """Sum records up, a row for each table; see `Records.summary`."""
    problems = records.problems
    tallies = problems.groupby(["table", "severity"]).size().unstack(fill_value=0)
    rows = []
    for name, table in TABLES.items():
        frame, window = records[name], records.coverage[name]
        aside = records.set_aside.get(name)
        by_rule = frame["known_by_rule"] if "known_by_rule" in table else None
        rows.append(
            {
                "table": name,
                "rows": len(frame),
                "children": frame["child_id"].nunique() if "child_id" in frame else pd.NA,
                "observed_from": window.observed_from if window else pd.NaT,
                "observed_to": window.observed_to if window else pd.NaT,
                "recorded_clocks": np.nan
                if by_rule is None or frame.empty
                else float((~by_rule.fillna(True)).mean()),
                "set_aside": 0 if aside is None else len(aside),
                **{f"{level}s": _tally(tallies, name, level) for level in _LEVELS},
            }
        )
    whole = pd.DataFrame(rows).set_index("table")
    return whole.astype({"children": "Int64", "observed_from": "datetime64[s]"})


_LEVELS = ("error", "warning", "note")


def _tally(tallies: pd.DataFrame, name: str, level: str) -> int:
    if name not in tallies.index or level not in tallies:
        return 0
    return int(tallies.loc[name, level])


def counts_by_year(records: Records, name: str) -> dict[int, int]:
    """Count a table's events by calendar year; none for a table without time."""
    table = TABLES[name]
    if not table.date:
        return {}
    years = records[name][table.date].dt.year.value_counts().sort_index()
    return {int(year): int(count) for year, count in years.items()}


def missing_columns(records: Records) -> list[Missing]:
    """Count missing cells of every column that is not an identifier of its row or a clock."""
    found = []
    for name, table in TABLES.items():
        frame = records[name]
        if frame.empty:
            continue
        years = frame[table.date].dt.year if table.date else None
        for column in table.columns:
            if column.known is Known.CLOCK or column.name in table.required:
                continue
            found.append(_missing(table, column, frame[column.name].isna(), years))
    return found


def _missing(table: Table, column: Column, missing: pd.Series, years: pd.Series | None) -> Missing:
    by_year = {} if years is None else missing.groupby(years).agg(["sum", "size"]).to_dict()
    return Missing(
        table=table.name,
        column=column.name,
        meaning=column.meaning,
        may_be_open=column.known is Known.END or column.name == "death_date",
        missing=int(missing.sum()),
        rows=len(missing),
        missing_by_year={int(k): int(v) for k, v in by_year.get("sum", {}).items()},
        rows_by_year={int(k): int(v) for k, v in by_year.get("size", {}).items()},
    )


def lags(records: Records) -> list[Lag]:
    """Measure for each clock how long after the event the service knew."""
    found = []
    for name, table in TABLES.items():
        frame = records[name]
        if not table.date or frame.empty or "known_by_rule" not in table:
            continue
        recorded = ~frame["known_by_rule"].fillna(True).to_numpy(dtype=bool)
        for clock, what in _CLOCKS.items():
            if clock not in table:
                continue
            event = frame[table.end if clock == "end_known_date" else table.date]
            days = (frame[clock] - event).dt.days
            held = days.notna().to_numpy()
            found.append(_lag(name, what, days[held & recorded], int(held.sum()), _RULES[clock]))
    return found


def _lag(name: str, what: str, days: pd.Series, rows: int, rule: str) -> Lag:
    enough = len(days) >= _FEWEST_LAGS
    classes = None
    if enough:
        place = np.searchsorted(np.array(LAGS), days.to_numpy(dtype=np.int64))
        classes = np.bincount(place, minlength=len(LAG_NAMES)).astype(np.int64)
    return Lag(
        table=name,
        what=what,
        recorded=len(days),
        rows=rows,
        rule=rule if len(days) < rows else "",
        classes=classes,
        median=float(days.median()) if enough else float("nan"),
        ninetieth=float(days.quantile(0.9)) if enough else float("nan"),
    )


def row_ranges(rows: Sequence[int], most: int = 30) -> str:
    """Write row numbers, neighbours as ranges.

    Examples
    --------
    >>> row_ranges([2, 3, 4, 9, 11])
    '2–4, 9, 11'
    """
    if not rows:
        return ""
    numbers = np.array(sorted(set(rows)))
    breaks = np.flatnonzero(np.diff(numbers) > 1)
    starts, ends = numbers[np.r_[0, breaks + 1]], numbers[np.r_[breaks, len(numbers) - 1]]
    written = [
        str(first) if first == last else f"{first}–{last}"
        for first, last in zip(starts[:most], ends[:most], strict=True)
    ]
    return ", ".join(written) + (" …" if len(starts) > most else "")
