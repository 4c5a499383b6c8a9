"""Fills the templates of a score's pages, and writes them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fs_risk.records import html_templates


def filled(name: str, content: Mapping[str, Any]) -> str:
    """Fill one of the templates.

    Parameters
    ----------
    name : str
    content : mapping of str to object

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    return html_templates.filled(Path(__file__).parent / "templates", name, content)


def kept(page: str, path: str | Path | None) -> str:
    """Write a page where a path is given, and give it.

    Parameters
    ----------
    page : str
    path : str or Path or None

    Returns
    -------
    str
        The same page.
    """
    if path is not None:
        Path(path).write_bytes(page.encode())
    return page
