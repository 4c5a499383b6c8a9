"""Sample paths of all series together, so that totals have bands of their own and add up."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.demand.bands import LEVELS, NAMES
from fs_risk.demand.hierarchy import added_up
from fs_risk.demand.origin_forecast import OriginForecast
from fs_risk.errors import AuditError, SettingError
from fs_risk.records.counts_in_words import count_of

LEAST_ORIGINS = 6
"""Fewer whole past forecasts than this do not show how series move together."""


def sample_paths(forecast: OriginForecast, n_paths: int, seed: int) -> np.ndarray:
    """Draw what may come for all series at once.

    A path is the forecast plus past errors in each series' own units: what all series had in
    common in one past year (so that they move together as they did), and what was each
    series' own in another.

    Parameters
    ----------
    forecast : OriginForecast
    n_paths : int
    seed : int

    Returns
    -------
    ndarray of float64, shape (n_paths, n, horizon)
        Not below 0; what are sums of others are so in each path.

    Raises
    ------
    AuditError
        If too few past forecasts ran their whole course.
    """
    past, bands = forecast.past, forecast.bands
    middle = forecast.quantiles[2]
    whole = np.zeros(0, dtype=bool)
    if past is not None:
        said = forecast.from_earlier_origins()
        error = (past.answers - said) / bands.unit(said)
        known = np.isfinite(error)
        whole = known.any(axis=1).all(axis=1)  # something at each horizon
    if past is None or whole.sum() < LEAST_ORIGINS:
        ran = count_of(int(whole.sum()), "past forecast ran its", "past forecasts ran their")
        raise AuditError(
            f"Only {ran} whole course.",
            where="series",
            fix="Pass more history, a shorter horizon or a prior, or use the bands alone.",
        )
    error, known = error[whole], known[whole]
    shared = np.nanmedian(error, axis=1, keepdims=True)
    own = np.where(known, error - shared, 0.0)
    rng = np.random.default_rng(seed)
    common = rng.integers(0, len(error), n_paths)
    each = rng.integers(0, len(error), (n_paths, middle.shape[0]))
    drawn = shared[common] + own[each, np.arange(middle.shape[0])]
    return added_up(np.maximum(middle + bands.unit(middle) * drawn, 0.0), forecast.sums)


def totals_table(
    ids: np.ndarray, periods: np.ndarray, paths: np.ndarray, parents: Mapping[str, str] | None
) -> pd.DataFrame:
    """Add paths up and give the quantiles of the sums.

    Parameters
    ----------
    ids : ndarray of str, shape (n,)
    periods : ndarray of datetime64[s], shape (horizon,)
    paths : ndarray of float64, shape (n_paths, n, horizon)
    parents : mapping of str to str, optional
        The total that each series belongs to; by default all to one, "total".

    Returns
    -------
    DataFrame
        ``unique_id`` (the total), ``ds``, ``mean``, ``median``, ``lo-80`` … ``hi-95``.

    Raises
    ------
    SettingError
        If a series belongs to no total.
    """
    total = [(parents or {}).get(name, "" if parents else "total") for name in ids]
    lost = sum(name == "" for name in total)
    if lost:
        raise SettingError(
            count_of(
                lost,
                f"of {len(ids)} series belongs to no total.",
                f"of {len(ids)} series belong to no total.",
            ),
            where="parents",
            fix="Name the total of every series.",
        )
    codes, names = pd.factorize(np.array(total, dtype=object), sort=True)
    parts = []
    for code, name in enumerate(names):
        sums = paths[:, codes == code].sum(axis=1)
        ends = dict(zip(NAMES, np.quantile(sums, LEVELS, axis=0), strict=True))
        shown = {"unique_id": name, "ds": periods, "mean": sums.mean(axis=0)}
        order = ("median", "lo-80", "hi-80", "lo-95", "hi-95")
        parts.append(pd.DataFrame({**shown, **{each: ends[each] for each in order}}))
    return pd.concat(parts, ignore_index=True).astype({"unique_id": "str"})
