"""Errors that were made from earlier origins, which set both weights and bands."""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.rolling import RollingFits, first_origin
from fs_risk.records.progress import tqdm

FOLDS = 6
"""How many earlier fits are looked back at."""

MOST_FOLDS = 16
"""How many at most, where the last ones say little."""

ENOUGH_ERRORS = 500


@dataclass(frozen=True)
class PastForecasts:
    """What each model said from earlier origins, and what came, as far as it was known.

    Attributes
    ----------
    forecasts : ndarray of float64, shape (n_models, n_origins, n, horizon)
    answers : ndarray of float64, shape (n_origins, n, horizon)
        NaN where not observed by the period from which one looks back.
    folds : ndarray of int64, shape (n_origins,)
        Origins of one fold were forecast by the same trees.
    origins : ndarray of int64, shape (n_origins,)
        Their places.
    """

    forecasts: np.ndarray
    answers: np.ndarray
    folds: np.ndarray
    origins: np.ndarray


def fold_length(season: int, horizon: int) -> int:
    """Give how many origins share a fit: half a year, or a single year."""
    return max(1, min(season // 2, horizon)) if season > 1 else 1


def past_forecasts(fits: RollingFits, now: int, *, folds: int = FOLDS) -> PastForecasts | None:
    """Forecast from origins before a period, with trees that knew less still.

    Parameters
    ----------
    fits : RollingFits
    now : int
        Place of the last period that is known; no answer after it is used.
    folds : int

    Returns
    -------
    PastForecasts or None
        None where nothing can be looked back at.
    """
    season = fits.panel.season
    length, start = fold_length(season, fits.horizon), first_origin(season, now + 1)
    said: list[np.ndarray] = []
    came: list[np.ndarray] = []
    which: list[int] = []
    where: list[int] = []
    steps = tqdm(range(1, MOST_FOLDS + 1), desc="looking back", leave=False, disable=None)
    for fold in steps:
        if fold > folds and sum(np.isfinite(each).sum() for each in came) >= ENOUGH_ERRORS:
            break
        cutoff = now - fold * length
        if cutoff < min(start, 2) or (fold > 1 and cutoff < start):
            break
        for origin in range(cutoff, min(cutoff + length, now)):
            said.append(fits.forecasts(origin, cutoff=cutoff))
            came.append(_answers(fits, origin, now))
            which.append(fold)
            where.append(origin)
    if not said:
        return None
    every = np.stack(said, axis=1)
    return PastForecasts(every, np.stack(came), np.array(which), np.array(where))


def _answers(fits: RollingFits, origin: int, now: int) -> np.ndarray:
    known = fits.panel.answers(origin, min(origin + fits.horizon, now))
    answers = np.full((len(known), fits.horizon), np.nan)
    answers[:, : known.shape[1]] = known
    return answers
