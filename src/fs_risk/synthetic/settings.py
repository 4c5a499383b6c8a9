"""Arguments that switch something on by name: a settings object, a mapping, or nothing."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from fs_risk.errors import SettingError, nearest

Settings = TypeVar("Settings")


def settings_of(kind: type[Settings], given: object, argument: str) -> Settings:
    """Make settings of what was passed.

    Parameters
    ----------
    kind : type
        A dataclass of settings, each with a default.
    given : instance of `kind`, mapping of str, or None
        None: all defaults.
    argument : str
        The argument's name, for the error.

    Raises
    ------
    SettingError
        If it is none of these, or names a setting that there is not.

    Examples
    --------
    >>> from fs_risk.synthetic.defects.planted import Defects
    >>> settings_of(Defects, {"late_recording": 0.3}, "defects").late_recording
    0.3
    """
    known = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    if given is None:
        return kind()
    if isinstance(given, kind):
        return given
    if not isinstance(given, Mapping):
        raise SettingError(
            f"{argument} must be {kind.__name__}(...) or a mapping of names to sizes.",
            where=f"make_authority({argument}=)",
            fix=f"Pass {{{known[0]!r}: ...}}; the names are {', '.join(known)}.",
        )
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise SettingError(
            f"There is no {unknown[0]!r} among {argument}.{nearest(unknown[0], known)}",
            where=f"make_authority({argument}=)",
            fix=f"Use {', '.join(known)}.",
        )
    return kind(**given)


def check_size(name: str, value: object, least: float, most: float, where: str) -> None:
    """Refuse a size that is not a number between two bounds.

    Raises
    ------
    SettingError
    """
    number: Any = value
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not least <= number <= most:
        raise SettingError(
            f"{name} must be a number from {least:g} to {most:g}.",
            where=where,
            fix=f"Pass {name} between {least:g} and {most:g}.",
        )
