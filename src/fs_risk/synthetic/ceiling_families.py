"""Families as the filter sees them: who is known, and the status of each child at each step."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.residence import MOST_DEPRIVED
from fs_risk.synthetic.states import (
    CLASSES,
    N_STATUSES,
    PHASES,
    SHAPE,
    Kind,
    Status,
    band,
    in_care,
    on_plan,
)
from fs_risk.synthetic.timeline import Timeline

N_HIDDEN = len(CLASSES) * len(PHASES)
"""Hidden states of a family: class times phase, class first."""

_AT_START = (Kind.COMES_OF_AGE, Kind.LEAVES, Kind.DIES)
_PLANS = (Kind.PLAN, Kind.TRANSFER_IN)


@dataclass(frozen=True, eq=False)
class Lived:
    """A world lived to its end, and what its probabilities were.

    Attributes
    ----------
    people : People
    calendar : Calendar
    hazards : Hazards
    parameters : Parameters
    timeline : Timeline
    contacts : dict of str to ndarray
        ``child``, ``day`` and ``known`` (day on which it was known) of each contact.
    contacts_from : int
        First step in which contacts are kept.
    """

    people: People
    calendar: Calendar
    hazards: Hazards
    parameters: Parameters
    timeline: Timeline
    contacts: dict[str, np.ndarray]
    contacts_from: int


class Families:
    """Some families of a world, with their children side by side.

    Parameters
    ----------
    lived : Lived
    numbers : ndarray of int
        The families, ascending.
    deprived : int, optional
        Whether to take them all to live in the most deprived fifth, 1, or not, 0, with the
        decile unknown; where they live, if not given.

    Attributes
    ----------
    child : ndarray, shape (n_families, most)
        Number of each child in the world, -1 where a family has fewer.
    deprived : ndarray of int, shape (n_families,)
    only_deprived : int or None
        The argument.
    """

    def __init__(self, lived: Lived, numbers: np.ndarray, deprived: int | None = None) -> None:
        self.lived, self.numbers = lived, numbers
        people = lived.people
        count = people.n_children[numbers]
        place = np.arange(int(count.max(initial=1)))
        self.child = np.where(
            place < count[:, None], people.first_child[numbers][:, None] + place, -1
        )
        self.deprived = people.deprived[people.first_child[numbers]]
        self.only_deprived = deprived
        if deprived is not None:
            self.deprived = np.full(len(numbers), deprived)

    def decile_chances(self, rows: np.ndarray) -> np.ndarray:
        """Give the chance of each decile, and of the fifth that was given, (n, 10)."""
        decile = np.arange(1, 11)
        if self.only_deprived is None:
            own = self.lived.people.family_decile[self.numbers[rows]]
            return np.asarray(own[:, None] == decile, dtype=np.float64)
        inside = (decile <= MOST_DEPRIVED) == self.deprived[rows, None]
        return np.asarray(inside / 10.0, dtype=np.float64)

    @property
    def most(self) -> int:
        """The greatest number of children in a family."""
        return int(self.child.shape[1])

    @cached_property
    def row(self) -> np.ndarray:
        """Row of each family of the world, -1 where it is not among these."""
        rows = np.full(len(self.lived.people.family_class), -1)
        rows[self.numbers] = np.arange(len(self.numbers))
        return rows

    def of_children(self, children: np.ndarray) -> np.ndarray:
        """Give the row of each child's family, or -1."""
        rows: np.ndarray = self.row[self.lived.people.family[children]]
        return rows

    def place(self, children: np.ndarray) -> np.ndarray:
        """Give the place of each child in its family."""
        people = self.lived.people
        within: np.ndarray = children - people.first_child[people.family[children]]
        return within

    @cached_property
    def referrals(self) -> dict[str, np.ndarray]:
        """The referrals of these families, with their number among all."""
        columns = self.lived.timeline.referrals
        here = np.flatnonzero(self.of_children(columns["child"]) >= 0)
        return {"number": here, **{name: values[here] for name, values in columns.items()}}

    @cached_property
    def events(self) -> dict[str, np.ndarray]:
        """The events of these families, in the order in which they were simulated."""
        timeline = self.lived.timeline
        here = np.flatnonzero(self.of_children(timeline.events["child"]) >= 0)
        columns = {name: values[here] for name, values in timeline.events.items()}
        return {**columns, "day": timeline.day[here], "resolved": timeline.resolved[here]}

    @cached_property
    def _histories(self) -> tuple[np.ndarray, np.ndarray]:
        """Status and earlier plans at the start of each step, shape (steps + 1, rows, places)."""
        steps = self.lived.calendar.steps
        events = self.events
        row, place = self.of_children(events["child"]), self.place(events["child"])
        shape = (steps + 1, *self.child.shape)
        status, plans = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int8)
        by_step = np.argsort(events["step"], kind="stable")
        ends = np.searchsorted(events["step"][by_step], np.arange(steps + 1))
        stays = staying(self.lived.hazards)
        for step in range(steps):
            here = by_step[ends[step] : ends[step + 1]]
            at_start = np.isin(events["kind"][here], _AT_START)
            gone, moved = here[at_start], here[~at_start]
            status[step, row[gone], place[gone]] = Status.CLOSED
            status[step + 1] = stays[status[step]]
            status[step + 1, row[moved], place[moved]] = events["target"][moved]
            plans[step + 1] = plans[step]
            planned = moved[np.isin(events["kind"][moved], _PLANS)]
            plans[step + 1, row[planned], place[planned]] += 1
        return status, np.minimum(plans, SHAPE[3] - 1)

    @property
    def status(self) -> np.ndarray:
        """Status of each child at the start of each step, once those of age have left."""
        return self._histories[0]

    @property
    def plans(self) -> np.ndarray:
        """Plans begun before each step, capped."""
        return self._histories[1]

    def in_view(self, rows: np.ndarray, step: np.ndarray | int) -> np.ndarray:
        """Say which children, born or not, are under age; shape (n, places)."""
        people, child = self.lived.people, self.child[rows]
        at = np.asarray(step)[..., None]
        inside: np.ndarray = (
            (child >= 0) & (at >= people.enter_step[child]) & (at < people.exit_step[child])
        )
        return inside

    def bands(self, rows: np.ndarray, step: np.ndarray | int) -> np.ndarray:
        """Give the age band of each child; shape (n, places)."""
        born = self.lived.people.birth_step[self.child[rows]]
        return band(np.asarray(step)[..., None] - born)

    def table_of(
        self, table: np.ndarray, rows: np.ndarray, bands: np.ndarray, plans: np.ndarray
    ) -> np.ndarray:
        """Look a flattened table of the chain up for every hidden state.

        Parameters
        ----------
        table : ndarray, shape (n_covariates, ...)
        rows, bands, plans : ndarray, shape (n,)

        Returns
        -------
        ndarray, shape (n, N_HIDDEN, ...)
        """
        whole = table.reshape(*SHAPE, *table.shape[1:])
        found = whole[:, :, bands, plans, self.deprived[rows]]
        found = np.moveaxis(found, 2, 0)
        return found.reshape(len(rows), N_HIDDEN, *table.shape[1:])

    @cached_property
    def begins(self) -> np.ndarray:
        """The step in which each family's first child comes into view."""
        people = self.lived.people
        enter = np.where(self.child >= 0, people.enter_step[self.child], 1 << 30)
        first: np.ndarray = np.maximum(enter.min(axis=1), 0)
        return first

    @cached_property
    def referred_from(self) -> np.ndarray:
        """The first step in which a child of each family was referred."""
        first = np.full(len(self.numbers), 1 << 30)
        np.minimum.at(first, self.of_children(self.referrals["child"]), self.referrals["step"])
        return first

    @cached_property
    def taken_over_in(self) -> np.ndarray:
        """The step in which a family moved in with children on a plan, or -1."""
        steps = np.full(len(self.numbers), -1)
        came = self.referrals["kind"] == Kind.TRANSFER_IN
        steps[self.of_children(self.referrals["child"][came])] = self.referrals["step"][came]
        return steps


def staying(hazards: Hazards) -> np.ndarray:
    """Give the status that follows each when nothing happens."""
    following = np.arange(N_STATUSES, dtype=np.int8)
    for status, moves in hazards.moves.items():
        kept = [move.target for move in moves if move.kind == Kind.STAYS]
        if kept:
            following[status] = kept[0]
    return following


def tells(status: np.ndarray) -> np.ndarray:
    """Say in which statuses what happens next depends on class or phase."""
    inert = (status == Status.CLOSED) | (status == Status.HELD) | (status == on_plan(1))
    informative: np.ndarray = ~inert & ~in_care(status)
    return informative
