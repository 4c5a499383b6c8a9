"""What of a count, a share or a figure may be published."""

from fs_risk.model_cards.parts import CardFigure
from fs_risk.records.suppression import LARGEST_HIDDEN, STEP

DECIMALS = 2
"""Of a published share: whole per cent."""


def shown(count: int | None) -> int | None:
    """Give a count as it may be published: None for 1 to 5, else to the nearest 5.

    Parameters
    ----------
    count : int or None

    Examples
    --------
    >>> [shown(n) for n in (0, 3, 6, 1238, None)]
    [0, None, 5, 1240, None]
    """
    if count is None or 0 < count <= LARGEST_HIDDEN:
        return None
    return (count + STEP // 2) // STEP * STEP


def shown_share(value: float | None) -> float | None:
    """Give a share as it may be published, in whole per cent."""
    return None if value is None else round(value, DECIMALS) + 0.0


def is_few(count: float) -> bool:
    """Say whether a count, or an expected one as it rounds, is 1 to 5.

    Examples
    --------
    >>> [is_few(n) for n in (0.0, 1.0, 5.4, 5.6)]
    [False, True, True, False]
    """
    return 0.5 <= count < LARGEST_HIDDEN + 0.5


def hidden(figure: CardFigure, *, n: int | None = None) -> CardFigure:
    """Hide a figure: small numbers."""
    return figure.model_copy(
        update={"value": None, "low": None, "high": None, "n": n, "symbol": "c"}
    )
