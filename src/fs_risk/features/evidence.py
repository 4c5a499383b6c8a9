"""The dated facts behind a feature's value, for one case (requirement E2)."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError, nearest
from fs_risk.features.build import feature_matrix, lay_out
from fs_risk.features.cases import Cases, as_cases, view
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.evidence_of_factors import assessments_behind
from fs_risk.features.evidence_of_order import Ordered, Picked, events_behind
from fs_risk.features.measures import (
    DaysOpen,
    Factor,
    Overdue,
    Spell,
)
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.streams import STREAMS
from fs_risk.features.timeline import Facts, History
from fs_risk.features.working_days import working_days
from fs_risk.records.dates import from_days
from fs_risk.records.records import Records

COLUMNS = ("what", "table", "event_date", "known_date", "whom")


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


def features_evidence(
    records: Records | History, case: pd.DataFrame, feature: str | FeatureSpec, *, lag_days: int = 0
) -> pd.DataFrame:
    """List the dated facts that a feature's value for one case was computed from.

    Without these facts the value would be another.

    Parameters
    ----------
    records : Records or History
    case : DataFrame
        A cohort of one row, as for `build_features`.
    feature : str or FeatureSpec
        Of the catalogue by name, or one of your own.
    lag_days : int, default=0
        As for `build_features`.

    Returns
    -------
    DataFrame
        ``what``, ``table``, ``event_date``, ``known_date``, ``whom``; latest first.
        Empty where the value rests on no dated fact: an age, who made the referral,
        a zero that says that nothing is recorded, or a missing value.

    Raises
    ------
    FeatureError
        If there is no feature of that name, or not exactly one case.

    References
    ----------
    .. [1] Requirement E2.

    Examples
    --------
    >>> contacts = pd.DataFrame({"contact_id": ["1", "2"], "child_id": ["A", "A"],
    ...     "contact_date": pd.to_datetime(["2024-03-01", "2024-03-08"])})
    >>> records = Records.from_frames({"contacts": contacts}, extract_date="2024-12-31",
    ...     coverage={"contacts": ("2020-01-01", "2024-12-31")})
    >>> case = pd.DataFrame({"case_id": ["R1"], "child_id": ["A"],
    ...     "as_of": pd.to_datetime(["2024-03-08"])})
    >>> features_evidence(records, case, "child_contacts_30d")["event_date"].dt.day.to_list()
    [1]
    """
    spec = _named(feature)
    if len(case) != 1:
        raise FeatureError(
            f"Evidence is for one case at a time, and {len(case)} were given.",
            fix="Give a cohort of one row, for example cohort.iloc[[0]].",
        )
    history = records if isinstance(records, History) else History.from_records(records)
    cases = as_cases(history, case, lag_days=lag_days)
    if np.isnan(feature_matrix(history, cases, lay_out([spec]))[0, 0]):
        return pd.DataFrame({name: [] for name in COLUMNS})
    rows = [
        {
            "what": fact.what,
            "table": STREAMS[fact.what].table if fact.what in STREAMS else "assessments",
            "event_date": pd.Timestamp(fact.day),
            "known_date": pd.Timestamp(fact.known),
            "whom": fact.whom,
        }
        for fact in facts_behind(history, cases, spec)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
        Latest first; empty for features without dated facts (age, source), and for
        a balance of nothing (as many as before).
    """
    measure = spec.measure
    if isinstance(measure, Factor):
        return _said(*assessments_behind(history, cases, measure), "child")
    if not isinstance(measure, Ordered | Spell):
        return ()
    if spec.whom == "household":
        both = [_of_person(history, cases, measure, whom) for whom in ("child", "siblings")]
        found = both[0] + both[1]
        part = [fact for fact in found if fact.what == getattr(measure, "stream", "")]
        return tuple(sorted(part or found, key=lambda fact: (fact.day, fact.known), reverse=True))
    return _of_person(history, cases, measure, spec.whom)


def _of_person(
    history: History, cases: Cases, measure: Ordered | Spell, whom: str
) -> tuple[Evidence, ...]:
    """List the facts of the child, or of its siblings, that a value rests on."""
    seen = view(history, cases, whom)
    if int(seen.key[0]) < 0:
        return ()
    facts = seen.spells if isinstance(measure, Spell) else seen.events
    rows = _rows(facts, int(seen.key[0]))
    visible = _visible(history, facts, rows, cases, int(seen.exclude[0]))
    if isinstance(measure, Spell):
        picked = _spells_behind(history, cases, facts, rows, visible, measure)
    else:
        picked = events_behind(history, cases, facts, rows, visible, measure)
    return tuple(
        fact for what, chosen in picked.items() for fact in _said(facts, rows, chosen, what, whom)
    )


def _named(feature: str | FeatureSpec) -> FeatureSpec:
    if isinstance(feature, FeatureSpec):
        return feature
    by_name = {spec.name: spec for spec in CATALOGUE}
    if feature not in by_name:
        raise FeatureError(
            f"There is no feature of that name.{nearest(feature, by_name)}",
            fix="Take a name from feature_catalogue().",
        )
    return by_name[feature]


def _rows(facts: Facts, key: int) -> slice:
    return slice(int(facts.starts[key]), int(facts.starts[key + 1]))


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


def _spells_behind(
    history: History, cases: Cases, facts: Facts, rows: slice, visible: np.ndarray, measure: Spell
) -> Picked:
    day, cut = cases.day[0], cases.cut[0]
    chosen = visible & (facts.kind[rows] == history.streams.index(measure.stream))
    is_open = facts.end_known[rows] >= cut
    if isinstance(measure, DaysOpen):
        until = np.where(is_open, day, np.minimum(facts.end[rows], day))
        chosen &= until > np.maximum(facts.day[rows], day - measure.window_days)
        return {measure.stream: chosen}
    chosen &= is_open
    if isinstance(measure, Overdue):
        run = working_days(facts.day[rows], np.full(is_open.size, day - 1, dtype=np.int32))
        chosen &= run >= measure.working_days
    return {measure.stream: chosen}


def _said(
    facts: Facts, rows: slice, chosen: np.ndarray, what: str, whom: str
) -> tuple[Evidence, ...]:
    days = from_days(facts.day[rows][chosen]).astype("datetime64[D]").tolist()
    known = from_days(facts.known[rows][chosen]).astype("datetime64[D]").tolist()
    pairs = sorted(set(zip(days, known, strict=True)), reverse=True)
    return tuple(Evidence(what, day, learnt, whom) for day, learnt in pairs)
