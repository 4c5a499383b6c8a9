"""Families by need, and the staff they take: against counts by hand and closed forms."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.demand.caseload import forecast_caseload
from fs_risk.demand.caseload_paths import tier_paths
from fs_risk.demand.specialists import FamilyNeeds, family_needs, needs_on
from fs_risk.demand.staffing import StaffingPlan, staffing_needs
from fs_risk.errors import OutcomeError, SettingError
from fs_risk.features.streams import DOMESTIC_ABUSE_HOUSEHOLD
from fs_risk.records.households import household_keys

DS = np.array(["2025-04-01", "2025-05-01"], dtype="datetime64[s]")
DAY = np.array(["2025-04-01"], dtype="datetime64[D]")


@pytest.fixture(scope="module")
def records(borough):
    return borough


def test_need_is_on_the_latest_assessment_within_a_year(records):
    """By hand, for domestic abuse."""
    found = needs_on(records, DAY)
    day = pd.Timestamp("2025-04-01")
    assessments = records["assessments"]
    done = assessments[
        (assessments["authorised_date"] < day)
        & (assessments["end_known_date"] < day)
        & (assessments["authorised_date"] >= day - pd.Timedelta(days=365))
        & assessments["factors_recorded"].fillna(False).astype(bool)
    ].sort_values(["authorised_date", "assessment_id"])
    factors = records["factors"]
    with_abuse = set(factors.loc[factors["code"].isin(DOMESTIC_ABUSE_HOUSEHOLD), "assessment_id"])
    latest = done.drop_duplicates("child_id", keep="last").set_index("child_id")["assessment_id"]
    expected = [latest.get(child) in with_abuse for child in found["child_id"]]
    several = done.duplicated(["child_id", "authorised_date"], keep=False)
    told = ~found["child_id"].isin(done.loc[several, "child_id"]).to_numpy()

    assert found["domestic_abuse"].sum() > 5
    assert (found["domestic_abuse"].to_numpy() == expected)[told].all()
    known = found["child_id"].isin(latest.index).to_numpy()
    assert (found["not_known"].to_numpy() == ~known)[told].all()


def test_families_are_counted_once_on_their_highest_tier(records):
    paths = tier_paths(records)
    needs = family_needs(records, paths, DAY)
    found = needs_on(records, DAY)
    children = pd.DataFrame({"child_id": paths.children})
    family = household_keys(children, records["family_links"]).reindex(found["child_id"])
    tier = found["tier"].groupby(family.to_numpy()).max()
    children = found["tier"].value_counts()

    for at in (2, 3, 5):
        assert np.isclose(needs.per_child[at] * children[at], (tier == at).sum())
    assert needs.known.sum() <= len(tier)
    assert (needs.having <= needs.known[:, None]).all()


def test_shares_of_needs_are_those_of_families_assessed():
    needs = FamilyNeeds(
        per_child=np.full(6, 0.5), known=np.array([0, 0, 4_000, 0, 0, 0.0]),
        having=np.array([[0, 0, 0]] * 2 + [[1_600, 400, 800]] + [[0, 0, 0]] * 3, dtype=float),
    )  # fmt: skip
    stock = np.zeros((2_000, 1, 6), dtype=int)
    stock[:, :, 2] = 1_000
    drawn = needs.draw(stock, seed=0)[:, 0, 2]

    assert (drawn[:, 3] == 500).all()
    assert np.allclose(drawn[:, :3].mean(axis=0) / 500, [0.4, 0.1, 0.2], atol=0.01)
    # they overlap: nothing makes them add to one
    assert not np.isclose(drawn[:, :3].sum(axis=1) / 500, 1).any()


def test_specialist_demand_covers_each_need_and_all_families(borough_forecast):
    table = borough_forecast.specialists()
    first = table[table["ds"] == DS[0]].set_index("need")["mean"]

    assert set(first.index) == {"domestic_abuse", "substance_misuse", "mental_health", "all"}
    assert (first.drop("all") < first["all"]).all()


def test_without_assessments_needs_are_not_known(records):
    kept = fs.Records.from_frames(
        {"referrals": records["referrals"]},
        extract_date="2025-03-31",
        coverage={"referrals": ("2021-04-01", "2025-03-31")},
    )
    forecast = forecast_caseload(kept, horizon=2, n_paths=30, backtest=False)

    with pytest.raises(OutcomeError, match="needs are not known"):
        forecast.specialists()
    with pytest.raises(SettingError, match="Families and their needs are not known"):
        forecast.staffing(plan(need="domestic_abuse", counts="families"))


def plan(**changes):
    role = {"name": "worker", "weights": {2: 1.0, 3: 2.0}, "standard": 10.0} | changes
    return StaffingPlan(roles=[role])


def even_stock(n_paths=2_000):
    stock = np.zeros((n_paths, 2, 6), dtype=int)
    stock[:, 0, 2], stock[:, 0, 3] = 100, 50
    stock[:, 1, 2] = np.arange(n_paths) % 200
    return stock


def test_staff_is_weighted_cases_over_the_standard_and_those_at_work():
    table = staffing_needs(plan(vacancy=0.2, absence=0.5), even_stock(), None, DS)

    assert np.allclose(table.loc[0, ["fte_mean", "fte_median", "fte_hi-95"]].astype(float), 50.0)
    assert table.loc[0, "cases"] == 200
    assert np.isnan(table.loc[0, "chance_of_breach"])


def test_chance_of_breach_is_the_share_of_paths_beyond_those_in_post():
    table = staffing_needs(plan(in_post=15.0), even_stock(), None, DS)

    assert table["chance_of_breach"].to_list() == [1.0, 49 / 200]


def test_a_range_of_vacancy_widens_the_staff_needed():
    certain, range_ = (
        staffing_needs(plan(vacancy=share), even_stock(), None, DS) for share in (0.2, (0.1, 0.3))
    )

    assert certain.loc[0, "fte_hi-80"] == certain.loc[0, "fte_lo-80"]
    assert range_.loc[0, "fte_hi-80"] > range_.loc[0, "fte_lo-80"]


def test_specialists_count_families_with_their_need():
    families = np.zeros((10, 2, 6, 4), dtype=int)
    families[:, :, 2, 1], families[:, :, 2, 3] = 30, 90
    own = plan(need="substance_misuse", counts="families")
    everyone = plan(counts="families")

    assert staffing_needs(own, even_stock(10), families, DS).loc[0, "fte_median"] == 3.0
    assert staffing_needs(everyone, even_stock(10), families, DS).loc[0, "fte_median"] == 9.0


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"weights": {}}, "name no tier"),
        ({"weights": {7: 1}}, "name no tier"),
        ({"need": "poverty", "counts": "families"}, "There is no need 'poverty'"),
        ({"need": "domestic_abuse"}, "work with families"),
        ({"vacancy": 1.0}, "share of vacancy or absence"),
        ({"absence": (0.3, 0.1)}, "share of vacancy or absence"),
    ],
)
def test_an_impossible_role_is_refused(changes, match):
    with pytest.raises(SettingError, match=match):
        plan(**changes)
