"""Texts and numbers as a saved history holds them, and the refusal of what it cannot hold.

Texts are stored as Arrow has them: the bytes of all, and where each ends.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

Arrays = Mapping[str, np.ndarray]

_STR = pd.StringDtype("pyarrow", na_value=np.nan)


def stored_texts(texts: pd.Index, name: str) -> dict[str, np.ndarray]:
    """Give the bytes of texts, none of them missing, and where each ends.

    Parameters
    ----------
    texts : Index of str
    name : str
        Of what they are.

    Returns
    -------
    dict of str to ndarray
        uint8 (n_bytes,) and int64 (n_texts + 1,).

    Examples
    --------
    >>> stored = stored_texts(pd.Index(["A1", "", "é"]), "children")
    >>> stored["children_bytes"].tolist(), stored["children_ends"].tolist()
    ([65, 49, 195, 169], [0, 2, 2, 4])
    >>> read_texts(stored, "children").tolist()
    ['A1', '', 'é']
    """
    held = pa.array(texts.astype(_STR).array, type=pa.large_string())
    if isinstance(held, pa.ChunkedArray):
        held = held.combine_chunks()
    _, ends, content = held.buffers()
    where = np.frombuffer(ends or bytes(8), dtype=np.int64)
    where = where[held.offset : held.offset + len(held) + 1]
    found = np.frombuffer(content or b"", dtype=np.uint8)[where[0] : where[-1]]
    return {f"{name}_bytes": found, f"{name}_ends": where - where[0]}


def read_texts(arrays: Arrays, name: str) -> pd.Index:
    """Read what `stored_texts` gave, without copying the texts.

    Parameters
    ----------
    arrays : mapping of str to ndarray
    name : str

    Returns
    -------
    Index of str

    Raises
    ------
    KeyError, ValueError
        If they are not texts.
    """
    return pd.Index(pd.array(_texts(arrays, name), dtype=_STR))


def numbered_texts(arrays: Arrays, name: str, number: np.ndarray) -> pd.Series:
    """Give stored texts by number; -1 stands for a missing one.

    Parameters
    ----------
    arrays : mapping of str to ndarray
    name : str
    number : int32 (n,)

    Returns
    -------
    Series of str, length n

    Raises
    ------
    KeyError, ValueError
        If there is no text of a number.
    """
    texts = _texts(arrays, name)
    check_places(number[number >= 0], len(texts))
    return pd.Series(pd.array(texts.take(pa.array(number, mask=number < 0)), dtype=_STR))


def _texts(arrays: Arrays, name: str) -> Any:
    content, ends = arrays[f"{name}_bytes"], arrays[f"{name}_ends"]
    need(content.dtype == np.uint8 and content.ndim == 1)
    check_starts(ends, ends.size - 1, content.size)
    held = pa.LargeStringArray.from_buffers(
        ends.size - 1, pa.py_buffer(ends), pa.py_buffer(content)
    )
    held.validate(full=True)
    return held


def check_starts(starts: np.ndarray, n_keys: int, n_rows: int) -> None:
    """Refuse places of the first row of each key that do not go up from 0 to all rows.

    Raises
    ------
    ValueError
    """
    need(starts.dtype == np.int64 and starts.shape == (n_keys + 1,) and n_keys >= 0)
    need(starts[0] == 0 and starts[-1] == n_rows and bool((np.diff(starts) >= 0).all()))


def check_places(number: np.ndarray, n: int) -> None:
    """Refuse numbers of things that there are not: compiled passes look up without asking.

    Raises
    ------
    ValueError
    """
    need(number.size == 0 or bool(number.min() >= 0 and number.max() < n))


def numbers(array: np.ndarray) -> np.ndarray:
    """Give an array of whole numbers, refusing any other.

    Raises
    ------
    ValueError
    """
    need(array.dtype == np.int32 and array.ndim == 1)
    return array


def need(holds: bool) -> None:
    """Refuse what does not hold.

    Raises
    ------
    ValueError
    """
    if not holds:
        raise ValueError("not what a history holds")
