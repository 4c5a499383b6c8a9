"""Documents as Markdown: tables and lists that read as plain text too."""

import re
from collections.abc import Iterator

from fs_risk.model_cards.answers import TO_BE_WRITTEN
from fs_risk.model_cards.blocks import (
    Block,
    Bullets,
    Document,
    Facts,
    Paragraph,
    Picture,
    Section,
    Table,
    ToBeWritten,
)

_SIGNS = re.compile(r"([\\`*_\[\]|~])")
_OPENING = re.compile(r"^(\s*)([#+\-=])")
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s|$)")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def document_markdown(document: Document) -> str:
    """Write a document as Markdown.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
        No text from data can become markup.
    """
    lines = [f"# {escaped(document.title)}", ""]
    if document.stamp:
        lines += [f"**{escaped(document.stamp)}**", ""]
    for line in document.under:
        lines += [escaped(line), ""]
    for section in (*document.glance, *document.sections):
        lines += _section(section)
    if document.foot:
        lines += ["---", ""]
        for line in document.foot:
            lines += [escaped(line), ""]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    r"""Write text so that Markdown, and HTML within it, take it for text.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> escaped("<b>*hm*|")
    '&lt;b&gt;\\*hm\\*\\|'
    >>> escaped("# not a heading")
    '\\# not a heading'
    """
    flat = _UNSEEN.sub(" ", text).strip()
    safe = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = safe.replace("://", ":&#47;/").replace("@", "&#64;")
    return _NUMBERED.sub(r"\1\\\2", _OPENING.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", safe)))


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text=text, lead=lead):
            yield f"**{escaped(text)}**" if lead else escaped(text)
        case Bullets(items=items):
            yield from (f"- {escaped(item)}" for item in items)
        case ToBeWritten(question=question):
            yield f"**To be written:** {escaped(question)}"
        case Facts(pairs=pairs):
            for name, said in pairs:
                answer = f"*{TO_BE_WRITTEN}*" if said is None else escaped(said)
                yield f"- **{escaped(name)}:** {answer}"
        case Picture(title=title, text=text):
            yield f"*Picture: {escaped(title)}.* {escaped(text)}"
        case Table():
            yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    yield f"*{escaped(table.caption)}*"
    yield ""
    yield f"| {' | '.join(escaped(head) for head in table.head)} |"
    marks = ("---:" if place in table.numeric else "---" for place in range(len(table.head)))
    yield f"| {' | '.join(marks)} |"
    if not table.rows:
        yield f"| None.{' |' * len(table.head)}"
    for row in table.rows:
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
