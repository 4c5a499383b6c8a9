"""Compiled: exact Shapley contributions of grown trees, by quadrature along their paths."""

import numpy as np

from fs_risk.features.compiled import compiled

LANES = 2
"""Quadrature points worked on at once."""

# a place that cannot be negative is looked up without a check of its sign
_NIL, _ONE, _TWO, _FOUR = np.array([0, 1, 2, 4], dtype=np.uint64)
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
    before: np.ndarray,
    leaf: np.ndarray,
    value: np.ndarray,
    points: np.ndarray,
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
    before : ndarray of float64, shape (n_questions,)
        Product of the shares of the branches above that are of the same feature.
    leaf : ndarray of bool, shape (n_questions, 2)
        Whether each branch ends in a leaf.
    value : ndarray of float64, shape (n_questions, 2)
        Of that leaf.
    points : ndarray of float64, shape (most + 1, 3, most)
        Of quadrature on [0, 1], by width: places, weights, and weights over what is left
        of the interval, less than 0.
    found : ndarray of float64, shape (n, n_features)
        Added to.
    """
    most = 1 + 2 * np.max(starts[1:] - starts[:-1])
    product = np.empty((most, widths.max()))
    total = np.empty((most, widths.max()))
    taken = np.ones(most, dtype=np.bool_)
    # for each branch that a row took: factors and weights of it, then of the other. Worked out
    # tree by tree, they stay in the nearest cache; of all trees they would fill the second
    table = np.empty(_FOUR * most * widths.max())
    is_made = np.empty(most, dtype=np.bool_)
    # one long loop: calls of smaller ones took half as long again
    for tree in range(len(widths)):
        first, last, width = starts[tree], starts[tree + _ONE], widths[tree]
        at_point, weight_at, off_at = points[width, 0], points[width, 1], points[width, 2]
        product[0, :width] = 1.0
        is_made[:] = False
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
                    own, other = (left, right) if goes_left else (right, left)
                    of_own = _FOUR * own * width
                    of_weight, of_other = of_own + width, of_own + _TWO * width
                    of_off = of_other + width
                    if not is_made[own]:
                        is_made[own] = True
                        until = before[at]
                        own_share = until * share[at, _NIL if goes_left else _ONE]
                        other_share = until * share[at, _ONE if goes_left else _NIL]
                        for block in range(_NIL, width, _LANES):
                            for lane in range(_LANES):
                                point = block + lane
                                place, rest = at_point[point], 1.0 - at_point[point]
                                all_above, on_own = place + rest * until, place + rest * own_share
                                # two quotients by one division
                                both = 1.0 / (all_above * on_own)
                                whole, weight = both * on_own, weight_at[point]
                                pull = weight * (1.0 - until) * whole
                                table[of_own + point] = on_own * whole
                                table[of_weight + point] = (
                                    weight * (1.0 - own_share) * both * all_above - pull
                                )
                                table[of_other + point] = rest * other_share * whole
                                table[of_off + point] = off_at[point] - pull
                    for block in range(_NIL, width, _LANES):
                        for lane in range(_LANES):
                            point = block + lane
                            passed = product[up, point]
                            product[own, point] = passed * table[of_own + point]
                            product[other, point] = passed * table[of_other + point]
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
                    own, other = (left, right) if taken[left] else (right, left)
                    of_weight = (_FOUR * own + _ONE) * width
                    of_off = of_weight + _TWO * width
                    part = 0.0
                    for block in range(_NIL, width, _LANES):
                        for lane in range(_LANES):
                            point = block + lane
                            on_own, on_other = total[own, point], total[other, point]
                            part += table[of_weight + point] * on_own
                            part += table[of_off + point] * on_other
                            total[up, point] = on_own + on_other
                    found[row, feature[at]] += part
                else:
                    for block in range(_NIL, width, _LANES):
                        for lane in range(_LANES):
                            point = block + lane
                            total[up, point] = total[left, point] + total[right, point]
