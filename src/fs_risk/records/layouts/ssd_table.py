"""How a table of the Standard Safeguarding Dataset is declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class SsdTable:
    """One table of the dataset.

    Attributes
    ----------
    name : str
    prefix : str
        What its column names begin with, before the first underscore.
    columns : tuple of str
        All its columns, in the order of the data definition.
    canonical : mapping of str to str
        Canonical column to the column that holds it.
    also_read : tuple of str
        Further columns that the reader looks at.
    needed : tuple of str
        Columns without which the table cannot be used.
    aliases : mapping of str to str
        Names seen in the field, to the right ones.
    """

    name: str
    prefix: str
    columns: tuple[str, ...]
    canonical: Mapping[str, str]
    also_read: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that the reader loads."""
        return tuple(dict.fromkeys([*self.canonical.values(), *self.also_read]))


def declare(
    name: str,
    prefix: str,
    columns: str,
    canonical: dict[str, str],
    *,
    also_read: str = "",
    needed: str = "",
    aliases: dict[str, str] | None = None,
) -> SsdTable:
    """Declare a table with its column names short of their prefix.

    Parameters
    ----------
    name, prefix : str
    columns : str
        All columns in order, with spaces between them.
    canonical : dict of str to str
        Canonical column to short column.
    also_read, needed : str
        Short columns with spaces between them.
    aliases : dict of str to str, optional
        Names seen in the field to short columns.
    """

    def full(short: str) -> str:
        return f"{prefix}_{short}"

    return SsdTable(
        name,
        prefix,
        tuple(map(full, columns.split())),
        MappingProxyType({ours: full(theirs) for ours, theirs in canonical.items()}),
        tuple(map(full, also_read.split())),
        tuple(map(full, needed.split())),
        MappingProxyType({seen: full(right) for seen, right in (aliases or {}).items()}),
    )
