"""Drawing at random: one of several, or each of many with one chance."""

from collections.abc import Sequence

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
    >>> int((draws < 0.25).sum())
    250
    """
    place = np.empty(len(order), dtype=np.int64)
    place[np.lexsort((rng.random(len(order)), order))] = np.arange(len(order))
    draws: np.ndarray = (rng.random() + place * _GOLDEN) % 1.0
    return draws


def even_draws_apart(order: np.ndarray, rank: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw as `even_draws` does, independently for things of different rank.

    Parameters
    ----------
    order : ndarray, shape (n,)
    rank : ndarray of int, shape (n,)
        From 0. Numbers of things of one rank are spread evenly; those of two ranks have
        nothing to do with each other.
    rng : Generator

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    place = np.empty(len(order), dtype=np.int64)
    place[np.lexsort((rng.random(len(order)), order, rank))] = np.arange(len(order))
    shift = rng.random(int(rank.max(initial=0)) + 1)[rank]
    draws: np.ndarray = (shift + place * _GOLDEN) % 1.0
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
    sums = np.cumsum(shares, axis=1)
    luck = even_draws(order, rng) * sums[:, -1]
    columns: np.ndarray = (luck[:, None] >= sums[:, :-1]).sum(axis=1)
    return columns


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


def even_between(
    bounds: Sequence[np.ndarray], orders: Sequence[np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Draw one number in [0, 1) for each thing, as many between its bounds as expected.

    As `even_draws`, but which numbers lie below a thing's first bound is picked by
    systematic sampling (`picked_evenly`), then which of the others lie below its second,
    and so on. Each number alone is uniform all the same.

    Parameters
    ----------
    bounds : sequence of ndarray, shape (n,)
        Ascending for each thing, less than 1.
    orders : sequence of ndarray, shape (n,)
        One for each bound, and one for the numbers above the last: things with values
        near each other are alike; ties are broken at random.
    rng : Generator

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> chance, order = np.tile([0.1, 0.3], 500), np.zeros(1_000)
    >>> draws = even_between([chance], [order, order], np.random.default_rng(0))
    >>> int((draws < chance).sum())
    200
    """
    draws = np.empty(len(orders[0]))
    low, left = np.zeros(len(draws)), np.arange(len(draws))
    for bound, order in zip(bounds, orders[:-1], strict=True):
        sequence = left[np.lexsort((rng.random(len(left)), order[left]))]
        wide = bound[sequence] - low[sequence]
        place = picked_evenly(wide / (1.0 - low[sequence]), rng)
        hit = sequence[place]
        draws[hit] = low[hit] + wide[place] * even_draws(np.arange(len(hit)), rng)
        missed = np.ones(len(draws), dtype=bool)
        missed[hit] = False
        low, left = bound, left[missed[left]]
    draws[left] = low[left] + (1.0 - low[left]) * even_draws(orders[-1][left], rng)
    below: np.ndarray = np.minimum(draws, _LAST)
    return below
