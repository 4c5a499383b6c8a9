"""What makes a function a command: shared options, settings filled in, its JSON documented."""

import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import typer

from fs_risk.cli.faults import UsageError
from fs_risk.cli.options import AsJson, Quiet, SettingsFile
from fs_risk.cli.settings_file import settings_file, settings_variables
from fs_risk.cli.voice import Voice
from fs_risk.cli.whole_files import keep_what_is_read

Command = Callable[..., None]
Document = Mapping[str, str] | str
"""The keys of a command's JSON with their meaning; or the name of the model it is valid for."""

SETTING_OF = {
    "source": ("extract",),
    "model": ("model",),
    "plan": ("plan",),
    "capacity": ("capacity",),
    "ledger": ("ledger",),
    "ledger_key_file": ("ledger_key_file",),
    "retain_days": ("retain_days",),
    "policy": ("policy",),
    "organisation": ("organisation",),
    "tracking_uri": ("tracking_uri",),
    "experiment": ("experiment",),
    "registered_as": ("registered_as",),
    "exclude": ("exclude",),
    "pseudonymise": ("pseudonymise",),
}
"""The settings that fill a parameter which the command line leaves out, the first that is set."""

_WRITTEN_TO = ("csv", "excel", "html", "markdown")
"""Parameters that name a file to write."""

_READ_FROM = ("source", "referrals", "referral", "service", "card", "earlier", "later", "plan")
"""Parameters that name what is read, which no output may replace."""

HISTORY_FIRST = {"source": ("history", "extract")}
WRITTEN = {"written": "what was written: its name and path"}


@dataclass(frozen=True)
class Verb:
    """A command as its documentation needs it.

    Attributes
    ----------
    example : str
    prints : mapping or str or None
        Its JSON; None where it has none.
    """

    example: str
    prints: Document | None


VERBS: dict[str, Verb] = {}
"""Every command by its path, such as ``cards verify``."""


def verb(
    group: typer.Typer,
    name: str | None = None,
    *,
    example: str,
    prints: Document | None,
    note: str = "",
    fills: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Command], Command]:
    """Make a function a command of a group.

    Parameters
    ----------
    group : Typer
    name : str, optional
        By default the function's.
    example : str
        A command line that does something useful.
    prints : mapping or str or None
        The keys of its JSON with their meaning, or the model that it is valid for.
    note : str, optional
        What its help says after the example.
    fills : mapping, optional
        Settings that fill a parameter, other than `SETTING_OF`.

    Returns
    -------
    callable
        The function takes a `Voice` before its own parameters.
    """
    filled = {**SETTING_OF, **(fills or {})}

    def made(command: Command) -> Command:
        called = name or command.__name__
        prefix = "" if group.info.name in (None, "fs-risk") else f"{group.info.name} "
        VERBS[f"{prefix}{called}"] = Verb(example, prints)
        stated = list(inspect.signature(command).parameters.values())[1:]
        run = _running(command, stated, filled)
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [_open(each, filled) for each in stated] + _shared(prints)
        )
        run.__annotations__ = {
            each.name: each.annotation
            for each in run.__signature__.parameters.values()  # type: ignore[attr-defined]
        }
        group.command(called, epilog=f"Example: {example}   {note}".rstrip())(run)
        return command

    return made


def _open(parameter: inspect.Parameter, filled: Mapping[str, Any]) -> inspect.Parameter:
    """Let the command line leave out what the settings may give."""
    keyword = parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
    if parameter.name in filled and parameter.default is inspect.Parameter.empty:
        return keyword.replace(default=None)
    return keyword


def _shared(prints: Document | None) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter("quiet", kind, default=False, annotation=Quiet),
        inspect.Parameter("settings_path", kind, default=None, annotation=SettingsFile),
    ]
    if prints is not None:
        shared.insert(0, inspect.Parameter("as_json", kind, default=False, annotation=AsJson))
    return shared


def _running(
    command: Command, stated: list[inspect.Parameter], filled: Mapping[str, tuple[str, ...]]
) -> Command:
    needed = [
        each.name
        for each in stated
        if each.name in filled and each.default is inspect.Parameter.empty
    ]

    @wraps(command)
    def run(**given: Any) -> None:
        as_json, quiet = given.pop("as_json", False), given.pop("quiet")
        path = given.pop("settings_path")
        settings = _settings(path)
        own = frozenset(name for name, held in given.items() if _is_given(held))
        for name, held in given.items():
            if name in filled and not _is_given(held) and not _declined(name, given):
                given[name] = _first(settings, filled[name])
        if given.get("model"):
            given["model"] = _folder_of_model(given["model"])
        keep_what_is_read(
            [given[name] for name in _WRITTEN_TO if given.get(name)],
            [each for name in _READ_FROM for each in _listed(given.get(name))],
        )
        for name in needed:
            if not _is_given(given[name]):
                raise _missing(name, filled[name])
        voice = Voice(
            as_json=as_json,
            quiet=quiet,
            stated=own,
            out=settings.get("out"),
            settings_path=path,
        )
        # under --json, what a library prints of its own goes to standard error too
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            command(voice, **given)
        voice.finish()
        if voice.exit_code:
            raise typer.Exit(voice.exit_code)

    return run


def _folder_of_model(named: Path) -> Path:
    """Give a model's folder: the one named, or ``model`` inside it, as train writes it."""
    inside = named / "model"
    here = (named / "model.json").exists() or not (inside / "model.json").exists()
    return named if here else inside


def _listed(held: Any) -> list[Any]:
    if held is None:
        return []
    return [*held] if isinstance(held, list | tuple) else [held]


def _is_given(held: object) -> bool:
    return held is not None and held != [] and held != ()


def _declined(name: str, given: Mapping[str, Any]) -> bool:
    return name == "ledger" and bool(given.get("no_ledger"))


def _first(settings: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    held = next((settings[name] for name in names if _is_given(settings.get(name))), None)
    if names[-1] != "extract" or held is None:
        return held
    return list(held) if isinstance(held, tuple) else [str(held)]


def _missing(name: str, settings: tuple[str, ...]) -> UsageError:
    spelt = "EXTRACT" if name == "source" else f"--{name.replace('_', '-')}"
    keys = " or ".join(settings)
    return UsageError(
        f"{spelt} is not given.",
        where="command line and settings",
        fix=f"Give {spelt}; or write {keys} = … in fs-risk.toml.",
    )


def _settings(path: Path | None) -> dict[str, Any]:
    """Read the settings, if there are any; without, nothing is loaded for them."""
    if settings_file(path) is None and not settings_variables():
        return {}
    from fs_risk.cli.settings import read_settings

    return read_settings(path).values.model_dump()
