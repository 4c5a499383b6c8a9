"""What two returns observe together, and what they know on the earlier extract date."""

from collections.abc import Mapping

import pandas as pd

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.findings import Finding, finding
from fs_risk.records.lookup import is_among
from fs_risk.records.records import Window
from fs_risk.records.tables import TABLES, Kind, Known, Table

Span = tuple[pd.Timestamp, pd.Timestamp]


def joint_windows(
    first: Mapping[str, Window | None], second: Mapping[str, Window | None], end: pd.Timestamp
) -> tuple[dict[str, Span | None], list[Finding]]:
    """Join the windows of each table.

    Parameters
    ----------
    first, second : mapping of str to Window or None
    end : Timestamp
        The earlier extract date; nothing is observed after it.

    Returns
    -------
    coverage : dict of str to (from, to) or None
        The union of windows that overlap or touch; of two that do not, the later.
    findings : list of Finding
        Windows with a gap between them.
    """
    coverage: dict[str, Span | None] = {}
    gaps = []
    for name in TABLES:
        spans = [_capped(window, end) for window in (first.get(name), second.get(name))]
        held = sorted(span for span in spans if span is not None)
        coverage[name] = held[-1] if held else None
        if len(held) == 2:
            touching = held[1][0] <= held[0][1] + pd.Timedelta(days=1)
            if touching:
                coverage[name] = (held[0][0], max(held[0][1], held[1][1]))
            else:
                gaps.append(_gap(name))
    return coverage, gaps


def _capped(window: Window | None, end: pd.Timestamp) -> Span | None:
    if window is None or window.observed_from > end:
        return None
    return window.observed_from, min(window.observed_to, end)


def _gap(name: str) -> Finding:
    return finding(
        "R033",
        "warning",
        "The two returns leave days between them that neither observes.",
        table=name,
        fix="Add the return for the days between; only the later window counts.",
    )


def cut_after(
    tables: Mapping[str, pd.DataFrame], end: pd.Timestamp
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], list[Finding]]:
    """Make what happened, or was recorded, after a day unknown.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Canonical tables with their clocks.
    end : Timestamp

    Returns
    -------
    tables : dict of str to DataFrame
        Without later rows; later dates, and what came with them, are missing.
    late : dict of str to DataFrame
        The later rows.
    findings : list of Finding
        One, if anything was cut.
    """
    kept: dict[str, pd.DataFrame] = {}
    late: dict[str, pd.DataFrame] = {}
    n_cells = 0
    for name, frame in tables.items():
        after = _later_rows(name, frame, end, late)
        if after.any():
            late[name], frame = frame[after], frame[~after]
        kept[name], n_blank = _blanked(TABLES[name], frame, end)
        n_cells += n_blank
    n_rows = sum(map(len, late.values()))
    if not n_rows and not n_cells:
        return kept, late, []
    return (
        kept,
        late,
        [
            finding(
                "R034",
                "note",
                f"{count_of(n_rows, 'row')} and {count_of(n_cells, 'cell')} later than the earlier "
                "extract.",
                count=n_rows + n_cells,
                fix="Nothing needs doing; they are unknown to the combined records. To use them, "
                "combine returns that were extracted on the same day.",
            )
        ],
    )


def _later_rows(
    name: str, frame: pd.DataFrame, end: pd.Timestamp, late: Mapping[str, pd.DataFrame]
) -> pd.Series:
    """Say which rows happened or were recorded after a day."""
    if name == "factors" and "assessments" in late:
        return is_among(frame["assessment_id"], late["assessments"]["assessment_id"])
    if not TABLES[name].date:
        return pd.Series(False, index=frame.index)
    happened = frame[TABLES[name].date] > end
    recorded = (frame["known_date"] > end) & ~_by_rule(frame)
    return happened | recorded


def _by_rule(frame: pd.DataFrame) -> pd.Series:
    return frame["known_by_rule"].fillna(True).astype(bool)


def _blanked(table: Table, frame: pd.DataFrame, end: pd.Timestamp) -> tuple[pd.DataFrame, int]:
    """Blank single dates, decisions and ends that came or were recorded after a day."""
    frame = frame.copy()
    n_cells = 0
    for known, later in _late_groups(table, frame, end):
        for column in table.columns:
            if column.known is known and column.kind is not Kind.DATE:
                frame[column.name] = frame[column.name].where(~later)
            elif column.known is known:
                n_cells += int((later & frame[column.name].notna()).sum())
                frame[column.name] = frame[column.name].where(~later)
    for column in table.columns:
        if column.kind is Kind.DATE and not column.planned:
            later = frame[column.name] > end
            n_cells += int(later.sum()) * (column.known is not Known.CLOCK)
            frame[column.name] = frame[column.name].where(~later)
    return frame, n_cells


def _late_groups(
    table: Table, frame: pd.DataFrame, end: pd.Timestamp
) -> list[tuple[Known, pd.Series]]:
    """Say which rows' ends and decisions were not known on a day."""
    groups = []
    if table.end:
        groups.append((Known.END, (frame[table.end] > end) | (frame["end_known_date"] > end)))
    if "decision_known_date" in table:
        recorded = (frame["decision_known_date"] > end) & ~_by_rule(frame)
        groups.append((Known.DECISION, recorded))
    return groups
