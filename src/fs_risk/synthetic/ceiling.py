"""How well outcomes of a synthetic authority can be told: its ceiling."""

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError, SettingError
from fs_risk.records.records import Records
from fs_risk.synthetic.ceiling_families import Families
from fs_risk.synthetic.class_evidence import all_source_shares, class_prior, recorded_evidence
from fs_risk.synthetic.every_state import EveryState
from fs_risk.synthetic.open_cases import open_cases
from fs_risk.synthetic.open_values import OPEN_CASE_OUTCOMES, OpenValues
from fs_risk.synthetic.posterior import NOBODY, Filter, Questions
from fs_risk.synthetic.remade import Remade, remake
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.sources import group_of_code
from fs_risk.synthetic.states import PHASES
from fs_risk.synthetic.transitions import OUTCOMES

LEAST_DAYS = 60
"""The shortest horizon: the step of the referral and the next must lie within it."""

_ASKED = {"referral": tuple(OUTCOMES), "open_case": OPEN_CASE_OUTCOMES}
"""Outcomes with a ceiling, by cohort."""

_WHERE = "ceiling_probabilities(records, cohort)"


def ceiling_probabilities(
    records: Records,
    cohort: pd.DataFrame,
    *,
    outcome: str,
    within_days: int,
    from_window: bool = False,
) -> pd.DataFrame:
    """Give the probability of an outcome of each case: given all, and what was recorded.

    Parameters
    ----------
    records : Records
        Made by `make_authority`.
    cohort : DataFrame
        ``case_id``, the referral; and ``as_of``: a row is a referral on its day, or a
        case that was still open on a later one. Without ``as_of`` all are referrals.
    outcome : str
        A name of `transitions.OUTCOMES`.
    within_days : int
        At least 60.
    from_window : bool, default=False
        Begin the filter on the first observed day, with the long-run shares of class
        and phase, as if nothing had been recorded before it. An approximation, to
        see what the years before the window are worth.

    Returns
    -------
    DataFrame
        On the cohort's index, float64: ``given_everything``, the probability that the
        simulation used, and ``given_recorded``, the exact posterior probability given
        what the service had recorded before the day, and of the referral its day and
        source: the ceiling of any model of the records. Both are conditional on the case
        having a label: on the outcome not being decided at once, and on the child not
        being seen to leave, or adopted, without it. Missing where the chain does not apply.

    Raises
    ------
    RecordsError
        If the records are not of a synthetic authority.
    SettingError
        If the ceiling of that outcome and horizon cannot be computed.

    Notes
    -----
    The world is made anew from its settings, so nothing need be kept of it. With
    planted defects the ceiling is that of the undamaged records.

    What is recorded includes the years before the observed window, which an extract
    does not hold: the ceiling is at least what any model of the extract can reach.
    ``docs/synthetic_authority.md`` lists all that counts as recorded.

    Examples
    --------
    >>> from fs_risk.synthetic.authority import make_authority
    >>> records = make_authority(children=300, years=1, seed=1)
    >>> referrals = records["referrals"].head(20)
    >>> cohort = pd.DataFrame({"case_id": referrals["referral_id"]})
    >>> known = ceiling_probabilities(records, cohort, outcome="cp_plan", within_days=365)
    >>> list(known)
    ['given_everything', 'given_recorded']
    """
    made = remake(_checked(records))
    table = pd.DataFrame(
        {"given_everything": np.nan, "given_recorded": np.nan},
        index=cohort.index,
        dtype=np.float64,
    )
    number, day = made.referrals(cohort["case_id"]), made.days_of(cohort)
    inside = number >= 0
    arrived = inside & (day == made.day_of(number))
    opened = inside & (day > made.day_of(number))
    for rows, kind, chances in (
        (arrived, "referral", _of_referrals),
        (opened, "open_case", _of_open_cases),
    ):
        here = np.flatnonzero(rows)
        if not len(here):
            continue
        _check(records, outcome, within_days, kind)
        table.iloc[here] = chances(
            made, number[here], day[here], outcome, within_days, from_window=from_window
        )
    return table


def _of_referrals(
    made: Remade,
    number: np.ndarray,
    _: np.ndarray,
    outcome: str,
    within_days: int,
    *,
    from_window: bool,
) -> np.ndarray:
    """Give both probabilities of referrals, shape (n, 2)."""
    posterior = hidden_states(made, number, from_window=from_window)
    happened, labelled = outcome_chances(made, number, outcome, within_days)
    rows = np.arange(len(number))
    referrals, people = made.lived.timeline.referrals, made.lived.people
    true = people.child_class[referrals["child"][number]] * len(PHASES) + referrals["phase"][number]
    everything = happened[rows, true] / labelled[rows, true]
    recorded = (posterior * happened).sum(axis=1) / (posterior * labelled).sum(axis=1)
    return np.stack([everything, recorded], axis=1)


def _of_open_cases(
    made: Remade,
    number: np.ndarray,
    day: np.ndarray,
    outcome: str,
    within_days: int,
    *,
    from_window: bool,
) -> np.ndarray:
    """Give both probabilities of open cases, shape (n, 2)."""
    lived = made.lived
    child = lived.timeline.referrals["child"][number]
    families = Families(lived, np.unique(lived.people.family[child]))
    cases = open_cases(families, number, day)
    posterior = posterior_on(made, families, child, day, from_window=from_window)
    oracle = OpenValues(lived.hazards, lived.calendar, lived.parameters)
    seen = oracle.chances(families, cases, outcome, within_days, known_length=False)
    known = oracle.chances(families, cases, outcome, within_days, known_length=True)
    phase = made.phases[cases.step, lived.people.family[child]]
    true = lived.people.child_class[child] * len(PHASES) + phase
    rows = np.arange(len(number))
    everything = known[0][rows, true] / known[1][rows, true]
    recorded = (posterior * seen[0]).sum(axis=1) / (posterior * seen[1]).sum(axis=1)
    return np.stack([everything, recorded], axis=1)


def hidden_states(made: Remade, number: np.ndarray, *, from_window: bool = False) -> np.ndarray:
    """Give the posterior of class and phase at referrals.

    Parameters
    ----------
    made : Remade
    number : ndarray of int, shape (n,)
        Numbers of the referrals.
    from_window : bool, default=False

    Returns
    -------
    ndarray, shape (n, N_HIDDEN)
        Rows sum to one.
    """
    lived = made.lived
    child, day = (lived.timeline.referrals[name][number] for name in ("child", "day"))
    families = Families(lived, np.unique(lived.people.family[child]))
    return posterior_on(made, families, child, day, referred=number, from_window=from_window)


def posterior_on(
    made: Remade,
    families: Families,
    child: np.ndarray,
    day: np.ndarray,
    *,
    referred: np.ndarray | None = None,
    from_window: bool = False,
) -> np.ndarray:
    """Give the posterior of class and phase of children's families on given days.

    Parameters
    ----------
    made : Remade
    families : Families
    child, day : ndarray of int, shape (n,)
    referred : ndarray of int, shape (n,), optional
        Number of the referral made of the child that day, which then counts too.
    from_window : bool, default=False

    Returns
    -------
    ndarray, shape (n, N_HIDDEN)
        Of the phase at the start of the day's step. Rows sum to one.
    """
    lived = made.lived
    row = families.of_children(child)
    place = np.full(len(row), NOBODY) if referred is None else families.place(child)
    weight = Filter(families, from_window=from_window).posterior(Questions(row, day, place))
    logs = class_prior(families, row, lived.calendar.step_of[day])
    logs += recorded_evidence(families, made.tables, made.child_of).before(row, day)
    if referred is not None:
        source = group_of_code(lived.parameters).loc[made.source(referred)].to_numpy()
        shares = all_source_shares(families, child, day)[np.arange(len(row)), :, source]
        logs += np.log(np.maximum(shares, 1e-300))
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    weight = weight * np.repeat(odds, len(PHASES), axis=1)
    posterior: np.ndarray = weight / weight.sum(axis=1, keepdims=True)
    return posterior


def outcome_chances(
    made: Remade, number: np.ndarray, outcome: str, within_days: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give the parts of an outcome's probability from every hidden state.

    Parameters
    ----------
    made : Remade
    number : ndarray of int, shape (n,)
        Numbers of the referrals.
    outcome : str
    within_days : int

    Returns
    -------
    happened, labelled : ndarray, shape (n, N_HIDDEN)
        As `truth.Oracle.parts` gives them.
    """
    lived = made.lived
    referrals, people = lived.timeline.referrals, lived.people
    child = referrals["child"][number]
    situations = Situations(
        people.child_class[child],
        referrals["phase"][number],
        referrals["previous"][number],
        people.deprived[child],
        referrals["step"][number],
        referrals["day"][number],
        people.birth_step[child],
        people.exit_step[child],
        people.n_children[people.family[child]] == 1,
    )
    oracle = EveryState(lived.hazards, lived.calendar, lived.parameters)
    return oracle.of_each(situations, outcome, within_days)


def has_ceiling(records: Records, outcome: str, within_days: int, cohort: str = "referral") -> bool:
    """Say whether the ceiling of an outcome can be computed for some records.

    Parameters
    ----------
    records : Records
    outcome : str
    within_days : int
    cohort : {"referral", "open_case"}, default="referral"
        Others have none.

    Returns
    -------
    bool
        True for records of a synthetic authority, outcomes of the chain, and horizons
        of at least `LEAST_DAYS`.
    """
    return _is_made(records) and outcome in _ASKED.get(cohort, ()) and within_days >= LEAST_DAYS


def _is_made(records: Records) -> bool:
    return records.truth is not None and {"authority", "shocks"} <= set(records.truth)


def _checked(records: Records) -> Records:
    if not _is_made(records):
        raise RecordsError(
            "These records are not of a synthetic authority, so nobody knows their ceiling.",
            where=_WHERE,
            fix="Pass records made by make_authority.",
        )
    return records


def _check(records: Records, outcome: str, within_days: int, cohort: str) -> None:
    if not has_ceiling(records, outcome, within_days, cohort):
        raise SettingError(
            f"The ceiling of {outcome!r} within {within_days} days is not known.",
            where=_WHERE,
            fix=f"Ask for one of {', '.join(_ASKED[cohort])}, within {LEAST_DAYS} days or more.",
        )
