"""A compiled pass over assessments: the latest two, and how often each group was recorded."""

import numpy as np

from fs_risk.features.compiled import compiled

_MISSING = np.int32(-2147483648)


@compiled
def latest_assessments(
    starts: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    mask: np.ndarray,
    owner: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    case_from: np.ndarray,
    case_before: np.ndarray,
    groups: np.ndarray,
    days: np.ndarray,
    masks: np.ndarray,
    times: np.ndarray,
) -> None:
    """Find the latest two assessments of a range of days, and count those with each group.

    Two assessments authorised on one day are read as one.

    Parameters
    ----------
    starts, day, known, mask, owner, retain, case_key, case_day, case_cut
        As in `factor_states`.
    case_from, case_before : int32 (n_cases,)
        Assessments authorised on ``case_from`` or later and before ``case_before``.
    groups : uint64 (n_groups,)
        The bits of each group.
    days : int32 (n_cases, 2)
        Filled with the days of the latest and of the one before; the smallest int32
        where there is none.
    masks : uint64 (n_cases, 3)
        Filled with the bits of the latest, of the one before, and of any.
    times : float32 (n_cases, n_groups)
        Filled with the days on which the group was recorded.
    """
    seen = np.empty(groups.size, np.int32)
    for i in range(case_key.size):
        days[i, 0] = days[i, 1] = _MISSING
        masks[i, :] = np.uint64(0)
        times[i, :] = 0.0
        key = case_key[i]
        if key < 0:
            continue
        seen[:] = _MISSING
        t, cut = case_day[i], case_cut[i]
        for e in range(starts[key], starts[key + 1]):
            if day[e] >= case_before[i] or day[e] >= t:
                break
            if known[e] >= cut or day[e] < case_from[i] or retain[owner[e]] < t:
                continue
            if day[e] != days[i, 0]:
                days[i, 1], masks[i, 1] = days[i, 0], masks[i, 0]
                days[i, 0], masks[i, 0] = day[e], np.uint64(0)
            masks[i, 0] = masks[i, 0] | mask[e]
            masks[i, 2] = masks[i, 2] | mask[e]
            for g in range(groups.size):
                if mask[e] & groups[g] and seen[g] != day[e]:
                    seen[g] = day[e]
                    times[i, g] += 1.0
