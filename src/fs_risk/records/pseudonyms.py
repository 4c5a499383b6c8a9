"""Identifiers replaced by keyed hashes that are the same in every return.

A number of a child can be tried out, so a plain hash hides nothing: only a hash with
a secret key does. Whoever holds the key can still find a child again.

References
----------
.. [1] RFC 2104, HMAC: keyed-hashing for message authentication.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.findings import Finding
from fs_risk.records.layouts.ssd import INFERRED_FAMILY, MOTHER_FAMILY
from fs_risk.records.tables import PROVENANCE, TABLES, Kind

FEWEST_BYTES = 16
"""A shorter key could be guessed."""

LENGTH = 20
"""Characters of a pseudonym, of 32 kinds: 100 bits, and no longer than a census allows."""

_ID_COLUMNS = frozenset(
    column.name for table in TABLES.values() for column in table.columns if column.kind is Kind.ID
)
_KNOWN_COLUMNS = frozenset(
    column.name
    for columns in [PROVENANCE, *(table.columns for table in TABLES.values())]
    for column in columns
)
_ALSO_NAMED = {"unborn_id": "child_id"}
"""Columns of a synthetic authority's truth that hold identifiers under another name."""

_PERSON = "person"
_PERSONS = ("child_id", "adult_id")
_WORDS = (re.compile(r"[^_.\s]+"), re.compile(r"[^\W_]+"))


def key_bytes(key: str | bytes) -> bytes:
    """Check a key.

    Raises
    ------
    SettingError
        If it is too short to keep a secret.
    """
    raw = key.encode() if isinstance(key, str) else key
    if not isinstance(raw, bytes) or len(raw) < FEWEST_BYTES:
        raise SettingError(
            f"The key for pseudonyms is shorter than {FEWEST_BYTES} bytes.",
            where="pseudonymise=",
            fix="Make one with secrets.token_hex(32), keep it apart from the data, and use the "
            "same one for every return.",
        )
    return raw


def key_mark(key: bytes) -> str:
    """Give a mark by which records made with the same key know each other."""
    return _hashed(key, "mark", "fs_risk")


def pseudonyms(ids: pd.Series, key: bytes, kind: str) -> pd.Series:
    """Replace identifiers by keyed hashes (HMAC-SHA-256, 100 bits, base 32).

    Parameters
    ----------
    ids : Series of str
    key : bytes
    kind : str
        Name of the column; children and adults are numbered together. Children's ids
        are hashed in capitals, as returns differ in that; others as they are written.

    Returns
    -------
    Series of str
        Missing stays missing. A family made of a mother keeps ``mother:`` in front of
        her pseudonym, an inferred one ``inferred:``.

    Examples
    --------
    >>> key = bytes(range(32))
    >>> first, second = pseudonyms(pd.Series(["c1 ", "C1"]), key, "child_id")
    >>> first == second, len(first)
    (True, 20)
    """
    numbers, spellings = pd.factorize(ids)
    hashes = [_pseudonym(key, kind, str(spelling).strip()) for spelling in spellings]
    hidden = pd.Series([*hashes, None], dtype="str").take(numbers)
    return hidden.set_axis(ids.index)


def hidden_frame(frame: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """Replace all identifiers of a canonical table; columns that are in none are dropped.

    Parameters
    ----------
    frame : DataFrame
    key : bytes

    Returns
    -------
    DataFrame
    """
    known = frame[[name for name in frame.columns if name in _KNOWN_COLUMNS]]
    return hidden_ids(known, key)


def hidden_ids(frame: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """Replace the identifiers of a table and keep its other columns."""
    return frame.assign(
        **{
            name: pseudonyms(frame[name], key, _ALSO_NAMED.get(name, name))
            for name in frame
            if name in _ID_COLUMNS or name in _ALSO_NAMED
        }
    )


def hidden_account(frame: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """Replace the identifiers in a synthetic authority's list of damaged cells.

    Parameters
    ----------
    frame : DataFrame
        ``table``, ``row_id``, ``column`` and ``was``, as in ``truth["defect_rows"]``:
        `row_id` holds the first column of the table's key, `was` what `column` held or,
        where no column is named, the key of the row from which one was added.
    key : bytes

    Returns
    -------
    DataFrame
    """
    of_row = frame["table"].map({name: table.key[0] for name, table in TABLES.items()})
    of_cell = frame["column"].where(frame["column"] != "", of_row)
    of_cell = of_cell.where(of_cell.isin(_ID_COLUMNS))
    parts = {"row_id": of_row, "was": of_cell}
    hidden = {}
    for name, kinds in parts.items():
        values = frame[name].astype("str")
        for kind in kinds.dropna().unique():
            rows = (kinds == kind).fillna(False)
            values = values.where(
                ~rows, pseudonyms(values[rows], key, str(kind)).reindex(frame.index)
            )
        hidden[name] = values
    return frame.assign(**hidden)


def person_ids(frames: Mapping[str, pd.DataFrame]) -> frozenset[str]:
    """Gather the ids of all children and adults, in capitals."""
    held = [
        frame[name].dropna().astype("str").unique()
        for frame in frames.values()
        for name in _PERSONS
        if name in frame
    ]
    ids = np.concatenate(held) if held else np.empty(0, dtype=object)
    return frozenset(str(one).strip().upper() for one in ids)


def hidden_file(name: str, persons: frozenset[str], key: bytes) -> str:
    """Replace each word of a file's name that is a child's id.

    Examples
    --------
    >>> hidden_file("child_C1.json", frozenset({"C1"}), bytes(32)) != "child_C1.json"
    True
    """

    def hide(word: re.Match[str]) -> str:
        text = word.group()
        return _pseudonym(key, "child_id", text) if text.upper() in persons else text

    for words in _WORDS:
        name = words.sub(hide, name)
    return name


def hidden_findings(
    findings: tuple[Finding, ...], persons: frozenset[str], key: bytes
) -> tuple[Finding, ...]:
    """Replace ids in the file names of findings; nothing else in them holds one."""
    return tuple(replace(found, file=hidden_file(found.file, persons, key)) for found in findings)


def _pseudonym(key: bytes, kind: str, text: str) -> str:
    if kind == "family_id" and text.startswith(MOTHER_FAMILY):
        mother = text.removeprefix(MOTHER_FAMILY)
        return MOTHER_FAMILY + _pseudonym(key, "adult_id", mother)
    if kind == "family_id" and text.startswith(INFERRED_FAMILY):
        return INFERRED_FAMILY + _hashed(key, kind, text)
    if kind in _PERSONS:
        return _hashed(key, _PERSON, text.upper())
    return _hashed(key, kind, text)


def _hashed(key: bytes, kind: str, text: str) -> str:
    digest = hmac.digest(key, f"{kind}\x1f{text}".encode(), hashlib.sha256)
    return base64.b32encode(digest[: LENGTH * 5 // 8 + 1]).decode()[:LENGTH]
