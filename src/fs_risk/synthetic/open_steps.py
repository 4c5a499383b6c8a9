"""The rest of the step in which an open case is asked about: every way that it can go on."""

import numpy as np

from fs_risk.synthetic.befallen import FINDINGS
from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families, tells
from fs_risk.synthetic.chain import Chain
from fs_risk.synthetic.first_moves import FirstMove
from fs_risk.synthetic.open_cases import NOTHING, OpenCases, under_assessment
from fs_risk.synthetic.open_days import OpenDays, Shares
from fs_risk.synthetic.open_together import Together
from fs_risk.synthetic.states import (
    ASSESSMENT_STEPS,
    ENQUIRIES,
    PHASES,
    SHAPE,
    Kind,
    Status,
    assessing,
    in_care,
    in_proceedings,
    on_plan,
)
from fs_risk.synthetic.timeline import NONE
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
    together : Together
        Of the same cases.
    """

    def __init__(
        self,
        families: Families,
        cases: OpenCases,
        asked: Outcome,
        chain: Chain,
        values: np.ndarray,
        together: Together,
    ) -> None:
        self._families, self._cases, self._asked = families, cases, asked
        self._chain, self._values, self._together = chain, values, together
        self._against = asked.against if isinstance(asked, FirstMove) else ()
        self._hazards = families.lived.hazards
        self._unlabelled = Unlabelled(families.lived.parameters)
        self._days = OpenDays(families, cases)
        count = len(cases.step)
        self._bands = families.bands(cases.row, cases.step)[np.arange(count), cases.place]
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
            none = np.zeros(len(rows))
            self._moves(rows, int(status), np.ones(len(rows)), (none, none))
        return self._happened / self._total, 1.0 - self._lost / self._total

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
        kind: int,
        target: np.ndarray | int,
        soon: np.ndarray,
        later: np.ndarray,
        *,
        unlabelled: np.ndarray | float = 0.0,
    ) -> None:
        """Add one way to go on.

        `soon` and `later`, shape (n, N_HIDDEN), are the chances that it is still to come
        and falls by the end of the next working day, or after it; of a plan, that its
        conference does. `unlabelled` is the chance that it takes the label away: care that
        is a remand, or an adoption.
        """
        going_on = soon + later
        self._total[rows] += going_on
        target = np.broadcast_to(target, rows.shape)
        no_label = np.broadcast_to(unlabelled, rows.shape)[:, None]
        if kind in self._asked.kinds or kind in self._against:
            if kind in self._asked.kinds:
                self._happened[rows] += later * (1.0 - no_label)
            self._lost[rows] += soon + later * no_label
            return
        if kind in self._asked.above:
            self._lost[rows] += soon
            going_on = later
        worth = self._worth(rows, kind, target)
        if kind in (Kind.STEPS_DOWN, Kind.CLOSES):  # one who is adopted has a label if it happens
            worth[:, :, 1] += no_label * (1.0 - worth.sum(axis=2))
        self._happened[rows] += worth[:, :, 0] * going_on
        self._lost[rows] += worth[:, :, 1] * going_on

    def _told(self, rows: np.ndarray) -> None:
        """Those of whom an event of the step is known."""
        cases = self._cases
        self._total[rows] = 1.0
        for kind in np.unique(cases.kind[rows]):
            part = rows[cases.kind[rows] == kind]
            worth = self._worth(part, int(kind), cases.target[part])
            self._happened[part], self._lost[part] = worth[:, :, 0], worth[:, :, 1]
            if kind == Kind.NO_FURTHER_ACTION and isinstance(self._asked, FirstMove):
                self._happened[part], self._lost[part] = 0.0, 1.0  # it opened no case

    def _pending(self, rows: np.ndarray) -> None:
        """Those of whom the result of an enquiry is still to come."""
        if not len(rows):
            return
        cases = self._cases
        soon, later = (share[:, None] for share in self._days.conference(rows))
        earlier = cases.in_step[rows] < cases.step[rows]
        entry = {move.kind: move.chance for move in self._hazards.entry}
        every = sum(entry[kind] for kind in ENQUIRIES)
        bands = self._families.bands(cases.row[rows], cases.in_step[rows])
        bands = bands[np.arange(len(rows)), cases.place[rows]]
        alone = [
            self._families.table_of(
                entry[kind] / np.maximum(every, 1e-300),
                cases.row[rows],
                bands,
                cases.previous[rows],
            )
            for kind in ENQUIRIES
        ]
        shares = self._together.results(rows, np.stack(alone, axis=1))
        for place, kind in enumerate(ENQUIRIES):
            target = on_plan(1) if kind == Kind.PLAN else Status.HELD
            following = on_plan(2) if kind == Kind.PLAN else Status.NEED
            after = np.where(earlier, following, target)
            self._add(rows, kind, after, shares[:, place] * soon, shares[:, place] * later)

    def _assessed(self, rows: np.ndarray, *, known_length: bool) -> None:
        """Those under an assessment whose end is still to come, by how many steps it has to go."""
        for steps in range(1, ASSESSMENT_STEPS + 1):
            soon, later = self._days.finding(rows, steps - 1, known_length=known_length)
            weight = soon + later
            some = np.flatnonzero(weight)
            weight = weight[some]
            found = soon[some] / weight, later[some] / weight
            self._moves(rows[some], assessing(steps), weight, found)

    def _moves(self, rows: np.ndarray, status: int, weight: np.ndarray, found: Shares) -> None:
        """Add every move of one status; `found`: chances that a finding is still to come."""
        if not len(rows):
            return
        one, none = np.ones(len(rows)), np.zeros(len(rows))
        standing = np.array(status)
        siblings = self._together.moves(rows, status) if tells(standing) else None
        for place, move in enumerate(self._hazards.moves[status]):
            chance = self._table(move.chance, rows)
            days, unlabelled = (none, one), none
            if move.kind in FINDINGS:
                days = found
            elif move.kind in _WORKING:
                days = self._days.working(rows)
            elif move.kind != Kind.STAYS:
                days = self._days.ending(rows, status)
            soon, later = (chance * share[:, None] for share in days)
            if siblings is not None and len(siblings.question):
                some, ways = siblings.question, siblings.chance[:, :, place]
                if move.kind in FINDINGS:
                    ways = np.stack([ways.sum(axis=2) * part[some, None] for part in found], axis=2)
                soon[some], later[some] = ways[:, :, 0], ways[:, :, 1]
            if move.kind == Kind.PLAN and Kind.ENQUIRY not in self._asked.kinds:
                soon, later = 0.0 * soon, soon + later  # its conference needs more days than that
            if move.kind == Kind.CARE and not in_proceedings(standing):
                unlabelled = self._unlabelled.remanded[self._bands[rows]]
            if move.kind in self._unlabelled.adopted and in_care(standing):
                unlabelled = self._unlabelled.adopted[move.kind][self._bands[rows]]
            soon, later = (part * weight[:, None] for part in (soon, later))
            self._add(rows, move.kind, move.target, soon, later, unlabelled=unlabelled)

    def _just_referred(self, rows: np.ndarray, *, known_length: bool) -> None:
        """Those referred in this step, of whom no decision but an assessment is known."""
        if not len(rows):
            return
        siblings = self._together.entries(rows)
        shares = self._days.first_enquiry(rows)
        for place, move in enumerate(self._hazards.entry):
            chance = self._table(move.chance, rows)
            if move.kind == Kind.ASSESSMENT:
                chance[siblings.question] = siblings.chance[:, :, place].sum(axis=2)
                self._opened(rows, chance, known_length=known_length)
            if move.kind not in ENQUIRIES:
                continue
            soon, later = (chance * share[:, None] for share in shares)
            ways = siblings.chance[:, :, place]
            soon[siblings.question], later[siblings.question] = ways[:, :, 0], ways[:, :, 1]
            if Kind.ENQUIRY not in self._asked.kinds:
                soon, later = 0.0 * soon, soon + later
            target = on_plan(1) if move.kind == Kind.PLAN else Status.HELD
            self._add(rows, move.kind, target, soon, later)

    def _opened(self, rows: np.ndarray, chance: np.ndarray, *, known_length: bool) -> None:
        """Add an assessment begun in this step, which ends in it or later."""
        ends = [
            self._days.finding(rows, ahead, known_length=known_length)
            for ahead in range(ASSESSMENT_STEPS + 1)
        ]
        running = np.sum(ends, axis=(0, 1))
        chance = chance / np.where(running > 0, running, 1.0)[:, None]
        for ahead, shares in enumerate(ends):
            soon, later = (share[:, None] * chance for share in shares)
            if ahead:
                self._add(rows, Kind.ASSESSMENT, assessing(ahead), 0.0 * soon, soon + later)
                continue
            for found in self._hazards.completion:
                share = self._table(found.chance, rows)
                self._add(rows, found.kind, found.target, soon * share, later * share)
