"""Events and periods by child, arranged so that a whole cohort is looked up at once."""

import numpy as np
import pandas as pd

from fs_risk.records.dates import MISSING_DAY, NEVER, to_days

_SHIFT = np.int64(2**32)


class EventDays:
    """The days on which something happened to each child, for many look-ups at once.

    Parameters
    ----------
    child_ids : Series of str
        One for each event.
    days : ndarray of int
        Days since 1970, as `to_days` gives them.
    known_children : Index of str
        The children who may be asked about; events of others are left out.
    """

    def __init__(self, child_ids: pd.Series, days: np.ndarray, known_children: pd.Index) -> None:
        codes = known_children.get_indexer(child_ids).astype(np.int64)
        self._keys = np.sort((codes * _SHIFT + days)[codes >= 0])

    def before(self, codes: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Count each child's events before a day.

        Parameters
        ----------
        codes : ndarray of int64, shape (n,)
            Positions in `known_children`.
        days : ndarray of int, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        last = np.searchsorted(self._keys, codes * _SHIFT + days, side="left")
        first = np.searchsorted(self._keys, codes * _SHIFT - _SHIFT // 2, side="left")
        counted: np.ndarray = last - first
        return counted

    def between(self, codes: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Say whether each child had an event on a day from `first` to `last`, both included.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        start = np.searchsorted(self._keys, codes * _SHIFT + first, side="left")
        end = np.searchsorted(self._keys, codes * _SHIFT + last, side="right")
        happened: np.ndarray = end > start
        return happened

    def first_from(self, codes: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Give the day of each child's first event on or after a day.

        Parameters
        ----------
        codes : ndarray of int64, shape (n,)
        days : ndarray of int, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)
            `NEVER` where there is none.
        """
        keys = np.append(self._keys, np.iinfo(np.int64).max)
        found = keys[np.searchsorted(self._keys, codes * _SHIFT + days, side="left")]
        own = found < codes * _SHIFT + _SHIFT // 2
        return np.where(own, found - codes * _SHIFT, NEVER)


class Periods:
    """Periods with a start and an end, by child.

    Parameters
    ----------
    frame : DataFrame
        With ``child_id``, ``start_date`` and ``end_date``; a missing end is a
        period that goes on, an end before its start counts as on the start.
    known_children : Index of str
    """

    def __init__(self, frame: pd.DataFrame, known_children: pd.Index) -> None:
        start = to_days(frame["start_date"])
        end = np.where(frame["end_date"].isna(), NEVER, to_days(frame["end_date"]))
        self.starts = EventDays(frame["child_id"], start, known_children)
        self._ends = EventDays(frame["child_id"], np.maximum(start, end), known_children)

    def open_on(self, codes: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Say whether each child had a period that began before a day and had not ended before it.

        Returns
        -------
        ndarray of bool, shape (n,)

        Notes
        -----
        Periods begun before the day, less periods ended before it, are those open:
        two look-ups instead of a join.
        """
        still: np.ndarray = self.starts.before(codes, days) > self._ends.before(codes, days)
        return still


class Runs:
    """Periods joined where one follows another without a day between, by child.

    Parameters
    ----------
    frame : DataFrame
        As for `Periods`.
    known_children : Index of str
    """

    def __init__(self, frame: pd.DataFrame, known_children: pd.Index) -> None:
        codes = known_children.get_indexer(frame["child_id"]).astype(np.int64)
        start = to_days(frame["start_date"]).astype(np.int64)
        end = np.where(frame["end_date"].isna(), NEVER, to_days(frame["end_date"]))
        known = codes >= 0
        begun = (codes * _SHIFT + start)[known]
        ended = (codes * _SHIFT + np.maximum(start, end))[known]
        order = np.argsort(begun, kind="stable")
        begun, reached = begun[order], np.maximum.accumulate(ended[order])
        apart = np.append(True, begun[1:] > reached[:-1] + 1)[: len(begun)]
        self._begun = begun[apart]
        self._ended = reached[np.append(apart[1:], True)[: len(begun)]]

    def end_of(self, codes: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Give the last day of the run that each child was in on a day.

        In a run on a day: begun before it and not ended before it.

        Returns
        -------
        ndarray of int64, shape (n,)
            `NEVER` for a run that goes on, `MISSING_DAY` for a child in none.
        """
        if not len(self._begun):
            return np.full(len(codes), MISSING_DAY, dtype=np.int64)
        keys = codes * _SHIFT + days
        place = np.searchsorted(self._begun, keys, side="left") - 1
        reached = self._ended[np.maximum(place, 0)]
        inside = (place >= 0) & (reached >= keys)
        return np.where(inside, reached - codes * _SHIFT, MISSING_DAY)
