"""Sums of probabilities by tier and team, with how far they may be out, small cells hidden."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import gamma

from fs_risk.records.disclosure import hidden_in_line, hidden_in_table

ALL = "all"


@dataclass(frozen=True)
class OpenScores:
    """The open cases in scope on a day, without their names.

    Attributes
    ----------
    probability : ndarray of float64, shape (n,)
    tier : ndarray of int64, shape (n,)
    team : ndarray of object, shape (n,)
    household : ndarray of int64, shape (n,)
    """

    probability: np.ndarray
    tier: np.ndarray
    team: np.ndarray
    household: np.ndarray


def summed(scores: OpenScores, rate_sd: float) -> pd.DataFrame:
    """Sum probabilities by tier, by team, by both, and in all.

    Parameters
    ----------
    scores : OpenScores
    rate_sd : float
        Standard deviation of the logarithm of the true rate over the scored one, which all
        cases share: how well calibrated the model is known to be, and drift since.

    Returns
    -------
    DataFrame
        ``tier``, ``team`` (text, `ALL` for totals), ``cases`` (Int64), ``expected``,
        ``lo-80``, ``hi-80``, ``lo-95``, ``hi-95`` (float64), ``hidden`` (bool): all but the
        last missing where the cell holds 1 to 5 cases, or would give one away that does.
    """
    tiers, teams = np.unique(scores.tier), np.unique(scores.team.astype(str))
    place = (np.searchsorted(tiers, scores.tier), np.searchsorted(teams, scores.team.astype(str)))
    cells = np.zeros((len(tiers), len(teams)), dtype=np.int64)
    np.add.at(cells, place, 1)
    inside = hidden_in_table(cells)
    by_tier = _margin(cells.sum(axis=1), cells.sum())
    by_team = _margin(cells.sum(axis=0), cells.sum())
    few = bool(hidden_in_line(np.array([cells.sum()]))[0]) if len(scores.tier) else False
    rows = [_row(scores, np.ones(len(scores.tier), dtype=bool), ALL, ALL, few, rate_sd)]
    for number, tier in enumerate(tiers):
        mine = place[0] == number
        rows.append(_row(scores, mine, str(tier), ALL, bool(by_tier[number]) or few, rate_sd))
    for number, team in enumerate(teams):
        mine = place[1] == number
        rows.append(_row(scores, mine, ALL, str(team), bool(by_team[number]) or few, rate_sd))
    for one, two in np.argwhere(cells > 0):
        mine = (place[0] == one) & (place[1] == two)
        hidden = bool(inside[one, two]) or few
        rows.append(_row(scores, mine, str(tiers[one]), str(teams[two]), hidden, rate_sd))
    table = pd.DataFrame(rows)
    return table.astype({"tier": "str", "team": "str", "cases": "Int64"})


def _margin(counts: np.ndarray, total: int) -> np.ndarray:
    """Hide small totals, and another so that none follows from the rest."""
    if len(counts) == 1 and int(counts[0]) == int(total):
        return np.zeros(1, dtype=bool)  # it is the total itself
    return hidden_in_line(counts)


def _row(
    scores: OpenScores, mine: np.ndarray, tier: str, team: str, hidden: bool, rate_sd: float
) -> dict[str, object]:
    row: dict[str, object] = {"tier": tier, "team": team}
    if hidden:
        empty = dict.fromkeys(("expected", "lo-80", "hi-80", "lo-95", "hi-95"), float("nan"))
        return {**row, "cases": pd.NA, **empty, "hidden": True}
    p = scores.probability[mine]
    expected = float(p.sum())
    bands = band(p, scores.household[mine], rate_sd)
    return {**row, "cases": int(mine.sum()), "expected": expected, **bands, "hidden": False}


def band(p: np.ndarray, household: np.ndarray, rate_sd: float) -> dict[str, float]:
    """Give the bands of how many of some cases step up.

    Parameters
    ----------
    p : ndarray of float64, shape (n,)
    household : ndarray of int64, shape (n,)
        Cases of one household are taken to step up together, the widest that can be.
    rate_sd : float

    Returns
    -------
    dict of str to float

    Notes
    -----
    The variance is that of independent households, plus that of the shared rate; the band
    is of the gamma distribution with that mean and variance.
    """
    expected = float(p.sum())
    if expected <= 0:
        return dict.fromkeys(("lo-80", "hi-80", "lo-95", "hi-95"), 0.0)
    _, place = np.unique(household, return_inverse=True)
    spread = np.sqrt(np.bincount(place, np.sqrt(p * (1 - p))) ** 2)
    variance = float((spread**2).sum()) + expected**2 * float(np.expm1(rate_sd**2))
    shape, scale = expected**2 / variance, variance / expected
    ends = {"lo-80": 0.1, "hi-80": 0.9, "lo-95": 0.025, "hi-95": 0.975}
    return {name: float(gamma.ppf(level, shape, scale=scale)) for name, level in ends.items()}
