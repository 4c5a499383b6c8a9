"""Months at risk: where each child stood at the start of a month, and where at its end."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_paths import TierPaths
from fs_risk.records.dates import EPOCH, MISSING_DAY, to_days
from fs_risk.records.households import household_numbers
from fs_risk.records.records import Records

DURATION_BANDS = np.array([1, 2, 3, 6, 9, 12, 18, 24, 36])
"""Whole months on the tier at which a new band begins; before the first there is the band of
the month of entry and that of less than one month."""
ENTRY = 0
"""The duration band of children who came from outside in the month."""
N_DURATIONS = len(DURATION_BANDS) + 2

AGE_BANDS = np.array([12, 60, 120, 192, 204, 215, 217])
"""Months of age at which a new band begins; the last but one holds the month of the 18th
birthday and the month before it."""
ADULT = len(AGE_BANDS)
AGE_UNKNOWN = ADULT + 1
N_AGES = len(AGE_BANDS) + 2

NO_MONTH = np.int64(-(10**6))
"""The month of birth of a child whose birth is not known."""

_NOBODYS_AGE = 1_500
_DURATION_OF = np.searchsorted(DURATION_BANDS, np.arange(DURATION_BANDS[-1] + 1), side="right") + 1
_AGE_OF = np.searchsorted(AGE_BANDS, np.arange(_NOBODYS_AGE + 1), side="right")
_AGE_OF[_NOBODYS_AGE] = AGE_UNKNOWN


@dataclass(frozen=True)
class MonthsAtRisk:
    """A row for each child and month with a tier at its start, or an entry in it.

    Attributes
    ----------
    first_month, n_months : int
        Months since January 1970; the months that were followed.
    month, child, tier, duration, age, to : ndarray of int64, shape (n_rows,)
        Month; position among the paths' children; the tier at the start, or first entered;
        bands; the tier at the end, 0 for none.
    born : ndarray of int64, shape (n_rows,)
        Month of birth, `NO_MONTH` where unknown.
    household : ndarray of int64, shape (n_rows,)
    """

    first_month: int
    n_months: int
    month: np.ndarray
    child: np.ndarray
    tier: np.ndarray
    duration: np.ndarray
    age: np.ndarray
    to: np.ndarray
    born: np.ndarray
    household: np.ndarray

    @property
    def entered(self) -> np.ndarray:
        """Which rows are of children who came from outside, shape (n_rows,)."""
        return np.asarray(self.duration == ENTRY)

    @property
    def place(self) -> np.ndarray:
        """The row's month counted from the first, shape (n_rows,)."""
        return self.month - self.first_month


def month_of(days: np.ndarray) -> np.ndarray:
    """Give the month of days since 1970, as months since January 1970."""
    months: np.ndarray = (EPOCH + days.astype("timedelta64[D]")).astype("datetime64[M]")
    return months.astype(np.int64)


def last_day(months: np.ndarray | list[int]) -> np.ndarray:
    """Give the last day of months, as days since 1970."""
    following = (np.asarray(months, dtype=np.int64) + 1).astype("datetime64[M]")
    days: np.ndarray = following.astype("datetime64[D]").astype(np.int64) - 1
    return days


def duration_band(months_on: np.ndarray) -> np.ndarray:
    """Band the whole months spent on a tier by the start of the month."""
    return np.asarray(_DURATION_OF[np.clip(months_on, 0, DURATION_BANDS[-1])])


def age_band(month: np.ndarray | int, born: np.ndarray) -> np.ndarray:
    """Band the age at the end of a month; the unborn are with the infants."""
    # a month of birth that is not known gives an age beyond all others
    return np.asarray(_AGE_OF[np.clip(month - born, 0, _NOBODYS_AGE)])


def birth_months(records: Records, children: pd.Index) -> np.ndarray:
    """Give the month in which each child was, or is expected to be, born."""
    own = records["children"].drop_duplicates("child_id").set_index("child_id").reindex(children)
    days = to_days(own["birth_date"].fillna(own["expected_birth_date"])).astype(np.int64)
    return np.where(days == MISSING_DAY, NO_MONTH, month_of(np.where(days == MISSING_DAY, 0, days)))


def months_at_risk(records: Records, paths: TierPaths, first: int, last: int) -> MonthsAtRisk:
    """Lay the paths out by month.

    Parameters
    ----------
    records : Records
    paths : TierPaths
    first, last : int
        Months since January 1970, both wholly observed.

    Returns
    -------
    MonthsAtRisk
        Rows of months `first` to `last`.
    """
    spell, month = _months_on(paths, first, last)
    child, tier = paths.child[spell], paths.tier[spell]
    duration = duration_band(month - month_of(paths.start)[spell] - 1)
    new = _entries(paths, first, last)
    child = np.concatenate([child, paths.child[new]])
    month = np.concatenate([month, month_of(paths.start)[new]])
    tier = np.concatenate([tier, paths.tier[new]])
    duration = np.concatenate([duration, np.full(len(new), ENTRY)])
    born = birth_months(records, paths.children)[child]
    links = records["family_links"]
    return MonthsAtRisk(
        first_month=first,
        n_months=last - first + 1,
        month=month,
        child=child,
        tier=tier,
        duration=duration,
        age=age_band(month, born),
        to=paths.on(child, last_day(month)),
        born=born,
        household=household_numbers(paths.children, links).astype(np.int64)[child],
    )


def _months_on(paths: TierPaths, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """List each spell's months that began with the child on it."""
    begins = np.maximum(month_of(paths.start) + 1, first)
    # on the tier at the end of each month before that in which it ended
    ends = np.minimum(np.where(paths.after < 0, last, month_of(_finite(paths))), last)
    length = np.maximum(ends - begins + 1, 0)
    spell = np.repeat(np.arange(len(begins)), length)
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return spell, begins[spell] + within


def _finite(paths: TierPaths) -> np.ndarray:
    return np.where(paths.after < 0, 0, paths.end)


def _entries(paths: TierPaths, first: int, last: int) -> np.ndarray:
    """List the first spell of each child in each month that began with the child on no tier."""
    start = month_of(paths.start)
    new = np.flatnonzero((paths.before == 0) & (start >= first) & (start <= last))
    outside = paths.on(paths.child[new], last_day(start[new] - 1)) == 0
    new = new[outside]
    once = np.append(
        True, (paths.child[new][1:] != paths.child[new][:-1]) | (start[new][1:] != start[new][:-1])
    )[: len(new)]
    return np.asarray(new[once])
