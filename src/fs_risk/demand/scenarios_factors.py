"""What a scenario does to entries and moves, as factors by path and month."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Factors:
    """Factors on the flows of a simulation.

    Attributes
    ----------
    entry : ndarray of float64, shape (n_paths, horizon, 6)
        On the number who come to each tier.
    more : ndarray of float64, shape (horizon, 6)
        Children a month who come besides, or fewer where negative.
    returning : ndarray of float64, shape (horizon, horizon, 6)
        Share of those kept away in one month (first axis) who come in another (second).
    move : ndarray of float64, shape (n_paths, horizon, 6, 6)
        On the chance of each move from a tier to another or to none.
    """

    entry: np.ndarray
    more: np.ndarray
    returning: np.ndarray
    move: np.ndarray

    def entries(self, tier: int, usual: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Change the numbers who come to a tier.

        Parameters
        ----------
        tier : int
        usual : ndarray of int, shape (n_paths, horizon)
            Without the scenario.
        rng : Generator

        Returns
        -------
        ndarray of int64, shape (n_paths, horizon)

        Notes
        -----
        Fewer: each child comes with the factor as its chance. More: a Poisson number
        besides. So a scenario shares the luck of the forecast that it is compared with.
        """
        factor = self.entry[:, :, tier]
        kept = rng.binomial(usual, np.minimum(factor, 1.0))
        besides = rng.poisson(usual * np.maximum(factor - 1.0, 0.0))
        back = np.einsum("pt,ts->ps", usual - kept, self.returning[:, :, tier])
        number = kept + besides + rng.poisson(np.maximum(back, 0.0))
        more = self.more[:, tier]
        number = number + rng.poisson(np.broadcast_to(np.maximum(more, 0.0), usual.shape))
        fewer = rng.poisson(np.broadcast_to(np.maximum(-more, 0.0), usual.shape))
        return np.asarray(np.maximum(number - fewer, 0))

    def moves(self, tier: int, step: int, share: np.ndarray) -> np.ndarray:
        """Change the chances of a tier's moves in one month.

        Parameters
        ----------
        tier, step : int
        share : ndarray of float, shape (n_paths, n_durations, n_ages, 6)

        Returns
        -------
        ndarray of float
            Of the same shape; each row adds to one.
        """
        factor = self.move[:, step, tier][:, None, None, :]
        changed = share * factor
        changed[..., tier] = 0.0
        leaving = changed.sum(axis=-1, keepdims=True)
        changed = np.where(leaving > 1.0, changed / np.maximum(leaving, 1e-12), changed)
        changed[..., tier] = np.maximum(1.0 - np.minimum(leaving[..., 0], 1.0), 0.0)
        return np.asarray(changed)


def no_factors(n_paths: int, horizon: int) -> Factors:
    """Give factors that change nothing."""
    return Factors(
        entry=np.ones((n_paths, horizon, 6)),
        more=np.zeros((horizon, 6)),
        returning=np.zeros((horizon, horizon, 6)),
        move=np.ones((n_paths, horizon, 6, 6)),
    )
