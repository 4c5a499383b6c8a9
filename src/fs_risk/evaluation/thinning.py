"""Fewer cases where there are very many: whole households, chosen alike every time."""

import numpy as np
import pandas as pd

from fs_risk.records.records import Records

ROWS_AT_MOST = 20_000
"""Cases to look at features alone, and to score again; headline figures use all."""

_SCALE = float(2**64)


def household_draw(household: np.ndarray) -> np.ndarray:
    """Give each household a number in [0, 1) that does not change with the data.

    Parameters
    ----------
    household : ndarray of str, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)
        The households below 0.2 are among those below 0.4.
    """
    hashes = pd.util.hash_array(household.astype(object), hash_key="learning-curve-0")
    drawn: np.ndarray = hashes.astype(np.float64) / _SCALE
    return drawn


def share_to_keep(n: int, at_most: int = ROWS_AT_MOST) -> float:
    """Give the share of households that leaves about so many cases; 1 where there are fewer.

    Parameters
    ----------
    n : int
    at_most : int, optional

    Examples
    --------
    >>> share_to_keep(10_000), share_to_keep(40_000)
    (1.0, 0.5)
    """
    return min(1.0, at_most / max(n, 1))


def thinned(rows: np.ndarray, household: np.ndarray) -> np.ndarray:
    """Keep whole households, of about `ROWS_AT_MOST` cases.

    Parameters
    ----------
    rows : ndarray of bool, shape (n,)
    household : ndarray of str, shape (n,)

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    share = share_to_keep(int(rows.sum()))
    return rows if share >= 1 else rows & (household_draw(household) < share)


def records_of(records: Records, children: pd.Index) -> Records:
    """Give the records of some children alone, who must come as whole households.

    Parameters
    ----------
    records : Records
    children : Index of str

    Returns
    -------
    Records
        Tables that name no child stay whole.
    """
    frames = {}
    for name in records:
        frame = records[name]
        if "child_id" in frame:
            kept = frame["child_id"].isin(children).to_numpy()
            frames[name] = frame[kept].reset_index(drop=True)
    return records.replace(**frames)
