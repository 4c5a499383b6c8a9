"""Published yearly stock of all authorities: how far it returns to its own recent mean.

Without children's own records there are no hazards. What published figures do hold is that an
authority's stock, where it is above its mean of the last years, tends to fall again, and by
how much in how many years is learnt from all authorities together. Whether that beats last
year's figure is tested on each year in turn, and said.
"""

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError, RecordsError
from fs_risk.records.counts_in_words import count_of

YEARS_OF_MEAN = 4
"""The mean is of the log stock of so many years, the latest among them."""

_LEVELS = {"lo-95": 0.025, "lo-80": 0.1, "hi-80": 0.9, "hi-95": 0.975}
_FEWEST_ROWS = 60
_SMALLEST_MISS = 0.02
_STEPS = 30

NO_BETTER = "no better than last value: use that"
USE_IT = "use it"


def forecast_published_stock(stock: pd.DataFrame, *, horizon: int = 2) -> pd.DataFrame:
    """Forecast each authority's stock from the latest year of the table.

    Parameters
    ----------
    stock : DataFrame
        ``unique_id``, ``year`` (int) and ``y``, of all authorities; missing years are left
        out or missing.
    horizon : int, default=2
        Years ahead.

    Returns
    -------
    DataFrame
        ``unique_id``, ``year``, ``h``, ``last_value``, ``median``, ``lo-95``, ``lo-80``,
        ``hi-80``, ``hi-95``; authorities without a figure in the latest year are left out.

    Raises
    ------
    RecordsError
        If the table is not what it should be.
    OutcomeError
        If there are too few earlier years to learn from.
    """
    wide = _wide(stock)
    last = int(wide.columns.max())
    parts = [_forecast(wide, last, ahead) for ahead in range(1, horizon + 1)]
    return pd.concat(parts, ignore_index=True)


def backtest_published_stock(
    stock: pd.DataFrame, *, first: int, horizon: int = 2
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast from each year in turn, knowing only it and those before.

    Parameters
    ----------
    stock : DataFrame
        As for `forecast_published_stock`.
    first : int
        First year to forecast from.
    horizon : int, default=2

    Returns
    -------
    forecasts : DataFrame
        As `forecast_published_stock`, with ``origin`` and ``observed``.
    summary : DataFrame
        By ``h``: ``wape``, ``wape_last_value``, ``cover_80``, ``cover_95``, ``origins``,
        ``n`` and ``verdict``.

    Raises
    ------
    RecordsError, OutcomeError
        As `forecast_published_stock`.
    """
    wide = _wide(stock)
    years = [int(year) for year in wide.columns]
    parts = []
    for origin in years:
        for ahead in range(1, horizon + 1):
            if origin >= first and origin + ahead in years:
                known = wide[[year for year in years if year <= origin]]
                part = _forecast(known, origin, ahead).assign(origin=origin)
                observed = wide[origin + ahead].reindex(part["unique_id"]).to_numpy()
                parts.append(part.assign(observed=observed))
    if not parts:
        raise OutcomeError(
            "No year can be forecast from and compared.",
            where=f"years {years[0]} to {years[-1]}",
            fix="Pass an earlier first year, or a longer table.",
        )
    table = pd.concat(parts, ignore_index=True).dropna(subset="observed", ignore_index=True)
    rows = [{"h": ahead, **_summary(part)} for ahead, part in table.groupby("h")]
    return table, pd.DataFrame(rows)


def _wide(stock: pd.DataFrame) -> pd.DataFrame:
    absent = [name for name in ("unique_id", "year", "y") if name not in stock]
    if absent:
        raise RecordsError(
            f"The table lacks {', '.join(absent)}.",
            where=f"columns {', '.join(map(str, stock.columns))}",
            fix="Give it unique_id, year and y.",
        )
    if n := int(stock.duplicated(["unique_id", "year"]).sum()):
        raise RecordsError(
            count_of(
                n, "authority and year is there twice.", "authorities and years are there twice."
            ),
            where="columns unique_id, year",
            fix="Keep one row for each authority and year.",
        )
    wide = stock.pivot(index="unique_id", columns="year", values="y").astype(float)
    return wide.where(wide > 0)


def _above_mean(logs: pd.DataFrame, year: int) -> pd.Series:
    """Say by how much each log stock is above its mean of the last years."""
    recent = [each for each in range(year - YEARS_OF_MEAN + 1, year + 1) if each in logs]
    return logs[year] - logs[recent].mean(axis=1)


def _forecast(wide: pd.DataFrame, origin: int, ahead: int) -> pd.DataFrame:
    logs = np.log(wide)
    above, change = [], []
    for year in wide.columns:
        if year - 1 in wide and year + ahead <= origin and year + ahead in wide:
            above.append(_above_mean(logs, int(year)))
            change.append(logs[year + ahead] - logs[year])
    x, y = (pd.concat(each) if each else pd.Series(dtype=float) for each in (above, change))
    told = (x.notna() & y.notna()).to_numpy()
    if told.sum() < _FEWEST_ROWS:
        pairs = count_of(int(told.sum()), "pair of years is", "pairs of years are")
        raise OutcomeError(
            f"{pairs} too few to learn from.",
            where=f"years up to {origin}, {ahead} ahead",
            fix="Give more authorities or more years.",
        )
    x_told, y_told = x.to_numpy()[told], y.to_numpy()[told]
    slope = _robust_slope(x_told, y_told)
    rest = y_told - slope * x_told
    last = wide[origin]
    middle = last * np.exp(slope * _above_mean(logs, origin))
    table = pd.DataFrame({"last_value": last, "median": middle})
    for name, level in _LEVELS.items():
        table[name] = middle * np.exp(np.quantile(rest - np.median(rest), level))
    table = table.dropna().rename_axis("unique_id").reset_index()
    return table.assign(year=origin + ahead, h=ahead)


def _robust_slope(x: np.ndarray, y: np.ndarray) -> float:
    """Fit the slope with the least sum of absolute misses, through the origin.

    By weighted least squares, repeated; no trend is learnt, for extending one does harm.
    """
    slope = 0.0
    for _ in range(_STEPS):
        weight = 1.0 / np.maximum(np.abs(y - slope * x), _SMALLEST_MISS)
        slope = float((weight * x * y).sum() / ((weight * x * x).sum() + 1.0))
    return slope


def _summary(part: pd.DataFrame) -> dict[str, object]:
    observed = part["observed"]
    total = float(observed.sum())
    wape, last = (
        float((part[name] - observed).abs().sum() / total) for name in ("median", "last_value")
    )
    cover = {
        f"cover_{level}": float(observed.between(part[f"lo-{level}"], part[f"hi-{level}"]).mean())
        for level in (80, 95)
    }
    verdict = USE_IT if wape < last else NO_BETTER
    return {"wape": wape, "wape_last_value": last, **cover,
            "origins": part["origin"].nunique(), "n": len(part), "verdict": verdict}  # fmt: skip
