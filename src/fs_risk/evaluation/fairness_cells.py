"""The rows of an audit as numbers: cells of groups, lists, households, and which groups to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from fs_risk.evaluation.fairness_measures import Counts

MISSING = "missing"
"""The group of those of whom an attribute is not recorded (requirement A4)."""

PAIR = " & "


@dataclass(frozen=True)
class Groups:
    """Which groups there are, and to which each row belongs.

    Attributes
    ----------
    cell : ndarray of int32, shape (n,)
        Rows with the same levels throughout share a cell.
    slots : tuple of str
        Attributes, then pairs of them.
    slot, level : ndarray
        Of each group: the number of its slot, and its level's name.
    parts : ndarray of int64, shape (n_groups, 2)
        Of a pair, the groups of either attribute; of any other, itself twice.
    group_of : ndarray of int32, shape (n_cells, n_slots)
    """

    cell: np.ndarray
    slots: tuple[str, ...]
    n_attributes: int
    slot: np.ndarray
    level: np.ndarray
    parts: np.ndarray
    group_of: np.ndarray

    @cached_property
    def member(self) -> np.ndarray:
        """Say which cells are of which group, float64 (n_cells, n_groups)."""
        made = np.zeros((len(self.group_of), len(self.slot)))
        made[np.arange(len(made))[:, None], self.group_of] = 1.0
        return made

    @property
    def main(self) -> np.ndarray:
        """Say which groups are of one attribute, not of a pair."""
        single: np.ndarray = self.slot < self.n_attributes
        return single


@dataclass(frozen=True)
class Audited:
    """What an audit is of.

    Attributes
    ----------
    label : ndarray of float64, shape (n,)
        1.0, 0.0 or NaN: unlabelled rows take places on lists and count in no figure.
    score : ndarray of float64, shape (n,)
    share : ndarray of float64, shape (n,)
        Each row's chance of being on its list.
    household : ndarray of int32, shape (n,)
    period : ndarray of int64, shape (n,)
    ranked : ndarray of int64, shape (n,)
        Rows by period and from the highest score down.
    capacity : float
    redraw : bool
        Whether lists are made anew in each resample.
    clustered : bool
        Whether any household has several rows.
    groups : Groups
    """

    label: np.ndarray
    score: np.ndarray
    share: np.ndarray
    household: np.ndarray
    period: np.ndarray
    ranked: np.ndarray
    capacity: float
    redraw: bool
    clustered: bool
    groups: Groups = field(repr=False)

    @cached_property
    def labelled(self) -> np.ndarray:
        """Say which rows have a label."""
        known: np.ndarray = ~np.isnan(self.label)
        return known

    @cached_property
    def by_household(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the rows household by household, and where each household's begin."""
        start = np.r_[0, np.cumsum(np.bincount(self.household))].astype(np.int64)
        return np.argsort(self.household, kind="stable"), start

    @cached_property
    def cell(self) -> np.ndarray:
        """Give each row's cell of group and outcome, int32; the last for unlabelled rows."""
        positive = np.where(self.labelled, self.label, 0).astype(np.int32)
        cell = 2 * self.groups.cell + positive
        return np.where(self.labelled, cell, self.n_cells - 1).astype(np.int32)

    @property
    def n_cells(self) -> int:
        """Number of cells of group and outcome, with one for unlabelled rows."""
        return 2 * len(self.groups.group_of) + 1

    def of_groups(self, total: np.ndarray, listed: np.ndarray) -> tuple[Counts, Counts]:
        """Add cells up to groups.

        Parameters
        ----------
        total, listed : ndarray of float64, shape (b, n_cells)

        Returns
        -------
        groups : Counts
            Of shape (b, n_groups).
        everyone : Counts
            Of shape (b, 1).
        """
        every, on_list = (each[:, :-1].reshape(len(each), -1, 2) for each in (total, listed))
        member = self.groups.member
        counts = (on_list[:, :, 1], on_list[:, :, 0], (every - on_list)[:, :, 1],
                  (every - on_list)[:, :, 0])  # fmt: skip
        return (
            Counts(*(each @ member for each in counts)),
            Counts(*(each.sum(axis=1, keepdims=True) for each in counts)),
        )

    @cached_property
    def counts(self) -> tuple[Counts, Counts]:
        """Count each group, and everyone, shapes (n_groups,) and (1,)."""
        total = np.bincount(self.cell, minlength=self.n_cells).astype(np.float64)
        listed = np.bincount(self.cell, weights=self.share, minlength=self.n_cells)
        groups, everyone = self.of_groups(total[None], listed[None])
        return (
            Counts(groups.tp[0], groups.fp[0], groups.fn[0], groups.tn[0]),
            Counts(everyone.tp[0], everyone.fp[0], everyone.fn[0], everyone.tn[0]),
        )


def ranked_rows(score: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Give rows by period and, within each, from the highest score down.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
    period : ndarray of int, shape (n,)

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> ranked_rows(np.array([0.1, 0.9, 0.5]), np.array([7, 7, 3])).tolist()
    [2, 1, 0]
    """
    down = np.argsort(-score, kind="stable")
    numbers = period[down] - period.min()
    if numbers.max() < 2**16:  # so few are sorted by counting
        numbers = numbers.astype(np.uint16)
    ranked: np.ndarray = down[np.argsort(numbers, kind="stable")]
    return ranked


def make_groups(
    attributes: Mapping[str, pd.Series], *, pairs: bool | Sequence[tuple[str, str]] = True
) -> Groups:
    """Give numbers to the groups of some attributes, and of pairs of them.

    Parameters
    ----------
    attributes : mapping of str to Series
        Missing values are a group of their own. Levels of a categorical come in its
        order, others sorted, `MISSING` last.
    pairs : bool or sequence of pairs of str, default=True
        Which attributes to cross. By default all, but for two of which one tells the
        other, such as a finer and a coarser coding.

    Returns
    -------
    Groups

    Examples
    --------
    >>> groups = make_groups({"sex": pd.Series(["M", "F", None])})
    >>> groups.level.tolist()
    ['F', 'M', 'missing']
    """
    names = list(attributes)
    codes, levels = zip(*(_coded(attributes[name]) for name in names), strict=True)
    cell, cells = _crossed(codes, [len(each) for each in levels])
    slots, group_of = list(names), []
    slot: list[int] = []
    level: list[str] = []
    first: list[int] = []
    for place, own in enumerate(levels):
        first.append(len(level))
        group_of.append(cells[:, place] + len(level))
        slot += [place] * len(own)
        level += own
    parts = [(each, each) for each in range(len(level))]
    for one, other in _pairs(names, cells, pairs):
        met = cells[:, one].astype(np.int64) * len(levels[other]) + cells[:, other]
        found, numbered = np.unique(met, return_inverse=True)
        group_of.append(numbered + len(level))
        slot += [len(slots)] * len(found)
        for each in zip(*divmod(found, len(levels[other])), strict=True):
            level.append(f"{levels[one][each[0]]}{PAIR}{levels[other][each[1]]}")
            parts.append((first[one] + int(each[0]), first[other] + int(each[1])))
        slots.append(f"{names[one]}{PAIR}{names[other]}")
    return Groups(
        cell=cell,
        slots=tuple(slots),
        n_attributes=len(names),
        slot=np.array(slot),
        level=np.array(level, dtype=object),
        parts=np.array(parts),
        group_of=np.stack(group_of, axis=1).astype(np.int32),
    )


def _coded(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Give numbers to an attribute's levels that occur, the missing last."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, known = values.cat.codes.to_numpy().astype(np.int64), values.cat.categories
    else:
        codes, known = pd.factorize(values, sort=False)
        order = np.argsort([str(each) for each in known], kind="stable")
        place = np.empty(len(known) + 1, dtype=np.int64)
        place[order], place[-1] = np.arange(len(known)), -1
        codes, known = place[codes], known[order]
    names = [str(each) for each in known]
    own = names.index(MISSING) if MISSING in names else len(names)
    codes = np.where(codes < 0, own, codes)
    names += [MISSING] * (own == len(names))
    used = np.flatnonzero(np.bincount(codes, minlength=len(names)))
    used = np.array(sorted(used, key=lambda each: (names[each] == MISSING, each)), dtype=np.int64)
    again = np.zeros(len(names), dtype=np.int64)
    again[used] = np.arange(len(used))
    return again[codes], [names[each] for each in used]


def _crossed(codes: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Find the combinations of levels that occur: each row's, and the levels of each."""
    cell = np.zeros(len(codes[0]), dtype=np.int64)
    cells = np.zeros((1, 0), dtype=np.int64)
    for code, size in zip(codes, sizes, strict=True):
        # numbered again after each attribute, so that the numbers stay small
        met = cell * size + code
        seen = np.flatnonzero(np.bincount(met, minlength=len(cells) * size))
        again = np.zeros(len(cells) * size, dtype=np.int64)
        again[seen] = np.arange(len(seen))
        cell, cells = again[met], np.column_stack([cells[seen // size], seen % size])
    return cell.astype(np.int32), cells


def _pairs(
    names: list[str], cells: np.ndarray, pairs: bool | Sequence[tuple[str, str]]
) -> list[tuple[int, int]]:
    """Choose which attributes to cross."""
    if not isinstance(pairs, bool):
        return [(names.index(one), names.index(other)) for one, other in pairs]
    return [
        (one, other)
        for one, other in combinations(range(len(names)), 2)
        if pairs and not _tells(cells[:, one], cells[:, other])
    ]


def _tells(one: np.ndarray, other: np.ndarray) -> bool:
    """Say whether one attribute is a finer coding of the other, or either has one level."""
    met = len(np.unique(np.stack([one, other]), axis=1).T)
    return bool(met <= max(len(np.unique(one)), len(np.unique(other))))
