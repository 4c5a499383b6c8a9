"""Documents as pages: one file, no network, for any browser, a phone, print and screen readers."""

from pathlib import Path
from typing import Any

from fs_risk.model_cards.blocks import Document, kind_of
from fs_risk.records import html_templates

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
    """Write the glance of a document as HTML without a page around it, for a notebook.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
    """
    glance = Document(document.title, document.stamp, document.under, (), document.glance)
    return filled("blocks.html.j2", glance)
