"""What measures share: tables cut to the years measured, and counts per 10,000 children."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from fs_risk.records.records import Records


class View:
    """The last years of a synthetic authority.

    Parameters
    ----------
    records : Records
    years : int
        Reporting years; all that are observed if there are fewer.

    Attributes
    ----------
    first, last : Timestamp
        First and last day measured.
    first_observed : Timestamp
        First day observed at all.
    """

    def __init__(self, records: Records, years: int) -> None:
        truth: Mapping[str, pd.DataFrame] = records.truth or {}
        settings = truth["authority"].iloc[0]
        self._records = records
        self.children = int(settings["children"])
        self.years = min(years, int(settings["years"]))
        self.last = records.extract_date
        self.first = self.last - pd.DateOffset(years=self.years) + pd.Timedelta(days=1)
        covered = records.coverage["referrals"]
        self.first_observed = covered.observed_from if covered else self.first
        self._tables: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """Give one whole canonical table."""
        if name not in self._tables:
            self._tables[name] = self._records[name]
        return self._tables[name]

    def within(self, name: str, column: str) -> pd.DataFrame:
        """Give the rows of a table whose date falls in the years measured."""
        table = self.table(name)
        return table[table[column].between(self.first, self.last)]

    def rate(self, count: float) -> float:
        """Turn a count over the years measured into a rate per 10,000 children a year."""
        return 10_000 * count / (self.children * self.years)

    @cached_property
    def year_ends(self) -> list[pd.Timestamp]:
        """Give the 31 March of each year measured."""
        return [self.last - pd.DateOffset(years=back) for back in range(self.years)]

    def open_on(self, table: pd.DataFrame, start: str, end: str, day: pd.Timestamp) -> pd.DataFrame:
        """Give the rows that have begun by a day and not ended by it."""
        ended = table[end].notna() & (table[end] <= day)
        return table[(table[start] <= day) & ~ended]

    def stock(self, table: pd.DataFrame, start: str, end: str) -> float:
        """Average number open at year ends, per 10,000 children."""
        counts = [len(self.open_on(table, start, end, day)) for day in self.year_ends]
        return 10_000 * float(np.mean(counts)) / self.children

    @cached_property
    def births(self) -> pd.Series:
        """Date of birth by ``child_id``, the expected one while unborn."""
        children = self.table("children")
        born = children["birth_date"].fillna(children["expected_birth_date"])
        return pd.Series(born.to_numpy(), index=children["child_id"])

    @cached_property
    def unaccompanied(self) -> pd.Index:
        """The unaccompanied children."""
        children = self.table("children")
        return pd.Index(children.loc[children["unaccompanied"].fillna(False), "child_id"])

    def accompanied(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give a table's rows about other than unaccompanied children."""
        return table[~table["child_id"].isin(self.unaccompanied)]

    @cached_property
    def need(self) -> pd.DataFrame:
        """Referrals that became an episode of need."""
        referrals = self.table("referrals")
        dropped = referrals["no_further_action"].fillna(False).astype(bool)
        closed = referrals["close_reason"].isin(["RC8", "RC9"])
        return referrals[~dropped & ~closed]


def shares(values: pd.Series, names: list[str]) -> list[float]:
    """Give the share of each named value, per cent of those given."""
    counts = values.value_counts()
    return [100.0 * float(counts.get(name, 0)) / max(int(counts.sum()), 1) for name in names]


def percent(flags: pd.Series) -> float:
    """Give the share of flags that are set, per cent; missing ones count as not set."""
    if flags.empty:
        return float("nan")
    return 100.0 * float(flags.fillna(False).astype(bool).mean())
