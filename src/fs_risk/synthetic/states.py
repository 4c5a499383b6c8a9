"""The finite world of the simulation: what a family, a child and a case can be at one step.

Everything that moves is one of a few named states on a grid of four-week steps, so
that the probability of any outcome follows by summing over states.
"""

from enum import IntEnum

import numpy as np

CLASSES = (
    "low",
    "domestic_abuse",
    "parental_mental_health",
    "parental_substance_misuse",
    "multi_problem",
    "neglect",
    "adolescent_risk",
    "child_disability",
)
"""What troubles a family, if anything does; fixed for the family's life. Hidden."""

PHASES = ("calm", "strained", "crisis")
"""How a family fares at a step; changes as a Markov chain. Hidden."""

BANDS = ("unborn", "infant", "1-4", "5-9", "10-15", "16-17")
"""Age bands, by step of age: unborn includes the step of birth."""

PREVIOUS = ("none", "one", "two or more")
"""Child protection plans begun so far, capped."""

DEPRIVED = ("other", "most deprived fifth")
"""Neighbourhood, as far as it changes what is decided."""

SHAPE = (len(CLASSES), len(PHASES), len(BANDS), len(PREVIOUS), len(DEPRIVED))
"""Axes of every table of probabilities: class, phase, band, previous plans, deprivation."""

STEPS_A_YEAR = 13
UNBORN_STEPS = 7
"""A pregnancy comes into view this many steps before the step of birth (28 weeks)."""
_BAND_STARTS = (1, 14, 66, 131, 209)

ASSESSMENT_STEPS = 4
PLAN_STEPS = 16
REVIEWS = (4, 10, 16)
"""Steps on a child protection plan at which a review conference falls; then every six."""


class Status(IntEnum):
    """Where a child stands with the service at the start of a step."""

    CLOSED = 0
    ASSESSED_1 = 1
    ASSESSED_2 = 2
    ASSESSED_3 = 3
    ASSESSED_4 = 4
    HELD = 5
    NEW_NEED = 6
    NEED = 7
    PLAN_1 = 8
    PLAN_16 = 23
    PROCEEDINGS_ON_PLAN = 24
    PROCEEDINGS = 25
    NEW_CARE = 26
    CARE = 27


N_STATUSES = 28


class Kind(IntEnum):
    """What happens to a child in a step."""

    STAYS = 0
    CARE = 1
    PRE_PROCEEDINGS = 2
    PLAN = 3
    CONFERENCE = 4
    ENQUIRY = 5
    IN_NEED = 6
    NOT_IN_NEED = 7
    SHORT_NEED = 8
    CLOSES = 9
    STEPS_DOWN = 10
    NO_FURTHER_ACTION = 11
    ASSESSMENT = 12
    COMES_OF_AGE = 13
    LEAVES = 14
    """The family moves to another authority."""
    DIES = 15
    TRANSFER_IN = 16
    """The family moved in, with the child on a plan of another authority."""


ENQUIRIES = (Kind.PLAN, Kind.CONFERENCE, Kind.ENQUIRY)
"""The kinds that begin with a section 47 enquiry."""


def assessing(steps: int) -> int:
    """Give the status of a child whose assessment ends in the `steps`-th step from now."""
    return Status.ASSESSED_1 + steps - 1


def on_plan(steps: int) -> int:
    """Give the status of a child in the `steps`-th step of a child protection plan."""
    return Status.PLAN_1 + steps - 1


def has_plan(status: np.ndarray) -> np.ndarray:
    """Say which statuses have a child protection plan in force."""
    return (status >= Status.PLAN_1) & (status <= Status.PROCEEDINGS_ON_PLAN)


def has_cin_plan(status: np.ndarray) -> np.ndarray:
    """Say which statuses have a child in need plan in force."""
    held = (status >= Status.HELD) & (status <= Status.NEED)
    planned: np.ndarray = held | (status == Status.PROCEEDINGS)
    return planned


def in_proceedings(status: np.ndarray) -> np.ndarray:
    """Say which statuses are in pre-proceedings."""
    inside: np.ndarray = (status == Status.PROCEEDINGS_ON_PLAN) | (status == Status.PROCEEDINGS)
    return inside


def in_care(status: np.ndarray) -> np.ndarray:
    """Say which statuses are looked after."""
    return status >= Status.NEW_CARE


def band(age_steps: np.ndarray) -> np.ndarray:
    """Give the age band (index into `BANDS`) of ages counted in steps from the step of birth."""
    bands: np.ndarray = np.searchsorted(_BAND_STARTS, age_steps, side="right")
    return bands


def covariates(
    family_class: np.ndarray,
    phase: np.ndarray,
    age_band: np.ndarray,
    previous: np.ndarray,
    deprived: np.ndarray,
) -> np.ndarray:
    """Give the place of each combination of the axes of `SHAPE` in a flattened table."""
    index: np.ndarray = np.ravel_multi_index(
        (family_class, phase, age_band, previous, deprived), SHAPE
    )
    return index
