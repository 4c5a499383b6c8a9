"""The exact posterior of a family's class and phase, given all that was recorded by a day.

A filter: the weight of each class and phase is multiplied, step by step, by the
chance of what was recorded in the step, then moved on by the phases' Markov chain.
Only the step of the day itself, and the one before, of which something may still be
unknown, are done again for each question.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.contact_likelihood import Contacts
from fs_risk.synthetic.move_likelihood import Moves
from fs_risk.synthetic.referral_likelihood import (
    NOT_REFERRED,
    doors,
    nobody_referred,
    referral_chance,
)
from fs_risk.synthetic.states import CLASSES, PHASES, Kind

NOBODY = -1
_LAST_STEPS = 2


@dataclass(frozen=True)
class Questions:
    """What is asked: the hidden state of families as of given days.

    Attributes
    ----------
    row, today : ndarray of int, shape (n,)
        Row of the family; day of the grid.
    referred : ndarray of int, shape (n,)
        Place of the child who is referred that day, or `NOBODY`.
    closed : ndarray of int, shape (n,), optional
        Place of the child whose case closes that day, which then counts too, or `NOBODY`.
    """

    row: np.ndarray
    today: np.ndarray
    referred: np.ndarray
    closed: np.ndarray | None = None


class Filter:
    """Works out posteriors of class and phase.

    Parameters
    ----------
    families : Families
    from_window : bool, default=False
        Begin at the first observed step with the long-run shares of phases, as if
        nothing had been recorded before: less than is known. See `ceiling`.
    """

    def __init__(self, families: Families, *, from_window: bool = False) -> None:
        self._families = families
        self._lived = families.lived
        self.moves, self._contacts = Moves(families), Contacts(families)
        self._blind_before = families.lived.contacts_from if from_window else 0
        self._phase = _phase_matrix(families.lived.hazards.phase)
        self._fresh = families.lived.hazards.stationary.ravel()
        chance = families.lived.parameters.array("people.arrives_on_plan")
        self._on_plan = np.repeat(chance, len(PHASES))
        self._leaving = families.lived.hazards.leaving

    def posterior(self, questions: Questions) -> np.ndarray:
        """Give the weight of each hidden state, from what befell the family.

        Parameters
        ----------
        questions : Questions

        Returns
        -------
        ndarray, shape (n, N_HIDDEN)
            At the start of the step of each day. Without `class_evidence`; up to a
            factor.
        """
        return self.scaled(questions)[0]

    @property
    def calendar(self) -> Calendar:
        """The grid of steps."""
        return self._lived.calendar

    def scaled(self, questions: Questions) -> tuple[np.ndarray, np.ndarray]:
        """Give the weights of `posterior`, and the logarithm of what they were divided by.

        Returns
        -------
        weight : ndarray, shape (n, N_HIDDEN)
        log_scale : ndarray, shape (n,)
        """
        step = self._lived.calendar.step_of[questions.today]
        closed = questions.closed
        closed = np.full(len(step), NOBODY) if closed is None else closed
        weight, log_scale, at = self._weights(questions.row, np.maximum(step - _LAST_STEPS + 1, 0))
        for ahead in range(_LAST_STEPS):
            now = at + ahead
            here = now <= step
            part = np.flatnonzero(here)
            known = self._chance_by(
                questions.row[part],
                now[part],
                questions.today[part],
                np.where(now[part] == step[part], questions.referred[part], NOBODY),
                closed[part],
            )
            weight[part] *= known
            onward = part[now[part] < step[part]]
            row, when = questions.row[onward], now[onward]
            met = self._families.referred_from[row] <= when
            met |= self._contacts.known_by(row, when, questions.today[onward])
            weight[onward], scale = self._onward(weight[onward], row, when, met)
            log_scale[onward] += np.log(scale)
        return weight, log_scale

    def step_before(self, rows: np.ndarray, today: np.ndarray) -> np.ndarray:
        """Give the weights of the step before the day's, with all of it known by the day.

        Parameters
        ----------
        rows, today : ndarray of int, shape (n,)

        Returns
        -------
        ndarray, shape (n, N_HIDDEN)
            Of the phase at the start of that step; up to a factor.
        """
        step = self._lived.calendar.step_of[today] - 1
        weight, _, _ = self._weights(rows, step)
        nobody = np.full(len(rows), NOBODY)
        answer: np.ndarray = weight * self._chance_by(rows, step, today, nobody, nobody)
        return answer

    def onward(self, weight: np.ndarray) -> np.ndarray:
        """Move weights of known families over the end of a step."""
        moved: np.ndarray = weight @ self._phase
        return moved

    def _weights(
        self, rows: np.ndarray, until: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights at the start of given steps and their scale, moving all families together."""
        families = self._families
        count = len(families.numbers)
        order = np.argsort(until, kind="stable")
        ends = np.searchsorted(until[order], np.arange(int(until.max(initial=0)) + 2))
        answer, logs = np.empty((len(rows), N_HIDDEN)), np.empty(len(rows))
        weight, log_scale = np.tile(self._fresh, (count, 1)), np.zeros(count)
        moved = self._moved
        last = np.zeros(count, dtype=np.int64)
        np.maximum.at(last, rows, until)
        met_in = np.minimum(families.referred_from, self._contacts.first_step)
        for step in range(int(until.max(initial=0)) + 1):
            asked = order[ends[step] : ends[step + 1]]
            answer[asked], logs[asked] = weight[rows[asked]], log_scale[rows[asked]]
            here = np.flatnonzero((families.begins <= step) & (last > step))
            part = weight[here]
            if step >= self._blind_before:
                part = part * self._whole(step, here, moved[step])
            met = met_in[here] <= step
            weight[here], scale = self._onward(part, here, np.full(len(here), step), met)
            log_scale[here] += np.log(scale)
        return answer, logs, until.copy()

    @cached_property
    def _moved(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return self._by_step(*self.moves.whole())

    def _by_step(
        self, row: np.ndarray, step: np.ndarray, chance: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        order = np.argsort(step, kind="stable")
        ends = np.searchsorted(step[order], np.arange(self._lived.calendar.steps + 1))
        pairs = (order[first:last] for first, last in pairwise(ends))
        return [(row[part], chance[part]) for part in pairs]

    def _whole(
        self, step: int, rows: np.ndarray, moved: tuple[np.ndarray, np.ndarray]
    ) -> np.ndarray:
        """Chance of all that was recorded of families in one step."""
        given = doors(self._families, rows, step)
        chance = nobody_referred(given)
        days = self._referral_days(rows, np.full(len(rows), step), 1 << 29)
        some = np.flatnonzero((days != NOT_REFERRED).any(axis=1))
        chance[some] = referral_chance(
            given.take(some),
            days[some],
            np.broadcast_to(self._shares[step], (len(some), self._shares.shape[1])),
            np.ones(len(some)),
        )
        chance *= self._contacts.whole(rows, step)
        place = np.searchsorted(rows, moved[0])
        found = place < len(rows)
        found[found] = rows[place[found]] == moved[0][found]
        np.multiply.at(chance, place[found], moved[1][found])
        return chance

    @cached_property
    def _shares(self) -> np.ndarray:
        shares: np.ndarray = np.diff(self._lived.calendar.referral_shares, axis=1, prepend=0.0)
        return shares

    def _referral_days(
        self, rows: np.ndarray, steps: np.ndarray, before: np.ndarray | int
    ) -> np.ndarray:
        """Day of the step on which each child was referred, if before a day of the grid."""
        start = self._lived.calendar.starts[steps][:, None]
        day = self._referral_table[steps, rows]
        limit = np.asarray(before)[..., None] if np.ndim(before) else before
        found: np.ndarray = np.where((day >= 0) & (day + start < limit), day, NOT_REFERRED)
        return found

    @cached_property
    def _referral_table(self) -> np.ndarray:
        families, calendar = self._families, self._lived.calendar
        referrals = families.referrals
        ours = referrals["kind"] != Kind.TRANSFER_IN
        child, step = referrals["child"][ours], referrals["step"][ours]
        table = np.full((calendar.steps, *families.child.shape), NOT_REFERRED, dtype=np.int8)
        day = referrals["day"][ours] - calendar.starts[step]
        table[step, families.of_children(child), families.place(child)] = day
        return table

    def _chance_by(
        self,
        rows: np.ndarray,
        steps: np.ndarray,
        today: np.ndarray,
        referred: np.ndarray,
        closed: np.ndarray,
    ) -> np.ndarray:
        """Chance of what was known before today to have been recorded in given steps."""
        calendar = self._lived.calendar
        since = np.minimum(today, calendar.starts[steps + 1]) - calendar.starts[steps]
        sums = calendar.referral_shares[steps]
        passed = np.where(since > 0, sums[np.arange(len(rows)), np.maximum(since - 1, 0)], 0.0)
        days = self._referral_days(rows, steps, today)
        given, shares = doors(self._families, rows, steps), self._shares[steps]
        chance = referral_chance(given, days, shares, passed)
        own = np.flatnonzero(referred != NOBODY)
        if len(own):
            chance[own] = referral_chance(
                given.take(own),
                days[own],
                shares[own],
                passed[own],
                own=referred[own],
                today=since[own],
            )
        chance *= self._contacts.by(rows, steps, today)
        chance *= self.moves.by(rows, steps, today, closed)
        return chance

    def _onward(
        self, weight: np.ndarray, rows: np.ndarray, steps: np.ndarray, known: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move weights over the end of a step, scaled: phases change, families come and go.

        A family of which nothing is known yet may also have moved in, in any step.
        """
        families = self._families
        moved = weight @ self._phase
        begun = families.begins[rows] <= steps
        arrives = np.where(known | ~begun, 0.0, self._leaving)[:, None]
        moved = (moved + arrives * self._fresh * (1.0 - self._on_plan)) * (1.0 - self._leaving)
        moved[~begun] = self._fresh
        taken_over = (families.taken_over_in[rows] == steps) & (steps >= self._blind_before)
        moved[taken_over] = self._fresh * self._on_plan
        scale = np.where(known, moved.max(axis=1), 1.0)
        return moved / scale[:, None], scale


def _phase_matrix(phase: np.ndarray) -> np.ndarray:
    """Write the phases' chains as one matrix over hidden states."""
    matrix = np.zeros((N_HIDDEN, N_HIDDEN))
    size = len(PHASES)
    for kind in range(len(CLASSES)):
        part = slice(kind * size, (kind + 1) * size)
        matrix[part, part] = phase[kind]
    return matrix
