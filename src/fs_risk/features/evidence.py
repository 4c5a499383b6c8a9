"""The dated facts behind a feature's value, for one case (requirement E2)."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from fs_risk.errors import FeatureError, nearest
from fs_risk.features.build import feature_matrix, lay_out
from fs_risk.features.cases import Cases, as_cases, view
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.evidence_of_factors import assessments_behind
from fs_risk.features.evidence_of_order import Ordered, Picked, Seen, events_behind
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
from fs_risk.records.arguments import COHORT, FEATURE, RECORDS_OR_HISTORY, takes
from fs_risk.records.dates import NEVER
from fs_risk.records.records import Records

_EPOCH = date(1970, 1, 1).toordinal()

Dated = Ordered | Spell
"""Measures of events and spells."""

COLUMNS = ("what", "table", "event_date", "known_date", "whom")


class Evidence(NamedTuple):
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


@takes(records=RECORDS_OR_HISTORY, case=COHORT, feature=FEATURE)
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
    return FactsOfCase(history, cases).behind(spec)


class FactsOfCase:
    """What one case sees, looked up once for the evidence of any number of features.

    Parameters
    ----------
    history : History
    cases : Cases
        A single case.
    """

    def __init__(self, history: History, cases: Cases) -> None:
        self.history, self.cases = history, cases
        self._seen: dict[tuple[str, bool], Seen | None] = {}

    def behind(self, spec: FeatureSpec) -> tuple[Evidence, ...]:
        """List the facts that a feature's value was computed from, as `facts_behind` does.

        Parameters
        ----------
        spec : FeatureSpec

        Returns
        -------
        tuple of Evidence
        """
        measure = spec.measure
        if isinstance(measure, Factor):
            return _said(*assessments_behind(self.history, self.cases, measure), "child")
        if not isinstance(measure, Dated):
            return ()
        if spec.whom == "household":
            found = self._of_person(measure, "child") + self._of_person(measure, "siblings")
            part = [fact for fact in found if fact.what == getattr(measure, "stream", "")]
            return tuple(
                sorted(part or found, key=lambda fact: (fact.day, fact.known), reverse=True)
            )
        return self._of_person(measure, spec.whom)

    def _of_person(self, measure: Dated, whom: str) -> tuple[Evidence, ...]:
        """List the facts of the child, or of its siblings, that a value rests on."""
        asked = whom, isinstance(measure, Spell)
        if asked not in self._seen:
            self._seen[asked] = self._visible(*asked)
        seen = self._seen[asked]
        if seen is None:
            return ()
        if isinstance(measure, Spell):
            picked = _spells_behind(self.cases, seen, measure)
        else:
            picked = events_behind(self.history, self.cases, seen, measure)
        return tuple(
            fact
            for what, chosen in picked.items()
            for fact in _said(seen.facts, seen.rows, chosen, what, whom)
        )

    def _visible(self, whom: str, spells: bool) -> Seen | None:
        seen = view(self.history, self.cases, whom)
        if int(seen.key[0]) < 0:
            return None
        facts = seen.spells if spells else seen.events
        rows = rows_of(facts, int(seen.key[0]))
        visible = visible_to(self.history, facts, rows, self.cases, int(seen.exclude[0]))
        return Seen(self.cases.day[0], facts, rows, visible)


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


def rows_of(facts: Facts, key: int) -> slice:
    """Say where the facts of a key stand.

    Parameters
    ----------
    facts : Facts
    key : int
        At least 0.

    Returns
    -------
    slice
    """
    return slice(int(facts.starts[key]), int(facts.starts[key + 1]))


def visible_to(
    history: History, facts: Facts, rows: slice, cases: Cases, exclude: int
) -> np.ndarray:
    """Mark the facts of one key that a case may see, as the kernels do.

    Parameters
    ----------
    history : History
    facts : Facts
    rows : slice
        As `rows_of` gives them.
    cases : Cases
        A single one.
    exclude : int
        A child whose facts are left out; -1 for nobody.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        Those that happened before the day, were known before the cut, and may still be kept.
    """
    owner = facts.owner[rows]
    seen: np.ndarray = (
        (facts.day[rows] < cases.day[0])
        & (facts.known[rows] < cases.cut[0])
        & (owner != exclude)
        & (history.retain[owner] >= cases.day[0])
    )
    return seen


def _spells_behind(cases: Cases, seen: Seen, measure: Spell) -> Picked:
    day, cut, facts = cases.day[0], cases.cut[0], seen.facts
    chosen = seen.of(measure.stream, 0, int(NEVER))
    is_open = facts.end_known[seen.rows] >= cut
    if isinstance(measure, DaysOpen):
        until = np.where(is_open, day, np.minimum(facts.end[seen.rows], day))
        chosen &= until > np.maximum(seen.day, day - measure.window_days)
        return {measure.stream: chosen}
    chosen &= is_open
    if isinstance(measure, Overdue):
        run = working_days(seen.day, np.full(is_open.size, day - 1, dtype=np.int32))
        chosen &= run >= measure.working_days
    return {measure.stream: chosen}


def _said(
    facts: Facts, rows: slice, chosen: np.ndarray, what: str, whom: str
) -> tuple[Evidence, ...]:
    at = np.flatnonzero(chosen) + rows.start
    if not at.size:
        return ()
    days, known = facts.day[at].tolist(), facts.known[at].tolist()
    pairs = sorted(set(zip(days, known, strict=True)), reverse=True)
    return tuple(Evidence(what, _date(day), _date(learnt), whom) for day, learnt in pairs)


def _date(day: int) -> date:
    return date.fromordinal(_EPOCH + day)
