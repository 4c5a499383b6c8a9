"""Keeping the ledger: proving it whole, rectifying, erasing, forgetting in time, new keys."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fs_risk.errors import LedgerError
from fs_risk.triage.ledger_book import Book
from fs_risk.triage.ledger_chain import Head
from fs_risk.triage.ledger_check import Difference, differences
from fs_risk.triage.ledger_entries import Draft, Entry
from fs_risk.triage.ledger_keys import read_master
from fs_risk.triage.ledger_rekey import rekeyed
from fs_risk.triage.ledger_store import Rows
from fs_risk.triage.ledger_words import AgreedRating, Authority, OwnDecision, said

_RECTIFIED_AS: Mapping[str, type[OwnDecision | AgreedRating]] = {
    "decision": OwnDecision,
    "own_view": OwnDecision,
    "no_score_wanted": OwnDecision,
    "rating": AgreedRating,
}


class LedgerCare:
    """The ledger's keeping part."""

    _book: Book

    @property
    def head(self) -> Head:
        """Where the chain ends now; note it outside, and `verify` can start from it."""
        with self._book.store.reading() as rows:
            return self._book.head_of(rows)

    def verify(self, *, since: Head | None = None) -> list[Difference]:
        """Compare the whole ledger with what was written (requirement G2).

        Parameters
        ----------
        since : Head, optional
            As `head` gave it earlier and as it was kept elsewhere: whoever puts an old copy
            of the whole database in the place of the new one is found by this alone.

        Returns
        -------
        list of Difference
            Empty when every row and byte is as it was written, and everything that is
            gone was erased by an entry that says so.
        """
        return differences(self._book, since)

    def rectify(
        self,
        entry: int,
        changes: Mapping[str, Any],
        *,
        by: str,
        role: str,
        authority: str,
        reason: str,
        keep_original: bool = True,
    ) -> int:
        """Correct what a person recorded; of a score, add a note.

        Parameters
        ----------
        entry : int
            Number of the decision, rating or score.
        changes : mapping
            Fields and what they should say; of a score ``note`` alone, since what was
            shown was shown.
        by, role, authority, reason : str
            On whose authority, and why.
        keep_original : bool, default=True
            Whether the first wording stays readable. False destroys it; not of a score.

        Returns
        -------
        int
            Number of the rectification.

        Raises
        ------
        LedgerError
            If there is no such entry, or it cannot be rectified so.
        """
        on = said(Authority, {"by": by, "role": role, "authority": authority, "reason": reason})
        with self._book.writing() as rows:
            original = self._held(rows, entry)
            child = original.content["child_id"]
            content = _corrected(self._latest(rows, original), original.kind, dict(changes))
            if not keep_original and original.kind == "score":
                raise LedgerError(
                    "A score's own entry cannot be rewritten.",
                    where=f"entry {entry}",
                    fix="Erase it with erase(), or leave out keep_original=False.",
                )
            draft = Draft(
                "rectification",
                {**on.model_dump(mode="json"), "corrects": entry, "content": content},
                child_id=child,
                score_id=original.content["score_id"],
                retain_until=original.retain_until,
            )
            number = self._book.append_in(rows, [draft])[0]
            if not keep_original:
                self._remove(rows, "erasure", self._wordings(rows, original, number), on)
        if not keep_original:
            self._book.store.empty_log()
        return number

    def erase(
        self,
        child_id: str,
        *,
        by: str,
        role: str,
        authority: str,
        reason: str,
        entries: Iterable[int] | None = None,
    ) -> int:
        """Erase what is held of a child, for ever, by destroying the child's key.

        The chain still verifies, and a replay says ERASED. Copies of the database made
        earlier still hold the key: erase those too.

        Parameters
        ----------
        child_id : str
        by, role, authority, reason : str
            On whose authority, and why; name no child in them, they stay.
        entries : iterable of int, optional
            Some of the child's entries alone; then their contents are destroyed, and the
            key with the last of them.

        Returns
        -------
        int
            Entries erased.

        Raises
        ------
        LedgerError
            If the ledger holds nothing of this child, or an entry is not the child's.
        """
        on = said(Authority, {"by": by, "role": role, "authority": authority, "reason": reason})
        with self._book.writing() as rows:
            mine = _numbers_with_content(rows, self._key_id(rows, child_id))
            chosen = mine if entries is None else sorted(set(entries))
            if not chosen or not set(chosen) <= set(mine):
                raise LedgerError(
                    "The ledger holds nothing of this child, or not in these entries.",
                    where=self._book.store.place,
                    fix="Give the child_id as it was scored, and numbers of its own entries.",
                )
            self._remove(rows, "erasure", chosen, on)
        self._book.store.empty_log()
        return len(chosen)

    def expire(self, *, by: str, role: str, authority: str, reason: str) -> int:
        """Destroy what is past its retention date; nobody could read it any more.

        Parameters
        ----------
        by, role, authority, reason : str
            On whose authority, and why.

        Returns
        -------
        int
            Entries destroyed.
        """
        on = said(Authority, {"by": by, "role": role, "authority": authority, "reason": reason})
        with self._book.writing() as rows:
            due = [row[0] for row in rows.entries(before=self._book.today) if row[-1] is not None]
            if due:
                self._remove(rows, "expiry", due, on)
        if due:
            self._book.store.empty_log()
        return len(due)

    def rotate_key(
        self, new_key_file: str | Path, *, by: str, role: str, authority: str, reason: str
    ) -> None:
        """Wrap all keys anew with another master key; the old one opens nothing from then on.

        Parameters
        ----------
        new_key_file : str or Path
            As `new_ledger_key` makes it.
        by, role, authority, reason : str
            On whose authority, and why.

        Raises
        ------
        LedgerError
            If the file holds no key.
        """
        on = said(Authority, {"by": by, "role": role, "authority": authority, "reason": reason})
        draft = Draft("key_rotation", on.model_dump(mode="json"))
        rekeyed(self._book, read_master(new_key_file), draft)
        self._book.store.empty_log()

    def _key_id(self, rows: Rows, child_id: str) -> str:
        found = rows.wrapped_keys(child_tag=self._book.child_tag(child_id))
        return str(found[0][0]) if found else ""

    def _held(self, rows: Rows, number: int) -> Entry:
        found = self._book.read_in(rows, numbers=[number])
        if not found or found[0].state != "held":
            raise LedgerError(
                "There is no such entry, or it can no longer be read.",
                where=f"entry {number}",
                fix="Take the number from scores(), decisions() or ratings().",
            )
        return found[0]

    def _latest(self, rows: Rows, original: Entry) -> dict[str, Any]:
        """Give an entry's content after the rectifications made so far."""
        content = original.content
        for later in self._book.about_child(rows, str(content["child_id"])):
            if later.kind == "rectification" and later.content.get("corrects") == original.number:
                content = later.content["content"]
        return content

    def _wordings(self, rows: Rows, original: Entry, last: int) -> list[int]:
        """List the entries that hold earlier wordings of one that is rectified."""
        found = self._book.about_child(rows, str(original.content["child_id"]))
        return [original.number] + [
            entry.number
            for entry in found
            if entry.content.get("corrects") == original.number and entry.number != last
        ]

    def _remove(self, rows: Rows, kind: str, numbers: list[int], on: Authority) -> None:
        """Destroy contents, and the keys that have none left, and say so in the chain."""
        keys = {row[3] for first in range(0, len(numbers), 500)
                for row in rows.entries(numbers=numbers[first : first + 500])}  # fmt: skip
        rows.destroy_contents(numbers)
        for key_id in keys:
            if not _numbers_with_content(rows, key_id):
                rows.destroy_key(key_id)
        content = {**on.model_dump(mode="json"), "entries": numbers}
        self._book.append_in(rows, [Draft(kind, content)])


def _numbers_with_content(rows: Rows, key_id: str) -> list[int]:
    return [row[0] for row in rows.entries(key_id=key_id) if row[-1] is not None]


def _corrected(content: dict[str, Any], kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Apply changes to what an entry says, checked as when it was first said."""
    if kind == "score":
        if changes.keys() != {"note"} or not isinstance(changes["note"], str):
            raise LedgerError(
                "Of a score nothing can be changed: it was shown as it was.",
                fix='Add a note: rectify(entry, {"note": "…"}, …).',
            )
        return {**content, "note": changes["note"]}
    if kind not in _RECTIFIED_AS:
        raise LedgerError(
            "Entries of this kind are not rectified.",
            fix="Rectify a decision, a rating or a score.",
        )
    fields = _RECTIFIED_AS[kind].model_fields
    now = said(_RECTIFIED_AS[kind], {**{name: content[name] for name in fields}, **changes})
    return {**content, **now.model_dump(mode="json")}
