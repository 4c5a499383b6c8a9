"""Resamples of an audit: cell counts drawn, households drawn, and lists made anew from them."""

from collections.abc import Callable, Iterator

import numpy as np

from fs_risk.evaluation.fairness_cells import Audited
from fs_risk.evaluation.fairness_kernels import household_counts, redrawn_counts
from fs_risk.evaluation.fairness_measures import Counts
from fs_risk.features.threads import in_pieces

BLOCK = 40
"""Resamples held at a time, as counts of every cell."""

Counter = Callable[[np.ndarray, np.ndarray, np.ndarray], None]
"""From seeds, writes the weight of all rows and of those listed, by cell."""


def resampled(audited: Audited, *, resamples: int, seed: int) -> Iterator[tuple[Counts, Counts]]:
    """Draw the audited rows again, many times, and count groups in each draw.

    Where the list is fixed and no household has two rows, counts of cells are
    multinomial, so they are drawn as such: the exact distribution of drawing rows with
    replacement. Else whole households are drawn; and where the list is a capacity, each
    draw's rows compete for its places again.

    Parameters
    ----------
    audited : Audited
    resamples, seed : int

    Yields
    ------
    groups, everyone : Counts
        Of a block of resamples, shapes (b, n_groups) and (b, 1).

    References
    ----------
    .. [1] A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application,
       Cambridge 1997, section 3.8 (resampling clusters).
    .. [2] G. L. Steele, D. Lea and C. H. Flood, Fast splittable pseudorandom number
       generators, OOPSLA 2014 (the generator of the compiled passes).
    """
    if audited.redraw:
        yield from _households_drawn(audited, _Redrawn(audited), resamples, seed)
    elif audited.clustered:
        yield from _households_drawn(audited, _Fixed(audited), resamples, seed)
    else:
        yield from _cells_drawn(audited, _Listed(audited), resamples, seed)


class _Listed:
    """Cells of group, outcome and chance of being on the list."""

    def __init__(self, audited: Audited) -> None:
        share, number = np.unique(audited.share, return_inverse=True)
        row = audited.cell.astype(np.int64) * len(share) + number
        count = np.bincount(row, minlength=audited.n_cells * len(share))
        seen = np.flatnonzero(count)
        again = np.zeros(len(count), dtype=np.int32)
        again[seen] = np.arange(len(seen), dtype=np.int32)
        self.row, self.count = again[row], count[seen]
        self._chance = share[seen % len(share)]
        # rows are in order of their cell, so that those of one cell lie together
        self._cell, self._first = np.unique(seen // len(share), return_index=True)

    def added(self, drawn: np.ndarray, total: np.ndarray, listed: np.ndarray) -> None:
        """Add up counts of cells with a chance to cells without."""
        total[:, self._cell] = np.add.reduceat(drawn, self._first, axis=1)
        listed[:, self._cell] = np.add.reduceat(drawn * self._chance, self._first, axis=1)


def _cells_drawn(
    audited: Audited, cells: _Listed, resamples: int, seed: int
) -> Iterator[tuple[Counts, Counts]]:
    rng = np.random.default_rng(seed)
    n = int(cells.count.sum())
    for first in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - first)
        total, listed = np.zeros((2, size, audited.n_cells))
        cells.added(rng.multinomial(n, cells.count / n, size=size), total, listed)
        yield audited.of_groups(total, listed)


def _households_drawn(
    audited: Audited, count: Counter, resamples: int, seed: int
) -> Iterator[tuple[Counts, Counts]]:
    seeds = np.random.SeedSequence(seed).generate_state(resamples, np.uint64)
    for first in range(0, resamples, BLOCK):
        some = seeds[first : first + BLOCK]
        total, listed = np.zeros((2, len(some), audited.n_cells))

        def work(
            begin: int,
            end: int,
            some: np.ndarray = some,
            total: np.ndarray = total,
            listed: np.ndarray = listed,
        ) -> None:
            count(some[begin:end], total[begin:end], listed[begin:end])

        in_pieces(work, len(some), rows=len(some) * len(audited.label))
        yield audited.of_groups(total, listed)


class _Fixed:
    """Counts of drawn households, the list as it was."""

    def __init__(self, audited: Audited) -> None:
        self._cells = _Listed(audited)
        order, start = audited.by_household
        self._rows = len(start) - 1, audited.household[order], self._cells.row[order]

    def __call__(self, seeds: np.ndarray, total: np.ndarray, listed: np.ndarray) -> None:
        drawn = np.zeros((len(seeds), len(self._cells.count)), dtype=np.int64)
        household_counts(seeds, *self._rows, drawn)
        self._cells.added(drawn, total, listed)


class _Redrawn:
    """Counts of drawn households, which compete for places again."""

    def __init__(self, audited: Audited) -> None:
        order, start = audited.by_household
        _, period = np.unique(audited.period, return_inverse=True)
        period = period.astype(np.int32)
        ranked = audited.ranked
        score, list_of = audited.score[ranked], period[ranked]
        new = np.r_[True, list_of[1:] != list_of[:-1]]
        first = np.flatnonzero(new | np.r_[True, score[1:] != score[:-1]])
        ends = np.r_[first[1:], len(ranked)]
        self._rows = (
            len(start) - 1,
            audited.household[order],
            audited.cell[order],
            period[order],
            audited.household[ranked],
            audited.cell[ranked],
            np.repeat(ends, ends - first).astype(np.int32),
            np.r_[np.flatnonzero(new), len(ranked)].astype(np.int64),
            audited.capacity,
        )

    def __call__(self, seeds: np.ndarray, total: np.ndarray, listed: np.ndarray) -> None:
        drawn = np.zeros(total.shape, dtype=np.int64)
        redrawn_counts(seeds, *self._rows, drawn, listed)
        total[:] = drawn
