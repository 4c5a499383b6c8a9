"""The probability of an outcome of an open case from every hidden state.

The rest of the day's step is summed over: every move of the child that agrees with what
is recorded of it before the day, with the days that are left to it. From the next step
on the value of every state is that of `every_state`.
"""

import numpy as np
from scipy.sparse import csr_array

from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.chain import Chain
from fs_risk.synthetic.every_state import EveryState
from fs_risk.synthetic.first_moves import STEP_DOWN
from fs_risk.synthetic.open_cases import OpenCases
from fs_risk.synthetic.open_days import OpenDays
from fs_risk.synthetic.open_steps import RestOfStep
from fs_risk.synthetic.open_together import Together
from fs_risk.synthetic.situations import Situations
from fs_risk.synthetic.states import CLASSES, N_STATUSES, Kind
from fs_risk.synthetic.timeline import NONE
from fs_risk.synthetic.transitions import OUTCOMES, Outcome

_Matrices = dict[tuple[int, int, int], csr_array]
Tables = tuple[_Matrices, _Matrices]

_BATCH = 1024
_CARE_ONLY = Outcome((Kind.CARE,))
_BY_TIER = {3: Outcome((Kind.PRE_PROCEEDINGS, Kind.CARE)), 4: _CARE_ONLY}
MOST_TIER = {
    "cp_plan": 2,
    "pre_proceedings": 3,
    "care": 4,
    "step_up": 4,
    "section47": 5,
    "re_referral": 5,
    "step_down": 5,
}
"""The highest tier of a case that can still have each outcome."""

OPEN_CASE_OUTCOMES = tuple(MOST_TIER)
"""Outcomes whose probability is known for open cases."""


class OpenValues(EveryState):
    """Answers how probable an outcome of open cases is from each class and phase."""

    def chances(
        self,
        families: Families,
        cases: OpenCases,
        outcome: str,
        within_days: int,
        *,
        known_length: bool,
        together: Together,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the two parts of the probability of an outcome, from every hidden state.

        Parameters
        ----------
        families : Families
        cases : OpenCases
        outcome : str
            One of `OPEN_CASE_OUTCOMES`.
        within_days : int
        known_length : bool
            Whether it is given how long a running assessment has to go.
        together : Together
            Of the same cases.

        Returns
        -------
        happened, labelled : ndarray, shape (n, N_HIDDEN)
            Missing where a case has no label.
        """
        shape = (len(cases.step), N_HIDDEN)
        happened, labelled = np.full(shape, np.nan), np.full(shape, np.nan)
        usable = (cases.tier <= MOST_TIER[outcome]) & ~cases.gone
        if outcome == "section47":
            usable &= cases.enquired == NONE
        by_tier = outcome in ("step_up", "step_down")
        tiers = cases.tier if by_tier else np.full(len(cases.step), 2)
        for tier in np.unique(tiers[usable]):
            asked = asked_on(outcome, int(tier))
            for previous in np.unique(cases.previous[usable & (tiers == tier)]):
                rows = np.flatnonzero(usable & (tiers == tier) & (cases.previous == previous))
                rows = rows[self._alike(families, cases.take(rows))]
                chain = Chain(
                    self._transitions,
                    asked,
                    int(previous),
                    self._unlabelled,
                    statuses=tuple(range(N_STATUSES)),
                )
                tables: Tables = ({}, {})
                for first in range(0, len(rows), _BATCH):
                    batch = rows[first : first + _BATCH]
                    part = cases.take(batch)
                    given = situations_of(families, part)
                    by_limit = OpenDays(families, part).by_limit(
                        within_days, known_length=known_length
                    )
                    values = self.values(given, chain, tables, within_days, by_limit)
                    with_siblings = together.take(batch)
                    rest = RestOfStep(families, part, asked, chain, values, with_siblings)
                    happened[batch], labelled[batch] = rest.sums(known_length=known_length)
        return happened, labelled

    def _alike(self, families: Families, cases: OpenCases) -> np.ndarray:
        given = situations_of(families, cases)
        order: np.ndarray = np.lexsort((given.birth_step - given.step, given.deprived))
        return order

    def values(
        self,
        given: Situations,
        chain: Chain,
        tables: Tables,
        within_days: int,
        by_limit: np.ndarray | float = 1.0,
    ) -> np.ndarray:
        """Worth of each state at the next step's start, shape (classes, n_states, n, 2)."""
        return np.stack(
            [
                self._value(given, kind, chain, *tables, within_days, by_limit)
                for kind in range(len(CLASSES))
            ]
        )


def asked_on(outcome: str, tier: int) -> Outcome:
    """Say what counts as an outcome for a case on a tier.

    Parameters
    ----------
    outcome : str
        One of `OPEN_CASE_OUTCOMES`.
    tier : int
        2 for a child in need, up to 5 for one in care; only a step up or down differs.

    Returns
    -------
    Outcome
    """
    if outcome == "step_down":
        return STEP_DOWN[tier]
    if outcome == "step_up":
        return _BY_TIER.get(tier, OUTCOMES[outcome])
    return OUTCOMES[outcome]


def situations_of(families: Families, cases: OpenCases) -> Situations:
    """Give open cases as situations, class and phase aside."""
    people = families.lived.people
    child = families.child[cases.row, cases.place]
    unknown = np.zeros(len(child), dtype=np.int64)
    return Situations(
        unknown,
        unknown,
        cases.previous,
        families.deprived[cases.row],
        cases.step,
        cases.day,
        people.birth_step[child],
        people.exit_step[child],
        people.n_children[people.family[child]] == 1,
    )
