"""Households' histories as a hidden Markov model reads them, and what it says of each case."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from hidden_markov.kernels import (
    history_lengths,
    read_histories,
    states_looking_back,
    states_on_the_day,
)
from hidden_markov.states import (
    AGES,
    N_COUNTS,
    OPEN_STEPS,
    SOURCES,
    SPELLS,
    STEP_DAYS,
    WIDTH,
    HouseholdStates,
    roles,
)

from fs_risk.features.cases import Cases, view
from fs_risk.features.streams import STREAMS
from fs_risk.features.timeline import History

TOGETHER_DAYS = 45
"""Children of a household assessed within so many days were assessed together."""

_YEAR = 365.25


@dataclass(frozen=True)
class Histories:
    """What may be seen of the households of some cases.

    Attributes
    ----------
    first_step : int64 (n_cases + 1,)
        The steps of case ``i``, the latest first, are ``first_step[i]:first_step[i + 1]``.
    code, situation : uint8 (n_steps,)
        A bit for each of `states.EVENTS`; place in `SITUATIONS` at its start.
    now : uint8 (n_cases,)
        Situation on the case's day.
    counts : float32 (n_cases, N_COUNTS)
        By band of age: assessments, those of earlier episodes, what they found, who made
        contact and referred; then plans by category.
    """

    first_step: np.ndarray
    code: np.ndarray
    situation: np.ndarray
    now: np.ndarray
    counts: np.ndarray


def read_households(history: History, cases: Cases, *, referred: bool) -> Histories:
    """Read the history of each case's household, as known before its cut.

    Parameters
    ----------
    history : History
    cases : Cases
    referred : bool
        Whether each case is a referral of its day: a contact of the day before is then
        taken for the referral's own.

    Returns
    -------
    Histories
    """
    own, theirs = view(history, cases, "child"), view(history, cases, "siblings")
    event, role, place = roles()
    facts = (own.events.starts, own.events.rows, theirs.events.starts, theirs.events.rows)
    spells = (own.spells.starts, own.spells.rows, theirs.spells.starts, theirs.spells.rows)
    n_steps = np.zeros(cases.day.size, dtype=np.int64)
    keys = (own.key, theirs.key, cases.day, cases.cut)
    history_lengths(*facts, *keys, history.retain, event, STEP_DAYS, n_steps)
    first_step = np.concatenate([[0], np.cumsum(n_steps)])
    found = Histories(
        first_step,
        np.zeros(first_step[-1], dtype=np.uint8),
        np.zeros(first_step[-1], dtype=np.uint8),
        np.zeros(cases.day.size, dtype=np.uint8),
        np.zeros((cases.day.size, N_COUNTS), dtype=np.float32),
    )
    read_histories(
        *facts, *spells, *keys, cases.episode_day, referred,
        history.retain, history.birth, history.expected_birth,
        event, role, place, _spell_situations(),
        np.array([years * _YEAR for years in AGES], dtype=np.int32),
        WIDTH, len(SOURCES), STEP_DAYS, OPEN_STEPS, TOGETHER_DAYS,
        first_step, found.code, found.situation, found.now, found.counts,
    )  # fmt: skip
    return found


@cache
def _spell_situations() -> np.ndarray:
    """Give the situation that a spell of each stream is; 0 for none."""
    return np.array([SPELLS.get(name, 0) for name in STREAMS], dtype=np.int8)


def shares_of(found: Histories, states: HouseholdStates, *, referred: bool) -> np.ndarray:
    """Give the chance of each type and phase on the day of each case.

    Parameters
    ----------
    found : Histories
    states : HouseholdStates
    referred : bool
        Whether each case is a referral of its day, which is then known too.

    Returns
    -------
    ndarray of float64, shape (n_cases, n_types, n_phases)
    """
    first, moves, chances, evidence = states.arrays()
    share = np.empty((found.now.size, states.n_types, states.n_phases))
    states_on_the_day(
        found.first_step, found.code, found.situation, found.counts @ evidence.T, found.now,
        referred, first, moves, chances, share,
    )  # fmt: skip
    return share


def shares_looking_back(
    found: Histories, states: HouseholdStates, *, household: np.ndarray, days_ago: np.ndarray
) -> np.ndarray:
    """Give the chance of each type and phase on earlier days, given all that came after.

    Parameters
    ----------
    found : Histories
        Of households, as known on one day.
    states : HouseholdStates
    household : ndarray of int, shape (n,)
        Place in `found`.
    days_ago : ndarray of int, shape (n,)
        Before that day, at least 1.

    Returns
    -------
    ndarray of float64, shape (n, n_types, n_phases)
        Zeros where a household has no history.
    """
    first, moves, chances, evidence = states.arrays()
    order = np.argsort(household, kind="stable")
    share = np.zeros((len(household), states.n_types, states.n_phases))
    states_looking_back(
        found.first_step, found.code, found.situation, found.counts @ evidence.T,
        first, moves, chances,
        household[order], (days_ago[order] - 1) // STEP_DAYS, share,
    )  # fmt: skip
    back = np.empty_like(share)
    back[order] = share
    return back
