"""Compiled: exact Shapley contributions of grown trees, by quadrature along their paths."""

import numpy as np

from fs_risk.features.compiled import compiled

LANES = 2
"""Quadrature points worked on at once."""

# a place that cannot be negative is looked up without a check of its sign
_NIL, _ONE, _TWO, _THREE, _FOUR, _FIVE, _SIX, _SEVEN, _EIGHT = np.arange(9, dtype=np.uint64)
_LANES = np.uint64(LANES)

AS_ZERO, LEFT, RIGHT = 0, 1, 2
"""How a question treats a missing value."""


@compiled
def add_contributions(
    rows: np.ndarray,
    starts: np.ndarray,
    widths: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    if_missing: np.ndarray,
    above: np.ndarray,
    same: np.ndarray,
    share: np.ndarray,
    leaf: np.ndarray,
    value: np.ndarray,
    table_starts: np.ndarray,
    table: np.ndarray,
    found: np.ndarray,
) -> None:
    """Add each feature's contribution to the score of each row.

    The questions of one tree stand together, those above before those below. The two
    branches of its question number ``i`` have places ``2 * i + 1`` (left) and
    ``2 * i + 2``; 0 is the root.

    Parameters
    ----------
    rows : ndarray of float, shape (n, n_features)
    starts : ndarray of uint64, shape (n_trees + 1,)
        First question of each tree.
    widths : ndarray of uint64, shape (n_trees,)
        Quadrature points of each tree, a multiple of `LANES`.
    feature, if_missing : ndarray of uint32, shape (n_questions,)
        What is asked about, and how a missing value is treated.
    threshold : ndarray of float64, shape (n_questions,)
        Values up to it go left.
    above, same : ndarray of uint32, shape (n_questions,)
        Place of the branch above, and of the nearest above that is a branch of a
        question about the same feature; 0 for none.
    share : ndarray of float64, shape (n_questions, 2)
        Training rows in each branch, of those that are asked.
    leaf : ndarray of bool, shape (n_questions, 2)
        Whether each branch ends in a leaf.
    value : ndarray of float64, shape (n_questions, 2)
        Of that leaf.
    table_starts : ndarray of uint64, shape (n_trees,)
        Where each tree's part of `table` begins.
    table : ndarray of float64
        For each branch: factors and weights where a row takes it, then where it does not.
    found : ndarray of float64, shape (n, n_features)
        Added to.
    """
    most = 1 + 2 * np.max(starts[1:] - starts[:-1])
    product = np.empty((most, widths.max()))
    total = np.empty((most, widths.max()))
    taken = np.ones(most, dtype=np.bool_)
    # one long loop: calls of smaller ones took half as long again
    for tree in range(len(widths)):
        first, last, width = starts[tree], starts[tree + _ONE], widths[tree]
        product[0, :width] = 1.0
        for row in range(len(rows)):
            for at in range(first, last):
                left = _TWO * (at - first) + _ONE
                right = left + _ONE
                up = above[at]
                if taken[same[at]]:
                    reached = rows[row, feature[at]]
                    if np.isnan(reached) and if_missing[at] != AS_ZERO:
                        goes_left = if_missing[at] == LEFT
                    else:
                        goes_left = (0.0 if np.isnan(reached) else reached) <= threshold[at]
                    taken[left], taken[right] = goes_left, not goes_left
                    of_left = table_starts[tree] + _EIGHT * (at - first) * width
                    of_right = of_left + (_SIX if goes_left else _FOUR) * width
                    of_left += (_NIL if goes_left else _TWO) * width
                    for block in range(_NIL, width, _LANES):
                        for lane in range(_LANES):
                            point = block + lane
                            passed = product[up, point]
                            product[left, point] = passed * table[of_left + point]
                            product[right, point] = passed * table[of_right + point]
                else:
                    taken[left], taken[right] = False, False
                    for block in range(_NIL, width, _LANES):
                        for lane in range(_LANES):
                            point = block + lane
                            passed = product[up, point]
                            product[left, point] = passed * share[at, 0]
                            product[right, point] = passed * share[at, 1]
                if leaf[at, 0]:
                    for point in range(_NIL, width):
                        total[left, point] = product[left, point] * value[at, 0]
                if leaf[at, 1]:
                    for point in range(_NIL, width):
                        total[right, point] = product[right, point] * value[at, 1]
            for back in range(_NIL, last - first):
                at = last - _ONE - back
                left = _TWO * (at - first) + _ONE
                right = left + _ONE
                up = above[at]
                if taken[same[at]]:
                    of_left = table_starts[tree] + _EIGHT * (at - first) * width
                    of_right = of_left + (_SEVEN if taken[left] else _FIVE) * width
                    of_left += (_ONE if taken[left] else _THREE) * width
                    part = 0.0
                    for block in range(_NIL, width, _LANES):
                        for lane in range(_LANES):
                            point = block + lane
                            on_left, on_right = total[left, point], total[right, point]
                            part += table[of_left + point] * on_left
                            part += table[of_right + point] * on_right
                            total[up, point] = on_left + on_right
                    found[row, feature[at]] += part
                else:
                    for block in range(_NIL, width, _LANES):
                        for lane in range(_LANES):
                            point = block + lane
                            total[up, point] = total[left, point] + total[right, point]
