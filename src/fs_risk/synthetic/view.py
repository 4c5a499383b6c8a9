"""What measures share: tables cut to the years measured, and counts per 10,000 children."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from fs_risk.records.records import Records
from fs_risk.synthetic.parameters import load_parameters

_DAY = np.timedelta64(1, "D")
_ADULT_DAYS = 6_573


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
        taken_up = self.taken_up
        return taken_up[~taken_up["close_reason"].isin(["RC8", "RC9"])]

    @cached_property
    def taken_up(self) -> pd.DataFrame:
        """Referrals that led to more than no further action."""
        referrals = self.table("referrals")
        return referrals[~referrals["no_further_action"].fillna(False).astype(bool)]

    @cached_property
    def care_leavers(self) -> pd.DataFrame:
        """Episodes of those who came of age in care, as they go on outside the records.

        The published counts of children in need include care leavers; the records end
        at the eighteenth birthday. An unreconciled flow, stated in the parameters.
        """
        periods = self.table("care_periods")
        births = self.births.reindex(periods["child_id"]).to_numpy()
        age = (periods["end_date"].to_numpy() - births) / _DAY
        of_age = periods[age >= _ADULT_DAYS]
        referred = self.table("referrals").set_index("referral_id")["referral_date"]
        born = self.births.reindex(of_age["child_id"]).to_numpy()
        until = load_parameters().number("unreconciled.care_leavers_until_age")
        return pd.DataFrame(
            {
                "child_id": of_age["child_id"].array,
                "referral_date": referred.reindex(of_age["referral_id"]).to_numpy(),
                "start_date": of_age["end_date"].array,
                "close_date": born + (until * 365.25 * _DAY).astype("timedelta64[s]"),
            }
        )

    def counted_in_need(self, day: pd.Timestamp) -> pd.DataFrame:
        """Give the episodes that the census of a day counts as children in need.

        All open episodes that were taken up, those under assessment included, whatever
        comes of them later; and care leavers.
        """
        now = self.open_on(self.taken_up, "referral_date", "close_date", day)
        leavers = self.open_on(self.care_leavers, "start_date", "close_date", day)
        columns = ["child_id", "referral_date", "close_date"]
        return pd.concat([now[columns], leavers[columns]], ignore_index=True)

    @cached_property
    def in_need(self) -> list[pd.DataFrame]:
        """Give `counted_in_need` at each year end."""
        return [self.counted_in_need(day) for day in self.year_ends]


def shares(values: pd.Series, names: list[str]) -> list[float]:
    """Give the share of each named value, per cent of those given."""
    counts = values.value_counts()
    return [100.0 * float(counts.get(name, 0)) / max(int(counts.sum()), 1) for name in names]


def percent(flags: pd.Series) -> float:
    """Give the share of flags that are set, per cent; missing ones count as not set."""
    if flags.empty:
        return float("nan")
    return 100.0 * float(flags.fillna(False).astype(bool).mean())
