"""Features of the order of events: fading weight, gaps, changes, runs, time without concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fs_risk.features import rhythm_kernels as kernels
from fs_risk.features.measures import (
    Change,
    CountSince,
    DaysSinceFirst,
    DaysWithout,
    Distinct,
    FurthestStep,
    Gap,
    OnlySiblings,
    Rhythm,
    StepChange,
    Weighted,
)
from fs_risk.features.sight import Sight
from fs_risk.features.streams import STREAMS

Placed = tuple[int, Rhythm]


@dataclass(frozen=True)
class Cell:
    """Events of one stream at ages ``low < age <= high``, since the latest reset."""

    stream: str
    low: int
    high: int
    half_life: int = 0
    resets: tuple[str, ...] = ()


class RhythmPlan(NamedTuple):
    """Whose cells and columns one pass fills, then all in the order the kernel takes them."""

    whom: str
    kind_first: np.ndarray
    kind_cell: np.ndarray
    reset_first: np.ndarray
    reset_cell: np.ndarray
    low: np.ndarray
    high: np.ndarray
    half_life: np.ndarray
    column_first: np.ndarray
    column_cell: np.ndarray
    column_what: np.ndarray
    column_limit: np.ndarray
    column_place: np.ndarray


def plan_rhythms(placed: Sequence[Placed], whom: str) -> RhythmPlan:
    """Lay out the cells that some features need, each cell once.

    Parameters
    ----------
    placed : sequence of (int, measure)
        Feature columns and what they measure, all of one point of view.
    whom : {"child", "siblings"}

    Returns
    -------
    RhythmPlan
    """
    asked = [_asked(measure) for _, measure in placed]
    cells = list(dict.fromkeys(cell for _, _, own in asked for cell in own))
    places = [[cells.index(cell) for cell in own] for _, _, own in asked]
    names = list(STREAMS)
    kind_first, kind_cell = _rows(
        [[c for c, cell in enumerate(cells) if cell.stream == name] for name in names]
    )
    reset_first, reset_cell = _rows(
        [[c for c, cell in enumerate(cells) if name in cell.resets] for name in names]
    )
    column_first, column_cell = _rows(places)
    return RhythmPlan(
        whom=whom,
        kind_first=kind_first,
        kind_cell=kind_cell,
        reset_first=reset_first,
        reset_cell=reset_cell,
        low=np.array([cell.low for cell in cells], dtype=np.int32),
        high=np.array([cell.high for cell in cells], dtype=np.int32),
        half_life=np.array([cell.half_life for cell in cells], dtype=np.float32),
        column_first=column_first,
        column_cell=column_cell,
        column_what=np.array([what for what, _, _ in asked], dtype=np.int32),
        column_limit=np.array([limit for _, limit, _ in asked], dtype=np.int32),
        column_place=np.array([column for column, _ in placed], dtype=np.int64),
    )


def fill_rhythms(sight: Sight, plan: RhythmPlan, values: np.ndarray) -> None:
    """Fill the columns of one point of view in one compiled pass.

    Parameters
    ----------
    sight : Sight
    plan : RhythmPlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    kernels.fill_rhythms(*sight.arrays("events", plan.whom), *plan[1:], values)


@dataclass(frozen=True)
class OnlySiblingsPlan:
    """The same streams asked of the siblings and of the child."""

    columns: tuple[int, ...]
    siblings: RhythmPlan
    child: RhythmPlan


def plan_only_siblings(placed: Sequence[tuple[int, OnlySiblings]]) -> OnlySiblingsPlan:
    """Lay out what is asked of both points of view.

    Parameters
    ----------
    placed : sequence of (int, OnlySiblings)

    Returns
    -------
    OnlySiblingsPlan
    """
    asked = [
        (place, Distinct((measure.stream,), measure.window_days))
        for place, (_, measure) in enumerate(placed)
    ]
    child = plan_rhythms(asked, "child")
    return OnlySiblingsPlan(
        columns=tuple(column for column, _ in placed),
        siblings=child._replace(whom="siblings"),
        child=child,
    )


def fill_only_siblings(sight: Sight, plan: OnlySiblingsPlan, values: np.ndarray) -> None:
    """Fill the columns of what is recorded for a sibling and not for the child.

    Parameters
    ----------
    sight : Sight
    plan : OnlySiblingsPlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    shape = (sight.key.size, len(plan.columns))
    theirs = np.empty(shape, dtype=np.float32, order="F")
    own = np.empty(shape, dtype=np.float32, order="F")
    fill_rhythms(sight, plan.siblings, theirs)
    fill_rhythms(sight, plan.child, own)
    for place, column in enumerate(plan.columns):
        values[:, column] = (theirs[:, place] > 0) & (own[:, place] == 0)


def _rows(lists: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Put lists behind one another, with where each begins."""
    first = np.concatenate([[0], np.cumsum([len(row) for row in lists])]).astype(np.int32)
    return first, np.array([cell for row in lists for cell in row], dtype=np.int32)


def _asked(measure: Rhythm) -> tuple[int, int, list[Cell]]:
    """Say what a measure works out, its limit, and the cells it needs."""
    window = measure.window_days
    match measure:
        case Weighted():
            return kernels.WEIGHTED, 0, [Cell(measure.stream, 0, window, measure.half_life_days)]
        case DaysSinceFirst():
            return kernels.SINCE_FIRST, 0, [Cell(measure.stream, 0, window)]
        case Gap():
            what = kernels.MEAN_GAP if measure.what == "mean" else kernels.LONGEST_GAP
            return what, 0, [Cell(measure.stream, 0, window)]
        case CountSince():
            low = measure.at_least_days_ago - 1
            return kernels.NUMBER, 0, [Cell(measure.stream, low, window, 0, measure.resets)]
        case Change():
            recent = measure.recent_days
            halves = [Cell(measure.stream, 0, recent), Cell(measure.stream, recent, window)]
            return kernels.CHANGE, 0, halves
        case Distinct():
            cells = [Cell(stream, 0, window) for stream in measure.streams]
            return kernels.AT_LEAST, measure.at_least, cells
        case FurthestStep():
            return kernels.FURTHEST, 0, [Cell(stream, 0, window) for stream in measure.streams]
        case StepChange():
            recent = measure.recent_days
            now = [Cell(stream, 0, recent) for stream in measure.streams]
            before = [Cell(stream, recent, window) for stream in measure.streams]
            return kernels.STEP_CHANGE, 0, now + before
        case DaysWithout():
            return kernels.WITHOUT, window, [Cell(stream, 0, window) for stream in measure.streams]
