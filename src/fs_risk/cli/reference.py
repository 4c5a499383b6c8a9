"""Writes the parts of docs/command_line.md that the code itself knows.

Run ``python -m fs_risk.cli.reference docs/command_line.md``; a test fails when they are stale.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from fs_risk.cli.app import EXIT_CODES, app
from fs_risk.cli.settings import Settings
from fs_risk.cli.settings_file import PREFIX, SECRETS
from fs_risk.cli.verbs import VERBS, WRITTEN, Verb

EVERYWHERE = {"as_json", "quiet", "settings_path", "help"}
"""Parameters that every command has."""


def generated() -> dict[str, str]:
    """Give the text of each generated part by its name.

    Returns
    -------
    dict of str to str
    """
    return {
        "commands": _table_of_commands(),
        "details": "\n".join(_details(path, command) for path, command in commands()),
        "settings": _table_of_settings(),
        "exit codes": _table_of_exits(),
    }


def with_generated(page: str) -> str:
    """Put the generated parts of a page between their marks.

    Parameters
    ----------
    page : str

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a mark is missing.
    """
    for name, text in generated().items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        head, _, rest = page.partition(begin)
        _, found, tail = rest.partition(end)
        if not found:
            raise ValueError(f"the page lacks the mark {begin} or {end}")
        page = f"{head}{begin}\n{text.strip()}\n{end}{tail}"
    return page


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command with its path, in the order of the help."""
    yield from _inside(typer.main.get_command(app), "")


def _inside(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(None):
        command = group.commands[name]
        if hasattr(command, "commands"):
            yield from _inside(command, f"{name} ")
        else:
            yield f"{prefix}{name}", command


def options_of(command: Any) -> list[Any]:
    """Give the parameters that a command has of its own, arguments first."""
    own = [each for each in command.params if each.name not in EVERYWHERE]
    return sorted(own, key=lambda each: each.param_type_name != "argument")


def spelt(parameter: Any) -> str:
    """Give how a parameter is written on the command line."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    names = [*parameter.opts, *parameter.secondary_opts]
    return ", ".join(sorted(names, key=lambda name: (name in parameter.secondary_opts, -len(name))))


def _table_of_commands() -> str:
    rows = [
        f"| [`{path}`](#{_anchor(path)}) | {_first(command)} | `{VERBS[path].example}` |"
        for path, command in commands()
    ]
    return "\n".join(["| command | what it does | example |", "| --- | --- | --- |", *rows])


def _details(path: str, command: Any) -> str:
    verb = VERBS[path]
    rows = [f"| `{spelt(each)}` | {_cell(each)} |" for each in options_of(command)]
    head = ["", "| argument or option | meaning |", "| --- | --- |"] if rows else []
    return "\n".join([
        f"### fs-risk {path}", "", _whole(command), "", "```sh", verb.example, "```",
        *head, *rows, "", _json(verb), "",
    ])  # fmt: skip


def _anchor(path: str) -> str:
    return f"fs-risk-{path}".replace(" ", "-")


def _whole(command: Any) -> str:
    return " ".join((command.help or "").split())


def _first(command: Any) -> str:
    return _whole(command).split(". ")[0].rstrip(".").replace("|", "\\|")


def _cell(parameter: Any) -> str:
    said = " ".join((getattr(parameter, "help", None) or "").split())
    default = parameter.default
    if callable(default) or default in (None, False, True, (), []) or "default:" in said:
        return said.replace("|", "\\|")
    return f"{said} Default: `{default}`.".replace("|", "\\|")


def _json(verb: Verb) -> str:
    if verb.prints is None:
        return "No `--json`: its log is JSON, one object a line, on standard output."
    if isinstance(verb.prints, str):
        return f"`--json` prints a document that is valid for `{verb.prints}`."
    keys = {**verb.prints, **WRITTEN}
    rows = [f"- `{key}`: {meaning}" for key, meaning in keys.items()]
    return "\n".join(["`--json` prints:", "", *rows])


def _table_of_settings() -> str:
    rows = [
        f"| `{key}` | `{PREFIX}{key.upper()}` | {field.description} |"
        for key, field in Settings.model_fields.items()
    ]
    secrets = [f"| never in the file | `{name}` | {meaning} |" for name, meaning in SECRETS.items()]
    head = ["| key | variable | meaning |", "| --- | --- | --- |"]
    return "\n".join([*head, *rows, *secrets])


def _table_of_exits() -> str:
    rows = [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(["| code | meaning |", "| --- | --- |", *rows])


def main(path: str) -> None:
    """Bring a page up to date."""
    page = Path(path)
    page.write_text(
        with_generated(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n"
    )


if __name__ == "__main__":
    main(sys.argv[1])
