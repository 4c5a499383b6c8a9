"""One table's values looked up by another's keys, dtype kept even when there are none."""

import pandas as pd


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """Give the value of each key; missing where there is none.

    Parameters
    ----------
    keys : Series
    values : Series
        Indexed by key. Of a repeated key the first counts; a missing key is no key.

    Returns
    -------
    Series
        On the index of `keys`, with the dtype of `values` where it can hold missing.

    Examples
    --------
    >>> births = pd.Series(pd.to_datetime(["2020-01-31"]), index=["A"])
    >>> looked_up(pd.Series(["A", "B", None]), births).notna().to_list()
    [True, False, False]
    """
    usable = values[values.index.notna() & ~values.index.duplicated()]
    return usable.reindex(pd.Index(keys.to_numpy())).set_axis(keys.index)


def is_among(keys: pd.Series, known: pd.Series | pd.Index) -> pd.Series:
    """Say which keys are among many known ones; a missing key is not.

    Faster than `Series.isin` where there are many, since the known ones are hashed once.

    Parameters
    ----------
    keys : Series
    known : Series or Index

    Returns
    -------
    Series of bool

    Examples
    --------
    >>> is_among(pd.Series(["A", "B", None]), pd.Series(["B", "C", None])).to_list()
    [False, True, False]
    """
    index = pd.Index(known.dropna().unique())
    found = index.get_indexer(pd.Index(keys)) >= 0
    return pd.Series(found, index=keys.index)
