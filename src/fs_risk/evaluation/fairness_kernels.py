"""Compiled passes over the rows of an audit: households drawn again, lists made anew, pairs met."""

import numpy as np

from fs_risk.features.compiled import compiled


@compiled
def redrawn_counts(
    seeds: np.ndarray,
    n_households: int,
    household: np.ndarray,
    cell: np.ndarray,
    period: np.ndarray,
    ranked: np.ndarray,
    ranked_cell: np.ndarray,
    run_end: np.ndarray,
    period_start: np.ndarray,
    capacity: float,
    total: np.ndarray,
    listed: np.ndarray,
) -> None:
    """Draw households again and make each period's list from the rows drawn.

    Parameters
    ----------
    seeds : uint64 (b,)
        One for each resample.
    n_households : int
    household, cell, period : int32 (n,)
        Of rows household by household.
    ranked, ranked_cell : int32 (n,)
        Household and cell of rows by period and from the highest score down.
    run_end : int32 (n,)
        For the first of these of each run of ties, the place after its last.
    period_start : int64 (n_periods + 1,)
    capacity : float
        Places on each list; or, below 1, the share of the rows drawn.
    total : int64 (b, n_cells)
    listed : float64 (b, n_cells)
        Added to: weight of all rows, and of those listed, by cell.
    """
    weight = np.empty(n_households, np.uint8)
    drawn = np.empty(period_start.size - 1, np.int64)
    for b in range(seeds.size):
        _draw(seeds[b], weight)
        drawn[:] = 0
        # household by household, since weights then come in order
        for i in range(cell.size):
            own = weight[household[i]]
            total[b, cell[i]] += own
            drawn[period[i]] += own
        for p in range(drawn.size):
            left = capacity * drawn[p] if capacity < 1 else capacity
            i, last = period_start[p], period_start[p + 1]
            while i < last and left > 0:
                end = run_end[i]
                if end == i + 1:
                    own = weight[ranked[i]]
                    if own:
                        listed[b, ranked_cell[i]] += min(float(own), left)
                        left -= own
                else:
                    tied = 0.0
                    for j in range(i, end):
                        tied += weight[ranked[j]]
                    part = min(1.0, left / tied) if tied > 0 else 0.0
                    for j in range(i, end):
                        listed[b, ranked_cell[j]] += weight[ranked[j]] * part
                    left -= tied
                i = end


@compiled
def household_counts(
    seeds: np.ndarray,
    n_households: int,
    household: np.ndarray,
    cell: np.ndarray,
    total: np.ndarray,
) -> None:
    """Draw households again and count the rows of each cell.

    Parameters
    ----------
    seeds, n_households, household, cell, total
        As in `redrawn_counts`.
    """
    weight = np.empty(n_households, np.uint8)
    for b in range(seeds.size):
        _draw(seeds[b], weight)
        for i in range(cell.size):
            total[b, cell[i]] += weight[household[i]]


@compiled
def _draw(seed: np.uint64, weight: np.ndarray) -> None:
    """Draw as many households as there are, with replacement, and count each.

    A household is drawn once on average; 256 times, which a byte cannot hold, never.
    """
    weight[:] = 0
    state = seed
    size, low = np.uint64(weight.size), np.uint64(0xFFFFFFFF)
    for drawn in range(0, weight.size, 2):
        # splitmix64 [Steele, Lea and Flood 2014]; either half, scaled, is a place
        state += np.uint64(0x9E3779B97F4A7C15)
        z = state
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        weight[((z >> np.uint64(32)) * size) >> np.uint64(32)] += 1
        if drawn + 1 < weight.size:
            weight[((z & low) * size) >> np.uint64(32)] += 1


@compiled
def households_met(
    start: np.ndarray,
    cell: np.ndarray,
    label: np.ndarray,
    share: np.ndarray,
    rate: np.ndarray,
    group_of: np.ndarray,
    met: np.ndarray,
    within: np.ndarray,
    with_all: np.ndarray,
) -> None:
    """Meet each two rows of a household, for how alike they are.

    Parameters
    ----------
    start : int64 (n_households + 1,)
        Rows come household by household.
    cell : int32 (n,)
    label, share : float64 (n,)
    rate : float64 (n_bases,)
        Of all rows, in the order of `fairness_measures.BASES`.
    group_of : int32 (n_cells, n_slots)
        The group, within each attribute or pair of attributes, of each cell.
    met : float64 (2, n_bases)
        Added to: products of two rows' misses, and of their weights, over ordered pairs.
    within : float64 (2, n_bases, n_groups)
        Added to: the same, over pairs of which both are of the group.
    with_all : float64 (2, n_bases, n_groups)
        Added to: the same, over pairs of which the first is.
    """
    n_slots = group_of.shape[1]
    for h in range(start.size - 1):
        for i in range(start[h], start[h + 1]):
            for j in range(start[h], start[h + 1]):
                if i == j:
                    continue
                for m in range(rate.size):
                    weights = _weight(m, label[i], share[i]) * _weight(m, label[j], share[j])
                    if weights == 0:
                        continue
                    misses = (
                        weights
                        * (_value(m, label[i], share[i]) - rate[m])
                        * (_value(m, label[j], share[j]) - rate[m])
                    )
                    met[0, m] += misses
                    met[1, m] += weights
                    for s in range(n_slots):
                        g = group_of[cell[i], s]
                        with_all[0, m, g] += misses
                        with_all[1, m, g] += weights
                        if group_of[cell[j], s] == g:
                            within[0, m, g] += misses
                            within[1, m, g] += weights


@compiled
def _weight(metric: int, label: float, share: float) -> float:
    """Give how far a row counts towards a rate: `fairness_measures.BASES` in their order."""
    if metric == 0:
        return 1.0
    if metric == 1:
        return label
    if metric == 2:
        return share
    if metric == 3:
        return 1.0 - label
    return 1.0 - share


@compiled
def _value(metric: int, label: float, share: float) -> float:
    """Give what the rate is of."""
    if metric == 2 or metric == 4:
        return label
    return share
