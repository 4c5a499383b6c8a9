"""Which counts of a published table to hide: 1 to 5, and what would give them away by subtraction.

One rule for every table of exact counts with totals: small counts are hidden, then as
many more as it takes until no hidden count follows from the others and the totals.
(Counts that are rounded, as in `suppression`, need no second step.)

References
----------
.. [1] Department for Education, Explore education statistics: symbols ``c`` (hidden to
   protect confidentiality), ``z`` (not applicable), ``:`` (not available).
.. [2] D. Gusfield, A graph theoretic approach to statistical data security, SIAM Journal
   on Computing 17 (1988), 552-571.
"""

import numpy as np

from fs_risk.records.suppression import HIDDEN, LARGEST_HIDDEN

NOT_APPLICABLE = "z"
"""There is nothing to take a share of."""

NOT_AVAILABLE = ":"
"""It was not, or could not be, worked out."""

SYMBOLS = (HIDDEN, NOT_APPLICABLE, NOT_AVAILABLE)

_SLACK = 0.5


def is_small(counts: np.ndarray) -> np.ndarray:
    """Say which counts are 1 to 5; expected counts as they round.

    Parameters
    ----------
    counts : ndarray of float or int

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> is_small(np.array([0, 1, 5, 6])).tolist()
    [False, True, True, False]
    """
    counts = np.asarray(counts, dtype=np.float64)
    small: np.ndarray = (counts > 0) & (counts < LARGEST_HIDDEN + _SLACK)
    return small


def hidden_in_line(
    counts: np.ndarray, small: np.ndarray | None = None, free: np.ndarray | None = None
) -> np.ndarray:
    """Say which counts of a line with a published total to hide.

    Parameters
    ----------
    counts : ndarray, shape (k,)
    small : ndarray of bool, optional
        Those to protect; by default counts of 1 to 5.
    free : ndarray of bool, optional
        Those that could be other than they are, as far as can be seen; by default
        counts above 0. Only these can hide another.

    Returns
    -------
    ndarray of bool, shape (k,)
        Beside each one to protect another that is free is hidden: the smallest.

    Examples
    --------
    >>> hidden_in_line(np.array([3, 40, 12, 0])).tolist()
    [True, False, True, False]
    """
    counts = np.asarray(counts, dtype=np.float64)
    small = is_small(counts) if small is None else np.asarray(small)
    free = counts > 0 if free is None else np.asarray(free)
    hidden = small.copy()
    while _alone(hidden & free, small).any():
        others = np.flatnonzero(~hidden & free)
        if not len(others):  # none is left to hide it: nothing of the line is shown
            return np.ones(len(counts), dtype=bool)
        hidden[others[np.argmin(counts[others])]] = True
    return hidden


def _alone(hiding: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Say which counts to protect have no other beside them that hides them."""
    alone: np.ndarray = small & (hiding.sum() - hiding.astype(np.int64) < 1)
    return alone


def hidden_in_table(
    counts: np.ndarray, small: np.ndarray | None = None, free: np.ndarray | None = None
) -> np.ndarray:
    """Say which counts to hide of a table whose row and column totals are published.

    Parameters
    ----------
    counts : ndarray, shape (r, c)
    small, free : ndarray of bool, optional
        As in `hidden_in_line`.

    Returns
    -------
    ndarray of bool, shape (r, c)

    Notes
    -----
    Rows and columns are the points of a graph, hidden counts its lines. A hidden count
    follows from the others and the totals exactly when its line is a bridge [2]_; so
    counts are hidden until none to protect is one.

    Examples
    --------
    >>> hidden_in_table(np.array([[3, 40, 30], [50, 20, 60], [70, 80, 25]])).sum()
    np.int64(4)
    """
    counts = np.asarray(counts, dtype=np.float64)
    small = is_small(counts) if small is None else np.asarray(small)
    free = counts > 0 if free is None else np.asarray(free)
    hidden = small.copy()
    for row, column in np.argwhere(small):
        if _joined(hidden & free, int(row), int(column)):
            continue
        corners = _closing(np.where(hidden, 0.0, counts), free, int(row), int(column))
        if corners is None:  # no circle of counts that are free goes through it
            hidden[row, :] = hidden[:, column] = True
        for corner in corners or []:
            hidden[corner] = True
    return hidden


def _joined(hidden: np.ndarray, row: int, column: int) -> bool:
    """Say whether a row and a column are joined by hidden counts other than their own."""
    without = hidden.copy()
    without[row, column] = False
    rows = np.zeros(len(hidden), dtype=bool)
    rows[row] = True
    while True:
        columns = np.asarray(without[rows].any(axis=0))
        if columns[column]:
            return True
        further = np.asarray(without[:, columns].any(axis=1)) | rows
        if (further == rows).all():
            return False
        rows = further


def _closing(
    cost: np.ndarray, free: np.ndarray, row: int, column: int
) -> list[tuple[int, int]] | None:
    """Choose the counts that close a circle through one, with the least that was shown."""
    best: tuple[float, list[tuple[int, int]]] | None = None
    for other_row in range(len(cost)):
        for other_column in range(cost.shape[1]):
            if other_row == row or other_column == column:
                continue
            corners = [(row, other_column), (other_row, column), (other_row, other_column)]
            if not all(free[corner] for corner in corners):
                continue
            total = float(sum(cost[corner] for corner in corners))
            if best is None or total < best[0]:
                best = total, corners
    return None if best is None else best[1]
