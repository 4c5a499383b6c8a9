"""How well outcomes of a synthetic authority can be told: its ceiling."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError, SettingError, nearest
from fs_risk.records.records import Records
from fs_risk.synthetic.ceiling_answers import ANSWERS, COUNTED, Asked, Recorded
from fs_risk.synthetic.closures import SUSTAINED
from fs_risk.synthetic.remade import Remade, remake

LEAST_DAYS = 60
"""The shortest horizon: the step of the referral and the next must lie within it."""

_WHERE = "ceiling_probabilities(records, cohort)"
_MEANINGLESS = {
    ("referral", "step_down"): (
        "A referral on its own day has no tier to step down from.",
        "Ask about cases that were open: open_case_cohort(records, on=dates).",
    ),
    ("referral", SUSTAINED): (
        "A referral on its own day has no closure that could last.",
        "Ask about closures: closure_cohort(records), with kind='closure'.",
    ),
    ("open_case", SUSTAINED): (
        "An open case has no closure that could last.",
        "Ask about closures: closure_cohort(records), with kind='closure'.",
    ),
    ("closure", "step_down"): (
        "A case that has closed has no tier to step down from.",
        f"Ask for {SUSTAINED!r} or 're_referral' of closures, for 'step_down' of open cases.",
    ),
}


def ceiling_probabilities(
    records: Records,
    cohort: pd.DataFrame,
    *,
    outcome: str,
    within_days: int,
    kind: str | None = None,
    without: Collection[str] = (),
    from_window: bool = False,
) -> pd.DataFrame:
    """Give the probability of an outcome of each case: given all, and what was recorded.

    Parameters
    ----------
    records : Records
        Made by `make_authority`.
    cohort : DataFrame
        ``case_id``, the referral; and ``as_of``. Without ``as_of`` all are referrals.
    outcome : str
        A name of `fs_risk.outcomes.definitions.OUTCOMES`, but ``"proceedings"``.
    within_days : int
        At least 60.
    kind : {"referral", "open_case", "closure"}, optional
        What a row is. By default a referral on its day, and a case that was still open on
        a later one; for ``"sustained_closure"``, a closure.
    without : collection of str, default=()
        Facts not to count as recorded: ``"sources"``, ``"sex"``, ``"ethnicity"``,
        ``"categories"`` (of plans), ``"factors"``, ``"decile"``. They are summed over.
    from_window : bool, default=False
        Begin the filter on the first observed day, with the long-run shares of class
        and phase, as if nothing had been recorded before it. An approximation, to
        see what the years before the window are worth.

    Returns
    -------
    DataFrame
        On the cohort's index, float64: ``given_everything``, the probability that the
        simulation used, and ``given_recorded``, the exact posterior probability given
        what the service had recorded before the day; of a referral its day and source
        too, of a closure its day and how it came about: the ceiling of any model of the
        records. Both are conditional on the case having a label, as `label_outcome`
        has it. Missing where the chain does not apply, and where no label is possible.

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
    recorded = Recorded(_named(without), from_window)
    made = remake(_checked(records))
    table = pd.DataFrame(
        {"given_everything": np.nan, "given_recorded": np.nan},
        index=cohort.index,
        dtype=np.float64,
    )
    number, day = made.referrals(cohort["case_id"]), made.days_of(cohort)
    kind = "closure" if kind is None and outcome == SUSTAINED else kind
    for each, rows in _of_kinds(made, number, day).items():
        here = np.flatnonzero(rows)
        if each not in ((kind,) if kind else ("referral", "open_case")):
            continue
        if kind or len(here):
            _check(outcome, within_days, each)
        if len(here):
            asked = Asked(number[here], day[here], outcome, within_days, recorded)
            table.iloc[here] = ANSWERS[each][1](made, asked)
    return table


def _of_kinds(made: Remade, number: np.ndarray, day: np.ndarray) -> dict[str, np.ndarray]:
    """Mark the rows that are each kind of case; a closure is an open case as well."""
    inside, referred = number >= 0, made.day_of(number)
    closed = made.lived.timeline.closed[number]
    return {
        "referral": inside & (day == referred),
        "open_case": inside & (day > referred),
        "closure": inside & (day == closed),
    }


def has_ceiling(records: Records, outcome: str, within_days: int, cohort: str = "referral") -> bool:
    """Say whether the ceiling of an outcome can be computed for some records.

    Parameters
    ----------
    records : Records
    outcome : str
    within_days : int
    cohort : {"referral", "open_case", "closure"}, default="referral"
        Others have none.

    Returns
    -------
    bool
        True for records of a synthetic authority, outcomes that its cases can have, and
        horizons of at least `LEAST_DAYS`.
    """
    asked, _ = ANSWERS.get(cohort, ((), None))
    return _is_made(records) and outcome in asked and within_days >= LEAST_DAYS


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


def _named(without: Collection[str]) -> frozenset[str]:
    given = frozenset([without] if isinstance(without, str) else without)
    unknown = sorted(given - set(COUNTED))
    if unknown:
        raise SettingError(
            f"There is no kind of fact {unknown[0]!r} to leave out.{nearest(unknown[0], COUNTED)}",
            where="ceiling_probabilities(without=)",
            fix=f"Use names among {', '.join(COUNTED)}.",
        )
    return given


def _check(outcome: str, within_days: int, kind: str) -> None:
    if (kind, outcome) in _MEANINGLESS:
        problem, cure = _MEANINGLESS[kind, outcome]
        raise SettingError(problem, where=_WHERE, fix=cure)
    asked, _ = ANSWERS[kind]
    if outcome not in asked or within_days < LEAST_DAYS:
        raise SettingError(
            f"The ceiling of {outcome!r} within {within_days} days is not known.",
            where=_WHERE,
            fix=f"Ask for one of {', '.join(asked)}, within {LEAST_DAYS} days or more.",
        )
