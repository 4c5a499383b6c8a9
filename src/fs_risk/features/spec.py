"""`FeatureSpec`: a feature declared once, with what it measures and how it is said."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from fs_risk.features.measures import (
    Count,
    DaysSince,
    FactorGroupsCurrent,
    FactorState,
    Measure,
    Siblings,
    SpellDays,
    SpellsOpen,
)
from fs_risk.features.streams import STREAMS


@dataclass(frozen=True)
class FeatureSpec:
    """A feature: its name, meaning, measure, words and sensitivity.

    Attributes
    ----------
    name : str
        ``<whom>_<what>_<window>``.
    concept : str
        The practice concept that its reasons are grouped under.
    meaning : str
        One sentence for the catalogue.
    unit : str
    kind : {"worry", "strength", "neutral"}
        What a high value is, in the words of Signs of Safety.
    measure : Measure
        What is computed.
    present, absent, missing : str
        How a value above zero, a zero and a missing value are said. ``{n}`` stands
        for the value.
    one : str
        How a value of 1 is said, where `present` is in the plural.
    monotone : {-1, 0, 1}
        Direction in which the score may move; never set on being subjected to
        domestic abuse.
    sensitivity : str
        ``"protected"``, ``"special"`` or empty.
    necessity : str
        Why a sensitive feature is needed.
    poverty_or_service_use : bool
        Whether it reflects poverty or use of services, so that it can be left out.
    why : str
        Why it may be used.
    """

    name: str
    concept: str
    meaning: str
    unit: str
    kind: Literal["worry", "strength", "neutral"]
    measure: Measure
    present: str
    absent: str
    missing: str
    one: str = ""
    monotone: Literal[-1, 0, 1] = 0
    sensitivity: str = ""
    necessity: str = ""
    poverty_or_service_use: bool = False
    why: str = "Recorded by the service in the course of its work with the child."

    @property
    def window_days(self) -> int:
        """Look-back in days; 0 for a state on the day."""
        return int(getattr(self.measure, "window_days", 0))

    @property
    def whom(self) -> str:
        """Whose facts it reads: ``child`` or ``siblings``."""
        if isinstance(self.measure, Siblings):
            return "siblings"
        return str(getattr(self.measure, "whom", "child"))

    @property
    def sources(self) -> tuple[str, ...]:
        """The canonical tables whose window must be observed for a value."""
        measure = self.measure
        if isinstance(measure, Count | DaysSince | SpellsOpen | SpellDays):
            stream = STREAMS[measure.stream]
            own = ("assessments", "factors") if stream.factors else (stream.table,)
            return (*own, "family_links") if self.whom == "siblings" else own
        if isinstance(measure, FactorState | FactorGroupsCurrent):
            return ("assessments", "factors")
        if isinstance(measure, Siblings):
            return ("children", "family_links")
        return ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the feature computes: its name, measure and stream."""
        stream = getattr(self.measure, "stream", "")
        definition = {
            "name": self.name,
            "measure": [type(self.measure).__name__, asdict(self.measure)],
            "stream": asdict(STREAMS[stream]) if stream else None,
        }
        return hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()

    def say(self, value: float) -> str:
        """Say a value in a practitioner's words.

        Parameters
        ----------
        value : float
            NaN where it is not known or not observed.

        Returns
        -------
        str
        """
        if np.isnan(value):
            return self.missing
        if value <= 0:
            return self.absent
        if value == 1 and self.one:
            return self.one
        number = f"{value:.0f}" if float(value).is_integer() or value > 10 else f"{value:.1f}"
        return self.present.format(n=number)
