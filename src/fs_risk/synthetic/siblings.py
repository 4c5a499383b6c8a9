"""The luck that siblings share in a step, spread evenly over families alike."""

import numpy as np

from fs_risk.synthetic.drawing import even_about, even_draws
from fs_risk.synthetic.luck import Luck


class SiblingDraws:
    """Uniform draws in which siblings mostly agree and families alike differ.

    Parameters
    ----------
    luck : Luck
        For the draws that are a child's own.
    share : float
        How often a child has the family's draw.
    rng : Generator
    """

    def __init__(self, luck: Luck, share: float, rng: np.random.Generator) -> None:
        self._luck, self._share, self._rng = luck, share, rng

    def draw(
        self,
        purpose: int,
        family: np.ndarray,
        child: np.ndarray,
        when: int,
        alike: np.ndarray,
        chance: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw for each child: the family's draw with probability `share`, else the child's own.

        Parameters
        ----------
        purpose : int
            What the draw decides.
        family, child : ndarray of int
        when : int
            The step.
        alike : ndarray
            Children with values near each other have like chances.
        chance : ndarray, optional
            The chance of each child that matters most; of the families' draws as many
            lie below their own as is expected.

        Returns
        -------
        ndarray of float64
            In [0, 1); each alone is uniform and fresh at each step.
        """
        own = self._luck.uniform(3 * purpose, child, when)
        agrees = self._luck.uniform(3 * purpose + 2, child, when) < self._share
        _, first, place = np.unique(family, return_index=True, return_inverse=True)
        if chance is None:
            ours = even_draws(alike[first], self._rng)
        else:
            ours = even_about(chance[first], alike[first], self._rng)
        return np.where(agrees, ours[place], own)
