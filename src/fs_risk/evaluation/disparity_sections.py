"""Sections of a page about groups: sentences, tables and a picture, everything escaped."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """A table to show.

    Attributes
    ----------
    caption : str
    header : tuple of str
    rows : tuple of tuple of str
        The first cell of each names the row.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    title : str
    lines : tuple of str
    tables : tuple of Table
    picture : str
        SVG of our own making, or empty.
    """

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = field(default=())
    picture: str = ""

    def html(self, *, level: int = 2) -> str:
        """Lay the section out as HTML.

        Parameters
        ----------
        level : int, default=2
            Of its heading.

        Returns
        -------
        str
            All text is escaped.
        """
        title = f"<h{level}>{html.escape(self.title)}</h{level}>"
        lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in self.lines)
        picture = f"<figure>{self.picture}</figure>" if self.picture else ""
        return "\n".join([title, lines, picture, *(_table_html(table) for table in self.tables)])

    def text(self) -> str:
        """Say the section in plain lines, tables as rows of ``name: cell; cell``."""
        return "\n".join([self.title, *self.lines, *(_table_text(each) for each in self.tables)])


def _table_text(table: Table) -> str:
    columns = f"{table.header[0]}: {'; '.join(table.header[1:])}"
    rows = [f"  {row[0]}: {'; '.join(cell for cell in row[1:] if cell)}" for row in table.rows]
    return "\n".join([f"{table.caption} ({columns}):", *rows])


def _table_html(table: Table) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in table.header)
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in table.rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(table.caption)}">'
        f"<table><caption>{html.escape(table.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def sections_html(sections: Sequence[Section], *, level: int = 2) -> str:
    """Lay sections out one after the other.

    Parameters
    ----------
    sections : sequence of Section
    level : int, default=2

    Returns
    -------
    str

    Examples
    --------
    >>> sections_html([Section("Why", ("a < b",))]).splitlines()[1]
    '<p>a &lt; b</p>'
    """
    return "\n".join(section.html(level=level) for section in sections)


def points(value: float, low: float | None = None, high: float | None = None) -> str:
    """Write a difference of shares in points, with its interval.

    Parameters
    ----------
    value : float
    low, high : float, optional

    Examples
    --------
    >>> points(-0.124, -0.2, 0.01)
    '-12 points (-20 to +1)'
    >>> points(0.001)
    '0 points'
    """
    if value != value:
        return ":"
    said = f"{_signed(value)} point" + ("" if abs(_whole(value)) == 1 else "s")
    if low is None or high is None or low != low or high != high:
        return said
    return f"{said} ({_signed(low)} to {_signed(high)})"


def _whole(share: float) -> float:
    return round(100 * share) + 0.0


def _signed(share: float) -> str:
    """Write whole points with their sign; what rounds to nothing has none."""
    return f"{_whole(share):+.0f}" if _whole(share) else "0"


def number(value: float, low: float | None = None, high: float | None = None) -> str:
    """Write a number with its interval, three decimals.

    Parameters
    ----------
    value : float
    low, high : float, optional

    Examples
    --------
    >>> number(0.256, 0.1, 0.41)
    '+0.256 (+0.100 to +0.410)'
    """
    if value != value:
        return ":"
    if low is None or high is None or low != low or high != high:
        return f"{value:+z.3f}"
    return f"{value:+z.3f} ({low:+z.3f} to {high:+z.3f})"
