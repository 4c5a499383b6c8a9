"""Open cases on a day: what is recorded of each by then, and what is only known later."""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.befallen import is_enquiry, latest
from fs_risk.synthetic.ceiling_families import Families
from fs_risk.synthetic.states import Kind, Status
from fs_risk.synthetic.timeline import NONE

NOTHING = -1
"""No event in the step before the day."""


@dataclass(frozen=True)
class OpenCases:
    """Open cases, each on one day, as parallel arrays.

    Attributes
    ----------
    row, place : ndarray of int
        Row of the family and place of the child.
    step, day : ndarray of int
        When.
    status, previous : ndarray of int
        At the start of the step; a plan whose conference was still to come on the day
        does not count yet.
    referred : ndarray of bool
        Whether the case was opened in this very step.
    kind, target : ndarray of int
        The event of the step that fell before the day, or `NOTHING`.
    enquired, in_step : ndarray of int
        Day and step of an enquiry without a result yet, or `NONE`.
    referral_day, authorised : ndarray of int
        Days of the referral and of the end of its assessment, which may be to come.
    plan_day : ndarray of int
        Day on which the latest plan began, or `NONE`.
    gone : ndarray of bool
        Whether the family left, or the child came of age, by the start of the step.
    """

    row: np.ndarray
    place: np.ndarray
    step: np.ndarray
    day: np.ndarray
    status: np.ndarray
    previous: np.ndarray
    referred: np.ndarray
    kind: np.ndarray
    target: np.ndarray
    enquired: np.ndarray
    in_step: np.ndarray
    referral_day: np.ndarray
    authorised: np.ndarray
    plan_day: np.ndarray
    gone: np.ndarray

    def take(self, which: np.ndarray) -> "OpenCases":
        """Give some of them."""
        return OpenCases(*(values[which] for values in vars(self).values()))

    @property
    def tier(self) -> np.ndarray:
        """Tier on which each child is recorded on the day: 2 in need, up to 5 in care."""
        standing = np.where(self.kind == NOTHING, self.status, self.target)
        standing = np.where(self.enquired != NONE, Status.NEED, standing)
        tiers: np.ndarray = 2 + np.digitize(
            standing, (Status.PLAN_1, Status.PROCEEDINGS_ON_PLAN, Status.NEW_CARE)
        )
        return tiers


def open_cases(families: Families, number: np.ndarray, day: np.ndarray) -> OpenCases:
    """Gather what is known of open cases.

    Parameters
    ----------
    families : Families
        Those of the cases.
    number : ndarray of int, shape (n,)
        Numbers of the referrals that opened them.
    day : ndarray of int, shape (n,)
        Days of the grid, each after the referral's.

    Returns
    -------
    OpenCases
    """
    timeline, events = families.lived.timeline, families.events
    child = timeline.referrals["child"][number]
    row, place = families.of_children(child), families.place(child)
    step = families.lived.calendar.step_of[day]
    status = families.status[step, row, place].astype(np.int64)
    previous = families.plans[step, row, place].astype(np.int64)
    began = timeline.referrals["step"][number]
    live = np.flatnonzero(events["kind"] < Kind.COMES_OF_AGE)
    event = latest(events["child"][live], events["step"][live], child, step + 1)
    event = np.where(event < 0, 0, live[event])
    at = events["step"][event]
    mine = (events["child"][event] == child) & (at >= began)
    refused = events["kind"][event] == Kind.NO_FURTHER_ACTION  # no assessment began: seen at once
    known = mine & ((events["day"][event] < day) | refused)
    here = known & (at == step)
    made = is_enquiry(events["kind"][event])
    pending = known & made & (at >= step - 1) & (events["resolved"][event] >= day)
    earlier = pending & (at < step)
    before = np.maximum(step - 1, 0)
    status = np.where(earlier, Status.HELD, status)
    previous = np.where(earlier, families.plans[before, row, place], previous)
    plans = np.flatnonzero(events["kind"] == Kind.PLAN)
    plan = latest(events["child"][plans], events["step"][plans], child, step)
    plan_day = np.where(plan < 0, NONE, events["resolved"][plans[plan]])
    planned = here & ~pending & (events["kind"][event] == Kind.PLAN)
    plan_day = np.where(planned, events["resolved"][event], plan_day)
    on_referral = here & (events["kind"][event] == Kind.ASSESSMENT)
    here &= ~on_referral
    opened = began == step
    gone = (status == Status.CLOSED) & ~opened & ~here
    return OpenCases(
        row,
        place,
        step,
        day,
        status,
        previous,
        opened,
        np.where(here, events["kind"][event], NOTHING),
        np.where(here, events["target"][event], NOTHING),
        np.where(pending, events["day"][event], NONE),
        np.where(pending, at, NONE),
        timeline.referrals["day"][number],
        timeline.referrals["authorised"][number],
        plan_day,
        gone,
    )


def under_assessment(cases: OpenCases) -> np.ndarray:
    """Say which cases are under an assessment whose end is still to come."""
    assessed = (cases.status >= Status.ASSESSED_1) & (cases.status <= Status.ASSESSED_4)
    waiting: np.ndarray = assessed & (cases.kind == NOTHING) & (cases.authorised >= cases.day)
    return waiting
