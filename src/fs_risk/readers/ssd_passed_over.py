"""What of a folder was not read as a table of the dataset, and what it may have been meant for."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.ssd import SSD_TABLES
from fs_risk.records.layouts.ssd_table import SsdTable

_NEARLY = 0.85
_BOOKS = (".xlsx", ".xlsm", ".xls")


def unrecognised(path: Path, written: Sequence[str]) -> Finding:
    """Report a file that is not read, as an error where its name says that it should be."""
    meant = [name for name in SSD_TABLES if name in path.name.lower()]
    if not meant:
        return finding(
            "R021",
            "note",
            "The file is not a table of the dataset and was not read.",
            file=path.name,
            fix="Nothing needs doing, unless it was meant to be one.",
        )
    table = SSD_TABLES[max(meant, key=len)]
    why = "its first row does not hold that table's column names" if any(written) else "it is empty"
    return finding(
        "R021",
        "error",
        f"The file is named as {table.name}, but {why}; it was not read.",
        file=path.name,
        fix=f"Export it with the names in the first row, as the dataset spells them "
        f"({table.needed[0]}…), and nothing above them.",
    )


def nearly_spelt(path: Path, table: SsdTable, written: Sequence[str]) -> list[Finding]:
    """Report columns whose names come close to those of columns that are not there."""
    names = [table.aliases.get(name.lower(), name.lower()) for name in written]
    absent = [name for name in table.read if name not in names]
    close = {
        name: match
        for name in names
        if name not in table.columns
        for match in get_close_matches(name, absent, n=1, cutoff=_NEARLY)
    }
    return [
        finding(
            "R001",
            "warning",
            f"{name} is not a column of {table.name}, and {match} is absent.",
            table=table.name,
            column=match,
            file=path.name,
            fix=f"Rename it if {match} was meant; it is not used.",
        )
        for name, match in close.items()
    ]


def workbooks(source: str | Path) -> list[Finding]:
    """Report the workbooks of a folder, which are not read."""
    path = Path(source)
    books = [each for each in path.iterdir() if each.suffix.lower() in _BOOKS]
    return [
        finding(
            "R021",
            "note",
            "The file is a workbook and was not read.",
            file=book.name,
            fix="Give it by itself if it is Annex A; save tables of another return as CSV UTF-8.",
        )
        for book in sorted(books)
    ]


def absent_or_empty(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Report the tables of the dataset that hold nothing here."""
    absent = [name for name in SSD_TABLES if name not in tables]
    empty = [name for name, frame in tables.items() if frame.empty]
    return [
        finding(
            "R022",
            "note",
            f"{name} is {'empty' if name in empty else 'absent'}; nothing is known of what it "
            "would hold.",
            table=name,
            fix="Export it, if the system holds it.",
        )
        for name in [*absent, *empty]
    ]
