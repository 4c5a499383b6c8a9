"""The chain as sparse matrices: how the distribution over states moves in one step.

What leaves through the outcome asked for is taken out and counted by the kind of
day it falls on (`DayKind`); everything else moves on.
"""

import numpy as np
from scipy.sparse import csr_array

from fs_risk.synthetic.states import PHASES, PREVIOUS, Kind
from fs_risk.synthetic.transitions import (
    CLOSED_STATES,
    N_LENGTHS,
    N_STATES,
    DayKind,
    Outcome,
    Transitions,
    state,
)


class Chain:
    """The matrices of the chain for one outcome, over the states that can come about.

    Parameters
    ----------
    transitions : Transitions
    outcome : Outcome
    previous : int
        Plans begun before the referral from which the chain starts.

    Attributes
    ----------
    place : ndarray of int, shape (N_STATES,)
        Row of each state, or -1 where it cannot come about.
    closed : ndarray of int
        Rows of the states of closed children.
    """

    def __init__(self, transitions: Transitions, outcome: Outcome, previous: int) -> None:
        self._phase = transitions.hazards.phase
        possible = transitions.before >= previous
        out = np.isin(transitions.kind, outcome.kinds)
        out |= transitions.at_entry & outcome.on_referral
        self._onward = np.flatnonzero(possible & ~out)
        self._out = np.flatnonzero(possible & out)
        self._transitions = transitions
        self._days = np.array(
            [
                outcome.day_kind(Kind(transitions.kind[entry]), transitions.at_entry[entry])
                for entry in self._out
            ],
            dtype=np.int64,
        )
        self._keep_reachable(self._starts(outcome, previous))
        self._steps: dict[tuple[int, int, int], csr_array] = {}

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
        self._n_inputs = self.n_states + int(referred.sum())
        self._lay_out()

    def _lay_out(self) -> None:
        """Give entries rows and columns: a move and a change of phase; then the outcomes."""
        made = self._transitions
        onward = self._onward[self._inputs[made.source[self._onward]] >= 0]
        rows, columns, entries, following = [], [], [], []
        for phase in range(len(PHASES)):
            can = np.asarray(self._phase[:, :, phase].any(axis=0))
            here = onward[can[made.phase[onward]]]
            rows.append(self.place[state(phase, made.plans[here], made.target[here])])
            columns.append(self._inputs[made.source[here]])
            entries.append(here)
            following.append(np.full(len(here), phase))
        kept = self._inputs[made.source[self._out]] >= 0
        rows.append(self.n_states + self._days[kept])
        columns.append(self._inputs[made.source[self._out[kept]]])
        row, column = np.concatenate(rows), np.concatenate(columns)
        self._order = np.argsort(row, kind="stable")
        self._columns = column[self._order].astype(np.int32)
        self._ends = np.searchsorted(
            row[self._order], np.arange(self.n_states + len(DayKind) + 1)
        ).astype(np.int32)
        self._entries, self._following = np.concatenate(entries), np.concatenate(following)
        self._out = self._out[kept]

    def step(self, family_class: int, age_band: int, deprived: int) -> csr_array:
        """Give the matrix of one step, for one class, age band and deprivation.

        Parameters
        ----------
        family_class, age_band, deprived : int

        Returns
        -------
        sparse array, shape (n_states + len(DayKind), n_inputs)
            Probability of each state at the next step; below, of the outcome in this
            step by what decides its day.
        """
        key = (family_class, age_band, deprived)
        if key not in self._steps:
            made = self._transitions
            chance = made.chance[(slice(None), *key)]
            changes = self._phase[family_class, made.phase[self._entries], self._following]
            values = np.concatenate([chance[self._entries] * changes, chance[self._out]])
            shape = (self.n_states + len(DayKind), self._n_inputs)
            self._steps[key] = csr_array((values[self._order], self._columns, self._ends), shape)
        return self._steps[key]

    def widened(
        self, distribution: np.ndarray, season: np.ndarray, lengths: np.ndarray
    ) -> np.ndarray:
        """Put behind a distribution the closed children's share by length of assessment.

        Parameters
        ----------
        distribution : ndarray, shape (n_states, n)
        season : ndarray, shape (n,)
            Factor on the chance of a referral in each column's step.
        lengths : ndarray, shape (n, N_LENGTHS)
            Probability of each length for a referral in that step.

        Returns
        -------
        ndarray, shape (n_inputs, n)
        """
        weight = (season[:, None] * lengths).T
        closed = distribution[self.closed][:, None, :] * weight
        return np.concatenate([distribution, closed.reshape(-1, distribution.shape[1])])
