"""How a list of Annex A is declared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class ListColumn:
    """One column of a list.

    Attributes
    ----------
    name : str
        Our name for it.
    header : str
        As the template writes it.
    content : str
        ``id``, ``date``, ``count``, ``text``; for codes, what they are of (``sex``,
        ``source`` …); ``-`` where the column is not read.
    aliases : tuple of str
        Other headers seen.
    """

    name: str
    header: str
    content: str
    aliases: tuple[str, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The headers that mean this column, as `header_key` writes them."""
        return frozenset(map(header_key, (self.header, *self.aliases)))


@dataclass(frozen=True)
class AnnexAList:
    """One list.

    Attributes
    ----------
    number : int
    title : str
    date : str
        The column without which a row cannot be used; empty where rows are not read.
    columns : tuple of ListColumn
        In the template's order.
    """

    number: int
    title: str
    date: str
    columns: tuple[ListColumn, ...]

    def column(self, key: str) -> ListColumn | None:
        """Give the column that a header means."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[str, ListColumn]:
        return {key: column for column in reversed(self.columns) for key in column.keys}


def header_key(header: str) -> str:
    """Write a header without case, spaces and signs.

    Examples
    --------
    >>> header_key("LA In Touch ") == header_key("LA in Touch")
    True
    """
    return re.sub(r"[^a-z0-9]", "", header.lower())


def declare(number: int, title: str, date: str, text: str) -> AnnexAList:
    """Declare a list.

    Parameters
    ----------
    number : int
    title, date : str
    text : str
        One column a line: ``name | header | content | alias | alias``.
    """
    columns = []
    for line in filter(str.strip, text.splitlines()):
        name, header, content, *aliases = (part.strip() for part in line.split("|"))
        columns.append(ListColumn(name, header, content, tuple(aliases)))
    return AnnexAList(number, title, date, tuple(columns))
