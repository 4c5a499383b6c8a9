"""E2: without the dated facts behind a value, the value is another."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.evidence import features_evidence
from fs_risk.features.measures import Age, DaysWithout, DeclaredSource, Factor, Siblings
from fs_risk.features.streams import STREAMS, Stream
from fs_risk.records.tables import TABLES, Known

ASSESSMENT = Stream("assessments", "authorised_date", "end_known_date")
DATED = [spec for spec in CATALOGUE if set(spec.sources) - {"children", "family_links"}]
ALWAYS_EMPTY = {"child_conferences_late_1095d", "child_assessments_late_1095d"}


@pytest.fixture(scope="module")
def authority(small_authority):
    """The small authority, with missing episodes, overlaps and late assessments of its own."""
    contacts = small_authority["contacts"]
    away = contacts.sample(900, random_state=1).reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "missing_id": "M" + away.index.astype(str),
            "child_id": away["child_id"],
            "start_date": away["contact_date"] + pd.Timedelta(days=3),
            "end_date": away["contact_date"] + pd.Timedelta(days=6),
        }
    )
    frames = {name: small_authority[name] for name in small_authority}
    coverage = {
        name: window and (window.observed_from, window.observed_to)
        for name, window in small_authority.coverage.items()
    }
    return fs.Records.from_frames(
        {**frames, "missing_episodes": frame},
        extract_date=small_authority.extract_date,
        coverage=coverage,
    )


@pytest.fixture(scope="module")
def cases(authority):
    """Days on which something is behind each feature: during and after every kind of work."""
    parts = [fs.referral_cohort(authority)]
    shifts = {"cp_plans": 40, "care_periods": 20, "pre_proceedings": 15, "assessments": 75,
              "section47": 3, "missing_episodes": 1}  # fmt: skip
    for name, shift in shifts.items():
        frame = authority[name]
        parts.append(
            pd.DataFrame(
                {
                    "case_id": frame.get("referral_id", frame["child_id"]),
                    "child_id": frame["child_id"],
                    "as_of": frame["start_date"] + pd.Timedelta(days=shift),
                }
            )
        )
    cohort = pd.concat(parts, ignore_index=True).dropna()
    return cohort[cohort["as_of"] <= authority.extract_date].reset_index(drop=True)


@pytest.fixture(scope="module")
def history(authority):
    return fs.History.from_records(authority)


@pytest.fixture(scope="module")
def built(history, cases):
    return fs.build_features(history, cases)


def without(authority, case, evidence):
    """Take the facts away: the row, or its end alone where the fact is an end."""
    frames = {name: authority[name] for name in ("contacts", "referrals", "assessments",
              "section47", "conferences", "cin_plans", "cp_plans", "pre_proceedings",
              "care_periods", "missing_episodes", "early_help")}  # fmt: skip
    links = authority["family_links"]
    family = links.loc[links["child_id"] == case["child_id"].item(), "family_id"]
    theirs = set(links.loc[links["family_id"].isin(family), "child_id"])
    for fact in evidence.itertuples():
        stream = STREAMS.get(fact.what, ASSESSMENT)
        frame, own = frames[stream.table], {case["child_id"].item()}
        whose = frame["child_id"].isin(own if fact.whom == "child" else theirs - own)
        rows = whose & (frame[stream.date] == fact.event_date)
        if TABLES[stream.table][stream.date].known is Known.END:
            frame[stream.date] = frame[stream.date].mask(rows)
            frame["end_known_date"] = frame["end_known_date"].mask(rows)
        else:
            frames[stream.table] = frame[~rows].reset_index(drop=True)
    return authority.replace(**frames)


def test_every_feature_but_age_source_and_who_the_siblings_are_rests_on_dated_facts():
    """E2: the property below is asked of all others."""
    undated = [spec for spec in CATALOGUE if spec not in DATED]

    assert {type(spec.measure) for spec in undated} == {Age, DeclaredSource, Siblings}


@pytest.mark.parametrize("spec", DATED, ids=lambda spec: spec.name)
def test_without_its_evidence_a_value_is_another(spec, authority, history, cases, built):
    """E2: each reason resolves to dated facts; deleting them changes the feature."""
    values = built[spec.name]
    known = values[values.notna()]
    tried = 0
    for value in (known.max(), known.min()):
        nothing = 1_095 if isinstance(spec.measure, DaysWithout) else 0
        if value == nothing and not isinstance(spec.measure, Factor):
            continue
        place = known.index[known == value][0]
        case = cases.loc[[place]]
        evidence = features_evidence(history, case, spec)
        assert len(evidence), value
        assert (evidence["event_date"] < case["as_of"].item()).all()
        assert (evidence["known_date"] < case["as_of"].item()).all()
        rest = fs.build_features(without(authority, case, evidence), case.assign(source="6"))
        found = rest[spec.name].item()
        assert np.isnan(found) or found != value
        tried += 1
    assert tried or spec.name in ALWAYS_EMPTY or known.eq(0).all()
