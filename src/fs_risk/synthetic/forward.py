"""Moving a distribution over the chain's states forward through one step."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from fs_risk.synthetic.chain import LOST, Chain
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.states import BANDS, SHAPE, band

YOUNG = BANDS.index("1-4")
"""The last age band of children of whom many who leave care are adopted."""


def open_share(distribution: np.ndarray, chain: Chain) -> np.ndarray:
    """Share of children with an open case."""
    shares: np.ndarray = distribution.sum(axis=0) - distribution[chain.closed].sum(axis=0)
    return shares


class Adopted:
    """Those of a batch who have been adopted and not had the outcome since.

    They have no label; but a few of them, the young ones only, come back and have the
    outcome, and so a label, in time.
    """

    def __init__(self, chain: Chain, given: Situations) -> None:
        self._chain, self._given = chain, given
        young = band(given.step - given.birth_step) <= YOUNG
        self._followed = chain.adopted_first and bool(young.any())
        self._none = np.zeros((LOST + 1, len(given.step)))
        self._share = np.zeros((chain.n_states, len(given.step)))

    @property
    def open(self) -> np.ndarray:
        """Share of children who have been adopted and have an open case."""
        return open_share(self._share, self._chain)

    def advance(
        self,
        everyone: np.ndarray,
        step: np.ndarray,
        season: np.ndarray,
        lengths: np.ndarray,
        *,
        stays: float,
    ) -> np.ndarray:
        """Move them through a step; give their outcomes, and their labels lost once more."""
        if not self._followed:
            return self._none
        share = self._share * (stays * (step < self._given.exit_step))
        new = _applied(self._chain.adoption, everyone - share, self._given, step)
        inputs = self._chain.widened(share, season, lengths)
        onward, out = moved(inputs, self._given, step, self._chain)
        self._share = onward + new
        return out


def _applied(
    matrix: Callable[[int, int, int], csr_array],
    inputs: np.ndarray,
    given: Situations,
    step: np.ndarray,
) -> np.ndarray:
    """Apply to each run of columns the matrix of its class, band and deprivation."""
    bands = band(step - given.birth_step)
    key = (given.family_class * len(BANDS) + bands) * SHAPE[4] + given.deprived
    edges = np.flatnonzero(np.diff(key, prepend=-1, append=-1))
    parts = [
        matrix(int(given.family_class[first]), int(bands[first]), int(given.deprived[first]))
        @ np.ascontiguousarray(inputs[:, first:end])
        for first, end in pairwise(edges)
    ]
    return np.concatenate(parts, axis=1)


def moved(
    inputs: np.ndarray, given: Situations, step: np.ndarray, chain: Chain
) -> tuple[np.ndarray, np.ndarray]:
    """Move a distribution through a step; give what is left of it, and what went out."""
    onward = _applied(chain.step, inputs, given, step)
    return onward[: chain.n_states], onward[chain.n_states :]
