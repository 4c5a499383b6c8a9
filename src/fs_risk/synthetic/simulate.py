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
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.history import CONTACT, EVENT, REFERRAL, History, Log
from fs_risk.synthetic.luck import Luck
from fs_risk.synthetic.noticing import Noticing
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.people import People
from fs_risk.synthetic.phase_changes import change_phases, first_phases
from fs_risk.synthetic.referring import FrontDoor
from fs_risk.synthetic.residence import ByStep
from fs_risk.synthetic.siblings import SiblingDraws
from fs_risk.synthetic.states import (
    N_STATUSES,
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
    phase : ndarray of int8, shape (n_families,), optional
        Drawn from the long-run shares if not given.

    Attributes
    ----------
    phase : ndarray of int8, shape (n_families,)
    status, previous, referral : ndarray, shape (n_children,)
        Status, plans begun so far (capped), number of the latest referral.
    n_referrals : int
        Referrals so far.
    """

    def __init__(
        self,
        people: People,
        calendar: Calendar,
        hazards: Hazards,
        parameters: Parameters,
        luck: Luck,
        rng: np.random.Generator,
        phase: np.ndarray | None = None,
    ) -> None:
        self.people, self.calendar, self.hazards = people, calendar, hazards
        self.parameters, self.luck, self.rng = parameters, luck, rng
        self.draws = SiblingDraws(luck, parameters.number("siblings.share"), rng)
        self.front_door = FrontDoor(hazards, calendar, parameters, self.draws)
        self.noticing = Noticing(people, calendar, hazards, parameters, rng)
        n_children = len(people.family)
        self.status = np.zeros(n_children, dtype=np.int8)
        self.previous = np.zeros(n_children, dtype=np.int8)
        self.referral = np.full(n_children, -1, dtype=np.int64)
        self.child_class, self.deprived = people.child_class, people.deprived
        self.enter_step = people.enter_step
        drawn = first_phases(hazards, people.family_class, rng) if phase is None else phase
        self.phase = drawn
        self._referrals, self._events = Log(REFERRAL), Log(EVENT)
        self._others = Log(CONTACT)
        self._grown_up = ByStep(people.exit_step, calendar.steps)
        self.n_referrals = 0
        self._moving_out = ByStep(people.leave_step, calendar.steps)
        self._moving_in = ByStep(people.arrive_step, calendar.steps)

    def advance(self, step: int, *, observed: bool) -> None:
        """Move everything through one step."""
        self._come_of_age(step)
        self._move_out(step)
        if observed:
            self._contacts(step)
        referred, when = self.noticing.referred(step, self.status, self.previous, self.phase)
        self._move_open_cases(step)
        self.admit(step, referred, when)
        self._move_in(step)
        self.change_phases()

    def multiplied(self, copies: np.ndarray) -> "World":
        """Give a world in which each family is there several times, to go different ways.

        Parameters
        ----------
        copies : ndarray of int, shape (n_families,)

        Returns
        -------
        World
            Copies of a family stand together. It keeps only what happens from now on.
        """
        source = np.repeat(np.arange(len(copies)), copies)
        child, _ = self.people.children_of(source)
        many = World(
            self.people.part(source),
            self.calendar,
            self.hazards,
            self.parameters,
            self.luck,
            self.rng,
            self.phase[source],
        )
        many.status, many.previous = self.status[child], self.previous[child]
        many.referral, many.n_referrals = self.referral[child], self.n_referrals
        return many

    def history(self) -> History:
        """Give all that has happened so far."""
        return History(self._referrals.joined(), self._events.joined(), self._others.joined())

    def _come_of_age(self, step: int) -> None:
        self._end(step, self._grown_up.at(step), Kind.COMES_OF_AGE)

    def _move_out(self, step: int) -> None:
        """Close the cases of families that have moved out; a lone child may have died instead."""
        families = self._moving_out.at(step)
        children, event = self.people.children_of(families)
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
        children, event = self.people.children_of(planned)
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
        children = np.flatnonzero(self.status != Status.CLOSED)
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
        self.referral[children] = self.n_referrals + np.arange(len(children))
        self.n_referrals += len(children)
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
        children, when = self.noticing.contacts(step, self.phase)
        self._others.add(
            step, child=children, luck=when, open=self.status[children] != Status.CLOSED
        )

    def change_phases(self) -> None:
        """Let every family's phase change, as it may at the end of a step."""
        has_case = np.zeros(len(self.phase), dtype=bool)
        has_case[self.people.family[np.flatnonzero(self.status != Status.CLOSED)]] = True
        change_phases(self.phase, has_case, self.hazards, self.people.family_class, self.rng)
