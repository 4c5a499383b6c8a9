"""Children who must not appear: excluded before any record is linked to another.

An adopted child who comes back has a second identity that must never be joined to the
first; a restricted record or a refuge must not be found through a sibling. Such
children leave every table, their families and their mothers' links with them.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError, SettingError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.decoded_text import decoded_text
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.ssd import MOTHER_FAMILY
from fs_risk.records.lookup import is_among

ExclusionList = str | Path | Iterable[str]
"""A text or CSV file with an id at the start of each line, or the ids themselves."""

_PERSONS = ("child_id", "adult_id")
_OWNERS = {"factors": ("assessment_id", "assessments")}
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def excluded_ids(given: ExclusionList | None) -> frozenset[str]:
    """Read an exclusion list.

    Parameters
    ----------
    given : str, Path, iterable of str, or None
        A file's path, whose first cell of each line is an id (a heading does no
        harm), or the ids.

    Returns
    -------
    frozenset of str
        In capitals, without white space around them.

    Raises
    ------
    ReturnError
        If the file cannot be read, holds no id, or ids that a spreadsheet has rounded:
        a list that cannot be applied is never passed over.

    Examples
    --------
    >>> sorted(excluded_ids([" c12 ", "0077"]))
    ['0077', 'C12']
    """
    if given is None:
        return frozenset()
    if isinstance(given, str | Path):
        return _from_file(Path(given))
    ids = list(given)
    if not all(isinstance(one, str) for one in ids):
        raise SettingError(
            "An exclusion list holds something that is no text.",
            where="exclude=",
            fix="Give the ids as text, with their zeros in front.",
        )
    return frozenset(one.strip().upper() for one in ids if one.strip())


def listed(ids: pd.Series, excluded: frozenset[str]) -> pd.Series:
    """Say which ids are on the list, whatever their case, spaces or zeros in front.

    Spreadsheets take zeros away, so ``0077`` on the list also excludes ``77`` and the
    other way round: one child too many is the smaller mistake.

    Parameters
    ----------
    ids : Series of str
    excluded : frozenset of str

    Returns
    -------
    Series of bool
    """
    return is_among(_bare(ids), _bare(pd.Series(sorted(excluded), dtype="str")))


def without(
    frames: Mapping[str, pd.DataFrame], excluded: frozenset[str]
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Take the listed children out of canonical tables.

    Gone are their own rows in all tables, the factors of their assessments, the
    families of which they are the mother, and work with them as adults.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Canonical tables, checked or not.
    excluded : frozenset of str

    Returns
    -------
    frames : dict of str to DataFrame
    findings : list of Finding
        One note on how many rows are gone; it says no more.
    """
    if not excluded:
        return dict(frames), []
    gone = {name: _rows_of(frame, excluded) for name, frame in frames.items()}
    for name, (key, owner) in _OWNERS.items():
        if name in frames and owner in frames:
            theirs = frames[owner].loc[gone[owner], key]
            gone[name] |= is_among(frames[name][key], theirs)
    kept = {
        name: frame[~gone[name]].reset_index(drop=True) if gone[name].any() else frame
        for name, frame in frames.items()
    }
    n_rows = sum(int(rows.sum()) for rows in gone.values())
    return kept, excluding_note(n_rows)


def excluding_note(n_rows: int) -> list[Finding]:
    """Note that rows were left out, if any were."""
    if not n_rows:
        return []
    return [
        finding(
            "R026",
            "note",
            "Rows of children on the exclusion list were left out before anything was linked.",
            count=n_rows,
            fix="Nothing needs doing; no score can be made for these children.",
        )
    ]


def _rows_of(frame: pd.DataFrame, excluded: frozenset[str]) -> pd.Series:
    gone = pd.Series(False, index=frame.index)
    for column in _PERSONS:
        if column in frame:
            gone |= listed(frame[column], excluded)
    if "family_id" in frame:
        family = frame["family_id"].astype("str")
        is_mother = family.str.startswith(MOTHER_FAMILY).fillna(False).astype(bool)
        mothers = family.where(is_mother).str.removeprefix(MOTHER_FAMILY)
        gone |= listed(mothers, excluded)
    return gone


def _bare(ids: pd.Series) -> pd.Series:
    plain = ids.astype("str").str.strip().str.removeprefix("'").str.upper()
    return plain.str.replace(r"\.0$", "", regex=True).str.lstrip("0")


def _from_file(path: Path) -> frozenset[str]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ReturnError(
            f"The exclusion list cannot be opened: {error.strerror}.",
            where=path.name,
            fix="Check the path; nothing is read without the list.",
        ) from None
    text = _decoded(raw, path)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    cells = [row[0].strip().strip("\ufeff").removeprefix("'") for row in rows if row]
    ids = frozenset(cell.upper() for cell in cells if cell)
    if not ids:
        raise ReturnError(
            "The exclusion list holds no id.",
            where=path.name,
            fix="Write one child id at the start of each line, or leave out exclude=.",
        )
    rounded = [number for number, cell in enumerate(cells, 1) if _ROUNDED.fullmatch(cell)]
    if rounded:
        raise ReturnError(
            f"Of the exclusion list {count_of(len(rounded), 'id was', 'ids were')} rounded by a "
            "spreadsheet.",
            where=f"{path.name}, line {rounded[0]}",
            fix="Format the column as text and save the list again.",
        )
    return ids


def _decoded(raw: bytes, path: Path) -> str:
    if raw.startswith(_BINARY):
        raise ReturnError(
            "The exclusion list is an Excel workbook.",
            where=path.name,
            fix="Save it as CSV UTF-8, the ids formatted as text.",
        )
    try:
        return decoded_text(raw, spreadsheet=True)
    except UnicodeDecodeError:
        raise ReturnError(
            "The exclusion list is not text.",
            where=path.name,
            fix="Save it as CSV UTF-8.",
        ) from None


def _delimiter(text: str) -> str:
    return max(",;\t|", key=text.partition("\n")[0].count)
