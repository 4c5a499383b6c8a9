"""The command line's frame: the application, its shared options, errors told plainly."""

import json
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

import fs_risk as fs
from fs_risk.errors import FsRiskError, SettingError

EXIT_CODES = (
    "Exit codes: 0 done; 1 a fault of the library; 2 wrong usage; 10 a return cannot be read; "
    "11 records cannot be used; 12 features; 13 outcomes; 14 the plan; 15 a saved model; "
    "16 a referral; 17 no honest figure; 18 a setting; 19 the ledger; 20 an approval. "
    "fs-risk drift: 3 look into it; 4 stop using the model."
)

app = typer.Typer(
    name="fs-risk",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Risk profiles for English children's services, from what was known on the day. "
    "A list adds attention; it never closes, defers or refuses a referral.",
)

Sources = Annotated[
    list[str],
    typer.Argument(
        help="Folder, files or database address: SSD tables, CIN census, SSDA903, Annex A, "
        "payloads of the DfE's API or Family Safeguarding's templates."
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for what is written.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same results.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Exclude = Annotated[
    Path | None,
    typer.Option(
        help="Text file of child ids, one a line, that must never enter: adopted and "
        "pre-adoption identities, restricted records, refuge."
    ),
]
Pseudonymise = Annotated[
    bool,
    typer.Option(
        "--pseudonymise",
        help="Replace identifiers by keyed hashes; the key is read from FS_RISK_PSEUDONYM_KEY.",
    ),
]


def told_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Print errors that a user can put right without a traceback, and exit with their code."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except FsRiskError as error:
            typer.echo(f"{type(error).__name__}: {error}", err=True)
            raise typer.Exit(error.exit_code) from None

    return run


def say(text: str) -> None:
    """Print a line."""
    typer.echo(text)


def say_json(content: object) -> None:
    """Print JSON."""
    typer.echo(json.dumps(content, indent=2))


def read_source(source: list[str], exclude: Path | None, pseudonymise: bool) -> fs.Records:
    """Read a return by what it is, without the excluded children, under pseudonyms if asked."""
    import os

    from fs_risk.readers.recognise import read_return

    key = os.environ.get("FS_RISK_PSEUDONYM_KEY") if pseudonymise else None
    if pseudonymise and not key:
        raise SettingError(
            "There is no key to replace identifiers with.",
            where="environment, FS_RISK_PSEUDONYM_KEY",
            fix="Set FS_RISK_PSEUDONYM_KEY to a secret of at least 16 characters.",
        )
    return read_return(source, exclude=exclude, pseudonymise=key)


def whole_day(text: str, option: str) -> date:
    """Read a date that an option was given."""
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


@app.callback(epilog=EXIT_CODES)
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the release.")
    ] = False,
) -> None:
    """Take the options that come before a command."""
