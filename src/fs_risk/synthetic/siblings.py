"""The luck that siblings share in a step, spread evenly over families alike."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fs_risk.synthetic.drawing import even_between, even_draws_apart
from fs_risk.synthetic.timeline import rank_within

_SIZES, _LESS = 4, 64


class Alike(NamedTuple):
    """What makes children alike where luck decides one thing.

    Attributes
    ----------
    first, then : ndarray of int
        Families are ordered by `first`, then by how many of their children are here,
        then by `then` (less than 64), all of their first child.
    """

    first: np.ndarray
    then: np.ndarray

    def order(self, number: np.ndarray, size: np.ndarray) -> np.ndarray:
        """Give each family its place, by the number of its first child and its size."""
        group = self.first[number] * _SIZES + np.minimum(size, _SIZES - 1)
        turned = np.where(group % 2, _LESS - 1 - self.then[number], self.then[number])
        order: np.ndarray = group * _LESS + turned
        return order


class SiblingDraws:
    """Uniform draws in which siblings mostly agree and families alike differ.

    Parameters
    ----------
    share : float
        How often a child has the family's draw.
    rng : Generator
    """

    def __init__(self, share: float, rng: np.random.Generator) -> None:
        self._share, self._rng = share, rng

    def draw(
        self,
        family: np.ndarray,
        alike: Sequence[Alike],
        bounds: Sequence[np.ndarray] = (),
    ) -> np.ndarray:
        """Draw for each child: the family's draw with probability `share`, else the child's own.

        Parameters
        ----------
        family : ndarray of int
        alike : sequence of Alike
            One for each bound, and one for draws above the last.
        bounds : sequence of ndarray
            Ascending for each child; of the families' draws as many lie between those of
            their first child as is expected.

        Returns
        -------
        ndarray of float64
            In [0, 1); each alone is uniform and fresh at each step. Given the family's
            draw, siblings have nothing to do with each other.
        """
        _, first, place, size = np.unique(
            family, return_index=True, return_inverse=True, return_counts=True
        )
        orders = [each.order(first, size) for each in alike]
        limits = [bound[first] for bound in bounds]
        drawn = even_between(limits, orders, self._rng)[place]
        rank = _ranks(place)
        known = alike[-1].first * (len(bounds) + 1)
        for bound in bounds:
            known = known + (drawn < bound)
        agrees = even_draws_apart(known, rank, self._rng) < self._share
        own = np.flatnonzero(~agrees)
        nearest = alike[0].first[own].astype(np.float64)
        for bound in bounds[-1:]:
            nearest += 0.99 * bound[own]
        drawn[own] = even_draws_apart(nearest, rank[own], self._rng)
        return drawn


def _ranks(family: np.ndarray) -> np.ndarray:
    """Count the children of each family from 0."""
    order = np.argsort(family, kind="stable")
    rank = np.empty(len(family), dtype=np.int64)
    rank[order] = rank_within(family[order])
    return rank
