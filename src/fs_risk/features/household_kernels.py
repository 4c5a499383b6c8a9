"""A compiled pass over households: newborn and unborn siblings."""

import numpy as np

from fs_risk.features.compiled import compiled

_MISSING = np.int32(-2147483648)


@compiled
def household_babies(
    starts: np.ndarray,
    member: np.ndarray,
    link_known: np.ndarray,
    birth: np.ndarray,
    expected: np.ndarray,
    first_known: np.ndarray,
    retain: np.ndarray,
    case_key: np.ndarray,
    case_day: np.ndarray,
    case_cut: np.ndarray,
    case_exclude: np.ndarray,
    infant_days: int,
    pregnancy_days: int,
    overdue_days: int,
    n_under_1: np.ndarray,
    n_unborn: np.ndarray,
) -> None:
    """Count the siblings under one, and those not yet born whom the service knew of.

    Parameters
    ----------
    starts, member, link_known, birth, retain, case_key, case_day, case_cut, case_exclude
        As in `household_members`.
    expected : int32 (n_children,)
        Expected day of birth, else the smallest int32.
    first_known : int32 (n_children,)
        Day on which the first fact about each child was known.
    infant_days : int
        Age in days from which a child is no longer under one.
    pregnancy_days, overdue_days : int
        A child may be unborn from so many days before to so many after the day
        expected.
    n_under_1, n_unborn : float32 (n_cases,)
        Zeros; filled here.
    """
    for i in range(case_key.size):
        key = case_key[i]
        if key < 0:
            continue
        t, cut, skip = case_day[i], case_cut[i], case_exclude[i]
        for m in range(starts[key], starts[key + 1]):
            child = member[m]
            if child == skip or link_known[m] >= cut or retain[child] < t:
                continue
            if birth[child] != _MISSING and birth[child] < cut:
                if t - birth[child] < infant_days:
                    n_under_1[i] += 1.0
                continue
            # the day expected is known only through the facts about the unborn child
            if expected[child] == _MISSING or first_known[child] >= cut:
                continue
            if expected[child] - t <= pregnancy_days and t - expected[child] <= overdue_days:
                n_unborn[i] += 1.0
