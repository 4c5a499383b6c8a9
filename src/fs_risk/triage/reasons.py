"""Reasons in practitioners' words: contributions by concept, worries and strengths."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from fs_risk.features.evidence import Evidence
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

MOST_WORRIES, MOST_STRENGTHS = 5, 3
LEAST = 0.02
"""Contributions smaller than this, in log-odds, are not worth saying."""

PHRASES = 2
"""Facts said for each concept."""


class Fact(BaseModel):
    """One dated fact behind a reason."""

    model_config = ConfigDict(frozen=True)

    what: str
    day: str
    whom: str


class Reason(BaseModel):
    """Why the score is higher or lower than for referrals at large.

    Attributes
    ----------
    concept : str
        In the catalogue's words.
    direction : {"worry", "strength"}
        Whether it raises or lowers the score.
    wording : str
        The facts, in words.
    contribution : float
        In calibrated log-odds, exact; all concepts and the base sum to the score's.
    evidence : tuple of Fact
        The dated facts, latest first.
    """

    model_config = ConfigDict(frozen=True)

    concept: str
    direction: Literal["worry", "strength"]
    wording: str
    contribution: float
    evidence: tuple[Fact, ...] = ()


def concept_totals(specs: Sequence[FeatureSpec], contributions: np.ndarray) -> dict[str, float]:
    """Sum contributions by concept.

    Parameters
    ----------
    specs : sequence of FeatureSpec
    contributions : ndarray of float64, shape (n_features,)

    Returns
    -------
    dict of str to float
        Summing to the sum of `contributions`.
    """
    totals: dict[str, float] = {}
    for spec, part in zip(specs, contributions, strict=True):
        totals[spec.concept] = totals.get(spec.concept, 0.0) + float(part)
    return totals


def reasons_for(
    specs: Sequence[FeatureSpec],
    values: np.ndarray,
    contributions: np.ndarray,
    evidence: Callable[[FeatureSpec], tuple[Evidence, ...]] | None = None,
) -> tuple[Reason, ...]:
    """Put the strongest concepts into words: worries first, then strengths.

    Parameters
    ----------
    specs : sequence of FeatureSpec
    values, contributions : ndarray of float, shape (n_features,)
    evidence : callable, optional
        Gives the facts behind a feature; left out where none may be shown.

    Returns
    -------
    tuple of Reason
        Up to five worries and three strengths, strongest first.
    """
    totals = concept_totals(specs, contributions)
    ordered = sorted(totals, key=lambda concept: -abs(totals[concept]))
    worries = [concept for concept in ordered if totals[concept] >= LEAST][:MOST_WORRIES]
    strengths = [concept for concept in ordered if totals[concept] <= -LEAST][:MOST_STRENGTHS]
    return tuple(
        _reason(concept, totals[concept], specs, values, contributions, evidence)
        for concept in (*worries, *strengths)
    )


def _reason(
    concept: str,
    total: float,
    specs: Sequence[FeatureSpec],
    values: np.ndarray,
    contributions: np.ndarray,
    evidence: Callable[[FeatureSpec], tuple[Evidence, ...]] | None,
) -> Reason:
    mine = [place for place, spec in enumerate(specs) if spec.concept == concept]
    topics: dict[str, list[int]] = {}
    for place in sorted(mine, key=lambda place: -float(contributions[place]) * np.sign(total)):
        if contributions[place] * total > 0:
            topics.setdefault(_topic(specs[place]), []).append(place)
    said = [
        _clearest(topic, places, mine, specs, values)
        for topic, places in list(topics.items())[:PHRASES]
    ]
    facts = [fact for place in said for fact in (evidence(specs[place]) if evidence else ())]
    unique = sorted({(fact.day, fact.what, fact.whom) for fact in facts}, reverse=True)
    return Reason(
        concept=concept,
        direction="worry" if total > 0 else "strength",
        wording="; ".join(dict.fromkeys(specs[p].say(float(values[p])) for p in said)),
        contribution=total,
        evidence=tuple(
            Fact(what=what.replace("_", " "), day=day.isoformat(), whom=whom)
            for day, what, whom in unique
        ),
    )


def _topic(spec: FeatureSpec) -> str:
    """Name what a feature is about, so that the same thing is not said for several windows."""
    measure = spec.measure
    if isinstance(measure, Age | DeclaredSource):
        return type(measure).__name__
    factors = getattr(measure, "factors", None) or getattr(measure, "groups", None)
    return f"{spec.whom} {getattr(measure, 'stream', factors or spec.name)}"


def _clearest(
    topic: str,
    places: Sequence[int],
    concept: Sequence[int],
    specs: Sequence[FeatureSpec],
    values: np.ndarray,
) -> int:
    """Choose the feature that says a topic best: of age and source, the one that applies."""
    if topic in (Age.__name__, DeclaredSource.__name__):
        same = [place for place in concept if _topic(specs[place]) == topic]
        order = sorted(same, key=lambda place: _AGES_BY_CLARITY.get(specs[place].name, 0))
        return next((place for place in order if values[place] > 0), places[0])
    known = [place for place in places if not np.isnan(values[place])]
    return known[0] if known else places[0]


_AGES_BY_CLARITY = {"child_unborn": 1, "child_age_years": 2, "child_under_1": 3}

_UNKNOWN_WHEN_MISSING = (
    Count,
    SpellsOpen,
    FactorState,
    FactorGroupsCurrent,
    EpisodeFactor,
    Siblings,
    DeclaredSource,
)


def unknowns(specs: Sequence[FeatureSpec], values: np.ndarray) -> tuple[str, ...]:
    """Say what is missing or not observed, once for each concept.

    A feature that is missing because nothing happened (days since an event that
    did not occur) is not an unknown.

    Parameters
    ----------
    specs : sequence of FeatureSpec
    values : ndarray of float, shape (n_features,)

    Returns
    -------
    tuple of str
    """
    said: dict[str, str] = {}
    shortest = sorted(range(len(specs)), key=lambda place: (specs[place].window_days, place))
    for place in shortest:
        spec = specs[place]
        measure = spec.measure
        nobody = isinstance(measure, Siblings) and measure.what == "youngest_years"
        # an episode that begins with the referral has had no assessment yet
        nobody |= isinstance(measure, EpisodeFactor) and measure.episode == "this"
        if np.isnan(values[place]) and isinstance(measure, _UNKNOWN_WHEN_MISSING) and not nobody:
            said.setdefault(spec.concept, spec.missing)
    return tuple(said.values())
