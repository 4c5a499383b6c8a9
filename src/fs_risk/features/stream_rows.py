"""The rows of canonical tables as integers: whose they are, on which days, of which stream."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pandas as pd

from fs_risk.features.lookup import number_ids
from fs_risk.features.sequels import Earlier, following
from fs_risk.features.stream_kernels import append_facts
from fs_risk.features.streams import STREAMS, Stream
from fs_risk.features.working_days import working_days
from fs_risk.records.codes import FACTORS
from fs_risk.records.dates import MISSING_DAY, NEVER, to_days

FACTOR_BIT = {code: np.uint64(1) << np.uint64(bit) for bit, code in enumerate(FACTORS)}
"""The bit of each assessment factor."""


class TableRows:
    """One canonical table as integer arrays, each column converted once.

    Attributes
    ----------
    frame : DataFrame
    owner : int32 (n,)
        Number of the child of each row; set by `number_rows`.
    mask : uint64 (n,)
        Assessments only: one bit for each factor recorded.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.owner = np.empty(0, dtype=np.int32)
        self.mask = np.empty(0, dtype=np.uint64)
        self._days: dict[str, np.ndarray] = {}
        self._codes: dict[str, tuple[np.ndarray, pd.Index]] = {}

    def days(self, column: str) -> np.ndarray:
        """Give a date column as whole days."""
        if column not in self._days:
            self._days[column] = to_days(self.frame[column])
        return self._days[column]

    def holds(self, column: str, values: tuple[str, ...]) -> np.ndarray:
        """Mark the rows whose column holds one of some values, said as text."""
        codes, said = self._coded(column)
        # a missing value has the code -1: the last place, which is not wanted
        wanted: np.ndarray = np.append(said.isin(values), False)
        marked: np.ndarray = wanted[codes]
        return marked

    def _coded(self, column: str) -> tuple[np.ndarray, pd.Index]:
        if column not in self._codes:
            codes, names = pd.factorize(self.frame[column])
            self._codes[column] = codes, pd.Index(names).astype("str")
        return self._codes[column]

    def prepare(self, stream: Stream) -> None:
        """Convert the columns that a stream reads."""
        self.days(stream.date)
        self.days(stream.clock)
        if stream.column:
            self._coded(stream.column)

    def of_stream(self, stream: Stream) -> np.ndarray:
        """Mark the rows that a stream is made of."""
        dated = self.days(stream.date) != MISSING_DAY
        rows: np.ndarray = dated & (self.days(stream.clock) != MISSING_DAY)
        if stream.column:
            rows &= self.holds(stream.column, stream.values)
        if stream.factors:
            rows &= (self.mask & factor_mask(stream.factors)) != 0
        if stream.late:
            first, last, allowed = stream.late
            rows &= working_days(self.days(first), self.days(last)) > allowed
        return rows


@cache
def factor_mask(codes: tuple[str, ...]) -> np.uint64:
    """Give the bits of some factor codes together."""
    mask = np.uint64(0)
    for code in codes:
        mask |= FACTOR_BIT[code]
    return mask


def number_rows(frames: Mapping[str, pd.DataFrame]) -> tuple[pd.Index, dict[str, TableRows]]:
    """Give every child of any table a number, and each row its child's.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The canonical tables.

    Returns
    -------
    children : Index of str
        Every child id once, those of the children table first.
    tables : dict of str to TableRows
        The tables that are about a child.
    """
    names = ["children"] + [n for n in frames if "child_id" in frames[n] and n != "children"]
    tables = {name: TableRows(frames[name]) for name in names}
    others = pd.concat([frames[name]["child_id"] for name in names[1:]], ignore_index=True)
    # the columns are converted while the ids, which take longest, are numbered
    with ThreadPoolExecutor(1) as pool:
        numbered = pool.submit(number_ids, frames["children"]["child_id"], others)
        tables["assessments"].mask = _factor_masks(frames["assessments"], frames["factors"])
        for stream in STREAMS.values():
            tables[stream.table].prepare(stream)
        numbers, children = numbered.result()
    ends = np.cumsum([len(frames[name]) for name in names])
    owners = np.split(numbers, ends[:-1])
    for name, owner in zip(names, owners, strict=True):
        tables[name].owner = owner
    return children, tables


def _factor_masks(assessments: pd.DataFrame, factors: pd.DataFrame) -> np.ndarray:
    """Give the factors recorded on each assessment, one bit each."""
    ids = pd.concat([assessments["assessment_id"], factors["assessment_id"]], ignore_index=True)
    numbers, names = pd.factorize(ids)
    codes, listed = pd.factorize(factors["code"])
    bits = np.array([FACTOR_BIT[code] for code in listed], dtype=np.uint64)
    mask = np.zeros(len(names), dtype=np.uint64)
    np.bitwise_or.at(mask, numbers[len(assessments) :], bits[codes])
    of_rows: np.ndarray = mask[numbers[: len(assessments)]]
    return of_rows


def gather_rows(tables: Mapping[str, TableRows], n_children: int, *, spells: bool) -> np.ndarray:
    """Put the rows of all streams of events (or of spells) behind one another.

    Parameters
    ----------
    tables : mapping of str to TableRows
    n_children : int
        Owners are less.
    spells : bool

    Returns
    -------
    int32 (n, 4), or (n, 6) of spells
        As `timeline.Facts` holds them, in no order of children or days.
    """
    chosen = [
        (number, name, stream)
        for number, (name, stream) in enumerate(STREAMS.items())
        if stream.whose_end == spells
    ]
    # memory that is not written to is not taken
    room = 1 + sum(len(tables[stream.table].owner) for _, _, stream in chosen)
    rows = np.empty((room, 6 if spells else 4), dtype=np.int32)
    after = {stream.after for _, _, stream in chosen if stream.after}
    earlier: dict[str, Earlier] = {}
    filled = 0
    # a sequel reads the stream that it follows, which may be declared behind it
    for number, name, stream in sorted(chosen, key=lambda each: bool(each[2].after)):
        first, filled = filled, _append(tables[stream.table], number, stream, filled, rows)
        if stream.after:
            kept = following(rows[first:filled], earlier[stream.after], days=stream.after_days)
            filled = first + len(kept)
            rows[first:filled] = kept
        if name in after:
            earlier[name] = Earlier.of(rows[first:filled], n_children)
    return rows[:filled]


def _append(table: TableRows, number: int, stream: Stream, first: int, rows: np.ndarray) -> int:
    day = table.days(stream.date)
    ends = (
        (table.days("end_known_date"), table.days(stream.end)) if stream.whose_end else (day,) * 2
    )
    filled: int = append_facts(
        table.of_stream(stream),
        day,
        table.days("known_date"),
        table.days(stream.clock),
        table.owner,
        number,
        *ends,
        first,
        rows,
    )
    return filled


def or_never(days: np.ndarray) -> np.ndarray:
    """Put `NEVER` where there is no day."""
    return np.where(days == MISSING_DAY, NEVER, days).astype(np.int32)
