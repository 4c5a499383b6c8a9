"""Drawing at random: one of several, or each of many with one chance."""

import numpy as np


def drawn_columns(shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one column for each row of shares.

    Parameters
    ----------
    shares : ndarray, shape (n, k)
        Not negative; a row need not sum to one.
    rng : Generator

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> drawn_columns(np.array([[0.0, 2.0], [1.0, 0.0]]), np.random.default_rng(0)).tolist()
    [1, 0]
    """
    sums = np.cumsum(shares, axis=1)
    luck = rng.random(len(shares)) * sums[:, -1]
    columns: np.ndarray = (luck[:, None] >= sums[:, :-1]).sum(axis=1)
    return columns


def drawn_codes(shares: np.ndarray, codes: list[str], rng: np.random.Generator) -> np.ndarray:
    """Draw one code for each row of shares, as `drawn_columns` does."""
    drawn: np.ndarray = np.asarray(codes, dtype=object)[drawn_columns(shares, rng)]
    return drawn


def each_with(chance: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Pick each of many things independently with one chance, by the gaps between picks.

    Parameters
    ----------
    chance : float
    count : int
        How many things there are.
    rng : Generator

    Returns
    -------
    ndarray of int64
        Numbers of those picked, ascending.
    """
    if chance <= 0.0:
        return np.empty(0, dtype=np.int64)
    expected = int(count * chance)
    size = expected + 6 * int(expected**0.5) + 20
    picked = np.cumsum(rng.geometric(chance, size)) - 1
    while picked[-1] < count:
        picked = np.append(picked, picked[-1] + np.cumsum(rng.geometric(chance, size)))
    return picked[picked < count]
