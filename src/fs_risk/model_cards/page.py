"""Documents as pages: one file, no network, for any browser, a phone, print and screen readers."""

import re
from html import escape
from pathlib import Path
from typing import Any

from fs_risk.model_cards.blocks import Document, kind_of
from fs_risk.records import html_templates
from fs_risk.records.notebook import Display

_INK = {
    "on": 'fill="currentColor"',
    "off": 'fill="none" stroke="currentColor" stroke-width=".5"',
    "axis": 'fill="none" stroke="currentColor"',
    "rule": 'fill="none" stroke="currentColor" stroke-dasharray="4 3"',
    "bar": 'fill="none" stroke="currentColor" stroke-width="2.5"',
    "end": 'fill="currentColor" font-size="13" text-anchor="end"',
    "mid": 'fill="currentColor" font-size="13" text-anchor="middle"',
}
"""How a drawing's parts look without the page's style, in the colour of the text around it."""

_PLACE = re.compile(f'class="({"|".join(_INK)})"')
_TEMPLATES = Path(__file__).parent / "templates"


def document_html(document: Document) -> str:
    """Write a document as one self-contained HTML page.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
        Everything that comes from data is escaped; no script, and none may be added.
    """
    return filled("document.html.j2", document)


def filled(template: str, document: Document, **more: Any) -> str:
    """Fill a template that holds a document and more; everything from data is escaped.

    Parameters
    ----------
    template : str
    document : Document
    **more
        What the template shows besides.

    Returns
    -------
    str
    """
    content = {"document": document, "kind_of": kind_of, **more}
    return html_templates.filled(_TEMPLATES, template, content)


def document_fragment(document: Document) -> str:
    """Write the head and glance of a document, without a page around them, for a notebook.

    A document without a glance shows its sections.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
    """
    shown = document.glance or document.sections
    glance = Document(document.title, document.stamp, document.under, (), shown)
    stamp = f"<p><b>{escape(document.stamp)}</b></p>" if document.stamp else ""
    head = Display(document.title, notes=document.under).html()
    blocks = _PLACE.sub(lambda found: _INK[found[1]], filled("blocks.html.j2", glance))
    return f"<div>{stamp}{head}{blocks}</div>"
