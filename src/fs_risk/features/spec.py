"""`FeatureSpec`: a feature declared once, with what it measures and how it is said."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from fs_risk.features.measures import Factor, Measure, Share, Siblings, streams_of
from fs_risk.features.streams import STREAMS
from fs_risk.records.notebook import ShowsItsFields

WHOLE = 100.0
"""A share of all, in per cent."""


@dataclass(frozen=True)
class FeatureSpec(ShowsItsFields):
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
    below : str
        How a value below zero is said, ``{n}`` being its size.
    one_below : str
        How a value of -1 is said, where `below` is in the plural.
    whole : str
        How a value of 100 is said, where it is a share: "100 %" of one assessment reads as
        a certainty.
    levels : tuple of str
        How values of 1, 2, 3 … are said, where they are steps and not numbers.
    monotone : {-1, 0, 1}
        Direction in which the score may move; never set on being subjected to
        domestic abuse.
    sensitivity : str
        ``"protected"`` (characteristic), ``"special"`` (category), ``"criminal"``
        (offence data, allegations included) or empty.
    necessity : str
        Why a sensitive feature is needed.
    poverty_or_service_use : bool
        Whether it reflects poverty or use of services, so that it can be left out.
    why : str
        Why it may be used.
    not_for : tuple of str
        Outcomes that are the same decision as what it records, so that it is left
        out of their models.
    waiver : str
        Who allowed an unlimited look-back, and why; empty while it is limited.
        Shown in the catalogue and on cards.

    Examples
    --------
    >>> from fs_risk.features.catalogue import CATALOGUE
    >>> sorted({spec.kind for spec in CATALOGUE})
    ['neutral', 'strength', 'worry']
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
    below: str = ""
    one_below: str = ""
    whole: str = ""
    levels: tuple[str, ...] = ()
    monotone: Literal[-1, 0, 1] = 0
    sensitivity: str = ""
    necessity: str = ""
    poverty_or_service_use: bool = False
    why: str = "Recorded by the service in the course of its work with the child."
    not_for: tuple[str, ...] = ()
    waiver: str = ""

    @cached_property
    def window_days(self) -> int:
        """Look-back in days; 0 for a state on the day."""
        return int(getattr(self.measure, "window_days", 0))

    @cached_property
    def half_life_days(self) -> int:
        """Days in which the weight of an event halves; 0 where none fades."""
        return int(getattr(self.measure, "half_life_days", 0))

    @cached_property
    def observed_days(self) -> int:
        """Days before `as_of` to be observed: the window, and what a sequel follows.

        A share is one of what was observed, so it asks for no days at all.
        """
        if isinstance(self.measure, Share):
            return 0
        longest = max((STREAMS[name].after_days for name in streams_of(self.measure)), default=0)
        return self.window_days + longest

    @cached_property
    def whom(self) -> str:
        """Whose facts it reads: ``child``, ``siblings`` or ``household``."""
        if isinstance(self.measure, Siblings):
            return "siblings"
        return str(getattr(self.measure, "whom", "child"))

    @cached_property
    def point_of_view(self) -> str:
        """Whose facts the pass over them reads, and whether only those before this episode."""
        before = isinstance(self.measure, Share) and self.measure.episode == "before"
        return f"{self.whom} before" if before else self.whom

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The canonical tables whose window must be observed for a value."""
        measure = self.measure
        if isinstance(measure, Factor):
            return ("assessments", "factors")
        if isinstance(measure, Siblings):
            return ("children", "family_links")
        own = (table for name in streams_of(measure) for table in STREAMS[name].tables)
        links = () if self.whom == "child" else ("family_links",)
        return tuple(dict.fromkeys((*own, *links)))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the feature computes: its name, measure and streams."""
        definition = {
            "name": self.name,
            "measure": [type(self.measure).__name__, asdict(self.measure)],
            "streams": [STREAMS[name].definition for name in streams_of(self.measure)],
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
        if value < 0 and self.below:
            worded = self.one_below if value == -1 and self.one_below else self.below
            return worded.format(n=_number(-value))
        if value <= 0:
            return self.absent
        if self.levels:
            return self.levels[min(int(value), len(self.levels)) - 1]
        if value == WHOLE and self.whole:
            return self.whole
        if value == 1 and self.one:
            return self.one
        return self.present.format(n=_number(value))


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() or value > 10 else f"{value:.1f}"
