"""CSV and Parquet files as text columns, whatever their encoding or delimiter.

Only the columns that are asked for are loaded. Every cell is text, so that an
identifier keeps its zeros; what a database writes for "nothing" is missing.
"""

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from fs_risk.errors import ReturnError
from fs_risk.records.findings import Finding, finding

NOTHING = ("", "NULL", "null", "NaN", "nan", "#N/A", "SSD_PH", "PLACEHOLDER_DATA")
"""Cells that hold nothing: a database's, a spreadsheet's and the dataset's placeholders."""

_DELIMITERS = ",;\t|"
_HEAD = 1 << 16
_BLOCK = 1 << 20
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_PARQUET = b"PAR1"


def header_of(path: Path) -> list[str]:
    """Give a table's column names as they are written.

    Raises
    ------
    ReturnError
        If the file is neither CSV text nor Parquet.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_PARQUET):
        return list(_parquet_schema(path).names)
    text = _text_head(head, path).lstrip("\r\n")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return [name.strip() for name in next(iter(rows), [])]
    except csv.Error as error:
        raise _not_a_table(path) from error


def read_columns(path: Path, columns: Sequence[str]) -> tuple[pd.DataFrame, list[Finding]]:
    """Load some columns of a table as text.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        As `header_of` gives them.

    Returns
    -------
    frame : DataFrame
        The columns as str, and ``source_file`` and ``source_row``: the row's number
        as a spreadsheet counts it, the header being row 1.
    findings : list of Finding
        Rows with too many or too few cells; they cannot be used.

    Raises
    ------
    ReturnError
        If the file cannot be read as what it is.
    """
    with path.open("rb") as file:
        is_parquet = file.read(len(_PARQUET)) == _PARQUET
    table, skipped = _parquet(path, columns) if is_parquet else _csv(path, columns)
    frame = pd.DataFrame({name: as_text(table.column(name)) for name in columns})
    numbers = pd.RangeIndex(2, 2 + len(frame) + len(skipped)).difference(pd.Index(skipped))
    frame["source_file"] = pd.Series(path.name, index=frame.index, dtype="str")
    frame["source_row"] = numbers[: len(frame)]
    if not skipped:
        return frame, []
    return frame, [
        finding(
            "R020",
            "error",
            "Rows have more or fewer cells than the header.",
            file=path.name,
            rows=skipped,
            fix="Export the table again with text in quotation marks; the rows were not read.",
        )
    ]


def _text_head(head: bytes, path: Path) -> str:
    if head.startswith(_EXCEL):
        raise ReturnError(
            "The file is an Excel workbook, not CSV.",
            where=path.name,
            fix="Save each sheet as CSV UTF-8.",
        )
    encoding = _encoding(head)
    if encoding != "utf-16" and b"\0" in head:
        raise _not_a_table(path)
    if encoding == "utf-8" and not _is_utf8_so_far(head):
        encoding = "cp1252"
    return head.decode(encoding, errors="replace").lstrip("\ufeff")


def _is_utf8_so_far(head: bytes) -> bool:
    """Say whether a file's beginning is UTF-8; its last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeError:
        return False
    return True


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8"


def _delimiter(text: str) -> str:
    line = text.split("\n", 1)[0]
    return max(_DELIMITERS, key=line.count)


def _csv(path: Path, columns: Sequence[str]) -> tuple[pa.Table, list[int]]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    encoding = _encoding(head)
    text = _text_head(head, path)
    if encoding == "utf-8" and not _is_utf8(path):
        encoding = "cp1252"
    try:
        return _parsed(path, columns, encoding, text)
    except (pa.ArrowException, UnicodeError) as error:
        raise _not_a_table(path) from error


def _is_utf8(path: Path) -> bool:
    """Say whether all of a file is UTF-8: a row that cannot be decoded could not be counted."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _parsed(
    path: Path, columns: Sequence[str], encoding: str, head: str
) -> tuple[pa.Table, list[int]]:
    """Parse a file by the places of its columns: names may repeat, or have spaces around them."""
    names = header_of(path)
    place_of = {name: f"column {names.index(name)}" for name in columns}
    text = head.lstrip("\r\n")
    above = len(head[: len(head) - len(text)].splitlines())
    skipped: list[int] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        skipped.append(int(row.number or 0) - above)
        return "skip"

    table = pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(
            use_threads=False,
            encoding=encoding,
            column_names=[f"column {place}" for place in range(len(names))],
            skip_rows=above,
            skip_rows_after_names=1,
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=_delimiter(text), newlines_in_values=True, invalid_row_handler=skip
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types={place: pa.string() for place in place_of.values()},
            include_columns=list(dict.fromkeys(place_of.values())),
            null_values=list(NOTHING),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    return pa.table({name: table.column(place) for name, place in place_of.items()}), skipped


def _parquet_schema(path: Path) -> pa.Schema:
    try:
        return pa_parquet.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _not_a_table(path) from error


def _parquet(path: Path, columns: Sequence[str]) -> tuple[pa.Table, list[int]]:
    try:
        return pa_parquet.read_table(path, columns=list(columns)), []
    except (pa.ArrowInvalid, OSError) as error:
        raise _not_a_table(path) from error


def as_text(column: pa.ChunkedArray) -> pd.Series:
    """Give a column as str, with what stands for nothing missing."""
    values = pd.Series(column.to_pandas())
    text = values if values.dtype == "str" else values.astype("str").where(values.notna())
    nothing = text.isin(list(NOTHING))
    return text.where(~nothing) if nothing.any() else text


def _not_a_table(path: Path) -> ReturnError:
    return ReturnError(
        "The file is not the CSV or Parquet table that its name says.",
        where=path.name,
        fix="Export the table again as CSV UTF-8 or Parquet.",
    )
