"""Marked breaks and shocks: what a forecast does about them, without looking ahead."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.forecast import forecast_demand
from fs_risk.demand.levelling import levelled, within_segment
from fs_risk.demand.no_peeking import prove_no_peeking
from fs_risk.demand.panel import as_panel

SEASON = 1 + 0.2 * np.sin(np.arange(12) * np.pi / 6)


def halved(n_series=4, n_periods=60, at=54, seed=0, factor=0.5):
    """Counts that a go-live halves, marked as `demand_series` marks it."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2019-01-01", periods=n_periods, freq="MS").astype("datetime64[s]")
    level = 120 * np.where(np.arange(n_periods) >= at, factor, 1.0) * np.resize(SEASON, n_periods)
    y = rng.poisson(np.tile(level, (n_series, 1)))
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{i}" for i in range(n_series)], n_periods),
            "ds": np.tile(days, n_series),
            "y": y.ravel().astype(float),
            "kind": "stock",
            "segment": np.tile((np.arange(n_periods) >= at).astype(int), n_series),
            "mark": "",
        }
    )  # fmt: skip


def test_marked_break_brings_the_forecast_to_the_level_after_it():
    series = halved(at=50)
    told = forecast_demand(series, horizon=6, seeds=1)
    untold = forecast_demand(series.drop(columns="segment"), horizon=6, seeds=1)
    truth = 60 * np.resize(SEASON, 66)[60:]

    def error(forecast):
        return np.abs(forecast.table["median"].to_numpy().reshape(4, 6) - truth).mean()

    assert error(told) < 0.5 * error(untold)
    assert error(told) < 8
    assert any("4 series cross a marked break" in words for words in told.notes)
    assert not any("marked break" in words for words in untold.notes)


def test_levels_use_nothing_after_the_origin():
    """T: at an origin a break changes what was before by what was known then."""
    panel = as_panel(halved(), ahead=0)
    other = as_panel(halved(factor=0.9, seed=0), ahead=0)
    same = np.where(np.arange(60) <= 54, panel.values, other.values)

    early = levelled(same, panel.working, panel.segments, 54, 12)
    assert (early == panel.known(54)).all()
    assert (panel.known(53) == panel.values[:, :54]).all()
    assert prove_no_peeking(halved(n_periods=48, at=30), 3).passed


@pytest.mark.parametrize("origin", [40, 47])
def test_level_is_the_ratio_to_the_same_months_a_year_before(origin):
    """By hand: large counts, so that next to nothing is drawn towards no change."""
    values = np.tile(1e6 * np.resize(SEASON, 48), (1, 1))
    values[:, 36:] *= 1.5
    segments = (np.arange(48) >= 36).astype(int)[None]
    found = levelled(values, np.ones((1, 48)), segments, origin, 12)
    months = origin - 35
    drawn = 0.09 / (0.09 + 0.02 / months)

    assert np.allclose(found[0, :36] / values[0, :36], 1.5**drawn, rtol=1e-3)
    assert (found[0, 36:] == values[0, 36 : origin + 1]).all()


def test_no_answer_beyond_a_break_is_learnt_from():
    values, segments = np.arange(10.0)[None], (np.arange(10) >= 6).astype(int)[None]

    assert np.array_equal(
        within_segment(values, segments, 4, 8), [[5.0, np.nan, np.nan, np.nan]], equal_nan=True
    )
    assert within_segment(values, None, 4, 6).tolist() == [[5.0, 6.0]]


def test_without_a_break_nothing_changes():
    series = halved(n_series=2, n_periods=36, at=30, factor=1.0).assign(segment=0, mark="")
    one = forecast_demand(series, horizon=2, seeds=1).table
    two = forecast_demand(series.drop(columns=["segment", "mark"]), horizon=2, seeds=1).table

    pd.testing.assert_frame_equal(one, two)


def test_told_shock_is_left_out_and_said():
    series = halved(n_series=2, factor=1.0).assign(segment=0, mark="")
    hit = series["ds"].isin(pd.to_datetime(["2021-04-01", "2021-05-01"]))
    series = series.assign(mark=np.where(hit, "late; shock: lockdown", ""))
    shocked = series.assign(y=series["y"].mask(hit, 1.0))
    panel = as_panel(shocked, ahead=0)

    assert np.isnan(panel.values[:, 27:29]).all()
    assert "4 values lie in marked shocks: they are left out." in panel.notes
