"""The probability of what follows a closure, from every hidden state."""

from dataclasses import dataclass

import numpy as np

from fs_risk.synthetic.ceiling_families import N_HIDDEN, Families
from fs_risk.synthetic.chain import Chain
from fs_risk.synthetic.every_state import EveryState
from fs_risk.synthetic.open_cases import OpenCases, open_cases
from fs_risk.synthetic.open_values import (
    MOST_TIER,
    OpenValues,
    Tables,
    asked_on,
    situations_of,
)
from fs_risk.synthetic.states import BANDS, PHASES, Kind, Status, in_care
from fs_risk.synthetic.transitions import state
from fs_risk.synthetic.unlabelled import Unlabelled

SUSTAINED = "sustained_closure"
CLOSURE_OUTCOMES = (
    SUSTAINED,
    *(outcome for outcome in MOST_TIER if outcome != "step_down"),
)
"""Outcomes whose probability is known for closures."""

_BATCH = 1024
_CLOSES = (Kind.NOT_IN_NEED, Kind.SHORT_NEED, Kind.CLOSES)


@dataclass(frozen=True)
class Closures:
    """Closures, as parallel arrays.

    Attributes
    ----------
    cases : OpenCases
        The case at the start of the step in which it closes.
    usable : ndarray of bool
        Whether a service closed it: not by the family's going, a death or a birthday.
    adopted : ndarray of float64
        Chance that the child was adopted with it.
    adult_day : ndarray of int
    """

    cases: OpenCases
    usable: np.ndarray
    adopted: np.ndarray
    adult_day: np.ndarray


def closures(families: Families, number: np.ndarray) -> Closures:
    """Gather the closures of some referrals' episodes.

    Parameters
    ----------
    families : Families
    number : ndarray of int, shape (n,)
        Numbers of referrals whose episode has closed.

    Returns
    -------
    Closures
    """
    timeline = families.lived.timeline
    cases = open_cases(families, number, timeline.closed[number])
    event = timeline.closing[number]
    kind, origin = timeline.events["kind"][event], timeline.events["origin"][event]
    child = timeline.referrals["child"][number]
    bands = families.bands(cases.row, cases.step)[np.arange(len(number)), cases.place]
    adopted = Unlabelled(families.lived.parameters).adopted[Kind.CLOSES]
    return Closures(
        cases,
        np.isin(kind, _CLOSES),
        np.where(in_care(origin), adopted[np.minimum(bands, len(BANDS) - 1)], 0.0),
        families.lived.people.adult_day[child],
    )


class ClosureValues(EveryState):
    """Answers how probable an outcome is after a closure, from each class and phase."""

    def chances(
        self, families: Families, closed: Closures, outcome: str, within_days: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the two parts of the probability of an outcome, from every hidden state.

        Parameters
        ----------
        families : Families
        closed : Closures
        outcome : str
            One of `CLOSURE_OUTCOMES`.
        within_days : int

        Returns
        -------
        happened, labelled : ndarray, shape (n, N_HIDDEN)
            Class, and phase at the start of the closure's step. Missing where a closure
            has no label.
        """
        sought = "re_referral" if outcome == SUSTAINED else outcome
        happened, lost = self._after(families, closed, sought, within_days)
        labelled = 1.0 - lost
        kept = 1.0 - closed.adopted[:, None]  # an adopted child has a label if it happens
        labelled = happened + kept * (labelled - happened)
        if outcome == SUSTAINED:
            over = closed.adult_day <= closed.cases.day + within_days
            stayed = np.where(over[:, None], 0.0, labelled - happened)
            return stayed, happened + stayed
        return happened, labelled

    def _after(
        self, families: Families, closed: Closures, outcome: str, within_days: int
    ) -> tuple[np.ndarray, np.ndarray]:
        cases = closed.cases
        shape = (len(cases.step), N_HIDDEN)
        happened, lost = np.full(shape, np.nan), np.full(shape, np.nan)
        usable = closed.usable & (cases.tier <= MOST_TIER[outcome])
        tiers = cases.tier if outcome == "step_up" else np.full(len(cases.step), 2)
        values = OpenValues(self._hazards, self._calendar, self._parameters)
        pairs = np.unique(np.stack([tiers[usable], cases.previous[usable]]), axis=1)
        for tier, previous in pairs.T.tolist():
            chain = Chain(self._transitions, asked_on(outcome, tier), previous, self._unlabelled)
            place = chain.place[
                np.array([state(phase, previous, Status.CLOSED) for phase in range(len(PHASES))])
            ]
            rows = np.flatnonzero(usable & (tiers == tier) & (cases.previous == previous))
            given = situations_of(families, cases.take(rows))
            rows = rows[np.lexsort((given.birth_step - given.step, given.deprived))]
            tables: Tables = ({}, {})
            for first in range(0, len(rows), _BATCH):
                batch = rows[first : first + _BATCH]
                given = situations_of(families, cases.take(batch))
                found = values.values(given, chain, tables, within_days)[:, place]
                worth = np.einsum("czy,cynk->nczk", self._hazards.phase, found)
                happened[batch], lost[batch] = np.moveaxis(
                    worth.reshape(len(batch), N_HIDDEN, 2), 2, 0
                )
        return happened, lost
