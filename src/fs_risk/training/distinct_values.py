"""Columns as codes of their distinct values, so that what depends on a value is worked out once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

MOST_CODES = 4_096
"""So many sums still lie within reach of a processor."""


@dataclass(frozen=True)
class CodedColumn:
    """One column.

    Attributes
    ----------
    name : str
    values : ndarray of float64, shape (m + 1,)
        Its distinct values, ascending, and NaN as the last.
    codes : ndarray of int32, shape (n,)
        Place of each row's value.
    """

    name: str
    values: np.ndarray
    codes: np.ndarray

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Count how many of some rows have each value, shape (m + 1,)."""
        return np.bincount(self.codes[rows], minlength=len(self.values))


def code_columns(X: pd.DataFrame) -> tuple[CodedColumn, ...]:
    """Code every column of a frame.

    Parameters
    ----------
    X : DataFrame of float, shape (n, n_features)
        NaN where not known.

    Returns
    -------
    tuple of CodedColumn
    """
    matrix = X.to_numpy()
    return tuple(_coded(str(name), matrix[:, place]) for place, name in enumerate(X.columns))


def _coded(name: str, column: np.ndarray) -> CodedColumn:
    codes, values = pd.factorize(column, sort=True)
    codes = np.where(codes < 0, len(values), codes).astype(np.int32)
    return CodedColumn(name, np.append(values.astype(np.float64), np.nan), codes)


@dataclass(frozen=True)
class Pack:
    """Several columns under one code, which is looked up, or counted, in one go.

    Attributes
    ----------
    members : tuple of int
        Places of the columns among those packed.
    places : tuple of ndarray of int
        For each of them, the place of its value under each code.
    codes : ndarray of int32, shape (n_rows,)
    """

    members: tuple[int, ...]
    places: tuple[np.ndarray, ...]
    codes: np.ndarray


def pack_columns(
    columns: Sequence[CodedColumn], rows: np.ndarray, *, most: int = MOST_CODES
) -> tuple[Pack, ...]:
    """Put columns together as long as few enough combinations of their values occur.

    Parameters
    ----------
    columns : sequence of CodedColumn
    rows : ndarray of int
        The rows that count; others leave no trace in the packs.
    most : int, default=4096
        Codes in a pack of more than one column.

    Returns
    -------
    tuple of Pack
        Every column is in one of them.
    """
    packs: list[Pack] = []
    for number, column in enumerate(columns):
        codes, places = pd.factorize(column.codes[rows])
        alone = Pack((number,), (np.asarray(places),), codes.astype(np.int32))
        joined = _joined(packs[-1], alone, most) if packs else None
        packs[-1:] = [joined] if joined is not None else [*packs[-1:], alone]
    return tuple(packs)


def _joined(first: Pack, second: Pack, most: int) -> Pack | None:
    """Put two packs together, or not, if that makes too many codes."""
    width = len(second.places[0])
    if max(len(first.places[0]), width) > most:
        return None
    codes, pairs = pd.factorize(first.codes.astype(np.int64) * width + second.codes)
    if len(pairs) > most:
        return None
    before, after = np.divmod(np.asarray(pairs), width)
    places = [*(each[before] for each in first.places), *(each[after] for each in second.places)]
    return Pack((*first.members, *second.members), tuple(places), codes.astype(np.int32))


def quantiles(values: np.ndarray, counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Give quantiles of values that occur so many times, as `numpy.quantile` would.

    Parameters
    ----------
    values : ndarray of float, shape (m,)
        Ascending, none missing.
    counts : ndarray of int, shape (m,)
        Not all 0.
    shares : ndarray of float
        From 0 to 1.

    Returns
    -------
    ndarray of float64

    Examples
    --------
    >>> quantiles(np.array([0.0, 1.0, 5.0]), np.array([2, 1, 1]), np.array([0.5, 1.0])).tolist()
    [0.5, 5.0]
    """
    reached = np.cumsum(counts)
    at = shares * (reached[-1] - 1)
    below, above = np.floor(at), np.ceil(at)
    low = values[np.searchsorted(reached, below, side="right")]
    high = values[np.searchsorted(reached, above, side="right")]
    return np.asarray(low + (at - below) * (high - low))
