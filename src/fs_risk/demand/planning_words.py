"""Figures of the planning page in words: counts, bands, chances, months."""

import numpy as np
import pandas as pd

QUARTER = 3
"""Tables show each so many-th period, and the last."""


def count(value: float) -> str:
    """Say a number of children or events.

    Examples
    --------
    >>> count(1234.4), count(float("nan"))
    ('1,234', 'not known')
    """
    return f"{value:,.0f}" if np.isfinite(value) else "not known"


def band(low: float, high: float) -> str:
    """Say the ends of a band.

    Examples
    --------
    >>> band(90.2, 1234.4)
    '90 to 1,234'
    """
    return f"{count(low)} to {count(high)}"


def change(value: float) -> str:
    """Say a difference with its sign.

    Examples
    --------
    >>> change(12.3), change(-3.0), change(0.2)
    ('+12', '−3', '0')
    """
    whole = round(value)
    return f"{whole:+,.0f}".replace("-", "\u2212") if whole else "0"


def per_cent(share: float) -> str:
    """Say a share.

    Examples
    --------
    >>> per_cent(0.806), per_cent(float("nan"))
    ('81 %', 'not measured')
    """
    return f"{100 * share:.0f} %" if np.isfinite(share) else "not measured"


def chance(share: float) -> str:
    """Say a chance as no more exact than it is.

    Examples
    --------
    >>> chance(0.31), chance(0.004), chance(0.98), chance(float("nan"))
    ('3 in 10', 'less than 1 in 20', 'more than 19 in 20', 'not known')
    """
    if not np.isfinite(share):
        return "not known"
    if share < 0.05:
        return "less than 1 in 20"
    if share > 0.95:
        return "more than 19 in 20"
    return f"{min(max(round(10 * share), 1), 9)} in 10"


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Keep each third row and the last; of six rows or fewer all."""
    if len(table) <= 6:
        return table
    place = np.arange(1, len(table) + 1)
    return table[(place % QUARTER == 0) | (place == len(table))]
