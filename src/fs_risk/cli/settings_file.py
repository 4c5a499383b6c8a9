"""Where the settings file lies, and which variables of the environment are settings."""

import os
from pathlib import Path

from fs_risk.errors import SettingError

FILE_NAME = "fs-risk.toml"
PREFIX = "FS_RISK_"
FILE_VARIABLE = "FS_RISK_SETTINGS"

SECRETS = {
    "FS_RISK_LEDGER_KEY": "the ledger's master key, 64 hexadecimal digits",
    "FS_RISK_PSEUDONYM_KEY": "the key that identifiers are replaced with",
    "FS_RISK_SERVICE_TOKENS": "bearer tokens of fs-risk serve",
}
"""Variables that hold a secret themselves; it never stands in the file."""

NOT_SETTINGS = {
    *SECRETS,
    FILE_VARIABLE,
    "FS_RISK_TRACEBACK",
    "FS_RISK_SAMPLES",
    "FS_RISK_FUZZ",
}


def settings_file(given: Path | None) -> Path | None:
    """Find the settings file: the one named, else in this folder or the nearest above it.

    Parameters
    ----------
    given : Path or None
        Of ``--settings``; else ``FS_RISK_SETTINGS`` may name one.

    Returns
    -------
    Path or None

    Raises
    ------
    SettingError
        If a file is named that is not there.
    """
    variable = os.environ.get(FILE_VARIABLE)
    named = given or (Path(variable) if variable else None)
    if named is None:
        here = Path.cwd()
        found = [folder / FILE_NAME for folder in (here, *here.parents)]
        return next((path for path in found if path.is_file()), None)
    if not named.is_file():
        raise SettingError(
            "The settings file does not exist.",
            where=str(named) if given else f"environment, {FILE_VARIABLE}",
            fix=f"Give the path of a file such as {FILE_NAME}; docs/command_line.md has one.",
        )
    return named


def settings_variables() -> list[str]:
    """List the variables of the environment that look like settings, in capitals or not."""
    known = {name: name.upper() for name in os.environ}
    return sorted(
        name
        for name, capitals in known.items()
        if capitals.startswith(PREFIX) and capitals not in NOT_SETTINGS
    )
