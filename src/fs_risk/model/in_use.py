"""Whether a model may be used today: its gates, the decisions about it, and their end."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

from fs_risk.errors import ApprovalError
from fs_risk.model.approval_log import Subject
from fs_risk.model.approval_state import ApprovalState
from fs_risk.model.approvals import Approvals
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model.mirrored import MirroredDecisions
from fs_risk.model.step_up import StepUpModel

CARD_FILE = "card.json"
"""The card that was signed, beside the model."""

ENVELOPE = "envelope"
"""The part of a card that no hash covers."""


class Standing(NamedTuple):
    """Whether a model may be used, and on what evidence.

    Attributes
    ----------
    usable : bool
    card : str or None
        The start of the hash of the card that was signed.
    until : str or None
        The last day, as ISO date.
    """

    usable: bool
    card: str | None = None
    until: str | None = None


SYNTHETIC = Standing(usable=True)
NOT_USABLE = Standing(usable=False)


def subject_of(card_json: str | bytes, model_hash: str) -> Subject:
    """Give what a decision about a card and a model is about.

    Parameters
    ----------
    card_json : str or bytes
        The card as it is written.
    model_hash : str
        Content hash of the model, worked out from its files.

    Returns
    -------
    Subject

    Raises
    ------
    ApprovalError
        If the card cannot be read.
    """
    try:
        card = json.loads(card_json)
        card.pop(ENVELOPE, None)
        audit = str(card["hashes"]["audit"])
        return Subject(card=sha256(canonical_json(card)), model=model_hash, audit=audit)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ApprovalError(
            "The card beside the model cannot be read.",
            where=CARD_FILE,
            fix="Restore the card that was signed, or build and sign a new one.",
        ) from None


def subject_in(folder: Path, model_hash: str) -> Subject | None:
    """Give what a decision about the model in a folder is about, from the bytes that are there.

    Parameters
    ----------
    folder : Path
    model_hash : str

    Returns
    -------
    Subject or None
        None where no card lies beside the model.
    """
    path = folder / CARD_FILE
    return subject_of(path.read_bytes(), model_hash) if path.exists() else None


class InUse:
    """The standing of one model, read again whenever a file beside it has changed.

    Parameters
    ----------
    model : StepUpModel
        As `load_model` gives it from a folder, or from a registry that mirrors the decisions
        and whose alias ``live`` is on it; any other on real records may not be used.
    """

    def __init__(self, model: StepUpModel) -> None:
        self.model = model
        self._approvals = None if model.home is None else Approvals(model.home)
        self._mirrored = (
            None
            if model.registered is None
            else MirroredDecisions(model.registered, model.content_hash)
        )
        self._card_seen: tuple[int, int] | None = None
        self._subject: Subject | None = None

    def approval(self, *, on: date | None = None) -> ApprovalState | None:
        """Give where the model stands by the decisions beside it.

        Parameters
        ----------
        on : date, optional
            By default today.

        Returns
        -------
        ApprovalState or None
            None for a model on invented records, or one that no folder and card belong to.

        Raises
        ------
        ApprovalError
            If the chain of decisions is broken, or the card cannot be read.
        """
        if self.model.training.origin == "synthetic":
            return None
        if self._approvals is None:
            return None if self._mirrored is None else self._mirrored.state(on)
        subject = self._subject_now(self._approvals.folder)
        return None if subject is None else self._approvals.state(subject, on=on)

    def standing(self, *, on: date | None = None) -> Standing:
        """Say whether the model may be used; whatever is in doubt counts as no.

        Parameters
        ----------
        on : date, optional
            By default today.

        Returns
        -------
        Standing
        """
        if self.model.training.origin == "synthetic":
            return SYNTHETIC
        if self.model.mode == "study":
            return NOT_USABLE
        try:
            state = self.approval(on=on)
        except (ApprovalError, OSError):
            return NOT_USABLE
        if state is None or not state.live:
            return NOT_USABLE
        until = None if state.expires is None else state.expires.isoformat()
        return Standing(True, state.signed[-1].subject.card[:12], until)

    def _subject_now(self, folder: Path) -> Subject | None:
        try:
            found = (folder / CARD_FILE).stat()
        except OSError:
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._card_seen:
            self._subject = subject_in(folder, self.model.content_hash)
            self._card_seen = stamp
        return self._subject
