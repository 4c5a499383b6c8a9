"""Commands about decisions: take one about a model, see where it stands and stood."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import app, whole_day
from fs_risk.cli.complete import DECISIONS, ROLES, one_of
from fs_risk.cli.options import CardFile, Model, OnDay, RegisteredAs, TrackingUri
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.errors import SettingError, nearest
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.decoded_text import decoded_text

if TYPE_CHECKING:
    from fs_risk.model.approval_log import Decision
    from fs_risk.model.approval_state import ApprovalState

By = Annotated[str, typer.Option("--by", help="Who decides.")]
Role = Annotated[
    str,
    typer.Option(
        "--role", help="As what; a role of the policy of approval.", autocompletion=one_of(ROLES)
    ),
]
Organisation = Annotated[
    str | None,
    typer.Option(
        "--organisation",
        help="For whom; by default the one that every earlier decision names. "
        "Setting: organisation.",
    ),
]
STATE = {
    "state": "draft, a review, approved, live, suspended or retired",
    "why": "the same in a sentence",
    "on": "the day that it is said of",
    "expires": "last day of the approval, or null",
    "signed": "roles that have signed",
    "stale": "roles whose signature is about something that has changed",
    "waits_for": "roles that may sign next",
    "conditions": "conditions of the approval",
    "due": "equality questions whose answer is due for review",
}


@verb(
    app,
    example="fs-risk approve card.json --model model/ --role 'technical reviewer' "
    "--by 'A. Analyst' --organisation 'Our council'",
    prints={**STATE, "changed": "what changed since the card that was signed last, or null"},
)
def approve(
    voice: Voice,
    card: CardFile,
    model: Model,
    by: By,
    role: Role,
    organisation: Organisation = None,
    decision: Annotated[
        str,
        typer.Option(
            help="approve, refuse, withdraw, 'go live', suspend or retire.",
            autocompletion=one_of(DECISIONS),
        ),
    ] = "approve",
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day of the approval.")
    ] = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="A condition of it; may be repeated.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; needed to say no.")] = "",
    answers: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of the owner's answers to equality questions: [[answer]] with "
            "question, answer and review_by."
        ),
    ] = None,
    tracking_uri: TrackingUri = None,
    registered_as: RegisteredAs = None,
) -> None:
    """Decide about a model by its card: sign, refuse, withdraw, move to live, suspend, retire."""
    from fs_risk.model_cards.approve import changes_since_signed
    from fs_risk.model_cards.card import ModelCard

    if decision not in DECISIONS:
        raise SettingError(
            f"That is not a decision about a model.{nearest(decision, DECISIONS)}",
            where="--decision",
            fix=f"Choose of: {', '.join(DECISIONS)}.",
        )
    last = whole_day(expires, "--expires")
    answered = None if answers is None else _read_answers(answers)
    read = ModelCard.read(card)
    changed = changes_since_signed(read, model)
    differs = "" if changed is None else changed.text()
    if differs:
        voice.result(None, f"Changed since the card that was signed last:\n{differs}")
    state = fs.approve(
        read,
        model,
        by=by,
        role=role,
        organisation=organisation,
        decision=decision,  # type: ignore[arg-type]
        expires=last,
        conditions=tuple(condition or ()),
        reason=reason,
        answers=answered,
        tracking_uri=tracking_uri,
        registered_as=registered_as,
    )
    voice.result({**_plain(state), "changed": differs or None}, _said(state))


@verb(
    app,
    example="fs-risk suspend --model model/ --role 'practice lead' --by 'P. Lead' "
    "--organisation 'Our council' --reason 'Scores repeat'",
    prints=STATE,
)
def suspend(
    voice: Voice,
    model: Model,
    by: By,
    role: Role,
    reason: Annotated[str, typer.Option(help="Why.")],
    organisation: Organisation = None,
    tracking_uri: TrackingUri = None,
    registered_as: RegisteredAs = None,
) -> None:
    """Stop a live model at once; it asks for no card."""
    state = fs.suspend(
        model,
        by=by,
        role=role,
        organisation=organisation,
        reason=reason,
        tracking_uri=tracking_uri,
        registered_as=registered_as,
    )
    voice.result(_plain(state), _said(state))


@verb(
    app,
    example="fs-risk approvals --model model/ --on 2026-04-01",
    prints={**STATE, "decisions": "each decision: by whom, as what, when, about which card"},
)
def approvals(voice: Voice, model: Model, on: OnDay = None) -> None:
    """Say where a model stands or stood on a day, and who decided what."""
    from fs_risk.model.approvals import Approvals

    day = whole_day(on, "--on")
    state = fs.approval_state(model, on=day)
    until = day or datetime.now(UTC).date()
    taken = [one for one in Approvals(model).decisions if one.at.date() <= until]
    lines = [*map(_line, taken), _said(state)]
    voice.result({**_plain(state), "decisions": taken}, "\n".join(lines))


def _read_answers(path: Path) -> dict[str, tuple[str, date]]:
    try:
        told = tomllib.loads(decoded_text(path.read_bytes()))["answer"]
        return {str(one["question"]): (str(one["answer"]), one["review_by"]) for one in told}
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingError(
            "The answers cannot be read.",
            where=str(path),
            fix="Write TOML: [[answer]] with question, answer and review_by = 2027-01-31 each.",
        ) from None


def _said(state: "ApprovalState") -> str:
    lines = [str(state), *(f"on condition: {condition}" for condition in state.conditions)]
    if state.waits_for:
        lines.append(f"waits for: {' or '.join(state.waits_for)}")
    if state.stale:
        stale = count_of(len(state.stale), "signature is", "signatures are")
        lines.append(f"{stale} stale")
    if state.due:
        due = count_of(
            len(state.due), "answer to an equality question is", "answers to equality questions are"
        )
        lines.append(f"{due} due for review")
    return "\n".join(lines)


def _line(one: "Decision") -> str:
    until = f", until {one.expires.isoformat()}" if one.expires else ""
    why = f": {one.reason}" if one.reason else ""
    return (
        f"{one.at:%Y-%m-%d %H:%M} {one.decision} by {one.by}, {one.role}, {one.organisation}"
        f"{until}{why} (card {one.subject.card[:12]}, decision {one.hash[:12]})"
    )


def _plain(state: "ApprovalState") -> dict[str, Any]:
    return {
        "state": state.state,
        "why": state.why,
        "on": state.on,
        "expires": state.expires,
        "signed": [one.role for one in state.signed],
        "stale": [one.role for one in state.stale],
        "waits_for": list(state.waits_for),
        "conditions": list(state.conditions),
        "due": [one.question for one in state.due],
    }
