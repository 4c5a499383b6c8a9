"""Step-down: what counts as it on each tier, and what comes first instead."""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.states import REVIEWS, Kind, on_plan
from fs_risk.synthetic.transitions import Outcome

_FINDINGS = (Kind.NOT_IN_NEED, Kind.SHORT_NEED)


@dataclass(frozen=True)
class FirstMove(Outcome):
    """An outcome that only the first move of an open case can be.

    Attributes
    ----------
    against : tuple of Kind
        Moves of another kind, after which it can no longer come about: the label is 0.
    """

    against: tuple[Kind, ...] = ()

    @staticmethod
    def on_a_known_day(kind: np.ndarray, origin: np.ndarray) -> np.ndarray:
        """Say which moves fall on a day that the case's own record decides.

        Parameters
        ----------
        kind, origin : ndarray of int
            Kind of each move and the status that it starts from.

        Returns
        -------
        ndarray of bool
            The finding of an assessment, and the end of a plan at a review.
        """
        reviews = [on_plan(review) for review in REVIEWS]
        known: np.ndarray = np.isin(kind, _FINDINGS) | np.isin(origin, reviews)
        return known


STEP_DOWN = {
    2: FirstMove(
        (Kind.NOT_IN_NEED, Kind.SHORT_NEED, Kind.CLOSES),
        against=(Kind.PLAN, Kind.PRE_PROCEEDINGS, Kind.CARE),
    ),
    3: FirstMove((Kind.STEPS_DOWN, Kind.CLOSES), against=(Kind.PRE_PROCEEDINGS, Kind.CARE)),
    4: FirstMove((Kind.STEPS_DOWN,), against=(Kind.CARE,)),
    5: FirstMove((Kind.STEPS_DOWN, Kind.CLOSES)),
}
"""By the tier of the case: 2 in need, 3 on a plan, 4 in pre-proceedings, 5 in care."""
