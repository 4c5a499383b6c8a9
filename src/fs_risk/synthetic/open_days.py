"""On which day what is still to come of an open case falls: soon, or later in the step."""

import numpy as np

from fs_risk.synthetic.calendar import LONGEST
from fs_risk.synthetic.ceiling_families import Families, staying
from fs_risk.synthetic.open_cases import NOTHING, OpenCases
from fs_risk.synthetic.referring import length_chances
from fs_risk.synthetic.states import REVIEWS, on_plan
from fs_risk.synthetic.timeline import conference_day, conference_lags, enquiry_at_entry

Shares = tuple[np.ndarray, np.ndarray]
"""Chances, from the day on, by the end of the next working day ("soon") and after it."""

_ON_REVIEW = tuple(on_plan(review) for review in REVIEWS)


class OpenDays:
    """Shares of what is still to come of open cases, by when it falls.

    Parameters
    ----------
    families : Families
    cases : OpenCases
    """

    def __init__(self, families: Families, cases: OpenCases) -> None:
        lived = families.lived
        self._cases, self._hazards = cases, lived.hazards
        self._calendar, self._parameters = lived.calendar, lived.parameters
        self._next_day = lived.calendar.add_working_days(cases.day, 1)

    def _passed(self, step: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Share of a step's working days that lies before a day."""
        place = day - 1 - self._calendar.starts[step]
        found = self._calendar.working_shares[step, np.clip(place, 0, LONGEST - 1)]
        return np.where(place < 0, 0.0, found)

    def _from(self, rows: np.ndarray, which: str) -> np.ndarray:
        whole = self._cases.day if which == "today" else self._next_day + 1
        day: np.ndarray = whole[rows]
        return day

    def working(self, rows: np.ndarray) -> Shares:
        """Of what falls on any working day of the step."""
        step = self._cases.step[rows]
        before = self._passed(step, self._from(rows, "today"))
        by_next = self._passed(step, self._from(rows, "later"))
        return by_next - before, 1.0 - by_next

    def ending(self, rows: np.ndarray, status: int) -> Shares:
        """Of a closure or step down from one status, which may fall at a review."""
        if status not in _ON_REVIEW:
            return self.working(rows)
        step, review = self._cases.step[rows], np.full(len(rows), _ON_REVIEW.index(status))
        all_left = self._ending_from(rows, step, review, self._from(rows, "today"))
        later = self._ending_from(rows, step, review, self._from(rows, "later"))
        return np.maximum(all_left - later, 0.0), later

    def _ending_from(
        self, rows: np.ndarray, step: np.ndarray, review: np.ndarray, day: np.ndarray
    ) -> np.ndarray:
        """Chance that a plan which ends in a step with a review ends on or after a day."""
        wait = self._parameters.array("plan_end.review_days").astype(np.int64)[review]
        first = self._calendar.starts[step]
        last = self._calendar.starts[step + 1] - 1
        before = self._passed(step, day)
        chance = np.zeros(len(rows))
        for fifth in range(5):
            due = self._cases.plan_day[rows] + wait + fifth
            inside = (due >= first) & (due <= last)
            spread = np.maximum((fifth + 1) / 5 - np.maximum(before, fifth / 5), 0.0)
            chance += np.where(inside, 0.2 * (due >= day), spread)
        return chance

    def conference(self, rows: np.ndarray) -> Shares:
        """Of a result still to come: the conference's days, given that it has not been."""
        cases, lags = self._cases, conference_lags(self._parameters)
        soon, later = np.zeros(len(rows)), np.zeros(len(rows))
        for lag in np.flatnonzero(lags):
            day = conference_day(
                self._calendar, cases.enquired[rows], cases.in_step[rows], int(lag)
            )
            soon += lags[lag] * ((day >= cases.day[rows]) & (day <= self._next_day[rows]))
            later += lags[lag] * (day > self._next_day[rows])
        total = soon + later
        later = np.where(total > 0, later, 1.0)
        scale = np.where(total > 0, total, 1.0)
        return soon / scale, later / scale

    def first_enquiry(self, rows: np.ndarray) -> Shares:
        """Of an enquiry made on a referral of this step."""
        referred = self._cases.referral_day[rows]
        soon, later = np.zeros(len(rows)), np.zeros(len(rows))
        for gap, share in enumerate(self._parameters.array("enquiry.gap_days")):
            day = enquiry_at_entry(self._calendar, referred, gap)
            later += share * (day > self._next_day[rows])
            soon += share * ((day >= self._cases.day[rows]) & (day <= self._next_day[rows]))
        return soon, later

    def undecided(self, rows: np.ndarray) -> np.ndarray:
        """Whether it may still be decided that a referral of this step comes to nothing."""
        referred = self._cases.referral_day[rows]
        last = self._calendar.starts[self._cases.step[rows] + 1] - 1
        decided = np.minimum(self._calendar.add_working_days(referred, 1), last)
        open_still: np.ndarray = decided >= self._cases.day[rows]
        return open_still

    def finding(self, rows: np.ndarray, ahead: int, *, known_length: bool) -> Shares:
        """Of the end of a running assessment, so many steps ahead; up to a factor."""
        cases, chances = self._cases, length_chances(self._parameters)
        end = self._calendar.add_working_days(
            cases.referral_day[rows][:, None], np.arange(len(chances))
        )
        if known_length:
            end, chances = cases.authorised[rows][:, None], np.ones(1)
        steps = self._calendar.step_of[end] - cases.step[rows][:, None]
        chosen = (end >= cases.day[rows][:, None]) & (steps == ahead)
        soon = chosen & (end <= self._next_day[rows][:, None])
        return (soon * chances).sum(axis=1), ((chosen & ~soon) * chances).sum(axis=1)

    def by_limit(self, within_days: int, *, known_length: bool) -> np.ndarray:
        """Of what falls on a known day of the horizon's last step, the share in time.

        The end of a plan at a review; of others, the finding of an assessment.
        """
        cases, rows = self._cases, np.arange(len(self._cases.step))
        limit = cases.day + within_days
        last = self._calendar.step_of[limit]
        status = self._status_in(last)
        share = self._found_by(limit, last, known_length=known_length)
        for review, on_review in enumerate(_ON_REVIEW):
            here = np.flatnonzero(status == on_review)
            which = np.full(len(here), review)
            left = self._ending_from(rows[here], last[here], which, limit[here] + 1)
            share[here] = 1.0 - left
        return share

    def _status_in(self, step: np.ndarray) -> np.ndarray:
        """Status at the start of a later step, if nothing more happens."""
        cases, stays = self._cases, staying(self._hazards)
        told = cases.kind != NOTHING
        status = np.where(told, cases.target, stays[cases.status])
        for ahead in range(2, int((step - cases.step).max(initial=0)) + 1):
            status = np.where(cases.step + ahead <= step, stays[status], status)
        return status

    def _found_by(self, limit: np.ndarray, last: np.ndarray, *, known_length: bool) -> np.ndarray:
        cases, chances = self._cases, length_chances(self._parameters)
        end = self._calendar.add_working_days(cases.referral_day[:, None], np.arange(len(chances)))
        if known_length:
            end, chances = cases.authorised[:, None], np.ones(1)
        inside = self._calendar.step_of[end] == last[:, None]
        total = (inside * chances).sum(axis=1)
        by = ((inside & (end <= limit[:, None])) * chances).sum(axis=1)
        return np.where(total > 0, by / np.where(total > 0, total, 1.0), 1.0)
