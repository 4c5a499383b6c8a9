"""A model's features with what is asked of them for every score, worked out once."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from fs_risk.features.measures import (
    Age,
    Count,
    DeclaredSource,
    EpisodeFactor,
    FactorGroupsCurrent,
    FactorState,
    Siblings,
    SpellsOpen,
)
from fs_risk.features.spec import FeatureSpec

_UNKNOWN_WHEN_MISSING = (
    Count,
    SpellsOpen,
    FactorState,
    FactorGroupsCurrent,
    EpisodeFactor,
    Siblings,
    DeclaredSource,
)

APPLIES = (Age.__name__, DeclaredSource.__name__)
"""Topics of which the feature that applies says most."""


class SaidSpecs(tuple[FeatureSpec, ...]):
    """Features in a model's order, with concepts and topics by place.

    Examples
    --------
    >>> from fs_risk.features.catalogue import CATALOGUE
    >>> specs = SaidSpecs.of(CATALOGUE[:3])
    >>> SaidSpecs.of(specs) is specs, len(specs), specs.concept_of.tolist()
    (True, 3, [0, 0, 0])
    """

    @classmethod
    def of(cls, specs: Iterable[FeatureSpec]) -> "SaidSpecs":
        """Give features as `SaidSpecs`, the same ones if they are.

        Parameters
        ----------
        specs : iterable of FeatureSpec

        Returns
        -------
        SaidSpecs
        """
        return specs if isinstance(specs, SaidSpecs) else cls(specs)

    @cached_property
    def concepts(self) -> tuple[str, ...]:
        """The concepts, by first appearance."""
        return tuple(dict.fromkeys(spec.concept for spec in self))

    @cached_property
    def concept_of(self) -> np.ndarray:
        """The number of each feature's concept."""
        number = {concept: place for place, concept in enumerate(self.concepts)}
        return np.array([number[spec.concept] for spec in self], dtype=np.intp)

    @cached_property
    def places(self) -> tuple[list[int], ...]:
        """The places of each concept's features."""
        return tuple(
            np.flatnonzero(self.concept_of == n).tolist() for n in range(len(self.concepts))
        )

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """What each feature is about, so that a thing is not said for several windows."""
        return tuple(_topic(spec) for spec in self)

    @cached_property
    def may_be_unknown(self) -> np.ndarray:
        """The places of features whose absence is an unknown, shortest window first.

        A feature that is missing because nothing happened (days since an event that did
        not occur) is not.
        """
        shortest = sorted(range(len(self)), key=lambda place: (self[place].window_days, place))
        return np.array([place for place in shortest if _is_unknown(self[place])], dtype=np.intp)


def _is_unknown(spec: FeatureSpec) -> bool:
    measure = spec.measure
    nobody = isinstance(measure, Siblings) and measure.what == "youngest_years"
    # an episode that begins with the referral has had no assessment yet
    nobody |= isinstance(measure, EpisodeFactor) and measure.episode == "this"
    return isinstance(measure, _UNKNOWN_WHEN_MISSING) and not nobody


def _topic(spec: FeatureSpec) -> str:
    measure = spec.measure
    if isinstance(measure, Age | DeclaredSource):
        return type(measure).__name__
    factors = getattr(measure, "factors", None) or getattr(measure, "groups", None)
    return f"{spec.whom} {getattr(measure, 'stream', factors or spec.name)}"


_AGES_BY_CLARITY = {"child_unborn": 1, "child_age_years": 2, "child_under_1": 3}


def clearest(
    topic: str, places: Sequence[int], concept: Sequence[int], specs: SaidSpecs, values: np.ndarray
) -> int:
    """Choose the feature that says a topic best: of age and source, the one that applies.

    Parameters
    ----------
    topic : str
    places : sequence of int
        Features of the topic, the most telling first.
    concept : sequence of int
        All features of the concept.
    specs : SaidSpecs
    values : ndarray of float, shape (n_features,)

    Returns
    -------
    int
        Its place.
    """
    if topic in APPLIES:
        same = [place for place in concept if specs.topics[place] == topic]
        order = sorted(same, key=lambda place: _AGES_BY_CLARITY.get(specs[place].name, 0))
        return next((place for place in order if values[place] > 0), places[0])
    return next((place for place in places if not np.isnan(values[place])), places[0])
