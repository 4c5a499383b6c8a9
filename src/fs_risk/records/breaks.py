"""Go-lives, changed tier rules and shocks: what no series, window or outcome crosses unmarked."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from fs_risk.errors import SettingError
from fs_risk.records.dates import day_given
from fs_risk.records.days_in_words import day_words
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

    @property
    def dated(self) -> str:
        """The same with its days, as it stands in a sentence."""
        end = "" if self.end is None else f" to {day_words(self.end)}"
        what = f" ({self.what})" if self.what else ""
        return f"{self.kind} of {day_words(self.start)}{end}{what}"

    def touches(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Say which windows hold days on both sides of it, or days of a shock.

        Parameters
        ----------
        first, last : ndarray of datetime64, shape (n,)
            Of each window, both included.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        start = np.datetime64(self.start, "D")
        if self.end is not None:
            return np.asarray((last >= start) & (first <= np.datetime64(self.end, "D")))
        return np.asarray((first < start) & (start <= last))


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
    return in_order_of_days(read)


def in_order_of_days(breaks: Sequence[Break]) -> tuple[Break, ...]:
    """Put breaks in one order, whatever order they were given in."""
    return tuple(sorted(breaks, key=lambda one: (one.start, one.kind, one.what)))
