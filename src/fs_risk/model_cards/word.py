"""Documents as Word files, for officers who work in Word."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fs_risk.errors import SettingError
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

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DAWN = datetime(2000, 1, 1, tzinfo=UTC)
"""Written for the file's times, so that the same card gives the same file."""


def write_word(document: Document, path: str | Path) -> Path:
    """Write a document as a Word file.

    Parameters
    ----------
    document : Document
    path : str or Path

    Returns
    -------
    Path

    Raises
    ------
    SettingError
        If python-docx is not installed.
    """
    made = _find_docx()()
    made.core_properties.title = _text(document.title)
    made.core_properties.author = ""
    made.core_properties.created = made.core_properties.modified = _DAWN
    made.add_heading(_text(document.title), level=0)
    if document.stamp:
        made.add_paragraph().add_run(_text(document.stamp)).bold = True
    for line in document.under:
        made.add_paragraph(_text(line))
    for section in (*document.glance, *document.sections):
        _section(made, section)
    for line in document.foot:
        made.add_paragraph(_text(line))
    target = Path(path)
    made.save(str(target))
    return target


def _find_docx() -> Callable[[], Any]:
    try:
        from docx import Document as new_document
    except ImportError:
        raise SettingError(
            "A Word document needs python-docx, which is not installed.",
            where="to_word",
            fix="Install fs-risk[word], or write HTML or Markdown.",
        ) from None
    made: Callable[[], Any] = new_document
    return made


def _text(text: str) -> str:
    return _NOT_IN_XML.sub(" ", text)


def _section(made: Any, section: Section) -> None:
    made.add_heading(_text(section.title), level=1)
    for block in section.blocks:
        _block(made, block)


def _block(made: Any, block: Block) -> None:
    match block:
        case Paragraph(text=text, lead=lead):
            made.add_paragraph().add_run(_text(text)).bold = lead
        case Bullets(items=items):
            for item in items:
                made.add_paragraph(_text(item), style="List Bullet")
        case ToBeWritten(question=question):
            made.add_paragraph().add_run(f"To be written: {_text(question)}").bold = True
        case Facts(pairs=pairs):
            rows = tuple((name, TO_BE_WRITTEN if said is None else said) for name, said in pairs)
            _table(made, Table("", ("", ""), rows))
        case Picture(title=title, text=text):
            made.add_paragraph(f"{_text(title)}. {_text(text)}")
        case Table():
            _table(made, block)


def _table(made: Any, table: Table) -> None:
    if table.caption:
        made.add_paragraph(_text(table.caption))
    headed = any(table.head)
    lines = [table.head, *table.rows] if headed else [*table.rows]
    if not lines:
        return
    drawn = made.add_table(rows=len(lines), cols=len(table.head))
    drawn.style = "Table Grid"
    for row, line in zip(drawn.rows, lines, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.text = _text(text)
