"""Issue C4: each planted defect is found when planted, and nothing is found when it is not."""

import pandas as pd
import pytest

from fs_risk.evaluation.leakage import audit_leakage
from fs_risk.evaluation.proxies import audit_proxies
from fs_risk.evaluation.recording import audit_recording
from fs_risk.features.build import build_features
from fs_risk.outcomes.cohorts import referral_cohort
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.households import household_keys
from fs_risk.records.lookup import looked_up
from fs_risk.records.probable_duplicates import probable_duplicates
from fs_risk.records.quality import lags
from fs_risk.records.quality_levels import level_changes
from fs_risk.records.quality_months import monthly_codes
from fs_risk.records.quality_teams import factors_by_team
from fs_risk.synthetic.authority import make_authority

pytestmark = pytest.mark.slow

SIZE = {"children": 5_000, "years": 5}
SEEDS = (0, 1, 2)
LATE_DAYS = 28
"""A ninetieth percentile of lags above this is late recording."""
GROUPS = {
    "W": "white",
    "M": "mixed",
    "A": "asian",
    "C": "asian",
    "B": "black",
    "O": "other",
}


def groups_of(records):
    children = records["children"]
    given = children["ethnicity"].where(~children["ethnicity"].isin(["NOBT", "REFU"]))
    return pd.Series(given.str[0].map(GROUPS).array, index=children["child_id"])


def late_tables(records):
    return {each.table for each in lags(records) if each.ninetieth > LATE_DAYS}


def teams_without_factors(records):
    found = factors_by_team(records)
    return set(found.loc[found["stands_out"], "team"])


def months_that_change(records, table="referrals"):
    found = monthly_codes(records, table, "source")
    return {month for month, _ in found.changed}


def groups_recorded_more(records):
    found = audit_recording(records, groups_of(records))
    return set(found.loc[found["recorded_more"], "group"])


def proxies(records):
    """The source of a referral as a model sees it, against the child's group."""
    referrals = records["referrals"]
    X = pd.get_dummies(referrals["source"], dtype=float)
    households = household_keys(records["children"], records["family_links"])
    found = audit_proxies(
        X,
        looked_up(referrals["child_id"], groups_of(records)),
        households=looked_up(referrals["child_id"], households).fillna(referrals["child_id"]),
    )
    return set(found.loc[found["proxy"], ["group", "feature"]].itertuples(index=False, name=None))


def suspicious_features(records):
    """Of the features that enough children have: with few, one of 200 ranks well by chance."""
    cohort = referral_cohort(records)
    X = build_features(records, cohort)
    label = label_outcome(records, cohort, outcome="cp_plan", within_days=365)["label"]
    known = X[label.notna()].notna().sum()
    found = audit_leakage(X[known.index[known >= 300]], label)
    return set(found.loc[found["suspicious"], "feature"])


@pytest.fixture(scope="module", params=SEEDS)
def sound(request):
    return make_authority(**SIZE, seed=request.param)


@pytest.mark.parametrize(
    "look",
    [
        late_tables,
        teams_without_factors,
        months_that_change,
        groups_recorded_more,
        proxies,
        suspicious_features,
        lambda records: set(probable_duplicates(records)["child_id"]),
        lambda records: {change.month for change in level_changes(records, "referrals")},
    ],
    ids=["late", "teams", "codes", "recording", "proxies", "leaks", "duplicates", "levels"],
)
def test_nothing_is_found_in_a_sound_authority(sound, look):
    assert look(sound) == set()


def planted(**defects):
    return make_authority(**SIZE, seed=3, defects=defects)


def test_late_recording_shows_in_the_lags():
    assert late_tables(planted(late_recording=0.3)) == {"contacts", "referrals", "assessments"}


def test_the_team_whose_factors_are_missing_stands_out():
    records = planted(missing_factors=0.5)
    rows = records.truth["defect_rows"].query("table == 'assessments'")
    assessments = records["assessments"].set_index("assessment_id")
    teams = records["referrals"].set_index("referral_id")["team"]
    damaged = set(teams.loc[assessments.loc[rows["row_id"], "referral_id"]])

    assert teams_without_factors(records) == damaged
    assert len(damaged) == 1


def test_a_group_recorded_more_for_the_same_truth_is_named():
    assert groups_recorded_more(planted(over_reporting=1.5)) == {"black"}


def test_a_code_that_tells_ethnicity_is_named():
    assert proxies(planted(ethnicity_proxy=0.7)) == {("asian", "8")}


def test_a_column_overwritten_with_the_outcome_ranks_too_well():
    records = planted(leaking_column=0.9)

    assert any("local_authority" in name for name in suspicious_features(records))


def test_the_miscoded_month_is_named():
    records = planted(miscoded_month=0.8)
    rows = records.truth["defect_rows"].query("table == 'contacts'")
    dates = records["contacts"].set_index("contact_id")["contact_date"]
    month = set(dates.loc[rows["row_id"]].dt.strftime("%Y-%m"))

    assert months_that_change(records, "contacts") == month


def test_children_under_two_identifiers_are_paired():
    records = planted(duplicate_children=0.3)
    rows = records.truth["defect_rows"].query("table == 'children'")
    true = set(zip(rows["was"], rows["row_id"], strict=True))
    found = probable_duplicates(records)
    pairs = set(zip(found["child_id"], found["later_child_id"], strict=True))

    assert pairs <= true
    assert len(pairs) > 0.9 * len(true)


def levels(records):
    return [(change.month, change.ratio) for change in level_changes(records, "referrals")]


def test_a_threshold_that_changed_is_dated():
    shocks = {"threshold": 0.6, "threshold_date": "2022-10-03"}
    found = levels(make_authority(children=20_000, years=5, seed=3, shocks=shocks))

    assert len(found) == 1
    month, ratio = found[0]
    assert "2022-08" <= month <= "2022-12"
    assert 0.5 < ratio < 0.7


def test_the_pandemic_is_dated_from_its_beginning_to_its_end():
    """The published dip, threefold: nine per cent of so few referrals is lost in chance."""
    found = levels(make_authority(children=20_000, years=8, seed=3, shocks={"covid": 3}))

    assert "2020-02" <= found[0][0] <= "2020-05"
    assert found[0][1] < 0.85
    assert "2022-06" <= found[-1][0] <= "2022-10"
    assert found[-1][1] > 1.15


def test_a_change_of_system_shows_in_codes_and_lags():
    records = make_authority(children=12_000, years=4, seed=3, shocks={"migration": "2023-06-01"})

    assert "2023-06" in months_that_change(records, "contacts")
    assert {"contacts", "referrals"} <= late_tables(records)
