"""The numbers behind the synthetic authority, each with its kind and its source.

They live in ``parameters.toml`` beside this module: V for a published figure, D
for one derived from published figures, A for an assumption.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from fs_risk.errors import SettingError, nearest

KINDS = {"V": "verified", "D": "derived", "A": "assumed"}


class Parameter(NamedTuple):
    """One number or list of numbers.

    Attributes
    ----------
    value : object
        As in the file.
    kind : {"V", "D", "A"}
        Verified, derived from verified figures, or assumed.
    source : str
        Where it comes from, or why it was assumed.
    tolerance : float
        Targets only: the error that is accepted.
    row : int
        Targets only: row of the table of targets in the documentation.
    """

    value: Any
    kind: str
    source: str
    tolerance: float = 0.0
    row: int = 0


class Parameters(Mapping[str, Parameter]):
    """All parameters by dotted name.

    Examples
    --------
    >>> parameters = load_parameters()
    >>> parameters.number("grid.step_days")
    28.0
    """

    def __init__(self, entries: Mapping[str, Parameter]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> Parameter:
        if name not in self._entries:
            raise SettingError(
                f"There is no parameter {name!r}.{nearest(name, self._entries)}",
                where="synthetic/parameters.toml",
                fix="Use a name from the file, as section.name.",
            )
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def number(self, name: str) -> float:
        """Give a single number."""
        return float(self[name].value)

    def array(self, name: str) -> np.ndarray:
        """Give a list, or list of lists, of numbers as float64."""
        return np.asarray(self[name].value, dtype=np.float64)

    def names(self, name: str) -> list[str]:
        """Give the keys of a table of numbers, in the file's order."""
        return list(self[name].value)

    def columns(self, name: str) -> list[str]:
        """Give the keys of the rows of a table of tables; all rows have the same."""
        return list(next(iter(self[name].value.values())))

    def table(self, name: str) -> np.ndarray:
        """Give the values of a table of numbers as float64, a row for each key."""
        rows = self[name].value.values()
        return np.asarray(
            [list(row.values()) if isinstance(row, dict) else row for row in rows],
            dtype=np.float64,
        )


def _flattened(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Parameter]]:
    for name, branch in tree.items():
        if "value" in branch:
            yield prefix + name, Parameter(**branch)
        else:
            yield from _flattened(branch, f"{prefix}{name}.")


@cache
def load_parameters() -> Parameters:
    """Read the parameters of the average English authority."""
    text = files("fs_risk.synthetic").joinpath("parameters.toml").read_text(encoding="utf-8")
    return Parameters(dict(_flattened(tomllib.loads(text))))
