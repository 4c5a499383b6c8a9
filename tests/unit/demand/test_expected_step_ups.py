"""Expected step-ups: totals of scores, nobody named, small cells hidden, flows beside them."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.demand.caseload_extract import as_extract
from fs_risk.demand.caseload_flows import fit_flows
from fs_risk.demand.expected import expected_step_ups
from fs_risk.demand.expected_cells import ALL, OpenScores, band, summed
from fs_risk.demand.expected_flow import flow_step_ups
from fs_risk.errors import OutcomeError, PlanError

ON = "2024-02-01"


@pytest.fixture(scope="module")
def records(small_authority):
    return small_authority


@pytest.fixture(scope="module")
def model(open_model):
    return open_model


@pytest.fixture(scope="module")
def found(model, records):
    return expected_step_ups(model, records, on=ON, n_paths=60)


def test_total_is_the_sum_of_the_scores_in_scope(model, records, found):
    cohort = fs.open_case_cohort(records, on=ON)
    labels = fs.label_outcome(records, cohort, outcome="step_up")
    inside = labels["reason"].isin(["", "decided at once", "left the area", "adopted", "immature"])
    built = fs.build_features(records, cohort[inside], lag_days=7)
    probability = model.predict_proba(built[list(model.feature_names)])[:, 1]
    total = found.table.iloc[0]

    assert (total["tier"], total["team"]) == (ALL, ALL)
    assert np.isclose(total["expected"], probability.sum())
    assert total["cases"] == inside.sum()
    assert total["lo-95"] < total["lo-80"] < total["expected"] < total["hi-80"] < total["hi-95"]


def test_months_add_up_to_the_total(found):
    assert len(found.months) == 12
    assert np.isclose(found.months["expected"].sum(), found.table["expected"].iloc[0])
    assert (found.months["expected"] >= 0).all()


def test_nobody_is_named(records, found):
    """G11: no person-level output on the path of demand."""
    ids = set(records["children"]["child_id"]) | set(records["referrals"]["referral_id"])
    for frame in (found.table, found.months, found.departure):
        text = frame.select_dtypes(exclude="number").astype(str).to_numpy().ravel()
        assert not ids & set(text)
        assert "child_id" not in frame
    shown = found.table[~found.table["hidden"]]
    assert (shown["cases"] > 5).all()
    assert found.table.loc[found.table["hidden"], ["cases", "expected"]].isna().all(axis=None)


def test_departure_from_the_flows_is_shown_with_its_reasons(found):
    departure = found.departure.set_index("tier")

    assert (departure["flow_lo-95"] <= departure["flow_hi-95"]).sum() >= 1
    shown = departure["expected"].notna()
    difference = departure["expected"] - departure["flow"]
    assert np.allclose(difference[shown], departure["difference"][shown])
    inside = departure["expected"].between(departure["flow_lo-95"], departure["flow_hi-95"])
    assert (departure["why"] == "within the flow model's 95 % band")[shown].equals(inside[shown])


def test_it_says_that_it_is_synthetic(found):
    assert found.stamp == "SYNTHETIC "
    assert repr(found).startswith("SYNTHETIC. ExpectedStepUps")
    assert "open on: 2024-02" in repr(found)


def test_a_model_of_referrals_is_refused(records, model):
    other = model.plan.model_copy(update={"cohort": "referral"})
    facts = model.facts.model_copy(update={"plan": other})

    with pytest.raises(PlanError, match="about cases of kind 'referral', not open cases"):
        expected_step_ups(type(model)(facts, model.booster, model.replicas, model.candidates),
                          records, on=ON)  # fmt: skip


def test_an_outcome_that_is_no_step_up_is_refused(records, model):
    other = model.plan.model_copy(update={"outcome": "re_referral"})
    facts = model.facts.model_copy(update={"plan": other})

    with pytest.raises(PlanError, match="no move to a higher tier"):
        expected_step_ups(type(model)(facts, model.booster, model.replicas, model.candidates),
                          records, on=ON)  # fmt: skip


def test_a_day_not_observed_is_refused(records, model):
    with pytest.raises(OutcomeError, match="not observed"):
        expected_step_ups(model, records, on="2010-01-01")


def cells(counts):
    """Scores of a half each, by tier (from 2) and team."""
    tier, team = (
        np.concatenate([np.full(n, value) for (row, column), n in np.ndenumerate(counts)
                        for value in [(row + 2, f"team {column}")[axis]]])
        for axis in (0, 1)
    )  # fmt: skip
    n = len(tier)
    return OpenScores(np.full(n, 0.5), tier, team.astype(object), np.arange(n))


def test_a_small_cell_takes_others_with_it():
    table = summed(cells(np.array([[3, 40, 30], [50, 20, 60]])), 0.0)
    inside = table[(table["tier"] != ALL) & (table["team"] != ALL)]

    assert inside["hidden"].sum() == 4
    assert not table.loc[(table["tier"] == ALL) | (table["team"] == ALL), "hidden"].any()


def test_a_small_total_is_hidden_with_another():
    table = summed(cells(np.array([[3, 0], [50, 60], [40, 70]])), 0.0)
    tiers = table[(table["team"] == ALL) & (table["tier"] != ALL)].set_index("tier")["hidden"]

    assert tiers.to_dict() == {"2": True, "3": True, "4": False} or tiers.sum() == 2
    assert tiers["2"]


def test_five_cases_in_all_show_nothing():
    table = summed(cells(np.array([[5]])), 0.0)

    assert table["hidden"].all()


def test_band_holds_as_often_as_it_says():
    """Against draws: households that move together, and a rate that is out for all."""
    rng = np.random.default_rng(0)
    p, household = rng.uniform(0.02, 0.3, 600), np.repeat(np.arange(300), 2)
    p = p[household * 2]
    low, high = (band(p, household, 0.15)[name] for name in ("lo-95", "hi-95"))
    rate = np.exp(0.15 * rng.standard_normal(4_000) - 0.15**2 / 2)
    drawn = (rng.random((4_000, 300)) < rate[:, None] * p[::2]) * 2
    inside = (drawn.sum(axis=1) >= low) & (drawn.sum(axis=1) <= high)

    assert 0.93 < inside.mean() < 0.97
    assert band(np.zeros(3), np.arange(3), 0.1) == dict.fromkeys(
        ("lo-80", "hi-80", "lo-95", "hi-95"), 0.0
    )


def test_flows_count_a_case_once_and_only_up(records):
    model = fit_flows(as_extract(records, pd.Timestamp(ON)))
    found = flow_step_ups(model, lowest=None, horizon=6, n_paths=40, seed=0)
    to_care = flow_step_ups(model, lowest=5, horizon=6, n_paths=40, seed=0)
    at_risk = np.bincount(model.cases.tier, minlength=6)

    assert (found.by_tier <= at_risk).all()
    assert (found.by_tier.sum(axis=1) == found.by_month.sum(axis=1)).all()
    assert found.by_tier[:, [0, 1, 5]].sum() == 0
    assert to_care.by_tier.mean() < found.by_tier.mean()
    assert 0.3 < found.pace < 3
