"""Whose turn it is: what stands in the way of a decision about a model."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from fs_risk.errors import ApprovalError
from fs_risk.model.approval_log import EqualityAnswer, Kind
from fs_risk.model.approval_policy import ApprovalPolicy, State
from fs_risk.model.approval_state import ApprovalState
from fs_risk.records.counts_in_words import count_of


class Turn:
    """Whether a decision may be taken now.

    Parameters
    ----------
    policy : ApprovalPolicy
    now : ApprovalState
        Where the model stands before it.
    moved : str or None
        Where it was moved to last, whether or not the signatures for it still count.
    folder : Path
        Of the model, for what is said of a refusal.
    """

    def __init__(
        self, policy: ApprovalPolicy, now: ApprovalState, moved: State | None, folder: Path
    ) -> None:
        self.policy, self.now, self.moved, self.folder = policy, now, moved, folder

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
        elif decision == "suspend" and self.moved != "live":
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
                f"{count_of(len(obstacles), 'part of the card is', 'parts of the card are')} "
                "still to be written: "
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
