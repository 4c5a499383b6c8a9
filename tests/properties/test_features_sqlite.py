"""Every kind of windowed feature equals the same question asked in SQLite, written by hand."""

import sqlite3

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs

LAG = 7

# Each question is about case c: its child's rows that were known before the cut and
# happened in the window. :w is the window in days.
CHILD = {
    "child_contacts_90d": ("contacts", "contact_date", "known_date", "1", 90),
    "child_contacts_1095d": ("contacts", "contact_date", "known_date", "1", 1095),
    "child_contacts_police_365d": ("contacts", "contact_date", "known_date", "source = '6'", 365),
    "child_contacts_school_365d": (
        "contacts", "contact_date", "known_date", "source IN ('2A', '2B')", 365,
    ),
    "child_contacts_not_referred_365d": (
        "contacts", "contact_date", "decision_known_date",
        "outcome IN ('no_further_action', 'information')", 365,
    ),
    "child_referrals_365d": ("referrals", "referral_date", "known_date", "1", 365),
    "child_referrals_nfa_730d": (
        "referrals", "referral_date", "decision_known_date", "no_further_action = 1", 730,
    ),
    "child_closures_after_assessment_730d": (
        "referrals", "close_date", "end_known_date", "close_reason IN ('RC8', 'RC9')", 730,
    ),
    "child_assessments_365d": ("assessments", "authorised_date", "end_known_date", "1", 365),
    "child_section47_1095d": ("section47", "start_date", "known_date", "1", 1095),
    "child_conferences_1095d": ("conferences", "conference_date", "known_date", "1", 1095),
    "child_cp_plan_starts_1825d": ("cp_plans", "start_date", "known_date", "1", 1825),
    "child_care_starts_1825d": ("care_periods", "start_date", "known_date", "1", 1825),
    "child_early_help_starts_365d": ("early_help", "start_date", "known_date", "1", 365),
    "child_mental_health_parent_1095d": (
        "assessments", "authorised_date", "end_known_date",
        "assessment_id IN (SELECT assessment_id FROM factors WHERE code = '4B')", 1095,
    ),
}  # fmt: skip
SIBLINGS = {
    "siblings_referrals_365d": ("referrals", "referral_date", "known_date", "1", 365),
    "siblings_section47_365d": ("section47", "start_date", "known_date", "1", 365),
    "siblings_cp_plan_starts_1095d": ("cp_plans", "start_date", "known_date", "1", 1095),
}


@pytest.fixture(scope="module")
def cohort(small_authority):
    """Referrals, and days in the middle of child protection plans."""
    referrals = fs.referral_cohort(small_authority)[["case_id", "child_id", "as_of"]]
    plans = small_authority["cp_plans"]
    on_plan = pd.DataFrame(
        {
            "case_id": plans["cp_plan_id"],
            "child_id": plans["child_id"],
            "as_of": plans["start_date"] + pd.Timedelta(days=40),
        }
    )
    parts = [frame.sample(300, random_state=0) for frame in (referrals, on_plan)]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def built(small_authority, cohort):
    return fs.build_features(small_authority, cohort, lag_days=LAG)


@pytest.fixture(scope="module")
def database(small_authority, cohort):
    connection = sqlite3.connect(":memory:")
    for name in (*small_authority,):
        frame = small_authority[name]
        for column in frame.columns[frame.dtypes.astype("str").str.startswith("datetime")]:
            frame[column] = frame[column].dt.strftime("%Y-%m-%d")
        for column in frame.columns[frame.dtypes.astype("str") == "boolean"]:
            frame[column] = frame[column].astype("Int64")
        frame.astype("object").where(frame.notna(), None).to_sql(name, connection, index=False)
    cases = cohort.assign(n=range(len(cohort)), as_of=cohort["as_of"].dt.strftime("%Y-%m-%d"))
    cases.astype("object").to_sql("cases", connection, index=False)
    for table in ("contacts", "referrals", "assessments", "section47", "conferences", "cp_plans",
                  "care_periods", "early_help", "family_links"):  # fmt: skip
        connection.execute(f"CREATE INDEX {table}_child ON {table} (child_id)")
    yield connection
    connection.close()


def ask(database, sql):
    found = pd.read_sql_query(sql, database).set_index("n")["answer"]
    return found.to_numpy(dtype=float)


@pytest.mark.parametrize("name", CHILD)
def test_child_window_equals_sql(name, database, built):
    table, date, clock, condition, window = CHILD[name]
    sql = f"""
        SELECT c.n, (SELECT COUNT(DISTINCT e.{date}) FROM {table} e
                     WHERE e.child_id = c.child_id AND {condition}
                       AND e.{clock} < date(c.as_of, '-{LAG} days')
                       AND e.{date} < c.as_of
                       AND e.{date} >= date(c.as_of, '-{window} days')) AS answer
        FROM cases c ORDER BY c.n
    """
    compare(ask(database, sql), built[name])


@pytest.mark.parametrize("name", SIBLINGS)
def test_siblings_window_equals_sql(name, database, built):
    table, date, clock, condition, window = SIBLINGS[name]
    sql = f"""
        SELECT c.n, (SELECT COUNT(DISTINCT e.{date})
                     FROM {table} e
                     JOIN family_links theirs ON theirs.child_id = e.child_id
                     JOIN family_links own ON own.family_id = theirs.family_id
                     WHERE own.child_id = c.child_id AND e.child_id <> c.child_id
                       AND {condition}
                       AND (theirs.known_date IS NULL
                            OR theirs.known_date < date(c.as_of, '-{LAG} days'))
                       AND e.{clock} < date(c.as_of, '-{LAG} days')
                       AND e.{date} < c.as_of
                       AND e.{date} >= date(c.as_of, '-{window} days')) AS answer
        FROM cases c ORDER BY c.n
    """
    compare(ask(database, sql), built[name])


def test_open_plan_equals_sql(database, built):
    sql = f"""
        SELECT c.n, (SELECT COUNT(*) FROM cp_plans e
                     WHERE e.child_id = c.child_id
                       AND e.known_date < date(c.as_of, '-{LAG} days') AND e.start_date < c.as_of
                       AND (e.end_known_date IS NULL
                            OR e.end_known_date >= date(c.as_of, '-{LAG} days'))) AS answer
        FROM cases c ORDER BY c.n
    """
    compare(ask(database, sql), built["child_cp_plan_open"])


def test_days_since_the_latest_contact_equal_sql(database, built):
    sql = f"""
        SELECT c.n, (SELECT julianday(c.as_of) - julianday(MAX(e.contact_date)) FROM contacts e
                     WHERE e.child_id = c.child_id
                       AND e.known_date < date(c.as_of, '-{LAG} days')
                       AND e.contact_date < c.as_of
                       AND e.contact_date >= date(c.as_of, '-1095 days')) AS answer
        FROM cases c ORDER BY c.n
    """
    compare(ask(database, sql), built["child_days_since_contacts_1095d"])


def compare(answer, feature):
    observed = feature.notna().to_numpy()
    assert observed.sum() > 50
    assert np.nansum(answer[observed]) > 0
    np.testing.assert_array_equal(answer[observed], feature[observed].to_numpy(dtype=float))
