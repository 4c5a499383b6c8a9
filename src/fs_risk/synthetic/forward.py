"""Moving a distribution over the chain's states forward through one step."""

from itertools import pairwise

import numpy as np

from fs_risk.synthetic.chain import LOST, N_BELOW, Chain
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.states import BANDS, SHAPE, band

YOUNG = BANDS.index("1-4")
"""The last age band of children of whom many who leave care are adopted."""

Run = tuple[tuple[int, int, int], slice]


class Ahead:
    """What holds of a batch in one step: who is still here, and which matrices move whom.

    Parameters
    ----------
    given : Situations
        Those alike in class, deprivation and age stand together.
    step : ndarray of int, shape (n,)
    season : ndarray, shape (n,)
        Factor on the chance of a referral in each column's step.
    lengths : ndarray, shape (n, N_LENGTHS)
        Probability of each length for a referral in that step.
    leaving : float
        Chance that a family leaves in a step.
    """

    def __init__(
        self,
        given: Situations,
        step: np.ndarray,
        season: np.ndarray,
        lengths: np.ndarray,
        leaving: float,
    ) -> None:
        self.here = step < given.exit_step
        self.stays = self.here * (1.0 - leaving)
        self.referred = (season[:, None] * lengths).T
        bands = band(step - given.birth_step)
        group = (given.family_class * len(BANDS) + bands) * SHAPE[4] + given.deprived
        edges = np.flatnonzero(np.diff(group, prepend=-1, append=-1)).tolist()
        self.runs: list[Run] = [
            (
                (int(given.family_class[first]), int(bands[first]), int(given.deprived[first])),
                slice(first, end),
            )
            for first, end in pairwise(edges)
        ]
        """Class, band and deprivation of the columns of each slice."""


class Flow:
    """A distribution over the chain's states, a column for each of a batch.

    Parameters
    ----------
    chain : Chain
    n : int
        How many columns; all zero to begin with.

    Attributes
    ----------
    states : ndarray, shape (n_states, n)
        To be written into.
    """

    def __init__(self, chain: Chain, n: int) -> None:
        self._chain = chain
        self._inputs = np.zeros((chain.n_inputs, n))
        self.states = self._inputs[: chain.n_states]

    def open_share(self) -> np.ndarray:
        """Share of children with an open case."""
        shares: np.ndarray = self.states.sum(axis=0) - self.states[self._chain.closed].sum(axis=0)
        return shares

    def advance(self, ahead: Ahead) -> np.ndarray:
        """Move everyone through a step; give what went out, shape (N_BELOW, n)."""
        n_states, inputs = self._chain.n_states, self._inputs
        closed = self.states[self._chain.closed][:, None, :]
        inputs[n_states:] = (closed * ahead.referred).reshape(-1, inputs.shape[1])
        out = np.empty((N_BELOW, inputs.shape[1]))
        for key, run in ahead.runs:
            onward = self._chain.step(*key) @ (inputs[:, run] * ahead.stays[run])
            inputs[:n_states, run] = onward[:n_states]
            out[:, run] = onward[n_states:]
        return out


class Adopted:
    """Those of a batch who have been adopted and not had the outcome since.

    They have no label; but a few of them, the young ones only, come back and have the
    outcome, and so a label, in time.
    """

    def __init__(self, chain: Chain, given: Situations) -> None:
        young = band(given.step - given.birth_step) <= YOUNG
        self._chain, self._none = chain, np.zeros((LOST + 1, len(given.step)))
        followed = chain.adopted_first and bool(young.any())
        self._flow = Flow(chain, len(given.step)) if followed else None

    def open_share(self) -> np.ndarray:
        """Share of children who have been adopted and have an open case."""
        return self._none[LOST] if self._flow is None else self._flow.open_share()

    def advance(self, everyone: Flow, ahead: Ahead) -> np.ndarray:
        """Move them through a step; give their outcomes, and their labels lost once more.

        `everyone` is still to be moved.
        """
        if self._flow is None:
            return self._none
        left = self._chain.adopted_from
        leavers = (everyone.states[left] - self._flow.states[left]) * ahead.stays
        out = self._flow.advance(ahead)
        for key, run in ahead.runs:
            new = self._chain.adoption(*key) @ np.ascontiguousarray(leavers[:, run])
            self._flow.states[self._chain.adopted_into, run] += new
        return out
