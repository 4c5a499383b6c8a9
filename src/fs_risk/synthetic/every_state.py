"""The exact probability of an outcome from every hidden state at once, by moving backward.

`truth.Oracle` moves a distribution forward from one hidden state. The filter asks of
every class and phase; so here the value of each state is moved backward, once for all
phases, with the same matrices.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from fs_risk.synthetic.chain import KNOWN_DAY, LOST, N_BELOW, Chain
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.states import BANDS, CLASSES, PHASES, SHAPE, Kind, band, covariates
from fs_risk.synthetic.transitions import N_LENGTHS, OUTCOMES, DayKind, Outcome, state
from fs_risk.synthetic.truth import Oracle

_Matrices = dict[tuple[int, int, int], csr_array]

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
        happened, labelled : ndarray, shape (n_situations, classes * phases)
            As `Oracle.parts` gives them.
        """
        asked = OUTCOMES[outcome]
        shape = (len(situations.step), len(CLASSES), len(PHASES))
        happened, labelled = np.empty(shape), np.empty(shape)
        for previous in np.unique(situations.previous):
            chain = Chain(self._transitions, asked, int(previous), self._unlabelled)
            backward: _Matrices = {}
            adopting: _Matrices = {}
            rows = np.flatnonzero(situations.previous == previous)
            order = rows[_alike(situations.take(rows))]
            for first in range(0, len(order), _BATCH):
                batch = order[first : first + _BATCH]
                given = situations.take(batch)
                for kind in range(len(CLASSES)):
                    value = self._value(given, kind, chain, backward, adopting, within_days)
                    found = self._entry_values(given, kind, asked, chain, value)
                    happened[batch, kind], labelled[batch, kind] = found
        return happened.reshape(shape[0], -1), labelled.reshape(shape[0], -1)

    def _value(
        self,
        given: Situations,
        kind: int,
        chain: Chain,
        backward: _Matrices,
        adopting: _Matrices,
        within_days: int,
        by_limit: np.ndarray | float = 1.0,
    ) -> np.ndarray:
        """Worth of each state at the start of the step after the referral's.

        Shape (n_states, n, 2): the chances of the outcome in time, and of losing the label.
        `by_limit`: of what falls on a known day of the last step, the share in time.
        """
        limit = given.day + within_days
        last = self._calendar.step_of[limit]
        value = np.zeros((chain.n_states, len(given.step), 2))
        below = np.zeros((N_BELOW, len(given.step), 2))
        leaving = self._hazards.leaving
        seen = leaving * self._unlabelled.seen_to_leave(given.lone)
        opened = np.ones(chain.n_states, dtype=bool)
        opened[chain.closed] = False
        for ahead in range(int((last - given.step).max()), 0, -1):
            step = np.minimum(given.step + ahead, len(self._lengths) - 1)
            shares = np.where(step <= last, self._shares(step, limit), 0.0)
            below[:LOST, :, 0] = shares
            below[LOST, :, 1] = shares[DayKind.WORKING]
            below[KNOWN_DAY, :, 0] = np.where(step < last, 1.0, by_limit * (step == last))
            ends = _moved_back(
                np.concatenate([value, below]), given, kind, step, chain.step, backward
            )
            if chain.adopted_first:  # one who is adopted and has the outcome later has a label
                again = value[chain.adopted_into].sum(axis=2, keepdims=True)
                ends[chain.adopted_from, :, 1:] -= _moved_back(
                    again, given, kind, step, chain.adoption, adopting
                )
            value = ends[: chain.n_states]
            weight = (self._calendar.season[step][:, None] * self._lengths[step]).T
            referred = ends[chain.n_states :].reshape(len(chain.closed), N_LENGTHS, -1, 2)
            value[chain.closed] += (referred * weight[:, :, None]).sum(axis=1)
            value *= 1.0 - leaving
            value[opened, :, 1] += seen * shares[DayKind.WORKING]
            value[:, step >= given.exit_step] = 0.0
        return value

    def _entry_values(
        self, given: Situations, kind: int, asked: Outcome, chain: Chain, value: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the chances of the outcome and of a label from each phase, (n, phases)."""
        n_rows = len(given.step)
        happened, labelled = np.zeros((n_rows, len(PHASES))), np.ones((n_rows, len(PHASES)))
        lengths = self._by_day[given.day]
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
                        labelled[:, phase] -= chance * (1.0 - late)
                        continue
                    if move.kind in asked.above:
                        labelled[:, phase] -= chance
                        continue
                    plans = np.minimum(given.previous + (move.kind == Kind.PLAN), SHAPE[3] - 1)
                    worth = np.zeros((n_rows, 2))
                    for following in np.flatnonzero(change):
                        row = chain.place[state(int(following), 0, target) + plans * _A_PLAN]
                        worth += change[following] * value[row, columns]
                    happened[:, phase] += chance * worth[:, 0]
                    labelled[:, phase] -= chance * worth[:, 1]
        return happened, labelled


def _alike(given: Situations) -> np.ndarray:
    """Order situations so that those which share age and deprivation stand together."""
    order: np.ndarray = np.lexsort((given.birth_step - given.step, given.deprived))
    return order


def _moved_back(
    ends: np.ndarray,
    given: Situations,
    kind: int,
    step: np.ndarray,
    matrix: Callable[[int, int, int], csr_array],
    backward: _Matrices,
) -> np.ndarray:
    """Move values back over one step, for each run of columns alike in band and deprivation."""
    bands = band(step - given.birth_step)
    key = given.deprived * len(BANDS) + bands
    edges = np.flatnonzero(np.diff(key, prepend=-1, append=-1))
    parts = []
    for first, end in pairwise(edges):
        name = (kind, int(bands[first]), int(given.deprived[first]))
        if name not in backward:
            backward[name] = csr_array(matrix(*name).T)
        part = np.ascontiguousarray(ends[:, first:end]).reshape(len(ends), -1)
        parts.append((backward[name] @ part).reshape(-1, end - first, ends.shape[2]))
    return np.concatenate(parts, axis=1)
