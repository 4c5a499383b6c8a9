"""Children on the day they are referred: what their probabilities depend on."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Situations:
    """Children on the day they are referred, as parallel arrays.

    Attributes
    ----------
    family_class, phase, previous, deprived : ndarray of int
        The state, as indices on the axes of `states.SHAPE`.
    step, day : ndarray of int
        When.
    birth_step, exit_step : ndarray of int
    lone : ndarray of bool
        Whether each is an only child.
    """

    family_class: np.ndarray
    phase: np.ndarray
    previous: np.ndarray
    deprived: np.ndarray
    step: np.ndarray
    day: np.ndarray
    birth_step: np.ndarray
    exit_step: np.ndarray
    lone: np.ndarray

    def take(self, rows: np.ndarray) -> "Situations":
        """Give some of them."""
        return Situations(*(values[rows] for values in vars(self).values()))
