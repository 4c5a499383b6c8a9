"""Errors as the command line tells them: one form, one exit code each, never a child's data."""

import errno
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

import fs_risk as fs
from fs_risk.cli.voice import put
from fs_risk.errors import FsRiskError, SettingError

TRACEBACK_VARIABLE = "FS_RISK_TRACEBACK"
"""Set to 1, a fault of the library shows its whole traceback, which may hold data."""

INTERRUPTED = 130

ORDER = (
    "demo", "check", "authority", "templates", "features",
    "train", "evaluate", "audit", "card", "cards", "approve", "suspend", "approvals",
    "history", "score", "prioritise", "supervise", "serve", "drift",
    "caseload", "forecast", "backtest", "settings",
)  # fmt: skip

_REFUSALS = (
    errno.EACCES, errno.EISDIR, errno.ENOENT, errno.ENOSPC, errno.ENOTDIR, errno.EPERM, errno.EROFS,
)  # fmt: skip


class UsageError(FsRiskError):
    """The command line is not understood."""

    exit_code = 2


class LibraryFault(FsRiskError):
    """The library failed where it should not have."""

    exit_code = 1


class Frame(TyperGroup):
    """The application: it runs a command and ends with its exit code, errors told plainly."""

    def list_commands(self, ctx: Any) -> list[str]:
        """List the commands in the order in which they are met."""
        return sorted(super().list_commands(ctx), key=ORDER.index)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line that is given, or that of the process."""
        words = list(sys.argv[1:] if args is None else args)
        say_every_character()
        try:
            code = super().main(
                args=args,
                prog_name=prog_name or "fs-risk",
                complete_var=complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except BaseException as error:
            if not standalone_mode:
                raise
            _end_with(error, as_json="--json" in words)
        if not standalone_mode:
            return code
        if code == INTERRUPTED:
            _say_interrupted()
        sys.exit(code or 0)


def say_every_character() -> None:
    """Let a console that lacks a character show another in its place."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _end_with(error: BaseException, *, as_json: bool) -> NoReturn:
    """Tell an error, and end the process with its code."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, KeyboardInterrupt | typer.Abort | EOFError):
        _say_interrupted()
        sys.exit(INTERRUPTED)
    if type(error).__name__ == "NoArgsIsHelpError":
        put(error.format_message(), err=True)  # type: ignore[attr-defined]
        sys.exit(UsageError.exit_code)
    told = as_told(error)
    if os.environ.get(TRACEBACK_VARIABLE) == "1" and isinstance(told, LibraryFault):
        traceback.print_exception(error)
    put(said(told, as_json=as_json), err=True)
    sys.exit(told.exit_code)


def _say_interrupted() -> None:
    put("Interrupted. Nothing is left half-written.", err=True)


def as_told(error: BaseException) -> FsRiskError:
    """Give any error as one of ours.

    Parameters
    ----------
    error : BaseException
        Of the library, of the command line's own reading, of the system, or a fault.

    Returns
    -------
    FsRiskError
        Without anything that a value could stand in.
    """
    if isinstance(error, FsRiskError):
        return error
    if hasattr(error, "format_message"):
        return _wrong_usage(error)
    if isinstance(error, OSError) and error.errno in _REFUSALS and error.filename:
        return SettingError(
            f"The system refuses: {error.strerror}.",
            where=str(error.filename),
            fix="Give a path that is there and may be used, on a disk with room.",
        )
    return _fault(error)


def _wrong_usage(error: Any) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "fs-risk"
    what = " ".join(str(error.format_message()).split())
    if "unexpected extra argument" in what:
        # it could be a child's
        what = "There are more arguments than the command takes."
    return UsageError(what, where=path, fix=f"See {path} --help.")


def _fault(error: BaseException) -> LibraryFault:
    frames = traceback.extract_tb(error.__traceback__)
    passed = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    ours = [line for line in passed if line.startswith("fs_risk/")] or passed
    last = passed[-1:] if passed[-1:] != ours[-1:] else []
    return LibraryFault(
        f"fs_risk {fs.__version__} failed where it should not have: {type(error).__name__}.",
        where=" > ".join([*ours[-6:], *last]),
        fix="Report it to whoever keeps fs_risk for you, with these lines, which hold no child's "
        f"data. {TRACEBACK_VARIABLE}=1 shows the whole traceback: it may hold some, keep it here.",
    )


def _short(path: str) -> str:
    parts = Path(path).parts
    for root in ("fs_risk", "site-packages"):
        if root in parts:
            place = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[place + (root != "fs_risk") :])
    return parts[-1]


def said(error: FsRiskError, *, as_json: bool) -> str:
    """Give an error as text, or as one line of JSON.

    Parameters
    ----------
    error : FsRiskError
    as_json : bool

    Returns
    -------
    str

    Examples
    --------
    >>> print(said(SettingError("It is not a date.", where="--on", fix="Write it."), as_json=False))
    SettingError: It is not a date.
      Where: --on
      Fix:   Write it.
    """
    if not as_json:
        return f"{type(error).__name__}: {error}"
    told = {
        "kind": type(error).__name__,
        "what": error.what,
        "where": error.where,
        "fix": error.fix,
        "exit_code": error.exit_code,
    }
    return json.dumps({"error": told})
