"""Looking back at specialists' families, posts and breaches: by hand and in closed form."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.specialists import SPECIALIST_NEEDS, needs_on
from fs_risk.demand.specialists_backtest import (
    Look,
    breach_summary,
    needs_held,
    staffing_held,
    summed_up,
)
from fs_risk.demand.staffing import StaffingPlan
from fs_risk.records.households import household_keys


def plan(**changes):
    role = {"name": "worker", "weights": {2: 1.0, 3: 2.0}, "standard": 10.0} | changes
    return StaffingPlan(roles=[role])


def look(stock, paths):
    """Three months from an origin, tier 2 alone, without needs."""
    stock, paths = np.asarray(stock, dtype=float), np.asarray(paths)
    observed, drawn = np.zeros((4, 6)), np.zeros((*paths.shape, 6), dtype=int)
    observed[:, 2], drawn[:, :, 2] = stock, paths
    return Look(np.arange(600, 603), drawn, None, observed, None)


def test_families_that_came_are_those_known_on_the_day(looked_back, borough):
    """An oracle by hand: each family once, with a need where any child's assessment has it."""
    last = looked_back.backtest.looks[-1]
    day = (last.months[-1:] + 1).astype("datetime64[M]").astype("datetime64[D]")
    found = needs_on(borough, day)
    children = pd.DataFrame({"child_id": found["child_id"]})
    keys = household_keys(children, borough["family_links"])
    found["family"] = found["child_id"].map(keys).to_numpy()
    families = found.groupby("family").agg(
        {"tier": "max", "not_known": "min", **dict.fromkeys(SPECIALIST_NEEDS, "max")}
    )

    assert last.observed[-1, :, -1].sum() == len(families)
    assessed = families[~families["not_known"].astype(bool)]
    for place, need in enumerate(SPECIALIST_NEEDS):
        least, came = assessed[need].sum(), last.observed[-1, :, place].sum()
        assert least <= came <= least + len(families) - len(assessed)


def test_each_need_is_looked_back_at_from_each_origin(looked_back):
    table = needs_held(looked_back.backtest.looks)
    bands = table[["lo-95", "lo-80", "median", "hi-80", "hi-95"]].to_numpy()

    assert set(table["need"]) == {*SPECIALIST_NEEDS, "all"}
    assert (table.groupby(["need", "origin"]).size() == 6).all()
    assert (np.diff(bands, axis=1) >= 0).all()


def test_forecast_carries_how_needs_held(looked_back, borough_forecast):
    held = looked_back.specialists_held.set_index("need")

    table = needs_held(looked_back.backtest.looks)
    part = table[table["need"] == "mental_health"]
    inside = part["observed"].between(part["lo-80"], part["hi-80"]).mean()
    assert held.loc["mental_health", "cover_80"] == pytest.approx(inside)
    assert held.loc["mental_health", "origins"] == 4
    assert borough_forecast.specialists_held.empty  # it was not looked back


def test_errors_are_summed_up_over_what_was_observed():
    table = pd.DataFrame(
        {
            "need": "all", "origin": 1, "observed": [10.0, 30.0], "median": [12.0, 24.0],
            "last_value": [10.0, 10.0], "lo-80": [9.0, 9.0], "hi-80": [11.0, 11.0],
            "lo-95": [0.0, 0.0], "hi-95": [40.0, 40.0],
        }
    )  # fmt: skip
    row = summed_up(table, ["need"]).iloc[0]

    assert row["wape"] == 8 / 40
    assert row["wape_last_value"] == 20 / 40
    assert (row["cover_80"], row["cover_95"]) == (0.5, 1.0)


def test_posts_that_came_are_weighted_cases_over_the_standard_and_those_at_work():
    paths = np.full((50, 3), 100)
    table = staffing_held(plan(vacancy=(0.1, 0.3), absence=0.5), [look([100] * 4, paths)])

    assert np.allclose(table["observed"], 100 / 10 / 0.8 / 0.5)
    assert table["breach"].isna().all()


def test_a_breach_is_told_from_what_came_not_from_the_paths():
    paths = np.repeat([[90, 110, 110]], 50, axis=0)
    paths[:10, 1] = 90
    table = staffing_held(plan(in_post=10.0), [look([120, 110, 90, 110], paths)])

    assert table["chance_of_breach"].to_list() == [0.0, 0.8, 1.0]
    assert table["breach"].to_list() == [1.0, 0.0, 1.0]
    assert (table["breach_at_origin"] == 1.0).all()

    row = breach_summary(table).iloc[0]
    assert row["expected"] == pytest.approx(1.8)
    assert row["came"] == 2.0
    assert row["brier"] == pytest.approx((1 + 0.8**2 + 0) / 3)
    assert row["brier_no_change"] == pytest.approx(1 / 3)


def test_roles_that_count_families_are_left_out_where_needs_are_not_known():
    seen = [look([100] * 4, np.full((5, 3), 100))]

    assert staffing_held(plan(counts="families"), seen).empty
    assert needs_held(seen).empty
    assert breach_summary(staffing_held(plan(counts="families"), seen)).empty
