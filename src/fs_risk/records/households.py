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
    return joined_households(
        child_ids.get_indexer(links["child_id"]), links["family_id"], len(child_ids)
    )


def joined_households(child: np.ndarray, family: pd.Series, n_children: int) -> np.ndarray:
    """Do the same as `household_numbers`, for children that have numbers already.

    Parameters
    ----------
    child : ndarray of int, shape (n_links,)
        -1 for a child to be left out.
    family : Series of str, length n_links
        A missing family joins nobody.
    n_children : int

    Returns
    -------
    ndarray of int32, shape (n_children,)

    Examples
    --------
    >>> joined_households(np.array([0, 1, 2]), pd.Series(["F", "F", None]), 4).tolist()
    [0, 0, 1, 2]
    """
    families, names = pd.factorize(family)
    inside = (child >= 0) & (families >= 0)
    n_nodes = n_children + len(names)
    rows, columns = child[inside], families[inside] + n_children
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), (n_nodes, n_nodes))
    _, component = connected_components(graph, directed=False)
    numbers, _ = pd.factorize(component[:n_children])
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
