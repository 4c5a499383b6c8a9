"""The decisions about a model: append-only, each bound by hash to the one before it.

::

    approvals.jsonl   one decision a line, as canonical JSON
    approvals.lock    there only while a decision is written

A line that was changed, taken out or put in breaks the chain and is refused. The last
lines can be cut off unseen, as in any chain: who keeps the hash of the last decision
(it is on the card's page, and in MLflow's tags) can tell.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fs_risk.errors import ApprovalError
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.records.notebook import ShowsItsFields

LOG_FILE = "approvals.jsonl"
LOCK_FILE = "approvals.lock"
FIRST = "0" * 64
"""What the first decision is bound to."""

_LOCK_SECONDS = 10.0

Kind = Literal["approve", "refuse", "withdraw", "go live", "suspend", "retire"]


class Subject(ShowsItsFields, BaseModel):
    """What a decision was about, by hash: the card, the model and the audit that were read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    card: str = Field(pattern=r"^[0-9a-f]{64}$")
    model: str = Field(pattern=r"^[0-9a-f]{64}$")
    audit: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    def differs(self, other: "Subject") -> tuple[str, ...]:
        """Name what is not the same in another."""
        return tuple(
            name
            for name in ("card", "model", "audit")
            if getattr(self, name) != getattr(other, name)
        )


class EqualityAnswer(BaseModel):
    """What the owner answers where the audit had not enough evidence.

    Attributes
    ----------
    question : str
        As the card asks it.
    answer : str
    review_by : date
        When it is asked again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    question: str = Field(min_length=1, max_length=500)
    answer: str = Field(min_length=10, max_length=5_000)
    review_by: date


class Decision(BaseModel):
    """One decision of one person about one card, model and audit.

    Attributes
    ----------
    number : int
        From 1.
    at : datetime
        UTC, to the second.
    decision : {"approve", "refuse", "withdraw", "go live", "suspend", "retire"}
    by, role, organisation : str
        Of the person who decides.
    reason : str
    conditions : tuple of str
    expires : date or None
        Last day of an approval.
    answers : tuple of EqualityAnswer
    subject : Subject
    mode : str
        What the model's gates let it be, when it was decided.
    previous : str
        Hash of the decision before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    number: int = Field(ge=1)
    at: datetime
    decision: Kind
    by: str = Field(min_length=2, max_length=200)
    role: str = Field(min_length=2, max_length=200)
    organisation: str = Field(min_length=2, max_length=200)
    reason: str = Field(default="", max_length=5_000)
    conditions: tuple[str, ...] = ()
    expires: date | None = None
    answers: tuple[EqualityAnswer, ...] = ()
    subject: Subject
    mode: str
    previous: str

    @property
    def hash(self) -> str:
        """SHA-256 of its canonical content, the hash before it included."""
        return sha256(canonical_json(self.model_dump(mode="json")))


def read_log(folder: Path) -> tuple[Decision, ...]:
    """Read the decisions about the model in a folder, checking the chain.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    tuple of Decision
        Empty where nothing was decided yet.

    Raises
    ------
    ApprovalError
        If a line is damaged, missing or out of its place.
    """
    path = folder / LOG_FILE
    if not path.exists():
        return ()
    try:
        lines = _whole_lines(path).decode().split("\n")[:-1]
    except (OSError, UnicodeDecodeError):
        raise _broken(path, 1) from None
    decisions: list[Decision] = []
    before, at = FIRST, None
    for number, line in enumerate(lines, start=1):
        decision = _decision_of(line, path, number)
        late = at is not None and decision.at < at
        if decision.number != number or decision.previous != before or late:
            raise _broken(path, number)
        decisions.append(decision)
        before, at = decision.hash, decision.at
    return tuple(decisions)


def append(folder: Path, content: dict[str, Any], *, seen: Sequence[Decision]) -> Decision:
    """Add a decision, unless somebody else decided in the meantime.

    Parameters
    ----------
    folder : Path
    content : dict
        All of a `Decision` but its number and the hash before it.
    seen : sequence of Decision
        The decisions that this one was made in sight of.

    Returns
    -------
    Decision

    Raises
    ------
    ApprovalError
        If the log is damaged, in use, cannot be written or has grown since it was seen.
    """
    with _locked(folder):
        held = read_log(folder)
        if [one.hash for one in held] != [one.hash for one in seen]:
            raise ApprovalError(
                "Somebody else decided in the meantime; nothing was written.",
                where=str(folder / LOG_FILE),
                fix="Read the decisions again, then decide.",
            )
        previous = held[-1].hash if held else FIRST
        decision = Decision(number=len(held) + 1, previous=previous, **content)
        line = canonical_json({**decision.model_dump(mode="json"), "hash": decision.hash}) + "\n"
        with open(folder / LOG_FILE, "ab") as log:
            # what a killed process left half written was never a decision
            log.truncate(len(_whole_lines(folder / LOG_FILE)))
            log.write(line.encode())
            log.flush()
            os.fsync(log.fileno())
    return decision


def _whole_lines(path: Path) -> bytes:
    """Give the log up to its last end of line."""
    content = path.read_bytes()
    return content[: content.rfind(b"\n") + 1]


def _decision_of(line: str, path: Path, number: int) -> Decision:
    try:
        content = json.loads(line)
        stated = content.pop("hash")
        decision = Decision.model_validate(content)
    except (ValueError, ValidationError, AttributeError, KeyError, TypeError):
        raise _broken(path, number) from None
    whole = canonical_json({**decision.model_dump(mode="json"), "hash": stated})
    if decision.hash != stated or whole != line:
        raise _broken(path, number)
    return decision


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: a file that only one process can make."""
    path = folder / LOCK_FILE
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            if time.monotonic() > until:
                raise ApprovalError(
                    "Another decision is being written, or was broken off while it was.",
                    where=str(path),
                    fix="Wait; if nobody is deciding, delete the lock file and try again.",
                ) from None
            time.sleep(0.05)
        except OSError:
            raise ApprovalError(
                "Decisions cannot be written beside the model.",
                where=str(folder),
                fix="Give the model's folder, and the right to write in it.",
            ) from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _broken(path: Path, number: int) -> ApprovalError:
    return ApprovalError(
        "The chain of decisions is broken: a line was changed, lost or put in.",
        where=f"{path}, line {number}",
        fix="Restore the file from a backup; until then the model counts as not approved.",
    )
