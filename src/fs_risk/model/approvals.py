"""`Approvals`: the decisions about one saved model, and whether it may be used today."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
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
from fs_risk.model.approval_state import ApprovalState, state_on

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
            The card, model and audit decided about.
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
        turn = _Turn(self.policy, state_on(seen, subject, self.policy, now.date()), self.folder)
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


class _Turn:
    """Whether a decision may be taken now."""

    def __init__(self, policy: ApprovalPolicy, now: ApprovalState, folder: Path) -> None:
        self.policy, self.now, self.folder = policy, now, folder

    def check(
        self,
        decision: Kind,
        *,
        by: str,
        role: str,
        mode: str,
        reason: str,
        obstacles: Sequence[str],
    ) -> None:
        """Refuse what may not be decided now, or not by this role."""
        if self.policy.place(role) is None:
            raise self._refused(
                "No step of the policy is that role's.",
                f"Decide as one of: {', '.join(self.policy.roles)}.",
            )
        if self.now.state == "retired":
            raise self._refused("The model is retired.", "Approve another model.")
        if decision in ("refuse", "withdraw", "suspend", "retire") and not reason.strip():
            raise self._refused(f"To {decision} needs a reason.", "Say why, with reason=….")
        if decision == "approve":
            self._check_signature(by, role, obstacles)
        elif decision == "withdraw":
            if role not in {one.role for one in self.now.signed + self.now.stale}:
                raise self._refused("That role has signed nothing.", "Refuse instead of withdraw.")
        elif decision in ("go live", "retire"):
            self._check_owner(decision, role)
            if decision == "go live":
                self._check_live(mode)
        elif decision == "suspend" and self.now.state != "live":
            raise self._refused("The model is not live.", "Refuse or withdraw instead.")

    def check_term(self, role: str, expires: date | None, today: date) -> None:
        """See that the owner's approval ends, and none ends too late or already has."""
        if expires is None and role in self.policy.owner.roles:
            raise self._refused(
                "An approval without an end cannot be given.",
                f"Give expires=, at most {self.policy.longest_days} days from today.",
            )
        longest = today + timedelta(days=self.policy.longest_days)
        if expires is not None and not today <= expires <= longest:
            raise self._refused(
                "The approval would end before today, or later than the policy allows.",
                f"Give expires= within {self.policy.longest_days} days from today.",
            )

    def check_answers(
        self,
        role: str,
        answers: Sequence[EqualityAnswer],
        questions: Sequence[str],
        today: date,
    ) -> None:
        """See that the owner answers every question that evidence cannot answer yet."""
        if role not in self.policy.owner.roles:
            return
        open_still = sorted(set(questions) - {answer.question for answer in answers})
        late = [answer for answer in answers if answer.review_by <= today]
        if open_still or late:
            raise self._refused(
                f"{len(open_still)} equality questions without enough evidence are not answered "
                f"in writing, {len(late)} have no day of review to come.",
                "Give answers=, an EqualityAnswer to each question on the card.",
            )

    def _check_signature(self, by: str, role: str, obstacles: Sequence[str]) -> None:
        if obstacles:
            raise self._refused(
                f"{len(obstacles)} parts of the card are still to be written: "
                f"{', '.join(obstacles[:5])}{' …' * (len(obstacles) > 5)}.",
                "Write them, build the card again, and sign that.",
            )
        place = self.policy.place(role)
        done = len(self.now.signed)
        if place is None or place > done:
            raise self._refused(
                "It is not that role's turn yet.",
                f"Have it signed first as: {' or '.join(self.now.waits_for)}.",
            )
        others = [one for at, one in enumerate(self.now.signed) if at != place]
        if self.policy.distinct_people and any(_same(one.by, by) for one in others):
            raise self._refused(
                "The same person has signed another step.", "Have somebody else sign this one."
            )

    def _check_owner(self, decision: Kind, role: str) -> None:
        if role not in self.policy.owner.roles:
            raise self._refused(
                f"Only the {' or '.join(self.policy.owner.roles)} may {decision}.",
                "Have them decide it.",
            )

    def _check_live(self, mode: str) -> None:
        if mode == "study":
            raise self._refused(
                "The model has failed a gate, or was never evaluated: it stays in study mode.",
                "Read the failed gates on the card; no signature lifts them.",
            )
        if self.now.waits_for or self.now.stale:
            missing = " or ".join(self.now.waits_for) or "those whose signature is stale"
            raise self._refused(
                f"The model is not approved yet: it waits for the {missing}.",
                "Have every step signed for the card as it is.",
            )
        if self.now.expires is not None and self.now.expires < self.now.on:
            raise self._refused("The approval has ended.", "Have the owner approve it again.")

    def _refused(self, what: str, fix: str) -> ApprovalError:
        return ApprovalError(what, where=f"{self.folder}, now in {self.now.state}", fix=fix)


def _same(one: str, other: str) -> bool:
    return " ".join(one.lower().split()) == " ".join(other.lower().split())
