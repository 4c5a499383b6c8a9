"""A compiled pass that brings together the facts each case may see."""

import numpy as np

from fs_risk.features.compiled import compiled

FETCHED_TOGETHER = 64
"""Cases whose histories are fetched together: few enough to be still at hand when read."""


@compiled
def facts_in_sight(
    starts: np.ndarray,
    rows: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    case_exclude: np.ndarray,
    key_is_owner: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Copy the facts that happened before each case's day and were known before its cut.

    Left out are those of the excluded child, and of children whose retention has
    passed.

    Parameters
    ----------
    starts, retain, case_key, case_day, case_cut, case_exclude
        As in `kernels.count_windows`.
    rows : int32 (n_facts, n_columns)
        As in `timeline.Facts`.
    key_is_owner : bool
        Whether keys are children, each with its own facts alone; nobody is then left
        out.

    Returns
    -------
    first : int64 (n_cases + 1,)
        The facts of case ``i`` are ``seen[:, first[i]:first[i + 1]]``, in the old order.
    seen : int32 (n_columns, n_seen)
        Their columns, but the case instead of the child.
    place : int32 (n_seen,)
        Where each stands in `rows`.
    """
    n, n_columns = case_key.size, rows.shape[1]
    low = np.zeros(n, np.int64)
    high = np.zeros(n, np.int64)
    room = 1
    for i in range(n):
        key = case_key[i]
        if key >= 0 and not (key_is_owner and retain[key] < case_day[i]):
            low[i], high[i] = starts[key], starts[key + 1]
            room += high[i] - low[i]
    first = np.zeros(n + 1, np.int64)
    seen = np.empty((n_columns, room), np.int32)
    place = np.empty(room, np.int32)
    fetched = np.empty(FETCHED_TOGETHER, np.int32)
    step, n_seen = max(1, 16 // n_columns), 0
    for start in range(0, n, FETCHED_TOGETHER):
        end = min(start + FETCHED_TOGETHER, n)
        # reading a value of each line of each history now lets the waits for memory overlap
        for i in range(start, end):
            if high[i] > low[i]:
                value = rows[high[i] - 1, 0]
                for e in range(low[i], high[i], step):
                    value ^= rows[e, 0]
                fetched[i - start] = value
        for i in range(start, end):
            t, cut, skip = case_day[i], case_cut[i], case_exclude[i]
            for e in range(low[i], high[i]):
                here = (rows[e, 0] < t) & (rows[e, 1] < cut)
                if not key_is_owner:
                    owner = rows[e, 2]
                    here = here and owner != skip and retain[owner] >= t
                # written whether seen or not: no jump to guess
                seen[0, n_seen] = rows[e, 0]
                seen[1, n_seen] = rows[e, 1]
                seen[2, n_seen] = i
                seen[3, n_seen] = rows[e, 3]
                for c in range(4, n_columns):
                    seen[c, n_seen] = rows[e, c]
                place[n_seen] = e
                n_seen += 1 if here else 0
            first[i + 1] = n_seen
    return first, seen[:, :n_seen], place[:n_seen]


@compiled
def merged_by_day(
    starts: np.ndarray,
    rows: np.ndarray,
    other_starts: np.ndarray,
    other_rows: np.ndarray,
    until: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Bring two lists of facts of each case together, by day, up to a day of each case.

    Parameters
    ----------
    starts, other_starts : int64 (n_cases + 1,)
    rows, other_rows : int32 (n_facts, n_columns)
        As in `timeline.Facts`, the facts of a case by day.
    until : int32 (n_cases,)
        Facts of this day and later are left out.

    Returns
    -------
    first : int64 (n_cases + 1,)
    merged : int32 (n_columns, n_merged)
    """
    n, n_columns = until.size, rows.shape[1]
    first = np.zeros(n + 1, np.int64)
    merged = np.empty((n_columns, rows.shape[0] + other_rows.shape[0] + 1), np.int32)
    n_merged = 0
    for i in range(n):
        a, b = starts[i], other_starts[i]
        while a < starts[i + 1] or b < other_starts[i + 1]:
            mine = b >= other_starts[i + 1] or (
                a < starts[i + 1] and rows[a, 0] <= other_rows[b, 0]
            )
            source, place = (rows, a) if mine else (other_rows, b)
            if source[place, 0] >= until[i]:
                break
            for c in range(n_columns):
                merged[c, n_merged] = source[place, c]
            n_merged += 1
            if mine:
                a += 1
            else:
                b += 1
        first[i + 1] = n_merged
    return first, merged[:, :n_merged]
