"""What the rules look at: one year's blocks, and the year they report on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from fs_risk.records.layouts.cin import BLOCKS


@dataclass(frozen=True)
class Census:
    """One year's census.

    Attributes
    ----------
    file : str
        Name of the file.
    blocks : mapping of str to DataFrame
        As in `cin_file.CensusFile`.
    start, end : Timestamp
        The first day of the reporting year and the reference date; NaT if unknown.
    files : mapping of str to str
        The file of each block, where they are several.
    """

    file: str
    blocks: Mapping[str, pd.DataFrame]
    start: pd.Timestamp
    end: pd.Timestamp
    files: Mapping[str, str] = field(default_factory=dict)

    def file_of(self, block: str) -> str:
        """Give the name of the file that a block was read from."""
        return self.files.get(block, self.file)

    def __getitem__(self, block: str) -> pd.DataFrame:
        """Give a block's frame."""
        return self.blocks[block]

    def positions(self, block: str, ancestor: str) -> np.ndarray:
        """Give, for each row of a block, the position of the row it lies in.

        Parameters
        ----------
        block, ancestor : str
            `ancestor` may be the block itself.

        Returns
        -------
        ndarray of int64
        """
        at = np.arange(len(self.blocks[block]))
        while block != ancestor:
            parent = BLOCKS[block].parent
            at = self.blocks[block][parent].to_numpy()[at]
            block = parent
        return at

    def outer(self, block: str, ancestor: str, column: str) -> pd.Series:
        """Give an enclosing row's column for each row of a block.

        Returns
        -------
        Series
            On the block's own index.
        """
        values = self.blocks[ancestor][column].take(self.positions(block, ancestor))
        return values.set_axis(self.blocks[block].index)

    def any_within(self, ancestor: str, block: str, mask: pd.Series | None = None) -> pd.Series:
        """Say which rows of an ancestor hold any (marked) row of a block."""
        held = np.zeros(len(self.blocks[ancestor]), dtype=bool)
        at = self.positions(block, ancestor)
        held[at if mask is None else at[mask.to_numpy(dtype=bool)]] = True
        return pd.Series(held, index=self.blocks[ancestor].index)

    @cached_property
    def has_sex(self) -> bool:
        """Whether the file is of the layout that holds Sex (2024-25 on)."""
        return bool(self.blocks["children"]["Sex"].notna().any())

    @cached_property
    def conferences(self) -> pd.DataFrame:
        """All initial conferences: ``episodes`` (position) and ``date``, from both places."""
        episodes, enquiries = self.blocks["episodes"], self.blocks["section47"]
        own = pd.DataFrame({"episodes": episodes.index, "date": episodes["DateOfInitialCPC"]})
        theirs = enquiries[["episodes", "DateOfInitialCPC"]].set_axis(own.columns, axis=1)
        return pd.concat([own, theirs], ignore_index=True).dropna(ignore_index=True)


def yes(flags: pd.Series) -> pd.Series:
    """Say where a flag is true; a missing flag is not."""
    return flags.fillna(False).astype(bool)


def no(flags: pd.Series) -> pd.Series:
    """Say where a flag is false; a missing flag is not."""
    return ~flags.fillna(True).astype(bool)


def upper(codes: pd.Series) -> pd.Series:
    """Give codes in capitals, without white space around them."""
    return codes.str.strip().str.upper()


def outside(dates: pd.Series, census: Census) -> pd.Series:
    """Say which dates are given but lie outside the reporting year."""
    return (dates < census.start) | (dates > census.end)


def more_than_one(marked: pd.Series, groups: np.ndarray) -> pd.Series:
    """Mark the marked rows of groups that hold more than one of them."""
    return marked & (marked.groupby(groups).transform("sum") > 1)


def starts_during_earlier(
    starts: pd.Series, ends: pd.Series, groups: np.ndarray, among: pd.Series | None = None
) -> pd.Series:
    """Mark rows that start before an earlier row of their group has ended.

    Parameters
    ----------
    starts, ends : Series of datetime64
        A missing end has not come; the day of an end is free again.
    groups : ndarray of int64
    among : Series of bool, optional
        Rows to compare; others are never marked and never in the way.

    Returns
    -------
    Series of bool
    """
    considered = starts.notna() if among is None else starts.notna() & among
    at = np.flatnonzero(considered.to_numpy(dtype=bool))
    first = starts.to_numpy().astype("datetime64[D]").astype(np.int64)[at]
    last = ends.to_numpy().astype("datetime64[D]")[at]
    until = np.where(np.isnat(last), np.iinfo(np.int64).max, last.astype(np.int64))
    order = np.lexsort((at, first, groups[at]))
    frame = pd.DataFrame({"group": groups[at][order], "until": until[order]})
    latest = frame.groupby("group")["until"].cummax()
    before = latest.groupby(frame["group"]).shift(1)
    marked = np.zeros(len(starts), dtype=bool)
    marked[at[order]] = (first[order] < before.to_numpy()) & before.notna().to_numpy()
    return pd.Series(marked, index=starts.index)
