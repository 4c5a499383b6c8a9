"""The day of a referral: what is decided at once, and how long the assessment will take."""

from dataclasses import dataclass, replace

import numpy as np

from fs_risk.synthetic.calendar import LONGEST, Calendar
from fs_risk.synthetic.hazards import Hazards
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.siblings import SiblingDraws
from fs_risk.synthetic.states import (
    ASSESSMENT_STEPS,
    ENQUIRIES,
    SHAPE,
    Kind,
    Status,
    assessing,
    on_plan,
)

_DECIDED, _LENGTH, _FOUND = 2, 3, 4


@dataclass(frozen=True)
class Entries:
    """What followed at once from referrals, as parallel arrays.

    Attributes
    ----------
    day : ndarray
        Day of the referral.
    kind : ndarray
        What was decided (`Kind`).
    length : ndarray
        Working days of the assessment.
    authorised : ndarray
        Day on which the assessment is authorised, if nothing overtakes it.
    completed : ndarray
        What an assessment finished within the step found; `Kind.STAYS` if none was.
    target : ndarray
        Status at the start of the next step.
    """

    day: np.ndarray
    kind: np.ndarray
    length: np.ndarray
    authorised: np.ndarray
    completed: np.ndarray
    target: np.ndarray

    def columns(self) -> dict[str, np.ndarray]:
        """Give the columns that the log of referrals keeps."""
        return {
            "day": self.day,
            "kind": self.kind,
            "length": self.length,
            "authorised": self.authorised,
        }

    def taken_over(self) -> "Entries":
        """Give the same referrals as those of children who came on another authority's plan."""
        return replace(
            self,
            kind=np.full(len(self.kind), Kind.TRANSFER_IN),
            completed=np.full(len(self.kind), Kind.STAYS),
            target=np.full(len(self.kind), on_plan(1)),
        )


def length_chances(parameters: Parameters) -> np.ndarray:
    """Give the probability of each length of assessment, in working days from 0.

    Within a published band the days are equally likely.
    """
    last = [int(day) for day in parameters.names("assessment.working_days")]
    share = parameters.table("assessment.working_days")
    chances = np.zeros(last[-1] + 1)
    chances[0] = parameters.number("assessment.same_day")
    first = 1
    for day, part in zip(last, share, strict=True):
        chances[first : day + 1] = part / (day + 1 - first)
        first = day + 1
    shares: np.ndarray = chances / chances.sum()
    return shares


def steps_chances(calendar: Calendar, parameters: Parameters, days: np.ndarray) -> np.ndarray:
    """Give the probability that an assessment ends so many steps after its referral's.

    Parameters
    ----------
    calendar : Calendar
    parameters : Parameters
    days : ndarray of int
        Days of referral.

    Returns
    -------
    ndarray, shape (n_days, ASSESSMENT_STEPS + 1)
    """
    chances = length_chances(parameters)
    ends = calendar.add_working_days(days[:, None], np.arange(len(chances)))
    steps = calendar.step_of[ends] - calendar.step_of[days][:, None]
    return np.stack(
        [((steps == ahead) * chances).sum(axis=1) for ahead in range(ASSESSMENT_STEPS + 1)], axis=1
    )


def averaged_over_steps(calendar: Calendar, by_day: np.ndarray) -> np.ndarray:
    """Average what holds of a referral on each day over the days of each step.

    Parameters
    ----------
    calendar : Calendar
    by_day : ndarray, shape (n_days, k)
        For every day of the grid.

    Returns
    -------
    ndarray, shape (steps, k)
    """
    shares = np.diff(calendar.referral_shares, axis=1, prepend=0.0)
    days = calendar.starts[:-1, None] + np.arange(LONGEST)
    days = np.minimum(days, len(calendar.step_of) - 1)
    average: np.ndarray = (shares[:, :, None] * by_day[days]).sum(axis=1)
    return average


class FrontDoor:
    """Decides what follows at once from referrals.

    Parameters
    ----------
    hazards : Hazards
    calendar : Calendar
    parameters : Parameters
    draws : SiblingDraws
    """

    def __init__(
        self, hazards: Hazards, calendar: Calendar, parameters: Parameters, draws: SiblingDraws
    ) -> None:
        self._calendar, self._draws = calendar, draws
        self._lengths = np.cumsum(length_chances(parameters))[:-1]
        self._decisions = np.cumsum([move.chance for move in hazards.entry], axis=0)[:-1]
        self._kinds = np.array([move.kind for move in hazards.entry])
        self._planned = np.sum(
            [move.chance for move in hazards.entry if move.kind in (Kind.CARE, Kind.PLAN)], axis=0
        )
        self._findings = np.cumsum([move.chance for move in hazards.completion], axis=0)[:-1]
        self._found_kinds = np.array([move.kind for move in hazards.completion])
        self._found_targets = np.array([move.target for move in hazards.completion])

    def enter(
        self,
        step: int,
        children: np.ndarray,
        family: np.ndarray,
        covariate: np.ndarray,
        when: np.ndarray,
    ) -> Entries:
        """Take the referrals of one step.

        Parameters
        ----------
        step : int
        children, family : ndarray of int
        covariate : ndarray of int
            As numbered by `states.covariates`.
        when : ndarray of float
            Where in the step each referral falls.

        Returns
        -------
        Entries
        """
        calendar = self._calendar
        day = calendar.day_in_step(calendar.referral_shares, np.full(len(children), step), when)
        together = family * LONGEST + (day - calendar.starts[step])

        _, _, bands, previous, _ = np.unravel_index(covariate, SHAPE)
        planned, found_in_need = self._planned[covariate], self._findings[0, covariate]
        alike = previous * SHAPE[2] + bands + 0.99 * planned

        def drawn(purpose: int, chance: np.ndarray | None = None) -> np.ndarray:
            return self._draws.draw(purpose, together, children, step, alike, chance)

        length = np.searchsorted(self._lengths, drawn(_LENGTH), side="right")
        authorised = calendar.add_working_days(day, length)
        ahead = calendar.step_of[authorised] - step
        kind = self._kinds[(drawn(_DECIDED, planned) >= self._decisions[:, covariate]).sum(axis=0)]
        found = (drawn(_FOUND, found_in_need) >= self._findings[:, covariate]).sum(axis=0)
        at_once = (kind == Kind.ASSESSMENT) & (ahead == 0)
        return Entries(
            day=day,
            kind=kind,
            length=length,
            authorised=authorised,
            completed=np.where(at_once, self._found_kinds[found], Kind.STAYS),
            target=np.where(at_once, self._found_targets[found], entry_target(kind, ahead)),
        )


def entry_target(kind: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Give the status after a referral whose assessment ends `ahead` steps on.

    After any enquiry the case is held open, if no plan is made.
    """
    fixed = {
        Kind.CARE: Status.NEW_CARE,
        Kind.PLAN: on_plan(1),
        Kind.CONFERENCE: Status.HELD,
        Kind.ENQUIRY: Status.HELD,
        Kind.NO_FURTHER_ACTION: Status.CLOSED,
    }
    target = assessing(1) + np.maximum(ahead, 1) - 1
    for each, status in fixed.items():
        target = np.where(kind == each, status, target)
    statuses: np.ndarray = target
    return statuses


def enquired(kind: np.ndarray) -> np.ndarray:
    """Say which kinds began with a section 47 enquiry."""
    return np.isin(kind, ENQUIRIES)
