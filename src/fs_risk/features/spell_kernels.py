"""A compiled pass over spells: the days of a window on which each kind was open."""

import numpy as np

from fs_risk.features.compiled import compiled

_MISSING = np.int32(-2147483648)


@compiled
def days_open(
    starts: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    kind: np.ndarray,
    owner: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    end: np.ndarray,
    end_known: np.ndarray,
    wanted_kind: np.ndarray,
    wanted_days: np.ndarray,
    wanted_place: np.ndarray,
    values: np.ndarray,
) -> None:
    """Fill, for each column wanted, the days of its window on which a spell was open.

    A spell is open from its start to the day before its end; to the day before
    `as_of` while its end is not known. Overlapping spells count once.

    Parameters
    ----------
    starts, day, known, kind, owner, retain, case_key, case_day, case_cut, end_known
        As in `open_spells`.
    end : int32 (n_spells,)
        Day of the end; the largest int32 where there is none.
    wanted_kind, wanted_days : int32 (n_columns,)
        Kind of spell and window.
    wanted_place : int64 (n_columns,)
        The column of `values`.
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    covered = np.empty(wanted_kind.size, np.int32)
    total = np.empty(wanted_kind.size, np.int32)
    for i in range(case_key.size):
        covered[:] = _MISSING
        total[:] = 0
        key, t, cut = case_key[i], case_day[i], case_cut[i]
        if key >= 0:
            for e in range(starts[key], starts[key + 1]):
                if day[e] >= t:
                    break
                if known[e] >= cut or retain[owner[e]] < t:
                    continue
                until = min(t, end[e]) if end_known[e] < cut else t
                for c in range(wanted_kind.size):
                    if wanted_kind[c] != kind[e]:
                        continue
                    begin = max(day[e], t - wanted_days[c], covered[c])
                    if until > begin:
                        total[c] += until - begin
                        covered[c] = until
        for c in range(wanted_kind.size):
            values[i, wanted_place[c]] = np.float32(total[c])
