"""An Excel workbook, new or old, as rows of text; nothing in it is run, expanded or fetched.

Workbooks come by mail from many hands: a workbook that would unpack to more than any
authority's Annex A, or declares entities, is refused before it is read. Formulas are
never calculated; the values that were saved with them are taken.
"""

import math
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fs_risk.errors import ReturnError

LARGEST_UNPACKED = 400 << 20
"""Bytes that a workbook may unpack to; an authority's Annex A takes a tenth of it."""
LARGEST_OLD = 200 << 20
MOST_SHEETS = 60
MOST_COLUMNS = 60
MOST_ROWS = 1 << 20
"""As many as Excel has; a row that is numbered beyond would be led up to by empty ones."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
_HEAD = 1 << 12
_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"}
)

Cells = tuple[str | None, ...]
Row = tuple[int, Cells]


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    name : str
    rows : tuple of (int, tuple of str or None)
        Its rows that are not empty, each with its number as Excel shows it.
    """

    name: str
    rows: tuple[Row, ...]


def read_workbook(path: Path) -> list[Sheet]:
    """Read the sheets of a workbook as text.

    Dates become yyyy-mm-dd, whole numbers lose their ".0", errors such as ``#N/A``
    are empty, no-break spaces are spaces. Columns beyond the first `MOST_COLUMNS`
    are not read.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.xls``, told apart by content.

    Returns
    -------
    list of Sheet

    Raises
    ------
    ReturnError
        If it is no workbook, is damaged or protected by a password, or is too large.
    """
    with path.open("rb") as file:
        head = file.read(len(_OLE))
    if head.startswith(_ZIP):
        _check_archive(path)
        return _opened(path, _xlsx)
    if head == _OLE or head.startswith(_BIFF):
        if path.stat().st_size > LARGEST_OLD:
            raise _too_large(path, LARGEST_OLD)
        return _opened(path, _xls)
    raise ReturnError(
        "The file is not an Excel workbook.",
        where=path.name,
        fix="Give the Annex A workbook, saved as .xlsx or .xls.",
    )


def _opened(path: Path, read: Callable[[Path], list[Sheet]]) -> list[Sheet]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read(path)
    except ReturnError:
        raise
    # the libraries raise whatever a damaged byte leads to, from KeyError to struct.error
    except Exception as error:
        raise _damaged(path) from error


def _check_archive(path: Path) -> None:
    """Refuse an archive that unpacks to too much, or whose XML declares a document type."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LARGEST_UNPACKED:
                raise _too_large(path, LARGEST_UNPACKED)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        head = part.read(_HEAD).replace(b"\0", b"")
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise ReturnError(
                            "The workbook declares a document type, which is never read.",
                            where=path.name,
                            fix="Open the workbook in Excel and save it again.",
                        )
    except ReturnError:
        raise
    except Exception as error:
        raise _damaged(path) from error


def _xlsx(path: Path) -> list[Sheet]:
    import openpyxl

    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        _check_sheets(path, len(book.worksheets))
        sheets = []
        for sheet in book.worksheets:
            # the stated size may be false: believed, it would make rows out of nothing
            sheet.reset_dimensions()
            found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
            sheets.append(Sheet(str(sheet.title), tuple(_filled(found, _text))))
        return sheets


def _xls(path: Path) -> list[Sheet]:
    import io

    import xlrd

    content = path.read_bytes()
    book = xlrd.open_workbook(file_contents=content, on_demand=True, logfile=io.StringIO())
    _check_sheets(path, book.nsheets)

    def text(cell: Any) -> str | None:
        if cell.ctype == xlrd.XL_CELL_DATE:
            return _text(xlrd.xldate_as_datetime(cell.value, book.datemode))
        if cell.ctype in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            return None
        return _text(bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value)

    sheets = []
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        rows = (tuple(sheet.row(row)[:MOST_COLUMNS]) for row in range(sheet.nrows))
        sheets.append(Sheet(str(sheet.name), tuple(_filled(rows, text))))
    return sheets


def _filled(rows: Iterator[tuple[Any, ...]], text: Callable[[Any], str | None]) -> Iterator[Row]:
    """Leave out the rows without text; give the others their numbers."""
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise ValueError("a row is numbered beyond the last")
        if row.count(None) == len(row):
            continue
        cells = tuple(None if value is None else text(value) for value in row)
        if any(cell is not None for cell in cells):
            yield number, cells


def _text(value: Any) -> str | None:
    """Write one cell's value as text."""
    if value is None:
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    text = " ".join(str(value).replace("\xa0", " ").split())
    return None if not text or text in _ERRORS else text


def _check_sheets(path: Path, count: int) -> None:
    if count > MOST_SHEETS:
        raise ReturnError(
            f"The workbook has {count} sheets.",
            where=path.name,
            fix=f"Give a workbook of at most {MOST_SHEETS} sheets, among them the lists.",
        )


def _too_large(path: Path, limit: int) -> ReturnError:
    return ReturnError(
        f"The workbook unpacks to more than {limit >> 20} MB.",
        where=path.name,
        fix="Give the Annex A workbook alone, without pictures or other data.",
    )


def _damaged(path: Path) -> ReturnError:
    return ReturnError(
        "The workbook cannot be opened: it is damaged, cut off or protected by a password.",
        where=path.name,
        fix="Open it in Excel, remove any password, and save it again as .xlsx.",
    )
