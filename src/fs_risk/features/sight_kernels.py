"""A compiled pass that finds the facts each case may see."""

import numpy as np

from fs_risk.features.compiled import compiled


@compiled
def rows_in_sight(
    starts: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    owner: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    case_exclude: np.ndarray,
    key_is_owner: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the facts that happened before each case's day and were known before its cut.

    Left out are those of the excluded child, and of children whose retention has
    passed.

    Parameters
    ----------
    starts, day, known, owner, retain, case_key, case_day, case_cut, case_exclude
        As in `kernels.count_windows`.
    key_is_owner : bool
        Whether keys are children, each with its own facts alone; nobody is then left
        out.

    Returns
    -------
    first : int64 (n_cases + 1,)
        The facts of case ``i`` are ``rows[first[i]:first[i + 1]]``, in the old order.
    rows : int64 (n_seen,)
    case : int32 (n_seen,)
        Whose sight each row is in.
    """
    n = case_key.size
    low = np.zeros(n, np.int64)
    high = np.zeros(n, np.int64)
    room = 1
    for i in range(n):
        key = case_key[i]
        if key >= 0 and not (key_is_owner and retain[key] < case_day[i]):
            low[i], high[i] = starts[key], starts[key + 1]
            room += high[i] - low[i]
    # reading both ends of each history now lets the waits for memory overlap
    fetched = np.empty(n, np.int32)
    for i in range(n):
        if high[i] > low[i]:
            one, two = low[i], high[i] - 1
            fetched[i] = day[one] ^ known[one] ^ day[two] ^ known[two]
    first = np.zeros(n + 1, np.int64)
    rows = np.empty(room, np.int64)
    case = np.empty(room, np.int32)
    place = 0
    for i in range(n):
        t, cut, skip = case_day[i], case_cut[i], case_exclude[i]
        for e in range(low[i], high[i]):
            seen = (day[e] < t) & (known[e] < cut)
            if not key_is_owner:
                seen = seen and owner[e] != skip and retain[owner[e]] >= t
            # written whether seen or not: no jump to guess while memory is waited for
            rows[place] = e
            case[place] = i
            place += 1 if seen else 0
        first[i + 1] = place
    return first, rows[:place], case[:place]
