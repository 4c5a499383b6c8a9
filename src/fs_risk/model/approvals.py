"""`Approvals`: the decisions about one saved model, and whether it may be used today."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from fs_risk.errors import ApprovalError
from fs_risk.model.approval_log import (
    LOG_FILE,
    Decision,
    EqualityAnswer,
    Kind,
    Subject,
    append,
    read_log,
)
from fs_risk.model.approval_policy import ApprovalPolicy
from fs_risk.model.approval_state import ApprovalState, moved_to, state_on
from fs_risk.model.approval_turn import Turn

POLICY_FILE = "approval_policy.json"
"""Beside the log, where an authority has written its own steps."""


class Approvals:
    """The decisions about the model in a folder.

    Parameters
    ----------
    folder : str or Path
        Of the saved model; the decisions are written beside it.
    policy : ApprovalPolicy, optional
        By default the one in the folder's ``approval_policy.json``, else the library's.

    Raises
    ------
    ApprovalError
        If the folder's own policy cannot be read.

    Notes
    -----
    The file is read again whenever it has changed, so that a suspension reaches a
    service that is running.
    """

    def __init__(self, folder: str | Path, policy: ApprovalPolicy | None = None) -> None:
        self.folder = Path(folder)
        self._given = policy
        self._seen: tuple[int, int] | None = None
        self._decisions: tuple[Decision, ...] = ()

    @cached_property
    def policy(self) -> ApprovalPolicy:
        """The signatures that are needed."""
        path = self.folder / POLICY_FILE
        if self._given is not None:
            return self._given
        if not path.exists():
            return ApprovalPolicy()
        try:
            return ApprovalPolicy.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            raise ApprovalError(
                "The authority's own policy of approval cannot be read.",
                where=str(path),
                fix="Write it with ApprovalPolicy(...).model_dump_json().",
            ) from None

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, in their order; the chain is checked.

        Raises
        ------
        ApprovalError
            If it is broken.
        """
        seen = self._stamp()
        if seen is None:
            return ()
        if seen != self._seen:
            self._decisions = read_log(self.folder)
            self._seen = seen
        return self._decisions

    def state(self, subject: Subject, *, on: date | None = None) -> ApprovalState:
        """Give where the model stands.

        Parameters
        ----------
        subject : Subject
            The card, model and audit as they are now.
        on : date, optional
            By default today (UTC).

        Returns
        -------
        ApprovalState
        """
        day = datetime.now(UTC).date() if on is None else on
        return state_on(self.decisions, subject, self.policy, day)

    def was(self, on: date) -> ApprovalState:
        """Give where the model stood on a day, by what was signed then.

        Parameters
        ----------
        on : date

        Returns
        -------
        ApprovalState
            Of the card, model and audit that the last decision until then was about.
        """
        until = [decision for decision in self.decisions if decision.at.date() <= on]
        if not until:
            return ApprovalState("draft", "Nobody had signed yet.", on)
        return state_on(until, until[-1].subject, self.policy, on)

    def decide(
        self,
        decision: Kind,
        *,
        subject: Subject,
        mode: str,
        by: str,
        role: str,
        organisation: str,
        reason: str = "",
        conditions: Sequence[str] = (),
        expires: date | None = None,
        answers: Sequence[EqualityAnswer] = (),
        obstacles: Sequence[str] = (),
        questions: Sequence[str] = (),
        at: datetime | None = None,
    ) -> Decision:
        """Take a decision, if it may be taken now by this role, and write it down.

        Parameters
        ----------
        decision : {"approve", "refuse", "withdraw", "go live", "suspend", "retire"}
        subject : Subject
            The card, model and audit decided about. A suspension is always of what was
            decided about last, whatever is given: no changed file may stand in its way.
        mode : str
            What the model's gates let it be (`StepUpModel.mode`).
        by, role, organisation : str
        reason : str, optional
            Needed to refuse, withdraw, suspend or retire.
        conditions : sequence of str, optional
        expires : date, optional
            The last day; the owner must give one.
        answers : sequence of EqualityAnswer, optional
            The owner's, one to each of `questions`.
        obstacles : sequence of str, optional
            What on the card is still to be written: nobody may sign it.
        questions : sequence of str, optional
            Where the audit had not enough evidence.
        at : datetime, optional
            By default now.

        Returns
        -------
        Decision

        Raises
        ------
        ApprovalError
            If it may not be taken, with what stands in its way.
        """
        now = (datetime.now(UTC) if at is None else at.astimezone(UTC)).replace(microsecond=0)
        seen = self.decisions
        if decision == "suspend" and seen:
            subject = seen[-1].subject
        before = state_on(seen, subject, self.policy, now.date())
        moved = moved_to(seen, self.policy, now.date())
        turn = Turn(self.policy, before, moved, self.folder)
        turn.check(decision, by=by, role=role, mode=mode, reason=reason, obstacles=obstacles)
        if decision == "approve":
            turn.check_term(role, expires, now.date())
            turn.check_answers(role, answers, questions, now.date())
        content: Mapping[str, object] = {
            "at": now, "decision": decision, "by": by, "role": role,
            "organisation": organisation, "reason": reason, "conditions": tuple(conditions),
            "expires": expires, "answers": tuple(answers), "subject": subject, "mode": mode,
        }  # fmt: skip
        try:
            return append(self.folder, dict(content), seen=seen)
        except ValidationError as error:
            fields = sorted({str(fault["loc"][0]) for fault in error.errors()})
            raise ApprovalError(
                f"The decision cannot be written: {', '.join(fields)} not usable.",
                where=str(self.folder / LOG_FILE),
                fix="Give name, role and organisation in a few words each.",
            ) from None

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self.folder / LOG_FILE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
