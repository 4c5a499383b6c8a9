"""Whether the ledger is as it was written: every row, every byte, their order and number."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from fs_risk.errors import LedgerError
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.triage.ledger_book import LOOKUP, SYSTEM, Book
from fs_risk.triage.ledger_chain import Head, Header, read
from fs_risk.triage.ledger_keys import opened
from fs_risk.triage.ledger_store import Rows

REMOVING_KINDS = ("erasure", "expiry")
"""Entries that say which contents were destroyed."""

_HEADER = [one.name for one in fields(Header)]
_INTEGERS = {"number", "format", "retain_days"}


@dataclass(frozen=True)
class Difference(ShowsItsFields):
    """Something that is not as it was written.

    Attributes
    ----------
    what : str
    entry : int or None
        Number of the entry; None where it is about the whole ledger.
    """

    what: str
    entry: int | None = None

    def __str__(self) -> str:
        return self.what if self.entry is None else f"entry {self.entry}: {self.what}"


@dataclass
class _Seen:
    """What the check has come across."""

    numbers: set[int] = field(default_factory=set)
    with_content: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    keys: dict[str, tuple[str | None, bytes]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    last: int = 0
    link: str = ""


def differences(book: Book, since: Head | None = None) -> list[Difference]:
    """Compare the ledger with what was written; see `LedgerCare.verify`.

    Parameters
    ----------
    book : Book
    since : Head, optional

    Returns
    -------
    list of Difference
    """
    try:
        with book.store.reading() as rows:
            damage = [Difference(f"the database says that {said}") for said in rows.damage()]
            return damage + list(_compared(book, rows, since))
    except LedgerError as error:
        return [Difference(error.what)]


def _compared(book: Book, rows: Rows, since: Head | None) -> Iterator[Difference]:
    heads = rows.heads()
    if len(heads) != 1 or not _is_head(heads[0]):
        yield Difference("the head is missing or changed")
        return
    head = Head(*heads[0][:-1])
    if book.master.sign(head.text) != heads[0][-1]:
        yield Difference("the head is not as it was signed")
    if rows.layout() != head.layout:
        yield Difference("the tables are not defined as they were")
    seen = _Seen()
    yield from _of_keys(book, rows, seen)
    for *cells, chain, cipher in rows.entries():
        if not _is_typed(dict(zip(_HEADER, cells, strict=True))) or not isinstance(chain, str):
            yield Difference("it is not of the kind that is written", seen.last + 1)
            continue
        header = Header(*cells)
        yield from _of_chain(header, chain, since, seen)
        if cipher is not None:
            yield from _of_content(book, header, cipher, seen)
    if (head.number, head.chain) != (seen.last, seen.link):
        yield Difference("the last entries are missing, or some were added from outside")
    yield from _of_anchor(head, since)
    yield from _of_leftovers(rows, seen)


def _is_head(row: tuple[Any, ...]) -> bool:
    return _is_typed(dict(zip([one.name for one in fields(Head)], row[:-1], strict=True))) and (
        isinstance(row[-1], str)
    )


def _is_typed(cells: dict[str, Any]) -> bool:
    return all(type(cell) is (int if n in _INTEGERS else str) for n, cell in cells.items())


def _of_keys(book: Book, rows: Rows, seen: _Seen) -> Iterator[Difference]:
    for key_id, tag, wrapped in rows.wrapped_keys():
        key = book.master.unwrap(wrapped, book.about_key(key_id, tag))
        if key is None:
            yield Difference("a key is not as it was written")
        else:
            seen.keys[key_id] = (tag, key)
    if not {SYSTEM, LOOKUP} <= seen.keys.keys():
        yield Difference("a key of the ledger itself is missing")


def _of_chain(header: Header, chain: str, since: Head | None, seen: _Seen) -> Iterator[Difference]:
    seen.numbers.add(header.number)
    if header.number != seen.last + 1:
        yield Difference("entries before it are missing", header.number)
    if chain != header.chained(seen.link):
        yield Difference("it does not follow from the entry before", header.number)
    if since is not None and header.number == since.number and chain != since.chain:
        yield Difference("it is not the one that was noted earlier", header.number)
    seen.last, seen.link = header.number, chain


def _of_content(book: Book, header: Header, cipher: object, seen: _Seen) -> Iterator[Difference]:
    seen.with_content.add(header.number)
    seen.used.add(header.key_id)
    tag, key = seen.keys.get(header.key_id, (None, None))
    packed = opened(key, cipher, book.about_content(header.number)) if key else None
    content = None if packed is None else read(packed, header.content_hash)
    if content is None:
        yield Difference("its content is not as it was written", header.number)
        return
    if header.kind in REMOVING_KINDS:
        seen.removed.update(content["entries"])
    if not _belongs(book, content, header, tag):
        yield Difference("it stands under another child or score", header.number)


def _of_anchor(head: Head, since: Head | None) -> Iterator[Difference]:
    if since is None:
        return
    if since.ledger_id != head.ledger_id:
        yield Difference("it is not the ledger that was noted earlier")
    if since.number > head.number:
        yield Difference("it ends before the entry that was noted earlier")


def _belongs(book: Book, content: dict[str, Any], header: Header, tag: str | None) -> bool:
    child, score = content["child_id"], content["score_id"]
    of_child = header.key_id == SYSTEM if child is None else book.child_tag(child) == tag
    return of_child and book.score_tag(score) == header.score_tag


def _of_leftovers(rows: Rows, seen: _Seen) -> Iterator[Difference]:
    for number in sorted(seen.numbers - seen.with_content - seen.removed):
        yield Difference("its content is missing, and nobody erased it", number)
    for number in sorted(seen.with_content & seen.removed):
        yield Difference("it was erased and is there again", number)
    for number in rows.numbers_with_content():
        if number not in seen.numbers:
            yield Difference("there is a content without an entry")
    for key_id in seen.keys.keys() - seen.used - {SYSTEM, LOOKUP}:
        yield Difference(f"a key ({key_id[:8]}…) has no content: it was erased, or put in")
