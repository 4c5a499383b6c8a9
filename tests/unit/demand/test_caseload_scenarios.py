"""Scenarios change what they say and nothing else, and come back from their file the same."""

import numpy as np
import pytest
from pydantic import ValidationError

from drawn import authority
from fs_risk.demand.caseload import forecast_caseload
from fs_risk.demand.scenarios import Scenario
from fs_risk.demand.scenarios_factors import no_factors
from fs_risk.errors import SettingError

MONTHS = np.arange(663, 675)  # April 2025 to March 2026


@pytest.fixture(scope="module")
def forecast(borough_forecast):
    return borough_forecast


def at_end(comparison, tier):
    own = comparison[comparison["tier"] == str(tier)]
    return float(own["mean"].iloc[-1])


def test_a_scenario_without_changes_changes_nothing(forecast):
    same = forecast.under(Scenario(name="as it is"))

    assert (same.paths.stock == forecast.paths.stock).mean() > 0.5
    for tier in range(1, 6):
        assert abs(at_end(forecast.compare(same), tier)) < 3


def test_more_entries_mean_more_cases_from_that_day_on(forecast):
    more = forecast.under(
        Scenario(
            name="more",
            changes=[{"kind": "entry", "tier": 2, "multiply": 1.5, "start": "2025-10-01"}],
        )
    )
    apart = forecast.compare(more)
    need = apart[apart["tier"] == "2"]["mean"].to_numpy()

    assert np.abs(need[:6]).max() < 3
    assert need[-1] > 10
    assert not more.paths.unreconciled().any()


def test_children_added_each_month_are_that_many(forecast):
    more = forecast.under(
        Scenario(
            name="ten", changes=[{"kind": "entry", "tier": 5, "add": 10, "start": "2025-04-01"}]
        )
    )
    apart = (more.paths.entered - forecast.paths.entered)[:, :, 5].mean()

    assert abs(apart - 10) < 0.5


def test_a_rate_of_nothing_stops_the_move(forecast):
    stopped = forecast.under(
        Scenario(
            name="no plans",
            changes=[{"kind": "rate", "tier": 2, "to": 3, "multiply": 0, "start": "2025-04-01"}],
        )
    )

    assert stopped.paths.moves[:, :, 2, 3].sum() == 0
    assert at_end(forecast.compare(stopped), 3) < 0


def test_a_policy_grows_in_and_is_not_known_exactly():
    scenario = Scenario(
        name="adopt",
        changes=[
            {"kind": "policy", "what": "Family Safeguarding", "start": "2025-07-01",
             "rates": [(2, 3, 0.6, 0.9)], "months_to_full": 6}
        ],
    )  # fmt: skip
    factor = scenario.factors(MONTHS, 4_000, seed=0).move[:, :, 2, 3]

    assert (factor[:, :3] == 1).all()
    assert np.median(factor[:, 3]) > np.median(factor[:, 8])
    low, middle, high = np.quantile(factor[:, 8], [0.025, 0.5, 0.975])
    assert np.allclose([low, middle, high], [0.6, np.sqrt(0.54), 0.9], atol=0.015)
    assert (factor[:, 8] == factor[:, 11]).all()


def test_a_shock_keeps_children_away_and_some_come_back():
    scenario = Scenario(
        name="flood",
        changes=[
            {"kind": "shock", "tier": 2, "start": "2025-05-01", "end": "2025-06-30",
             "kept_away": 0.4, "rebound": 0.5, "rebound_months": 4}
        ],
    )  # fmt: skip
    usual = np.full((3_000, 12), 100)
    factors = scenario.factors(MONTHS, 3_000, seed=0)
    came = factors.entries(2, usual, np.random.default_rng(0)).mean(axis=0)

    # two months at 60, of 80 kept away half come over four months
    assert np.allclose(came, [100, 60, 60, 110, 110, 110, 110, *[100] * 5], atol=0.8)


def test_chances_still_add_to_one_whatever_the_factor():
    factors = no_factors(2, 1)
    factors.move[:, :, 2, 3] = 20.0
    share = np.zeros((2, 1, 1, 6))
    share[..., [0, 2, 3]] = [0.2, 0.7, 0.1]
    changed = factors.moves(2, 0, share)

    assert np.allclose(changed.sum(axis=-1), 1)
    assert (changed >= 0).all()
    assert changed[0, 0, 0, 2] == 0


def test_scenario_comes_back_from_its_file(tmp_path):
    scenario = Scenario(
        name="both",
        note="planning meeting",
        changes=[
            {"kind": "entry", "tier": 2, "multiply": 1.1, "start": "2025-04-01"},
            {"kind": "rate", "tier": 3, "to": 5, "multiply": 0.9, "start": "2025-04-01"},
            {"kind": "policy", "start": "2025-04-01", "entries": [(2, 0.9, 1.0)]},
            {"kind": "shock", "tier": 1, "start": "2025-04-01", "end": "2025-05-01",
             "kept_away": 0.1},
        ],
    )  # fmt: skip

    assert Scenario.load(scenario.save(tmp_path / "both.json")) == scenario


@pytest.mark.parametrize("text", ["", "{}", '{"name": "x", "changes": [{"kind": "other"}]}'])
def test_a_file_that_is_no_scenario_is_refused(tmp_path, text):
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingError, match="is not a scenario"):
        Scenario.load(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SettingError, match="of a scenario cannot be read"):
        Scenario.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"kind": "rate", "tier": 2, "to": 2, "multiply": 1, "start": "2025-04-01"}, "same tier"),
        ({"kind": "shock", "tier": 2, "kept_away": 0.2, "start": "2025-04-01"}, "has no end"),
        ({"kind": "entry", "tier": 2, "start": "2025-04-01", "end": "2025-03-01"}, "before it"),
        ({"kind": "policy", "start": "2025-04-01", "rates": [(2, 3, 0.9, 0.5)]}, "no interval"),
        ({"kind": "policy", "start": "2025-04-01", "rates": [(2, 2, 0.5, 0.9)]}, "possible tiers"),
    ],
)
def test_an_impossible_change_is_refused(change, match):
    with pytest.raises(SettingError, match=match):
        Scenario(name="wrong", changes=[change])


def test_an_unknown_field_is_refused():
    with pytest.raises(ValidationError, match="Extra inputs"):
        Scenario(name="x", chnages=[])


def test_forecasts_of_other_records_are_no_pair(forecast):
    records = authority(
        referrals="""
            referral_id | child_id | referral_date | close_date
            R1 | A | 2016-07-10 | 2016-08-10
        """,
    )
    other = forecast_caseload(records, horizon=12, n_paths=20, backtest=False)

    with pytest.raises(SettingError, match="no pairs"):
        forecast.compare(other)
