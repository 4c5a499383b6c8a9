"""How a command speaks: its result to standard output, everything else to standard error."""

import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import typer

from fs_risk.cli.progress import Steps


class Voice:
    """What a command is told beside its own options, and where what it says goes.

    Parameters
    ----------
    as_json : bool
        One JSON document on standard output at the end, and nothing else there.
    quiet : bool
        No progress and no messages.
    stated : frozenset of str
        The parameters that the command line itself gave.
    out : Path, optional
        The settings' folder for what is written.
    settings_path : Path, optional
        The settings file that the command line named.
    """

    def __init__(
        self,
        *,
        as_json: bool = False,
        quiet: bool = False,
        stated: frozenset[str] = frozenset(),
        out: Path | None = None,
        settings_path: Path | None = None,
    ) -> None:
        self.as_json, self.quiet, self.stated, self.out = as_json, quiet, stated, out
        self.settings_path = settings_path
        self.exit_code = 0
        self.document: Any = None
        self._written: dict[str, str] = {}

    @property
    def progress(self) -> bool:
        """Whether the library may show its own bars; it does so on a terminal only."""
        return not self.quiet

    def result(self, content: Any, text: str = "") -> None:
        """Give what was found: as text at once, or as JSON at the end."""
        if self.as_json:
            self.document = content
        elif text:
            put(text)

    def wrote(self, what: str, path: object) -> None:
        """Say what was written, if it was; the JSON of a result of ours lists it."""
        if not path:
            return
        self._written[what] = str(path)
        if not (self.as_json or self.quiet):
            put(f"{what}: {path}")

    def note(self, text: str) -> None:
        """Say what is being done, beside the result."""
        if not self.quiet and (not self.as_json or sys.stderr.isatty()):
            put(text, err=True)

    def steps(self, count: int) -> Steps:
        """Give a bar of steps, on a terminal."""
        return Steps(count, shown=not self.quiet)

    def folder(self, given: Path | None, name: str) -> Path:
        """Give the folder to write to: the option's, else one in the settings' own."""
        return given or (self.out or Path()) / name

    def finish(self) -> None:
        """Print the JSON document."""
        if not self.as_json:
            return
        document = self.document
        if isinstance(document, Mapping):
            document = {**document, "written": self._written}
        put(json.dumps(plain(document), indent=2, allow_nan=False))


def put(text: str, *, err: bool = False) -> None:
    """Print a line; where nobody reads on, as behind ``| head``, nothing is said of it."""
    try:
        typer.echo(text, err=err)
    except OSError as error:
        # what else the command writes is still written
        _nobody_reads(sys.stderr if err else sys.stdout, error)


def _nobody_reads(stream: TextIO, error: OSError) -> None:
    # Windows gives a closed pipe as an invalid argument
    if not isinstance(error, BrokenPipeError) and not (os.name == "nt" and error.errno == 22):
        raise error
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


def plain(value: Any) -> Any:
    """Give a value as JSON's own kinds: days as yyyy-mm-dd, what is missing as null.

    Parameters
    ----------
    value : object
        Of mappings, sequences, frames, pydantic models, numbers and days.

    Returns
    -------
    object

    Examples
    --------
    >>> plain({"share": float("nan"), "n": 3})
    {'share': None, 'n': 3}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(held) for name, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(held) for held in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _plain_object(value)


def _plain_object(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(mode="json"))
    if hasattr(value, "columns"):
        return plain(value.astype(object).to_dict("records"))
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "isoformat"):
        return None if value != value else value.isoformat().removesuffix("T00:00:00")
    if hasattr(value, "item"):
        return plain(value.item())
    if type(value).__name__ == "NAType":
        return None
    raise TypeError(f"{type(value).__name__} has no form in JSON")
