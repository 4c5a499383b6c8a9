"""Marked breaks in a series: its stretches, and what is said and done about them."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.records.breaks import Break
from fs_risk.records.counts_in_words import count_of


def months_marked(
    breaks: Sequence[Break], first: int, n_months: int
) -> tuple[np.ndarray, np.ndarray]:
    """Say in which months a new level begins, and which are hidden by a shock.

    Parameters
    ----------
    breaks : sequence of Break
    first : int
        Months since January 1970.
    n_months : int

    Returns
    -------
    new, hidden : ndarray of bool, shape (n_months,)
    """
    new, hidden = np.zeros((2, n_months), dtype=bool)
    for each in breaks:
        start = _month(each.start) - first
        if each.kind == "shock" and each.end is not None:
            hidden[max(start, 0) : max(_month(each.end) - first + 1, 0)] = True
        elif 0 <= start < n_months:
            new[start] = True
    return new, hidden


def marks(breaks: Sequence[Break], edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Write what happened in each period, and number the stretches between go-lives.

    Parameters
    ----------
    breaks : sequence of Break
    edges : ndarray of datetime64[D], shape (n_periods + 1,)

    Returns
    -------
    mark : ndarray of object, shape (n_periods,)
        Words, empty where nothing happened.
    segment : ndarray of int64, shape (n_periods,)
        0 up to the first go-live or tier rule; the period that it falls in belongs to what
        follows.
    """
    mark = np.full(len(edges) - 1, "", dtype=object)
    segment = np.zeros(len(edges) - 1, dtype=np.int64)
    for each in breaks:
        start = np.datetime64(each.start, "D")
        end = np.datetime64(each.end, "D") if each.end is not None else start
        touched = (edges[1:] > start) & (edges[:-1] <= end)
        mark[touched] = [f"{words}; {each.words}".lstrip("; ") for words in mark[touched]]
        if each.kind != "shock":
            segment += edges[1:] > start
    return mark, segment


def in_shock(series: pd.DataFrame) -> pd.Series:
    """Say which rows of series lie in a shock that was told, by their ``mark``.

    Examples
    --------
    >>> in_shock(pd.DataFrame({"mark": ["", "go-live: new teams", "x; shock: flood"]})).to_list()
    [False, False, True]
    """
    if "mark" not in series:
        return pd.Series(False, index=series.index)
    return series["mark"].fillna("").astype("str").str.contains(r"(?:^|; )shock(?:$|:|;)")


def break_notes(series: pd.DataFrame, segments: np.ndarray | None) -> tuple[str, ...]:
    """Say what was done about breaks and shocks that the series are marked with."""
    said = []
    if segments is not None:
        n = int((segments != segments[:, :1]).any(axis=1).sum())
        said.append(
            f"{count_of(n, 'series crosses', 'series cross')} a marked break: what was before "
            "is brought to the level after, as far as that was known, and no past forecast "
            "across it counts for bands or verdict."
        )
    if n := int((in_shock(series) & series["y"].notna()).sum()):
        said.append(count_of(n, "value lies in a marked shock: it is left out.",
                             "values lie in marked shocks: they are left out."))  # fmt: skip
    return tuple(said)


def _month(day: date) -> int:
    return (day.year - 1970) * 12 + day.month - 1
