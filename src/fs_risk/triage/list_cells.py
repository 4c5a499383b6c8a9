"""A list's cells as text that no spreadsheet takes for a formula, and as CSV."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.writing.spreadsheet import FORMULA_SIGNS

_SIGNS = "".join(dict.fromkeys(f"{FORMULA_SIGNS}＝＋－＠"))
"""Signs of formulas, full width too: some spreadsheets read those alike."""

_UNSEEN = r"\s\x00-\x20\x7f\u00a0\u200b-\u200f\u2028-\u202e\u2060\ufeff"
_RISKY = re.compile(f"^(?:[{_UNSEEN}]*[{re.escape(_SIGNS)}]|')")
_NOT_WRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def plain_cell(value: Any) -> Any:
    """Give a cell that is no formula wherever it is opened.

    Text that a spreadsheet would calculate, also behind blanks that it might strip, gets
    an apostrophe in front; so does text that begins with one, so that taking one off
    always gives the text back. Characters that no file can hold are replaced.

    Parameters
    ----------
    value : object

    Returns
    -------
    object
        The same, where it is not text.

    Examples
    --------
    >>> plain_cell("=1+1"), plain_cell("A-1"), plain_cell(7)
    ("'=1+1", 'A-1', 7)
    """
    if not isinstance(value, str):
        return value
    text: str = writable(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _RISKY.match(text) else text


def writable(value: Any) -> Any:
    """Replace the characters of a text that no file or database can hold."""
    if not isinstance(value, str):
        return value
    return _NOT_WRITTEN.sub("\N{REPLACEMENT CHARACTER}", value)


def plain_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame whose cells are none of them a formula.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    DataFrame of object
        Missing cells are None.
    """
    named = {name: plain_cell(str(name)) for name in frame.columns}
    return each_cell(frame, plain_cell).rename(columns=named)


def each_cell(frame: pd.DataFrame, change: Callable[[Any], Any]) -> pd.DataFrame:
    """Change each cell of a frame; whatever its types were, missing cells are None.

    Parameters
    ----------
    frame : DataFrame
    change : callable

    Returns
    -------
    DataFrame of object
    """
    changed = frame.astype("object").map(change).astype("object")
    # text columns are inferred again by map, and would say NaN
    return changed.where(changed.notna(), None)


def write_csv(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a list as CSV that a spreadsheet opens as UTF-8.

    Parameters
    ----------
    frame : DataFrame
    path : str or Path
        Replaced if it exists.

    Returns
    -------
    Path

    Raises
    ------
    SettingError
        If the file cannot be written.
    """
    target = Path(path)
    try:
        plain_cells(frame).to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\n")
    except OSError as error:
        raise not_written(target, error) from None
    return target


def not_written(target: Path, error: OSError) -> SettingError:
    """Give the error for a file that cannot be written."""
    return SettingError(
        f"The file cannot be written: {error.strerror or 'no such place'}.",
        where=target.name,
        fix="Give a path in a folder that exists and may be written, and close the file elsewhere.",
    )
