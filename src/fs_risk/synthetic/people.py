"""Families and their children: who they are, when born, where they live, what troubles them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import gammaincc

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.drawing import drawn_evenly, even_draws
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.residence import MOST_DEPRIVED, NEVER, arrivals, departures, moves_within
from fs_risk.synthetic.states import STEPS_A_YEAR, UNBORN_STEPS

_ADULT_MONTHS = 216
_GESTATION_DAYS = 280


def _not_given() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


_YEAR = 365.25
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
    arrive_step, leave_step : ndarray, shape (n_families,)
        Step in which the family moves into the authority (-1: it was always there)
        and at whose start it has moved out. Left out, nobody moves.
    move_day, later_decile : ndarray, shape (n_families,)
        Day of the last move within the authority, and the decile from then on, which
        is on the same side of `deprived`. Left out, nobody moves.
    elder : ndarray, shape (n_families,)
        Each family's children born before the grid, who are not simulated; none by default.
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
    arrive_step: np.ndarray = field(default_factory=_not_given)
    leave_step: np.ndarray = field(default_factory=_not_given)
    move_day: np.ndarray = field(default_factory=_not_given)
    later_decile: np.ndarray = field(default_factory=_not_given)
    elder: np.ndarray = field(default_factory=_not_given)

    def __post_init__(self) -> None:
        """Let nobody move where nothing is said of it."""
        count = len(self.family_class)
        still = {
            "arrive_step": np.full(count, -1),
            "leave_step": np.full(count, NEVER),
            "move_day": np.full(count, NEVER),
            "later_decile": self.family_decile,
            "elder": np.zeros(count, dtype=np.int64),
        }
        for name, values in still.items():
            if len(getattr(self, name)) != count:
                object.__setattr__(self, name, values)

    def here(self, children: np.ndarray, step: int) -> np.ndarray:
        """Say which children, born or not, live in the authority and are under age."""
        inside: np.ndarray = (step >= self.first_step[children]) & (step < self.last_step[children])
        return inside

    def children_of(self, families: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """List the children of families, and the place of each one's family among them."""
        count = self.n_children[families]
        place = np.repeat(np.arange(len(families)), count)
        within = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
        return self.first_child[families][place] + within, place

    @cached_property
    def first_step(self) -> np.ndarray:
        """Step from which each child lives here and is in view."""
        first: np.ndarray = np.maximum(self.enter_step, self.arrive_step[self.family] + 1)
        return first

    @cached_property
    def last_step(self) -> np.ndarray:
        """Step from which each child is of age or gone."""
        last: np.ndarray = np.minimum(self.exit_step, self.leave_step[self.family])
        return last

    @property
    def always_here(self) -> np.ndarray:
        """Whether each child lives in the authority from conception to coming of age."""
        stays: np.ndarray = (self.arrive_step[self.family] < 0) & (
            self.leave_step[self.family] > self.exit_step
        )
        return stays

    def area(self, family: np.ndarray, day: np.ndarray, areas: int) -> np.ndarray:
        """Give the number of the locality where families live on given days."""
        number: np.ndarray = (family + (day >= self.move_day[family])) % areas
        return number

    def part(self, families: np.ndarray) -> "People":
        """Give some of the families, or one several times, with children, numbered anew."""
        count = self.n_children[families]
        child, family = self.children_of(families)
        return People(
            self.family_class[families],
            self.family_decile[families],
            np.cumsum(count) - count,
            count,
            family,
            self.birth_day[child],
            self.adult_day[child],
            self.birth_step[child],
            self.exit_step[child],
            self.arrive_step[families],
            self.leave_step[families],
            self.move_day[families],
            self.later_decile[families],
            self.elder[families],
        )

    @property
    def child_class(self) -> np.ndarray:
        """Each child's family's class."""
        classes: np.ndarray = self.family_class[self.family]
        return classes

    @property
    def deprived(self) -> np.ndarray:
        """Whether each child lives in the most deprived fifth of neighbourhoods."""
        deprived: np.ndarray = (self.family_decile[self.family] <= MOST_DEPRIVED).astype(np.int64)
        return deprived

    @property
    def enter_step(self) -> np.ndarray:
        """Step from which each child, born or not, can be referred."""
        return self.birth_step - UNBORN_STEPS


def make_people(
    children: int,
    calendar: Calendar,
    parameters: Parameters,
    rng: np.random.Generator,
    *,
    needed_from: int = 0,
) -> People:
    """Draw the families of an authority with about `children` children at any time.

    Births are spread evenly over the grid, so that from its eighteenth year on the
    number of children and their ages are steady. A family moves out with one chance in
    every step, whatever its state, and as many families of each age move in.

    Parameters
    ----------
    children : int
    calendar : Calendar
    parameters : Parameters
    rng : Generator
    needed_from : int, default=0
        Families that have moved out, or whose children have grown up, before this step
        are left out: nothing that is recorded depends on them.

    Returns
    -------
    People
        Families alike stand near each other.
    """
    sizes = parameters.array("people.family_size")
    years = _EARLIER_YEARS + calendar.years + _GESTATION_DAYS / 365.25
    by_decile = class_shares(parameters)
    mean_size = (by_decile.mean(axis=0) * (sizes @ np.arange(1, sizes.shape[1] + 1))).sum()
    n_families = max(1, round(children / 18 / mean_size * years))
    decile = 1 + rng.permutation(n_families) % 10
    kind = drawn_evenly(by_decile[decile - 1], decile, rng)
    count = 1 + drawn_evenly(sizes[kind], kind * 10 + decile, rng)
    first = years * even_draws((kind * 10 + count) * 11 + decile, rng) - _EARLIER_YEARS
    order = np.lexsort((first, decile, count, kind))
    kind, decile, count, first = (each[order] for each in (kind, decile, count, first))
    birth = _births(count, first, parameters, rng)
    before = _families(kind, decile, count, birth, calendar)
    return _residents(before, calendar, parameters, rng, needed_from)


def class_shares(parameters: Parameters) -> np.ndarray:
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
    count: np.ndarray, first: np.ndarray, parameters: Parameters, rng: np.random.Generator
) -> np.ndarray:
    """Days of birth: a family's first in the year given, the others after gaps."""
    shape, scale, least = parameters.array("people.birth_gap")
    total = int(count.sum())
    gaps = least + rng.gamma(shape, scale, total)
    starts = np.cumsum(count) - count
    gap_days = np.floor(gaps * _YEAR).astype(np.int64)
    gap_days[starts] = 0
    elapsed = np.cumsum(gap_days)
    since_first = elapsed - np.repeat(elapsed[starts], count)
    days: np.ndarray = np.repeat(np.floor(first * _YEAR).astype(np.int64), count) + since_first
    return days


def no_birth_for(days: np.ndarray, parameters: Parameters) -> np.ndarray:
    """Give the probability that a family's next birth is at least so many days after the last."""
    shape, scale, least = parameters.array("people.birth_gap")
    later: np.ndarray = gammaincc(shape, np.maximum(days / _YEAR - least, 0.0) / scale)
    return later


def _families(
    kind: np.ndarray, decile: np.ndarray, count: np.ndarray, birth: np.ndarray, calendar: Calendar
) -> People:
    """Put families together; children born off the grid and families without any are left out."""
    family = np.repeat(np.arange(len(count)), count)
    kept = (birth >= 0) & (birth < calendar.end + _GESTATION_DAYS)
    born = np.bincount(family[kept], minlength=len(count))
    elder = np.bincount(family[birth < 0], minlength=len(count))
    some = born > 0
    family = np.cumsum(some)[family[kept]] - 1
    birth, count = birth[kept], born[some]
    adult = _eighteenth(calendar.dates[birth], calendar)
    inside = adult < len(calendar.step_of)
    never = len(calendar.starts) + STEPS_A_YEAR
    exit_step = np.where(inside, calendar.step_of[np.where(inside, adult, 0)], never)
    return People(
        kind[some],
        decile[some],
        np.cumsum(count) - count,
        count,
        family,
        birth,
        adult,
        calendar.step_of[birth],
        exit_step,
        elder=elder[some],
    )


def _residents(
    people: People,
    calendar: Calendar,
    parameters: Parameters,
    rng: np.random.Generator,
    needed_from: int,
) -> People:
    """Join those who were always there and those who move in, and let both move out."""
    begins = np.maximum(np.minimum.reduceat(people.enter_step, people.first_child), 0)
    ends = np.maximum.reduceat(people.exit_step, people.first_child)
    leaving = parameters.number("people.leaving")
    lasts = np.maximum(np.minimum(ends, calendar.steps) - begins, 0)
    alike = people.family_class * 10 + people.n_children
    which, arrive = arrivals(alike, begins, lasts, leaving, rng)
    n_always = len(people.family_class)
    source = np.append(np.arange(n_always), which)
    arrive = np.append(np.full(n_always, -1), arrive)
    leave = np.empty(len(source), dtype=np.int64)
    for part in (arrive < 0, arrive >= 0):
        since = np.maximum(begins[source], arrive)[part]
        leave[part] = departures(alike[source][part], since, leaving, rng)
    needed = np.flatnonzero((leave >= needed_from) & (ends[source] >= needed_from))
    needed = needed[np.lexsort((arrive[needed], source[needed]))]
    source, arrive, leave = source[needed], arrive[needed], leave[needed]
    count = people.n_children[source]
    family = np.repeat(np.arange(len(source)), count)
    within = np.arange(len(family)) - np.repeat(np.cumsum(count) - count, count)
    child = people.first_child[source][family] + within
    decile = people.family_decile[source]
    moved, later = moves_within(decile, arrive, leave, calendar, parameters, rng)
    return People(
        people.family_class[source],
        decile,
        np.cumsum(count) - count,
        count,
        family,
        people.birth_day[child],
        people.adult_day[child],
        people.birth_step[child],
        people.exit_step[child],
        arrive,
        leave,
        moved,
        later,
        people.elder[source],
    )


def _eighteenth(births: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Give the eighteenth birthday, as a day of the grid; 29 February counts as 1 March."""
    months = births.astype("datetime64[M]")
    birthday = (months + _ADULT_MONTHS).astype("datetime64[D]") + (births - months)
    days: np.ndarray = (birthday - calendar.dates[0]).astype(np.int64)
    return days
