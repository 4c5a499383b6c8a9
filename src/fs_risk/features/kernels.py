"""Compiled passes over a child's facts: one pass per case, both clocks checked on each fact.

Facts are stored as sorted integer arrays: those of key ``k`` (a child or a
household) stand at ``starts[k]:starts[k + 1]``, by event day. A fact counts for a
case when it happened before the case's day, was known before the case's cut, is
not the excluded child's own (for siblings), and its child's retention has not
passed.
"""

import numpy as np

from fs_risk.features.compiled import compiled

CURRENT, EARLIER, NOT_RECORDED, UNKNOWN = 1, 2, 3, 0
"""States of a factor at a date."""

SIDE_BY_SIDE = 512
"""Cases counted together: their counts stay in the cache, columns are written in runs."""


@compiled
def count_windows(
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
    key_is_owner: bool,
    first_column: np.ndarray,
    target: np.ndarray,
    step_of: np.ndarray,
    column_of: np.ndarray,
    since: np.ndarray,
    from_case: int,
    to_case: int,
    values: np.ndarray,
) -> None:
    """Count the days with an event of each kind in each of its windows, and days since.

    Several events of one kind on one day count once, so that a referral keyed
    twice, or once for each sibling, does not inflate a count (requirement F4).

    Parameters
    ----------
    starts : int64 (n_keys + 1,)
    day, known : int32 (n_events,)
        Event day and the day it became known.
    kind : int16 (n_events,)
    owner : int32 (n_events,)
        The child whose event it is; not read when the key is the child.
    retain : int32 (n_children,)
        Last day on which a child's facts may be seen.
    case_key, case_day, case_cut, case_exclude : int32 (n_cases,)
        The key whose facts are read (-1: none), `as_of`, the day before which a
        fact must be known, the child whose own events are left out (-1: none).
    key_is_owner : bool
        Whether keys are children, each with its own events alone; nobody is then
        left out.
    first_column : int32 (n_kinds + 1,)
        The columns of kind ``j`` are ``first_column[j]:first_column[j + 1]``, by
        ascending window.
    target : int32 (n_columns,)
        The row of `values` that each column fills.
    step_of : int16 (longest window + 1,)
        For an age in days, which of all distinct windows, ascending, is the shortest
        that holds it.
    column_of : int32 (n_kinds, n_steps)
        The first column of the kind whose window is that long or longer, else
        ``n_columns``.
    since : int32 (n_since, 3)
        For days since the latest event: kind, window in days, row of `values`.
    from_case, to_case : int
        The cases to count for.
    values : float32 (n_features, n_cases)
        Filled here; days since are NaN where the window holds no event.
    """
    n_kinds, n_columns, n_facts = first_column.size - 1, target.size, day.size
    width = max(1, min(SIDE_BY_SIDE, to_case - from_case))
    counts = np.empty((n_columns + 1, width), np.float32)
    low = np.empty(width, np.int64)
    high = np.empty(width, np.int64)
    fetched = np.empty(width, np.int32)
    latest = np.empty(n_kinds, np.int32)
    never = np.int32(-2147483648)
    longest = step_of.size - 1
    for start in range(from_case, to_case, width):
        n = min(width, to_case - start)
        counts[:, :] = 0.0
        for b in range(n):
            low[b] = high[b] = 0
            key = case_key[start + b]
            if key >= 0 and not (key_is_owner and retain[key] < case_day[start + b]):
                low[b], high[b] = starts[key], starts[key + 1]
        # reading both ends of each history now lets the waits for memory overlap
        if n_facts > 0 and n > 1:
            for b in range(n):
                one, two = min(low[b], n_facts - 1), max(high[b] - 1, 0)
                fetched[b] = day[one] ^ known[one] ^ kind[one] ^ day[two] ^ known[two] ^ kind[two]
        for b in range(n):
            i = start + b
            t, cut, skip = case_day[i], case_cut[i], case_exclude[i]
            latest[:] = never
            for e in range(low[b], high[b]):
                d = day[e]
                if d >= t:
                    break
                age = t - d
                j = kind[e]
                seen = (age <= longest) & (known[e] < cut) & (latest[j] != d)
                if not key_is_owner:
                    seen = seen and owner[e] != skip and retain[owner[e]] >= t
                # an unseen event is counted in a column that nobody reads: no jump to guess
                column = column_of[j, step_of[min(age, longest)]] if seen else n_columns
                latest[j] = d if seen else latest[j]
                counts[column, b] += 1.0
            for s in range(since.shape[0]):
                d = latest[since[s, 0]]
                here = d != never and t - d <= since[s, 1]
                values[since[s, 2], i] = t - d if here else np.nan
        for j in range(n_kinds):
            for c in range(first_column[j], first_column[j + 1]):
                filled = values[target[c]]
                if c > first_column[j]:
                    for b in range(n):
                        counts[c, b] += counts[c - 1, b]
                for b in range(n):
                    filled[start + b] = counts[c, b]


@compiled
def open_spells(
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
    end_known: np.ndarray,
    place_of: np.ndarray,
    n_open: np.ndarray,
    since: np.ndarray,
) -> None:
    """Find the spells of each kind that were open, as far as known, on the case's day.

    Parameters
    ----------
    starts, day, known, kind, owner, retain, case_key, case_day, case_cut, case_exclude
        As in `count_windows`, `day` being the start of a spell.
    end_known : int32 (n_spells,)
        Day on which the end was known; the largest int32 while it is not.
    place_of : int32 (n_kinds,)
        The column of `n_open` and `since` for each kind; -1 for a kind not asked.
    n_open : float32 (n_cases, n_asked)
        Zeros; filled with the number of open spells.
    since : int32 (n_cases, n_asked)
        Filled with the earliest start among them, else the smallest int32.
    """
    since[:, :] = -2147483648
    for i in range(case_key.size):
        key = case_key[i]
        if key < 0:
            continue
        t, cut, skip = case_day[i], case_cut[i], case_exclude[i]
        for e in range(starts[key], starts[key + 1]):
            if day[e] >= t:
                break
            if known[e] >= cut or end_known[e] < cut:
                continue
            if owner[e] == skip or retain[owner[e]] < t:
                continue
            j = place_of[kind[e]]
            if j < 0:
                continue
            n_open[i, j] += 1.0
            if n_open[i, j] == 1.0:
                since[i, j] = day[e]


@compiled
def factor_states(
    starts: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    mask: np.ndarray,
    owner: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    groups: np.ndarray,
    current_days: int,
    earlier_days: int,
    states: np.ndarray,
) -> None:
    """Tell the state of each group of factors on each case's day.

    Parameters
    ----------
    starts, day, known, owner, retain, case_key, case_day, case_cut
        As in `count_windows`, for assessments with factors recorded, `day` being
        the authorisation.
    mask : uint64 (n_assessments,)
        One bit for each factor code.
    groups : uint64 (n_groups,)
        The bits of each group.
    current_days, earlier_days : int
        Look-back for the latest assessment and for earlier ones.
    states : int8 (n_cases, n_groups)
        Zeros (`UNKNOWN`); filled with `CURRENT`, `EARLIER` or `NOT_RECORDED`.
    """
    for i in range(case_key.size):
        key = case_key[i]
        if key < 0:
            continue
        t, cut = case_day[i], case_cut[i]
        any_mask = np.uint64(0)
        latest_mask = np.uint64(0)
        latest_day = np.int32(-2147483648)
        for e in range(starts[key], starts[key + 1]):
            if day[e] >= t:
                break
            if known[e] >= cut or t - day[e] > earlier_days or retain[owner[e]] < t:
                continue
            any_mask |= mask[e]
            # two assessments authorised on one day are read as one
            latest_mask = latest_mask | mask[e] if latest_day == day[e] else mask[e]
            latest_day = day[e]
        if latest_day == -2147483648:
            continue
        is_current = t - latest_day <= current_days
        for g in range(groups.size):
            if is_current and latest_mask & groups[g]:
                states[i, g] = 1
            elif any_mask & groups[g]:
                states[i, g] = 2
            else:
                states[i, g] = 3


@compiled
def household_members(
    starts: np.ndarray,
    member: np.ndarray,
    link_known: np.ndarray,
    birth: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    case_exclude: np.ndarray,
    adult_days: int,
    n_siblings: np.ndarray,
    youngest: np.ndarray,
) -> None:
    """Count the other children of a household who were born and known by the case's cut.

    Parameters
    ----------
    starts : int64 (n_households + 1,)
    member, link_known : int32 (n_members,)
        The child, and the day their link to the household was known.
    birth, retain : int32 (n_children,)
    case_key, case_day, case_cut, case_exclude : int32 (n_cases,)
        The household, and as in `count_windows`.
    adult_days : int
        Age in days from which a member is no longer a child.
    n_siblings : float32 (n_cases,)
        Zeros; filled here.
    youngest : float32 (n_cases,)
        Filled with the age in days of the youngest of them, else NaN.
    """
    for i in range(case_key.size):
        youngest[i] = np.nan
        key = case_key[i]
        if key < 0:
            continue
        t, cut, skip = case_day[i], case_cut[i], case_exclude[i]
        for m in range(starts[key], starts[key + 1]):
            child = member[m]
            if child == skip or link_known[m] >= cut or retain[child] < t:
                continue
            # a missing birth day is the smallest int32: age would overflow
            if birth[child] == -2147483648 or birth[child] >= cut:
                continue
            age = t - birth[child]
            if age >= adult_days:
                continue
            n_siblings[i] += 1.0
            if not youngest[i] <= age:
                youngest[i] = age
