"""``history.json``: what a saved history states of itself, and the checksum of every array.

Checksums show damage. They are no signature: whoever may write to the folder can write
another history.
"""

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fs_risk.features.streams import STREAMS
from fs_risk.records.codes import FACTORS

SCHEMA_VERSION = 1
"""Raised when the arrays, or how they are made of records, are no longer the same."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArrayFile(_Frozen):
    """One array's file, named for its content."""

    name: str = Field(pattern=r"^[a-z_]+-[0-9a-f]{16}\.npy$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class StatedOrigin(_Frozen):
    """`Origin`, as plain data."""

    kind: Literal["real", "synthetic"]
    returns: tuple[str, ...]
    label: str


class StatedHandling(_Frozen):
    """`Handling`, as plain data."""

    pseudonym_mark: str
    leaves_out: bool


class HistoryFile(_Frozen):
    """All of a history that is no array.

    Attributes
    ----------
    schema_version : int
    library_version : str
        Of the release that wrote it.
    definitions : str
        SHA-256 of the streams and factors that facts were indexed by.
    extract_day : int
    coverage : dict of str to (int, int) or None
    origin : StatedOrigin
    handling : StatedHandling
    n_groups : int
        Groups of siblings.
    arrays : dict of str to ArrayFile
    """

    schema_version: int
    library_version: str
    definitions: str
    extract_day: int
    coverage: dict[str, tuple[int, int] | None]
    origin: StatedOrigin
    handling: StatedHandling
    n_groups: int = Field(ge=0)
    arrays: dict[str, ArrayFile]

    def text(self) -> str:
        """Write it as JSON, with the hash of all the rest."""
        content = self.model_dump(mode="json")
        return _written({**content, "content_hash": _hash(content)})


class OtherReleaseError(ValueError):
    """The file is of a release that wrote or indexed histories in another way."""


def read_history_file(text: str) -> HistoryFile:
    """Read what `HistoryFile.text` wrote.

    Parameters
    ----------
    text : str

    Returns
    -------
    HistoryFile

    Raises
    ------
    OtherReleaseError
        If it is of another release; its text is that release's version.
    ValueError
        If it is not as it was written.
    """
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("no object")
    stated = content.pop("content_hash", None)
    if _written({**content, "content_hash": stated}) != text or _hash(content) != stated:
        raise ValueError("not as it was written")
    release = str(content.get("library_version", "another"))[:20]
    if content.get("schema_version") != SCHEMA_VERSION:
        raise OtherReleaseError(release)
    try:
        found = HistoryFile.model_validate(content)
    except ValidationError as error:
        raise ValueError("not what it should hold") from error
    if found.definitions != definitions():
        raise OtherReleaseError(release)
    return found


def definitions() -> str:
    """Hash what facts are indexed by: each stream in its place, and each factor's bit."""
    streams = {name: stream.definition for name, stream in STREAMS.items()}
    return _hash({"streams": streams, "order": list(streams), "factors": list(FACTORS)})


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(_written(content).encode()).hexdigest()
