"""Commands that put scoring behind a case-management system: `history` and `serve`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

import fs_risk as fs
from fs_risk.cli.app import app, read_source
from fs_risk.cli.options import (
    Exclude,
    ExtractDate,
    LedgerKeyFile,
    LedgerUrl,
    Model,
    Out,
    Pseudonymise,
    Sources,
    SourcesOrHistory,
)
from fs_risk.cli.verbs import HISTORY_FIRST, verb
from fs_risk.cli.voice import Voice
from fs_risk.errors import SettingError
from fs_risk.records.counts_in_words import count_of


@verb(
    app,
    example="fs-risk history extract/ --out history/",
    prints={
        "extract_date": "the day that the records end on",
        "children": "how many children they hold",
    },
)
def history(
    voice: Voice,
    source: Sources,
    out: Out = None,
    extract_date: ExtractDate = None,
    exclude: Exclude = None,
    pseudonymise: Pseudonymise = None,
) -> None:
    """Read a return and save what scores are made from; a running service takes it into use."""
    with voice.steps(2) as step:
        step("Reading")
        records = read_source(source, exclude, pseudonymise, extract_date)
        step("Saving")
        written = fs.History.from_records(records).save(voice.folder(out, "fs-risk-history"))
    day, children = records.extract_date.date(), len(records["children"])
    known = count_of(children, "child", "children")
    voice.result({"extract_date": day, "children": children}, f"records to {day}, {known}")
    voice.wrote("history", written)


@verb(
    app,
    example="fs-risk serve history/ --model model/ --ledger sqlite:///ledger.db "
    "--ledger-key-file ledger.key",
    prints=None,
    fills=HISTORY_FIRST,
)
def serve(
    voice: Voice,
    source: SourcesOrHistory,
    model: Model,
    ledger: LedgerUrl = None,
    ledger_key_file: LedgerKeyFile = None,
    retain_days: Annotated[
        int | None,
        typer.Option(
            min=1, help="To begin a ledger: how long entries are kept. Setting: retain_days."
        ),
    ] = None,
    no_ledger: Annotated[
        bool, typer.Option("--no-ledger", help="Record nothing; for trials on invented records.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 for any.")] = 8321,
    tokens: Annotated[
        Path | None,
        typer.Option(
            help="File of bearer tokens, one a line, read again when it changes; default: "
            "FS_RISK_SERVICE_TOKENS. Needed unless only this machine is answered."
        ),
    ] = None,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file, to speak TLS.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of its key.")] = None,
    tls_by_proxy: Annotated[
        bool, typer.Option("--tls-by-proxy", help="A proxy before the service speaks TLS.")
    ] = False,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Scored at the same time.")] = 4,
    pseudonyms: Annotated[
        bool, typer.Option("--pseudonyms", help="Clients ask with pseudonyms, as they were made.")
    ] = False,
    exclude: Exclude = None,
) -> None:
    """Answer a case-management system: POST /score, POST /prioritise, GET /model, GET /ready."""
    from fs_risk.triage.service_desk import Desk, Holding
    from fs_risk.triage.service_door import DoorSettings
    from fs_risk.triage.service_server import Address
    from fs_risk.triage.service_server import serve as answer
    from fs_risk.triage.service_tokens import Tokens

    known = Tokens(tokens)
    address = Address(host, port, tls_certificate, tls_key, tls_by_proxy)
    address.check(known)
    kept = _ledger(ledger, ledger_key_file, retain_days, none=no_ledger)
    left_out = exclude if "exclude" in voice.stated or not _is_saved(source) else None
    holding = Holding(*read_and_stamp(source, left_out, pseudonyms=pseudonyms))
    desk = Desk(holding, fs.load_model(model), kept)
    answer(desk, address, tokens=known, settings=DoorSettings(at_once=threads))


def _is_saved(source: list[str]) -> bool:
    from fs_risk.features.history_store import HISTORY_FILE

    return len(source) == 1 and Path(source[0], HISTORY_FILE).is_file()


def _ledger(
    url: str | None, key: Path | None, retain_days: int | None, *, none: bool
) -> "fs.Ledger | None":
    """Open the ledger; without one only if that was said."""
    if (url is None) != none:
        raise SettingError(
            "It is not said whether scores are recorded."
            if url is None
            else "A ledger is named, and that there is none.",
            where="--ledger, --no-ledger",
            fix="Give --ledger with its address; or --no-ledger, for trials alone.",
        )
    return None if url is None else fs.Ledger(url, key_file=key, retain_days=retain_days)


def read_and_stamp(
    source: list[str], exclude: Path | None, *, pseudonyms: bool
) -> "tuple[Callable[[], fs.History], Callable[[], Any]]":
    """Say how a history is read, and how it is seen that there is a newer one.

    Parameters
    ----------
    source : list of str
        A folder that `History.save` wrote, or a return.
    exclude : Path or None
        Children who must never enter, of a return.
    pseudonyms : bool
        Whether clients ask with the pseudonyms that the history holds.

    Returns
    -------
    (callable, callable)
        One reads the history; the other gives something that differs once it was replaced.

    Raises
    ------
    SettingError
    """
    from fs_risk.features.history_store import HISTORY_FILE

    stated = Path(source[0], HISTORY_FILE)
    if not _is_saved(source):
        made = fs.History.from_records(read_source(source, exclude, False))
        return lambda: made, lambda: None
    if exclude is not None:
        raise SettingError(
            "A history that was saved leaves out nobody more.",
            where="--exclude",
            fix="Give --exclude to fs-risk history, which saves it.",
        )

    def read() -> "fs.History":
        found = fs.History.load(source[0])
        if bool(found.handling.pseudonym_mark) != pseudonyms:
            raise SettingError(
                "The history's children are under pseudonyms, and clients ask with ids."
                if not pseudonyms
                else "The history's children are not under pseudonyms.",
                where=source[0],
                fix="Save the history without --pseudonymise, so that the ids of the case system "
                "are found; or give --pseudonyms where clients ask with the same pseudonyms.",
            )
        return found

    def stamp() -> tuple[int, int]:
        said = stated.stat()
        return said.st_mtime_ns, said.st_ino

    return read, stamp
