"""Reasons in practitioners' words: contributions by concept, worries and strengths."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from fs_risk.features.evidence import Evidence
from fs_risk.features.measures import Age, DeclaredSource
from fs_risk.features.spec import FeatureSpec
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.triage.said_specs import SaidSpecs, clearest

MOST_WORRIES, MOST_STRENGTHS = 5, 3
LEAST = 0.02
"""Contributions smaller than this, in log-odds, are not worth saying."""

PHRASES = 2
"""Facts said for each concept."""

WEIGHS = 0.1
"""The part of a reason that what is easy to hear as one carries, to be said before the rest."""

ABSENT = "an absence is no worry in itself; the model counts it upward here: "
RECORDED = "a recorded worry is no strength in itself; the model counts it downward here: "
"""Said before facts that point the other way than the model takes them."""


class Fact(BaseModel):
    """One dated fact behind a reason."""

    model_config = ConfigDict(frozen=True)

    what: str
    day: str
    whom: str


class Reason(ShowsItsFields, BaseModel):
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
    known = SaidSpecs.of(specs)
    return dict(zip(known.concepts, _totals(known, contributions).tolist(), strict=True))


def _totals(specs: SaidSpecs, contributions: np.ndarray) -> np.ndarray:
    return np.bincount(specs.concept_of, contributions, minlength=len(specs.concepts))


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
    known = SaidSpecs.of(specs)
    sums = _totals(known, contributions)
    totals = sums.tolist()
    ordered = sorted(range(len(totals)), key=lambda number: -abs(totals[number]))
    worries = [number for number in ordered if totals[number] >= LEAST][:MOST_WORRIES]
    strengths = [number for number in ordered if totals[number] <= -LEAST][:MOST_STRENGTHS]
    chosen = (*worries, *strengths)
    strength = contributions * np.sign(sums)[known.concept_of]
    topics = _topics(chosen, known, strength)
    return tuple(
        _reason(number, totals[number], topics[number], known, values, strength, evidence)
        for number in chosen
    )


Topics = dict[str, list[int]]
"""Features by topic, the strongest first."""


def _topics(chosen: Sequence[int], specs: SaidSpecs, strength: np.ndarray) -> dict[int, Topics]:
    """List the features that pull as their concept does, of each concept chosen."""
    topics: dict[int, Topics] = {number: {} for number in chosen}
    asked = np.zeros(len(specs.concepts), dtype=bool)
    asked[list(chosen)] = True
    places = np.flatnonzero((strength > 0) & asked[specs.concept_of])
    order = places[np.argsort(-strength[places], kind="stable")]
    for place, number in zip(order.tolist(), specs.concept_of[order].tolist(), strict=True):
        topics[number].setdefault(specs.topics[place], []).append(place)
    return topics


def _reason(
    number: int,
    total: float,
    topics: Topics,
    specs: SaidSpecs,
    values: np.ndarray,
    strength: np.ndarray,
    evidence: Callable[[FeatureSpec], tuple[Evidence, ...]] | None,
) -> Reason:
    said = _said(number, total, topics, specs, values, strength)
    facts = [fact for place in said for fact in (evidence(specs[place]) if evidence else ())]
    told = _told(total, [(specs[place], float(values[place])) for place in said])
    unique = sorted({(fact.day, fact.what, fact.whom) for fact in facts}, reverse=True)
    return Reason(
        concept=specs.concepts[number],
        direction="worry" if total > 0 else "strength",
        wording=told,
        contribution=total,
        evidence=tuple(
            Fact(what=what.replace("_", " "), day=day.isoformat(), whom=whom)
            for day, what, whom in unique
        ),
    )


def _said(
    number: int,
    total: float,
    topics: Topics,
    specs: SaidSpecs,
    values: np.ndarray,
    strength: np.ndarray,
) -> list[int]:
    """Choose what a reason says: what is easy to hear as one before what is not.

    "None recorded" is hard to hear as a worry, and is left out where something recorded
    weighs too; a recorded worry comes last in a strength.
    """
    odd = _is_absent if total > 0 else _is_recorded_worry
    plain: list[int] = []
    strange: list[int] = []
    slight: list[int] = []
    for topic, places in topics.items():
        place = clearest(topic, places, specs.places[number], specs, values)
        if odd(specs[place], float(values[place])):
            strange.append(place)
        elif strength[places[0]] >= WEIGHS * abs(total):
            plain.append(place)
            if len(plain) == PHRASES:
                return plain
        else:
            slight.append(place)
    said = [*plain, *strange] if total < 0 or not plain else plain
    return (said or slight)[:PHRASES]


def _told(total: float, said: Sequence[tuple[FeatureSpec, float]]) -> str:
    """Put facts into words; where all of them are odd for the direction, that is said first."""
    odd, first = (_is_absent, ABSENT) if total > 0 else (_is_recorded_worry, RECORDED)
    facts = "; ".join(dict.fromkeys(spec.say(value) for spec, value in said))
    return f"{first if all(odd(*fact) for fact in said) else ''}{facts}"


def _is_absent(spec: FeatureSpec, value: float) -> bool:
    """Say whether a value is that nothing is recorded, of what would not itself be a strength."""
    states = isinstance(spec.measure, Age | DeclaredSource) or spec.kind == "strength"
    return not states and not value > 0 and not (value < 0 and spec.below)


def _is_recorded_worry(spec: FeatureSpec, value: float) -> bool:
    return spec.kind == "worry" and value > 0 and not isinstance(spec.measure, Age | DeclaredSource)


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
    return tuple(unknown_concepts(specs, values).values())


def unknown_concepts(specs: Sequence[FeatureSpec], values: np.ndarray) -> dict[str, str]:
    """Say the same by concept.

    Parameters
    ----------
    specs : sequence of FeatureSpec
    values : ndarray of float, shape (n_features,)

    Returns
    -------
    dict of str to str
    """
    known = SaidSpecs.of(specs)
    candidates = known.may_be_unknown
    said: dict[str, str] = {}
    for place in candidates[np.isnan(np.asarray(values)[candidates])].tolist():
        said.setdefault(known[place].concept, known[place].missing)
    return said


def recorded_concepts(specs: Sequence[FeatureSpec], values: np.ndarray) -> frozenset[str]:
    """Name the concepts of which anything is recorded: a feature above zero.

    Parameters
    ----------
    specs : sequence of FeatureSpec
    values : ndarray of float, shape (n_features,)

    Returns
    -------
    frozenset of str
    """
    return frozenset(
        spec.concept for spec, value in zip(specs, values.tolist(), strict=True) if value > 0
    )
