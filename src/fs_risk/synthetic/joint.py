"""The joint chance of what siblings did in one step, when most share one uniform number."""

import numpy as np

_CHUNK = 20_000


def joint_chance(sums: np.ndarray, allowed: np.ndarray, share: float) -> np.ndarray:
    """Give the chance that every one of several siblings made a move that is allowed.

    Each sibling's move is decided by a uniform number u: the move whose interval of
    the running sums holds it. With probability `share` it is the family's number,
    else the sibling's own. So the chance is the integral over the family's number of
    the product of share · [u's move is allowed] + (1 - share) · (chance of an allowed
    move), exactly: the integrand is constant between running sums.

    Parameters
    ----------
    sums : ndarray, shape (n, siblings, states, moves)
        Running sums of the moves' probabilities; the last is one. A sibling of whom
        nothing is known has all moves allowed.
    allowed : ndarray of bool, shape (n, siblings, moves, cases)
    share : float

    Returns
    -------
    ndarray, shape (n, states, cases)
    """
    n, siblings, states, _ = sums.shape
    answer = np.empty((n, states, allowed.shape[3]))
    chunk = max(1, _CHUNK // (siblings * siblings * allowed.shape[3]))
    for first in range(0, n, chunk):
        part = slice(first, first + chunk)
        answer[part] = _joint(sums[part], allowed[part].astype(np.float64), share)
    return answer


def _joint(sums: np.ndarray, allowed: np.ndarray, share: float) -> np.ndarray:
    chances = np.diff(sums, axis=3, prepend=0.0)
    alone: np.ndarray = np.einsum("nism,nimk->nisk", chances, allowed)
    n, siblings, states, _ = sums.shape
    if siblings == 1:
        only: np.ndarray = alone[:, 0]
        return only
    edges = np.sort(np.moveaxis(sums, 1, 2).reshape(n, states, -1), axis=2)
    edges = np.concatenate([np.zeros((n, states, 1)), edges], axis=2)
    width = np.diff(edges, axis=2)
    middle = edges[:, :, :-1] + width / 2
    product = np.ones((n, states, width.shape[2], allowed.shape[3]))
    rows = np.arange(n)[:, None, None]
    for sibling in range(siblings):
        above = middle[:, :, :, None] >= sums[:, sibling, :, None, :-1]
        move = above.sum(axis=3)
        hit = allowed[rows, sibling, move]
        product *= share * hit + (1.0 - share) * alone[:, sibling, :, None, :]
    chance: np.ndarray = np.einsum("nsc,nsck->nsk", width, product)
    return chance
