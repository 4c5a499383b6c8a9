"""Large work in pieces on several threads; each piece writes only what is its own."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

WORTH_THREADS = 100_000
"""Rows below which starting threads costs more than it saves."""

PIECES_A_THREAD = 4
"""So that a thread which is held up does not hold up the rest."""


def in_pieces(work: Callable[[int, int], None], n: int, *, rows: int) -> None:
    """Do ``work(first, last)`` for pieces that together make up ``range(n)``.

    The pieces must not depend on one another, so that the result is the same on
    any number of threads. A single case, or any small number, stays on the
    caller's thread.

    Parameters
    ----------
    work : callable
        Called with the first number of a piece and the one after its last; should
        release the interpreter's lock.
    n : int
    rows : int
        How much work there is, to decide whether threads are worth it.

    Examples
    --------
    >>> done = []
    >>> in_pieces(lambda first, last: done.append((first, last)), 3, rows=3)
    >>> done
    [(0, 3)]
    """
    cuts = cuts_of(n, rows=rows)
    if len(cuts) == 2:
        work(0, n)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, cuts[:-1], cuts[1:]):
            pass


def in_blocks(work: Callable[[int, int], None], n: int, *, size: int) -> None:
    """Do ``work(first, last)`` for blocks of up to `size` that together make up ``range(n)``.

    A block is small enough to stay in a processor's cache, and what one needs for
    itself does not grow with `n`. Blocks must not depend on one another. Little work
    stays on the caller's thread.

    Parameters
    ----------
    work : callable
        Called with the first number of a block and the one after its last; should
        release the interpreter's lock.
    n : int
    size : int

    Examples
    --------
    >>> done = []
    >>> in_blocks(lambda first, last: done.append((first, last)), 5, size=2)
    >>> done
    [(0, 2), (2, 4), (4, 5)]
    """
    firsts = range(0, n, size)
    if n < WORTH_THREADS:
        for first in firsts:
            work(first, min(first + size, n))
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda first: work(first, min(first + size, n)), firsts):
            pass


def cuts_of(n: int, *, rows: int) -> list[int]:
    """Give where the pieces of ``range(n)`` begin, and the end; one piece for little work.

    Parameters
    ----------
    n : int
    rows : int
        As for `in_pieces`.

    Returns
    -------
    list of int

    Examples
    --------
    >>> cuts_of(3, rows=3)
    [0, 3]
    """
    threads = os.cpu_count() or 1
    if min(threads, n) <= 1 or rows < WORTH_THREADS:
        return [0, n]
    pieces = min(n, threads * PIECES_A_THREAD)
    return [n * piece // pieces for piece in range(pieces + 1)]
