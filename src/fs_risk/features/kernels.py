"""Compiled passes over a child's facts: one pass per case, both clocks checked on each fact.

Facts are stored as sorted integer arrays: those of key ``k`` (a child or a
household) stand at ``starts[k]:starts[k + 1]``, by event day. A fact counts for a
case when it happened before the case's day, was known before the case's cut, is
not the excluded child's own (for siblings), and its child's retention has not
passed.
"""

import numpy as np
from numba import njit

CURRENT, EARLIER, NOT_RECORDED, UNKNOWN = 1, 2, 3, 0
"""States of a factor at a date."""

LONG_HISTORY = 64
"""Facts of one key from which a merge sort is quicker than insertion."""


@njit(cache=True, nogil=True)
def order_by_key_and_day(
    key: np.ndarray, day: np.ndarray, n_keys: int
) -> tuple[np.ndarray, np.ndarray]:
    """Order facts by key and day: counting by key, then each key's few days by insertion.

    Parameters
    ----------
    key, day : int32 (n,)
    n_keys : int

    Returns
    -------
    starts : int64 (n_keys + 1,)
        The facts of key ``k`` are ``order[starts[k]:starts[k + 1]]``.
    order : int64 (n,)
        Facts of one key and day keep their order.
    """
    starts = np.zeros(n_keys + 1, np.int64)
    for i in range(key.size):
        starts[key[i] + 1] += 1
    for k in range(n_keys):
        starts[k + 1] += starts[k]
    place = starts[:-1].copy()
    order = np.empty(key.size, np.int64)
    for i in range(key.size):
        order[place[key[i]]] = i
        place[key[i]] += 1
    for k in range(n_keys):
        low, high = starts[k], starts[k + 1]
        if high - low > LONG_HISTORY:
            part = order[low:high].copy()
            order[low:high] = part[np.argsort(day[part], kind="mergesort")]
            continue
        for a in range(low + 1, high):
            moving = order[a]
            b = a - 1
            while b >= low and day[order[b]] > day[moving]:
                order[b + 1] = order[b]
                b -= 1
            order[b + 1] = moving
    return starts, order


@njit(cache=True, nogil=True)
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
    case_order: np.ndarray,
    first_column: np.ndarray,
    windows: np.ndarray,
    counts: np.ndarray,
    last: np.ndarray,
) -> None:
    """Count the days with an event of each kind in each of its windows.

    Several events of one kind on one day count once, so that a referral keyed
    twice, or once for each sibling, does not inflate a count (requirement F4).

    Parameters
    ----------
    starts : int64 (n_keys + 1,)
    day, known : int32 (n_events,)
        Event day and the day it became known.
    kind : int16 (n_events,)
    owner : int32 (n_events,)
        The child whose event it is.
    retain : int32 (n_children,)
        Last day on which a child's facts may be seen.
    case_key, case_day, case_cut, case_exclude : int32 (n_cases,)
        The key whose facts are read (-1: none), `as_of`, the day before which a
        fact must be known, the child whose own events are left out (-1: none).
    case_order : int64 (n_cases,)
        The order in which cases are visited: by key, so that facts are read in a row.
    first_column : int32 (n_kinds + 1,)
        The columns of kind ``j`` are ``first_column[j]:first_column[j + 1]``.
    windows : int32 (n_columns,)
        Days, ascending within a kind.
    counts : float32 (n_cases, n_columns)
        Filled here.
    last : int32 (n_cases, n_kinds)
        Filled with the day of the latest event, else the smallest int32. With no
        rows it is not wanted.
    """
    n_kinds = first_column.size - 1
    n_columns = windows.size
    latest = np.empty(n_kinds, np.int32)
    row = np.empty(n_columns, np.float32)
    never = np.int32(-2147483648)
    want_last = last.shape[0] > 0
    for place in range(case_order.size):
        i = case_order[place]
        latest[:] = never
        row[:] = 0.0
        key = case_key[i]
        if key >= 0:
            t, cut, skip = case_day[i], case_cut[i], case_exclude[i]
            for e in range(starts[key], starts[key + 1]):
                if day[e] >= t:
                    break
                if known[e] >= cut or owner[e] == skip or retain[owner[e]] < t:
                    continue
                j = kind[e]
                if latest[j] == day[e]:
                    continue
                latest[j] = day[e]
                age = t - day[e]
                for c in range(first_column[j], first_column[j + 1]):
                    if age <= windows[c]:
                        row[c] += 1.0
                        break
            for j in range(n_kinds):
                for c in range(first_column[j] + 1, first_column[j + 1]):
                    row[c] += row[c - 1]
        for c in range(n_columns):
            counts[i, c] = row[c]
        if want_last:
            last[i, :] = latest


@njit(cache=True, nogil=True)
def open_spells(
    starts: np.ndarray,
    day: np.ndarray,
    known: np.ndarray,
    end_known: np.ndarray,
    kind: np.ndarray,
    owner: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    case_exclude: np.ndarray,
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
    n_open : float32 (n_cases, n_kinds)
        Zeros; filled with the number of open spells.
    since : int32 (n_cases, n_kinds)
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
            j = kind[e]
            n_open[i, j] += 1.0
            if n_open[i, j] == 1.0:
                since[i, j] = day[e]


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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
