"""What stands at the foot of each printed page: a sheet may be found without the others."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_PLAIN = re.compile(r"[^A-Za-z0-9 .,:()-]")
_LETTERS = "font: 8pt system-ui, sans-serif; color: #333;"


def page_foot(words: str) -> "Markup":
    """Write the style rule that prints words and the number of the page below each page.

    Browsers that do not know margin boxes leave it out [1]_.

    .. [1] W3C, CSS Paged Media Module Level 3, page-margin boxes.

    Parameters
    ----------
    words : str
        May come from data: what could end the string or the style is escaped.

    Returns
    -------
    Markup

    Examples
    --------
    >>> "SYNTHETIC: Model card" in page_foot("SYNTHETIC: Model card")
    True
    """
    from markupsafe import Markup

    said = _PLAIN.sub(lambda sign: f"\\{ord(sign[0]):x} ", words)
    # every sign of the words that is not plain was written as a number
    return Markup(
        "@page { "
        f'@bottom-left {{ content: "{said}"; {_LETTERS} }} '
        f'@bottom-right {{ content: counter(page) " of " counter(pages); {_LETTERS} }} '
        "}"
    )
