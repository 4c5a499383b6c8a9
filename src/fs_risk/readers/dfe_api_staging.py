"""The table from which payloads are sent, where its history is kept: who was sent what, when.

As it is delivered the table holds one row for each child, which is overwritten. Where
an authority keeps what was (a history table, or a copy of each day), it says on which
day each fact was first sent, and so by which day it was recorded.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.readers import cells
from fs_risk.readers.asked_columns import chosen_columns, with_all
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.readers.dfe_api_payloads import Payload, take_child
from fs_risk.records.findings import Finding
from fs_risk.records.layouts import dfe_api

TABLE = "ssd_api_data_staging"
PAYLOAD, STATE = "json_payload", "row_state"
STAMPS = ("submission_timestamp", "last_updated")
ENDINGS = (".csv", ".parquet")

_DELETED = "deleted"
_READ = (PAYLOAD, STATE, *STAMPS)


@dataclass
class StagedRows:
    """Rows of the table as text.

    Attributes
    ----------
    frame : DataFrame
        ``json_payload``, ``row_state``, the time stamps, ``source_file``, ``source_row``.
    findings : list of Finding
    """

    frame: pd.DataFrame
    findings: list[Finding]


def is_staging(columns: Iterable[str]) -> bool:
    """Say whether columns are those of the table, with at least one time stamp."""
    lower = {str(name).strip().lower() for name in columns}
    return PAYLOAD in lower and bool(lower & set(STAMPS))


def read_staging_file(path: Path) -> StagedRows:
    """Read a copy of the table, as CSV or Parquet.

    Parameters
    ----------
    path : Path

    Returns
    -------
    StagedRows

    Raises
    ------
    ReturnError
        If it is no such copy.
    """
    written = header_of(path)
    if not is_staging(written):
        raise ReturnError(
            f"The table lacks {PAYLOAD}, or both {' and '.join(STAMPS)}.",
            where=path.name,
            fix=f"Export {TABLE} with its column names, or give the JSON payloads themselves.",
        )
    chosen = chosen_columns(written, _READ)
    frame, findings = read_columns(path, list(chosen))
    return StagedRows(with_all(frame.rename(columns=chosen), _READ), findings)


def read_staging_database(address: str, schema: str | None) -> StagedRows:
    """Read the table, and any further table with its columns (its history), of a database.

    Parameters
    ----------
    address : str
        An SQLAlchemy URL.
    schema : str or None

    Returns
    -------
    StagedRows

    Raises
    ------
    ReturnError
        If the database cannot be read or holds no such table.
    """
    # a database library is slow to load, and most tables come as files
    from fs_risk.readers.sql_source import opened

    with opened(address, schema) as database:
        found = {
            name: written
            for name, written in database.columns().items()
            if name.lower().startswith(TABLE) and is_staging(written)
        }
        if not found:
            raise ReturnError(
                f"The schema holds no table {TABLE} with {PAYLOAD} and a time stamp.",
                where=database.place,
                fix="Name its schema with schema=, or give the JSON payloads themselves.",
            )
        frames = []
        for name, written in sorted(found.items()):
            chosen = chosen_columns(written, _READ)
            stamps = [each for each, ours in chosen.items() if ours in STAMPS]
            frames.append(database.read(name, list(chosen), stamps).rename(columns=chosen))
    return StagedRows(
        pd.concat([with_all(frame, _READ) for frame in frames], ignore_index=True), []
    )


def staged_objects(file: str, objects: Sequence[dict[str, Any]]) -> StagedRows:
    """Take rows of the table that were exported as JSON objects."""
    rows = [{str(name).lower(): value for name, value in each.items()} for each in objects]
    frame = pd.DataFrame(
        {name: pd.Series([_text(row.get(name)) for row in rows], dtype="str") for name in _READ}
    )
    frame["source_file"] = pd.Series(file, index=frame.index, dtype="str")
    frame["source_row"] = pd.RangeIndex(1, 1 + len(frame))
    return StagedRows(frame, [])


def staged_payloads(staged: Sequence[StagedRows]) -> list[Payload]:
    """Turn rows into payloads, each child's in the order in which they were sent.

    A row's day is the later of its time stamps: a payload that was overwritten after it
    was sent is not taken for an earlier one. Rows without a time come last, with no day.
    Of a child's rows that follow each other with the same payload, the first is used.

    Parameters
    ----------
    staged : sequence of StagedRows

    Returns
    -------
    list of Payload
        One for each file, with ``submissions``.

    Raises
    ------
    ReturnError
        If no row holds a child.
    """
    rows = pd.concat([each.frame for each in staged], ignore_index=True)
    documents = [_document(text, state) for text, state in zip(*_texts(rows), strict=True)]
    named = [isinstance(each, dict) and dfe_api.CHILD_ID in each for each in documents]
    if not any(named):
        raise ReturnError(
            f"No row's {PAYLOAD} is the JSON of a child with a {dfe_api.CHILD_ID}.",
            where=", ".join(dict.fromkeys(rows["source_file"])),
            fix=f"Export {TABLE} again, its payloads whole.",
        )
    order = _ordered(rows, documents, np.array(named))
    bad = rows[~np.array(named)]
    payloads = []
    for file in dict.fromkeys(rows["source_file"]):
        own = order[order["source_file"].eq(file)]
        payload = Payload(str(file), places="the table's rows")
        for at, place in zip(own.index, own["source_row"], strict=True):
            take_child(payload, int(place), documents[at])
        payload.submissions = own.set_index("source_row")[["submission", "submitted"]]
        unread = bad.loc[bad["source_file"].eq(file), "source_row"]
        if len(unread):
            payload.misplaced[PAYLOAD] = [int(place) for place in unread]
        payloads.append(payload)
    return payloads


def _ordered(rows: pd.DataFrame, documents: Sequence[Any], named: np.ndarray) -> pd.DataFrame:
    """Put rows in order of time, numbered by child, without those that repeat the one before."""
    order = rows.loc[named, ["source_file", "source_row", PAYLOAD, STATE]].copy()
    ids = [str(documents[at][dfe_api.CHILD_ID]) for at in order.index]
    order["child"] = cells.identifiers(pd.Series(ids, index=order.index, dtype="str")).str.upper()
    order["submitted"], order["stamp"] = _moments(rows.loc[named])
    order = order.sort_values(["submitted", "stamp"], kind="stable", na_position="last")
    said = order[PAYLOAD].fillna("") + "\x1f" + order[STATE].fillna("")
    again = said.eq(said.groupby(order["child"]).shift(1))
    order = order[~again].copy()
    order["submission"] = order.groupby("child", dropna=False).cumcount()
    return order


def _moments(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Give each row's day, and its later time stamp as text, which orders rows of one day."""
    days = pd.DataFrame({name: cells.dates(rows[name])[0] for name in STAMPS})
    day = days.max(axis=1)
    stamps = [rows[name].where(days[name].eq(day), "").fillna("") for name in STAMPS]
    return day, stamps[0].where(stamps[0] >= stamps[1], stamps[1])


def _document(text: object, state: object) -> Any:
    """Open one payload; of a deleted row only who it was."""
    try:
        document = json.loads(str(text))
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    gone = str(state).strip().lower() == _DELETED
    if gone and isinstance(document, dict) and dfe_api.CHILD_ID in document:
        return {dfe_api.CHILD_ID: document[dfe_api.CHILD_ID], dfe_api.PURGE: True}
    return document


def _texts(rows: pd.DataFrame) -> tuple[list[object], list[object]]:
    return rows[PAYLOAD].to_list(), rows[STATE].to_list()


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
