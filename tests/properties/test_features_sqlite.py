"""Every windowed feature equals the same question asked in SQLite, written by hand.

The questions are about 5,000 cases: referrals, days in the middle of plans, care and
assessments, and days drawn at random, with an extract a week old.
"""

import sqlite3

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.measures import Factor as FACTOR

LAG = 7
N_CASES = 5_000

C, D, E = "known_date", "decision_known_date", "end_known_date"
AUTHORISED = ("assessments", "authorised_date", E)
NFA, TAKEN_UP = "e.no_further_action = 1", "e.no_further_action = 0"


def by(*sources):
    return f"e.source IN ({', '.join(repr(source) for source in sources)})"


def with_factor(*codes):
    said = ", ".join(repr(code) for code in codes)
    return f"e.assessment_id IN (SELECT assessment_id FROM factors WHERE code IN ({said}))"


# stream: table, event date, clock, condition, and what it must soon follow
STREAMS = {
    "contacts": ("contacts", "contact_date", C, "1"),
    "contacts_police": ("contacts", "contact_date", C, by("6")),
    "contacts_school": ("contacts", "contact_date", C, by("2A", "2B")),
    "contacts_health": ("contacts", "contact_date", C, by("3A", "3B", "3C", "3D", "3E", "3F")),
    "contacts_individual": ("contacts", "contact_date", C, by("1A", "1B", "1C", "1D")),
    "contacts_local_authority": ("contacts", "contact_date", C, by("5A", "5B", "5C", "5D")),
    "contacts_other": ("contacts", "contact_date", C, by("4", "7", "8", "9", "10")),
    "contacts_not_referred": ("contacts", "contact_date", D,
                              "e.outcome IN ('no_further_action', 'information')"),
    "contacts_referred": ("contacts", "contact_date", D, "e.outcome = 'referral'"),
    "contacts_to_early_help": ("contacts", "contact_date", D, "e.outcome = 'early_help'"),
    "contacts_police_again": ("contacts", "contact_date", C, by("6"), "contacts_police", 90),
    "early_help_starts": ("early_help", "start_date", C, "1"),
    "early_help_ends": ("early_help", "end_date", E, "1"),
    "referrals": ("referrals", "referral_date", C, "1"),
    "referrals_police": ("referrals", "referral_date", C, by("6")),
    "referrals_school": ("referrals", "referral_date", C, by("2A", "2B")),
    "referrals_health": ("referrals", "referral_date", C, by("3A", "3B", "3C", "3D", "3E", "3F")),
    "referrals_individual": ("referrals", "referral_date", C, by("1A", "1B", "1C", "1D")),
    "referrals_local_authority": ("referrals", "referral_date", C, by("5A", "5B", "5C", "5D")),
    "referrals_other": ("referrals", "referral_date", C, by("4", "7", "8", "9", "10")),
    "referrals_nfa": ("referrals", "referral_date", D, NFA),
    "referrals_accepted": ("referrals", "referral_date", D, TAKEN_UP),
    "referral_closures": ("referrals", "close_date", E, "1"),
    "closures_after_assessment": ("referrals", "close_date", E, "e.close_reason IN ('RC8', 'RC9')"),
    "referrals_again": ("referrals", "referral_date", C, "1", "referrals", 365),
    "referrals_after_nfa": ("referrals", "referral_date", C, "1", "referrals_nfa", 365),
    "referrals_after_closure": ("referrals", "referral_date", C, "1", "referral_closures", 365),
    "referrals_soon_after_closure": ("referrals", "referral_date", C, "1", "referral_closures", 90),
    "referrals_after_early_help": ("referrals", "referral_date", C, "1", "early_help_ends", 180),
    "assessments": (*AUTHORISED, "1"),
    "assessments_late": (*AUTHORISED, "working_days(e.start_date, e.authorised_date) > 45"),
    "section47": ("section47", "start_date", C, "1"),
    "section47_again": ("section47", "start_date", C, "1", "section47", 365),
    "section47_no_conference": ("section47", "end_date", E, "e.conference_needed = 0"),
    "section47_after_plan": ("section47", "start_date", C, "1", "cp_plan_ends", 365),
    "conferences": ("conferences", "conference_date", C, "1"),
    "conferences_late": ("conferences", "conference_date", C,
                         "working_days(e.target_date, e.conference_date) > 0"),
    "cin_plans": ("cin_plans", "start_date", C, "1"),
    "cp_plan_starts": ("cp_plans", "start_date", C, "1"),
    "cp_plan_starts_neglect": ("cp_plans", "start_date", C, "e.initial_category = 'NEG'"),
    "cp_plan_starts_emotional": ("cp_plans", "start_date", C, "e.initial_category = 'EMO'"),
    "cp_plan_starts_physical": ("cp_plans", "start_date", C, "e.initial_category = 'PHY'"),
    "cp_plan_starts_sexual": ("cp_plans", "start_date", C, "e.initial_category = 'SAB'"),
    "cp_plan_starts_multiple": ("cp_plans", "start_date", C, "e.initial_category = 'MUL'"),
    "cp_plan_ends": ("cp_plans", "end_date", E, "1"),
    "cp_plans_repeated": ("cp_plans", "start_date", C, "1", "cp_plan_ends", 730),
    "pre_proceedings": ("pre_proceedings", "start_date", C, "1"),
    "care_starts": ("care_periods", "start_date", C, "1"),
    "care_ends": ("care_periods", "end_date", E, "1"),
    "care_returns_failed": ("care_periods", "start_date", C, "1", "care_ends", 365),
    "missing": ("missing_episodes", "start_date", C, "1"),
    "missing_again": ("missing_episodes", "start_date", C, "1", "missing", 90),
    "domestic_abuse_household": (*AUTHORISED, with_factor("3A", "3B", "3C")),
    "substances_household": (*AUTHORISED, with_factor("1B", "1C", "2B", "2C")),
    "mental_health_parent": (*AUTHORISED, with_factor("4B")),
    "mental_health_child": (*AUTHORISED, with_factor("4A", "15A")),
    "neglect": (*AUTHORISED, with_factor("16A")),
    "emotional_abuse": (*AUTHORISED, with_factor("17A")),
    "physical_abuse": (*AUTHORISED, with_factor("18A", "18B", "18C")),
    "sexual_abuse": (*AUTHORISED, with_factor("19A", "19B", "19C")),
    "behaviour_child": (*AUTHORISED, with_factor("14A")),
    "young_carer": (*AUTHORISED, with_factor("7A")),
    "outside_home": (*AUTHORISED, with_factor("10A", "11A", "12A", "13A", "24A")),
    "other_need": (*AUTHORISED, with_factor("20")),
    "assessments_with_factors": (*AUTHORISED, """EXISTS (SELECT 1 FROM factors f
        WHERE f.assessment_id = e.assessment_id AND f.code NOT IN ('9A', '22A', '23A'))"""),
    "cp_plan_starts_after_earlier": ("cp_plans", "start_date", C, "e.previous_plans > 0"),
    "mental_health_other": (*AUTHORISED, with_factor("4C")),
    **{
        f"{area}_{whom}": (*AUTHORISED, with_factor(f"{digit}{letter}"))
        for digit, area in ((1, "alcohol"), (2, "drugs"), (3, "domestic_abuse"))
        for letter, whom in (("A", "child"), ("B", "parent"), ("C", "other"))
    },
}  # fmt: skip
WHO = [
    f"{area}_{whom}"
    for area in ("alcohol", "drugs", "domestic_abuse", "mental_health")
    for whom in ("child", "parent", "other")
]
EACH = (30, 90, 180, 365, 1095)

COUNTS = {
    "contacts": EACH, "contacts_police": EACH, "contacts_school": EACH, "contacts_health": EACH,
    "contacts_individual": EACH, "contacts_local_authority": EACH, "contacts_other": EACH,
    "contacts_police_again": (365,), "contacts_not_referred": EACH, "contacts_referred": EACH,
    "contacts_to_early_help": EACH,
    "referrals": (90, 180, 365, 730, 1095), "referrals_police": (1095,),
    "referrals_nfa": (365, 730), "closures_after_assessment": (730,), "referrals_again": (1095,),
    "referrals_after_nfa": (1095,), "referrals_after_closure": (1095,),
    "referrals_soon_after_closure": (1095,), "referrals_after_early_help": (1095,),
    "assessments": (365, 1095), "assessments_late": (1095,), "cin_plans": (1095,),
    "section47": (180, 365, 1095), "section47_again": (1095,), "section47_no_conference": (1095,),
    "section47_after_plan": (1095,), "conferences": (1095,), "conferences_late": (1095,),
    "cp_plan_starts": (365, 1095, 1825), "cp_plan_starts_neglect": (1825,),
    "cp_plan_starts_emotional": (1825,), "cp_plan_starts_physical": (1825,),
    "cp_plan_starts_sexual": (1825,), "cp_plan_starts_multiple": (1825,),
    "cp_plans_repeated": (1825,), "pre_proceedings": (1095,),
    "care_starts": (1095, 1825), "care_returns_failed": (1825,), "missing": (90, 365),
    "missing_again": (365,), "early_help_starts": (365, 1095), "early_help_ends": (365,),
    "domestic_abuse_household": (1095,), "substances_household": (1095,),
    **dict.fromkeys(WHO, (1095,)),
}  # fmt: skip
SIBLING_COUNTS = {
    "contacts": 365, "referrals": 365, "section47": 365, "cp_plan_starts": 1095,
    "cp_plans_repeated": 1825, "pre_proceedings": 1825, "care_starts": 1825, "missing": 365,
    "early_help_ends": 1095,
    "domestic_abuse_household": 1095, "substances_household": 1095, "mental_health_parent": 1095,
}  # fmt: skip
HOUSEHOLD_COUNTS = {
    "contacts": (90, 365, 1095), "referrals": (90, 365, 1095), "assessments": (365, 1095),
    "section47": (365, 1095), "cp_plan_starts": (1095,),
}  # fmt: skip
FOUND = (
    *WHO, "neglect", "emotional_abuse", "physical_abuse", "sexual_abuse", "behaviour_child",
    "young_carer", "outside_home", "other_need",
)  # fmt: skip
SHARES = {
    **dict.fromkeys(FOUND, "assessments_with_factors"),
    **{f"cp_plan_starts_{of}": "cp_plan_starts"
       for of in ("neglect", "emotional", "physical", "sexual", "multiple", "after_earlier")},
    **{f"{stream}_{by}": stream for stream in ("contacts", "referrals")
       for by in ("police", "school", "health", "individual", "local_authority", "other")},
}  # fmt: skip
SINCE = {
    "contacts": 1095, "referrals": 1095, "referral_closures": 1095, "referrals_nfa": 1095,
    "assessments": 1095, "section47": 1095, "conferences": 1825, "cp_plan_ends": 1825,
    "cp_plan_starts": 1825, "care_ends": 1825, "missing": 1095, "early_help_ends": 1095,
    "domestic_abuse_household": 1825, "substances_household": 1825, **dict.fromkeys(WHO, 1825),
    "pre_proceedings": 1825, "care_starts": 1825, "cin_plans": 1095,
}  # fmt: skip
WEIGHTED = {
    "contacts": 180, "referrals": 365, "section47": 365, "domestic_abuse_household": 365,
    "substances_household": 365, "mental_health_parent": 365,
}  # fmt: skip
SOURCES = ("police", "school", "health", "individual", "local_authority", "other")
DISTINCT = {
    "child_contact_sources_365d": ([f"contacts_{by}" for by in SOURCES], 365, 1),
    "child_contact_sources_returning_365d": ([f"contacts_{by}" for by in SOURCES], 365, 2),
    "child_referral_sources_1095d": ([f"referrals_{by}" for by in SOURCES], 1095, 1),
    "child_cp_plan_categories_1825d": (
        [
            f"cp_plan_starts_{of}"
            for of in ("neglect", "emotional", "physical", "sexual", "multiple")
        ],
        1825,
        1,
    ),
}  # fmt: skip
SINCE_RESET = {
    "child_contacts_since_referral_365d": ("contacts", ["referrals"], 365, 1),
    "child_referrals_nfa_run_1095d": ("referrals_nfa", ["referrals_accepted"], 1095, 1),
    "child_early_help_kept_1095d": ("early_help_ends", ["referrals"], 1095, 180),
    "child_closures_kept_1095d": ("referral_closures", ["referrals"], 1095, 180),
    "child_cp_plan_ends_kept_1825d": (
        "cp_plan_ends",
        ["section47", "cp_plan_starts", "pre_proceedings", "care_starts"],
        1825,
        180,
    ),
    "child_care_ends_kept_1825d": (
        "care_ends", ["cp_plan_starts", "pre_proceedings", "care_starts"], 1825, 180,
    ),
}  # fmt: skip
OPEN_DAYS = {
    "child_episode_days_1095d": ("referrals", "referral_date", D, "close_date", TAKEN_UP, 1095),
    "child_cin_plan_days_1095d": ("cin_plans", "start_date", C, "end_date", "1", 1095),
    "child_cp_plan_days_1825d": ("cp_plans", "start_date", C, "end_date", "1", 1825),
    "child_pre_proceedings_days_1825d": ("pre_proceedings", "start_date", C, "end_date", "1", 1825),
    "child_care_days_1825d": ("care_periods", "start_date", C, "end_date", "1", 1825),
    "child_missing_days_365d": ("missing_episodes", "start_date", C, "end_date", "1", 365),
    "child_early_help_days_1095d": ("early_help", "start_date", C, "end_date", "1", 1095),
}
STEPS = ("referrals", "referrals_accepted", "section47", "cp_plan_starts", "pre_proceedings",
         "care_starts")  # fmt: skip
NEVER_OR_RARE = {"child_conferences_late_1095d", "child_care_returns_failed_1825d"}
"""Its conferences are held on the day they are due, and few returns home fail."""


@pytest.fixture(scope="module")
def authority(small_authority):
    """The small authority with missing episodes, some of them overlapping."""
    contacts = small_authority["contacts"]
    away = contacts.sample(1_500, random_state=1).reset_index(drop=True)
    start = away["contact_date"] + pd.Timedelta(days=3)
    frame = pd.DataFrame(
        {
            "missing_id": "M" + away.index.astype(str),
            "child_id": away["child_id"],
            "start_date": start,
            "end_date": start + pd.to_timedelta(away.index % 40, unit="D"),
        }
    )
    coverage = {
        name: window and (window.observed_from, window.observed_to)
        for name, window in small_authority.coverage.items()
    }
    return fs.Records.from_frames(
        {**{name: small_authority[name] for name in small_authority}, "missing_episodes": frame},
        extract_date=small_authority.extract_date,
        coverage=coverage,
    )


@pytest.fixture(scope="module")
def cohort(authority):
    """Days of referrals, days while something is open, and days drawn at random."""
    parts = [authority["referrals"].rename(columns={"referral_date": "as_of"})]
    for name, shift in (("cp_plans", 40), ("care_periods", 20), ("assessments", 75),
                        ("early_help", 400), ("missing_episodes", 12)):  # fmt: skip
        frame = authority[name]
        parts.append(frame.assign(as_of=frame["start_date"] + pd.Timedelta(days=shift)))
    drawn = authority["contacts"].sample(3_000, random_state=2)
    shifts = pd.to_timedelta(np.random.default_rng(0).integers(-900, 900, 3_000), unit="D")
    parts.append(drawn.assign(as_of=drawn["contact_date"] + shifts))
    cases = pd.concat([part[["child_id", "as_of"]] for part in parts], ignore_index=True).dropna()
    cases = cases[cases["as_of"] <= authority.extract_date]
    cases = cases.sample(N_CASES, random_state=0).reset_index(drop=True)
    return cases.assign(
        case_id="case" + cases.index.astype(str),
        as_of=cases["as_of"].astype("datetime64[s]"),
        source=None,
    )


@pytest.fixture(scope="module")
def built(authority, cohort):
    return fs.build_features(authority, cohort, lag_days=LAG)


def _working_days(first, last):
    """Ask numpy with the holidays library, row by row."""
    from fs_risk.records.dates import working_calendar

    if first is None or last is None:
        return None
    day = np.timedelta64(1, "D")
    return int(
        np.busday_count(
            np.datetime64(first) + day, np.datetime64(last) + day, busdaycal=working_calendar()
        )
    )


@pytest.fixture(scope="module")
def database(authority, cohort):
    """One table for each stream: who, on which day, known when."""
    connection = sqlite3.connect(":memory:")
    connection.create_function("working_days", 2, _working_days, deterministic=True)
    connection.create_function("half", 2, lambda age, life: 0.5 ** (age / life), deterministic=True)
    for name in (*authority,):
        frame = authority[name]
        for column in frame.columns[frame.dtypes.astype("str").str.startswith("datetime")]:
            frame[column] = frame[column].dt.strftime("%Y-%m-%d")
        for column in frame.columns[frame.dtypes.astype("str") == "boolean"]:
            frame[column] = frame[column].astype("Int64")
        frame.astype("object").where(frame.notna(), None).to_sql(name, connection, index=False)
    cases = cohort.assign(
        n=range(len(cohort)),
        as_of=cohort["as_of"].dt.strftime("%Y-%m-%d"),
        cut=(cohort["as_of"] - pd.Timedelta(days=LAG)).dt.strftime("%Y-%m-%d"),
    )
    cases.astype("object").to_sql("cases", connection, index=False)
    for name in sorted(STREAMS, key=lambda name: len(STREAMS[name])):
        table, date, clock, condition, *after = STREAMS[name]
        known = f"MAX(e.known_date, e.{clock})"
        if after:
            known = f"""MAX(e.known_date, e.{clock}, (SELECT MIN(f.known) FROM s_{after[0]} f
                        WHERE f.child_id = e.child_id AND f.day < e.{date}
                          AND f.day >= date(e.{date}, '-{after[1]} days')))"""
        connection.execute(
            f"""CREATE TABLE s_{name} AS SELECT child_id, day, MIN(known) AS known FROM
                (SELECT e.child_id, e.{date} AS day, {known} AS known FROM {table} e
                 WHERE {condition} AND e.{date} IS NOT NULL)
                WHERE known IS NOT NULL GROUP BY child_id, day"""
        )
        connection.execute(f"CREATE INDEX i_{name} ON s_{name} (child_id, day)")
    # what each case sees of its siblings, by the links known to it
    connection.execute(
        """CREATE TABLE theirs AS SELECT DISTINCT c.n, c.as_of, c.cut, t.child_id FROM cases c
           JOIN family_links own ON own.child_id = c.child_id
           JOIN family_links t ON t.family_id = own.family_id AND t.child_id <> c.child_id
           WHERE (t.known_date IS NULL OR t.known_date < c.cut)
             AND (own.known_date IS NULL OR own.known_date < c.cut)"""
    )
    connection.execute("CREATE INDEX i_theirs ON theirs (n)")
    connection.execute(
        """CREATE TABLE household AS SELECT n, child_id FROM theirs
           UNION SELECT n, child_id FROM cases"""
    )
    connection.execute("CREATE INDEX i_household ON household (n)")
    yield connection
    connection.close()


def seen(stream, days, low=0):
    """Write which days of a stream a case sees, at ages from low + 1 to days."""
    return f"""s_{stream} e WHERE e.child_id = c.child_id AND e.known < c.cut
               AND e.day < date(c.as_of, '-{low} days')
               AND e.day >= date(c.as_of, '-{days} days')"""


def ask(database, built, answers):
    """Ask all questions of one kind at once and compare each with its feature."""
    columns = ", ".join(f"({sql}) AS {name}" for name, sql in answers.items())
    found = pd.read_sql_query(f"SELECT c.n, {columns} FROM cases c ORDER BY c.n", database)
    for name in answers:
        compare(found[name].to_numpy(dtype=float), built[name])


def compare(answer, feature):
    value = feature.to_numpy(dtype=float)
    missing = np.isnan(value)
    spec = next(spec for spec in CATALOGUE if spec.name == feature.name)
    if any(word in feature.name for word in ("since", "gap", "share")):
        # a missing value is either not observed or no event: the answer says which
        asked = ~missing
        assert np.isnan(answer[missing & observed(spec)]).all(), feature.name
    else:
        asked = observed(spec)
        assert not missing[asked].any(), feature.name
        assert missing[~asked].all(), feature.name
    assert asked.sum() > 20, feature.name
    some = np.nansum(np.abs(answer[asked])) > 0
    assert some or feature.name in NEVER_OR_RARE, feature.name
    np.testing.assert_allclose(answer[asked], value[asked], rtol=2e-6, err_msg=feature.name)


def observed(spec):
    return WINDOWS[spec.name]


WINDOWS: dict[str, np.ndarray] = {}


@pytest.fixture(scope="module", autouse=True)
def windows(authority, cohort):
    """Which cases have each feature's window observed, from the stated coverage."""
    for spec in CATALOGUE:
        whole = np.ones(len(cohort), dtype=bool)
        for table in spec.sources:
            window = authority.coverage[table]
            first = cohort["as_of"] - pd.Timedelta(days=spec.observed_days)
            whole &= (first >= window.observed_from).to_numpy()
        WINDOWS[spec.name] = whole


def test_counts_equal_sql(database, built):
    ask(
        database,
        built,
        {
            f"child_{stream}_{days}d": f"SELECT COUNT(*) FROM {seen(stream, days)}"
            for stream, windows in COUNTS.items()
            for days in windows
        },
    )


def seen_of_siblings(stream, days):
    return f"""theirs t JOIN s_{stream} e ON e.child_id = t.child_id WHERE t.n = c.n
               AND e.known < c.cut AND e.day < c.as_of
               AND e.day >= date(c.as_of, '-{days} days')"""


def test_siblings_features_equal_sql(database, built):
    trio = ("domestic_abuse_household", "substances_household", "mental_health_parent")
    answers = {
        f"siblings_{stream}_{days}d": "SELECT COUNT(DISTINCT e.day) FROM "
        + seen_of_siblings(stream, days)
        for stream, days in SIBLING_COUNTS.items()
    }
    answers["siblings_days_since_referrals_1095d"] = (
        "SELECT julianday(c.as_of) - julianday(MAX(e.day)) FROM "
        + seen_of_siblings("referrals", 1095)
    )
    answers["siblings_referrals_weighted_1825d"] = (
        "SELECT COALESCE(SUM(half(julianday(c.as_of) - julianday(day), 365)), 0) FROM "
        f"(SELECT DISTINCT e.day FROM {seen_of_siblings('referrals', 1825)})"
    )
    answers["siblings_trio_areas_1095d"] = " + ".join(
        f"(SELECT COUNT(*) > 0 FROM {seen_of_siblings(stream, 1095)})" for stream in trio
    ).join(("SELECT ", ""))
    for stream in trio:
        answers[f"siblings_only_{stream}_1095d"] = (
            f"SELECT (SELECT COUNT(*) > 0 FROM {seen_of_siblings(stream, 1095)})"
            f" AND (SELECT COUNT(*) = 0 FROM {seen(stream, 1095)})"
        )
    ask(database, built, answers)


def seen_of_household(stream, days):
    return f"""household t JOIN s_{stream} e ON e.child_id = t.child_id WHERE t.n = c.n
               AND e.known < c.cut AND e.day < c.as_of
               AND e.day >= date(c.as_of, '-{days} days')"""


def test_counts_of_the_household_equal_sql(database, built):
    answers = {
        f"household_{stream}_{days}d": "SELECT COUNT(DISTINCT e.day) FROM "
        + seen_of_household(stream, days)
        for stream, windows in HOUSEHOLD_COUNTS.items()
        for days in windows
    }
    ask(database, built, answers)


def test_shares_equal_sql(database, built):
    share = "SELECT 100.0 * (SELECT {0} FROM {1}) / NULLIF((SELECT {0} FROM {2}), 0)"
    answers = {
        f"household_{stream}_share_1825d": share.format(
            "COUNT(DISTINCT e.day)", seen_of_household(stream, 1825), seen_of_household(of, 1825)
        )
        for stream, of in SHARES.items()
    }
    answers["child_cp_plan_starts_after_earlier_share_1825d"] = share.format(
        "COUNT(*)", seen("cp_plan_starts_after_earlier", 1825), seen("cp_plan_starts", 1825)
    )
    ask(database, built, answers)


def test_days_since_equal_sql(database, built):
    since = "SELECT julianday(c.as_of) - julianday({}(e.day)) FROM {}"
    answers = {
        f"child_days_since_{stream}_{days}d": since.format("MAX", seen(stream, days))
        for stream, days in SINCE.items()
    }
    for stream in ("contacts", "referrals"):
        name = f"child_days_since_first_{stream}_1825d"
        answers[name] = since.format("MIN", seen(stream, 1825))
    ask(database, built, answers)


def test_weights_gaps_and_changes_equal_sql(database, built):
    answers = {
        f"child_{stream}_weighted_1825d": "SELECT COALESCE(SUM(half(julianday(c.as_of) - "
        f"julianday(e.day), {life})), 0) FROM {seen(stream, 1825)}"
        for stream, life in WEIGHTED.items()
    }
    for name, stream, days in (("child_contacts_mean_gap_730d", "contacts", 730),
                               ("child_referrals_mean_gap_1825d", "referrals", 1825)):  # fmt: skip
        answers[name] = (
            "SELECT CASE WHEN COUNT(*) > 1 THEN (julianday(MAX(e.day)) - julianday(MIN(e.day))) "
            f"/ (COUNT(*) - 1) END FROM {seen(stream, days)}"
        )
    answers["child_contacts_longest_gap_1095d"] = (
        "SELECT MAX(gap) FROM (SELECT julianday(e.day) - julianday(LAG(e.day) OVER "
        f"(ORDER BY e.day)) AS gap FROM {seen('contacts', 1095)})"
    )
    for stream, recent in (("contacts", 90), ("referrals", 365)):
        answers[f"child_{stream}_change_{2 * recent}d"] = (
            f"SELECT (SELECT COUNT(*) FROM {seen(stream, recent)})"
            f" - (SELECT COUNT(*) FROM {seen(stream, 2 * recent, recent)})"
        )
    ask(database, built, answers)


def test_distinct_kinds_equal_sql(database, built):
    ask(
        database,
        built,
        {
            name: "SELECT "
            + " + ".join(f"(SELECT COUNT(*) >= {n} FROM {seen(s, days)})" for s in streams)
            for name, (streams, days, n) in DISTINCT.items()
        },
    )


def latest_of(streams):
    """Write the latest day on which any of some streams had an event a case sees."""
    days = " UNION ALL ".join(f"SELECT e.day FROM {seen(stream, 20000)}" for stream in streams)
    return f"(SELECT MAX(day) FROM ({days}))"


def test_counts_since_something_else_equal_sql(database, built):
    ask(
        database,
        built,
        {
            name: f"SELECT COUNT(*) FROM {seen(stream, days, least - 1)}"
            f" AND e.day > COALESCE({latest_of(resets)}, '')"
            for name, (stream, resets, days, least) in SINCE_RESET.items()
        },
    )


def test_days_without_a_concern_equal_sql(database, built):
    concerns = ("contacts", "referrals", "section47", "cp_plan_starts", "pre_proceedings",
                "care_starts", "missing")  # fmt: skip
    sql = f"SELECT MIN(1095, COALESCE(julianday(c.as_of) - julianday({latest_of(concerns)}), 1095))"

    ask(database, built, {"child_days_without_concern_1095d": sql})


def furthest(days, low=0):
    steps = reversed(list(enumerate(STEPS, start=1)))
    whens = " ".join(
        f"WHEN EXISTS (SELECT 1 FROM {seen(stream, days, low)}) THEN {n}" for n, stream in steps
    )
    return f"CASE {whens} ELSE 0 END"


def test_furthest_steps_equal_sql(database, built):
    ask(
        database,
        built,
        {
            "child_furthest_step_365d": f"SELECT {furthest(365)}",
            "child_furthest_step_1825d": f"SELECT {furthest(1825)}",
            "child_step_change_1095d": f"SELECT ({furthest(365)}) - ({furthest(1095, 365)})",
        },
    )


@pytest.mark.parametrize("name", OPEN_DAYS)
def test_days_open_equal_sql(name, database, built):
    """Counted day by day, so that spells that overlap count once."""
    table, start, clock, end, condition, days = OPEN_DAYS[name]
    sql = f"""
        WITH RECURSIVE back(d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM back WHERE d < {days}),
        spells AS (
            SELECT c.n, julianday(c.as_of) AS day, julianday(e.{start}) AS first,
                   CASE WHEN e.end_known_date < c.cut THEN julianday(e.{end})
                        ELSE julianday(c.as_of) END AS last
            FROM cases c JOIN {table} e ON e.child_id = c.child_id
            WHERE MAX(e.known_date, e.{clock}) < c.cut AND e.{start} < c.as_of AND {condition})
        SELECT n, COUNT(DISTINCT back.d) AS answer FROM spells
        JOIN back ON back.d BETWEEN MAX(day - last + 1, 1) AND day - first
        GROUP BY n
    """
    found = pd.read_sql_query(sql, database).set_index("n")["answer"]
    compare(found.reindex(range(N_CASES), fill_value=0).to_numpy(dtype=float), built[name])


@pytest.mark.parametrize(
    ("name", "table", "start", "clock", "condition"),
    [
        ("child_cp_plan_open", "cp_plans", "start_date", C, "1"),
        ("child_cin_plan_open", "cin_plans", "start_date", C, "1"),
        ("child_care_open", "care_periods", "start_date", C, "1"),
        ("child_pre_proceedings_open", "pre_proceedings", "start_date", C, "1"),
        ("child_section47_open", "section47", "start_date", C, "1"),
        ("child_assessment_open", "assessments", "start_date", C, "1"),
        ("child_early_help_open", "early_help", "start_date", C, "1"),
        ("child_episode_open", "referrals", "referral_date", D, TAKEN_UP),
    ],
)
def test_open_spells_equal_sql(name, table, start, clock, condition, database, built):
    sql = f"""SELECT COUNT(*) FROM {table} e WHERE e.child_id = c.child_id AND {condition}
              AND MAX(e.known_date, e.{clock}) < c.cut AND e.{start} < c.as_of
              AND (e.end_known_date IS NULL OR e.end_known_date >= c.cut)"""

    ask(database, built, {name: sql})


def test_every_windowed_feature_was_asked():
    """Factor states have oracles of their own; everything else with a window is above."""
    asked = {f"child_{stream}_{days}d" for stream, own in COUNTS.items() for days in own}
    asked |= {f"siblings_{stream}_{days}d" for stream, days in SIBLING_COUNTS.items()}
    asked |= {f"household_{stream}_{days}d" for stream, own in HOUSEHOLD_COUNTS.items()
              for days in own}  # fmt: skip
    asked |= {f"household_{stream}_share_1825d" for stream in SHARES}
    asked |= {"child_cp_plan_starts_after_earlier_share_1825d"}
    asked |= {f"child_days_since_{stream}_{days}d" for stream, days in SINCE.items()}
    asked |= {f"child_days_since_first_{stream}_1825d" for stream in ("contacts", "referrals")}
    asked |= {f"child_{stream}_weighted_1825d" for stream in WEIGHTED}
    asked |= {*DISTINCT, *SINCE_RESET, *OPEN_DAYS}
    asked |= {"child_furthest_step_365d", "child_furthest_step_1825d", "child_step_change_1095d",
              "child_days_without_concern_1095d", "child_contacts_mean_gap_730d",
              "child_referrals_mean_gap_1825d", "child_contacts_longest_gap_1095d",
              "child_contacts_change_180d", "child_referrals_change_730d",
              "siblings_days_since_referrals_1095d", "siblings_referrals_weighted_1825d",
              "siblings_trio_areas_1095d"}  # fmt: skip
    asked |= {f"siblings_only_{stream}_1095d" for stream in ("domestic_abuse_household",
              "substances_household", "mental_health_parent")}  # fmt: skip
    windowed = {s.name for s in CATALOGUE if s.window_days and not isinstance(s.measure, FACTOR)}

    assert windowed == asked
