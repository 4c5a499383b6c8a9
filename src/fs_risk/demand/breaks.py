"""Go-lives, changed tier rules and shocks: what a series must not cross unmarked."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from fs_risk.errors import SettingError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import day_given
from fs_risk.records.notebook import ShowsItsFields

Kind = Literal["go-live", "tier rule", "shock"]


class Break(ShowsItsFields, BaseModel):
    """One day from which figures are not what they were, or a time that passes.

    Attributes
    ----------
    kind : {"go-live", "tier rule", "shock"}
        A go-live (of a way of working or a system) and a tier rule hold from `start` on: the
        series after it is another one. A shock passes at `end`.
    start : date
    end : date or None
        Last day of a shock.
    what : str
        In a few words, as it is shown.

    Examples
    --------
    >>> Break(kind="go-live", start="2024-05-01", what="Family Safeguarding").start
    datetime.date(2024, 5, 1)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = "go-live"
    start: date
    end: date | None = None
    what: str = ""

    @model_validator(mode="after")
    def _shocks_end(self) -> Self:
        if self.kind == "shock" and (self.end is None or self.end < self.start):
            raise SettingError(
                "A shock has no last day, or one before its first.",
                where="Break, end",
                fix="Pass end= as the last day of the shock.",
            )
        if self.kind != "shock" and self.end is not None:
            raise SettingError(
                f"A {self.kind} has a last day.",
                where="Break, end",
                fix="Leave end out, or say kind='shock'.",
            )
        return self

    @property
    def words(self) -> str:
        """What is written into the periods that it marks."""
        return f"{self.kind}: {self.what}" if self.what else self.kind


def as_breaks(given: Break | date | str | Sequence[Break | date | str]) -> tuple[Break, ...]:
    """Read breaks, a plain day being a go-live.

    Raises
    ------
    SettingError
        If one is neither a break nor a day.
    """
    single = isinstance(given, Break | date | str)
    each = [given] if single else list(given)  # type: ignore[arg-type]
    read = []
    for one in each:
        if isinstance(one, Break):
            read.append(one)
            continue
        read.append(Break(start=day_given(one, argument="breaks").date()))
    return tuple(sorted(read, key=lambda one: one.start))


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
