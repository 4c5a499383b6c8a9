"""What an authority sets once for all commands: fs-risk.toml, under the environment's variables.

The only module that loads pydantic_settings; library functions never see it.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from fs_risk.cli.settings_file import PREFIX, SECRETS, settings_file, settings_variables
from fs_risk.errors import SettingError, nearest
from fs_risk.records.decoded_text import decoded_text

_PATHS = ("exclude", "history", "ledger_key_file", "model", "out", "plan", "policy")
"""Settings that are paths; in a file they are read from the file's own folder."""


class Settings(BaseSettings):
    """Every key of the settings file; each is what the option of its name would give."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    extract: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="what is read: folder, files or database address"
    )
    history: Path | None = Field(
        default=None, description="folder that fs-risk history wrote; score and serve read it first"
    )
    model: Path | None = Field(default=None, description="folder of the saved model")
    plan: Path | None = Field(default=None, description="TOML file of the plan, for train")
    capacity: int | float | None = Field(
        default=None, description="children on a list, or a share below 1"
    )
    ledger: str | None = Field(default=None, description="database address of the ledger")
    ledger_key_file: Path | None = Field(
        default=None,
        description="file of the ledger's master key; without one FS_RISK_LEDGER_KEY holds the key",
    )
    retain_days: int | None = Field(
        default=None, ge=1, description="how long a new ledger keeps its entries"
    )
    policy: Path | None = Field(
        default=None, description="JSON of the policy of approval, put beside each new model"
    )
    organisation: str | None = Field(default=None, description="for whom decisions are taken")
    tracking_uri: str | None = Field(default=None, description="MLflow's tracking URI")
    experiment: str | None = Field(default=None, description="MLflow's experiment")
    registered_as: str | None = Field(
        default=None, description="the model's name in MLflow's registry"
    )
    exclude: Path | None = Field(
        default=None, description="text file of child ids that must never enter"
    )
    pseudonymise: bool | None = Field(
        default=None, description="whether identifiers are replaced by keyed hashes"
    )
    out: Path | None = Field(
        default=None, description="folder that commands make their own folders in"
    )

    @field_validator("extract", mode="before")
    @classmethod
    def _one_or_several(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("capacity", mode="before")
    @classmethod
    def _a_number_or_share(cls, given: Any) -> Any:
        if given is None:
            return None
        try:
            size = float(given) if isinstance(given, str) else given
        except ValueError:
            size = None
        if isinstance(size, bool) or not isinstance(size, int | float):
            raise ValueError("it is a number of children, or a share below 1")
        if not (0 < size < 1 or (size >= 1 and float(size).is_integer())):
            raise ValueError("it is a whole number of children, or a share between 0 and 1")
        return size if size < 1 else int(size)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment before what the file gives."""
        return env_settings, init_settings


@dataclass(frozen=True)
class Standing:
    """The settings as they stand, and where each comes from.

    Attributes
    ----------
    file : Path or None
    values : Settings
    origins : dict of str to str
        For each key: a line of the file, a variable of the environment, or "default".
    unread : dict of str to str
        Variables that are no setting, with the nearest that is.
    """

    file: Path | None
    values: Settings
    origins: dict[str, str]
    unread: dict[str, str]


def read_settings(given: Path | None = None) -> Standing:
    """Read the settings file and the environment.

    Parameters
    ----------
    given : Path, optional
        The file that ``--settings`` names.

    Returns
    -------
    Standing

    Raises
    ------
    SettingError
        If the file cannot be read, has an unknown key, or a value of the wrong kind.
    """
    file = settings_file(given)
    stated, lines = ({}, {}) if file is None else _read(file)
    try:
        values = Settings(**stated)
    except ValidationError as error:
        raise _wrong_value(error, file, lines) from None
    return Standing(file, values, _origins(file, lines), _unread())


def _read(file: Path) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        text = decoded_text(file.read_bytes())
        stated = tomllib.loads(text)
    except OSError as error:
        raise SettingError(
            f"The settings file cannot be read: {error.strerror}.",
            where=str(file),
            fix="Give a file that may be read.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"line (\d+)", str(error))
        raise SettingError(
            "The settings file is not TOML.",
            where=f"{file}, line {place[1]}" if place else str(file),
            fix='Write each setting as key = "value", texts in quotes and paths with /.',
        ) from None
    lines = {key: _line(text, key) for key in stated}
    for key in stated:
        _check_key(key, f"{file}, line {lines[key]}")
    return {key: _from_folder(key, held, file.parent) for key, held in stated.items()}, lines


def _line(text: str, key: str) -> int:
    at = re.search(rf"^[ \t]*(?:\[+[ \t]*)?[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", text, re.M)
    return text.count("\n", 0, at.start()) + 1 if at else 1


def _check_key(key: str, where: str) -> None:
    if key in Settings.model_fields:
        return
    variable = f"{PREFIX}{key.upper()}"
    if variable in SECRETS:
        raise SettingError(
            f"A secret stands in the settings file: {SECRETS[variable]}.",
            where=where,
            fix=f"Take it out, make a new one, and give it in the environment, {variable}.",
        )
    raise SettingError(
        f"There is no setting {key!r}.{nearest(key, Settings.model_fields)}",
        where=where,
        fix=f"Choose one of: {', '.join(Settings.model_fields)}.",
    )


def _from_folder(key: str, held: Any, folder: Path) -> Any:
    """Read a relative path from the file's folder, wherever the command runs."""
    if key == "extract":
        several = [held] if isinstance(held, str) else held
        if not (isinstance(several, list) and all(isinstance(one, str) for one in several)):
            return held
        return tuple(one if "://" in one else str(folder / one) for one in several)
    if key in _PATHS and isinstance(held, str):
        return folder / held
    if key in ("ledger", "tracking_uri") and isinstance(held, str):
        place = re.fullmatch(r"(sqlite(?:\+\w+)?:///)(?![/:]|[A-Za-z]:|$)(.+)", held)
        return f"{place[1]}{(folder / place[2]).as_posix()}" if place else held
    return held


def _wrong_value(error: ValidationError, file: Path | None, lines: Mapping[str, int]) -> Exception:
    fault = error.errors(include_input=False, include_url=False)[0]
    key = str(fault["loc"][0]) if fault["loc"] else "a setting"
    variable = f"{PREFIX}{key.upper()}"
    from_environment = _is_set(variable)
    rule = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return SettingError(
        f"The setting {key!r} cannot be used: {rule}.",
        where=f"environment, {variable}" if from_environment else f"{file}, line {lines.get(key)}",
        fix=f"Correct it; {key} is {Settings.model_fields[key].description}.",
    )


def _is_set(variable: str) -> bool:
    # Windows has no small letters in names of variables, and pydantic heeds none
    return any(name.upper() == variable and held for name, held in os.environ.items())


def _origins(file: Path | None, lines: Mapping[str, int]) -> dict[str, str]:
    def origin(key: str) -> str:
        variable = f"{PREFIX}{key.upper()}"
        if _is_set(variable):
            return f"environment, {variable}"
        return f"{file}, line {lines[key]}" if key in lines else "default"

    return {key: origin(key) for key in Settings.model_fields}


def _unread() -> dict[str, str]:
    known = {f"{PREFIX}{key.upper()}" for key in Settings.model_fields}
    unknown = [name for name in settings_variables() if name.upper() not in known]
    return {name: nearest(name, known).strip() for name in unknown}


def without_secrets(value: object) -> object:
    """Give a setting as it may be shown: the password of an address is hidden.

    Parameters
    ----------
    value : object

    Returns
    -------
    object

    Examples
    --------
    >>> without_secrets("postgresql://clerk:hunter2@server/ledger")
    'postgresql://clerk:***@server/ledger'
    """
    if isinstance(value, tuple):
        return [without_secrets(one) for one in value]
    if isinstance(value, Path):
        return str(value)
    if not isinstance(value, str) or "://" not in value:
        return value
    hidden = re.sub(r"(://[^/?#]*?):[^/?#]*@", r"\1:***@", value)
    # what no address needs is hidden whole: a password may hold any sign
    hidden = re.sub(r"(://[^:/@?]*):(?=.*@).*@", r"\1:***@", hidden)
    return re.sub(r"(?i)((?:password|pwd|passwd|token|secret|key)=)[^&;]*", r"\1***", hidden)
