"""What is true of synthetic records: tables by name, of which some are worked out when read."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock

import pandas as pd


class Later:
    """A table that is worked out once, when it is first read.

    Parameters
    ----------
    work : callable
        Gives the table; it must not depend on when it is called.

    Examples
    --------
    >>> later = Later(lambda: pd.DataFrame({"seed": [3]}))
    >>> later.table is later.table
    True
    """

    __slots__ = ("_lock", "_table", "_work")

    def __init__(self, work: Callable[[], pd.DataFrame]) -> None:
        self._work: Callable[[], pd.DataFrame] | None = work
        self._table: pd.DataFrame | None = None
        self._lock = Lock()

    @property
    def table(self) -> pd.DataFrame:
        """The table; threads that ask at once wait for one of them to work it out."""
        with self._lock:
            if self._work is not None:
                self._table = self._work()
                self._work = None  # lets go of all that it was worked out from
            assert self._table is not None
            return self._table


class Truth(Mapping[str, pd.DataFrame]):
    """Tables by name, which cannot be put in place of each other.

    Parameters
    ----------
    tables : mapping of str to DataFrame or Later
        What is still to be worked out in one `Truth` is worked out once for all made of it.

    Examples
    --------
    >>> truth = Truth({"authority": Later(lambda: pd.DataFrame({"seed": [3]}))})
    >>> "authority" in truth, truth["authority"]["seed"].item()
    (True, 3)
    """

    __slots__ = ("_tables",)

    def __init__(self, tables: Mapping[str, pd.DataFrame | Later]) -> None:
        held = tables._tables if isinstance(tables, Truth) else tables
        self._tables: dict[str, pd.DataFrame | Later] = dict(held)

    def __getitem__(self, name: str) -> pd.DataFrame:
        held = self._tables[name]
        return held.table if isinstance(held, Later) else held

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __or__(self, other: "Truth") -> "Truth":
        return Truth(self._tables | other._tables)

    def __repr__(self) -> str:
        return f"<Truth: {', '.join(self._tables)}>"
