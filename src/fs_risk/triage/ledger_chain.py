"""The chain: each entry's hash holds the one before, and the last is signed."""

import json
import secrets
import zlib
from dataclasses import astuple, dataclass
from typing import Any

from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.records.notebook import ShowsItsFields

FORMAT = 1
FOR_EVER = "9999-12-31"
"""Retained as long as the ledger: what was erased, by whose authority; no child's data."""


@dataclass(frozen=True)
class Header:
    """What stands unencrypted of an entry, and is in the chain.

    Attributes
    ----------
    number : int
        1, 2, 3 …, without a gap.
    kind : str
    at : str
        ISO time, UTC.
    key_id : str
        Random name of the key that its content is sealed under.
    score_tag : str
        Keyed hash of the score's id; empty where it is about none.
    retain_until : str
        ISO date.
    content_hash : str
        SHA-256 of the content, which holds 32 random bytes: without them it cannot be guessed.
    """

    number: int
    kind: str
    at: str
    key_id: str
    score_tag: str
    retain_until: str
    content_hash: str

    def chained(self, previous: str) -> str:
        """Give the entry's hash in the chain, with that of the entry before."""
        return sha256(canonical_json([*astuple(self), previous]))


@dataclass(frozen=True)
class Head(ShowsItsFields):
    """Where the chain ends.

    Attributes
    ----------
    ledger_id : str
        Random; the chain begins with it.
    format : int
    layout : str
        Hash of the tables' own definitions, where the database can say; else empty.
    retain_days : int
        How long entries are kept where the records say nothing shorter.
    number : int
        Entries so far.
    chain : str
        Hash of the last.
    key_mark : str
        Which master key signed it.
    """

    ledger_id: str
    format: int
    layout: str
    retain_days: int
    number: int
    chain: str
    key_mark: str

    @property
    def text(self) -> str:
        """What is signed."""
        return canonical_json(list(astuple(self)))


def written(content: dict[str, Any]) -> tuple[bytes, str]:
    """Write an entry's content with 32 random bytes, packed, and give its hash.

    Parameters
    ----------
    content : dict
        Plain data.

    Returns
    -------
    bytes, str
    """
    text = canonical_json([secrets.token_hex(32), content])
    return zlib.compress(text.encode(), 1), sha256(text)


def read(packed: bytes, content_hash: object) -> dict[str, Any] | None:
    """Read what `written` wrote; None where it is not what the hash says.

    Parameters
    ----------
    packed : bytes
    content_hash : object

    Returns
    -------
    dict or None
    """
    try:
        text = zlib.decompress(packed).decode()
    except (zlib.error, UnicodeDecodeError):
        return None
    if sha256(text) != content_hash:
        return None
    content: dict[str, Any] = json.loads(text)[1]
    return content
