"""Drawing at random: one of several, or each of many with one chance."""

import numpy as np

_GOLDEN = (5**0.5 - 1) / 2
_LAST = np.nextafter(1.0, 0.0)


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
    return _columns(shares, rng.random(len(shares)))


def _columns(shares: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Give the column into whose share of the row each number in [0, 1) falls."""
    sums = np.cumsum(shares, axis=1)
    columns: np.ndarray = ((luck * sums[:, -1])[:, None] >= sums[:, :-1]).sum(axis=1)
    return columns


def drawn_codes(shares: np.ndarray, codes: list[str], rng: np.random.Generator) -> np.ndarray:
    """Draw one code for each row of shares, as `drawn_columns` does."""
    drawn: np.ndarray = np.asarray(codes, dtype=object)[drawn_columns(shares, rng)]
    return drawn


def even_draws(order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one number in [0, 1) for each thing, evenly spread over things alike.

    Each number alone is uniform and fresh. Together, the numbers of things that
    stand close in `order` fill the interval evenly, so that shares come out nearer
    to their chances than independent draws would bring them.

    Parameters
    ----------
    order : ndarray, shape (n,)
        Things with values near each other are alike; ties are broken at random.
    rng : Generator

    Returns
    -------
    ndarray of float64, shape (n,)

    References
    ----------
    .. [1] Niederreiter, "Random Number Generation and Quasi-Monte Carlo Methods",
       1992, chapter 3: multiples of the golden ratio, randomly shifted.

    Examples
    --------
    >>> draws = even_draws(np.zeros(1_000), np.random.default_rng(0))
    >>> abs(int((draws < 0.25).sum()) - 250) <= 1
    True
    """
    place = np.empty(len(order), dtype=np.int64)
    place[np.lexsort((rng.random(len(order)), order))] = np.arange(len(order))
    draws: np.ndarray = rng.random() + place * _GOLDEN
    draws -= np.floor(draws)
    return draws


def picked_evenly(chance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pick each of many things with its own chance, as many in every stretch as expected.

    Systematic sampling: each thing is picked with exactly its chance, and the number
    picked among neighbours is their summed chance, rounded up or down.

    Parameters
    ----------
    chance : ndarray, shape (n,)
        Each less than 1.
    rng : Generator

    Returns
    -------
    ndarray of int64
        Numbers of those picked, ascending.

    Examples
    --------
    >>> len(picked_evenly(np.full(1_000, 0.05), np.random.default_rng(0)))
    50
    """
    sums = np.cumsum(chance)
    if not len(sums):
        return np.empty(0, dtype=np.int64)
    marks = np.arange(rng.random(), sums[-1], 1.0)
    picked: np.ndarray = np.searchsorted(sums, marks, side="right")
    return picked


def drawn_evenly(shares: np.ndarray, order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one column for each row of shares, evenly over rows alike.

    Parameters
    ----------
    shares : ndarray, shape (n, k)
    order : ndarray, shape (n,)
        As for `even_draws`.
    rng : Generator

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    return _columns(shares, even_draws(order, rng))


def each_apart(chance: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Pick each of many things with one chance, at equal distances.

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
    marks = np.arange(rng.random(), count * chance, 1.0)
    picked: np.ndarray = np.minimum((marks / chance).astype(np.int64), count - 1)
    return picked


def even_about(chance: np.ndarray, order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one number in [0, 1) for each thing, as many below their chances as expected.

    As `even_draws`, but which numbers lie below their own chance is picked by systematic
    sampling (`picked_evenly`); each number alone is uniform all the same.

    Parameters
    ----------
    chance : ndarray, shape (n,)
        Each less than 1.
    order : ndarray, shape (n,)
    rng : Generator

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> chance = np.tile([0.1, 0.3], 500)
    >>> draws = even_about(chance, np.zeros(1_000), np.random.default_rng(0))
    >>> int((draws < chance).sum())
    200
    """
    sequence = np.lexsort((rng.random(len(order)), order))
    hit = sequence[picked_evenly(chance[sequence], rng)]
    draws = chance + (1.0 - chance) * even_draws(order, rng)
    draws[hit] = chance[hit] * even_draws(np.arange(len(hit)), rng)
    below: np.ndarray = np.minimum(draws, _LAST)
    return below
