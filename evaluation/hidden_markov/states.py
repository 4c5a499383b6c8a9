"""A hidden Markov model of households' recorded histories: its parameters, and who reads what.

Each household is of one type, which does not change, and in one phase, which may change
every four weeks. Neither is recorded anywhere: both are inferred from what is. The type says
how often assessments find what, and who tells the service; type and phase say how often
contacts, referrals, enquiries, plans and care come. A mixture hidden Markov model [1]_, fitted
by `fitting.fit_household_states` to the records of a plan's fit period.

References
----------
.. [1] Zucchini, MacDonald and Langrock, Hidden Markov Models for Time Series (2nd ed., 2016),
   sections 5.4 and 13.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from fs_risk.features.streams import HARM_FACTORS, OTHER_FACTORS, STREAMS, TRIO_FACTORS

STEP_DAYS = 28
"""Length of a step, counted back from the case's day."""

EVENTS = ("contacts", "referrals", "section47", "cp_plan_starts", "care_starts")
"""Streams of which a step says whether there was any event; contacts that became referrals not."""

SITUATIONS = ("closed", "open", "open for longer", "on a plan", "looked after")
"""Where the household stands at the start of a step: the furthest of its children."""

OPEN_STEPS = 3
"""Steps after which a case is open for longer: assessments have then ended."""

SPELLS = MappingProxyType({"episode": 1, "cp_plan": 3, "care": 4})
"""Streams of spells, and the situation that each is."""

AGES = (1, 5, 10, 16)
"""Years from which the next band of ages begins; before birth and under one are one band."""

NEEDS = (*TRIO_FACTORS, *OTHER_FACTORS)
"""Streams of needs found at assessment."""

HARMS = tuple(HARM_FACTORS)
"""Streams of harm found at assessment: only those of earlier episodes are read."""

SOURCES = ("police", "school", "health", "individual", "local_authority", "other")

CATEGORIES = ("neglect", "emotional", "physical", "sexual", "multiple")

ASSESSED, FOUND, HARMED, CONTACTED, REFERRED, PLANNED = 1, 2, 3, 4, 5, 6
"""What a fact of a stream is to the evidence of the household's type."""

N_BANDS = len(AGES) + 1
N_FACTORS = len(NEEDS) + len(HARMS)
WIDTH = 2 + N_FACTORS + 2 * len(SOURCES)
"""Counts of one band: assessments, those of earlier episodes, what they found, who told."""

N_COUNTS = N_BANDS * WIDTH + len(CATEGORIES)


@dataclass(frozen=True)
class HouseholdStates:
    """A fitted model of households' histories.

    Attributes
    ----------
    first : tuple, shape (2, types, phases)
        Joint chance of what a history begins with, a contact or a referral, and its state.
    moves : tuple, shape (types, phases, phases)
        Chance of each phase in the next step.
    chances : tuple, shape (situations, events, types, phases)
        Chance of at least one event of each kind in a step.
    evidence : tuple, shape (types, N_COUNTS)
        Log-likelihood of the type for one of each count.
    """

    first: tuple[tuple[tuple[float, ...], ...], ...]
    moves: tuple[tuple[tuple[float, ...], ...], ...]
    chances: tuple[tuple[tuple[tuple[float, ...], ...], ...], ...]
    evidence: tuple[tuple[float, ...], ...]

    @property
    def n_types(self) -> int:
        """Number of types."""
        return len(self.moves)

    @property
    def n_phases(self) -> int:
        """Number of phases."""
        return len(self.moves[0])

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Give the parameters as arrays: of the steps, and last of the counts."""
        parts = (self.first, self.moves, self.chances, self.evidence)
        first, moves, chances, evidence = (np.array(part, dtype=np.float64) for part in parts)
        return first, moves, chances, evidence


def roles() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Say what each stream is to the model, by the stream's number.

    Returns
    -------
    event : int8 (n_streams,)
        Place in `EVENTS`; -1 for none.
    role, place : int8 (n_streams,)
        One of the constants above, else 0; and which factor, source or category.
    """
    names = list(STREAMS)
    event = np.full(len(names), -1, dtype=np.int8)
    role, place = np.zeros(len(names), np.int8), np.zeros(len(names), np.int8)
    for number, name in enumerate(EVENTS):
        event[names.index(name)] = number
    told = [
        ("assessments_with_factors", ASSESSED, 0),
        *((name, FOUND, at) for at, name in enumerate(NEEDS)),
        *((name, HARMED, len(NEEDS) + at) for at, name in enumerate(HARMS)),
        *((f"contacts_{by}", CONTACTED, at) for at, by in enumerate(SOURCES)),
        *((f"referrals_{by}", REFERRED, at) for at, by in enumerate(SOURCES)),
        *((f"cp_plan_starts_{of}", PLANNED, at) for at, of in enumerate(CATEGORIES)),
    ]
    for name, what, at in told:
        role[names.index(name)], place[names.index(name)] = what, at
    return event, role, place
