"""Compiled passes over the order of events: first and last, gaps, fading weight, sequels.

The clocks and the rule of one event of a stream a day are those of `count_windows`.
Each *cell* gathers the events of one stream at ages in a range; each *column* is
then worked out of one or several cells and written straight into the features.
"""

import numpy as np

from fs_risk.features.compiled import compiled

WEIGHTED, SINCE_FIRST, MEAN_GAP, LONGEST_GAP, NUMBER, CHANGE = 0, 1, 2, 3, 4, 5
AT_LEAST, FURTHEST, STEP_CHANGE, WITHOUT = 6, 7, 8, 9
"""What a column says of its cells."""

_NEVER = np.int32(2147483647)
_MISSING = np.int32(-2147483648)


@compiled
def known_with_an_earlier(
    owner: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    starts: np.ndarray,
    first_day: np.ndarray,
    first_known: np.ndarray,
    within_days: int,
) -> np.ndarray:
    """Tell when each event and an earlier one within some days were both known.

    Parameters
    ----------
    owner, day, known : int32 (n,)
    starts : int64 (n_owners + 1,)
    first_day, first_known : int32 (m,)
        Earlier events, those of owner ``o`` at ``starts[o]:starts[o + 1]``, by day.
    within_days : int

    Returns
    -------
    int32 (n,)
        The largest int32 where there is no such earlier event.
    """
    both = np.full(owner.size, _NEVER, np.int32)
    for i in range(owner.size):
        begin = starts[owner[i]]
        low, high = begin, starts[owner[i] + 1]
        # the first place on or after the day: earlier events stand before it
        while low < high:
            middle = (low + high) // 2
            if first_day[middle] < day[i]:
                low = middle + 1
            else:
                high = middle
        earliest = _NEVER
        place = low - 1
        while place >= begin:
            if day[i] - first_day[place] > within_days:
                break
            earliest = min(earliest, first_known[place])
            place -= 1
        if earliest != _NEVER:
            both[i] = max(known[i], earliest)
    return both


@compiled
def _furthest(number: np.ndarray, cells: np.ndarray, low: int, high: int) -> int:
    """Give the place, from 1, of the last of some cells that has an event."""
    for place in range(high - 1, low - 1, -1):
        if number[cells[place]] > 0:
            return place - low + 1
    return 0


@compiled
def fill_rhythms(
    starts: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    kind: np.ndarray,
    owner: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    case_exclude: np.ndarray,
    kind_first: np.ndarray,
    kind_cell: np.ndarray,
    reset_first: np.ndarray,
    reset_cell: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    half_life: np.ndarray,
    column_first: np.ndarray,
    column_cell: np.ndarray,
    column_what: np.ndarray,
    column_limit: np.ndarray,
    column_place: np.ndarray,
    values: np.ndarray,
) -> None:
    """Fill the columns that depend on the order of events.

    Parameters
    ----------
    starts, day, known, kind, owner, retain, case_key, case_day, case_cut, case_exclude
        As in `count_windows`.
    kind_first, kind_cell : int32
        The cells that events of kind ``j`` enter are
        ``kind_cell[kind_first[j]:kind_first[j + 1]]``.
    reset_first, reset_cell : int32
        Likewise, the cells that events of kind ``j`` empty. What happened on that
        day or before does not count in them.
    low, high : int32 (n_cells,)
        Ages in days: ``low < age <= high``.
    half_life : float32 (n_cells,)
        Days in which the weight of an event halves; 0 where it is not asked.
    column_first, column_cell : int32
        The cells of column ``c`` are ``column_cell[column_first[c]:column_first[c + 1]]``.
    column_what, column_limit : int32 (n_columns,)
        One of the constants above, and its limit.
    column_place : int64 (n_columns,)
        The column of `values`.
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    n_cells = low.size
    latest = np.empty(kind_first.size - 1, np.int32)
    number = np.empty(n_cells, np.int32)
    first = np.empty(n_cells, np.int32)
    last = np.empty(n_cells, np.int32)
    longest = np.empty(n_cells, np.int32)
    emptied = np.empty(n_cells, np.int32)
    weight = np.empty(n_cells, np.float64)
    for i in range(case_key.size):
        latest[:] = _MISSING
        number[:] = 0
        longest[:] = 0
        emptied[:] = _MISSING
        weight[:] = 0.0
        key, t = case_key[i], case_day[i]
        if key >= 0:
            cut, skip = case_cut[i], case_exclude[i]
            for e in range(starts[key], starts[key + 1]):
                if day[e] >= t:
                    break
                if known[e] >= cut or owner[e] == skip or retain[owner[e]] < t:
                    continue
                j = kind[e]
                if latest[j] == day[e]:
                    continue
                latest[j] = day[e]
                for r in range(reset_first[j], reset_first[j + 1]):
                    number[reset_cell[r]] = 0
                    emptied[reset_cell[r]] = day[e]
                age = t - day[e]
                for place in range(kind_first[j], kind_first[j + 1]):
                    c = kind_cell[place]
                    if age <= low[c] or age > high[c] or day[e] <= emptied[c]:
                        continue
                    if number[c] == 0:
                        first[c] = day[e]
                    else:
                        longest[c] = max(longest[c], day[e] - last[c])
                    last[c] = day[e]
                    number[c] += 1
                    if half_life[c] > 0:
                        weight[c] += 0.5 ** (age / half_life[c])
        for k in range(column_place.size):
            a, b = column_first[k], column_first[k + 1]
            c = column_cell[a]
            what = column_what[k]
            value = np.float32(np.nan)
            if what == WEIGHTED:
                value = np.float32(weight[c])
            elif what == NUMBER:
                value = np.float32(number[c])
            elif what == SINCE_FIRST:
                if number[c] > 0:
                    value = np.float32(t - first[c])
            elif what == MEAN_GAP:
                if number[c] > 1:
                    value = np.float32((last[c] - first[c]) / (number[c] - 1))
            elif what == LONGEST_GAP:
                if number[c] > 1:
                    value = np.float32(longest[c])
            elif what == CHANGE:
                value = np.float32(number[c] - number[column_cell[a + 1]])
            elif what == AT_LEAST:
                value = np.float32(0)
                for place in range(a, b):
                    if number[column_cell[place]] >= column_limit[k]:
                        value += np.float32(1)
            elif what == FURTHEST:
                value = np.float32(_furthest(number, column_cell, a, b))
            elif what == STEP_CHANGE:
                half = (a + b) // 2
                value = np.float32(
                    _furthest(number, column_cell, a, half)
                    - _furthest(number, column_cell, half, b)
                )
            elif what == WITHOUT:
                value = np.float32(column_limit[k])
                for place in range(a, b):
                    d = column_cell[place]
                    if number[d] > 0:
                        value = min(value, np.float32(t - last[d]))
            values[i, column_place[k]] = value
