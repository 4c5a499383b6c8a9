"""The door to Jinja: fills a package's templates, the same way for every page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import title_stamp
from fs_risk.records.printed_pages import page_foot

if TYPE_CHECKING:
    from jinja2 import Environment


def filled(folder: Path, name: str, content: Mapping[str, Any]) -> str:
    """Fill one of a package's templates.

    Parameters
    ----------
    folder : Path
        Where the package's templates are.
    name : str
    content : mapping of str to object
        Nothing that the template asks for may be left out.

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    return _environment(folder).get_template(name).render(**content)


@cache
def _environment(folder: Path) -> "Environment":
    # only when a page is asked for: a score never needs it
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["count_of"] = count_of
    environment.globals["title_stamp"] = title_stamp
    environment.globals["page_foot"] = page_foot
    return environment
