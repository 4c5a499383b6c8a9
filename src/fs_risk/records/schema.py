"""What a canonical table is made of: columns with a kind, a meaning and what makes them known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """What a column holds, and so its dtype."""

    ID = "id"
    DATE = "date"
    CODE = "code"
    LABEL = "label"
    FLAG = "flag"
    COUNT = "count"

    @property
    def dtype(self) -> str:
        """The pandas dtype that every column of this kind has."""
        return _DTYPES[self]


_DTYPES = {
    Kind.ID: "str",
    Kind.DATE: "datetime64[s]",
    Kind.CODE: "str",
    Kind.LABEL: "str",
    Kind.FLAG: "boolean",
    Kind.COUNT: "Int64",
}


class Known(Enum):
    """Which date makes a column's value known to the service."""

    IDENTITY = "identity"
    """Who the row is about; known with the row."""
    OPENING = "opening"
    """Known on the row's `known_date`."""
    DECISION = "decision"
    """Known on the row's `decision_known_date`."""
    END = "end"
    """Known on the row's `end_known_date`."""
    EXTRACT = "extract"
    """As at the extract, overwritten since: never a feature."""
    CLOCK = "clock"
    """A date on which something became known."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Attributes
    ----------
    name : str
        Plain snake case.
    kind : Kind
        What it holds, and so its dtype.
    meaning : str
        In a practitioner's words.
    known : Known
        Which date makes it known.
    codes : mapping of str to str or None
        The values it may hold, where it is coded.
    sensitivity : str
        ``"protected"``, ``"special"`` (special-category data), ``"criminal"`` or empty.
    planned : bool
        Whether the date may lie after the extract (a birth that is expected).
    """

    name: str
    kind: Kind
    meaning: str
    known: Known = Known.OPENING
    codes: Mapping[str, str] | None = None
    sensitivity: str = ""
    planned: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical table.

    Attributes
    ----------
    name : str
    meaning : str
        What a row is.
    key : tuple of str
        Columns that identify a row; empty where rows have no identity of their own.
    date : str
        The event date that places a row in time, without which it cannot be used;
        empty for tables without time.
    columns : tuple of Column
    end : str
        The column that ends what `date` began, if any.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    date: str
    columns: tuple[Column, ...]
    end: str = ""
    _by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        object.__setattr__(self, "_by_name", MappingProxyType(by_name))

    def __getitem__(self, name: str) -> Column:
        """Give one column by its name."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def names(self) -> list[str]:
        """The column names, in order."""
        return [column.name for column in self.columns]

    @property
    def required(self) -> list[str]:
        """The columns without which a row cannot be used."""
        needed = [*self.key, *(["child_id"] if "child_id" in self else []), self.date]
        return list(dict.fromkeys(name for name in needed if name))
