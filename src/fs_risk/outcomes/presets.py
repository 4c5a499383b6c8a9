"""The Family Safeguarding trial's own measures, ready to use on your records.

References
----------
.. [1] What Works for Children's Social Care (Foundations), trial of Family Safeguarding in
   five authorities: a stepped-wedge cluster randomised trial, referrals March 2020 to
   November 2022; outcome definitions from the trial's public analysis scripts. The trial
   has published no results that could be used here, and none are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from fs_risk.errors import OutcomeError, nearest
from fs_risk.outcomes import trial_cohorts as cohorts
from fs_risk.outcomes.labels import label_outcome
from fs_risk.outcomes.plan_days import plan_days
from fs_risk.records.dates import day_given
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.records.records import Records

_Cohort = Callable[[Records, pd.Timestamp, pd.Timestamp], pd.DataFrame]


@dataclass(frozen=True)
class TrialMeasure(ShowsItsFields):
    """One measure of the trial, as far as the canonical tables can hold it.

    Attributes
    ----------
    name : str
    meaning : str
        As the trial defines it.
    differs : str
        Where this is not quite the trial's.
    outcome : str or None
        For `label_outcome`; None for a number of days.
    within_days : int
    only_own : bool
        For a number of days: of one plan, or of all.
    """

    name: str
    meaning: str
    differs: str
    within_days: int
    make: _Cohort
    outcome: str | None = None
    only_own: bool = False

    def cohort(
        self, records: Records, *, first: date | str | None = None, last: date | str | None = None
    ) -> pd.DataFrame:
        """List the measure's cases in a period.

        Parameters
        ----------
        records : Records
        first, last : date or str, optional
            Of the period, both included; by default all that was observed.

        Returns
        -------
        DataFrame
            ``case_id``, ``child_id``, ``as_of``; one row for each child.

        Raises
        ------
        OutcomeError
            If the records do not hold what the measure starts from.
        """
        begin = pd.Timestamp.min if first is None else day_given(first, argument="first")
        end = pd.Timestamp.max if last is None else day_given(last, argument="last")
        return self.make(records, begin, end)

    def measure(self, records: Records, cohort: pd.DataFrame) -> pd.DataFrame:
        """Say what followed for each case.

        Parameters
        ----------
        records : Records
        cohort : DataFrame
            As `cohort` gives it.

        Returns
        -------
        DataFrame
            As `label_outcome`, or for days as `plan_days`.
        """
        if self.outcome is None:
            return plan_days(records, cohort, within_days=self.within_days, only_own=self.only_own)
        return label_outcome(records, cohort, outcome=self.outcome, within_days=self.within_days)

    @property
    def plan_settings(self) -> dict[str, Any]:
        """What a `Plan` needs to model the same outcome.

        Returns
        -------
        dict
            ``outcome``, ``within_days``, ``cohort``. A plan's cohort is every referral,
            not only each child's first one at an age of 0 to 12.

        Raises
        ------
        OutcomeError
            If the measure is not about what is known on the day of a referral.
        """
        if self.make is not cohorts.first_referrals:
            raise OutcomeError(
                f"The measure {self.name!r} starts from what is found later than the day of a "
                "referral, so no plan can be made of it.",
                where=self.meaning,
                fix="Use trial_measure('care') for a plan.",
            )
        return {"outcome": self.outcome, "within_days": self.within_days, "cohort": "referral"}


_MEASURES = (
    TrialMeasure(
        "care",
        "primary: looked after within 18 months of the first referral in the period, "
        "children aged 0 to 12 at referral",
        "unaccompanied children, remand and short breaks are left out here, and care that "
        "began by the end of the next working day is told apart; the trial adjusts for the "
        "former",
        548,
        cohorts.first_referrals,
        "care",
    ),
    TrialMeasure(
        "return_after_plan",
        "secondary: return to statutory services within 36 months after a child protection plan",
        "counted from the closure of the case that held the plan; a label of 0 is a return",
        1096,
        cohorts.closures_after_a_plan,
        "sustained_closure",
    ),
    TrialMeasure(
        "days_on_plan",
        "secondary: days on a single child protection plan, counted up to 24 months",
        "going_on marks those still on it after 24 months",
        730,
        cohorts.first_plans,
        only_own=True,
    ),
    TrialMeasure(
        "days_on_plans",
        "secondary: days on child protection plans in 36 months",
        "counted from the start of the first plan in the period",
        1096,
        cohorts.first_plans,
    ),
    TrialMeasure(
        "proceedings",
        "secondary: care proceedings within 16 weeks of the first pre-proceedings meeting",
        "an application is seen only where the pre-proceedings record holds its date",
        112,
        cohorts.first_meetings,
        "proceedings",
    ),
    TrialMeasure(
        "re_referral",
        "secondary: re-referral within 18 months where the assessment found parental "
        "substance misuse, parental mental ill-health or domestic abuse",
        "counted from the first referral in the period whose assessment found one of the "
        "factors 1B, 2B, 3A, 3B, 3C, 4B",
        548,
        cohorts.first_referrals_with_the_trio,
        "re_referral",
    ),
)

TRIAL_MEASURES: Mapping[str, TrialMeasure] = MappingProxyType(
    {measure.name: measure for measure in _MEASURES}
)
"""The trial's measures by name. Its sixth secondary measure, unauthorised absence from
school over three terms, is not among them: no canonical table holds attendance."""


def trial_measure(name: str = "care") -> TrialMeasure:
    """Find one of the Family Safeguarding trial's measures.

    Parameters
    ----------
    name : {"care", "return_after_plan", "days_on_plan", "days_on_plans", "proceedings", \
"re_referral"}

    Returns
    -------
    TrialMeasure

    Raises
    ------
    OutcomeError
        If there is none of that name.

    Examples
    --------
    >>> trial_measure("care").plan_settings
    {'outcome': 'care', 'within_days': 548, 'cohort': 'referral'}
    """
    if name not in TRIAL_MEASURES:
        raise OutcomeError(
            f"The trial has no measure {name!r}.{nearest(name, TRIAL_MEASURES)}",
            fix=f"Choose one of: {', '.join(TRIAL_MEASURES)}.",
        )
    return TRIAL_MEASURES[name]
