"""Household folds: which households are kept apart from which."""

import numpy as np
import pandas as pd


def split_groups(cohort: pd.DataFrame, households: pd.Series) -> pd.DataFrame:
    """Give the ``groups`` that `ForwardHouseholdSplit` needs.

    Parameters
    ----------
    cohort : DataFrame
        With ``child_id`` and ``as_of``.
    households : Series of str
        Household of each child, indexed by ``child_id``, as `household_keys` gives
        it. A child who is not in it is a household of one.

    Returns
    -------
    DataFrame
        ``household`` (str) and ``as_of``, on the cohort's index.
    """
    household = cohort["child_id"].map(households).astype("str")
    return pd.DataFrame(
        {"household": household.fillna(cohort["child_id"]), "as_of": cohort["as_of"]}
    )


def household_fold(households: pd.Series, *, n_folds: int, seed: int) -> np.ndarray:
    """Give each household its fold, by a hash that does not change with the data.

    Parameters
    ----------
    households : Series of str
        A missing household is one of its own, by its position.
    n_folds : int
    seed : int

    Returns
    -------
    ndarray of int64, shape (n,)
        From 0 to ``n_folds - 1``.
    """
    alone = pd.Series(np.arange(len(households)), index=households.index).astype("str")
    keys = households.astype("str").fillna("alone " + alone).to_numpy(dtype=object)
    hashes = pd.util.hash_array(keys, hash_key=f"{seed:016d}"[-16:])
    folds: np.ndarray = (hashes % np.uint64(n_folds)).astype(np.int64)
    return folds
