"""On which tier each child stood on each day, and when they moved up."""

import numpy as np
import pandas as pd

from fs_risk.outcomes.definitions import TIER_TABLES
from fs_risk.outcomes.events import EventDays, Periods
from fs_risk.outcomes.scope import REMAND, SHORT_BREAK, care_periods, protection_plans
from fs_risk.records.dates import NEVER, to_days
from fs_risk.records.records import Records

CHILD_IN_NEED = 2
"""The tier of a case that is open and on no higher one."""


class Ladder:
    """The tiers above child in need, for the rows of one cohort.

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
    current : ndarray of int64, shape (n,)
        The highest tier in force on `as_of` by something begun before it, else 2.
        Remand and short breaks are no tier of this ladder.
    """

    def __init__(
        self, records: Records, children: pd.Index, codes: np.ndarray, as_of: np.ndarray
    ) -> None:
        self._codes, self._as_of = codes, as_of
        frames = tier_frames(records)
        self._starts: dict[int, EventDays] = {}
        self._outside: dict[str, dict[int, EventDays]] = {}
        self._outside_periods: dict[str, Periods] = {}
        self._periods: dict[int, Periods] = {}
        for tier, (frame, why) in frames.items():
            inside = (why == "").to_numpy(dtype=bool)
            self._starts[tier] = _starts(frame[inside], children)
            for reason in sorted(set(why[~inside])):
                part = frame[(why == reason).to_numpy(dtype=bool)]
                self._outside.setdefault(reason, {})[tier] = _starts(part, children)
                self._outside_periods[reason] = Periods(part, children)
            self._periods[tier] = Periods(of_the_ladder(frame, why), children)
        self.current = self.on(as_of)

    def on(self, days: np.ndarray) -> np.ndarray:
        """Give the highest tier in force on a day by something begun before it, else 2.

        Parameters
        ----------
        days : ndarray of int64, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        tiers = np.full(len(self._codes), CHILD_IN_NEED)
        for tier, periods in self._periods.items():
            tiers[periods.open_on(self._codes, days)] = tier
        return tiers

    def starts(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Say on which tiers something in scope began from `first` to `last`.

        Returns
        -------
        ndarray of bool, shape (3, n)
            A row for each tier, lowest first.
        """
        return np.stack(
            [self._starts[tier].between(self._codes, first, last) for tier in TIER_TABLES]
        )

    def first_above(self) -> np.ndarray:
        """Give the first day, on or after `as_of`, on which a higher tier in scope began.

        Returns
        -------
        ndarray of int64, shape (n,)
            `NEVER` where none did.
        """
        days = np.stack(
            [self._starts[tier].first_from(self._codes, self._as_of) for tier in TIER_TABLES]
        )
        higher = np.array(list(TIER_TABLES))[:, None] > self.current
        return np.asarray(np.where(higher, days, NEVER).min(axis=0))

    def outside_starts(self, first: np.ndarray, last: np.ndarray) -> dict[str, np.ndarray]:
        """Say the same of what is out of scope, by the reason for it.

        Returns
        -------
        dict of str to ndarray of bool, shape (3, n)
        """
        none = np.zeros(len(self._codes), dtype=bool)
        return {
            reason: np.stack(
                [
                    tiers[tier].between(self._codes, first, last) if tier in tiers else none
                    for tier in TIER_TABLES
                ]
            )
            for reason, tiers in self._outside.items()
        }

    def outside_on_as_of(self) -> dict[str, np.ndarray]:
        """Say which rows were on remand or in short breaks on `as_of`.

        Returns
        -------
        dict of str to ndarray of bool, shape (n,)
        """
        return {
            reason: self._outside_periods[reason].open_on(self._codes, self._as_of)
            for reason in (REMAND, SHORT_BREAK)
            if reason in self._outside_periods
        }


def tier_frames(records: Records) -> dict[int, tuple[pd.DataFrame, pd.Series]]:
    """Give the periods of each tier, with why each is out of scope.

    Parameters
    ----------
    records : Records

    Returns
    -------
    dict of int to (DataFrame, Series of str)
        By tier, lowest first; empty text for periods in scope.
    """
    return {
        3: protection_plans(records),
        4: _all_in_scope(records["pre_proceedings"]),
        5: care_periods(records),
    }


def of_the_ladder(frame: pd.DataFrame, why: pd.Series) -> pd.DataFrame:
    """Keep the periods that put a child on a tier: all but remand and short breaks."""
    return frame[~why.isin([REMAND, SHORT_BREAK]).to_numpy(dtype=bool)]


def _all_in_scope(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    return frame, pd.Series("", index=frame.index, dtype="str")


def _starts(frame: pd.DataFrame, children: pd.Index) -> EventDays:
    return EventDays(frame["child_id"], to_days(frame["start_date"]), children)
