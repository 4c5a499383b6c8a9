"""Yearly levels drift back to usual rates: against a linear programme, by hand, and as planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import fs_risk as fs
from fs_risk.demand.panel import as_panel
from fs_risk.demand.rolling import MODELS, USUAL_RATES, RollingFits, learning_rows
from fs_risk.demand.rows import feature_names
from fs_risk.demand.usual_rates import departures, learn_pull, least_absolute
from fs_risk.demand.weights import choose_weights

PULL = 0.3
"""Share of a departure from the common rate that is lost in a year, as planted."""


def places(n=80, years=12, seed=0, *, pull=PULL, sized=True):
    """Counts whose log rate is pulled towards one rate, in places of many sizes."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(10, 0.7, n))
    away = rng.normal(0, 0.5, n)
    values = np.empty((n, years))
    for year in range(years):
        values[:, year] = rng.poisson(0.02 * size * np.exp(away))
        away = (1 - pull) * away + rng.normal(0, 0.08, n)
    days = pd.date_range("2010-04-01", periods=years, freq="YS-APR")
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat([f"plans|E{i:03}" for i in range(n)], years),
            "ds": np.tile(days, n),
            "y": values.ravel(),
            "measure": "plans",
            "region": np.repeat([f"R{i % 8}" for i in range(n)], years),
        }
    )
    return frame.assign(size=np.repeat(size, years)) if sized else frame


@pytest.fixture(scope="module")
def panel():
    return as_panel(places(), ahead=3)


def test_fit_makes_the_weighted_sum_of_absolute_errors_least():
    rng = np.random.default_rng(3)
    matrix, weight = rng.normal(size=(60, 2)), rng.uniform(0.5, 2, 60)
    answer = matrix @ [0.5, -1.0] + rng.standard_t(2, 60)
    n, p = matrix.shape
    signs = np.hstack([matrix, np.eye(n), -np.eye(n)])
    best = linprog(
        np.r_[np.zeros(p), weight, weight], A_eq=signs, b_eq=answer,
        bounds=[(None, None)] * p + [(0, None)] * 2 * n,
    )  # fmt: skip
    line = least_absolute(matrix, answer, weight, np.zeros(2), ridge=1e-9)

    assert (weight * np.abs(answer - matrix @ line)).sum() <= best.fun * 1.001


def test_departures_by_hand():
    series = pd.DataFrame(
        {
            "unique_id": np.repeat(list("abcde"), 2),
            "ds": list(pd.date_range("2020-04-01", periods=2, freq="YS-APR")) * 5,
            "y": [10, 20, 30, 10, 10, 10, 10, 10, 10, 10],
            "measure": "plans",
            "size": 1_000.0,
        }
    )
    panel = as_panel(series, ahead=1)
    found = departures(panel, panel.values)

    assert np.allclose(found[0], [15 / 20 - 1, np.log(20 / 12), 0])  # of no region: not compared
    assert np.allclose(found[1], [0.5, np.log(10 / 12), 0])  # 20 / 10 less 1 is cut at a half


def test_a_planted_pull_is_found_and_forecast(panel):
    pull = learn_pull(panel, 9, 2)
    said = pull.forecast(panel, 9, 2)
    last = np.abs(panel.values[:, 9:10] - panel.values[:, 10:]).sum(axis=0)
    ours = np.abs(said - panel.values[:, 10:]).sum(axis=0)

    # rates against the region and against all places say the same here: together about the pull
    assert -1.4 * PULL < pull.strength[0, 1:].sum() < -0.4 * PULL
    assert (ours < 0.97 * last).all()


def test_nothing_is_pulled_where_rates_wander():
    wandering = as_panel(places(pull=0.0, seed=4), ahead=3)

    assert np.abs(learn_pull(wandering, 9, 3).strength).max() < 0.1


def test_pull_is_not_learnt_from_what_came_later(panel):
    changed = panel.values.copy()
    changed[:, 8:] = 7.0
    later = type(panel)(**{**panel.__dict__, "values": changed})

    assert np.array_equal(learn_pull(panel, 7, 3).strength, learn_pull(later, 7, 3).strength)


def test_without_sizes_only_the_own_mean_pulls():
    unsized = as_panel(places(sized=False), ahead=3)

    assert not departures(unsized, unsized.values)[:, 1:].any()


def test_few_series_learn_no_pull_and_smoothing_stands_in():
    few = as_panel(places(n=3), ahead=3)
    fits = RollingFits(few, 3)
    said = fits.forecasts(11, cutoff=11)

    assert fits.models == (*MODELS, USUAL_RATES)
    assert fits.pull(11) is None
    assert np.array_equal(said[-1], said[MODELS.index("smoothing")])


def test_months_have_no_usual_rates():
    months = places().assign(ds=lambda f: f.groupby("unique_id").cumcount())
    months["ds"] = pd.Timestamp("2020-01-01") + months["ds"].map(lambda k: pd.DateOffset(months=k))

    assert RollingFits(as_panel(months, ahead=3), 3).models == MODELS


def test_years_take_trees_and_usual_rates_evenly(panel):
    weights = choose_weights(
        None, np.ones(4), np.zeros(4, int), np.ones(4), models=(*MODELS, USUAL_RATES)
    )
    assert (weights[1] == 1).all()  # nothing to look back at: the level

    forecast = fs.forecast_demand(places(), horizon=2, seeds=1)
    assert np.allclose(forecast.origin.weights[[0, -1]], 0.5)
    assert forecast.verdict == "use it"


def test_years_weigh_places_by_level_and_measures_alike():
    """A total's error is what is asked of years, for each measure as much as for another."""
    frame = places(n=60)
    other = places(n=60, seed=1).assign(measure="others")
    other["unique_id"] = other["unique_id"].str.replace("plans", "others")
    other["y"] *= 50
    panel = as_panel(pd.concat([frame.assign(measure="plans"), other]), ahead=3)
    fits = RollingFits(panel, 3)
    learnt = learning_rows(fits, 8)
    level = np.exp(learnt.matrix[:, feature_names(1).index("log_level")].astype(float))
    group = learnt.matrix[:, feature_names(1).index("group")]
    kinds = [group == code for code in np.unique(group)]

    assert len(kinds) == 2
    assert learnt.weight[kinds[0]].sum() == pytest.approx(learnt.weight[kinds[1]].sum())
    for kind in kinds:
        assert np.corrcoef(learnt.weight[kind], level[kind])[0, 1] > 0.95
