"""Findings: what is wrong with the data, where, how often, and what to do about it.

A finding never holds a child's identifier, date or value: row numbers lead the
analyst to the cell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Severity = Literal["error", "warning", "note"]

ROWS_KEPT = 1_000
"""How many row numbers a finding keeps; `count` always has the true number."""

COLUMNS = ("rule", "severity", "table", "column", "file", "rows", "count", "message", "fix")
"""The columns of ``records.problems``."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the data, or that a reader had to decide.

    Attributes
    ----------
    rule : str
        A stable code: ``R…`` for the library's own, ``CIN …`` for the number of a
        Children in need census validation rule.
    severity : {"error", "warning", "note"}
        ``error``: rows or cells could not be used. ``warning``: used, but doubtful.
        ``note``: a decision of the reader that changes nothing by itself.
    table, column : str
        Where, in the canonical tables; empty where it is the whole file.
    file : str
        Name of the file, without its folder.
    rows : tuple of int
        Line or row numbers in that file, at most `ROWS_KEPT`.
    count : int
        How many rows, or whatever the message counts; 0 where it is of the return as a whole.
    message : str
        What is wrong.
    fix : str
        What to do.
    """

    rule: str
    severity: Severity
    table: str
    column: str
    file: str
    rows: tuple[int, ...]
    count: int
    message: str
    fix: str


def finding(
    rule: str,
    severity: Severity,
    message: str,
    *,
    fix: str,
    table: str = "",
    column: str = "",
    file: str = "",
    rows: Iterable[int] = (),
    count: int | None = None,
) -> Finding:
    """Make one finding; `count` is the number of `rows` unless given."""
    numbers = sorted({int(row) for row in rows})
    return Finding(
        rule=rule,
        severity=severity,
        table=table,
        column=column,
        file=file,
        rows=tuple(numbers[:ROWS_KEPT]),
        count=len(numbers) if count is None else count,
        message=message,
        fix=fix,
    )


def findings_by_file(
    rule: str,
    severity: Severity,
    message: str,
    rows: pd.DataFrame,
    *,
    fix: str,
    table: str = "",
    column: str = "",
) -> list[Finding]:
    """Make one finding for each source file among the faulty rows of a canonical table.

    Parameters
    ----------
    rows : DataFrame
        The faulty rows, with ``source_file`` and ``source_row``.
    """
    if rows.empty:
        return []
    files = rows["source_file"].astype("object").where(rows["source_file"].notna(), "")
    numbers = rows["source_row"]
    return [
        finding(
            rule,
            severity,
            message,
            fix=fix,
            table=table,
            column=column,
            file=str(file),
            rows=group.dropna().astype(np.int64),
            count=len(group),
        )
        for file, group in numbers.groupby(files)
    ]


def to_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Lay findings out as a table, errors first."""
    order = {"error": 0, "warning": 1, "note": 2}
    ordered = sorted(findings, key=lambda found: (order[found.severity], found.rule, found.file))
    return pd.DataFrame(
        [[getattr(found, name) for name in COLUMNS] for found in ordered], columns=list(COLUMNS)
    )
