"""A compiled pass that puts the rows of a table, as a stream reads them, behind one another."""

import numpy as np

from fs_risk.features.compiled import compiled

_MISSING = np.int32(-2147483648)
_NEVER = np.int32(2147483647)


@compiled
def append_facts(
    chosen: np.ndarray,
    day: np.ndarray,
    recorded: np.ndarray,
    clock: np.ndarray,
    owner: np.ndarray,
    kind: int,
    end_known: np.ndarray,
    end: np.ndarray,
    first: int,
    rows: np.ndarray,
) -> int:
    """Write the chosen rows of a table as facts, from one place on.

    Parameters
    ----------
    chosen : bool (n,)
    day, owner : int32 (n,)
    recorded, clock : int32 (n,)
        Days on which the row, and what the stream reads of it, became known: a row typed
        up late hides its decision or end until then, whenever that was made.
    kind : int
        Number of the stream.
    end_known, end : int32 (n,)
        Read for spells only; the smallest int32 is written as the largest.
    first : int
    rows : int32 (at least first + n chosen + 1, 4 or 6)
        As in `timeline.Facts`; filled here from row `first` on. One row more may be
        written over.

    Returns
    -------
    int
        The row after the last filled.
    """
    place, spells = first, rows.shape[1] > 4
    for i in range(chosen.size):
        # written whether chosen or not: no jump to guess
        rows[place, 0] = day[i]
        rows[place, 1] = max(recorded[i], clock[i])
        rows[place, 2] = owner[i]
        rows[place, 3] = kind
        if spells:
            rows[place, 4] = end_known[i] if end_known[i] != _MISSING else _NEVER
            rows[place, 5] = end[i] if end[i] != _MISSING else _NEVER
        place += 1 if chosen[i] else 0
    return place
