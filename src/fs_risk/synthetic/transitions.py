"""Every way in which a child can go from one step to the next, and what an outcome is.

A state is a phase, a number of earlier plans and a status; class, deprivation and
age band are given.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

import numpy as np

from fs_risk.synthetic.hazards import Hazards, Move
from fs_risk.synthetic.referring import entry_target
from fs_risk.synthetic.states import (
    ASSESSMENT_STEPS,
    ENQUIRIES,
    N_STATUSES,
    PHASES,
    PREVIOUS,
    SHAPE,
    Kind,
    Status,
)

N_STATES = len(PHASES) * len(PREVIOUS) * N_STATUSES
N_LENGTHS = ASSESSMENT_STEPS + 1


class DayKind(IntEnum):
    """What decides the day of an outcome within its step."""

    WORKING = 0
    """Spread over the working days of the step."""
    CONFERENCE = 1
    """A lag after an enquiry that is spread over the working days of the step."""
    REFERRAL = 2
    """The day of a referral in the step."""
    ENTRY_ENQUIRY = 3
    """Some days after a referral in the step."""
    ENTRY_CONFERENCE = 4
    """A lag after an enquiry some days after a referral in the step."""


@dataclass(frozen=True)
class Outcome:
    """What counts as the outcome.

    Attributes
    ----------
    kinds : tuple of Kind
        Moves that are the outcome.
    on_referral : bool
        Whether being referred is itself the outcome.
    above : tuple of Kind
        Moves that are not the outcome but go beyond it: one at once leaves no label.
    """

    kinds: tuple[Kind, ...]
    on_referral: bool = False
    above: tuple[Kind, ...] = ()

    def day_kind(self, kind: Kind, at_entry: bool) -> DayKind:
        """Say what decides the day on which a move's outcome falls."""
        if self.on_referral:
            return DayKind.REFERRAL
        by_conference = kind == Kind.PLAN and Kind.ENQUIRY not in self.kinds
        if kind in ENQUIRIES and by_conference:
            return DayKind.ENTRY_CONFERENCE if at_entry else DayKind.CONFERENCE
        if kind in ENQUIRIES:
            return DayKind.ENTRY_ENQUIRY if at_entry else DayKind.WORKING
        return DayKind.REFERRAL if at_entry else DayKind.WORKING


OUTCOMES = {
    "cp_plan": Outcome((Kind.PLAN,), above=(Kind.PRE_PROCEEDINGS, Kind.CARE)),
    "care": Outcome((Kind.CARE,)),
    "section47": Outcome(ENQUIRIES),
    "pre_proceedings": Outcome((Kind.PRE_PROCEEDINGS,), above=(Kind.CARE,)),
    "step_up": Outcome((Kind.PLAN, Kind.PRE_PROCEEDINGS, Kind.CARE)),
    "re_referral": Outcome((), on_referral=True),
}
"""Outcomes by the names that labels use."""


Number = TypeVar("Number", int, np.ndarray)


def state(phase: int, previous: Number, status: Number) -> Number:
    """Give the number of a state."""
    number: Number = (phase * len(PREVIOUS) + previous) * N_STATUSES + status
    return number


CLOSED_STATES = np.array(
    [
        state(phase, previous, Status.CLOSED)
        for phase in range(len(PHASES))
        for previous in range(len(PREVIOUS))
    ]
)
"""The states of closed children."""


class Transitions:
    """Everything that can happen in a step, whatever is asked: one entry for each way.

    Parameters
    ----------
    hazards : Hazards

    Attributes
    ----------
    source : ndarray of int
        State, or, from `N_STATES` on, closed children referred with an assessment of
        some length, whose number is an input.
    phase, before, plans, target : ndarray of int
        Phase, plans before and after, and status after.
    kind : ndarray of int
        What happens.
    at_entry : ndarray of bool
        Whether it happens on a referral.
    chance : ndarray, shape (n_entries, classes, bands, deprived)
    """

    def __init__(self, hazards: Hazards) -> None:
        self.hazards = hazards
        self.entry_moves = [entry_moves(hazards, length) for length in range(N_LENGTHS)]
        self._entries: list[tuple[int, int, int, int, int, int, bool]] = []
        self._chances: list[np.ndarray] = []
        for phase in range(len(PHASES)):
            for plans in range(len(PREVIOUS)):
                self._open_moves(phase, plans)
                self._referrals(phase, plans)
        columns = np.array(self._entries, dtype=np.int64).T
        self.source, self.phase, self.before, self.plans, self.target, self.kind = columns[:6]
        self.at_entry = columns[6].astype(bool)
        self.chance = np.stack(self._chances)

    def _add(
        self,
        source: int,
        phase: int,
        before: int,
        kind: Kind,
        target: int,
        chance: np.ndarray,
        *,
        at_entry: bool = False,
    ) -> None:
        plans = min(before + (kind == Kind.PLAN), len(PREVIOUS) - 1)
        self._entries.append((source, phase, before, plans, target, kind, at_entry))
        self._chances.append(chance)

    def _open_moves(self, phase: int, plans: int) -> None:
        for status, moves in self.hazards.moves.items():
            for move in moves:
                chance = move.chance.reshape(SHAPE)[:, phase, :, plans, :]
                if chance.any():
                    source = state(phase, plans, status)
                    self._add(source, phase, plans, move.kind, move.target, chance)
        stays = np.ones((SHAPE[0], SHAPE[2], SHAPE[4]))
        closed = state(phase, plans, Status.CLOSED)
        self._add(closed, phase, plans, Kind.STAYS, Status.CLOSED, stays)

    def _referrals(self, phase: int, plans: int) -> None:
        """Add what happens to a closed child referred in this step, whose chance is an input."""
        referred = self.hazards.referral.reshape(SHAPE)[:, phase, :, plans, :]
        for length, moves in enumerate(self.entry_moves):
            source = N_STATES + (phase * len(PREVIOUS) + plans) * N_LENGTHS + length
            self._add(source, phase, plans, Kind.STAYS, Status.CLOSED, -referred)
            for move, target in moves:
                chance = referred * move.chance.reshape(SHAPE)[:, phase, :, plans, :]
                self._add(source, phase, plans, move.kind, target, chance, at_entry=True)


def entry_moves(hazards: Hazards, length: int) -> list[tuple[Move, int]]:
    """List what a referral leads to when its assessment takes `length` steps, with targets.

    Parameters
    ----------
    hazards : Hazards
    length : int
        Steps from the referral's to the one in which the assessment would end.

    Returns
    -------
    list of (Move, int)
        Mutually exclusive moves whose probabilities sum to one, and their targets.
    """
    moves = []
    for move in hazards.entry:
        if move.kind == Kind.ASSESSMENT and length == 0:
            moves += [
                (Move(found.kind, found.target, move.chance * found.chance), found.target)
                for found in hazards.completion
            ]
            continue
        target = int(entry_target(np.array([move.kind]), np.array([length]))[0])
        moves.append((move, target))
    return moves
