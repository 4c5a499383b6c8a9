"""A list as an Excel workbook: the list itself, and a sheet that says what it is for."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.triage.list_cells import not_written, plain_cell, plain_cells

ABOUT = "About this list"
_NARROWEST, _WIDEST = 8, 60
_ABOUT_WIDTHS = (26, 110)
_LONGEST_TITLE = 31
_HEADING_WIDTH = 130
"""Characters on a line at the head of an A4 page on its side; heads do not wrap by themselves."""


def write_workbook(
    frame: pd.DataFrame,
    path: str | Path,
    *,
    title: str,
    about: Mapping[str, Any],
    heading: str,
) -> Path:
    """Write a list as a workbook ready to be read and printed.

    The header is frozen and printed on every page, columns are as wide as what they
    hold, dates and numbers are dates and numbers, and no cell is a formula. A printed page
    may be found without the others: each says at its head what it is of.

    Parameters
    ----------
    frame : DataFrame
    path : str or Path
        Ends in ``.xlsx``; replaced if it exists.
    title : str
        Of the first sheet.
    about : mapping of str to object
        The lines of the second.
    heading : str
        Printed at the head of every page: no more than 250 characters, and no data.

    Returns
    -------
    Path

    Raises
    ------
    SettingError
        If the path does not end in ``.xlsx``, or cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise SettingError(
            "A workbook is written as .xlsx.",
            where=target.name,
            fix="Give a path that ends in .xlsx.",
        )
    from openpyxl import Workbook

    book = Workbook()
    _list_sheet(book.active, plain_cells(frame), title[:_LONGEST_TITLE])
    _about_sheet(book.create_sheet(ABOUT), about)
    for sheet in book:
        _printed(sheet, heading)
    try:
        book.save(target)
    except OSError as error:
        raise not_written(target, error) from None
    return target


def _list_sheet(sheet: Any, cells: pd.DataFrame, title: str) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.title = title
    rows = [list(cells.columns), *cells.to_numpy(dtype=object).tolist()]
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            _put(sheet.cell(row=number, column=place), value)
    for place in range(1, len(cells.columns) + 1):
        head = sheet.cell(row=1, column=place)
        head.font = Font(bold=True)
        head.alignment = Alignment(wrap_text=True, vertical="top")
        longest = max(len(str(row[place - 1] or "")) for row in rows)
        width = min(max(longest + 2, _NARROWEST), _WIDEST)
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"


def _about_sheet(sheet: Any, about: Mapping[str, Any]) -> None:
    from openpyxl.styles import Font

    for number, (name, value) in enumerate(about.items(), start=1):
        _put(sheet.cell(row=number, column=1), plain_cell(name))
        sheet.cell(row=number, column=1).font = Font(bold=True)
        _put(sheet.cell(row=number, column=2), plain_cell(value))
    for letter, width in zip("AB", _ABOUT_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width


def _put(cell: Any, value: Any) -> None:
    """Put a value into a cell as what it is; text is text, whatever it looks like."""
    from openpyxl.styles import Alignment

    if value is None or value is pd.NaT:
        return
    if isinstance(value, datetime | date):
        cell.value = date(value.year, value.month, value.day)
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, bool | int | float):
        cell.value = value
    else:
        cell.value = str(value)
        cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _printed(sheet: Any, heading: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.center.text = fill(heading, _HEADING_WIDTH)
    sheet.oddHeader.center.size = 9
    sheet.oddFooter.center.text = "Page &P of &N"
