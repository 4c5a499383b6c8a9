"""The door to Jinja: fills the templates of a score's pages, loaded when a page is asked for."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


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
    return _environment().get_template(name).render(**content)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


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
