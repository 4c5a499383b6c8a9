"""Documents as pages: one file, no network, for any browser, a phone, print and screen readers."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from fs_risk.model_cards.blocks import Document, kind_of

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
    return _filled("document.html.j2", document)


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
    made: str = (
        _environment().get_template(template).render(document=document, kind_of=kind_of, **more)
    )
    return made


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
    return _filled("blocks.html.j2", glance)


def _filled(template: str, document: Document) -> str:
    return filled(template, document)


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
