"""Changes over the years: the pandemic, a threshold that moves, a new case management system."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from fs_risk.errors import SettingError
from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.settings import check_size

_DIP = ("2020-03-23", "2020-06-01", "2022-08-01")
"""The pandemic's first months begin, end, and the months after them end."""

_WHERE = "make_authority(shocks=)"


@dataclass(frozen=True, kw_only=True)
class Shocks:
    """What changes in the course of the years; by default nothing does.

    The pandemic and the threshold change how often a family comes to notice, step by
    step, in the world itself: the true probabilities allow for them exactly. Contacts
    that lead to no referral fall with the referrals in the pandemic, when fewer people
    see the children; a threshold leaves them as they are, so that it changes the share
    of contacts that become referrals. The migration changes only what is recorded, and
    is listed in ``truth["defects"]``.

    Attributes
    ----------
    covid : float, default=0
        The pandemic's dip in referrals, as a multiple of the published one (16% to the
        end of May 2020, then 9% to July 2022 [1]_). At most 5.
    threshold : float, default=1
        Referrals after `threshold_date` relative to before, from 0.2 to 2.
    threshold_date : date or str, default 3 October 2022
    migration : date or str, optional
        Day of a change of system: coarser sources after it, recorded clocks of earlier
        contacts and referrals set to it, 21 for every assessment without factors.

    References
    ----------
    .. [1] Department for Education, Vulnerable children and young people survey, July
       2022.

    Examples
    --------
    >>> Shocks(threshold=0.7, threshold_date="2023-01-02").threshold_date
    datetime.date(2023, 1, 2)
    """

    covid: float = 0.0
    threshold: float = 1.0
    threshold_date: date = date(2022, 10, 3)
    migration: date | None = None

    def __post_init__(self) -> None:
        check_size("covid", self.covid, 0, 5, _WHERE)
        check_size("threshold", self.threshold, 0.2, 2, _WHERE)
        object.__setattr__(self, "threshold_date", day_of(self.threshold_date, "threshold_date"))
        if self.migration is not None:
            object.__setattr__(self, "migration", day_of(self.migration, "migration"))

    def pandemic(self, dates: np.ndarray, dips: tuple[float, float]) -> np.ndarray:
        """Give the pandemic's factor on contacts and referrals of each day.

        Parameters
        ----------
        dates : ndarray of datetime64[D]
        dips : tuple of float
            The published dips of the first months and of those after them.

        Returns
        -------
        ndarray of float
        """
        begins, eases, ends = (np.datetime64(day) for day in _DIP)
        first, then = (1.0 - self.covid * dip for dip in dips)
        factor = np.ones(len(dates))
        factor[(dates >= begins) & (dates < eases)] = first
        factor[(dates >= eases) & (dates < ends)] = then
        return factor

    def lowered(self, dates: np.ndarray) -> np.ndarray:
        """Give the threshold's factor on referrals of each day."""
        after: np.ndarray = dates >= np.datetime64(self.threshold_date)
        return np.where(after, self.threshold, 1.0)


def day_of(given: date | str, name: str, where: str = _WHERE) -> date:
    """Read a day that was passed as an argument.

    Raises
    ------
    SettingError
        If it is not a day.
    """
    try:
        return given if isinstance(given, date) else date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise SettingError(
            f"{name} is not a day.", where=where, fix=f"Pass {name} as a date or as yyyy-mm-dd."
        ) from error


@dataclass(frozen=True)
class ShockedCalendar(Calendar):
    """A calendar in which some steps bring more or fewer referrals than usual.

    Attributes
    ----------
    shocks : Shocks
    """

    shocks: Shocks = Shocks()

    @cached_property
    def _pandemic(self) -> np.ndarray:
        first, then = self.parameters.array("shocks.covid_dips")
        return self.shocks.pandemic(self.dates, (float(first), float(then)))

    def _mean(self, factor: np.ndarray) -> np.ndarray:
        """Average a factor of each day over the days of each step."""
        mean: np.ndarray = np.add.reduceat(factor, self.starts[:-1]) / np.diff(self.starts)
        return mean

    @cached_property
    def season(self) -> np.ndarray:
        """Referrals in each step relative to the average step without shocks."""
        factor = self._pandemic * self.shocks.lowered(self.dates)
        season: np.ndarray = self._usual_season * self._mean(factor)
        return season

    @cached_property
    def contact_season(self) -> np.ndarray:
        """Contacts that lead to no referral, relative to the average step without shocks."""
        season: np.ndarray = self._usual_season * self._mean(self._pandemic)
        return season
