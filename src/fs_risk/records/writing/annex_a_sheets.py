"""The sheets of an Annex A workbook, as the template lays them out or as they come."""

from collections.abc import Sequence

import pandas as pd

from fs_risk.records.layouts.annex_a_list import AnnexAList
from fs_risk.records.writing.mess import Mess, spaced

Rows = list[Sequence[object]]

_LETTER = r"^[a-z]{1,2}\d?\) "
_YES_NO: dict[str, tuple[str, ...]] = {
    "a) Yes": ("a) Yes", "Yes", "Y", "1", "yes"),
    "b) No": ("b) No", "No", "N", "0", "no"),
}
_SEXES: dict[str, tuple[str, ...]] = {
    "a) Male": ("a) Male", "M", "1", "Male"),
    "b) Female": ("b) Female", "F", "2", "Female"),
    "c) Not stated/recorded": ("c) Not stated/recorded", "U", "0"),
}
_NOTHING = "#N/A"
_BLANK_EVERY = 40
_LONGEST_NAME = 31
_SHORTENED = ("source", "category", "ethnicity")


def clean_sheet(which: AnnexAList, frame: pd.DataFrame) -> tuple[str, Rows]:
    """Lay a list out as the template has it: a title, the headers, the rows."""
    rows: Rows = [[f"List {which.number}: {which.title}"]]
    rows.append([column.header for column in which.columns])
    rows += list(frame.itertuples(index=False, name=None))
    return f"List_{which.number}", rows


def messy_sheet(which: AnnexAList, frame: pd.DataFrame, mess: Mess) -> tuple[str, Rows]:
    """Lay a list out as authorities do.

    A title, an empty row or neither above the headers; headers in another case, with
    spaces or without their question mark; sheets named otherwise; dates as text, day
    first, or as dates; ages as floats; codes with or without their letter; spaces and
    no-break spaces about ids; ``#N/A`` for no team; empty rows in between and behind.

    Parameters
    ----------
    which : AnnexAList
    frame : DataFrame
        Cells as the clean sheet has them.
    mess : Mess

    Returns
    -------
    title : str
    rows : list of sequence
    """
    above: list[Rows] = [[[f"List {which.number}: {which.title}"]], [[None]], []]
    rows: Rows = [*above[mess.number(3)]]
    rows.append([_header(column.header, mess) for column in which.columns])
    contents = {column.name: column.content for column in which.columns}
    written = pd.DataFrame(
        {name: _column(frame[name], contents[name], mess) for name in frame.columns},
        index=frame.index,
    )
    for number, row in enumerate(written.itertuples(index=False, name=None)):
        if number % _BLANK_EVERY == _BLANK_EVERY - 1:
            rows.append([None] * len(contents))
        rows.append(row)
    rows += [[None] * len(contents), [" "] * len(contents)]
    names = (f"List_{which.number}", f"List {which.number}", which.title[:_LONGEST_NAME])
    return names[mess.number(len(names))], rows


def _header(header: str, mess: Mess) -> str:
    ways = (
        header,
        f"{header} ",
        header.lower(),
        header.upper(),
        header.rstrip("?"),
        header.replace("’", "'"),
        header.replace(" ", "  "),
    )
    return ways[mess.number(len(ways))]


def _column(values: pd.Series, content: str, mess: Mess) -> pd.Series:
    """Write one column's cells in the several ways of its kind."""
    some = mess.cells(values, 0.5) & values.notna().to_numpy()
    written = values.astype("object").copy()
    if content == "date":
        written[some] = [day.strftime("%d/%m/%Y") for day in values[some]]
    elif content == "age":
        written[some] = values[some].astype(float)
    elif content in ("yes_no", "no_further_action", "sex"):
        ways = _SEXES if content == "sex" else _YES_NO
        written = values.map(lambda cell: _in_a_way(cell, ways, mess))
    elif content in _SHORTENED:
        written[some] = values[some].astype("str").str.replace(_LETTER, "", regex=True)
    elif content == "id":
        written[some] = spaced(values[some].astype("str"))
    elif content == "text":
        written[values.isna().to_numpy() & mess.cells(values, 0.5)] = _NOTHING
    return written


def _in_a_way(cell: object, ways: dict[str, tuple[str, ...]], mess: Mess) -> object:
    spellings = ways.get(str(cell))
    return cell if spellings is None else spellings[mess.number(len(spellings))]
