"""Specialists' families and chances of a breach, on authorities whose truth is known."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.demand.caseload_backtest import backtest_caseload
from fs_risk.demand.specialists_backtest import needs_held, staffing_held

pytestmark = [pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(900)]

SHARES_IN_POST = (0.85, 0.95, 1.05, 1.15)
"""Posts, as a share of those that the first origin took: breaches are then neither sure nor out."""


@pytest.fixture(scope="module")
def looked_back():
    """Three authorities of 12,000 children without a new system, five origins each."""
    return [
        backtest_caseload(
            fs.make_authority(children=12_000, years=9, seed=seed, go_live=None),
            windows=5, n_paths=200, progress=False,
        ).looks
        for seed in (200, 201, 202)
    ]  # fmt: skip


def test_bands_of_families_with_each_need_hold_at_six_and_twelve_months(looked_back):
    table = pd.concat([needs_held(looks) for looks in looked_back])
    table = table[table["h"].isin([6, 12]) & (table["need"] != "all")]
    narrow = table["observed"].between(table["lo-80"], table["hi-80"]).mean()
    wide = table["observed"].between(table["lo-95"], table["hi-95"]).mean()

    assert 0.72 < narrow < 0.95
    assert 0.88 < wide <= 1.0


def test_chances_of_a_breach_come_true_as_often_as_they_say(looked_back):
    parts = []
    for looks in looked_back:
        for share in SHARES_IN_POST:
            for need in (None, "domestic_abuse", "mental_health"):
                role = {"name": "worker", "weights": {2: 1, 3: 1, 4: 1}, "standard": 20,
                        "in_post": 1.0, "need": need,
                        "counts": "families" if need else "children"}  # fmt: skip
                first = staffing_held(fs.StaffingPlan(roles=[role]), looks[:1])
                role["in_post"] = share * first["last_value"].iloc[0]
                held = staffing_held(fs.StaffingPlan(roles=[role]), looks)
                parts.append(held[held["h"].isin([6, 12])])
    table = pd.concat(parts)
    said, came = table["chance_of_breach"], table["breach"]

    assert abs(said.mean() - came.mean()) < 0.1
    for low, high in ((0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1)):
        here = said.between(low, high)
        assert abs(said[here].mean() - came[here].mean()) < 0.15, (low, high, here.sum())
    assert ((said - came) ** 2).mean() < ((np.mean(came) - came) ** 2).mean()
