"""Many ids looked up at once, without a Python object for each."""

import numpy as np
import pandas as pd
import pyarrow as pa

from fs_risk.features.text_kernels import find_texts, mark_texts, tabulate_texts
from fs_risk.features.threads import in_pieces

FEW = 5_000
"""Ids below which the index's own table is quicker, once it is made."""

Texts = tuple[np.ndarray, np.ndarray]
"""The bytes of all texts behind one another, and where each begins."""


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
    if len(index) == 0:
        return np.full(len(ids), -1, dtype=np.int32)
    if len(ids) > FEW:
        known, asked = _texts_of(index), _texts_of(ids)
        if known is not None and asked is not None:
            return _found(asked, known, _table_of(known)[0])
    places: np.ndarray = index.get_indexer(ids).astype(np.int32)
    return places


def number_ids(first: pd.Series, others: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Give ids numbers by their first appearance, those of `first` before those of `others`.

    Quickest where `first` lists most ids once.

    Parameters
    ----------
    first, others : Series of str

    Returns
    -------
    numbers : ndarray of int32, shape (n_first + n_others,)
        -1 for an id that is missing.
    names : Index of str
        The ids by number.

    Examples
    --------
    >>> numbers, names = number_ids(pd.Series(["B", "A"]), pd.Series(["A", "C"]))
    >>> numbers.tolist(), names.tolist()
    ([0, 1, 1, 2], ['B', 'A', 'C'])
    """
    known, asked = _texts_of(first), _texts_of(others)
    if known is not None and asked is not None and len(first) and len(others) > FEW:
        table, distinct = _table_of(known)
        if distinct == len(first):
            places = _found(asked, known, table)
            new = np.flatnonzero(places < 0)
            if new.size == 0:
                names = pd.Index(first)
            else:
                numbers, added = pd.factorize(others.iloc[new])
                places[new] = np.where(numbers < 0, -1, numbers + distinct)
                names = pd.Index(first).append(pd.Index(added))
            return np.concatenate([np.arange(distinct, dtype=np.int32), places]), names
    numbers, names = pd.factorize(pd.concat([first, others], ignore_index=True))
    return numbers.astype(np.int32), pd.Index(names)


def _texts_of(ids: pd.Series | pd.Index) -> Texts | None:
    """Give the bytes of texts as pandas holds them; nothing if some are missing or not texts."""
    if ids.dtype != "str" or not hasattr(ids.array, "__arrow_array__"):
        return None
    texts = pa.array(ids.array)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if texts.null_count or texts.type != pa.large_string():
        return None
    _, offsets, data = texts.buffers()
    begin = texts.offset
    starts = np.frombuffer(offsets, dtype=np.int64)[begin : begin + len(texts) + 1]
    # an empty buffer cannot be read from, not even to look ahead
    return np.frombuffer(data, dtype=np.uint8) if data else np.zeros(1, np.uint8), starts


def _table_of(known: Texts) -> tuple[np.ndarray, int]:
    """Tabulate texts; say how many differ."""
    n_texts = known[1].size - 1
    marks = np.empty(n_texts, dtype=np.uint64)
    mark_texts(*known, 0, n_texts, marks)
    table = np.zeros(1 << (2 * n_texts).bit_length(), dtype=np.uint64)
    return table, tabulate_texts(*known, marks, table)


def _found(asked: Texts, known: Texts, table: np.ndarray) -> np.ndarray:
    """Look texts up on several threads."""
    n_asked = asked[1].size - 1
    marks = np.empty(n_asked, dtype=np.uint64)
    places = np.empty(n_asked, dtype=np.int32)

    def find(from_text: int, to_text: int) -> None:
        mark_texts(*asked, from_text, to_text, marks)
        find_texts(*asked, marks, table, *known, from_text, to_text, places)

    in_pieces(find, n_asked, rows=n_asked)
    return places
