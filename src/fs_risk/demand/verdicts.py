"""What the figures mean for a planner: use the forecast, or last year's number."""

import numpy as np
import pandas as pd

USE_IT = "use it"
USE_LAST_YEAR = "no better than last year: use that"
USE_IT_THERE = "use it: it beat last year's number on authorities held out, not measured here"
NOT_MEASURED = "not measured: too short to look back"

LEAST_SKILL = 0.02
"""A forecast is worth its trouble where errors are smaller than last year's by this share."""


def verdict_of(skill: float) -> str:
    """Put a skill over last year's number into words.

    Examples
    --------
    >>> verdict_of(0.2), verdict_of(-0.1)
    ('use it', 'no better than last year: use that')
    """
    if not np.isfinite(skill):
        return NOT_MEASURED
    return USE_IT if skill >= LEAST_SKILL else USE_LAST_YEAR


def verdict_table(measures: np.ndarray, error: np.ndarray, naive: np.ndarray) -> pd.DataFrame:
    """Compare errors with those of last year's number, by measure.

    Parameters
    ----------
    measures : ndarray of str, shape (n,)
    error, naive : ndarray of float64, shape (n,)
        Mean scaled error of each series; NaN where none was measured.

    Returns
    -------
    DataFrame
        ``measure`` (empty where not said), ``series``, ``mase``, ``mase_last_year``,
        ``skill`` and ``verdict``.
    """
    both = np.isfinite(error) & np.isfinite(naive)
    frame = pd.DataFrame(
        {
            "measure": pd.Series(measures, dtype="str"),
            "series": 1,
            "mase": np.where(both, error, np.nan),
            "mase_last_year": np.where(both, naive, np.nan),
        }
    )
    by = frame.groupby("measure", sort=True, as_index=False)
    table = by.agg({"series": "sum", "mase": "mean", "mase_last_year": "mean"})
    table["skill"] = 1 - table["mase"] / table["mase_last_year"]
    table["verdict"] = table["skill"].map(verdict_of).astype("str")
    return table
