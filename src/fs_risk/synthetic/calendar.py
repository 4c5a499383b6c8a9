"""The grid of steps, and which days of a step things fall on.

Thirteen steps make a reporting year: twelve of 28 days and a last one of 29 or 30,
so that a step of one year and the same step of another cover the same season.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fs_risk.records.dates import EPOCH, bank_holidays
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import STEPS_A_YEAR

LONGEST = 31
"""Room for the days of one step in a table."""

HORIZON_YEARS = 2
"""The grid goes on after the extract, so that outcomes after it have a probability."""


@dataclass(frozen=True)
class Calendar:
    """Days, counted from the first day of the grid, and what falls on each.

    Attributes
    ----------
    first_year : int
        The grid begins on 1 April of this year.
    years : int
        Reporting years simulated; the calendar itself is `HORIZON_YEARS` longer.
    parameters : Parameters
    """

    first_year: int
    years: int
    parameters: Parameters

    @cached_property
    def origin(self) -> int:
        """Day 0 of the grid, in days since 1970."""
        return int((np.datetime64(f"{self.first_year}-04-01", "D") - EPOCH).astype(int))

    @cached_property
    def starts(self) -> np.ndarray:
        """First day of each step, and of the one after the last."""
        years = np.arange(self.first_year, self.first_year + self.years + HORIZON_YEARS + 1)
        aprils = np.array([f"{year}-04-01" for year in years], dtype="datetime64[D]")
        first = (aprils - EPOCH).astype(np.int64) - self.origin
        step_days = int(self.parameters.number("grid.step_days"))
        steps = first[:-1, None] + step_days * np.arange(STEPS_A_YEAR)
        return np.append(steps.ravel(), first[-1])

    @property
    def steps(self) -> int:
        """How many steps are simulated."""
        return self.years * STEPS_A_YEAR

    @property
    def end(self) -> int:
        """The day after the last one simulated."""
        return int(self.starts[self.steps])

    @cached_property
    def dates(self) -> np.ndarray:
        """Every day of the calendar as ``datetime64[D]``."""
        dates: np.ndarray = EPOCH + (self.origin + np.arange(self.starts[-1]))
        return dates

    @cached_property
    def step_of(self) -> np.ndarray:
        """Step of every day; a day after the calendar's end belongs to no step of it."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def working(self) -> np.ndarray:
        """Whether each day is a working day in England."""
        weekday = (self.dates.astype(np.int64) + 3) % 7
        return (weekday < 5) & ~np.isin(self.dates, bank_holidays())

    @cached_property
    def _working_days(self) -> np.ndarray:
        return np.flatnonzero(self.working)

    @cached_property
    def _rank(self) -> np.ndarray:
        return np.cumsum(self.working) - 1

    def add_working_days(self, days: np.ndarray, count: np.ndarray | int) -> np.ndarray:
        """Move days forward by working days, from the last working day up to each.

        Parameters
        ----------
        days : ndarray of int
            Days of the grid.
        count : int or ndarray of int
            Zero leaves a day where it is, working day or not.

        Returns
        -------
        ndarray of int64
        """
        later = np.minimum(self._rank[days] + count, len(self._working_days) - 1)
        return np.where(np.asarray(count) == 0, days, self._working_days[later])

    def last_working_day(self, steps: np.ndarray) -> np.ndarray:
        """Give the last working day of each step."""
        last: np.ndarray = self._working_days[self._rank[self.starts[steps + 1] - 1]]
        return last

    @cached_property
    def school_day(self) -> np.ndarray:
        """Whether schools are open, by the usual terms of England."""
        month_day = _month_day(self.dates)
        closed = np.zeros(len(self.dates), dtype=bool)
        for first, last in self.parameters["calendar.school_holidays"].value:
            closed |= (month_day >= first) & (month_day <= last)
        school_day: np.ndarray = self.working & ~closed & ~_near_easter(self.dates)
        return school_day

    @cached_property
    def _referral_weight(self) -> np.ndarray:
        """Relative number of referrals on each day."""
        values = self.parameters
        weekday = (self.dates.astype(np.int64) + 3) % 7
        months = self.dates.astype("datetime64[M]").astype(np.int64)
        weight = values.array("calendar.weekday")[weekday]
        resting = values.number("calendar.rest_day")
        weight = np.where(self.working, weight, resting)
        tilt = np.where(self.school_day, 1.0, values.number("calendar.school_holiday"))
        groups = months - months[0]
        mean = np.bincount(groups, tilt * self.working) / np.bincount(groups, self.working)
        index = values.array("calendar.month_index")[months % 12]
        relative: np.ndarray = weight * index * tilt / mean[groups]
        return relative

    def _by_step(self, weight: np.ndarray) -> np.ndarray:
        """Share of each step's weight that has fallen by each of its days."""
        days = self.starts[:-1, None] + np.arange(LONGEST)
        inside = days < self.starts[1:, None]
        table = np.where(inside, weight[np.minimum(days, len(weight) - 1)], 0.0)
        shares: np.ndarray = np.cumsum(table, axis=1) / table.sum(axis=1, keepdims=True)
        return shares

    @cached_property
    def referral_shares(self) -> np.ndarray:
        """Share of a step's referrals made by each of its days, shape (steps, LONGEST)."""
        return self._by_step(self._referral_weight)

    @cached_property
    def working_shares(self) -> np.ndarray:
        """Share of a step's other events that fell by each of its days."""
        resting = self.parameters.number("calendar.rest_day")
        return self._by_step(np.where(self.working, 1.0, resting))

    @cached_property
    def _usual_season(self) -> np.ndarray:
        weight = np.add.reduceat(self._referral_weight, self.starts[:-1])
        season: np.ndarray = weight / weight.mean()
        return season

    @cached_property
    def season(self) -> np.ndarray:
        """Referrals in each step relative to the average step."""
        return self._usual_season

    @cached_property
    def contact_season(self) -> np.ndarray:
        """Contacts that lead to no referral in each step relative to the average step."""
        return self._usual_season

    def day_in_step(self, shares: np.ndarray, steps: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """Place events within their steps.

        Parameters
        ----------
        shares : ndarray
            `referral_shares` or `working_shares`.
        steps : ndarray of int
        luck : ndarray of float
            In [0, 1).

        Returns
        -------
        ndarray of int64
            Days of the grid.
        """
        running = (np.arange(len(shares))[:, None] + shares).ravel()
        place = np.searchsorted(running, steps + luck, side="right") - steps * LONGEST
        last = self.starts[steps + 1] - 1
        days: np.ndarray = np.minimum(self.starts[steps] + place, last)
        return days


def _month_day(dates: np.ndarray) -> np.ndarray:
    """Write dates as month times 100 plus day."""
    months = dates.astype("datetime64[M]")
    month: np.ndarray = months.astype(np.int64) % 12 + 1
    written: np.ndarray = month * 100 + (dates - months).astype(np.int64) + 1
    return written


def _near_easter(dates: np.ndarray) -> np.ndarray:
    """Say which dates fall in the two weeks from the Monday before Easter."""
    holidays = bank_holidays()
    weekday = (holidays.astype(np.int64) + 3) % 7
    month_day = _month_day(holidays)
    good_fridays = holidays[(weekday == 4) & (month_day >= 319) & (month_day <= 424)]
    gaps = (dates[:, None] - good_fridays[None, :]).astype(np.int64)
    near: np.ndarray = ((gaps >= -4) & (gaps <= 9)).any(axis=1)
    return near
