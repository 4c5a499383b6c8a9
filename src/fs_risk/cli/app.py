"""The command line's frame: the application and what its commands share."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

import fs_risk as fs
from fs_risk.cli.faults import Frame
from fs_risk.errors import SettingError

EXIT_CODES = {
    0: "done",
    1: "a fault of the library",
    2: "the command line is not understood",
    3: "drift: look into it",
    4: "drift: stop using the model",
    10: "a return cannot be read",
    11: "records cannot be used; check --strict found an error",
    12: "a feature cannot be built",
    13: "an outcome is not known",
    14: "the plan cannot be carried out",
    15: "a saved model, history or card is damaged, changed or not true",
    16: "a referral cannot be read",
    17: "no honest figure can be given",
    18: "an option or setting is not possible; a file cannot be written",
    19: "the ledger cannot be opened, written or trusted",
    20: "a decision about a model cannot be taken",
    130: "interrupted by Ctrl-C",
}

app = typer.Typer(
    name="fs-risk",
    cls=Frame,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Risk profiles for English children's services, from what was known on the day. "
    "A list adds attention; it never closes, defers or refuses a referral.",
)


def read_source(
    source: list[str],
    exclude: Path | None,
    pseudonymise: bool | None,
    extract_date: str | None = None,
) -> "fs.Records":
    """Read a return by what it is, without the excluded children, under pseudonyms if asked.

    Parameters
    ----------
    source : list of str
        Folders, files, or one address of a database.
    exclude : Path or None
        Text file of child ids that must never enter.
    pseudonymise : bool or None
        Whether identifiers become keyed hashes; the key is that of ``FS_RISK_PSEUDONYM_KEY``.
    extract_date : str, optional
        ``yyyy-mm-dd``, as ``--extract-date`` gives it.

    Returns
    -------
    Records

    Raises
    ------
    ReturnError
        If the source cannot be read, is none of the returns, or several.
    SettingError
        If there is no key to replace identifiers with, or the date is none.
    """
    from fs_risk.readers.recognise import read_return

    extracted = whole_day(extract_date, "--extract-date")
    key = os.environ.get("FS_RISK_PSEUDONYM_KEY") if pseudonymise else None
    if pseudonymise and not key:
        raise SettingError(
            "There is no key to replace identifiers with.",
            where="environment, FS_RISK_PSEUDONYM_KEY",
            fix="Set FS_RISK_PSEUDONYM_KEY to a secret of at least 16 characters.",
        )
    return read_return(source, extract_date=extracted, exclude=exclude, pseudonymise=key)


def whole_day(text: str | None, option: str) -> date | None:
    """Read a date that an option was given, if it was.

    Parameters
    ----------
    text : str or None
    option : str
        How it is spelt, for the message.

    Returns
    -------
    date or None

    Raises
    ------
    SettingError
        If it is not written yyyy-mm-dd.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingError(
            f"{option} is not a date.", where=option, fix="Give it as yyyy-mm-dd."
        ) from None


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(fs.__version__)
        raise typer.Exit


@app.callback(
    epilog=f"Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in EXIT_CODES.items())}. "
    "Settings: fs-risk.toml; fs-risk settings shows them."
)
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the release.")
    ] = False,
) -> None:
    """Take the options that come before a command."""
