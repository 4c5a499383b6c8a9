"""What a document is made of, whichever form it is written in."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text; `lead` for the sentence that matters most."""

    text: str
    lead: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of plain texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table: the first cell of each row names it.

    Attributes
    ----------
    caption : str
    head : tuple of str
    rows : tuple of tuple of str
    numeric : frozenset of int
        Columns that hold numbers.
    folded : str
        Where not empty, the table is long, and shown when this is opened.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    folded: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawing, and in words what it shows.

    Attributes
    ----------
    svg : str
        Drawn from numbers; its words are escaped.
    title : str
    text : str
        What it shows, for those who do not see it.
    """

    svg: str
    title: str
    text: str


@dataclass(frozen=True)
class ToBeWritten:
    """A question that nobody has answered yet."""

    question: str


@dataclass(frozen=True)
class Facts:
    """Names and what is said of each; None is to be written."""

    pairs: tuple[tuple[str, str | None], ...]


Block = Paragraph | Bullets | Table | Picture | ToBeWritten | Facts


@dataclass(frozen=True)
class Section:
    """A part with a heading.

    Attributes
    ----------
    anchor : str
        Its name within the page: letters and hyphens.
    title : str
    blocks : tuple of Block
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A document with a glance at the front and sections behind it.

    Attributes
    ----------
    title : str
    stamp : str
        Stands over everything; empty for none.
    under : tuple of str
        Lines under the title.
    glance : tuple of Section
        The questions that everybody asks first.
    sections : tuple of Section
    foot : tuple of str
    """

    title: str
    stamp: str
    under: tuple[str, ...]
    glance: tuple[Section, ...]
    sections: tuple[Section, ...]
    foot: tuple[str, ...] = field(default=())


def kind_of(block: Block) -> str:
    """Name a block's kind in lower case, for templates."""
    return type(block).__name__.lower()
