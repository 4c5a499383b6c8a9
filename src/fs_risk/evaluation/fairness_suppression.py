"""What of an audit may be published: no count of 1 to 5, nor what would give one away."""

from dataclasses import dataclass

import numpy as np

from fs_risk.evaluation.fairness_cells import Groups
from fs_risk.evaluation.fairness_measures import Counts
from fs_risk.records.disclosure import hidden_in_line, hidden_in_table, is_small

_A_CHILD = 1 - 1e-9


@dataclass(frozen=True)
class Hidden:
    """Which counts of each group are hidden; arrays of bool (n_groups,).

    Attributes
    ----------
    inside : ndarray
        Listed and not, with and without the outcome; so every rate but the share listed.
    listed, positives, n : ndarray
    """

    inside: np.ndarray
    listed: np.ndarray
    positives: np.ndarray
    n: np.ndarray


def hidden_groups(groups: Groups, counts: Counts) -> Hidden:
    """Say what to hide of each group (requirement A2).

    Within a group the four counts stand or fall together, since its totals are shown;
    between groups, those of an attribute add up to everyone and those of a pair to the
    groups of each attribute.

    Parameters
    ----------
    groups : Groups
    counts : Counts
        Of shape (n_groups,).

    Returns
    -------
    Hidden
    """
    cells = tp, fp, fn, tn = counts.tp, counts.fp, counts.fn, counts.tn
    n = tp + fp + fn + tn
    # one child more or less on either side of list or outcome: only then another group's
    # counts could be other than they are without its totals' giving them away
    free = np.all([cell >= _A_CHILD for cell in cells], axis=0)
    of_all = _protected(groups, n, is_small(n), free)
    listed = _protected(groups, n, of_all | is_small(tp + fp) | is_small(fn + tn), free)
    positives = _protected(groups, n, of_all | is_small(tp + fn) | is_small(fp + tn), free)
    small = np.any([is_small(cell) for cell in cells], axis=0)
    inside = _protected(groups, n, listed | positives | small, free)
    return Hidden(inside=inside, listed=listed, positives=positives, n=of_all)


def _protected(
    groups: Groups, counts: np.ndarray, small: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """Hide further groups of each attribute, and pair, as needed."""
    hidden = np.zeros(len(counts), dtype=bool)
    for place in range(len(groups.slots)):
        own = np.flatnonzero(groups.slot == place)
        if place < groups.n_attributes:
            hidden[own] = hidden_in_line(counts[own], small[own], free[own])
            continue
        rows, row = np.unique(groups.parts[own, 0], return_inverse=True)
        columns, column = np.unique(groups.parts[own, 1], return_inverse=True)
        table = np.zeros((len(rows), len(columns)))
        protect, moves = np.zeros((2, *table.shape), dtype=bool)
        table[row, column] = counts[own]
        protect[row, column], moves[row, column] = small[own], free[own]
        hidden[own] = hidden_in_table(table, protect, moves)[row, column]
    return hidden
