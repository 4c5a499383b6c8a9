"""The rest of the step in which an open case is asked about: every way that it can go on."""

import numpy as np

from fs_risk.synthetic.befallen import FINDINGS
from fs_risk.synthetic.calendar import LONGEST
from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.chain import Chain
from fs_risk.synthetic.open_cases import NOTHING, OpenCases, under_assessment
from fs_risk.synthetic.referring import length_chances
from fs_risk.synthetic.states import (
    ASSESSMENT_STEPS,
    CLASSES,
    ENQUIRIES,
    PHASES,
    REVIEWS,
    SHAPE,
    Kind,
    Status,
    assessing,
    in_proceedings,
    on_plan,
)
from fs_risk.synthetic.timeline import NONE, conference_day, conference_lags, enquiry_at_entry
from fs_risk.synthetic.transitions import Outcome, state
from fs_risk.synthetic.unlabelled import Unlabelled

_WORKING = (Kind.CARE, Kind.PRE_PROCEEDINGS, *ENQUIRIES)


class RestOfStep:
    """Adds up, for open cases, every way in which the step can go on from the day.

    Parameters
    ----------
    families : Families
    cases : OpenCases
    asked : Outcome
    chain : Chain
    values : ndarray, shape (classes, n_states, n, 2)
        Worth of each state at the start of the next step (`EveryState`).
    """

    def __init__(
        self,
        families: Families,
        cases: OpenCases,
        asked: Outcome,
        chain: Chain,
        values: np.ndarray,
    ) -> None:
        self._families, self._cases, self._asked = families, cases, asked
        self._chain, self._values = chain, values
        lived = families.lived
        self._hazards, self._calendar = lived.hazards, lived.calendar
        self._parameters = lived.parameters
        self._remanded = Unlabelled(lived.parameters).remanded
        count = len(cases.step)
        self._rows = np.arange(count)
        self._bands = families.bands(cases.row, cases.step)[self._rows, cases.place]
        self._next_day = lived.calendar.add_working_days(cases.day, 1)
        self._before, self._by_next = self._passed(cases.day - 1), self._passed(self._next_day)
        self._total, self._happened, self._lost = (np.zeros((count, N_HIDDEN)) for _ in range(3))

    def sums(self, *, known_length: bool) -> tuple[np.ndarray, np.ndarray]:
        """Give the chances of the outcome and of a label, shape (n, N_HIDDEN).

        Parameters
        ----------
        known_length : bool
            Whether it is given how long a running assessment has to go.
        """
        cases = self._cases
        pending = cases.enquired != NONE
        told = (cases.kind != NOTHING) & ~pending
        self._told(np.flatnonzero(told))
        self._pending(np.flatnonzero(pending))
        rest = ~told & ~pending
        fresh = rest & cases.referred
        self._just_referred(np.flatnonzero(fresh), known_length=known_length)
        waiting = rest & ~fresh & under_assessment(cases)
        self._assessed(np.flatnonzero(waiting), known_length=known_length)
        others = rest & ~fresh & ~waiting
        for status in np.unique(cases.status[others]):
            rows = np.flatnonzero(others & (cases.status == status))
            self._moves(rows, int(status), np.ones(len(rows)), found=0.0)
        return self._happened / self._total, 1.0 - self._lost / self._total

    def _passed(self, day: np.ndarray) -> np.ndarray:
        """Share of the step's working days that has passed by the end of a day."""
        shares, start = self._calendar.working_shares, self._calendar.starts[self._cases.step]
        place = day - start
        found = shares[self._cases.step, np.clip(place, 0, LONGEST - 1)]
        return np.where(place < 0, 0.0, found)

    def _table(self, chance: np.ndarray, rows: np.ndarray) -> np.ndarray:
        cases = self._cases
        return self._families.table_of(
            chance, cases.row[rows], self._bands[rows], cases.previous[rows]
        )

    def _worth(self, rows: np.ndarray, kind: int, target: np.ndarray) -> np.ndarray:
        """Say what the states that follow are worth, shape (n, N_HIDDEN, 2)."""
        more = kind == Kind.PLAN
        plans = np.minimum(self._cases.previous[rows] + more, SHAPE[3] - 1)
        following = np.stack([state(phase, plans, target) for phase in range(len(PHASES))])
        places = self._chain.place[following]
        found = self._values[:, places, rows]
        worth: np.ndarray = np.einsum("czy,cynk->nczk", self._hazards.phase, found)
        return worth.reshape(len(rows), N_HIDDEN, 2)

    def _add(
        self,
        rows: np.ndarray,
        chance: np.ndarray,
        kind: int,
        target: np.ndarray | int,
        soon: np.ndarray,
        later: np.ndarray,
        *,
        remand: np.ndarray | float = 0.0,
    ) -> None:
        """Add one way to go on.

        `soon` and `later` are the chances that it is still to come and falls by the end
        of the next working day, or after it; of a plan, that its conference does.
        """
        self._total[rows] += chance * (soon + later)[:, None]
        target = np.broadcast_to(target, rows.shape)
        if kind in self._asked.kinds:
            lost = np.asarray(remand)
            self._happened[rows] += chance * (later * (1.0 - lost))[:, None]
            self._lost[rows] += chance * (soon + later * lost)[:, None]
            return
        going_on = soon + later
        if kind in self._asked.above:
            self._lost[rows] += chance * soon[:, None]
            going_on = later
        worth = self._worth(rows, kind, target) * (chance * going_on[:, None])[:, :, None]
        self._happened[rows] += worth[:, :, 0]
        self._lost[rows] += worth[:, :, 1]

    def _told(self, rows: np.ndarray) -> None:
        """Those of whom an event of the step is known."""
        cases = self._cases
        self._total[rows] = 1.0
        for kind in np.unique(cases.kind[rows]):
            part = rows[cases.kind[rows] == kind]
            worth = self._worth(part, int(kind), cases.target[part])
            self._happened[part], self._lost[part] = worth[:, :, 0], worth[:, :, 1]

    def _pending(self, rows: np.ndarray) -> None:
        """Those of whom the result of an enquiry is still to come."""
        cases = self._cases
        soon, later = self._conferences(rows)
        earlier = cases.in_step[rows] < cases.step[rows]
        entry = {move.kind: move.chance for move in self._hazards.entry}
        every = sum(entry[kind] for kind in ENQUIRIES)
        for kind in ENQUIRIES:
            share = self._table(entry[kind] / np.maximum(every, 1e-300), rows)
            share = np.where(earlier[:, None], self._a_step_before(share), share)
            target = on_plan(1) if kind == Kind.PLAN else Status.HELD
            following = on_plan(2) if kind == Kind.PLAN else Status.NEED
            self._add(rows, share, kind, np.where(earlier, following, target), soon, later)

    def _a_step_before(self, chance: np.ndarray) -> np.ndarray:
        """Average over the phase a step before, by the long-run shares of phases."""
        stationary, phase = self._hazards.stationary, self._hazards.phase
        joint = stationary[:, :, None] * phase
        back = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
        by_class = chance.reshape(-1, len(CLASSES), len(PHASES))
        average: np.ndarray = np.einsum("cyz,ncy->ncz", back, by_class)
        return average.reshape(chance.shape)

    def _conferences(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Chance that a result still to come falls by the next working day, or later."""
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

    def _assessed(self, rows: np.ndarray, *, known_length: bool) -> None:
        """Those under an assessment whose end is still to come, by how many steps it has to go."""
        cases = self._cases
        for steps in range(1, ASSESSMENT_STEPS + 1):
            if known_length:
                weight = (cases.status[rows] == assessing(steps)).astype(np.float64)
            else:
                weight = self._ahead(rows, steps - 1)
            some = np.flatnonzero(weight)
            self._moves(rows[some], assessing(steps), weight[some], found=1.0)

    def _ahead(self, rows: np.ndarray, steps: int) -> np.ndarray:
        """Chance that an assessment still running ends so many steps ahead, up to a factor."""
        cases, lengths = self._cases, length_chances(self._parameters)
        end = self._calendar.add_working_days(
            cases.referral_day[rows][:, None], np.arange(len(lengths))
        )
        ahead = self._calendar.step_of[end] - cases.step[rows][:, None]
        chosen = (end >= cases.day[rows][:, None]) & (ahead == steps)
        chance: np.ndarray = (chosen * lengths).sum(axis=1)
        return chance

    def _moves(self, rows: np.ndarray, status: int, weight: np.ndarray, *, found: float) -> None:
        """Add every move of one status; `found`: the chance that a finding is still to come."""
        if not len(rows):
            return
        one, none = np.ones(len(rows)), np.zeros(len(rows))
        court = bool(in_proceedings(np.array(status)))
        for move in self._hazards.moves[status]:
            chance = self._table(move.chance, rows) * weight[:, None]
            soon, later = none, one
            if move.kind in FINDINGS:
                later = one * found
            elif move.kind in _WORKING:
                soon, later = self._still(rows, move.kind)
            elif move.kind != Kind.STAYS:
                later = self._ending(rows, status)
            remand = 0.0 if court else self._remanded[self._bands[rows]]
            held = remand if move.kind == Kind.CARE else 0.0
            self._add(rows, chance, move.kind, move.target, soon, later, remand=held)

    def _still(self, rows: np.ndarray, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
        """Chances that a move falls by the next working day, or later in the step."""
        before, by_next = self._before[rows], self._by_next[rows]
        plan = kind == Kind.PLAN and Kind.ENQUIRY not in self._asked.kinds
        if plan:  # its conference needs more days than that
            return np.zeros(len(rows)), 1.0 - before
        return by_next - before, 1.0 - by_next

    def _ending(self, rows: np.ndarray, status: int) -> np.ndarray:
        """Chance that a closure or step down falls on or after the day."""
        reviews = [on_plan(review) for review in REVIEWS]
        before = self._before[rows]
        if status not in reviews:
            left: np.ndarray = 1.0 - before
            return left
        cases = self._cases
        wait = self._parameters.array("plan_end.review_days").astype(np.int64)
        first = self._calendar.starts[cases.step[rows]]
        last = self._calendar.starts[cases.step[rows] + 1] - 1
        chance = np.zeros(len(rows))
        for fifth in range(5):
            due = cases.plan_day[rows] + wait[reviews.index(status)] + fifth
            inside = (due >= first) & (due <= last)
            spread = np.maximum((fifth + 1) / 5 - np.maximum(before, fifth / 5), 0.0)
            chance += np.where(inside, 0.2 * (due >= cases.day[rows]), spread)
        return chance

    def _just_referred(self, rows: np.ndarray, *, known_length: bool) -> None:
        """Those referred in this step, of whom no decision but an assessment is known."""
        if not len(rows):
            return
        cases, calendar = self._cases, self._calendar
        one, none = np.ones(len(rows)), np.zeros(len(rows))
        referred = cases.referral_day[rows]
        last = calendar.starts[cases.step[rows] + 1] - 1
        undecided = np.minimum(calendar.add_working_days(referred, 1), last) >= cases.day[rows]
        late = np.zeros(len(rows))
        late_soon = np.zeros(len(rows))
        for gap, share in enumerate(self._parameters.array("enquiry.gap_days")):
            day = enquiry_at_entry(calendar, referred, gap)
            late += share * (day >= cases.day[rows])
            late_soon += share * ((day >= cases.day[rows]) & (day <= self._next_day[rows]))
        for move in self._hazards.entry:
            chance = self._table(move.chance, rows)
            if move.kind in ENQUIRIES:
                at_once = late_soon if Kind.ENQUIRY in self._asked.kinds else none
                target = on_plan(1) if move.kind == Kind.PLAN else Status.HELD
                self._add(rows, chance, move.kind, target, at_once, late - at_once)
            elif move.kind == Kind.NO_FURTHER_ACTION:
                self._add(rows, chance, move.kind, Status.CLOSED, none, one * undecided)
            elif move.kind == Kind.ASSESSMENT:
                self._opened(rows, chance, known_length=known_length)

    def _opened(self, rows: np.ndarray, chance: np.ndarray, *, known_length: bool) -> None:
        """Add an assessment begun in this step, which ends in it or later."""
        cases = self._cases
        none = np.zeros(len(rows))
        ends = self._calendar.step_of[cases.authorised[rows]] - cases.step[rows]
        running = cases.authorised[rows] >= cases.day[rows]
        for ahead in range(ASSESSMENT_STEPS + 1):
            share = self._ahead(rows, ahead)
            if known_length:
                share = ((ends == ahead) & running).astype(np.float64)
            if ahead:
                self._add(rows, chance, Kind.ASSESSMENT, assessing(ahead), none, share)
                continue
            for found in self._hazards.completion:
                both = chance * self._table(found.chance, rows)
                self._add(rows, both, found.kind, found.target, none, share)
