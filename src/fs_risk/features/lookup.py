"""Many ids looked up at once, without a Python object for each."""

import numpy as np
import pandas as pd

FEW = 5_000
"""Ids below which the index's own table is quicker, once it is made."""


def places_of(ids: pd.Series, index: pd.Index) -> np.ndarray:
    """Give the place of each id in an index of unique ids.

    Parameters
    ----------
    ids : Series
    index : Index

    Returns
    -------
    ndarray of int32, shape (n_ids,)
        -1 for an id that is missing or not in the index.

    Examples
    --------
    >>> places_of(pd.Series(["B", "Z", None]), pd.Index(["A", "B"])).tolist()
    [1, -1, -1]
    """
    n = len(index)
    if n == 0:
        return np.full(len(ids), -1, dtype=np.int32)
    if len(ids) > FEW:
        numbers, _ = pd.factorize(pd.concat([pd.Series(index), ids], ignore_index=True))
        # ids are numbered as they appear: those of the index by their place in it
        if numbers[n - 1] == n - 1:
            found: np.ndarray = np.where(numbers[n:] < n, numbers[n:], -1).astype(np.int32)
            return found
    places: np.ndarray = index.get_indexer(ids).astype(np.int32)
    return places
