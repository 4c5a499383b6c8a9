"""The chain as sparse matrices: how the distribution over states moves in one step.

What leaves through the outcome asked for is taken out and counted by the kind of
day it falls on (`DayKind`); everything else moves on. What loses its label on the way
is counted too (`unlabelled`).
"""

import numpy as np
from scipy.sparse import csr_array

from fs_risk.synthetic.first_moves import FirstMove
from fs_risk.synthetic.states import (
    N_STATUSES,
    PHASES,
    PREVIOUS,
    Kind,
    in_care,
    in_proceedings,
)
from fs_risk.synthetic.transitions import (
    CLOSED_STATES,
    N_LENGTHS,
    N_STATES,
    DayKind,
    Outcome,
    Transitions,
    state,
)
from fs_risk.synthetic.unlabelled import Unlabelled

LOST = len(DayKind)
"""Place, below the states, of those who lose their label in the step, on a working day."""

KNOWN_DAY = LOST + 1
"""Place of outcomes on a day that a case's own record decides (`first_moves`)."""

N_BELOW = KNOWN_DAY + 1
"""How many places there are below the states."""

_ALL, _ADOPTED_STEP, _ADOPTED_CLOSE, _REMAND, _NO_REMAND, _KEPT_STEP, _KEPT_CLOSE = range(7)
"""Shares of a move, as rows of `Chain._shares`."""
_NO_CHANGE = -1


class Chain:
    """The matrices of the chain for one outcome, over the states that can come about.

    Parameters
    ----------
    transitions : Transitions
    outcome : Outcome
    previous : int
        Plans begun before the referral from which the chain starts.
    unlabelled : Unlabelled
    statuses : tuple of int
        Statuses from which the chain may start besides those that follow a referral.

    Attributes
    ----------
    place : ndarray of int, shape (N_STATES,)
        Row of each state, or -1 where it cannot come about.
    closed : ndarray of int
        Rows of the states of closed children.
    n_inputs : int
        States, and behind them closed children referred with each length of assessment.
    adopted_into, adopted_from : ndarray of int
        Rows of the states to and from which children go as they are adopted.
    """

    def __init__(
        self,
        transitions: Transitions,
        outcome: Outcome,
        previous: int,
        unlabelled: Unlabelled,
        *,
        statuses: tuple[int, ...] = (),
    ) -> None:
        self._phase = transitions.hazards.phase
        self._shares = np.stack(
            [
                np.ones_like(unlabelled.remanded),
                unlabelled.adopted[Kind.STEPS_DOWN],
                unlabelled.adopted[Kind.CLOSES],
                unlabelled.remanded,
                1.0 - unlabelled.remanded,
                1.0 - unlabelled.adopted[Kind.STEPS_DOWN],
                1.0 - unlabelled.adopted[Kind.CLOSES],
            ]
        )
        possible = transitions.before >= previous
        out = np.isin(transitions.kind, outcome.kinds)
        out |= transitions.at_entry & outcome.on_referral
        origin = transitions.source % N_STATUSES
        inside = transitions.source < N_STATES
        remand = out & (transitions.kind == Kind.CARE) & ~transitions.at_entry
        remand &= ~in_proceedings(origin)
        self._remand = remand
        first = outcome if isinstance(outcome, FirstMove) else None
        against = np.isin(transitions.kind, first.against) if first else np.zeros_like(out)
        self._remand_first = np.flatnonzero(
            possible & against & (transitions.kind == Kind.CARE) & ~in_proceedings(origin)
        )
        self._adopted = np.where(
            possible & inside & in_care(origin),
            np.select(
                [transitions.kind == Kind.STEPS_DOWN, transitions.kind == Kind.CLOSES],
                [_ADOPTED_STEP, _ADOPTED_CLOSE],
                default=_ALL,
            ),
            _ALL,
        )
        self._onward = np.flatnonzero(possible & ~against & (~out | remand))
        self._out = np.flatnonzero(possible & out)
        self._transitions = transitions
        self._days = np.array(
            [
                outcome.day_kind(Kind(transitions.kind[entry]), transitions.at_entry[entry])
                for entry in self._out
            ],
            dtype=np.int64,
        )
        if first:
            known = first.on_a_known_day(transitions.kind, origin)[self._out]
            self._days[known] = KNOWN_DAY
        starts = self._starts(outcome, previous)
        for status in statuses:
            starts[[state(phase, previous, status) for phase in range(len(PHASES))]] = True
        self._keep_reachable(starts)
        self._steps: dict[tuple[int, int, int], csr_array] = {}
        self._adopting: dict[tuple[int, int, int], csr_array] = {}
        self.adopted_first = Kind.CARE not in outcome.kinds and first is None
        """Whether a child may have been adopted and have the outcome after it."""

    @property
    def n_states(self) -> int:
        """How many states can come about."""
        return int((self.place >= 0).sum())

    def _starts(self, outcome: Outcome, previous: int) -> np.ndarray:
        """Mark the states in which a referral without the outcome can leave a child."""
        starts = np.zeros(N_STATES, dtype=bool)
        for moves in self._transitions.entry_moves:
            for move, target in moves:
                if move.kind not in outcome.kinds:
                    plans = min(previous + (move.kind == Kind.PLAN), len(PREVIOUS) - 1)
                    starts[[state(phase, plans, target) for phase in range(len(PHASES))]] = True
        return starts

    def _keep_reachable(self, reached: np.ndarray) -> None:
        """Drop the states that cannot come about, and lay out the rest."""
        made = self._transitions
        source, target, plans = (
            values[self._onward] for values in (made.source, made.target, made.plans)
        )
        origin = np.where(
            source < N_STATES, source, CLOSED_STATES[np.maximum(source - N_STATES, 0) // N_LENGTHS]
        )
        leads_to = np.stack([state(phase, plans, target) for phase in range(len(PHASES))])
        count = 0
        while count != reached.sum():
            count = int(reached.sum())
            reached[leads_to[:, reached[origin]]] = True
        self.place = np.where(reached, np.cumsum(reached) - 1, -1)
        self.closed = self.place[CLOSED_STATES[reached[CLOSED_STATES]]]
        referred = np.repeat(reached[CLOSED_STATES], N_LENGTHS)
        behind = np.where(referred, self.n_states + np.cumsum(referred) - 1, -1)
        self._inputs = np.concatenate([self.place, behind])
        self.n_inputs = self.n_states + int(referred.sum())
        self._lay_out()

    def _lay_out(self) -> None:
        """Give entries rows and columns: moves with a change of phase; outcomes; labels lost."""
        made = self._transitions
        onward, out, remand_first = (
            entries[self._inputs[made.source[entries]] >= 0]
            for entries in (self._onward, self._out, self._remand_first)
        )
        adopted = np.concatenate([part[self._adopted[part] != _ALL] for part in (onward, out)])
        remand = np.concatenate([out[self._remand[out]], remand_first])
        kept = np.array([_ALL, _KEPT_STEP, _KEPT_CLOSE])[self._adopted[out]]
        rows, entries, following, shares = [], [], [], []
        for phase in range(len(PHASES)):
            can = np.asarray(self._phase[:, :, phase].any(axis=0))
            here = onward[can[made.phase[onward]]]
            rows.append(self.place[state(phase, made.plans[here], made.target[here])])
            entries.append(here)
            following.append(np.full(len(here), phase))
            shares.append(np.where(self._remand[here], _REMAND, _ALL))
        days = self._days[np.searchsorted(self._out, out)]
        below = (
            (out, days, np.where(self._remand[out], _NO_REMAND, kept)),
            (adopted, np.full(len(adopted), LOST), self._adopted[adopted]),
            (remand, np.full(len(remand), LOST), np.full(len(remand), _REMAND)),
        )
        for here, place, share in below:
            rows.append(self.n_states + place)
            entries.append(here)
            following.append(np.full(len(here), _NO_CHANGE))
            shares.append(share)
        row = np.concatenate(rows)
        order = np.argsort(row, kind="stable")
        self._entries, self._following, self._share_of = (
            np.concatenate(parts)[order] for parts in (entries, following, shares)
        )
        self._columns = self._inputs[made.source[self._entries]].astype(np.int32)
        going_on = np.flatnonzero(row[order] < self.n_states)
        self._adoptions = going_on[self._adopted[self._entries[going_on]] != _ALL]
        self.adopted_into, into = np.unique(row[order][self._adoptions], return_inverse=True)
        self.adopted_from, left = np.unique(self._columns[self._adoptions], return_inverse=True)
        self._adoption_places = (into, left)
        self._ends = np.searchsorted(row[order], np.arange(self.n_states + N_BELOW + 1)).astype(
            np.int32
        )

    def step(self, family_class: int, age_band: int, deprived: int) -> csr_array:
        """Give the matrix of one step, for one class, age band and deprivation.

        Parameters
        ----------
        family_class, age_band, deprived : int

        Returns
        -------
        sparse array, shape (n_states + N_BELOW, n_inputs)
            Probability of each state at the next step; below, of the outcome in this
            step by what decides its day, and of losing the label.
        """
        key = (family_class, age_band, deprived)
        if key not in self._steps:
            made = self._transitions
            changes = self._phase[family_class, made.phase[self._entries], self._following]
            changes = np.where(self._following == _NO_CHANGE, 1.0, changes)
            values = made.chance[(slice(None), *key)][self._entries] * changes
            values = values * self._shares[self._share_of, age_band]
            shape = (self.n_states + N_BELOW, self.n_inputs)
            self._steps[key] = csr_array((values, self._columns, self._ends), shape)
        return self._steps[key]

    def adoption(self, family_class: int, age_band: int, deprived: int) -> csr_array:
        """Give the part of `step` in which the child leaves care and is adopted.

        Returns
        -------
        sparse array, shape (len(adopted_into), len(adopted_from))
        """
        key = (family_class, age_band, deprived)
        if key not in self._adopting:
            values = self.step(*key).data[self._adoptions]
            values = values * self._shares[self._adopted[self._entries[self._adoptions]], age_band]
            shape = (len(self.adopted_into), len(self.adopted_from))
            self._adopting[key] = csr_array((values, self._adoption_places), shape)
        return self._adopting[key]
