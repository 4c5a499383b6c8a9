"""Comparing what a card states with what was found again, leaf by leaf."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fs_risk.model_cards.parts import Part

SAME = 1e-7
"""Relative difference up to which two numbers are the same: cards keep nine digits."""

NOT_THERE = "not there"
_ABSOLUTE = 1e-12

What = Literal["card", "model", "data"]


class Difference(Part):
    """One thing that a card states and that is not so.

    Attributes
    ----------
    changed : {"card", "model", "data"}
        What is not as it was when the card was written.
    where : str
        Path of the statement in the card, such as ``performance.figures[3].value``.
    stated, found : str
        What the card states, and what was found; never a child's data.
    """

    changed: What
    where: str
    stated: str
    found: str

    def __str__(self) -> str:
        return f"{self.changed} changed: {self.where}: stated {self.stated}, found {self.found}"


def differences(
    stated: Mapping[str, Any], found: Mapping[str, Any], *, changed: What = "card"
) -> tuple[Difference, ...]:
    """Compare two contents of a card.

    Parameters
    ----------
    stated, found : mapping
        As `ModelCard.content` gives them.
    changed : {"card", "model", "data"}
        To what differences are put down.

    Returns
    -------
    tuple of Difference

    Examples
    --------
    >>> [str(each) for each in differences({"n": [1, 2.0]}, {"n": [1, 2.5]})]
    ['card changed: n[1]: stated 2.0, found 2.5']
    >>> differences({"n": 0.1}, {"n": 0.1 + 1e-12})
    ()
    """
    return tuple(
        Difference(changed=changed, where=where, stated=_shown(one), found=_shown(other))
        for where, one, other in _walk("", stated, found)
    )


def _walk(where: str, stated: Any, found: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(stated, Mapping) and isinstance(found, Mapping):
        for name in dict.fromkeys((*stated, *found)):
            inner = f"{where}.{name}" if where else str(name)
            yield from _walk(inner, stated.get(name, NOT_THERE), found.get(name, NOT_THERE))
    elif _is_list(stated) and _is_list(found):
        for place in range(max(len(stated), len(found))):
            one, other = (
                each[place] if place < len(each) else NOT_THERE for each in (stated, found)
            )
            yield from _walk(f"{where}[{place}]", one, other)
    elif not _same(stated, found):
        yield where, stated, found


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _same(stated: Any, found: Any) -> bool:
    numbers = [
        isinstance(each, int | float) and not isinstance(each, bool) for each in (stated, found)
    ]
    if all(numbers):
        return math.isclose(stated, found, rel_tol=SAME, abs_tol=_ABSOLUTE)
    return type(stated) is type(found) and stated == found


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
