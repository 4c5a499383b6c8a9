"""Working days between days held as integers, for the statutory time limits."""

from functools import lru_cache

import numpy as np

from fs_risk.records.dates import EPOCH, MISSING_DAY, working_calendar

ASSESSMENT_WORKING_DAYS = 45
"""From referral to the end of the assessment (Working Together to Safeguard Children 2023)."""

CONFERENCE_WORKING_DAYS = 15
"""From the strategy discussion to the conference (Working Together to Safeguard Children 2023)."""

_FIRST, _LAST = np.datetime64("1990-01-01", "D"), np.datetime64("2060-12-31", "D")


def working_days(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Count the working days after each first day, up to and with each last day.

    Parameters
    ----------
    first, last : int32 (n,)
        Days since 1970; `MISSING_DAY` where there is none.

    Returns
    -------
    ndarray of float32, shape (n,)
        NaN where a day is missing; 0 where the last day is not after the first.

    Examples
    --------
    >>> thursday, tuesday = np.array([19_810], np.int32), np.array([19_815], np.int32)
    >>> working_days(thursday, tuesday).tolist()  # 28 March to 2 April 2024, over Easter
    [1.0]
    """
    done, origin = _working_days_by()
    after = [np.maximum(day.astype(np.int64) - origin, 0) for day in (first, last)]
    places = [np.minimum(days, done.size - 1) for days in after]
    count: np.ndarray = np.maximum(done[places[1]] - done[places[0]], 0).astype(np.float32)
    count[(first == MISSING_DAY) | (last == MISSING_DAY)] = np.nan
    return count


@lru_cache(maxsize=1)
def _working_days_by() -> tuple[np.ndarray, int]:
    """Count the working days from 1990 up to and with each day."""
    days = np.arange(_FIRST, _LAST + 1)
    counts = np.cumsum(np.is_busday(days, busdaycal=working_calendar())).astype(np.int32)
    return counts, int((_FIRST - EPOCH).astype(int))
