"""The book itself: entries sealed under their child's key, added to the end of the chain."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fs_risk.errors import LedgerError
from fs_risk.triage.ledger_chain import FOR_EVER, FORMAT, Head, Header, read
from fs_risk.triage.ledger_entries import Draft, Entry, not_as_written
from fs_risk.triage.ledger_keys import Master, keyed_hash, new_key, opened, sealed
from fs_risk.triage.ledger_store import Rows, Store

SYSTEM, LOOKUP = "system", "lookup"
"""Keys of the ledger itself: for entries about no child, and for tags."""

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Say what time it is, UTC."""
    return datetime.now(UTC)


class Book:
    """A ledger's entries, written and read with its keys.

    Parameters
    ----------
    store : Store
    master : Master
    clock : callable
    """

    def __init__(self, store: Store, master: Master, clock: Clock) -> None:
        self.store, self._clock = store, clock
        with store.reading() as rows:
            self.head_of(rows, master)
            self.master = master
            found = [row for own in (SYSTEM, LOOKUP) for row in rows.wrapped_keys(key_id=own)]
            self.keys = {key_id: self.unwrapped(key_id, *row) for key_id, *row in found}
        if len(self.keys) != 2:
            raise not_as_written("a key of the ledger itself", store.place)

    @staticmethod
    def begin(store: Store, master: Master, retain_days: int) -> None:
        """Begin a ledger, unless another process has done so meanwhile."""
        with store.beginning() as rows:
            if rows.heads():
                return
            ledger_id, layout = secrets.token_hex(16), rows.layout()
            head = Head(ledger_id, FORMAT, layout, retain_days, 0, "", master.mark)
            rows.begin(head, master.sign(head.text))
            for key_id in (SYSTEM, LOOKUP):
                about = _about_key(head.ledger_id, key_id, None)
                rows.add_key(key_id, None, master.wrap(new_key(), about))

    @property
    def today(self) -> str:
        """The day, as an ISO date."""
        return self._clock().date().isoformat()

    def writing(self) -> AbstractContextManager[Rows]:
        """Open a transaction that keeps other writers waiting."""
        return self.store.writing()

    def head_of(self, rows: Rows, master: Master | None = None, *, hold: bool = False) -> Head:
        """Read the head, and refuse one that this master key did not sign.

        Raises
        ------
        LedgerError
        """
        master = master or self.master
        found = rows.heads(hold=hold)
        if len(found) != 1:
            raise not_as_written("the head", self.store.place)
        head, signature = Head(*found[0][:-1]), found[0][-1]
        if head.key_mark != master.mark:
            raise LedgerError(
                "The master key is not the one that this ledger is kept with.",
                where=self.store.place,
                fix="Give the key it was begun with, or the one it was last rotated to.",
            )
        if not _signed(master, head, signature):
            raise not_as_written("the head", self.store.place)
        if head.format != FORMAT:
            raise LedgerError(
                f"The ledger has format {head.format}; this release reads {FORMAT}.",
                where=self.store.place,
                fix="Use the release that wrote it.",
            )
        self.ledger_id, self.retain_days = head.ledger_id, head.retain_days
        return head

    def append(self, drafts: Sequence[Draft]) -> list[int]:
        """Add entries, all or none.

        Returns
        -------
        list of int
            Their numbers.
        """
        for draft in drafts:
            _ = draft.written  # before others are made to wait
        with self.writing() as rows:
            return self.append_in(rows, drafts)

    def append_in(self, rows: Rows, drafts: Sequence[Draft]) -> list[int]:
        """Add entries within a transaction that may do more."""
        head = self.head_of(rows, hold=True)
        at = self._clock().isoformat(timespec="microseconds")
        numbers = range(head.number + 1, head.number + 1 + len(drafts))
        made = [
            self._made(rows, draft, number, at)
            for number, draft in zip(numbers, drafts, strict=True)
        ]
        link, chain = head.chain, []
        for header, _ in made:
            link = header.chained(link)
            chain.append(link)
        rows.add([header for header, _ in made], chain, [cipher for _, cipher in made])
        after = replace(head, number=numbers[-1], chain=link)
        rows.move_head(head.number, after, self.master.sign(after.text))
        return list(numbers)

    def _made(self, rows: Rows, draft: Draft, number: int, at: str) -> tuple[Header, bytes]:
        packed, content_hash = draft.written
        key_id, key = self._key_for(rows, draft.child_id)
        header = Header(
            number=number,
            kind=draft.kind,
            at=at,
            key_id=key_id,
            score_tag=self.score_tag(draft.score_id),
            retain_until=draft.retain_until or self.retained(draft),
            content_hash=content_hash,
        )
        return header, sealed(key, packed, self.about_content(number))

    def retained(self, draft: Draft) -> str:
        """Give the last day on which an entry may be read."""
        if draft.child_id is None:
            return FOR_EVER
        return (self._clock().date() + timedelta(days=self.retain_days)).isoformat()

    def _key_for(self, rows: Rows, child_id: str | None) -> tuple[str, bytes]:
        if child_id is None:
            return SYSTEM, self.keys[SYSTEM]
        tag = self.child_tag(child_id)
        for key_id, _, wrapped in rows.wrapped_keys(child_tag=tag):
            return key_id, self.unwrapped(key_id, tag, wrapped)
        key_id, key = secrets.token_hex(16), new_key()
        rows.add_key(key_id, tag, self.master.wrap(key, self.about_key(key_id, tag)))
        return key_id, key

    def unwrapped(self, key_id: str, tag: str | None, wrapped: object) -> bytes:
        """Unwrap a key.

        Raises
        ------
        LedgerError
            If it is not as it was written.
        """
        key = self.master.unwrap(wrapped, self.about_key(key_id, tag))
        if key is None:
            raise not_as_written("a key", self.store.place)
        return key

    def child_tag(self, child_id: str) -> str:
        """Give the keyed hash by which a child's key is found."""
        return keyed_hash(self.keys[LOOKUP], f"child:{child_id.strip()}")

    def score_tag(self, score_id: str | None) -> str:
        """Give the keyed hash by which the entries about a score are found."""
        return "" if score_id is None else keyed_hash(self.keys[LOOKUP], f"score:{score_id}")

    def about_key(self, key_id: str, tag: str | None) -> str:
        """Say where a wrapped key belongs."""
        return _about_key(self.ledger_id, key_id, tag)

    def about_content(self, number: int) -> str:
        """Say where a sealed content belongs."""
        return f"{self.ledger_id}:content:{number}"

    def read(self, **which: Any) -> list[Entry]:
        """Read entries, chosen as `Rows.entries` does.

        Raises
        ------
        LedgerError
            If one of them is not as it was written.
        """
        with self.store.reading() as rows:
            return self.read_in(rows, **which)

    def read_in(self, rows: Rows, **which: Any) -> list[Entry]:
        """Read entries within a transaction."""
        return list(self.each_in(rows, **which))

    def each_in(self, rows: Rows, **which: Any) -> Iterator[Entry]:
        """Read entries within a transaction one by one: there may be more than memory holds."""
        keys: dict[str, bytes | None] = dict(self.keys)
        if not which.keys() & {"numbers", "key_id", "score_tag"}:
            keys |= {row[0]: self.unwrapped(*row) for row in rows.wrapped_keys()}
        today = self.today
        for *cells, _, cipher in rows.entries(**which):
            header = Header(*cells)
            if header.key_id not in keys:
                found = rows.wrapped_keys(key_id=header.key_id)
                keys[header.key_id] = self.unwrapped(*found[0]) if found else None
            yield self._entry(header, cipher, keys[header.key_id], today)

    def about_child(self, rows: Rows, child_id: str) -> list[Entry]:
        """Read all entries that are sealed under a child's key."""
        found = rows.wrapped_keys(child_tag=self.child_tag(child_id))
        return self.read_in(rows, key_id=found[0][0]) if found else []

    def _entry(self, header: Header, cipher: object, key: bytes | None, today: str) -> Entry:
        said = (header.number, header.kind, header.at, header.retain_until)
        if header.retain_until < today:
            return Entry(*said, {}, "expired")
        if cipher is None:
            return Entry(*said, {}, "erased")
        packed = opened(key, cipher, self.about_content(header.number)) if key else None
        content = None if packed is None else read(packed, header.content_hash)
        if content is None:
            raise not_as_written(f"entry {header.number}", self.store.place)
        return Entry(*said, content, "held")


def _signed(master: Master, head: Head, signature: object) -> bool:
    try:
        return master.sign(head.text) == signature
    except (TypeError, ValueError):  # a cell of a kind that was never written
        return False


def _about_key(ledger_id: str, key_id: str, tag: str | None) -> str:
    return f"{ledger_id}:key:{key_id}:{tag!r}"
