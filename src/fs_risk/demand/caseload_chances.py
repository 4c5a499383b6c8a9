"""The chances of one month's moves on every path, and drawing from them for many children."""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.caseload_flows import FlowModel
from fs_risk.demand.hazards import N_STATES, chances
from fs_risk.demand.hazards_rows import N_AGES, N_DURATIONS
from fs_risk.demand.scenarios_factors import Factors


@dataclass(frozen=True)
class MoveChances:
    """Chances by path, tier, duration band and age band.

    Attributes
    ----------
    stay : ndarray of float32, shape (n_cells,)
        Of staying on the tier.
    elsewhere : ndarray of float32, shape (n_cells, 6)
        Of those who move, running sums over the tiers that they move to.
    """

    stay: np.ndarray
    elsewhere: np.ndarray

    def draw(
        self,
        path: np.ndarray,
        tier: np.ndarray,
        duration: np.ndarray,
        age: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Draw where children are at the end of the month.

        Parameters
        ----------
        path, tier, duration, age : ndarray of int, shape (n,)
        rng : Generator

        Returns
        -------
        ndarray of int8, shape (n,)
        """
        cell = (path.astype(np.int64) * N_STATES + tier) * N_DURATIONS + duration
        cell = cell * N_AGES + age
        luck = rng.random(len(cell), dtype=np.float32)
        stay = self.stay[cell]
        moved = np.flatnonzero(luck >= stay)
        # what luck is left over says where to
        rest = (luck[moved] - stay[moved]) / np.maximum(1.0 - stay[moved], np.float32(1e-9))
        to = tier.astype(np.int8)
        running = self.elsewhere[cell[moved], :-1]
        to[moved] = (np.minimum(rest, _BELOW_ONE)[:, None] >= running).sum(axis=1)
        return to


_BELOW_ONE = np.float32(1.0 - 1e-6)


def move_chances(
    model: FlowModel,
    level: np.ndarray,
    month: int,
    factors: Factors | None = None,
    step: int = 0,
) -> MoveChances:
    """Work out the chances of one month.

    Parameters
    ----------
    model : FlowModel
    level : ndarray of float, shape (n_paths, 6, 6)
        Log-odds that drift adds.
    month : int
        Since January 1970.
    factors : Factors, optional
    step : int, default=0
        The month's position in `factors`.

    Returns
    -------
    MoveChances
    """
    shape = (len(level), N_STATES, N_DURATIONS, N_AGES)
    stay = np.ones(shape, dtype=np.float32)
    elsewhere = np.ones((*shape, N_STATES), dtype=np.float32)
    base = model.hazards.log_odds[:, :, :, month % 12].astype(np.float32)
    for tier in model.tiers:
        share = chances(base[tier][None] + level[:, tier][:, None, None, :])
        if factors is not None:
            share = factors.moves(tier, step, share)
        stay[:, tier] = np.where(model.hazards.seen[tier].any(), share[..., tier], 1.0)
        others = np.where(model.hazards.seen[tier], share, 0.0)
        others[..., tier] = 0.0
        total = np.maximum(others.sum(axis=-1, keepdims=True), 1e-12)
        elsewhere[:, tier] = _running(others / total)
    return MoveChances(stay.reshape(-1), elsewhere.reshape(-1, N_STATES))


def _running(share: np.ndarray) -> np.ndarray:
    """Add up over the last axis; exactly 1 from the last that can be on."""
    running = np.cumsum(share, axis=-1)
    after = np.flip(np.cumsum(np.flip(share, axis=-1), axis=-1), axis=-1) - share
    return np.where(after <= 0, 1.0, running)
