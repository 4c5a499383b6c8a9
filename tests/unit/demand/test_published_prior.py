"""The prior of published referrals: never from the one that is forecast, nothing from later."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.demand.forecast import forecast_demand
from fs_risk.demand.panel import as_panel
from fs_risk.demand.prior_fit import fit_prior, try_prior
from fs_risk.demand.published_prior import (
    _stored,
    group_of,
    held_out,
    level_and_state,
    published_prior,
)
from fs_risk.demand.verdicts import USE_IT_THERE
from fs_risk.errors import SettingError

SEASON = 1 + 0.2 * np.sin(np.arange(12) * np.pi / 6)


def authorities(n=30, n_periods=72, seed=0):
    """Monthly referrals with one season, by authority."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2015-01-01", periods=n_periods, freq="MS").astype("datetime64[s]")
    levels = 150 * np.exp(rng.normal(0, 0.4, (n, 1)))
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"E060000{i:02d}" for i in range(n)], n_periods),
            "ds": np.tile(days, n),
            "y": rng.poisson(levels * np.resize(SEASON, n_periods)).ravel().astype(float),
            "measure": "referrals",
        }
    )


def a_year(months=12, measure="referrals"):
    days = pd.date_range("2024-04-01", periods=months, freq="MS")
    y = np.random.default_rng(1).poisson(200, months).astype(float)
    return pd.DataFrame({"unique_id": measure, "ds": days, "y": y, "measure": measure})


@pytest.fixture(scope="module")
def panel():
    return as_panel(authorities(), ahead=12)


def test_authority_that_is_forecast_teaches_its_prior_nothing(panel):
    """However its own counts change, to the bit."""
    groups = np.array([group_of(name) for name in panel.ids])
    held = groups == "3"
    changed = panel.values.copy()
    changed[held] = changed[held] * 7 + 100
    other = replace(panel, values=changed)

    assert held.sum() == 3
    assert fit_prior(panel, ~held, 71) == fit_prior(other, ~held, 71)
    assert fit_prior(panel, held | True, 71) != fit_prior(other, held | True, 71)


def test_nothing_after_the_origin_is_used(panel):
    """T: what comes later changes no prior and no forecast of a held-out group."""
    later = np.arange(panel.n_periods) >= 60
    other = replace(panel, values=panel.values + 500.0 * later)
    groups = np.array([group_of(name) for name in panel.ids])
    one, two = (try_prior(each, groups, 59) for each in (panel, other))

    assert (one["said"] == two["said"]).all()
    assert (one["ends"] == two["ends"]).all()


def test_seasons_are_those_of_the_calendar(panel):
    """January first, though the history ends elsewhere in the year."""
    by_day = SEASON / np.array([panel.working[0, i::12][:6].mean() for i in range(12)])
    for origin in (71, 66):
        found = np.array(fit_prior(panel, np.ones(30, bool), origin).seasons)

        assert np.allclose(found, by_day / by_day.mean(), atol=0.05)


def test_level_is_the_mean_without_the_season():
    level, state = level_and_state(40 * SEASON[None], SEASON)

    assert np.allclose(level, 40)
    assert np.allclose(state, 0)


def test_it_beats_last_year_and_the_last_month_on_noise_about_a_season(panel):
    groups = np.array([group_of(name) for name in panel.ids])
    found = try_prior(panel, groups, 59)
    error = {name: np.abs(found[name] - found["came"]).mean()
             for name in ("said", "last_year", "last_value")}  # fmt: skip

    assert error["said"] < min(error["last_year"], error["last_value"])
    inside = (found["ends"][0] <= found["came"]) & (found["came"] <= found["ends"][4])
    assert 0.9 < inside.mean() < 0.99


def test_what_is_shipped_leaves_every_group_out_and_beat_both_rules():
    assert set(_stored()["groups"]) == set("0123456789")
    assert "Open Government Licence" in _stored()["source"]
    assert all(100 < published_prior(f"E0600000{i}").authorities < 129 for i in range(10))
    assert held_out()["mase"] < min(held_out()["mase_last_year"], held_out()["mase_last_value"])


def test_shipped_numbers_come_from_the_published_series(samples):
    """Fitted again for one group."""
    place = samples / "published" / "c6_children_in_need_referrals_by_month_2013_to_2024.csv"
    series = fs.read_dfe_referrals_by_month(place)
    series = series[series.groupby("unique_id")["y"].transform("count") == 144]
    panel = as_panel(series, ahead=12)
    keep = np.array([group_of(name) != "4" for name in panel.ids])

    assert fit_prior(panel, keep, 143).to_dict() == published_prior("E06000004").to_dict()


def test_a_year_of_referrals_is_forecast_with_bands_and_says_whence():
    forecast = forecast_demand(a_year(), authority="E06000001")
    table = forecast.table

    assert forecast.verdict == USE_IT_THERE
    assert forecast.verdicts["verdict"].to_list() == [USE_IT_THERE]
    assert forecast.coverage == {80: held_out()["coverage_80"], 95: held_out()["coverage_95"]}
    assert any("authorities held out" in words for words in forecast.notes)
    ordered = table[["lo-95", "lo-80", "median", "hi-80", "hi-95"]].to_numpy()
    assert (np.diff(ordered, axis=1) > 0).all()
    assert 150 < table["median"].mean() < 250
    # August has fewer referrals by working day than November, everywhere in England
    assert table["median"].iloc[4] < table["median"].iloc[7]


@pytest.mark.parametrize("series", [a_year(36), a_year(9), a_year(measure="contacts")],
                         ids=["three years", "nine months", "contacts"])  # fmt: skip
def test_others_teach_only_referrals_of_a_year(series):
    with_code = forecast_demand(series, horizon=3, seeds=1, authority="E06000001")
    without = forecast_demand(series, horizon=3, seeds=1)

    pd.testing.assert_frame_equal(with_code.table, without.table)
    assert with_code.verdict == without.verdict


def test_what_is_no_code_is_refused():
    with pytest.raises(SettingError, match="no ONS code"):
        forecast_demand(a_year(), authority="Hartlepool")
