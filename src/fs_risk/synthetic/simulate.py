"""The simulation: every family and child moved through the grid, step by step.

Within a step: children come of age; family events and events of single children
refer closed children; open cases move; then phases change. A family's event and its
phase touch all its children, and siblings mostly share their luck (`luck`), yet
each child's own chain follows `hazards` exactly.
"""

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.drawing import each_with
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.history import CONTACT, EVENT, REFERRAL, History, Log
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.referring import FrontDoor
from fs_risk.synthetic.states import Kind, Status, band, covariates

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
        self.front_door = FrontDoor(hazards, calendar, parameters, luck)
        self.share = parameters.number("siblings.share")
        n_children = len(people.family)
        self.status = np.zeros(n_children, dtype=np.int64)
        self.previous = np.zeros(n_children, dtype=np.int64)
        self.referral = np.full(n_children, -1, dtype=np.int64)
        self.child_class, self.deprived = people.child_class, people.deprived
        self.enter_step = people.enter_step
        self.phase = self._first_phases()
        self._referrals, self._events = Log(REFERRAL), Log(EVENT)
        self._others = Log(CONTACT)
        self._leaving = np.argsort(people.exit_step, kind="stable")
        self._left = np.searchsorted(people.exit_step[self._leaving], np.arange(calendar.steps + 2))
        self._n_referrals = 0

    def _first_phases(self) -> np.ndarray:
        shares = np.cumsum(self.hazards.stationary, axis=1)[self.people.family_class]
        luck = self.rng.random(len(shares))
        phases: np.ndarray = (luck[:, None] >= shares[:, :-1]).sum(axis=1)
        return phases

    def advance(self, step: int, *, observed: bool) -> None:
        """Move everything through one step."""
        self._come_of_age(step)
        if observed:
            self._contacts(step)
        referred, when = self._refer(step)
        self._move_open_cases(step)
        self.admit(step, referred, when)
        self.change_phases()

    def history(self) -> History:
        """Give all that has happened so far."""
        return History(self._referrals.joined(), self._events.joined(), self._others.joined())

    def _come_of_age(self, step: int) -> None:
        leaving = self._leaving[self._left[step] : self._left[step + 1]]
        still_open = leaving[self.status[leaving] != Status.CLOSED]
        if not len(still_open):
            return
        self._record(
            step,
            still_open,
            np.full(len(still_open), Kind.COMES_OF_AGE),
            np.zeros(len(still_open), dtype=np.int64),
        )
        self.status[still_open] = Status.CLOSED

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
        luck = self.luck.shared(_MOVE, self.people.family[children], children, step, self.share)
        chances = self.hazards.cumulative[status, self.covariates_of(children, step)]
        move = (luck[:, None] >= chances[:, :-1]).sum(axis=1)
        kind = self.hazards.kinds[status, move].astype(np.int64)
        target = self.hazards.targets[status, move].astype(np.int64)
        happened = kind != Kind.STAYS
        self._record(step, children[happened], kind[happened], target[happened])
        self.status[children] = target
        self._count_plans(children, kind)

    def _count_plans(self, children: np.ndarray, kind: np.ndarray) -> None:
        planned = children[kind == Kind.PLAN]
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

    def _in_view(self, children: np.ndarray, step: int) -> np.ndarray:
        people = self.people
        inside: np.ndarray = (step >= self.enter_step[children]) & (
            step < people.exit_step[children]
        )
        return inside

    def _refer(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the closed children referred in this step, and where in it."""
        season = self.calendar.season[step]
        chance = self.hazards.family_referral * season
        families = self._struck(chance[self.people.family_class, self.phase])
        children, event = self._children_of(families)
        able = (self.status[children] == Status.CLOSED) & self._in_view(children, step)
        children, event = children[able], event[able]
        bands = band(step - self.people.birth_step[children])
        joins = self.rng.random(len(children)) < self.hazards.joins[bands]
        when = self.rng.random(len(families))
        alone = self._referred_alone(step, season, children[joins])
        return (
            np.concatenate([children[joins], alone]),
            np.concatenate([when[event[joins]], self.rng.random(len(alone))]),
        )

    def _struck(self, chance: np.ndarray) -> np.ndarray:
        """Draw which of many succeed, each with its own small chance."""
        most = float(chance.max(initial=0.0))
        candidates = each_with(most, len(chance), self.rng)
        struck: np.ndarray = candidates[
            self.rng.random(len(candidates)) * most < chance[candidates]
        ]
        return struck

    def _referred_alone(self, step: int, season: float, joined: np.ndarray) -> np.ndarray:
        """Children referred for themselves; exclusive of family events, so the chances add up."""
        hazards, people = self.hazards, self.people
        most = float(hazards.own_referral.max()) * season * 1.3
        children = each_with(most, len(self.status), self.rng)
        able = (self.status[children] == Status.CLOSED) & self._in_view(children, step)
        children = children[able & ~np.isin(children, joined)]
        kind, phase = self.child_class[children], self.phase[people.family[children]]
        bands = band(step - people.birth_step[children])
        own = hazards.own_referral[kind, phase, bands] * season
        with_family = hazards.family_referral[kind, phase] * hazards.joins[bands] * season
        alone: np.ndarray = children[
            self.rng.random(len(children)) * most < own / (1.0 - with_family)
        ]
        return alone

    def admit(self, step: int, children: np.ndarray, when: np.ndarray) -> None:
        """Open an episode for each child referred, and do what is done at once.

        Parameters
        ----------
        step : int
        children : ndarray of int
        when : ndarray of float
            Where in the step each referral falls, in [0, 1).
        """
        if not len(children):
            return
        family = self.people.family[children]
        covariate = self.covariates_of(children, step)
        entries = self.front_door.enter(step, children, family, covariate, when)
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
        chance = chance * self.calendar.season[step]
        families = self._struck(chance[self.people.family_class, self.phase])
        children, event = self._children_of(families)
        joins = self.rng.random(len(children)) < self.parameters.number("contacts.joins")
        joins &= self._in_view(children, step)
        when = self.rng.random(len(families))[event]
        children = children[joins]
        self._others.add(
            step, child=children, luck=when[joins], open=self.status[children] != Status.CLOSED
        )

    def change_phases(self) -> None:
        """Let every family's phase change, as it may at the end of a step."""
        matrix = self.hazards.phase
        up = np.concatenate([matrix[:, :2, :].diagonal(1, 1, 2), np.zeros((len(matrix), 1))], 1)
        down = np.concatenate([np.zeros((len(matrix), 1)), matrix.diagonal(-1, 1, 2)], 1)
        most = float((up + down).max())
        families = each_with(most, len(self.phase), self.rng)
        kind, phase = self.people.family_class[families], self.phase[families]
        luck = self.rng.random(len(families)) * most
        rises = luck < up[kind, phase]
        falls = ~rises & (luck < up[kind, phase] + down[kind, phase])
        self.phase[families] = phase + rises - falls


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
