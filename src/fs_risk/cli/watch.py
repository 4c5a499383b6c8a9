"""Commands that watch a model in use: for a scheduler, and for the person it writes to."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source, whole_day
from fs_risk.cli.options import (
    Exclude,
    ExtractDate,
    Html,
    LedgerKeyFile,
    LedgerUrl,
    Model,
    NoLedger,
    OnDay,
    Pseudonymise,
    Sources,
)
from fs_risk.cli.triage import open_ledger
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import write_whole


@verb(
    app,
    example="fs-risk drift extract/ --model model/ --ledger sqlite:///ledger.db --html drift.html",
    note="Exits with 0 if nothing is signalled, 3 to look into something, 4 to stop using the "
    "model.",
    prints={
        "verdict": "what to do",
        "exit_code": "0, 3 or 4",
        "model": "name of the model",
        "model_hash": "hash of its content",
        "synthetic": "whether the records are invented",
        "on": "the day of the check",
        "since": "first day watched",
        "until": "last day watched",
        "false_alarm": "chance that 36 monthly checks signal anything while nothing is wrong",
        "verdicts": "what to do about each check",
        "table": "each check: value, limits, n, verdict; small numbers hidden",
        "notes": "what it rests on, in sentences",
    },
)
def drift(
    voice: Voice,
    source: Sources,
    model: Model,
    ledger: LedgerUrl = None,
    ledger_key_file: LedgerKeyFile = None,
    no_ledger: NoLedger = False,
    html: Html = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="First day watched; after a review, its day. Default: after the test.",
        ),
    ] = None,
    on: OnDay = None,
    approved_until: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Last day of the model's approval; default: as decided beside the model.",
        ),
    ] = None,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Say whether a model in use is still as it was when it was tested; small numbers hidden."""
    loaded = fs.load_model(model)
    first, day = whole_day(since, "--since"), whole_day(on, "--on")
    until = whole_day(approved_until, "--approved-until")
    book = open_ledger(ledger, ledger_key_file, no_ledger)
    try:
        with voice.steps(2) as step:
            step("Reading")
            records = read_source(source, exclude, pseudonymise, extract_date)
            until = until or _decided_until(model, day)
            step("Checking")
            found = fs.check_drift(book, loaded, records, since=first, on=day, approved_until=until)
    finally:
        if book is not None:
            book.close()
    voice.result(found.content(), found.text())
    voice.wrote("page", html and write_whole(html, found.to_html))
    voice.exit_code = found.exit_code


def _decided_until(model: Path, on: date | None) -> date | None:
    """Give the last day of the approval that was decided beside the model; None without one."""
    today = on or date.today()  # noqa: DTZ011 - UK local whole days throughout
    state = fs.approval_state(model, on=today)
    if state.live or (state.expires is not None and state.expires < today):
        return state.expires
    # suspended or retired before its day
    return today - timedelta(days=1) if state.state in ("suspended", "retired") else None
