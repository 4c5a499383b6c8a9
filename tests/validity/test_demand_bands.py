"""Bands of demand forecasts hold what they say where the truth is known."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.backtest import backtest_demand
from fs_risk.readers.dfe_statistics import read_dfe_annual, read_dfe_referrals_by_month

pytestmark = pytest.mark.slow


def drifting(n_series, n_periods, seed, low=3.0):
    """Poisson counts whose rates have a season and walk: drift is the uncertainty."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.uniform(np.log(low), np.log(400), n_series))
    walk = np.cumsum(rng.normal(0, 0.06, (n_series, n_periods)), axis=1)
    season = 1 + 0.15 * np.sin(np.arange(n_periods) * np.pi / 6)
    y = rng.poisson(level[:, None] * np.exp(walk) * season).astype(float)
    days = pd.date_range("2015-01-01", periods=n_periods, freq="MS")
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{i:03d}" for i in range(n_series)], n_periods),
            "ds": np.tile(days, n_series),
            "y": y.ravel(),
        }
    )


@pytest.fixture(scope="module")
def drift():
    return backtest_demand(drifting(80, 102, seed=5), horizon=12, windows=4, seeds=1)


def test_bands_hold_what_they_say_under_drift(drift):
    """80 % and 95 % bands over four origins and rates that walk."""
    assert 0.76 < drift["coverage_80"] < 0.84
    assert 0.925 < drift["coverage_95"] < 0.975


def test_bands_hold_at_every_horizon(drift):
    assert drift.by_horizon["coverage_80"].between(0.7, 0.88).all()


def test_bands_hold_for_small_and_large_series(drift):
    """Size-aware: counts below five a month are covered as counts of hundreds are."""
    table = drift.table
    inside = (table["lo-80"] <= table["y"]) & (table["y"] <= table["hi-80"])
    size = pd.cut(table["median"], [-1, 10, 60, np.inf])
    held = inside.groupby(size, observed=True).mean()

    assert held.between(0.7, 0.93).all()


def test_beats_last_year_under_drift(drift):
    assert drift.skill.set_index("rival").loc["last year", "skill"] > 0.1


@pytest.mark.samples
def test_published_referrals_before_2019(samples):
    """On origins that settings were chosen on, the forecast beats last year by a fifth."""
    path = samples / "published" / "c6_children_in_need_referrals_by_month_2013_to_2024.csv"
    series = read_dfe_referrals_by_month(path)
    whole = series.groupby("unique_id")["y"].transform("count") == 144
    series = series[whole & (series["ds"] <= "2019-03-01")]
    found = backtest_demand(series, origins=["2018-03-01"], seeds=1)

    assert found.skill.set_index("rival").loc["last year", "skill"] > 0.15
    assert 0.75 < found["coverage_80"] < 0.86


@pytest.mark.samples
def test_published_years_beat_last_value(samples):
    """Children in need and plans, from the year to March 2017: before the origins of the bars."""
    series = read_dfe_annual(
        samples / "published" / "dfe_la_annual_panel.csv",
        measures=["referral_count", "Started_episodes", "At31_episodes", "CPP_start", "CPP_At31"],
    )
    series = series[series["ds"] <= "2017-04-01"]
    found = backtest_demand(series, horizon=2, origins=["2015-04-01", "2016-04-01"], seeds=1)

    assert found.verdict == "use it"
    assert found.skill.set_index("rival").loc["last value", "skill"] > 0.03
