"""An explainable boosting machine as data: one table for each feature or pair, added up."""

from typing import Literal

import numpy as np
import pandas as pd

from fs_risk.model.stored import Stored, column
from fs_risk.records.counts_in_words import count_of


class AdditiveTable(Stored):
    """The log-odds that one feature, or a pair of them, adds.

    Attributes
    ----------
    features : tuple of str
        One or two.
    cuts : tuple of tuple of float
        For each feature, where its steps begin, ascending.
    scores : tuple of float
        For each step; row after row for a pair. The first of each feature is for where
        it is missing.
    """

    features: tuple[str, ...]
    cuts: tuple[tuple[float, ...], ...]
    scores: tuple[float, ...]

    def added(self, X: pd.DataFrame) -> np.ndarray:
        """Look each row up, shape (n,)."""
        places = [
            _place(column(X, name), np.array(cuts))
            for name, cuts in zip(self.features, self.cuts, strict=True)
        ]
        shape = tuple(len(cuts) + 2 for cuts in self.cuts)
        looked_up: np.ndarray = np.array(self.scores).reshape(shape)[tuple(places)]
        return looked_up


class AdditiveTables(Stored):
    """An explainable boosting machine: smooth steps of each feature, and a few pairs.

    Attributes
    ----------
    intercept : float
    tables : tuple of AdditiveTable

    References
    ----------
    .. [1] Y. Lou, R. Caruana, J. Gehrke, G. Hooker, Accurate intelligible models with
       pairwise interactions, KDD 2013.
    """

    kind: Literal["explainable_boosting"] = "explainable_boosting"
    intercept: float
    tables: tuple[AdditiveTable, ...]

    @property
    def meaning(self) -> str:
        """What the candidate is, for reports."""
        pairs = sum(len(table.features) == 2 for table in self.tables)
        return (
            "explainable boosting machine on "
            f"{count_of(len(self.tables) - pairs, 'feature')} and {count_of(pairs, 'pair')}"
        )

    def margin(self, X: pd.DataFrame) -> np.ndarray:
        """Give the log-odds.

        Parameters
        ----------
        X : DataFrame
            With the candidate's columns.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        total = np.full(len(X), self.intercept)
        for table in self.tables:
            total += table.added(X)
        return total


def _place(values: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Find the step of each value; 0 where it is missing."""
    steps: np.ndarray = np.where(
        np.isnan(values), 0, np.searchsorted(cuts, values, side="right") + 1
    )
    return steps
