"""Commands that watch a model in use: for a scheduler, and for the person it writes to."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

import fs_risk as fs
from fs_risk.cli.app import (
    Exclude,
    Json,
    Pseudonymise,
    Sources,
    app,
    read_source,
    say,
    say_json,
    told_plainly,
    whole_day,
)


@app.command(
    epilog="Example: fs-risk drift model/ extract/ --ledger sqlite:///ledger.db --html drift.html. "
    "Exits with 0 if nothing is signalled, 3 to look into something, 4 to stop using the model."
)
@told_plainly
def drift(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")],
    source: Sources,
    ledger: Annotated[
        str | None,
        typer.Option(
            help="Address of the ledger; without one, nothing is known of decisions and lists."
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help="File of the ledger's key; default: FS_RISK_LEDGER_KEY holds it."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the page here.")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="First day watched; after a review, its day. Default: after the test."),
    ] = None,
    on: Annotated[str | None, typer.Option(help="Today; default: the clock's.")] = None,
    approved_until: Annotated[
        str | None,
        typer.Option(
            help="Last day of the model's approval; default: as decided beside the model."
        ),
    ] = None,
    as_json: Json = False,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = False,
) -> None:
    """Say whether a model in use is still as it was when it was tested; small numbers hidden."""
    loaded = fs.load_model(model)
    days = [
        _day(given, option)
        for given, option in (
            (since, "--since"),
            (on, "--on"),
            (approved_until, "--approved-until"),
        )
    ]
    book = None if ledger is None else fs.Ledger(ledger, key_file=key_file)
    try:
        records = read_source(source, exclude, pseudonymise)
        until = days[2] or _decided_until(model, days[1])
        found = fs.check_drift(
            book, loaded, records, since=days[0], on=days[1], approved_until=until
        )
    finally:
        if book is not None:
            book.close()
    if as_json:
        say_json(found.content())
    else:
        say(found.text())
    if html is not None:
        written = found.to_html(html)
        if not as_json:
            say(f"page: {written}")
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _decided_until(model: Path, on: date | None) -> date | None:
    """Give the last day of the approval that was decided beside the model; None without one."""
    today = on or date.today()  # noqa: DTZ011 - UK local whole days throughout
    state = fs.approval_state(model, on=today)
    if state.live or (state.expires is not None and state.expires < today):
        return state.expires
    # suspended or retired before its day
    return today - timedelta(days=1) if state.state in ("suspended", "retired") else None


def _day(given: str | None, option: str) -> date | None:
    return None if given is None else whole_day(given, option)
