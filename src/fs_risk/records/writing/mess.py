"""The mess of real exports, made on purpose: the same for the same seed.

Only what was seen in the field [1]_, and only in the return in which it was seen.
What can be put right must read as if it had been clean; what cannot must be reported.

References
----------
.. [1] Facts seen in the dataset's SQL, in schemas and in sample files; the list is in
   docs/synthetic_authority.md, "Files it writes".
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


class Mess:
    """Draws what goes wrong, and where.

    Parameters
    ----------
    seed : int
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(7_919, 2_000)))

    def cells(self, values: pd.Series, share: float) -> np.ndarray:
        """Pick about a share of a column's cells.

        Returns
        -------
        ndarray of bool
        """
        picked: np.ndarray = self._rng.random(len(values)) < share
        return picked

    def one_of(
        self, ways: Sequence[Callable[[pd.Series], pd.Series]], values: pd.Series
    ) -> pd.Series:
        """Write each given cell of a column in one of several ways.

        Parameters
        ----------
        ways : sequence of callable
            Each takes and gives a Series of str.
        values : Series of str
            Missing cells stay missing.

        Returns
        -------
        Series of str
        """
        way = self._rng.integers(0, len(ways), len(values))
        written = values.copy()
        for number, write in enumerate(ways):
            here = (way == number) & values.notna().to_numpy()
            if here.any():
                written[here] = write(values[here]).array
        return written

    def filled(self, values: pd.Series, words: Sequence[str], share: float) -> pd.Series:
        """Write words that mean nothing into a share of the empty cells."""
        empty = values.isna().to_numpy() & self.cells(values, share)
        chosen = np.asarray(words, dtype=object)[self._rng.integers(0, len(words), empty.sum())]
        written = values.astype("object")
        written[empty] = chosen
        return written.astype("str").where(written.notna())

    def number(self, most: int) -> int:
        """Draw a number below `most`."""
        return int(self._rng.integers(0, most))

    def encoded(self, text: str) -> bytes:
        """Encode a file: UTF-8 with or without a mark, or Windows' own where that can hold it."""
        way = self.number(3)
        if way == 0:
            return text.encode("utf-8-sig")
        if way == 1 and _fits_windows(text):
            return text.encode("cp1252")
        return text.encode("utf-8")


def _fits_windows(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def spaced(values: pd.Series) -> pd.Series:
    """Put a space before and a no-break space behind text."""
    return " " + values + NO_BREAK_SPACE


def as_it_is(values: pd.Series) -> pd.Series:
    """Leave text as it is."""
    return values


def day_first(values: pd.Series) -> pd.Series:
    """Write yyyy-mm-dd as dd/mm/yyyy."""
    return values.str.slice(8, 10) + "/" + values.str.slice(5, 7) + "/" + values.str.slice(0, 4)


def year_first(values: pd.Series) -> pd.Series:
    """Write dd/mm/yyyy as yyyy-mm-dd."""
    return values.str.slice(6, 10) + "-" + values.str.slice(3, 5) + "-" + values.str.slice(0, 2)


def with_midnight(values: pd.Series) -> pd.Series:
    """Write a date as a database gives it, with the time of day."""
    return values + " 00:00:00.000"


def as_floats(values: pd.Series) -> pd.Series:
    """Write whole numbers as a spreadsheet does that took them for floating ones."""
    whole = values.str.fullmatch(r"0|[1-9][0-9]{0,14}").fillna(False).astype(bool)
    return values.where(~whole, values + ".0")
