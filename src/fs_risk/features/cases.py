"""Cases: a cohort as integers, with what each case declares of itself."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError
from fs_risk.features.declared_families import families_of
from fs_risk.features.lookup import places_of
from fs_risk.features.timeline import Facts, History, Members
from fs_risk.records.counts_in_words import out_of
from fs_risk.records.dates import MISSING_DAY, days_of_rows, to_days

NOBODY = np.int32(-1)


@dataclass(frozen=True)
class Cases:
    """The cases to build features for, as integers.

    Attributes
    ----------
    child : int32 (n,)
        Number of the child in the history; -1 for a child it does not know.
    day, cut : int32 (n,)
        `as_of`, and the day before which a fact must be known.
    birth, expected : int32 (n,)
        As declared with the case, else as recorded.
    source : ndarray of object (n,)
        Source declared with the case.
    episode : int32 (n,) or None
        Day on which the case's current episode began; None where each begins on
        the day itself, as at the front door.
    family : int32 (n,) or None
        Key in `declared_families.Families` of the family declared with the case, -1 for none; None
        where no case declares one. Read where the child's own link is not known yet.
    """

    child: np.ndarray
    day: np.ndarray
    cut: np.ndarray
    birth: np.ndarray
    expected: np.ndarray
    source: np.ndarray
    episode: np.ndarray | None = None
    family: np.ndarray | None = None

    @property
    def episode_day(self) -> np.ndarray:
        """Day on which each case's current episode began, `as_of` at the latest."""
        return self.day if self.episode is None else np.minimum(self.episode, self.day)

    def part(self, first: int, last: int) -> "Cases":
        """Give the cases from `first` to the one before `last`, without copying them.

        Parameters
        ----------
        first, last : int

        Returns
        -------
        Cases
        """
        rows = slice(first, last)
        return Cases(
            child=self.child[rows],
            day=self.day[rows],
            cut=self.cut[rows],
            birth=self.birth[rows],
            expected=self.expected[rows],
            source=self.source[rows],
            episode=None if self.episode is None else self.episode[rows],
            family=None if self.family is None else self.family[rows],
        )


@dataclass(frozen=True)
class View:
    """Whose facts a pass reads for each case: the child's own, or the siblings'."""

    events: Facts
    spells: Facts
    key: np.ndarray
    exclude: np.ndarray
    members: Members


def as_cases(history: History, cohort: pd.DataFrame, *, lag_days: int) -> Cases:
    """Turn a cohort into integers, checking that every case has a child and a day.

    Parameters
    ----------
    history : History
    cohort : DataFrame
        With ``case_id``, ``child_id`` and ``as_of``; optionally ``source``,
        ``birth_date``, ``expected_birth_date`` and ``family_id`` as declared with the
        case.
    lag_days : int
        Facts known within this many days before `as_of` are not used.

    Returns
    -------
    Cases

    Raises
    ------
    FeatureError
        If a column is absent, or a case has no child, or no day that can be read.
    """
    absent = [name for name in ("case_id", "child_id", "as_of") if name not in cohort]
    if absent:
        raise FeatureError(
            f"The cohort lacks {', '.join(absent)}.",
            where=f"cohort, columns {', '.join(map(str, cohort.columns))}",
            fix="Make it with referral_cohort, or give it case_id, child_id and as_of.",
        )
    lacking = cohort[["child_id", "as_of"]].isna().any(axis=1).to_numpy()
    if lacking.any():
        raise FeatureError(
            f"{_have(lacking)} no child or no date.",
            where=f"cohort, rows {', '.join(map(str, np.flatnonzero(lacking)[:10] + 1))}",
            fix="Remove these cases, or complete them.",
        )
    days, unread = days_of_rows(cohort["as_of"])
    if unread.any():
        raise FeatureError(
            f"{_have(unread)} an as_of that is no day.",
            where=f"cohort, rows {', '.join(map(str, np.flatnonzero(unread)[:10] + 1))}",
            fix="Give dates, or text year first as in 2025-03-31.",
        )
    child = places_of(cohort["child_id"], history.children)
    day = to_days(days)
    return Cases(
        child=child,
        day=day,
        cut=(day - lag_days).astype(np.int32),
        birth=_declared_or_recorded(cohort, "birth_date", history.birth, child),
        expected=_declared_or_recorded(
            cohort, "expected_birth_date", history.expected_birth, child
        ),
        source=_declared_source(history, cohort),
        episode=_episode(history, cohort, day),
        family=declared_families(history, cohort["family_id"]) if "family_id" in cohort else None,
    )


def _have(marked: np.ndarray) -> str:
    return out_of(int(marked.sum()), marked.size, "case", does="has", do="have")


def view(history: History, cases: Cases, whom: str) -> View:
    """Choose the facts that a pass reads.

    Parameters
    ----------
    history : History
    cases : Cases
    whom : {"child", "siblings"}

    Returns
    -------
    View
    """
    nobody = np.full(cases.child.size, NOBODY)
    if whom == "child":
        return View(history.events, history.spells, cases.child, nobody, history.members)
    group = history.siblings.seen_by(cases.child, cases.cut)
    if cases.family is not None:
        held = families_of(history)
        group = held.seen_by(cases.child, cases.cut, group, cases.family)
        return View(held.events, held.spells, group, cases.child, held.members)
    return View(history.sibling_events, history.sibling_spells, group, cases.child, history.members)


def declared_families(history: History, family: Iterable[str | None]) -> np.ndarray:
    """Give the key in `declared_families.Families` of each family that is declared with a case.

    Parameters
    ----------
    history : History
    family : iterable of str or None
        As `History.links` names them.

    Returns
    -------
    ndarray of int32, shape (n,)
        -1 where none is declared, or the records do not know it.
    """
    key = families_of(history).key
    return np.array(
        [key.get(name, NOBODY) if isinstance(name, str) else NOBODY for name in family],
        dtype=np.int32,
    )


def _declared_or_recorded(
    cohort: pd.DataFrame, name: str, recorded: np.ndarray, child: np.ndarray
) -> np.ndarray:
    found = np.full(len(cohort), MISSING_DAY, dtype=np.int32)
    known = child >= 0
    found[known] = recorded[child[known]]
    if name in cohort:
        declared = to_days(cohort[name])
        found = np.where(declared == MISSING_DAY, found, declared)
    return found


_MANY = 20
"""Ids of another system show in many cases at once; a few cases made by hand are as meant."""


class UnknownCasesWarning(UserWarning):
    """Of a cohort's many cases none is named for a referral of the records."""


def warn_of_unknown_cases(history: History, cohort: pd.DataFrame) -> None:
    """Warn if of many cases none is named for a referral: what that says is then not known.

    Parameters
    ----------
    history : History
    cohort : DataFrame
        As `as_cases` takes it; with ``source`` a case states its own referral, and none
        is looked for.
    """
    known = history.declared.index
    if "source" in cohort or len(cohort) < _MANY or not len(known):
        return
    if (places_of(cohort["case_id"], known) < 0).all():
        warnings.warn(
            "No case_id of the cohort is a referral_id of the records: which source a case came "
            "from, and what was found since it began, count as not known. Make the cohort with "
            "referral_cohort, open_case_cohort or closure_cohort of the same records, or give it "
            "a column source.",
            UnknownCasesWarning,
            stacklevel=4,
        )


def _declared_source(history: History, cohort: pd.DataFrame) -> np.ndarray:
    if "source" in cohort:
        declared: np.ndarray = cohort["source"].to_numpy(dtype=object)
        return declared
    place = places_of(cohort["case_id"], history.declared.index)
    sources = np.full(len(cohort), np.nan, dtype=object)
    sources[place >= 0] = history.declared.to_numpy(dtype=object)[place[place >= 0]]
    return sources


def _episode(history: History, cohort: pd.DataFrame, day: np.ndarray) -> np.ndarray:
    """Give the day of the referral that a case is named for, else the day itself."""
    place = places_of(cohort["case_id"], history.declared.index)
    begun = day.copy()
    begun[place >= 0] = history.opened[place[place >= 0]]
    return np.where(begun == MISSING_DAY, day, begun).astype(np.int32)
