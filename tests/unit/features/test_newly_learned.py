"""Features had one assessment more been recorded, against records that do hold it."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.features.build import feature_matrix, lay_out
from fs_risk.features.cases import as_cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.newly_learned import days_since_assessed, is_current, learnt_features
from fs_risk.features.timeline import History

LAG = 7
FOUND = (("3A",), ("3B", "1B", "4B"), ("20",), ("1B", "2B"), ("4C", "14A"), ("11A", "2C"))


@pytest.fixture(scope="module")
def cohort(small_authority):
    """The last referrals, one of each household, and two children whom nobody knows."""
    recent = fs.referral_cohort(small_authority).tail(150)
    households = fs.History.from_records(small_authority)
    of = dict(zip(households.children, households.household, strict=True))
    recent = recent[~recent["child_id"].map(of).duplicated()].tail(60)
    source = small_authority["referrals"].set_index("referral_id")["source"]
    recent = recent.assign(source=source.reindex(recent["case_id"]).to_numpy())
    unknown = recent.tail(2).assign(case_id=["n1", "n2"], child_id=["nobody", "neither"])
    return pd.concat([recent, unknown], ignore_index=True)


@pytest.fixture(scope="module")
def found(cohort):
    return [FOUND[place % len(FOUND)] for place in range(len(cohort))]


@pytest.fixture(scope="module")
def learnt(small_authority, cohort, found):
    history = History.from_records(small_authority)
    cases = as_cases(history, cohort, lag_days=LAG)
    return learnt_features(history, cases, found, lay_out(CATALOGUE))


def with_assessments(records, cohort, found):
    """Give records that hold the assessments, each authorised on the last day that is seen."""
    day = (cohort["as_of"] - pd.Timedelta(days=LAG + 1)).astype("datetime64[s]")
    ids = [f"new{place}" for place in range(len(cohort))]
    columns = records["assessments"]
    added = pd.DataFrame(index=range(len(cohort)), columns=columns.columns)
    added["assessment_id"], added["child_id"] = ids, cohort["child_id"].to_numpy()
    for name in ("start_date", "authorised_date", "known_date", "end_known_date"):
        added[name] = day.to_numpy()
    added = added.astype(columns.dtypes)
    codes = pd.DataFrame(
        [(one, code) for one, recorded in zip(ids, found, strict=True) for code in recorded],
        columns=["assessment_id", "code"],
    )
    factors = records["factors"]
    codes = codes.reindex(columns=factors.columns).astype(factors.dtypes)
    return records.replace(
        assessments=pd.concat([columns, added], ignore_index=True),
        factors=pd.concat([factors, codes], ignore_index=True),
    )


def test_features_are_those_of_records_that_hold_the_assessment(
    small_authority, cohort, found, learnt
):
    """E5: the oracle is the ordinary way from records to features."""
    history = History.from_records(with_assessments(small_authority, cohort, found))
    expected = feature_matrix(history, as_cases(history, cohort, lag_days=LAG), lay_out(CATALOGUE))

    np.testing.assert_array_equal(learnt, expected)


def test_one_assessment_changes_many_features_together(small_authority, cohort, learnt):
    now = fs.build_features(small_authority, cohort, lag_days=LAG).to_numpy()
    same = (now == learnt) | (np.isnan(now) & np.isnan(learnt))
    changed = pd.Series((~same).any(axis=0), index=[spec.name for spec in CATALOGUE])

    assert changed["child_domestic_abuse_household_current_365d"]
    assert changed["child_assessments_365d"]
    assert changed["household_domestic_abuse_parent_share_1825d"]
    assert not changed["siblings_referrals_365d"]
    assert not changed["child_contacts_365d"]


def test_state_of_assessment_is_read_as_of_the_day(small_authority, cohort):
    history = History.from_records(small_authority)
    cases = as_cases(history, cohort, lag_days=LAG)
    recorded = small_authority["assessments"].merge(small_authority["factors"], on="assessment_id")
    for place in range(len(cohort)):
        row = cohort.iloc[place]
        seen = recorded[
            (recorded["child_id"] == row["child_id"])
            & (recorded["end_known_date"] < row["as_of"] - pd.Timedelta(days=LAG))
        ]
        days = days_since_assessed(history, cases.part(place, place + 1))
        expected = (row["as_of"] - seen["authorised_date"].max()).days if len(seen) else None
        assert days == expected


@pytest.mark.parametrize(("days", "current"), [(None, False), (1, True), (365, True), (366, False)])
def test_assessment_is_current_for_a_year(days, current):
    assert is_current(days) is current
