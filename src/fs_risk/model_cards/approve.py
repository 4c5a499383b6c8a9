"""`approve`: a person's decision about a card, its model and its audit, bound to their bytes."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import ValidationError

from fs_risk.errors import ApprovalError
from fs_risk.model.approval_log import EqualityAnswer, Kind
from fs_risk.model.approval_state import ApprovalState
from fs_risk.model.approvals import Approvals
from fs_risk.model.artefact import load_model
from fs_risk.model.in_use import CARD_FILE, subject_in, subject_of
from fs_risk.model.step_up import StepUpModel
from fs_risk.model_cards.card import EQUALITY, ModelCard
from fs_risk.model_cards.diff import CardDiff
from fs_risk.records.arguments import CARD, PATH, WORD, takes

SIGNED = "signed_cards"
"""Folder beside the model with every card that anybody decided about, by its hash."""

_AFTER_USE = "ledger"
"""What can only be given once the model has been in use."""


@takes(card=CARD, model_folder=PATH, by=WORD, role=WORD, organisation=WORD.or_none())
def approve(
    card: ModelCard,
    model_folder: str | Path,
    *,
    by: str,
    role: str,
    organisation: str | None = None,
    decision: Kind = "approve",
    expires: date | None = None,
    conditions: Sequence[str] = (),
    reason: str = "",
    answers: Mapping[str, tuple[str, date]] | None = None,
    at: datetime | None = None,
    tracking_uri: str | None = None,
    registered_as: str | None = None,
) -> ApprovalState:
    """Decide about a model, by its card; see docs/approving_a_model.md.

    The decision is bound to the SHA-256 of the card's content, the model's files and the
    audit. It is added to ``approvals.jsonl`` beside the model, each line holding the hash
    of the one before; the card is kept there too.

    Parameters
    ----------
    card : ModelCard
        The internal card of this very model.
    model_folder : str or Path
    by, role : str
        Who decides. The role must be one that signs a step of the policy.
    organisation : str, optional
        For whom. The first decision about a model must say; left out later, it is the one
        that every earlier decision names. A card names roles only, so it cannot be read
        off the card.
    decision : {"approve", "refuse", "withdraw", "go live", "suspend", "retire"}
    expires : date, optional
        The last day of an approval; the senior responsible owner must give one.
    conditions : sequence of str, optional
    reason : str, optional
        Needed for everything but to approve or go live.
    answers : mapping of str to (str, date), optional
        The senior responsible owner's, to each of `card.equality_questions` that the card
        does not answer itself: what is said, and when it is looked at again. They are kept
        with the decision, and never count as a gate passed.
    at : datetime, optional
        When it was decided; by default now.
    tracking_uri : str, optional
        Of an MLflow store, whose registered versions of this very model then mirror the
        decisions; ``live`` moves with them. See `mirror_decisions`.
    registered_as : str, optional
        The name there; by default every name that the model has.

    Returns
    -------
    ApprovalState
        Where the model stands now.

    Raises
    ------
    ApprovalError
        If it may not be decided now, or by that role; if the card is of another model,
        is the published view, or has open questions; if no organisation is known.
    ArtefactError
        If the model's files are not as they were written; if it is not registered where it
        should be mirrored: the decision itself is kept beside the model then.

    See Also
    --------
    suspend : Stop a live model, without a card.
    approval_state : Where a model stands.

    Examples
    --------
    >>> fs.approve(card, "models/step_up", by="A. Owner", role="data protection officer",
    ...     organisation="Anyshire")  # doctest: +SKIP
    """
    folder = Path(model_folder)
    if decision == "suspend":
        return suspend(
            folder,
            by=by,
            role=role,
            organisation=organisation,
            reason=reason,
            at=at,
            tracking_uri=tracking_uri,
            registered_as=registered_as,
        )
    model = load_model(folder)
    _check_card(card, model, folder)
    approvals = Approvals(folder)
    subject = subject_of(card.to_json(), model.content_hash)
    approvals.decide(
        decision,
        subject=subject,
        mode=model.mode,
        by=by,
        role=role,
        organisation=_organisation(organisation, approvals),
        reason=reason,
        conditions=conditions,
        expires=expires,
        answers=[*_answered(card), *_given(answers or {})],
        questions=card.equality_questions,
        obstacles=_obstacles(card),
        at=at,
    )
    _put(folder / SIGNED, f"{subject.card}.json", card.to_json())
    if decision == "approve":
        # only once it is signed: a card that may not be signed changes nothing
        _put(folder, CARD_FILE, card.to_json())
    _mirror(folder, tracking_uri, registered_as)
    return approvals.state(subject, on=None if at is None else at.date())


@takes(model_folder=PATH, by=WORD, role=WORD, organisation=WORD.or_none(), reason=WORD)
def suspend(
    model_folder: str | Path,
    *,
    by: str,
    role: str,
    organisation: str | None = None,
    reason: str,
    at: datetime | None = None,
    tracking_uri: str | None = None,
    registered_as: str | None = None,
) -> ApprovalState:
    """Stop a live model at once: from its next score on the code is ``NOT_APPROVED``.

    It asks for no card, and for nothing of the folder but its decisions: a card that has
    changed or is lost, or a damaged file of the model, is no reason to go on.

    Parameters
    ----------
    model_folder : str or Path
    by, role : str
        Who decides: any role of the policy.
    organisation : str, optional
        For whom; by default the one that every earlier decision names.
    reason : str
    at : datetime, optional
        When it was decided; by default now.
    tracking_uri, registered_as : str, optional
        As for `approve`.

    Returns
    -------
    ApprovalState
        Of what was live.

    Raises
    ------
    ApprovalError
        If the model was not moved to live, or has been suspended since; if no reason is
        given; if no organisation is known; if the chain of decisions is broken, when the
        model gives no scores anyway.
    ArtefactError
        If it cannot be mirrored: the decision itself is kept beside the model then.

    See Also
    --------
    approve : Every other decision, and to go live again.

    Examples
    --------
    >>> fs.suspend("models/step_up", by="A. Owner", role="senior responsible owner",
    ...     organisation="Anyshire", reason="drift in referrals by the police")  # doctest: +SKIP
    """
    folder = Path(model_folder)
    approvals = Approvals(folder)
    if not approvals.decisions:
        raise ApprovalError(
            "Nobody has decided about a model in that folder: nothing is live.",
            where=str(folder),
            fix="Give the folder of the model that is in use.",
        )
    last = approvals.decisions[-1]
    approvals.decide(
        "suspend",
        subject=last.subject,
        mode=last.mode,
        by=by,
        role=role,
        organisation=_organisation(organisation, approvals),
        reason=reason,
        at=at,
    )
    _mirror(folder, tracking_uri, registered_as)
    return approvals.state(last.subject, on=None if at is None else at.date())


def _mirror(folder: Path, tracking_uri: str | None, registered_as: str | None) -> None:
    if tracking_uri is not None:
        from fs_risk.model_cards.mirror import mirror_decisions

        mirror_decisions(folder, tracking_uri=tracking_uri, registered_as=registered_as)


def changes_since_signed(card: ModelCard, model_folder: str | Path) -> CardDiff | None:
    """Say what a card changes against the one that was signed last.

    Parameters
    ----------
    card : ModelCard
    model_folder : str or Path

    Returns
    -------
    CardDiff or None
        None where nobody has signed a card yet, or it is the same one.

    Raises
    ------
    ArtefactError
        If the card beside the model cannot be read.
    """
    signed = Path(model_folder) / CARD_FILE
    if not signed.exists():
        return None
    earlier = ModelCard.read(signed)
    return None if earlier.content_hash == card.content_hash else card.diff(earlier)


@takes(model_folder=PATH)
def approval_state(model_folder: str | Path, *, on: date | None = None) -> ApprovalState:
    """Say where a saved model stands, from the bytes that are there.

    Parameters
    ----------
    model_folder : str or Path
    on : date, optional
        By default today. For a day in the past, what was signed until then about the
        card that was decided about last.

    Returns
    -------
    ApprovalState

    Raises
    ------
    ApprovalError
        If the chain of decisions is broken, or the card cannot be read.
    ArtefactError
        If the model's files are not as they were written.

    Examples
    --------
    >>> fs.approval_state("models/step_up").why  # doctest: +SKIP
    """
    folder = Path(model_folder)
    model = load_model(folder)
    approvals = Approvals(folder)
    today = datetime.now(UTC).date()
    if on is not None and on < today:
        return approvals.was(on)
    subject = subject_in(folder, model.content_hash)
    if subject is None:
        return ApprovalState("draft", "Nobody has signed yet.", on or today)
    return approvals.state(subject, on=on)


def _organisation(given: str | None, approvals: Approvals) -> str:
    """Give the organisation named, or the one that all earlier decisions name."""
    if given is not None:
        return given
    named = {each.organisation for each in approvals.decisions}
    if len(named) == 1:
        return named.pop()
    known = "more than one" if named else "none"
    raise ApprovalError(
        f"It is not said for whom it is decided, and earlier decisions name {known}.",
        where="organisation=",
        fix="Give organisation=, the council or trust that the person decides for.",
    )


def _check_card(card: ModelCard, model: StepUpModel, folder: Path) -> None:
    if card.view != "internal":
        raise ApprovalError(
            "The published view of a card cannot be signed: small numbers are hidden in it.",
            where=str(folder),
            fix="Sign the internal card that it was made from.",
        )
    if card.hashes.model != model.content_hash:
        raise ApprovalError(
            "The card is of another model than the one in the folder.",
            where=str(folder),
            fix="Build a card of this model, or give the folder of that one.",
        )


def _obstacles(card: ModelCard) -> list[str]:
    open_still = [each for each in card.open_questions if each.heading != EQUALITY]
    return [each.field for each in open_still if each.field != _AFTER_USE]


def _answered(card: ModelCard) -> list[EqualityAnswer]:
    """Give the answers that stand on the card."""
    return [
        EqualityAnswer(
            question=f"{each.attribute}, {each.group}: not enough evidence",
            answer=each.answer,
            review_by=each.review_date,
        )
        for each in card.people.equality
    ]


def _given(answers: Mapping[str, tuple[str, date]]) -> list[EqualityAnswer]:
    try:
        return [
            EqualityAnswer(question=question, answer=answer, review_by=review_by)
            for question, (answer, review_by) in answers.items()
        ]
    except (ValidationError, ValueError, TypeError):
        raise ApprovalError(
            "An answer is not a sentence with the day on which it is looked at again.",
            where="answers",
            fix="Give answers={question: (answer, date)}, each answer in at least ten characters.",
        ) from None


def _put(folder: Path, name: str, text: str) -> None:
    """Write a file whole or not at all."""
    folder.mkdir(exist_ok=True)
    part = folder / f"{name}.part"
    part.write_bytes(text.encode())
    os.replace(part, folder / name)
