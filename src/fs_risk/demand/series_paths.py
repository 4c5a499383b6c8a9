"""Joint sample paths of several forecast series, so that parts add up to their total.

A forecast gives each series a band of its own; the bands of parts do not add to that of the
total, for parts rise and fall together. Here paths of all parts are drawn together, each with
the band of its forecast, as dependent as the series have been, and the total is their sum on
every path.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from fs_risk.errors import RecordsError

_LEVELS = {"lo-95": 0.025, "lo-80": 0.1, "median": 0.5, "hi-80": 0.9, "hi-95": 0.975}
_FAR = 3.0
_PERSISTENCE = 0.9
_FEWEST = 24
_SHRINK = 0.3


def part_names(ids: Sequence[str], total: str) -> dict[str, tuple[str, ...]]:
    """Find the series that a total is the sum of, by what it is split by.

    Parameters
    ----------
    ids : sequence of str
        As `demand_series` names them.
    total : str

    Returns
    -------
    dict of str to tuple of str
        By ``"team"`` and ``"source"``; those that are there.

    Examples
    --------
    >>> part_names(["referrals", "referrals/source=police", "referrals/source=school"],
    ...     "referrals")
    {'source': ('referrals/source=police', 'referrals/source=school')}
    """
    found = {
        by: tuple(sorted(name for name in ids if name.startswith(f"{total}/{by}=")))
        for by in ("team", "source")
    }
    return {by: names for by, names in found.items() if names}


def joint_paths(
    forecast: pd.DataFrame,
    history: pd.DataFrame,
    *,
    n_paths: int = 1_000,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Draw sample paths of all series of a forecast together.

    Parameters
    ----------
    forecast : DataFrame
        ``unique_id``, ``ds``, ``lo-95``, ``lo-80``, ``median``, ``hi-80``, ``hi-95``: the
        table of a forecast, the same periods for all series.
    history : DataFrame
        ``unique_id``, ``ds``, ``y``: from which it is learnt how far series move together.
    n_paths : int, default=1000
    seed : int, default=0

    Returns
    -------
    dict of str to ndarray of int64, shape (n_paths, horizon)
        Whole numbers, never negative.

    Raises
    ------
    RecordsError
        If series have different periods, or a column is absent.
    """
    names, bands = _bands(forecast)
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(_dependence(history, names))
    n, horizon = len(names), bands.shape[2]
    shocks = rng.standard_normal((horizon, n_paths, n)) @ root.T
    walk = np.zeros((n_paths, horizon, n))
    walk[:, 0] = shocks[0]
    for ahead in range(1, horizon):
        kept = _PERSISTENCE * walk[:, ahead - 1]
        walk[:, ahead] = kept + np.sqrt(1 - _PERSISTENCE**2) * shocks[ahead]
    return {name: _at_bands(walk[:, :, place], bands[place]) for place, name in enumerate(names)}


def summed_paths(
    paths: Mapping[str, np.ndarray], forecast: pd.DataFrame, total: str, parts: Sequence[str]
) -> pd.DataFrame:
    """Give the band of a total as the sum of its parts on every path.

    Parameters
    ----------
    paths : mapping of str to ndarray
        As `joint_paths` gives them.
    forecast : DataFrame
        For the periods.
    total : str
        Its name.
    parts : sequence of str

    Returns
    -------
    DataFrame
        ``unique_id``, ``ds``, ``mean`` and the band.
    """
    drawn = np.sum([paths[name] for name in parts], axis=0)
    own = forecast[(forecast["unique_id"] == parts[0]).to_numpy()].sort_values("ds")
    found = np.quantile(drawn, list(_LEVELS.values()), axis=0)
    return pd.DataFrame(
        {"unique_id": total, "ds": own["ds"].to_numpy(), "mean": drawn.mean(axis=0),
         **dict(zip(_LEVELS, found, strict=True))}
    )  # fmt: skip


def _bands(forecast: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Lay the quantiles out, shape (n_series, 5, horizon)."""
    absent = [name for name in ("unique_id", "ds", *_LEVELS) if name not in forecast]
    if absent:
        raise RecordsError(
            f"The forecast lacks {', '.join(absent)}.",
            where=f"columns {', '.join(map(str, forecast.columns))}",
            fix="Pass the table of a forecast.",
        )
    wide = [forecast.pivot(index="unique_id", columns="ds", values=name) for name in _LEVELS]
    if wide[0].isna().any(axis=None):
        raise RecordsError(
            "The series of the forecast have different periods, or no band.",
            where="columns unique_id, ds",
            fix="Forecast all series to the same horizon.",
        )
    bands = np.sort(np.stack([each.to_numpy(dtype=float) for each in wide], axis=1), axis=1)
    return [str(name) for name in wide[0].index], bands


def _dependence(history: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Correlate yearly changes of the series, drawn towards none."""
    n = len(names)
    wide = history.pivot(index="ds", columns="unique_id", values="y").reindex(columns=list(names))
    change = np.sqrt(wide + 0.375).diff(12).dropna()
    if len(change) < _FEWEST or n == 1:
        return np.eye(n)
    raw = np.nan_to_num(np.atleast_2d(change.corr().to_numpy()))
    found = (1 - _SHRINK) * raw
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _at_bands(walk: np.ndarray, band: np.ndarray) -> np.ndarray:
    """Turn standard normal paths into counts with the band's quantiles."""
    at = ndtri(list(_LEVELS.values()))
    drawn = np.empty_like(walk)
    for ahead in range(walk.shape[1]):
        ends = band[:, ahead]
        # beyond the band as far as its outer steps lead
        below = ends[0] - (ends[1] - ends[0]) / (at[1] - at[0]) * (_FAR + at[0])
        above = ends[-1] + (ends[-1] - ends[-2]) / (at[-1] - at[-2]) * (_FAR - at[-1])
        places = np.r_[-_FAR, at, _FAR]
        drawn[:, ahead] = np.interp(walk[:, ahead], places, np.r_[below, ends, above])
    # a fraction is the chance of one more, so that the mean holds
    whole = np.floor(np.maximum(drawn, 0.0))
    part = np.maximum(drawn, 0.0) - whole
    even = (ndtr(walk) * 9_973.0) % 1.0
    return np.asarray((whole + (even < part)).astype(np.int64))
