"""JSON payloads of the DfE's API as rows of text, one set of tables for each file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts import dfe_api
from fs_risk.records.layouts.dfe_api import ApiObject

LARGEST = 500 << 20
"""Bytes of one file; a call holds at most 100 children, an export of them is still far less."""

LISTED = {"disabilities": ("children", "disabilities"), "factors": ("assessments", "factors")}
"""Tables made of a list of codes within an object: its table and member."""


@dataclass
class Payload:
    """The rows of one file.

    Attributes
    ----------
    file : str
    rows : dict of str to list of dict
        For each canonical table, one mapping of columns to text for each object, with
        ``child_id``, ``referral_id`` where it lies in an episode, ``source_row`` (the
        child's place in the file, from 1) and ``purge``.
    misplaced : dict of str to list of int
        Members whose value is not of the declared kind, with the children's places.
    unknown : list of int
        Places of children with members that are not part of the API.
    places : str
        What the places count.
    submissions : DataFrame or None
        Of a staging table: for each place which of the child's submissions it is, and
        on which day it was sent.
    """

    file: str
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            name: [] for name in ("children", "referrals", *dfe_api.PARTS, *LISTED)
        }
    )
    misplaced: dict[str, list[int]] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    places: str = "the children's places in the file"
    submissions: pd.DataFrame | None = None

    def frame(self, table: str) -> pd.DataFrame:
        """Give a table's rows as text columns."""
        frame = pd.DataFrame(self.rows[table])
        for column in ("child_id", "referral_id"):
            if column not in frame:
                frame[column] = pd.Series(pd.NA, index=frame.index, dtype="str")
        for column in frame.columns.difference(["source_row", "purge"]):
            frame[column] = frame[column].astype("str")
        if "source_row" not in frame:
            frame["source_row"] = pd.Series(dtype="Int64")
            frame["purge"] = pd.Series(dtype="bool")
        frame["source_file"] = pd.Series(self.file, index=frame.index, dtype="str")
        return frame

    def findings(self) -> list[Finding]:
        """Report what could not be taken for what it should be."""
        found = [
            finding(
                "R080",
                "error",
                f"The member {member} does not hold what the API declares.",
                column=member,
                file=self.file,
                rows=places,
                count=len(places),
                fix=f"Correct the export; these values were not read. Rows are {self.places}.",
            )
            for member, places in self.misplaced.items()
        ]
        if self.unknown:
            found.append(
                finding(
                    "R081",
                    "note",
                    "Objects have members that are not part of the API.",
                    file=self.file,
                    rows=self.unknown,
                    count=len(self.unknown),
                    fix="Nothing needs doing, unless one was renamed; they were not read.",
                )
            )
        return found


def read_documents(path: Path) -> list[Any]:
    """Open one file: an array of objects, one object, or such on each line.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list
        What JSON it holds, arrays opened.

    Raises
    ------
    ReturnError
        If the file is not JSON or is too large.
    """
    return list(_children(path))


def read_payload(path: Path, children: Sequence[Any]) -> Payload:
    """Take one file's children.

    Parameters
    ----------
    path : Path
    children : sequence
        As `read_documents` gives them.

    Returns
    -------
    Payload

    Raises
    ------
    ReturnError
        If it holds no child.
    """
    payload = Payload(path.name)
    if not any(isinstance(each, dict) and dfe_api.CHILD_ID in each for each in children):
        raise ReturnError(
            f"The JSON holds no child with a {dfe_api.CHILD_ID}.",
            where=path.name,
            fix="Give the payloads that are sent to the children endpoint.",
        )
    for place, child in enumerate(children, 1):
        take_child(payload, place, child)
    return payload


def _children(path: Path) -> Iterator[Any]:
    if path.stat().st_size > LARGEST:
        raise ReturnError(
            f"The file is larger than {LARGEST >> 20} MB.",
            where=path.name,
            fix="Give the payloads as they are sent, 100 children each.",
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeError as error:
        raise _not_json(path) from error
    try:
        documents = [json.loads(text)]
    except (ValueError, RecursionError):
        documents = _lines(path, text)
    for document in documents:
        yield from document if isinstance(document, list) else [document]


def _lines(path: Path, text: str) -> list[Any]:
    """Read a payload on each line, as an export of a staging table holds them."""
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise _not_json(path) from error


def _not_json(path: Path) -> ReturnError:
    return ReturnError(
        "The file is not JSON text in UTF-8, or was cut off.",
        where=path.name,
        fix="Export the payload again, whole.",
    )


def take_child(payload: Payload, place: int, child: Any) -> None:
    """Add one child's rows.

    Parameters
    ----------
    payload : Payload
    place : int
    child : object
        As JSON gives it; noted where it is no object.
    """
    if not isinstance(child, dict):
        payload.misplaced.setdefault("child", []).append(place)
        return
    known = {dfe_api.CHILD_ID, dfe_api.DETAILS, dfe_api.EPISODES, *dfe_api.CHILD_PASSED}
    if child.keys() - known:
        payload.unknown.append(place)
    shared = {
        "child_id": _text(payload, place, child, dfe_api.CHILD_ID),
        "source_row": place,
        "purge": child.get(dfe_api.PURGE) is True,
    }
    details = child.get(dfe_api.DETAILS)
    if details is not None and not isinstance(details, dict):
        payload.misplaced.setdefault(dfe_api.DETAILS, []).append(place)
        details = None
    _take(payload, place, dfe_api.CHILD, details or {}, shared)
    _take_codes(payload, place, "disabilities", details or {}, shared)
    for episode in _objects(payload, place, child, dfe_api.EPISODES):
        _take_episode(payload, place, episode, shared)


def _take_episode(
    payload: Payload, place: int, episode: Mapping[str, Any], shared: Mapping[str, Any]
) -> None:
    members = [part.member for part in dfe_api.PARTS.values()]
    row = _take(payload, place, dfe_api.EPISODE, episode, shared, members)
    inner = {name: row[name] for name in (*shared, "referral_id")}
    for part in dfe_api.PARTS.values():
        for each in _objects(payload, place, episode, part.member):
            taken = _take(payload, place, part, each, inner)
            if part.table == "assessments":
                codes = {**inner, "assessment_id": taken["assessment_id"]}
                _take_codes(payload, place, "factors", each, codes)


def _take(
    payload: Payload,
    place: int,
    kind: ApiObject,
    given: Mapping[str, Any],
    shared: Mapping[str, Any],
    inner: list[str] | None = None,
) -> dict[str, Any]:
    """Add one object's row."""
    known = {member for member, _ in kind.fields.values()}
    if given.keys() - known - {*kind.passed, *(inner or ()), dfe_api.PURGE}:
        payload.unknown.append(place)
    row = {
        **shared,
        **{
            column: _text(payload, place, given, member)
            for column, (member, _) in kind.fields.items()
        },
    }
    row["purge"] = bool(shared["purge"]) or given.get(dfe_api.PURGE) is True
    payload.rows[kind.table].append(row)
    return row


def _take_codes(
    payload: Payload, place: int, table: str, given: Mapping[str, Any], shared: Mapping[str, Any]
) -> None:
    member = LISTED[table][1]
    found = given.get(member)
    if found is None:
        return
    if not isinstance(found, list):
        payload.misplaced.setdefault(member, []).append(place)
        return
    for code in found:
        text = _text(payload, place, {member: code}, member)
        payload.rows[table].append({**shared, "code": text})


def _objects(
    payload: Payload, place: int, given: Mapping[str, Any], member: str
) -> list[dict[str, Any]]:
    """Give the objects of an array; note what is none."""
    found = given.get(member)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        payload.misplaced.setdefault(member, []).append(place)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(payload: Payload, place: int, given: Mapping[str, Any], member: str) -> str | None:
    """Write a value as text; a list or object in its place is noted."""
    value = given.get(member)
    if isinstance(value, dict | list):
        payload.misplaced.setdefault(member, []).append(place)
        return None
    if value is None or value == "":
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # half of a surrogate pair, as JSON's escapes can write it, is no character
    return text.encode("utf-8", "replace").decode("utf-8")
