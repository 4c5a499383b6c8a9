"""The door to Jinja: fills the template of the planning page, loaded when a page is asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


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
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(**content)
