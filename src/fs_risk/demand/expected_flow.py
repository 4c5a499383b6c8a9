"""What the flow model expects of the cases open on a day, to set beside their scores."""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.caseload_chances import move_chances
from fs_risk.demand.caseload_flows import FlowModel
from fs_risk.demand.caseload_simulate import draw_levels
from fs_risk.demand.hazards import N_STATES
from fs_risk.demand.hazards_rows import age_band, duration_band


@dataclass(frozen=True)
class FlowStepUps:
    """First moves to the outcome's tier, of cases open at the origin.

    Attributes
    ----------
    by_tier : ndarray of int64, shape (n_paths, 6)
        By the tier at the origin.
    by_month : ndarray of int64, shape (n_paths, horizon)
    pace : float
        Rates of moving up now, relative to the mean of the history.
    """

    by_tier: np.ndarray
    by_month: np.ndarray
    pace: float


def flow_step_ups(
    model: FlowModel, *, lowest: int | None, horizon: int, n_paths: int, seed: int
) -> FlowStepUps:
    """Let the open cases move, without any to come, and count who steps up first.

    Parameters
    ----------
    model : FlowModel
    lowest : int or None
        Tier of the outcome; None for any tier above the case's own.
    horizon : int
        Months.
    n_paths : int
    seed : int

    Returns
    -------
    FlowStepUps
    """
    drifting, luck = (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(2))
    cases = model.cases
    mine = cases.tier >= 2
    if lowest is not None:
        mine &= cases.tier < lowest
    start = np.tile(cases.tier[mine], n_paths)
    wanted = start + 1 if lowest is None else np.full(len(start), lowest)
    tier, since = start.copy(), np.tile(cases.since[mine], n_paths)
    born = np.tile(cases.born[mine], n_paths)
    path = np.repeat(np.arange(n_paths), int(mine.sum()))
    level = draw_levels(model, n_paths, horizon, drifting)
    by_tier, by_month = np.zeros((n_paths, N_STATES), int), np.zeros((n_paths, horizon), int)
    for step in range(horizon):
        month = model.origin + 1 + step
        month_chances = move_chances(model, level[:, step], month)
        duration = duration_band(month - since - 1)
        to = month_chances.draw(path, tier, duration, age_band(month, born), luck).astype(np.int64)
        up = (to >= wanted) & (to > tier)
        place = np.bincount(path[up] * N_STATES + start[up], minlength=by_tier.size)
        by_tier += place.reshape(by_tier.shape)
        by_month[:, step] = np.bincount(path[up], minlength=n_paths)
        since = np.where(to != tier, month, since)
        stay = ~up & (to > 0)
        start, wanted, tier, since, born, path = (
            each[stay] for each in (start, wanted, to, since, born, path)
        )
    return FlowStepUps(by_tier, by_month, _pace(model))


def _pace(model: FlowModel) -> float:
    """Weigh the drift of every move up by how often it happens."""
    ups = [(drift.mean, drift.centre) for (at, to), drift in model.drifts.items() if to > at >= 2]
    total = sum(mean for mean, _ in ups)
    return float(np.exp(sum(mean * centre for mean, centre in ups) / total)) if total else 1.0
