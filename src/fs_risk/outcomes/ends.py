"""What else can end a case: the child moves away, is adopted, dies, or turns 18.

A child who moved away or was adopted may have had the outcome where these records do
not see it: the answer is censored and missing. A child who died or turned 18 cannot
have it any more: that is a competing end, and the answer is no.

References
----------
.. [1] M. Wolbers and others, Prognostic models with competing risks, Epidemiology 20
   (2009) 555-561: a competing end is not censoring, and cumulative incidence counts it
   as no event.
"""

import numpy as np
import pandas as pd

from fs_risk.outcomes.events import EventDays
from fs_risk.records.dates import MISSING_DAY, NEVER, to_days
from fs_risk.records.records import Records

LEFT = "left the area"
ADOPTED = "adopted"
DIED = "died"
ADULT = "turned 18"
CLOSED = "closed"

_CLOSURES = {LEFT: ("RC5",), ADOPTED: ("RC1",), DIED: ("RC2",)}
_CARE_ENDS = {LEFT: ("E3", "E16"), ADOPTED: ("E11", "E12"), DIED: ("E2",)}
"""SSDA903: E2 died, E3 care taken over by another authority, E16 moved abroad, E11 and
E12 adopted."""


def eighteenth_birthdays(birth_dates: pd.Series) -> np.ndarray:
    """Give the day each child turns 18, `NEVER` where the birth date is missing.

    Parameters
    ----------
    birth_dates : Series of datetime64

    Returns
    -------
    ndarray of int64
        Days since 1970; someone born on 29 February turns 18 on 1 March of a
        common year.

    Examples
    --------
    >>> born = pd.Series(pd.to_datetime(["2004-02-29", "2004-03-01", None]))
    >>> [day - 19_050 for day in eighteenth_birthdays(born)[:2].tolist()]
    [2, 2]
    """
    born = birth_dates.to_numpy().astype("datetime64[D]")
    month = born.astype("datetime64[M]")
    into_month = (born - month.astype("datetime64[D]")).astype(np.int64)
    first = (month + np.timedelta64(18 * 12, "M")).astype("datetime64[D]")
    known = ~np.isnat(born)
    days = np.full(len(born), NEVER, dtype=np.int64)
    days[known] = first[known].astype(np.int64) + into_month[known]
    return days


class Ends:
    """The day of each kind of end, for the rows of one cohort.

    Parameters
    ----------
    records : Records
    children : Index of str
        The cohort's children.
    codes : ndarray of int64, shape (n,)
        Position in `children` of each row's child.
    as_of : ndarray of int64, shape (n,)
        Days since 1970.

    Attributes
    ----------
    left, adopted : ndarray of int64, shape (n,)
        The first such day on or after `as_of`; `NEVER` where there is none. A child who
        moved away earlier and is a case again has come back.
    died, adult : ndarray of int64, shape (n,)
        That day, even if it is before `as_of`.
    """

    def __init__(
        self, records: Records, children: pd.Index, codes: np.ndarray, as_of: np.ndarray
    ) -> None:
        self.left = _recorded(records, LEFT, children).first_from(codes, as_of)
        self.adopted = _recorded(records, ADOPTED, children).first_from(codes, as_of)
        ever = np.full(len(codes), MISSING_DAY + 1, dtype=np.int64)
        own = records["children"].drop_duplicates("child_id").set_index("child_id")
        own = own.reindex(children)
        death = np.where(own["death_date"].isna(), NEVER, to_days(own["death_date"]))
        recorded = _recorded(records, DIED, children).first_from(codes, ever)
        self.died = np.minimum(death.astype(np.int64)[codes], recorded)
        self.adult = eighteenth_birthdays(own["birth_date"])[codes]

    @property
    def unseen(self) -> np.ndarray:
        """The first day from which these records no longer see the child, shape (n,)."""
        return np.asarray(np.minimum(self.left, self.adopted))

    @property
    def final(self) -> np.ndarray:
        """The first day from which the outcome is no longer possible, shape (n,)."""
        return np.asarray(np.minimum(self.died, self.adult))

    def censored(self, last: np.ndarray) -> dict[str, np.ndarray]:
        """Say which rows stop being seen by a day, before any final end, and why.

        Parameters
        ----------
        last : ndarray of int64, shape (n,)

        Returns
        -------
        dict of str to ndarray of bool, shape (n,)
        """
        gone = (self.unseen <= last) & (self.unseen < self.final)
        moved = self.left <= self.adopted
        return {LEFT: gone & moved, ADOPTED: gone & ~moved}

    def finally_by(self, last: np.ndarray) -> dict[str, np.ndarray]:
        """Say which children had died or turned 18 by a day, the earlier of the two.

        Parameters
        ----------
        last : ndarray of int64, shape (n,)

        Returns
        -------
        dict of str to ndarray of bool, shape (n,)
        """
        over = self.final <= last
        return {DIED: over & (self.died <= self.adult), ADULT: over & (self.adult < self.died)}


def _recorded(records: Records, kind: str, children: pd.Index) -> EventDays:
    """Gather the closures and ends of care that say so."""
    referrals, care = records["referrals"], records["care_periods"]
    closed = referrals[referrals["close_reason"].isin(_CLOSURES[kind])]
    ended = care[care["end_reason"].isin(_CARE_ENDS[kind])]
    child = pd.concat([closed["child_id"], ended["child_id"]])
    day = pd.concat([closed["close_date"], ended["end_date"]])
    dated = day.notna().to_numpy()
    return EventDays(child[dated], to_days(day[dated]), children)
