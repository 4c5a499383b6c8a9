"""The lists of an Annex A workbook, recognised by their columns and taken as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.readers import cells
from fs_risk.readers.annex_a_workbook import Cells, Sheet, read_workbook
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.exclusions import excluding_note, listed
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.annex_a import LISTS
from fs_risk.records.layouts.annex_a_list import AnnexAList, ListColumn, header_key
from fs_risk.records.notebook import STAMP
from fs_risk.records.said_invented import SYNTHETIC_SHEET, said_invented

_TITLE_CELLS = 2
"""A row above the header with no more cells than these is a title or a note."""

_HEADER_ROWS = 20
_OWN_SHARE = 0.5
_PLAINLY_OWN = 0.8
"""With so many of a list's columns a sheet is that list, even if nobody is named in it."""
_ID_COLUMN = "child_id"


@dataclass
class Workbook:
    """The lists of one workbook as text.

    Attributes
    ----------
    lists : dict of int to DataFrame
        By number: the columns that are read, under our names, with ``source_file``
        and ``source_row``. All eleven that were recognised; lists 9 to 11 hold only
        their ids.
    findings : list of Finding
    """

    lists: dict[int, pd.DataFrame]
    findings: list[Finding] = field(default_factory=list)


def load_lists(path: Path) -> Workbook:
    """Recognise the lists of a workbook.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Workbook

    Raises
    ------
    ReturnError
        If no sheet is a list, or a list lacks the column that dates its rows or says
        whom they are about.
    """
    book = Workbook({})
    others = 0
    for sheet in read_workbook(path):
        found = _recognise(sheet)
        if found is None:
            _refuse_without_ids(path, sheet)
            others += 1
            book.findings += _invented(path, sheet)
            continue
        which, at, columns = found
        book.findings += _above(path, sheet, which, at)
        frame = _frame(path, sheet, which, at, columns)
        earlier = [book.lists[which.number]] if which.number in book.lists else []
        book.lists[which.number] = pd.concat([*earlier, frame], ignore_index=True)
    if not any(LISTS[number].date for number in book.lists):
        raise ReturnError(
            "No sheet of the workbook is a list of Annex A from 1 to 8.",
            where=path.name,
            fix="Give the workbook with the template's column names (Child Unique ID…) in each "
            "list.",
        )
    frames = [frame for frame in book.lists.values() if _ID_COLUMN in frame]
    for frame, ids in zip(
        frames, cells.one_spelling([frame[_ID_COLUMN] for frame in frames]), strict=True
    ):
        frame[_ID_COLUMN] = ids
    book.findings += _reported(path, book.lists, others)
    return book


def _invented(path: Path, sheet: Sheet) -> list[Finding]:
    """Report a front sheet that says that the workbook is invented."""
    words = sheet.rows[0][1][0] if sheet.name == SYNTHETIC_SHEET and sheet.rows else None
    return said_invented([path.name] if (words or "").startswith(STAMP) else [])


def without_children(book: Workbook, excluded: frozenset[str]) -> Workbook:
    """Take the listed children's rows out of every list, before anything is joined.

    Parameters
    ----------
    book : Workbook
    excluded : frozenset of str

    Returns
    -------
    Workbook
    """
    if not excluded:
        return book
    kept = {
        number: frame[~listed(frame[_ID_COLUMN], excluded)] if _ID_COLUMN in frame else frame
        for number, frame in book.lists.items()
    }
    n_gone = sum(len(book.lists[number]) - len(frame) for number, frame in kept.items())
    return Workbook(kept, [*book.findings, *excluding_note(n_gone)])


def _recognise(sheet: Sheet) -> tuple[AnnexAList, int, dict[int, ListColumn]] | None:
    """Find the header among the first rows: the row most of whose names are one list's."""
    best: tuple[float, AnnexAList, int, dict[int, ListColumn]] | None = None
    for at, (_, row) in enumerate(sheet.rows[:_HEADER_ROWS]):
        keys = [header_key(cell or "") for cell in row]
        for which in LISTS.values():
            columns = _matched(which, keys)
            if not any(column.name == _ID_COLUMN for column in columns.values()):
                continue
            share = len(columns) / len(which.columns)
            if share >= _OWN_SHARE and (best is None or share > best[0]):
                best = (share, which, at, columns)
    return None if best is None else best[1:]


def _refuse_without_ids(path: Path, sheet: Sheet) -> None:
    """Refuse a sheet that is plainly a list, but whose rows cannot be told whom they are about."""
    for number, row in sheet.rows[:_HEADER_ROWS]:
        keys = [header_key(cell or "") for cell in row]
        for which in LISTS.values():
            if which.date and len(_matched(which, keys)) >= _PLAINLY_OWN * len(which.columns):
                raise _lacking(path, which, number, _ID_COLUMN)


def _lacking(path: Path, which: AnnexAList, row: int, name: str) -> ReturnError:
    header = next(column.header for column in which.columns if column.name == name)
    return ReturnError(
        f"List {which.number} ({which.title}) lacks the column {header!r}.",
        where=f"{path.name}, list {which.number}, row {row}",
        fix="Add the column, with the template's name.",
    )


def _above(path: Path, sheet: Sheet, which: AnnexAList, at: int) -> list[Finding]:
    """Report rows above the header that hold more than a title does: they are not read."""
    rows = [number for number, row in sheet.rows[:at] if sum(map(bool, row)) > _TITLE_CELLS]
    if not rows:
        return []
    return [
        finding(
            "R064",
            "error",
            "Rows above a list's header hold cells; they are not read.",
            file=f"{path.name}, list {which.number}",
            count=len(rows),
            rows=rows,
            fix="Put the header above all rows of the list.",
        )
    ]


def _matched(which: AnnexAList, keys: Sequence[str]) -> dict[int, ListColumn]:
    """Give the list's columns by their place in the row; of one named twice, the first."""
    found: dict[int, ListColumn] = {}
    for place, key in enumerate(keys):
        column = which.column(key) if key else None
        if column is not None and column not in found.values():
            found[place] = column
    return found


def _frame(
    path: Path, sheet: Sheet, which: AnnexAList, at: int, columns: Mapping[int, ListColumn]
) -> pd.DataFrame:
    names = [column.name for column in columns.values()]
    if which.date and which.date not in names:
        raise _lacking(path, which, sheet.rows[at][0], which.date)
    rows = sheet.rows[at + 1 :]
    read = {place: column for place, column in columns.items() if column.content != "-"}
    frame = pd.DataFrame(
        {column.name: _column(rows, place) for place, column in read.items()},
        index=range(len(rows)),
    )
    frame["source_file"] = pd.Series(
        f"{path.name}, list {which.number}", index=frame.index, dtype="str"
    )
    frame["source_row"] = pd.Series([number for number, _ in rows], dtype="Int64")
    return frame


def _column(rows: Sequence[tuple[int, Cells]], place: int) -> pd.Series:
    return pd.Series([row[place] if place < len(row) else None for _, row in rows], dtype="str")


def _reported(path: Path, lists: Mapping[int, pd.DataFrame], others: int) -> list[Finding]:
    """Say which lists are absent or empty, and how many sheets were passed over."""
    findings = [
        finding(
            "R060",
            "note",
            f"List {number} ({which.title}) is {'empty' if number in lists else 'absent'}; nothing "
            "is known of what it would hold.",
            file=path.name,
            fix="Export it, if the system holds it.",
        )
        for number, which in LISTS.items()
        if which.date and (number not in lists or lists[number].empty)
    ]
    if others:
        findings.append(
            finding(
                "R061",
                "note",
                count_of(
                    others,
                    "sheet is not a list of Annex A and was not read.",
                    "sheets are not lists of Annex A and were not read.",
                ),
                file=path.name,
                count=others,
                fix="Nothing needs doing, unless one was meant to be a list.",
            )
        )
    return findings
