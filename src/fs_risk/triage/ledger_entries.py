"""Entries of the ledger: one to be made, one as it can be read."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

from fs_risk.errors import LedgerError
from fs_risk.triage.ledger_chain import written


@dataclass(frozen=True)
class Draft:
    """An entry to be made.

    Attributes
    ----------
    kind : str
    content : dict
        Plain data.
    child_id : str, optional
        Whose key seals it; None for an entry about no child.
    score_id : str, optional
    retain_until : str, optional
        ISO date; by default as the ledger was begun with.
    """

    kind: str
    content: dict[str, Any]
    child_id: str | None = None
    score_id: str | None = None
    retain_until: str | None = None

    @cached_property
    def written(self) -> tuple[bytes, str]:
        """The content as it is to be sealed, and its hash."""
        about = {"child_id": self.child_id, "score_id": self.score_id}
        return written({**self.content, **about})


@dataclass(frozen=True)
class Entry:
    """An entry as it can be read.

    Attributes
    ----------
    number : int
    kind : str
    at : str
        ISO time, UTC.
    retain_until : str
        ISO date.
    content : dict
        Empty once it is erased or expired.
    state : {"held", "erased", "expired"}
    """

    number: int
    kind: str
    at: str
    retain_until: str
    content: dict[str, Any]
    state: Literal["held", "erased", "expired"]


def not_as_written(what: str, place: str) -> LedgerError:
    """Give the error for a ledger that was changed from outside."""
    return LedgerError(
        f"The ledger is not as it was written: {what} was changed or is missing.",
        where=place,
        fix="Run ledger.verify() to see all differences, and restore it from a copy.",
    )


def earliest(*days: date | str | None) -> str | None:
    """Give the earliest of some days as an ISO date; None of none."""
    given = [day if isinstance(day, str) else day.isoformat() for day in days if day is not None]
    return min(given, default=None)
