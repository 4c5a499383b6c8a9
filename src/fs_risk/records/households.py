"""Households: children joined by family links, directly or through others."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def household_numbers(child_ids: pd.Index, links: pd.DataFrame) -> np.ndarray:
    """Give each child a household number (connected components of child and family links).

    A child without a link is a household of one: a missing family id never joins
    children (requirement T8).

    Parameters
    ----------
    child_ids : Index of str
        Unique child ids.
    links : DataFrame
        With ``child_id`` and ``family_id``; rows that lack either, or whose child
        is not in `child_ids`, join nobody.

    Returns
    -------
    ndarray of int32, shape (n_children,)
        The same number for children of one household, numbered by first appearance.

    Examples
    --------
    >>> links = pd.DataFrame({"child_id": ["A", "B", "C"], "family_id": ["F", "F", None]})
    >>> household_numbers(pd.Index(["A", "B", "C", "D"]), links).tolist()
    [0, 0, 1, 2]
    """
    usable = links[["child_id", "family_id"]].dropna()
    children = child_ids.get_indexer(usable["child_id"])
    families, names = pd.factorize(usable["family_id"])
    inside = children >= 0
    n_nodes = len(child_ids) + len(names)
    rows, columns = children[inside], families[inside] + len(child_ids)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), (n_nodes, n_nodes))
    _, component = connected_components(graph, directed=False)
    numbers, _ = pd.factorize(component[: len(child_ids)])
    households: np.ndarray = numbers.astype(np.int32)
    return households


def household_keys(children: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """Name each child's household by the smallest child id in it.

    The name stays the same when rows are reordered or other families are added.

    Parameters
    ----------
    children : DataFrame
        With ``child_id``, unique.
    links : DataFrame
        With ``child_id`` and ``family_id``.

    Returns
    -------
    Series of str
        Indexed by ``child_id``.
    """
    ids = pd.Index(children["child_id"])
    numbers = household_numbers(ids, links)
    names = pd.Series(ids, index=ids, dtype="str").groupby(numbers).transform("min")
    return names.rename("household")
