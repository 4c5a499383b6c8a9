"""Counts as they may be published: 1 to 5 hidden, the rest rounded so that none is given away.

A hidden count could be found by taking the others from a total. Nothing on a page is
exact, so no subtraction gives more than a range.

References
----------
.. [1] Office for National Statistics, Statistical disclosure control for administrative
   sources: thresholds and rounding.
"""

import numpy as np

HIDDEN = "c"
"""What stands for a count of 1 to 5."""

LARGEST_HIDDEN = 5
STEP = 5
_DRAWN = 3


def shown_count(count: int) -> str:
    """Write a count: 0, ``c`` for 1 to 5, else to the nearest 5.

    Examples
    --------
    >>> [shown_count(n) for n in (0, 1, 5, 6, 1_238)]
    ['0', 'c', 'c', '5', '1,240']
    """
    if 0 < count <= LARGEST_HIDDEN:
        return HIDDEN
    return f"{int(rounded(np.array([count]))[0]):,}"


def rounded(counts: np.ndarray) -> np.ndarray:
    """Round counts for a picture: 0, 3 for 1 to 5, else to the nearest 5.

    Parameters
    ----------
    counts : ndarray of int

    Returns
    -------
    ndarray of int64
    """
    whole = np.asarray(counts, dtype=np.int64)
    near = (whole + STEP // 2) // STEP * STEP
    small = (whole > 0) & (whole <= LARGEST_HIDDEN)
    return np.where(small, _DRAWN, near)


def shown_share(part: int, whole: int) -> str:
    """Write a share in whole per cent; ``c`` where part or rest is 1 to 5, ``–`` of none.

    Examples
    --------
    >>> shown_share(10, 40), shown_share(3, 40), shown_share(38, 40), shown_share(0, 0)
    ('25 %', 'c', 'c', '–')
    """
    if not whole:
        return "–"
    if any(0 < count <= LARGEST_HIDDEN for count in (part, whole - part, whole)):
        return HIDDEN
    return f"{100 * part / whole:.0f} %"


def drawn_share(part: int, whole: int) -> float:
    """Give a share for a picture, of rounded counts; NaN of none or few."""
    if whole <= LARGEST_HIDDEN:
        return float("nan")
    part_drawn, rest_drawn = rounded(np.array([part, whole - part]))
    return float(part_drawn / (part_drawn + rest_drawn))
