"""One authority out of several: families live on in copies, of which one each is taken.

Rates of one authority stray from their expectation by chance, mostly in who happens to be
on a plan or to come into care. So each family's observed years are lived through several
times, and the copies are halved, a half as like the other as can be, until one is left.
Which copies go into a half may depend on all that befell them; which half is taken
depends on nothing. So every copy is taken with the same chance, the life of the one
taken has exactly the probabilities of the chain, and totals come out about as near to
their expectation as those of all copies together.
"""

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.history import History
from fs_risk.synthetic.people import People
from fs_risk.synthetic.states import CLASSES
from fs_risk.synthetic.tallies import MONTHS, befell

COPIES = 8
"""How many lives a family with troubles has for each that is taken."""

_LEAST = 50_000
"""Children; smaller authorities stray further than that whatever is done."""

_MOST = 501_600
"""Children, times copies, at the most: what time allows."""

_HEAVY = 2.5
"""Weight of referrals by month, whose tolerance is narrow, beside all else."""


def copies_of(children: int) -> np.ndarray:
    """Say how many copies of a family of each class live on.

    Parameters
    ----------
    children : int

    Returns
    -------
    ndarray of int64, shape (classes,)
        Powers of two; 1 for families with little the matter, to whom little befalls.

    Examples
    --------
    >>> copies_of(62_700).tolist(), copies_of(1_000).max().item()
    ([1, 8, 8, 8, 8, 8, 8, 8], 1)
    """
    copies = np.ones(len(CLASSES), dtype=np.int64)
    if children >= _LEAST:
        copies[1:] = 1 << max(0, min(COPIES, _MOST // children).bit_length() - 1)
    return copies


def taken_copies(
    people: People,
    history: History,
    copies: np.ndarray,
    calendar: Calendar,
    rng: np.random.Generator,
) -> np.ndarray:
    """Take one copy of each family.

    Parameters
    ----------
    people : People
        Copies stand together.
    history : History
        What befell them.
    copies : ndarray of int, shape (n_families,)
        How many there are of each: one number or 1.
    calendar : Calendar
    rng : Generator

    Returns
    -------
    ndarray of int64, shape (n_families,)
        Ascending.
    """
    begins = np.cumsum(copies) - copies
    left = np.flatnonzero(np.repeat(copies > 1, copies))
    touched = np.zeros(len(people.family_class), dtype=bool)
    for child in (history.referrals["child"], history.events["child"]):
        touched[people.family[child]] = True
    number = np.where(touched, np.cumsum(touched) - 1, -1)
    weights = _standardised(befell(people, history, calendar, number))
    weights[:, :MONTHS] *= _HEAVY
    place = np.arange(len(left))
    for _ in range(int(copies.max()).bit_length() - 1):
        first, second = halves(weights, number[left[place]])
        place = place[first if rng.random() < 0.5 else second]
    taken: np.ndarray = begins.copy()
    taken[copies > 1] = left[place]
    return taken


def halves(weights: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Part things into two halves whose sums are as alike as a simple rule makes them.

    Neighbours are parted; pairs that differ much are decided first, each so that the sums
    come nearer to each other.

    Parameters
    ----------
    weights : ndarray, shape (n_rows, k)
    rows : ndarray of int, shape (n,)
        Row of each thing; -1 for one without weight.

    Returns
    -------
    first, second : ndarray of int64
        Numbers of things, ascending. Which is called the first says nothing.

    References
    ----------
    .. [1] Spencer, "Balancing games", Journal of Combinatorial Theory B 23, 1977.

    Examples
    --------
    >>> weights = np.array([[5.0], [1.0], [4.0], [2.0], [2.0]])
    >>> first, second = halves(weights, np.array([0, 1, 2, 3, 4, -1]))
    >>> first.tolist(), second.tolist()
    ([0, 3, 5], [1, 2, 4])
    """
    n_pairs = (len(rows) + 1) // 2
    even, odd = rows[0::2], np.append(rows, -1)[1::2][:n_pairs]
    known = np.concatenate([weights, np.zeros((1, weights.shape[1]), weights.dtype)])
    pairs = np.flatnonzero((even >= 0) | (odd >= 0))
    apart = known[even[pairs]] - known[odd[pairs]]
    turned = np.zeros(n_pairs, dtype=bool)
    size = (apart**2).sum(axis=1)
    sums = np.zeros(weights.shape[1], weights.dtype)
    for number in np.argsort(-size, kind="stable").tolist():
        row = apart[number]
        if row @ sums > 0.0:
            turned[pairs[number]] = True
            sums -= row
        else:
            sums += row
    first = 2 * np.arange(n_pairs) + turned
    second = 2 * np.arange(n_pairs) + ~turned
    return first[first < len(rows)], second[second < len(rows)]


def _standardised(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=0)
    scaled: np.ndarray = values / np.where(spread > 0, spread, 1.0)
    return scaled
