"""No hidden count follows from what a table shows and its totals (requirement A2)."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fs_risk.evaluation.fairness_cells import make_groups
from fs_risk.evaluation.fairness_measures import Counts
from fs_risk.evaluation.fairness_suppression import hidden_groups
from fs_risk.records.disclosure import hidden_in_line, hidden_in_table, is_small

COUNTS = st.one_of(st.integers(0, 8), st.integers(0, 200))


def ends(counts, hidden, sums):
    """Give the least and most that each hidden count could be, by linear programming."""
    unknown = np.flatnonzero(hidden.ravel())
    total = sums @ counts.ravel() - sums[:, ~hidden.ravel()] @ counts.ravel()[~hidden.ravel()]
    found = []
    for place in range(len(unknown)):
        aim = np.zeros(len(unknown))
        aim[place] = 1
        both = [
            linprog(sign * aim, A_eq=sums[:, unknown], b_eq=total, bounds=(0, None))
            for sign in (1, -1)
        ]
        found.append((both[0].fun, np.inf if both[1].status == 3 else -both[1].fun))
    return unknown, found


@settings(deadline=None, max_examples=60)
@given(st.lists(COUNTS, min_size=2, max_size=7))
def test_a_line_and_its_total_give_no_small_count(counts):
    """A2: with the total published, each small count could be another."""
    counts = np.array(counts)
    hidden = hidden_in_line(counts)

    assert (hidden | ~is_small(counts)).all()
    if (counts > 0).sum() < 2:
        assert hidden.all() or not is_small(counts).any()
        return
    for place, (least, most) in zip(*ends(counts, hidden, np.ones((1, len(counts)))), strict=True):
        if is_small(counts)[place]:
            assert most - least >= 1 - 1e-6


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(2, 4), st.integers(2, 4))
def test_a_table_and_its_totals_give_no_small_count(data, rows, columns):
    """A2: with row and column totals published, each small count could be another.

    But where its row or column has no other child at all: then its total is itself.
    """
    counts = np.array(
        data.draw(
            st.lists(
                st.lists(COUNTS, min_size=columns, max_size=columns),
                min_size=rows,
                max_size=rows,
            )
        )
    )
    hidden = hidden_in_table(counts)
    sums = np.zeros((rows + columns, rows * columns))
    for row in range(rows):
        sums[row, row * columns : (row + 1) * columns] = 1
    for column in range(columns):
        sums[rows + column, column::columns] = 1
    small = is_small(counts)

    assert (hidden | ~small).all()
    alone = ((counts > 0).sum(axis=0)[None, :] == 1) | ((counts > 0).sum(axis=1)[:, None] == 1)
    open_ends = _circled(counts)
    unknown, found = ends(counts, hidden, sums)
    for place, (least, most) in zip(unknown, found, strict=True):
        if small.ravel()[place] and not alone.ravel()[place] and open_ends.ravel()[place]:
            assert most - least >= 1 - 1e-6


def _circled(counts):
    """Say which counts lie on some circle of counts above 0: no rule could hide the others."""
    return ~np.isin(np.arange(counts.size), _bridges(counts > 0)).reshape(counts.shape)


def _bridges(full):
    from scipy.sparse.csgraph import connected_components

    rows, columns = full.shape
    found = []
    for row, column in np.argwhere(full):
        graph = np.zeros((rows + columns,) * 2)
        graph[:rows, rows:] = full
        graph[row, rows + column] = 0
        _, part = connected_components(graph, directed=False)
        if part[row] != part[rows + column]:
            found.append(row * columns + column)
    return found


CELLS = ("tp", "fp", "fn", "tn")
MARGINS = {"listed": ("tp", "fp"), "positives": ("tp", "fn"), "n": CELLS}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(*[st.one_of(st.integers(0, 12), st.integers(6, 90))] * 4), min_size=3,
             max_size=4)
)  # fmt: skip
def test_an_audit_gives_no_small_count_of_any_group(rows):
    """A2: from every count that an attribute's rows show, and everyone's, no small one follows.

    But where no other group has children listed and not, with and without the outcome.
    """
    table = np.array(rows, dtype=float)
    names = pd.Series([str(group) for group in range(len(rows))], name="group")
    hidden = hidden_groups(make_groups({"group": names}), Counts(*table.T))
    unknown = hidden.inside
    if not unknown.any():
        assert not is_small(table).any()
        return
    sums, totals = [], []

    def known(pattern):
        sums.append(pattern.ravel())
        totals.append((pattern * table).sum())

    for cell in range(4):
        pattern = np.zeros(table.shape)
        pattern[:, cell] = 1
        known(pattern)  # everyone's
    for group in range(len(rows)):
        for margin, cells in MARGINS.items():
            if not getattr(hidden, margin)[group]:
                pattern = np.zeros(table.shape)
                pattern[group, [CELLS.index(cell) for cell in cells]] = 1
                known(pattern)
    secret = np.repeat(unknown[:, None], 4, axis=1)
    places, found = ends(table, secret, np.array(sums))
    for place, (least, most) in zip(places, found, strict=True):
        group, cell = divmod(int(place), 4)
        others = np.delete(table, group, axis=0)
        if is_small(table)[group, cell] and (others > 0).all(axis=1).any():
            assert most - least >= 1 - 1e-6
