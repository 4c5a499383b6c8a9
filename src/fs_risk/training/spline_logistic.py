"""Fitting a logistic regression on smooth curves of each feature, as a model to beat."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from fs_risk.model.candidates import DEGREE, SplineLogistic, Term
from fs_risk.training.distinct_values import (
    CodedColumn,
    Pack,
    pack_columns,
    quantiles,
)
from fs_risk.training.penalised_logistic import fit_path

SMALLEST_SPREAD = 0.1
"""Columns that hardly vary are scaled as if they varied this much."""

_KNOTS_AT = np.array([0.1, 0.35, 0.65, 0.9])
_ENDS_AT = np.array([0.001, 0.5, 0.999])
_FEWEST_VALUES = 6


@dataclass(frozen=True)
class _Block:
    """One feature's columns in the regression, worked out for each distinct value."""

    coded: CodedColumn
    term: Term
    table: np.ndarray
    centre: np.ndarray
    spread: np.ndarray

    @cached_property
    def scaled(self) -> np.ndarray:
        """The table, centred and scaled, shape (m, k)."""
        return np.asarray((self.table - self.centre) / self.spread)


class _PackedDesign:
    """The columns of some rows, looked up by the codes of their values."""

    def __init__(self, blocks: Sequence[_Block], packs: Sequence[Pack], n: int) -> None:
        self.codes = [pack.codes for pack in packs]
        self.tables = [_table_of(pack, blocks) for pack in packs]
        self.ends = np.cumsum([0, *(table.shape[1] for table in self.tables)])
        self.n = n

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.ends[-1])

    def times(self, weights: np.ndarray) -> np.ndarray:
        """Give the sum of the columns, each times its weight, shape (n,)."""
        total = np.zeros(self.n)
        for table, codes, start in zip(self.tables, self.codes, self.ends, strict=False):
            total += (table @ weights[start : start + table.shape[1]])[codes]
        return total

    def against(self, values: np.ndarray) -> np.ndarray:
        """Give the sum over rows of each column times a value, shape (width,)."""
        sums = [
            np.bincount(codes, weights=values, minlength=len(table)) @ table
            for table, codes in zip(self.tables, self.codes, strict=True)
        ]
        return np.concatenate([np.zeros(0), *sums])

    def laid_out(self, every: int) -> np.ndarray:
        """Give the columns of each `every`-th row in single precision, shape (width, rows)."""
        columns = np.empty((self.width, len(range(0, self.n, every))), dtype=np.float32)
        for table, codes, start in zip(self.tables, self.codes, self.ends, strict=False):
            turned = table.T.astype(np.float32)
            np.take(turned, codes[::every], axis=1, out=columns[start : start + len(turned)])
        return columns


def _table_of(pack: Pack, blocks: Sequence[_Block]) -> np.ndarray:
    """Lay a pack's columns out by code, shape (m, k)."""
    members = zip(pack.members, pack.places, strict=True)
    return np.hstack([blocks[number].scaled[places] for number, places in members])


def fit_along_penalties(
    columns: Sequence[CodedColumn],
    label: np.ndarray,
    rows: np.ndarray,
    *,
    penalties: Sequence[float],
) -> list[SplineLogistic]:
    """Fit on some rows, once for each strength of the penalty.

    Missing values become the median, with an indicator; columns are scaled to unit
    spread before the L2 penalty, and the stored coefficients are for the columns as
    they are.

    Parameters
    ----------
    columns : sequence of CodedColumn
        Features without a known value, or all alike, are left out.
    label : ndarray of float, shape (n,)
        1.0 or 0.0, both among the rows.
    rows : ndarray of int
        The rows to learn from; knots, medians and scales, too, come from these alone.
    penalties : sequence of float
        scikit-learn's C, ascending.

    Returns
    -------
    list of SplineLogistic
    """
    blocks = [block for column in columns if (block := _block(column, rows)) is not None]
    packs = pack_columns([block.coded for block in blocks], rows)
    design = _PackedDesign(blocks, packs, len(rows))
    # several threads add in another order: one gives the same bytes for any number (M6)
    with threadpool_limits(limits=1, user_api="blas"):
        found = fit_path(design, label[rows], penalties)
    return [
        _stored(blocks, weights, intercept, penalty)
        for penalty, (intercept, weights) in zip(penalties, found, strict=True)
    ]


def margin_of(
    model: SplineLogistic, columns: Sequence[CodedColumn], rows: np.ndarray
) -> np.ndarray:
    """Score rows whose columns are coded, as ``model.margin`` would.

    Parameters
    ----------
    model : SplineLogistic
    columns : sequence of CodedColumn
    rows : ndarray of int

    Returns
    -------
    ndarray of float64, shape (n_rows,)
    """
    by_name = {column.name: column for column in columns}
    total = np.full(len(rows), model.intercept)
    for term in model.terms:
        column = by_name[term.feature]
        total += term.added(column.values)[column.codes[rows]]
    return total


def _block(column: CodedColumn, rows: np.ndarray) -> _Block | None:
    """Work a feature out, or leave it out where it has no two values."""
    counts = column.counts(rows)
    term = _shape(column, counts)
    if term is None:
        return None
    table = term.basis(column.values)
    if counts[-1]:
        table = np.column_stack([table, np.isnan(column.values)])
    seen = np.flatnonzero(counts)
    share = counts[seen] / counts.sum()
    centre = share @ table[seen]
    spread = np.sqrt(share @ (table[seen] - centre) ** 2)
    return _Block(column, term, table, centre, np.maximum(spread, SMALLEST_SPREAD))


def _shape(column: CodedColumn, counts: np.ndarray) -> Term | None:
    """Say how a feature enters: as a line or a curve, between which ends."""
    seen = np.flatnonzero(counts[:-1])
    if len(seen) < 2:
        return None
    values, counts = column.values[seen], counts[seen]
    low, median, high = (float(value) for value in quantiles(values, counts, _ENDS_AT))
    if low == high:
        low, high = float(values[0]), float(values[-1])
    return Term(
        feature=column.name,
        fill=float(np.clip(median, low, high)),
        low=low,
        high=high,
        knots=_knots(values, counts, low, high),
        coefficients=(),
    )


def _knots(values: np.ndarray, counts: np.ndarray, low: float, high: float) -> tuple[float, ...]:
    """Place knots at quantiles; none where a feature takes too few values for a curve."""
    if len(values) < _FEWEST_VALUES:
        return ()
    inner = np.unique(quantiles(values, counts, _KNOTS_AT))
    inner = inner[(inner > low) & (inner < high)]
    return tuple(float(knot) for knot in np.r_[[low] * (DEGREE + 1), inner, [high] * (DEGREE + 1)])


def _stored(
    blocks: Sequence[_Block], weights: np.ndarray, intercept: float, penalty: float
) -> SplineLogistic:
    """Turn weights of scaled columns into coefficients of the columns as they are."""
    terms, start = [], 0
    for block in blocks:
        end = start + block.table.shape[1]
        own = weights[start:end] / block.spread
        start = end
        intercept -= float(block.centre @ own)
        width = block.term.width
        terms.append(
            block.term.model_copy(
                update={
                    "coefficients": tuple(float(weight) for weight in own[:width]),
                    "when_missing": float(own[width]) if len(own) > width else 0.0,
                }
            )
        )
    return SplineLogistic(intercept=intercept, terms=tuple(terms), penalty=penalty)
