"""Fills the templates of a score's pages, and writes them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fs_risk.records import html_templates
from fs_risk.triage.list_cells import not_written


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

    Raises
    ------
    SettingError
        If it cannot be written there.
    """
    if path is not None:
        target = Path(path)
        try:
            target.write_bytes(page.encode())
        except OSError as error:
            raise not_written(target, error) from None
    return page
