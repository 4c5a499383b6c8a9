"""States on the day, worked out case by case in plain Python: factors, open spells, age, siblings.

Together with `test_features_sqlite.py` this leaves no feature without an independent answer.
"""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.measures import (
    Age,
    DeclaredSource,
    EpisodeFactor,
    Factor,
    FactorGroupsCurrent,
    FactorState,
    FactorsTogether,
    FactorTimes,
    FactorTrend,
    Overdue,
    Siblings,
    SpellDays,
    SpellsOpen,
)
from fs_risk.features.spec import FeatureSpec

LAG = 7
N_CASES = 1_500
DAY = pd.Timedelta(days=1)
SPELLS = {
    "episode": ("referrals", "referral_date", "decision_known_date", "close_date"),
    "assessment_open": ("assessments", "start_date", "known_date", "authorised_date"),
    "cin_plan": ("cin_plans", "start_date", "known_date", "end_date"),
    "section47_open": ("section47", "start_date", "known_date", "end_date"),
    "cp_plan": ("cp_plans", "start_date", "known_date", "end_date"),
    "pre_proceedings_open": ("pre_proceedings", "start_date", "known_date", "end_date"),
    "care": ("care_periods", "start_date", "known_date", "end_date"),
    "early_help": ("early_help", "start_date", "known_date", "end_date"),
}
SOURCES = {
    "police": ("6",),
    "school": ("2A", "2B"),
    "health": ("3A", "3B", "3C", "3D", "3E", "3F"),
    "individual": ("1A", "1B", "1C", "1D"),
    "local_authority": ("5A", "5B", "5C", "5D"),
}
STATES = (*Factor.__args__, SpellsOpen, SpellDays, Overdue, Age, Siblings, DeclaredSource)


@pytest.fixture(scope="module")
def cohort(small_authority):
    """Referrals, reviews of open cases, and days while something is open."""
    parts = [fs.referral_cohort(small_authority)]
    parts.append(
        fs.open_case_cohort(small_authority, on=["2021-05-31", "2022-10-31", "2024-02-29"])
    )
    for name, shift in (("assessments", 80), ("cp_plans", 40), ("early_help", 30)):
        frame = small_authority[name]
        days = frame["start_date"] + shift * DAY
        parts.append(pd.DataFrame({"case_id": "x", "child_id": frame["child_id"], "as_of": days}))
    cases = pd.concat(parts, ignore_index=True).dropna()
    cases = cases[cases["as_of"] <= small_authority.extract_date].astype({"as_of": "datetime64[s]"})
    return cases.sample(N_CASES, random_state=4).reset_index(drop=True)


@pytest.fixture(scope="module")
def built(small_authority, cohort):
    return fs.build_features(small_authority, cohort, lag_days=LAG)


class ByHand:
    """An authority's tables by child, asked one case at a time."""

    def __init__(self, records):
        self.records = records
        codes = records["factors"].groupby("assessment_id")["code"].agg(set)
        done = records["assessments"].dropna(subset=["authorised_date", "end_known_date"])
        done = done[done["assessment_id"].isin(codes.index)]
        self.assessed = {
            child: [
                (row.authorised_date, max(row.known_date, row.end_known_date),
                 codes[row.assessment_id])
                for row in rows.itertuples()
            ]
            for child, rows in done.groupby("child_id")
        }  # fmt: skip
        self.spells = {name: self._spells(name) for name in SPELLS}
        self.children = records["children"].set_index("child_id")
        links = records["family_links"]
        self.family = {row.child_id: (row.family_id, row.known_date) for row in links.itertuples()}
        self.members = {name: list(rows["child_id"]) for name, rows in links.groupby("family_id")}
        referrals = records["referrals"].set_index("referral_id")
        self.opened, self.source = referrals["referral_date"], referrals["source"]

    def _spells(self, name):
        table, start, clock, _ = SPELLS[name]
        frame = self.records[table].dropna(subset=[start, clock])
        if name == "episode":
            frame = frame[(frame["no_further_action"] == False).fillna(False)]  # noqa: E712
        return {
            child: [
                (row[start], max(row["known_date"], row[clock]), row["end_known_date"])
                for _, row in rows.iterrows()
            ]
            for child, rows in frame.groupby("child_id")
        }

    def siblings(self, child, cut):
        family, known = self.family.get(child, (None, None))
        if family is None or not (pd.isna(known) or known < cut):
            return []
        return [
            other
            for other in self.members[family]
            if other != child and (pd.isna(self.family[other][1]) or self.family[other][1] < cut)
        ]

    def read(self, child, day, cut, days, first=None, before=None):
        """List the assessments of one case, the latest first, one set of codes a day."""
        found = {}
        for when, known, codes in self.assessed.get(child, []):
            if not (day - days * DAY <= when < day and known < cut):
                continue
            if (first is not None and when < first) or (before is not None and when >= before):
                continue
            found.setdefault(when, set()).update(codes)
        return sorted(found.items(), reverse=True)

    def running(self, name, children, day, cut):
        return [
            start
            for child in children
            for start, known, end_known in self.spells[name].get(child, [])
            if start < day and known < cut and not end_known < cut
        ]


def factor(hand, measure, child, day, cut, begun):
    """Answer a question about factors found at assessment."""
    days, first, before = measure.window_days, None, None
    if isinstance(measure, FactorTimes) or getattr(measure, "episode", "") == "before":
        before = begun
    elif isinstance(measure, EpisodeFactor):
        first = begun
    found = hand.read(child, day, cut, days, first, before)
    if not found:
        return np.nan
    when, latest = found[0]
    recent = day - when <= 365 * DAY
    match measure:
        case FactorState() | EpisodeFactor():
            now = recent and bool(latest & set(measure.factors))
            ever = any(codes & set(measure.factors) for _, codes in found)
            return now if measure.state == "current" else ever and not now
        case FactorTimes():
            return sum(bool(codes & set(measure.factors)) for _, codes in found)
        case FactorsTogether():
            return all(latest & set(group) for group in measure.groups)
        case FactorGroupsCurrent():
            return sum(bool(latest & set(group)) for group in measure.groups)
        case FactorTrend():
            if len(found) < 2:
                return np.nan
            now, then = (sum(bool(c & set(g)) for g in measure.groups) for _, c in found[:2])
            return now - then


def age(hand, what, child, day):
    """Answer a question about the child's age."""
    birth, expected = (
        hand.children.loc[child, ["birth_date", "expected_birth_date"]]
        if child in hand.children.index
        else (pd.NaT, pd.NaT)
    )
    born = not pd.isna(birth) and birth <= day
    years = (day - birth).days / 365.25 if born else np.nan
    if what == "years":
        return years
    if what == "days_to_birth":
        return np.nan if born or pd.isna(expected) else (expected - day).days
    if not born and pd.isna(expected):
        return np.nan
    return {"unborn": not born, "under_1": years < 1, "under_5": years < 5,
            "teenager": years >= 13}[what]  # fmt: skip


def siblings(hand, what, child, day, cut):
    """Answer a question about who the siblings are."""
    theirs = hand.siblings(child, cut)
    births = [hand.children["birth_date"].get(other, pd.NaT) for other in theirs]
    ages = [(day - birth).days for birth in births if not pd.isna(birth) and birth < cut]
    ages = [days for days in ages if days < 6_575]
    if what == "count":
        return len(ages)
    if what == "youngest_years":
        return min(ages) / 365.25 if ages else np.nan
    assert what == "under_1"
    return sum(days < 366 for days in ages)


def answer(hand, spec, row, source):
    child, day = row.child_id, row.as_of
    cut, measure = day - LAG * DAY, spec.measure
    if isinstance(measure, Factor):
        return factor(hand, measure, child, day, cut, min(hand.opened.get(row.case_id, day), day))
    if isinstance(measure, Age):
        return age(hand, measure.what, child, day)
    if isinstance(measure, Siblings):
        return siblings(hand, measure.what, child, day, cut)
    if isinstance(measure, DeclaredSource):
        said = hand.source.get(row.case_id, None)
        return np.nan if pd.isna(said) else said in SOURCES[spec.name.split("_", 2)[2]]
    whose = [child] if getattr(measure, "whom", "child") == "child" else hand.siblings(child, cut)
    starts = hand.running(measure.stream, whose, day, cut)
    if isinstance(measure, SpellsOpen):
        return len(starts)
    if isinstance(measure, SpellDays):
        return (day - min(starts)).days if starts else np.nan
    # late once the last day allowed lies before as_of, as a manager's list would say
    return any(worked(start, day) >= measure.working_days for start in starts)


def worked(start, day):
    """Count the working days after the start, to the day before `as_of`, one by one."""
    import holidays

    away = holidays.country_holidays("GB", subdiv="ENG", years=range(start.year, day.year + 1))
    days = pd.date_range(start + DAY, day - DAY) if day - DAY > start else []
    return sum(each.weekday() < 5 and each.date() not in away for each in days)


BY_HAND = [
    spec
    for spec in CATALOGUE
    if isinstance(spec.measure, STATES) and spec.name != "siblings_unborn"
]


@pytest.fixture(scope="module")
def hand(small_authority):
    return ByHand(small_authority)


@pytest.mark.parametrize("spec", BY_HAND, ids=lambda spec: spec.name)
def test_state_equals_the_same_question_asked_by_hand(
    spec: FeatureSpec, hand, small_authority, cohort, built
):
    """F1 and T5: states are those of the facts known before the cut, told apart from missing."""
    expected = np.array(
        [answer(hand, spec, row, None) for row in cohort.itertuples()], dtype=np.float64
    )
    for table in spec.sources:
        window = small_authority.coverage[table]
        since = cohort["as_of"] - spec.observed_days * DAY
        expected[(since < window.observed_from).to_numpy()] = np.nan

    np.testing.assert_allclose(built[spec.name].to_numpy(dtype=float), expected, rtol=2e-6)


def test_every_feature_has_an_independent_answer():
    """By hand here, or in SQL where it has a window; the unborn sibling is drawn in the page."""
    windowed = {s.name for s in CATALOGUE if s.window_days and not isinstance(s.measure, Factor)}
    by_hand = {spec.name for spec in BY_HAND}

    assert {spec.name for spec in CATALOGUE} - windowed - by_hand == {"siblings_unborn"}
    assert not windowed & by_hand
