"""The dated facts behind a feature's value, for one case (requirement E2)."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from fs_risk.features.cases import Cases, view
from fs_risk.features.factor_states import factor_mask
from fs_risk.features.measures import (
    Count,
    DaysSince,
    FactorGroupsCurrent,
    FactorState,
    SpellDays,
    SpellsOpen,
)
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import Facts, History
from fs_risk.records.dates import from_days


@dataclass(frozen=True)
class Evidence:
    """One dated fact.

    Attributes
    ----------
    what : str
        The stream or record it is from.
    day : date
        When it happened.
    known : date
        When it became known.
    whom : {"child", "siblings"}
    """

    what: str
    day: date
    known: date
    whom: str


def facts_behind(history: History, cases: Cases, spec: FeatureSpec) -> tuple[Evidence, ...]:
    """List the facts that a feature's value was computed from.

    Parameters
    ----------
    history : History
    cases : Cases
        A single case.
    spec : FeatureSpec

    Returns
    -------
    tuple of Evidence
        Latest first; empty for features without dated facts (age, source).
    """
    measure = spec.measure
    if isinstance(measure, Count | DaysSince | SpellsOpen | SpellDays):
        return _of_stream(history, cases, spec)
    if isinstance(measure, FactorState | FactorGroupsCurrent):
        return _of_assessments(history, cases, measure)
    return ()


def _visible(history: History, facts: Facts, rows: slice, cases: Cases, exclude: int) -> np.ndarray:
    """Mark the facts of one key that the case may see, as the kernels do."""
    owner = facts.owner[rows]
    seen: np.ndarray = (
        (facts.day[rows] < cases.day[0])
        & (facts.known[rows] < cases.cut[0])
        & (owner != exclude)
        & (history.retain[owner] >= cases.day[0])
    )
    return seen


def _of_stream(history: History, cases: Cases, spec: FeatureSpec) -> tuple[Evidence, ...]:
    measure = spec.measure
    assert isinstance(measure, Count | DaysSince | SpellsOpen | SpellDays)
    seen = view(history, cases, spec.whom)
    key = int(seen.key[0])
    if key < 0:
        return ()
    spells = isinstance(measure, SpellsOpen | SpellDays)
    facts = seen.spells if spells else seen.events
    rows = slice(int(facts.starts[key]), int(facts.starts[key + 1]))
    chosen = _visible(history, facts, rows, cases, int(seen.exclude[0]))
    chosen &= facts.kind[rows] == history.streams.index(measure.stream)
    if spells:
        chosen &= facts.end_known[rows] >= cases.cut[0]
    else:
        chosen &= cases.day[0] - facts.day[rows] <= spec.window_days
    if isinstance(measure, DaysSince) and chosen.any():
        chosen &= facts.day[rows] == facts.day[rows][chosen].max()
    return _said(facts, rows, chosen, measure.stream, spec.whom)


def _of_assessments(
    history: History, cases: Cases, measure: FactorState | FactorGroupsCurrent
) -> tuple[Evidence, ...]:
    key = int(cases.child[0])
    if key < 0:
        return ()
    facts = history.assessments
    rows = slice(int(facts.starts[key]), int(facts.starts[key + 1]))
    chosen = _visible(history, facts, rows, cases, -1)
    chosen &= cases.day[0] - facts.day[rows] <= measure.window_days
    groups = measure.groups if isinstance(measure, FactorGroupsCurrent) else (measure.factors,)
    bits = factor_mask(tuple(code for group in groups for code in group))
    having = chosen & ((facts.mask[rows] & bits) != 0)
    # an absence is shown by the assessments that did not find it
    return _said(facts, rows, having if having.any() else chosen, "assessment", "child")


def _said(
    facts: Facts, rows: slice, chosen: np.ndarray, what: str, whom: str
) -> tuple[Evidence, ...]:
    days = from_days(facts.day[rows][chosen]).astype("datetime64[D]").tolist()
    known = from_days(facts.known[rows][chosen]).astype("datetime64[D]").tolist()
    pairs = sorted(set(zip(days, known, strict=True)), reverse=True)
    return tuple(Evidence(what, day, learnt, whom) for day, learnt in pairs)
