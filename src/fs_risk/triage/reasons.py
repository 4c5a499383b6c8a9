"""Reasons in practitioners' words: contributions by concept, worries and strengths."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from fs_risk.features.evidence import Evidence
from fs_risk.features.spec import FeatureSpec
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.triage.said_specs import SaidSpecs, clearest

MOST_WORRIES, MOST_STRENGTHS = 5, 3
LEAST = 0.02
"""Contributions smaller than this, in log-odds, are not worth saying."""

PHRASES = 2
"""Facts said for each concept."""

WEIGHS = 0.1
"""The part of a worry that something recorded carries, to be said before what is not recorded."""


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
    order = np.argsort(-strength, kind="stable")[: np.count_nonzero(strength > 0)]
    for place, number in zip(order.tolist(), specs.concept_of[order].tolist(), strict=True):
        if number in topics:
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
    unique = sorted({(fact.day, fact.what, fact.whom) for fact in facts}, reverse=True)
    return Reason(
        concept=specs.concepts[number],
        direction="worry" if total > 0 else "strength",
        wording="; ".join(dict.fromkeys(specs[p].say(float(values[p])) for p in said)),
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
    """Choose what a reason says; of a worry, what is recorded before what is not."""
    chosen = [
        (clearest(topic, places, specs.places[number], specs, values), strength[places[0]])
        for topic, places in topics.items()
    ]
    if total > 0:
        # "none recorded" is hard to hear as a worry, where something recorded weighs too
        recorded = [
            (place, weight)
            for place, weight in chosen
            if weight >= WEIGHS * total and (values[place] > 0 or specs[place].kind == "strength")
        ]
        chosen = recorded or chosen
    return [place for place, _ in chosen[:PHRASES]]


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
