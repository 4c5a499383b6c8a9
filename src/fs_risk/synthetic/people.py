"""Families and their children: who they are, when born, and what troubles the family."""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.drawing import drawn_columns
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import STEPS_A_YEAR, UNBORN_STEPS

_ADULT_MONTHS = 216
_GESTATION_DAYS = 280
_EARLIER_YEARS = 15
"""Families begun this long before the grid still have children on it."""


@dataclass(frozen=True)
class People:
    """Families and children, as parallel arrays; a family's children stand together.

    Attributes
    ----------
    family_class, family_decile : ndarray, shape (n_families,)
        Index into `CLASSES`; neighbourhood decile, 1 the most deprived.
    first_child, n_children : ndarray, shape (n_families,)
        Where a family's children begin, and how many there are.
    family : ndarray, shape (n_children,)
        Each child's family.
    birth_day, adult_day : ndarray
        Days of the grid; the second is the eighteenth birthday.
    birth_step, exit_step : ndarray
        Step of birth; step in which the child comes of age.
    """

    family_class: np.ndarray
    family_decile: np.ndarray
    first_child: np.ndarray
    n_children: np.ndarray
    family: np.ndarray
    birth_day: np.ndarray
    adult_day: np.ndarray
    birth_step: np.ndarray
    exit_step: np.ndarray

    @property
    def child_class(self) -> np.ndarray:
        """Each child's family's class."""
        classes: np.ndarray = self.family_class[self.family]
        return classes

    @property
    def deprived(self) -> np.ndarray:
        """Whether each child lives in the most deprived fifth of neighbourhoods."""
        deprived: np.ndarray = (self.family_decile[self.family] <= 2).astype(np.int64)
        return deprived

    @property
    def enter_step(self) -> np.ndarray:
        """Step from which each child, born or not, can be referred."""
        return self.birth_step - UNBORN_STEPS


def make_people(
    children: int, calendar: Calendar, parameters: Parameters, rng: np.random.Generator
) -> People:
    """Draw the families of an authority with about `children` children at any time.

    Births are spread evenly over the grid, so that from its eighteenth year on the
    number of children and their ages are steady.

    Parameters
    ----------
    children : int
    calendar : Calendar
    parameters : Parameters
    rng : Generator

    Returns
    -------
    People
    """
    sizes = parameters.array("people.family_size")
    years = _EARLIER_YEARS + calendar.years + _GESTATION_DAYS / 365.25
    by_decile = _class_shares(parameters)
    mean_size = (by_decile.mean(axis=0) * (sizes @ np.arange(1, sizes.shape[1] + 1))).sum()
    n_families = max(1, round(children / 18 / mean_size * years))
    decile = rng.integers(1, 11, n_families)
    family_class = drawn_columns(by_decile[decile - 1], rng)
    count = 1 + drawn_columns(sizes[family_class], rng)
    family = np.repeat(np.arange(n_families), count)
    birth = _births(count, years, parameters, rng)
    kept = (birth >= 0) & (birth < calendar.end + _GESTATION_DAYS)
    return _people(family_class, decile, family[kept], birth[kept], calendar)


def _class_shares(parameters: Parameters) -> np.ndarray:
    """Share of families in each class, by decile: shape (10, classes)."""
    share = parameters.array("people.class_share")
    slope = parameters.array("people.class_slope")
    odds = share * np.exp(slope * (5.5 - np.arange(1, 11))[:, None])
    odds[:, 0] = 0.0
    most = parameters.number("people.most_troubled")
    troubled = odds.sum(axis=1, keepdims=True)
    scaled: np.ndarray = odds / troubled * np.minimum(troubled, most)
    scaled[:, 0] = 1.0 - scaled.sum(axis=1)
    return scaled


def _births(
    count: np.ndarray, years: float, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    """Days of birth: a family's first anywhere in the grid, the others after gaps."""
    first = rng.uniform(-_EARLIER_YEARS, years - _EARLIER_YEARS, len(count))
    shape, scale, least = parameters.array("people.birth_gap")
    total = int(count.sum())
    gaps = least + rng.gamma(shape, scale, total)
    starts = np.cumsum(count) - count
    gaps[starts] = 0.0
    elapsed = np.cumsum(gaps)
    since_first = elapsed - np.repeat(elapsed[starts], count)
    days: np.ndarray = np.floor((np.repeat(first, count) + since_first) * 365.25).astype(np.int64)
    return days


def _people(
    family_class: np.ndarray,
    decile: np.ndarray,
    family: np.ndarray,
    birth: np.ndarray,
    calendar: Calendar,
) -> People:
    count = np.bincount(family, minlength=len(family_class))
    birth_step = calendar.step_of[birth]
    adult = _eighteenth(calendar.dates[birth], calendar)
    inside = adult < len(calendar.step_of)
    never = len(calendar.starts) + STEPS_A_YEAR
    exit_step = np.where(inside, calendar.step_of[np.where(inside, adult, 0)], never)
    return People(
        family_class,
        decile,
        np.cumsum(count) - count,
        count,
        family,
        birth,
        adult,
        birth_step,
        exit_step,
    )


def _eighteenth(births: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Give the eighteenth birthday, as a day of the grid; 29 February counts as 1 March."""
    months = births.astype("datetime64[M]")
    birthday = (months + _ADULT_MONTHS).astype("datetime64[D]") + (births - months)
    days: np.ndarray = (birthday - calendar.dates[0]).astype(np.int64)
    return days
