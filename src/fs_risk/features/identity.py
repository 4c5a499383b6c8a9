"""The child's age, the siblings known, and what the referral declares of itself."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from fs_risk.features.cases import Cases, view
from fs_risk.features.household_kernels import household_babies
from fs_risk.features.kernels import household_members
from fs_risk.features.measures import Age, DeclaredSource, Siblings
from fs_risk.features.timeline import History
from fs_risk.records.dates import MISSING_DAY

ADULT_DAYS = 6_575
"""Days from birth to the eighteenth birthday: 18 × 365.25, rounded up."""

YEAR = 365.25

INFANT_DAYS = 366
"""Days from birth from which a child is no longer under one."""

PREGNANCY_DAYS, OVERDUE_DAYS = 280, 30
"""A child may be unborn from so many days before the day expected to so many after."""


def fill_ages(cases: Cases, placed: Sequence[tuple[int, Age]], values: np.ndarray) -> None:
    """Fill the columns of the child's age.

    A birth after `as_of` is not known yet: until then only the expected date of
    birth says that there is an unborn child.

    Parameters
    ----------
    cases : Cases
    placed : sequence of (int, Age)
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    for column, measure in placed:
        values[:, column] = _AGES[measure.what](cases)


def fill_sources(
    cases: Cases, placed: Sequence[tuple[int, DeclaredSource]], values: np.ndarray
) -> None:
    """Fill the columns of who made the referral, as it declares.

    Parameters
    ----------
    cases : Cases
    placed : sequence of (int, DeclaredSource)
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    said, names = pd.factorize(cases.source)
    for column, measure in placed:
        wanted = np.array([name in measure.sources for name in names] + [np.nan], dtype=np.float32)
        # what is not declared has the code -1: the last place
        values[:, column] = wanted[said]


def fill_siblings(
    history: History, cases: Cases, placed: Sequence[tuple[int, Siblings]], values: np.ndarray
) -> None:
    """Fill the columns of how many siblings are known, and how young.

    Parameters
    ----------
    history : History
    cases : Cases
    placed : sequence of (int, Siblings)
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    seen = view(history, cases, "siblings")
    n_siblings = np.zeros(cases.day.size, dtype=np.float32)
    youngest = np.empty(cases.day.size, dtype=np.float32)
    members = history.members
    household_members(
        members.starts,
        members.child,
        members.link_known,
        history.birth,
        history.retain,
        seen.key,
        cases.day,
        cases.cut,
        seen.exclude,
        ADULT_DAYS,
        n_siblings,
        youngest,
    )
    found = {"count": n_siblings, "youngest_years": youngest / YEAR}
    if any(measure.what not in found for _, measure in placed):
        found["under_1"], found["unborn"] = _babies(history, cases)
    for column, measure in placed:
        values[:, column] = found[measure.what]


def _babies(history: History, cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    """Count the siblings under one, and the unborn."""
    seen = view(history, cases, "siblings")
    members = history.members
    under_1 = np.zeros(cases.day.size, dtype=np.float32)
    unborn = np.zeros(cases.day.size, dtype=np.float32)
    household_babies(
        members.starts,
        members.child,
        members.link_known,
        history.birth,
        history.expected_birth,
        history.first_known,
        history.retain,
        seen.key,
        cases.day,
        cases.cut,
        seen.exclude,
        INFANT_DAYS,
        PREGNANCY_DAYS,
        OVERDUE_DAYS,
        under_1,
        unborn,
    )
    return under_1, unborn


def _is_born(cases: Cases) -> np.ndarray:
    born: np.ndarray = (cases.birth != MISSING_DAY) & (cases.birth <= cases.day)
    return born


def _is_dated(cases: Cases) -> np.ndarray:
    dated: np.ndarray = _is_born(cases) | (cases.expected != MISSING_DAY)
    return dated


def _days_old(cases: Cases) -> np.ndarray:
    days: np.ndarray = cases.day.astype(np.float64) - cases.birth
    return days


def _years(cases: Cases) -> np.ndarray:
    return np.where(_is_born(cases), _days_old(cases) / YEAR, np.nan)


def _unborn(cases: Cases) -> np.ndarray:
    return np.where(_is_dated(cases), ~_is_born(cases), np.nan)


def _under_1(cases: Cases) -> np.ndarray:
    infant = _is_born(cases) & (_days_old(cases) < YEAR)
    return np.where(_is_dated(cases), infant, np.nan)


def _under_5(cases: Cases) -> np.ndarray:
    young = _is_born(cases) & (_days_old(cases) < 5 * YEAR)
    return np.where(_is_dated(cases), young, np.nan)


def _teenager(cases: Cases) -> np.ndarray:
    teenager = _is_born(cases) & (_days_old(cases) >= 13 * YEAR)
    return np.where(_is_dated(cases), teenager, np.nan)


def _days_to_birth(cases: Cases) -> np.ndarray:
    unborn = ~_is_born(cases) & (cases.expected != MISSING_DAY)
    return np.where(unborn, cases.expected.astype(np.float64) - cases.day, np.nan)


_AGES: dict[str, Callable[[Cases], np.ndarray]] = {
    "years": _years,
    "unborn": _unborn,
    "under_1": _under_1,
    "under_5": _under_5,
    "teenager": _teenager,
    "days_to_birth": _days_to_birth,
}
