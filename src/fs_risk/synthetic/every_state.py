"""The exact probability of an outcome from every hidden state at once, by moving backward.

`truth.Oracle` moves a distribution forward from one hidden state. The filter asks of
every class and phase; so here the value of each state is moved backward, once for all
phases, with the same matrices.
"""

from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from fs_risk.synthetic.chain import Chain
from fs_risk.synthetic.referring import steps_chances
from fs_risk.synthetic.states import BANDS, CLASSES, PHASES, SHAPE, Kind, band, covariates
from fs_risk.synthetic.transitions import N_LENGTHS, OUTCOMES, Outcome, state
from fs_risk.synthetic.truth import Oracle, Situations

_BATCH = 2048
_A_PLAN = state(0, 1, 0) - state(0, 0, 0)


class EveryState(Oracle):
    """Answers how probable an outcome is from each class and phase."""

    def of_each(
        self, situations: Situations, outcome: str, within_days: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the two parts of the probability of an outcome from every hidden state.

        Parameters
        ----------
        situations : Situations
            Their class and phase are ignored.
        outcome : str
            A name of `transitions.OUTCOMES`.
        within_days : int

        Returns
        -------
        happened, at_once : ndarray, shape (n_situations, classes * phases)
            As `Oracle.parts` gives them.
        """
        asked = OUTCOMES[outcome]
        shape = (len(situations.step), len(CLASSES), len(PHASES))
        happened, at_once = np.empty(shape), np.empty(shape)
        for previous in np.unique(situations.previous):
            chain = Chain(self._transitions, asked, int(previous))
            backward: dict[tuple[int, int, int], csr_array] = {}
            rows = np.flatnonzero(situations.previous == previous)
            order = rows[_alike(situations.take(rows))]
            for first in range(0, len(order), _BATCH):
                batch = order[first : first + _BATCH]
                given = situations.take(batch)
                for kind in range(len(CLASSES)):
                    value = self._value(given, kind, chain, backward, within_days)
                    found = self._entry_values(given, kind, asked, chain, value)
                    happened[batch, kind], at_once[batch, kind] = found
        return happened.reshape(shape[0], -1), at_once.reshape(shape[0], -1)

    def _value(
        self,
        given: Situations,
        kind: int,
        chain: Chain,
        backward: dict[tuple[int, int, int], csr_array],
        within_days: int,
    ) -> np.ndarray:
        """Value of each state at the start of the step after the referral's, (n_states, n)."""
        limit = given.day + within_days
        last = self._calendar.step_of[limit]
        value = np.zeros((chain.n_states, len(given.step)))
        for ahead in range(int((last - given.step).max()), 0, -1):
            step = np.minimum(given.step + ahead, len(self._lengths) - 1)
            shares = np.where(step <= last, self._shares(step, limit), 0.0)
            ends = _moved_back(np.concatenate([value, shares]), given, kind, step, chain, backward)
            value = ends[: chain.n_states]
            weight = (self._calendar.season[step][:, None] * self._lengths[step]).T
            referred = ends[chain.n_states :].reshape(len(chain.closed), N_LENGTHS, -1)
            value[chain.closed] += (referred * weight).sum(axis=1)
            value *= 1.0 - self._hazards.leaving
            value[:, step >= given.exit_step] = 0.0
        return value

    def _entry_values(
        self, given: Situations, kind: int, asked: Outcome, chain: Chain, value: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give what each phase at the referral is worth, (n, phases), and the chance at once."""
        n_rows = len(given.step)
        happened, at_once = np.zeros((n_rows, len(PHASES))), np.zeros((n_rows, len(PHASES)))
        lengths = steps_chances(self._calendar, self._parameters, given.day)
        columns, age = np.arange(n_rows), band(given.step - given.birth_step)
        for phase in range(len(PHASES)):
            number = covariates(
                np.full(n_rows, kind), np.full(n_rows, phase), age, given.previous, given.deprived
            )
            change = self._hazards.phase[kind, phase]
            for length, moves in enumerate(self._transitions.entry_moves):
                for move, target in moves:
                    chance = lengths[:, length] * move.chance[number]
                    if move.kind in asked.kinds:
                        late = self._late_share(move.kind, asked, given.day)
                        happened[:, phase] += chance * late
                        at_once[:, phase] += chance * (1.0 - late)
                        continue
                    plans = np.minimum(given.previous + (move.kind == Kind.PLAN), SHAPE[3] - 1)
                    worth = np.zeros(n_rows)
                    for following in np.flatnonzero(change):
                        row = chain.place[state(int(following), 0, target) + plans * _A_PLAN]
                        worth += change[following] * value[row, columns]
                    happened[:, phase] += chance * worth
        return happened, at_once


def _alike(given: Situations) -> np.ndarray:
    """Order situations so that those which share age and deprivation stand together."""
    order: np.ndarray = np.lexsort((given.birth_step - given.step, given.deprived))
    return order


def _moved_back(
    ends: np.ndarray,
    given: Situations,
    kind: int,
    step: np.ndarray,
    chain: Chain,
    backward: dict[tuple[int, int, int], csr_array],
) -> np.ndarray:
    """Move values back over one step, for each run of columns alike in band and deprivation."""
    bands = band(step - given.birth_step)
    key = given.deprived * len(BANDS) + bands
    edges = np.flatnonzero(np.diff(key, prepend=-1, append=-1))
    parts = []
    for first, end in pairwise(edges):
        name = (kind, int(bands[first]), int(given.deprived[first]))
        if name not in backward:
            backward[name] = csr_array(chain.step(*name).T)
        parts.append(backward[name] @ np.ascontiguousarray(ends[:, first:end]))
    return np.concatenate(parts, axis=1)
