"""The door to LightGBM for demand: grow trees on ratios to a series' own level, and ask them."""

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np


@dataclass(frozen=True)
class TreeSettings:
    """How trees are grown.

    Attributes
    ----------
    rounds : int
    learning_rate : float
    leaves : int
    least_rows : int
        In a leaf.
    share_of_features, share_of_rows : float
    tolerance : float
        Errors beyond this share of the level count in proportion, not squared.
    """

    rounds: int = 100
    learning_rate: float = 0.05
    leaves: int = 31
    least_rows: int = 100
    share_of_features: float = 0.5
    share_of_rows: float = 0.5
    tolerance: float = 0.2

    def parameters(self, seed: int, n_rows: int, threads: int) -> dict[str, object]:
        """Say the same in LightGBM's words, with leaves that suit few rows too."""
        return {
            "objective": "huber",
            "alpha": self.tolerance,
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": int(min(self.least_rows, max(5, n_rows // 50))),
            "feature_fraction": self.share_of_features,
            "bagging_fraction": self.share_of_rows,
            "bagging_freq": 1,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads,
            "verbosity": -1,
        }


YEARLY = TreeSettings(tolerance=0.4)
"""For years, whose counts change more than a month's do."""


class Forest:
    """Trees of one or several seeds, whose answers are averaged."""

    def __init__(self, boosters: Sequence[lightgbm.Booster]) -> None:
        self._boosters = tuple(boosters)

    def ratio(self, matrix: np.ndarray) -> np.ndarray:
        """Give the expected ratio to the level.

        Parameters
        ----------
        matrix : ndarray of float32, shape (..., n_features)

        Returns
        -------
        ndarray of float64, shape (...)
        """
        flat = np.ascontiguousarray(matrix.reshape(-1, matrix.shape[-1]))
        if not len(flat):
            return np.empty(matrix.shape[:-1])
        total = np.sum([each.predict(flat, num_threads=1) for each in self._boosters], axis=0)
        return np.asarray(total / len(self._boosters)).reshape(matrix.shape[:-1])


def grow_forest(
    matrix: np.ndarray,
    ratio: np.ndarray,
    weight: np.ndarray,
    settings: TreeSettings,
    *,
    seeds: Sequence[int],
    threads: int = 1,
) -> Forest:
    """Grow one set of trees for each seed.

    Parameters
    ----------
    matrix : ndarray of float32, shape (n_rows, n_features)
    ratio : ndarray of float64, shape (n_rows,)
        What was observed, divided by the level expected.
    weight : ndarray of float64, shape (n_rows,)
    settings : TreeSettings
    seeds : sequence of int
    threads : int, default=1
        More than one is slower on a busy machine by far.

    Returns
    -------
    Forest
    """
    data = lightgbm.Dataset(np.ascontiguousarray(matrix), ratio, weight=weight)
    return Forest(
        [
            lightgbm.train(
                settings.parameters(seed, len(matrix), threads),
                data,
                num_boost_round=settings.rounds,
            )
            for seed in seeds
        ]
    )
