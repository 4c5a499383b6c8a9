"""Sums of effects: how class, phase, age, earlier plans and neighbourhood change a chance."""

import numpy as np

from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.states import BANDS, CLASSES, PHASES, SHAPE, Kind


def full(values: np.ndarray) -> np.ndarray:
    """Spread values over all axes of `SHAPE`."""
    return np.broadcast_to(values, SHAPE).copy()


def expit(values: np.ndarray) -> np.ndarray:
    """Turn log-odds into probabilities."""
    odds = np.exp(values)
    chance: np.ndarray = odds / (1.0 + odds)
    return chance


class Effects:
    """Sums of effects over the axes of `SHAPE`, read from the parameters."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def __call__(self, section: str) -> np.ndarray:
        """Add up the main effects and interactions of one section."""
        total = np.zeros(SHAPE)
        for axis, name in enumerate(("class", "phase", "band", "previous", "deprived")):
            if f"{section}.{name}" in self._parameters:
                shape = [1] * len(SHAPE)
                shape[axis] = -1
                total += self._parameters.array(f"{section}.{name}").reshape(shape)
        if f"{section}.together" in self._parameters:
            for classes, phases, bands, plans, effect in self._parameters[
                f"{section}.together"
            ].value:
                total += effect * _where(classes, phases, bands, plans)
        return total

    def number(self, name: str) -> float:
        """Give a single parameter."""
        return self._parameters.number(name)

    def array(self, name: str) -> np.ndarray:
        """Give a list of parameters."""
        return self._parameters.array(name)


def _where(classes: list[str], phases: list[str], bands: list[str], plans: int) -> np.ndarray:
    """Mark the named classes, phases and bands (empty: all) with at least so many plans."""
    marked = np.ones(SHAPE, dtype=bool)
    for axis, (names, chosen) in enumerate(((CLASSES, classes), (PHASES, phases), (BANDS, bands))):
        if chosen:
            shape = [1] * len(SHAPE)
            shape[axis] = -1
            marked &= np.isin(names, chosen).reshape(shape)
    marked &= (np.arange(SHAPE[3]) >= plans).reshape(1, 1, 1, -1, 1)
    return marked


class Worries:
    """Probabilities, by stage of a case, of the events that step it up."""

    def __init__(self, effects: Effects) -> None:
        self._effects = effects
        self._enquiry = effects("enquiry")
        conference = expit(effects.number("conference.level") + effects("conference"))
        made = expit(effects.number("plan.level") + effects("plan"))
        self._ways = (
            (Kind.PLAN, conference * made),
            (Kind.CONFERENCE, conference * (1 - made)),
            (Kind.ENQUIRY, 1 - conference),
        )
        care = effects("care")
        self._care = np.exp(care)
        self._proceedings = np.exp(effects.number("proceedings.share_of_care_effect") * care)
        self._born = np.ones(SHAPE)
        self._born[:, :, 0] = 0.0

    def care(self, stage: str) -> np.ndarray:
        """Give the chance of coming into care, which waits for the birth."""
        chance = np.minimum(self._effects.number(f"care.{stage}") * self._care, 0.5)
        born: np.ndarray = chance * self._born
        return born

    def proceedings(self, stage: str) -> np.ndarray:
        """Give the chance that pre-proceedings begin."""
        level = self._effects.number(f"proceedings.{stage}")
        unborn = np.where(self._born > 0, 1.0, self._effects.number("proceedings.unborn"))
        return np.minimum(level * self._proceedings * unborn, 0.3)

    def enquiries(self, stage: str) -> tuple[tuple[Kind, np.ndarray], ...]:
        """Give the chances of an enquiry, by what it leads to."""
        chance = expit(self._effects.number(f"enquiry.{stage}") + self._enquiry)
        return tuple((kind, chance * share) for kind, share in self._ways)
