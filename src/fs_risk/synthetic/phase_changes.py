"""How families fare from one step to the next: the Markov chain of the phase."""

import numpy as np

from fs_risk.synthetic.drawing import even_draws, picked_evenly
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.states import PHASES


def first_phases(
    hazards: Hazards, family_class: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw each family's first phase from the long-run shares, evenly within a class.

    Parameters
    ----------
    hazards : Hazards
    family_class : ndarray of int, shape (n_families,)
    rng : Generator

    Returns
    -------
    ndarray of int8, shape (n_families,)
    """
    shares = np.cumsum(hazards.stationary, axis=1)[family_class]
    luck = even_draws(family_class, rng)
    phases: np.ndarray = (luck[:, None] >= shares[:, :-1]).sum(axis=1).astype(np.int8)
    return phases


def change_phases(
    phase: np.ndarray,
    has_case: np.ndarray,
    hazards: Hazards,
    family_class: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Let every family's phase change, as it may at the end of a step.

    Parameters
    ----------
    phase : ndarray of int8, shape (n_families,)
        Changed in place.
    has_case : ndarray of bool, shape (n_families,)
        Families with an open case are spread evenly among themselves.
    hazards : Hazards
    family_class : ndarray of int, shape (n_families,)
    rng : Generator
    """
    alike = phase * np.int8(2) + ~has_case
    order = np.argsort(alike, kind="stable")
    groups = np.split(order, np.searchsorted(alike[order], (2, 4)))
    for now, families in enumerate(groups):
        none = np.zeros(len(hazards.phase))
        rise = hazards.phase[:, now, now + 1] if now + 1 < len(PHASES) else none
        fall = hazards.phase[:, now, now - 1] if now else none
        kind = family_class[families]
        hit = picked_evenly((rise + fall)[kind], rng)
        luck = even_draws(np.arange(len(hit)), rng) * (rise + fall)[kind[hit]]
        phase[families[hit]] += np.where(luck < rise[kind[hit]], 1, -1).astype(np.int8)
