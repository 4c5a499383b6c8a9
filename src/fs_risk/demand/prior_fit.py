"""Fit the prior of published referrals, leaving authorities out, and try it on them."""

import numpy as np

from fs_risk.demand.bands import pooled_bands
from fs_risk.demand.panel import Panel
from fs_risk.demand.published_prior import (
    YEAR,
    PublishedPrior,
    level_and_state,
    moves,
)
from fs_risk.demand.rows import seasons_of

YEARS = 8
STEP = 3
"""Learnt from origins of so many years, each so many months after the one before."""

RIDGE = 50.0
FAR = 0.05
"""Errors of the ratio beyond this count by their size, not its square."""

_ROUNDS = 8


def fit_prior(panel: Panel, keep: np.ndarray, origin: int) -> PublishedPrior:
    """Learn from some series up to a month.

    Parameters
    ----------
    panel : Panel
        Monthly referrals by authority.
    keep : ndarray of bool, shape (n,)
        Which authorities may be learnt from.
    origin : int
        Place of the last month that may be used.

    Returns
    -------
    PublishedPrior
    """
    rate = panel.values[keep, : origin + 1] / panel.working[keep, : origin + 1]
    origins = np.arange(max(2 * YEAR - 1, origin - YEARS * YEAR), origin - YEAR + 1, STEP)
    rows, ratios, plain = [], [], []
    for at in origins:
        ahead = seasons_of(rate[:, : at + 1], YEAR, np.zeros(len(rate), dtype=np.int64))[1][0]
        level, state = level_and_state(rate[:, at - YEAR + 1 : at + 1], ahead)
        expected = level[:, None] * ahead
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append(rate[:, at + 1 : at + 1 + YEAR] / expected - 1)
        rows.append(moves(state, YEAR))
        plain.append(expected * panel.working[keep, at + 1 : at + 1 + YEAR])
    matrix, ratio = np.stack(rows), np.stack(ratios)
    pull = _robust(matrix, ratio)
    said = np.stack(plain) * np.maximum(1 + matrix @ pull, 0.0)
    came = np.stack([panel.values[keep, at + 1 : at + 1 + YEAR] for at in origins])
    bands = pooled_bands(said, came)
    final = seasons_of(rate, YEAR, np.zeros(len(rate), dtype=np.int64))[1][0]
    first = int(panel.months[origin]) % YEAR  # the month ahead, from 0
    return PublishedPrior(
        seasons=tuple(map(float, np.roll(final, first))),
        pull=tuple(map(float, pull)),
        by_step=tuple(map(float, bands.by_step)),
        quantiles=tuple(map(float, bands.quantiles)),
        shift=bands.shift,
        authorities=int(keep.sum()),
    )


def _robust(matrix: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Fit by least squares drawn to nothing, far errors counting by their size [1]_.

    .. [1] Huber (1964), Robust estimation of a location parameter, Annals of Statistics 35.
    """
    known = np.isfinite(ratio) & (np.abs(ratio) < 1)
    rows, answers = matrix[known], ratio[known]
    pull = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        weight = 1 / np.maximum(np.abs(answers - rows @ pull), FAR)
        square = (rows * weight[:, None]).T @ rows + RIDGE * np.eye(rows.shape[1])
        pull = np.linalg.solve(square, (rows * weight[:, None]).T @ answers)
    return pull


def try_prior(panel: Panel, groups: np.ndarray, origin: int) -> dict[str, np.ndarray]:
    """Forecast a year from an origin for each group by what the others teach.

    Parameters
    ----------
    panel : Panel
    groups : ndarray of str, shape (n,)
    origin : int
        Only the twelve months up to it are shown of an authority to forecast.

    Returns
    -------
    dict of str to ndarray of float64
        ``said``, ``came``, ``last_year``, ``last_value``, shape (n, 12), and ``ends``, shape
        (5, n, 12): the quantiles.
    """
    ahead = slice(origin + 1, origin + 1 + YEAR)
    year = panel.values[:, origin - YEAR + 1 : origin + 1]
    rate = year / panel.working[:, origin - YEAR + 1 : origin + 1]
    said, ends = np.empty_like(year), np.empty((5, *year.shape))
    for group in np.unique(groups):
        held = groups == group
        prior = fit_prior(panel, ~held, origin)
        said[held] = prior.forecast(rate[held], panel.months[ahead], panel.working[held, ahead])
        ends[:, held] = prior.bands(int(held.sum()), YEAR).around(said[held])
    came = panel.values[:, ahead]
    return {"said": said, "ends": ends, "came": came, "last_year": year,
            "last_value": np.repeat(year[:, -1:], YEAR, axis=1)}  # fmt: skip
