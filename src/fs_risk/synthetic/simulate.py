"""The simulation: every family and child moved through the grid, step by step.

Within a step: children come of age and families move out; family events and events of
single children refer closed children; open cases move; families move in; then phases
change. A family's event and its phase touch all its children, and siblings mostly
share their luck (`luck`), yet each child's own chain follows `hazards` exactly.

Draws are spread evenly over families alike (`drawing`): each alone has exactly its
chance, and the totals of one authority come out near their expectation.
"""

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.drawing import each_apart, even_draws, picked_evenly
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.history import CONTACT, EVENT, REFERRAL, History, Log
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.referring import FrontDoor
from fs_risk.synthetic.residence import ByStep
from fs_risk.synthetic.siblings import SiblingDraws
from fs_risk.synthetic.states import (
    N_STATUSES,
    PHASES,
    SHAPE,
    Kind,
    Status,
    band,
    covariates,
    in_care,
)

_MOVE = 1


class World:
    """The state of all families and children at one step, and how it changes.

    Parameters
    ----------
    people : People
    calendar : Calendar
    hazards : Hazards
    parameters : Parameters
    luck : Luck
    rng : Generator

    Attributes
    ----------
    phase : ndarray, shape (n_families,)
    status, previous, referral : ndarray, shape (n_children,)
        Status, plans begun so far (capped), number of the latest referral.
    """

    def __init__(
        self,
        people: People,
        calendar: Calendar,
        hazards: Hazards,
        parameters: Parameters,
        luck: Luck,
        rng: np.random.Generator,
    ) -> None:
        self.people, self.calendar, self.hazards = people, calendar, hazards
        self.parameters, self.luck, self.rng = parameters, luck, rng
        self.draws = SiblingDraws(luck, parameters.number("siblings.share"), rng)
        self.front_door = FrontDoor(hazards, calendar, parameters, self.draws)
        n_children = len(people.family)
        self.status = np.zeros(n_children, dtype=np.int64)
        self.previous = np.zeros(n_children, dtype=np.int64)
        self.referral = np.full(n_children, -1, dtype=np.int64)
        self.child_class, self.deprived = people.child_class, people.deprived
        self.enter_step = people.enter_step
        self.phase = self._first_phases()
        self._referrals, self._events = Log(REFERRAL), Log(EVENT)
        self._others = Log(CONTACT)
        self._grown_up = ByStep(people.exit_step, calendar.steps)
        self._n_referrals = 0
        self._moving_out = ByStep(people.leave_step, calendar.steps)
        self._moving_in = ByStep(people.arrive_step, calendar.steps)

    def _first_phases(self) -> np.ndarray:
        shares = np.cumsum(self.hazards.stationary, axis=1)[self.people.family_class]
        luck = even_draws(self.people.family_class, self.rng)
        phases: np.ndarray = (luck[:, None] >= shares[:, :-1]).sum(axis=1)
        return phases

    def advance(self, step: int, *, observed: bool) -> None:
        """Move everything through one step."""
        self._come_of_age(step)
        self._move_out(step)
        if observed:
            self._contacts(step)
        referred, when = self._refer(step)
        self._move_open_cases(step)
        self.admit(step, referred, when)
        self._move_in(step)
        self.change_phases()

    def history(self) -> History:
        """Give all that has happened so far."""
        return History(self._referrals.joined(), self._events.joined(), self._others.joined())

    def _come_of_age(self, step: int) -> None:
        self._end(step, self._grown_up.at(step), Kind.COMES_OF_AGE)

    def _move_out(self, step: int) -> None:
        """Close the cases of families that have moved out; a lone child may have died instead."""
        families = self._moving_out.at(step)
        children, event = self._children_of(families)
        open_cases = np.bincount(
            event, self.status[children] != Status.CLOSED, minlength=len(families)
        )
        lone = self.people.n_children[families] == 1
        died = lone & (self.rng.random(len(families)) < self.parameters.number("people.dies"))
        died &= open_cases > 0
        self._end(step, children[~died[event]], Kind.LEAVES)
        self._end(step, children[died[event]], Kind.DIES)

    def _end(self, step: int, children: np.ndarray, kind: Kind) -> None:
        """Close what is open for children who are no longer here."""
        still_open = children[self.status[children] != Status.CLOSED]
        if not len(still_open):
            return
        ended = np.full(len(still_open), kind)
        self._record(step, still_open, ended, np.zeros(len(still_open), dtype=np.int64))
        self.status[still_open] = Status.CLOSED

    def _move_in(self, step: int) -> None:
        """Take over the plans of children whose families move in."""
        families = self._moving_in.at(step)
        chance = self.parameters.array("people.arrives_on_plan")
        planned = families[
            self.rng.random(len(families)) < chance[self.people.family_class[families]]
        ]
        children, event = self._children_of(planned)
        able = (step >= self.enter_step[children]) & (step < self.people.exit_step[children] - 1)
        when = self.rng.random(len(planned))[event]
        self.admit(step, children[able], when[able], transferred=True)

    def covariates_of(self, children: np.ndarray, step: int) -> np.ndarray:
        """Give the number of each child's covariates at a step."""
        return covariates(
            self.child_class[children],
            self.phase[self.people.family[children]],
            band(step - self.people.birth_step[children]),
            self.previous[children],
            self.deprived[children],
        )

    def _move_open_cases(self, step: int) -> None:
        children = np.flatnonzero(self.status)
        if not len(children):
            return
        status = self.status[children]
        covariate = self.covariates_of(children, step)
        bands = band(step - self.people.birth_step[children])
        unrest = self.hazards.unrest[status, covariate]
        order = (status, self.previous[children], bands)
        alike = np.ravel_multi_index(order, (N_STATUSES, SHAPE[3], SHAPE[2])) + 0.99 * unrest
        alone = in_care(status)  # in care, each child goes its own way
        whose = np.where(alone, -1 - children, self.people.family[children])
        luck = self.draws.draw(_MOVE, whose, children, step, alike, unrest)
        chances = self.hazards.cumulative[status, covariate]
        move = (luck[:, None] >= chances[:, :-1]).sum(axis=1)
        kind = self.hazards.kinds[status, move].astype(np.int64)
        target = self.hazards.targets[status, move].astype(np.int64)
        happened = kind != Kind.STAYS
        self._record(step, children[happened], kind[happened], target[happened])
        self.status[children] = target
        self._count_plans(children, kind)

    def _count_plans(self, children: np.ndarray, kind: np.ndarray) -> None:
        planned = children[(kind == Kind.PLAN) | (kind == Kind.TRANSFER_IN)]
        self.previous[planned] = np.minimum(self.previous[planned] + 1, 2)

    def _record(
        self, step: int, children: np.ndarray, kind: np.ndarray, target: np.ndarray
    ) -> None:
        self._events.add(
            step,
            referral=self.referral[children],
            child=children,
            kind=kind,
            origin=self.status[children],
            target=target,
            previous=self.previous[children],
        )

    def _children_of(self, families: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """List the children of families, and which family event each belongs to."""
        count = self.people.n_children[families]
        event = np.repeat(np.arange(len(families)), count)
        within = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
        return self.people.first_child[families][event] + within, event

    def _refer(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the closed children referred in this step, and where in it."""
        season = self.calendar.season[step]
        families = self._with_closed_children(step)
        chance = (self.hazards.family_referral * season)[
            self.people.family_class[families], self.phase[families]
        ]
        families = families[picked_evenly(chance, self.rng)]
        children, event = self._children_of(families)
        able = (self.status[children] == Status.CLOSED) & self.people.here(children, step)
        children, event = children[able], event[able]
        bands = band(step - self.people.birth_step[children])
        joins = even_draws(bands, self.rng) < self.hazards.joins[bands]
        together = np.bincount(event[joins], minlength=len(families))
        when = even_draws(together, self.rng)
        alone = self._referred_alone(step, season, children[joins])
        return (
            np.concatenate([children[joins], alone]),
            np.concatenate([when[event[joins]], even_draws(np.zeros(len(alone)), self.rng)]),
        )

    def _with_closed_children(self, step: int) -> np.ndarray:
        """List the families with children whom an event may refer, families alike together.

        Alike are those of one phase with as many such children, planned for before or not.
        """
        people = self.people
        here = (people.first_step <= step) & (people.last_step > step)
        able = np.flatnonzero(here & (self.status == Status.CLOSED))
        size = len(people.family_class)
        count = np.bincount(people.family[able], minlength=size)
        planned = np.bincount(people.family[able[self.previous[able] > 0]], minlength=size) > 0
        families = np.flatnonzero(count)
        alike = (count * len(PHASES) + self.phase) * 2 + planned
        order = np.argsort(alike[families].astype(np.int16), kind="stable")
        return families[order]

    def _referred_alone(self, step: int, season: float, joined: np.ndarray) -> np.ndarray:
        """Children referred for themselves; exclusive of family events, so the chances add up."""
        hazards, people = self.hazards, self.people
        most = float(hazards.own_referral.max()) * season * 1.3
        children = each_apart(most, len(self.status), self.rng)
        able = (self.status[children] == Status.CLOSED) & people.here(children, step)
        children = children[able & ~np.isin(children, joined)]
        kind, phase = self.child_class[children], self.phase[people.family[children]]
        bands = band(step - people.birth_step[children])
        own = hazards.own_referral[kind, phase, bands] * season
        with_family = hazards.family_referral[kind, phase] * hazards.joins[bands] * season
        alone: np.ndarray = children[picked_evenly(own / (1.0 - with_family) / most, self.rng)]
        return alone

    def admit(
        self, step: int, children: np.ndarray, when: np.ndarray, *, transferred: bool = False
    ) -> None:
        """Open an episode for each child referred, and do what is done at once.

        Parameters
        ----------
        step : int
        children : ndarray of int
        when : ndarray of float
            Where in the step each referral falls, in [0, 1).
        transferred : bool, default=False
            Whether they came on a plan of another authority, to be taken over.
        """
        if not len(children):
            return
        family = self.people.family[children]
        covariate = self.covariates_of(children, step)
        entries = self.front_door.enter(step, children, family, covariate, when)
        if transferred:
            entries = entries.taken_over()
        self.referral[children] = self._n_referrals + np.arange(len(children))
        self._n_referrals += len(children)
        self._referrals.add(
            step,
            child=children,
            phase=self.phase[family],
            previous=self.previous[children],
            **entries.columns(),
        )
        assessed = entries.completed != Kind.STAYS
        at_first = np.where(assessed, Status.CLOSED, entries.target)
        self._record(step, children, entries.kind, at_first)
        self._record(
            step, children[assessed], entries.completed[assessed], entries.target[assessed]
        )
        self.status[children] = entries.target
        self._count_plans(children, entries.kind)

    def _contacts(self, step: int) -> None:
        chance = self.parameters.array("contacts.by_class")[:, None] * self.parameters.array(
            "contacts.by_phase"
        )
        chance = chance * self.calendar.contact_season[step]
        families = picked_evenly(chance[self.people.family_class, self.phase], self.rng)
        children, event = self._children_of(families)
        joins = self.rng.random(len(children)) < self.parameters.number("contacts.joins")
        joins &= self.people.here(children, step)
        when = self.rng.random(len(families))[event]
        children = children[joins]
        self._others.add(
            step, child=children, luck=when[joins], open=self.status[children] != Status.CLOSED
        )

    def change_phases(self) -> None:
        """Let every family's phase change, as it may at the end of a step."""
        matrix = self.hazards.phase
        has_case = np.zeros(len(self.phase), dtype=bool)
        has_case[self.people.family[np.flatnonzero(self.status)]] = True
        alike = self.phase * 2 + ~has_case
        order = np.argsort(alike.astype(np.int8), kind="stable")
        groups = np.split(order, np.searchsorted(alike[order], (2, 4)))
        for phase, families in enumerate(groups):
            rise = matrix[:, phase, phase + 1] if phase + 1 < len(PHASES) else None
            fall = matrix[:, phase, phase - 1] if phase else None
            self._change(families, rise, fall)

    def _change(
        self, families: np.ndarray, rise: np.ndarray | None, fall: np.ndarray | None
    ) -> None:
        """Let families of one phase rise or fall by one, each with its class's chances."""
        nothing = np.zeros(len(families))
        kind = self.people.family_class[families]
        up = nothing if rise is None else rise[kind]
        down = nothing if fall is None else fall[kind]
        hit = picked_evenly(up + down, self.rng)
        luck = even_draws(np.arange(len(hit)), self.rng) * (up + down)[hit]
        self.phase[families[hit]] += np.where(luck < up[hit], 1, -1)


def simulate(
    people: People,
    calendar: Calendar,
    hazards: Hazards,
    parameters: Parameters,
    luck: Luck,
    rng: np.random.Generator,
    *,
    observed_from: int,
) -> History:
    """Move all families and children through the grid.

    Parameters
    ----------
    people : People
    calendar : Calendar
    hazards : Hazards
    parameters : Parameters
    luck : Luck
    rng : Generator
    observed_from : int
        First step in which contacts are kept; the steps before it only make histories.

    Returns
    -------
    History
    """
    world = World(people, calendar, hazards, parameters, luck, rng)
    for step in range(calendar.steps):
        world.advance(step, observed=step >= observed_from)
    return world.history()
