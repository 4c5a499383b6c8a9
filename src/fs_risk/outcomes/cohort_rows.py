"""A cohort as positions and whole days, for looking many rows up at once."""

import numpy as np
import pandas as pd

from fs_risk.records.dates import add_working_days, to_days
from fs_risk.records.records import Records


class Rows:
    """A cohort's rows: whose, asked about when, and up to when.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        With ``case_id``, ``child_id``, ``as_of``.
    within_days : int

    Attributes
    ----------
    children : Index of str
        The cohort's children, each once.
    codes : ndarray of int64, shape (n,)
        Position in `children` of each row's child.
    as_of, at_once, last : ndarray of int64, shape (n,)
        Days since 1970: `as_of`, the end of the next working day, and
        ``as_of + within_days``.
    extract : int
        The extract date.
    """

    def __init__(self, records: Records, cohort: pd.DataFrame, within_days: int) -> None:
        self.cohort = cohort
        self.children = pd.Index(cohort["child_id"].unique())
        self.codes = self.children.get_indexer(cohort["child_id"]).astype(np.int64)
        self.as_of = to_days(cohort["as_of"]).astype(np.int64)
        self.at_once = to_days(add_working_days(cohort["as_of"], 1)).astype(np.int64)
        self.last = self.as_of + within_days
        self.extract = int(to_days(pd.Series([records.extract_date]))[0])

    def of_children(self, children: pd.Index) -> np.ndarray:
        """Say which rows are of these children, shape (n,)."""
        return np.asarray(self.cohort["child_id"].isin(children), dtype=bool)

    def are(self, table: pd.DataFrame, case: str, day: str) -> np.ndarray:
        """Say which rows are a row of a table, by its id and day, shape (n,)."""
        keys = pd.MultiIndex.from_frame(self.cohort[["case_id", "as_of"]])
        return np.asarray(keys.isin(pd.MultiIndex.from_frame(table[[case, day]])), dtype=bool)
