"""The child's age, the siblings known, and what the referral declares of itself."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fs_risk.features.cases import Cases
from fs_risk.features.household_kernels import household_babies
from fs_risk.features.kernels import household_members
from fs_risk.features.measures import Age, AgeKind, DeclaredSource, Siblings
from fs_risk.features.sight import Sight
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
    born = _is_born(cases)
    dated = born | (cases.expected != MISSING_DAY)
    days = cases.day.astype(np.float64) - cases.birth
    for column, measure in placed:
        values[:, column] = _age(measure.what, cases, born, dated, days)


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
    said, names = _numbered(cases.source)
    for column, measure in placed:
        wanted = np.array([name in measure.sources for name in names] + [np.nan], dtype=np.float32)
        # what is not declared has the code -1: the last place
        values[:, column] = wanted[said]


def _numbered(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give sources numbers by name; -1 where none is declared."""
    if source.size == 1:  # a score at the front door
        missing = source[0] is None or source[0] != source[0]
        return np.array([-1 if missing else 0]), source[: 0 if missing else 1]
    numbers, names = pd.factorize(source)
    return numbers, names


def fill_siblings(sight: Sight, placed: Sequence[tuple[int, Siblings]], values: np.ndarray) -> None:
    """Fill the columns of how many siblings are known, and how young.

    Parameters
    ----------
    sight : Sight
    placed : sequence of (int, Siblings)
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    history, cases, seen = sight.history, sight.cases, sight.view("siblings")
    n_siblings = np.zeros(cases.day.size, dtype=np.float32)
    youngest = np.empty(cases.day.size, dtype=np.float32)
    members = seen.members
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
        found["under_1"], found["unborn"] = _babies(sight)
    for column, measure in placed:
        values[:, column] = found[measure.what]


def _babies(sight: Sight) -> tuple[np.ndarray, np.ndarray]:
    """Count the siblings under one, and the unborn."""
    history, cases, seen = sight.history, sight.cases, sight.view("siblings")
    members = seen.members
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


def _age(
    what: AgeKind, cases: Cases, born: np.ndarray, dated: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Give one feature of age: days since birth mean nothing where the child is not born."""
    match what:
        case "years":
            return np.where(born, days / YEAR, np.nan)
        case "unborn":
            return np.where(dated, ~born, np.nan)
        case "under_1":
            return np.where(dated, born & (days < YEAR), np.nan)
        case "under_5":
            return np.where(dated, born & (days < 5 * YEAR), np.nan)
        case "teenager":
            return np.where(dated, born & (days >= 13 * YEAR), np.nan)
        case "days_to_birth":
            expected = cases.expected.astype(np.float64) - cases.day
            return np.where(~born & (cases.expected != MISSING_DAY), expected, np.nan)
