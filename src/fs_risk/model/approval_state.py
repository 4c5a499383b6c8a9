"""Where a model stands on a day, worked out from the decisions about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from fs_risk.model.approval_log import Decision, EqualityAnswer, Subject
from fs_risk.model.approval_policy import ApprovalPolicy, State
from fs_risk.records.notebook import Display, Displayed


@dataclass(frozen=True, repr=False)
class ApprovalState(Displayed):
    """Where a model stands on a day, and why.

    Attributes
    ----------
    state : str
        One of `State`.
    why : str
        In a sentence.
    on : date
    signed : tuple of Decision
        Signatures that count, in order of the steps.
    stale : tuple of Decision
        Signatures given to a card, model or audit that has changed since.
    waits_for : tuple of str
        Roles of which one signs next; empty when nothing is left to sign.
    expires : date or None
        The last day of the first of the approvals that ends.
    conditions : tuple of str
    answers : tuple of EqualityAnswer
        What the owner answered where the audit had not enough evidence.
    due : tuple of EqualityAnswer
        Answers whose day of review has passed.

    Examples
    --------
    >>> state = fs.approval_state("models/step_up")  # doctest: +SKIP
    >>> state.state, state.waits_for  # doctest: +SKIP
    ('practice review', ('data protection officer', 'information governance lead'))
    """

    state: State
    why: str
    on: date
    signed: tuple[Decision, ...] = ()
    stale: tuple[Decision, ...] = ()
    waits_for: tuple[str, ...] = ()
    expires: date | None = None
    conditions: tuple[str, ...] = ()
    answers: tuple[EqualityAnswer, ...] = ()
    due: tuple[EqualityAnswer, ...] = field(default=(), repr=False)

    @property
    def live(self) -> bool:
        """Whether the model may be used."""
        return self.state == "live"

    def _display(self) -> Display:
        signed = [f"{one.role}, {one.at.date().isoformat()}" for one in self.signed]
        return Display(
            f"Approval: {self.state}",
            [
                ("why", self.why),
                ("on", self.on.isoformat()),
                ("signed by", signed),
                ("stale signatures", len(self.stale) or None),
                ("waits for one of", self.waits_for),
                ("ends on", self.expires and self.expires.isoformat()),
                ("conditions", self.conditions),
                ("answers due for review", len(self.due) or None),
            ],
        )

    def __str__(self) -> str:
        until = f" until {self.expires.isoformat()}" if self.live and self.expires else ""
        return f"{self.state}{until}: {self.why}"


@dataclass
class _Standing:
    """What the decisions so far add up to."""

    signed: dict[int, Decision] = field(default_factory=dict)
    moved: State | None = None
    why: str = "Nobody has signed yet."


def state_on(
    decisions: Sequence[Decision], subject: Subject, policy: ApprovalPolicy, on: date
) -> ApprovalState:
    """Work out where a model stands at the end of a day.

    Parameters
    ----------
    decisions : sequence of Decision
        In their order.
    subject : Subject
        The card, model and audit as they are: signatures of others are stale.
    policy : ApprovalPolicy
    on : date

    Returns
    -------
    ApprovalState
    """
    return _told(_standing(decisions, policy, on), subject, policy, on)


def moved_to(decisions: Sequence[Decision], policy: ApprovalPolicy, on: date) -> State | None:
    """Give where a model was moved to last, whether or not its signatures still count.

    Parameters
    ----------
    decisions : sequence of Decision
        In their order.
    policy : ApprovalPolicy
    on : date

    Returns
    -------
    {"live", "suspended", "retired"} or None
    """
    return _standing(decisions, policy, on).moved


def _standing(decisions: Sequence[Decision], policy: ApprovalPolicy, on: date) -> _Standing:
    standing = _Standing()
    for decision in decisions:
        if decision.at.date() <= on:
            _take(standing, decision, policy)
    return standing


def _take(standing: _Standing, decision: Decision, policy: ApprovalPolicy) -> None:
    if standing.moved == "retired":
        return
    said = f"{decision.role}, {decision.at.date().isoformat()}"
    if decision.decision == "approve":
        place = policy.place(decision.role)
        if place is None:
            return
        # whoever signs other content than those before begins anew
        kept = {at: one for at, one in standing.signed.items() if one.subject == decision.subject}
        if len(kept) < len(standing.signed):
            standing.moved = None
        standing.signed = {**{at: one for at, one in kept.items() if at != place}, place: decision}
        standing.why = f"Signed by the {said}."
    elif decision.decision == "refuse":
        standing.signed, standing.moved = {}, None
        standing.why = f"Refused by the {said}."
    elif decision.decision == "withdraw":
        place = policy.place(decision.role)
        was_live = standing.moved == "live"
        standing.signed = {at: one for at, one in standing.signed.items() if at < (place or 0)}
        standing.moved = "suspended" if was_live or standing.moved == "suspended" else None
        standing.why = f"Withdrawn by the {said}."
    elif decision.decision == "go live":
        standing.moved, standing.why = "live", f"Moved to live by the {said}."
    elif decision.decision == "suspend":
        standing.moved, standing.why = "suspended", f"Suspended by the {said}."
    else:
        standing.moved, standing.why = "retired", f"Retired by the {said}."


def _told(standing: _Standing, subject: Subject, policy: ApprovalPolicy, on: date) -> ApprovalState:
    counting = {at: one for at, one in standing.signed.items() if one.subject == subject}
    stale = tuple(one for at, one in sorted(standing.signed.items()) if at not in counting)
    # a signature counts while every step before it does
    complete = 0
    while complete in counting:
        complete += 1
    signed = tuple(counting[at] for at in range(complete))
    whole = complete == len(policy.steps)
    ends = [one.expires for one in signed if one.expires is not None]
    answers = signed[-1].answers if whole else ()
    told = ApprovalState(
        state="draft" if complete == 0 else policy.steps[complete - 1].state,
        why=standing.why,
        on=on,
        signed=signed,
        stale=stale,
        waits_for=() if whole else policy.steps[complete].roles,
        expires=min(ends) if ends else None,
        conditions=tuple(condition for one in signed for condition in one.conditions),
        answers=answers,
        due=tuple(answer for answer in answers if answer.review_by < on),
    )
    if standing.moved == "retired":
        return replace(told, state="retired", waits_for=())
    if stale:
        what = ", ".join(sorted({name for one in stale for name in one.subject.differs(subject)}))
        told = replace(told, why=f"What was signed has changed since: {what}.")
    if standing.moved is None:
        return told
    lapsed = told.expires is not None and told.expires < on
    if standing.moved == "live" and whole and lapsed:
        assert told.expires is not None
        return replace(
            told, state="suspended", why=f"The approval ended on {told.expires.isoformat()}."
        )
    if standing.moved == "live" and whole:
        return replace(told, state="live")
    return replace(told, state="suspended")
