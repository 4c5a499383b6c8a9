"""Commands about decisions: take one about a model, see where it stands and stood."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

import fs_risk as fs
from fs_risk.cli.app import Json, app, say, say_json, told_plainly, whole_day
from fs_risk.errors import SettingError
from fs_risk.model.approval_log import Decision, Kind
from fs_risk.model.approval_state import ApprovalState
from fs_risk.model.approvals import Approvals
from fs_risk.model_cards.approve import changes_since_signed
from fs_risk.model_cards.card import ModelCard

Folder = Annotated[Path, typer.Argument(help="Folder of the saved model.")]


@app.command(
    epilog="Example: fs-risk approve card.json model/ --role 'technical reviewer' "
    "--by 'A. Analyst' --organisation 'Our council'"
)
@told_plainly
def approve(
    card: Annotated[Path, typer.Argument(help="JSON of the model's internal card.")],
    model: Folder,
    by: Annotated[str, typer.Option(help="Who decides.")],
    role: Annotated[str, typer.Option(help="As what; a role of the policy of approval.")],
    organisation: Annotated[str, typer.Option(help="For whom.")],
    decision: Annotated[
        str, typer.Option(help="approve, refuse, withdraw, 'go live', suspend or retire.")
    ] = "approve",
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day of the approval.")
    ] = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="A condition of it; may be given again.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; needed to say no.")] = "",
    answers: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of the owner's answers to equality questions: [[answer]] with "
            "question, answer and review_by."
        ),
    ] = None,
    tracking_uri: Annotated[
        str | None,
        typer.Option(help="MLflow's tracking URI: registered versions mirror the decision."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide about a model by its card: sign, refuse, withdraw, move to live, suspend, retire."""
    if decision not in get_args(Kind):
        raise SettingError(
            "That is not a decision about a model.", fix=f"Choose of: {', '.join(get_args(Kind))}."
        )
    last = None if expires is None else whole_day(expires, "--expires")
    answered = None if answers is None else _read_answers(answers)
    read = ModelCard.read(card)
    changed = changes_since_signed(read, model)
    if changed is not None and not as_json:
        say("Changed since the card that was signed last:")
        say(changed.text())
    state = fs.approve(
        read,
        model,
        by=by,
        role=role,
        organisation=organisation,
        decision=cast("Kind", decision),
        expires=last,
        conditions=tuple(condition or ()),
        reason=reason,
        answers=answered,
        tracking_uri=tracking_uri,
    )
    if as_json:
        say_json(_plain(state))
    else:
        _say(state)


@app.command(epilog="Example: fs-risk approvals model/ --on 2026-04-01")
@told_plainly
def approvals(
    model: Folder,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="A day; by default today.")] = None,
    as_json: Json = False,
) -> None:
    """Say where a model stands or stood on a day, and who decided what."""
    day = None if on is None else whole_day(on, "--on")
    state = fs.approval_state(model, on=day)
    until = day or datetime.now(UTC).date()
    taken = [one for one in Approvals(model).decisions if one.at.date() <= until]
    if as_json:
        say_json({**_plain(state), "decisions": [one.model_dump(mode="json") for one in taken]})
        return
    for one in taken:
        say(_line(one))
    _say(state)


def _read_answers(path: Path) -> dict[str, tuple[str, date]]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))["answer"]
        return {str(one["question"]): (str(one["answer"]), one["review_by"]) for one in told}
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingError(
            "The answers cannot be read.",
            where=str(path),
            fix="Write TOML: [[answer]] with question, answer and review_by = 2027-01-31 each.",
        ) from None


def _say(state: ApprovalState) -> None:
    say(str(state))
    for condition in state.conditions:
        say(f"on condition: {condition}")
    if state.waits_for:
        say(f"waits for: {' or '.join(state.waits_for)}")
    if state.stale:
        say(f"{len(state.stale)} signatures are stale")
    if state.due:
        say(f"{len(state.due)} answers to equality questions are due for review")


def _line(one: Decision) -> str:
    until = f", until {one.expires.isoformat()}" if one.expires else ""
    why = f": {one.reason}" if one.reason else ""
    return (
        f"{one.at:%Y-%m-%d %H:%M} {one.decision} by {one.by}, {one.role}, {one.organisation}"
        f"{until}{why} (card {one.subject.card[:12]}, decision {one.hash[:12]})"
    )


def _plain(state: ApprovalState) -> dict[str, object]:
    def day(moment: date | None) -> str | None:
        return None if moment is None else moment.isoformat()

    return {
        "state": state.state,
        "why": state.why,
        "on": day(state.on),
        "expires": day(state.expires),
        "signed": [one.role for one in state.signed],
        "stale": [one.role for one in state.stale],
        "waits_for": list(state.waits_for),
        "conditions": list(state.conditions),
        "due": [one.question for one in state.due],
    }
