"""Hazards and drift recover what they were drawn from."""

import numpy as np
import pandas as pd
import pytest

from drawn import authority
from fs_risk.demand.caseload_entries import seasonal_index
from fs_risk.demand.caseload_paths import tier_paths
from fs_risk.demand.hazards import chances, fit_hazards
from fs_risk.demand.hazards_drift import YEARLY_SD, follow_drift, sibling_noise
from fs_risk.demand.hazards_rows import (
    ADULT,
    AGE_UNKNOWN,
    ENTRY,
    NO_MONTH,
    MonthsAtRisk,
    age_band,
    duration_band,
    month_of,
    months_at_risk,
)

HISTORY = {
    "early_help": """
        early_help_id | child_id | start_date | end_date
        E1 | A | 2020-01-10 | 2020-03-05
    """,
    "referrals": """
        referral_id | child_id | referral_date | close_date
        R1 | A | 2020-03-01 | 2020-09-20
        R2 | A | 2020-09-25 | 2020-09-28
        R3 | B | 2020-05-02 | 2020-05-20
    """,
    "cp_plans": """
        cp_plan_id | child_id | start_date | end_date
        P1 | A | 2020-04-15 | 2020-08-01
    """,
}


@pytest.fixture
def records():
    return authority(**HISTORY)


def test_paths_follow_the_highest_tier(records):
    paths = tier_paths(records)
    spells = [
        (str(paths.children[child]), int(tier), str(np.datetime64(int(start), "D")), int(before),
         int(after))
        for child, tier, start, before, after in zip(
            paths.child, paths.tier, paths.start, paths.before, paths.after, strict=True)
    ]  # fmt: skip

    assert spells == [
        ("A", 1, "2020-01-10", 0, 2),
        ("A", 2, "2020-03-01", 1, 3),
        ("A", 3, "2020-04-15", 2, 2),
        ("A", 2, "2020-08-01", 3, 0),
        ("A", 2, "2020-09-25", 0, 0),
        ("B", 2, "2020-05-02", 0, 0),
    ]


def test_months_at_risk_are_as_drawn(records):
    paths = tier_paths(records)
    first, last = ((2020 - 1970) * 12 + month for month in (0, 11))
    rows = months_at_risk(records, paths, first, last)
    told = sorted(
        (str(paths.children[child]), int(place), int(tier), int(band), int(to))
        for child, place, tier, band, to in zip(
            rows.child, rows.place, rows.tier, rows.duration, rows.to, strict=True
        )
    )

    # child, month from 0, tier at the start, duration band (0: came in the month), tier after
    assert told == [
        ("A", 0, 1, 0, 1), ("A", 1, 1, 1, 1), ("A", 2, 1, 2, 2), ("A", 3, 2, 1, 3),
        ("A", 4, 3, 1, 3), ("A", 5, 3, 2, 3), ("A", 6, 3, 3, 3), ("A", 7, 3, 4, 2),
        ("A", 8, 2, 1, 0), ("B", 4, 2, 0, 0),
    ]  # fmt: skip


def test_bands_begin_where_they_say():
    assert duration_band(np.array([0, 1, 2, 3, 35, 36, 200])).tolist() == [1, 2, 3, 4, 9, 10, 10]
    born = np.array([10, 100 - 11, 100 - 12, 100 - 216, NO_MONTH, 105])
    assert age_band(100, born).tolist() == [2, 0, 1, 6, AGE_UNKNOWN, 0]
    assert age_band(217, np.array([0, 1, 2, 13])).tolist() == [ADULT, 6, 6, 5]
    assert month_of(np.array([0, 30, 31, -1])).tolist() == [0, 0, 1, -1]


def drawn_rows(chance, n=40_000, seed=0):
    """Rows of tier 2 whose destinations are drawn from a known table."""
    rng = np.random.default_rng(seed)
    duration, age = rng.integers(1, 11, n), rng.integers(0, 7, n)
    share = chance(duration, age)
    to = np.array([0, 2, 3])[(rng.random(n)[:, None] > np.cumsum(share, axis=1)).sum(axis=1)]
    blank = np.zeros(n, dtype=np.int64)
    return MonthsAtRisk(600, 12, 600 + rng.integers(0, 12, n), np.arange(n), blank + 2, duration,
                        age, to, blank, np.arange(n))  # fmt: skip


def test_hazards_recover_the_chances_they_were_drawn_from():
    def chance(duration, age):
        odds = np.stack([np.exp(-1.5 - 0.2 * duration), np.ones(len(age)), np.exp(-3 + 0.2 * age)])
        return (odds / odds.sum(axis=0)).T

    fitted = fit_hazards(drawn_rows(chance))
    duration, age = (grid.ravel() for grid in np.meshgrid(np.arange(1, 11), np.arange(7)))
    found = chances(fitted.log_odds[2, duration, age])[:, :, [0, 2, 3]].mean(axis=1)

    assert np.abs(found - chance(duration, age)).max() < 0.03
    assert np.allclose(chances(fitted.log_odds[2]).sum(axis=-1), 1)


def test_hazards_agree_with_sklearn_without_a_ridge():
    """Against multinomial logistic regression on the same columns."""
    from sklearn.linear_model import LogisticRegression

    def chance(duration, age):
        odds = np.stack([np.exp(-1 - 0.1 * duration), np.ones(len(age)), np.exp(-2.5 + 0 * age)])
        return (odds / odds.sum(axis=0)).T

    rows = drawn_rows(chance, n=20_000, seed=1)
    design = np.column_stack(
        [np.eye(11)[rows.duration], np.eye(9)[rows.age], np.eye(12)[rows.month % 12] / 8**0.5]
    )
    theirs = LogisticRegression(C=1.0, max_iter=2_000, tol=1e-8).fit(design, rows.to)
    fitted = fit_hazards(rows)
    ours = chances(fitted.log_odds[2, rows.duration, rows.age, rows.month % 12])[:, [0, 2, 3]]

    # theirs also draws the reference's own effects towards none
    assert np.abs(ours - theirs.predict_proba(design)).max() < 0.01


def test_a_move_hardly_ever_seen_does_not_happen():
    fitted = fit_hazards(drawn_rows(lambda d, a: np.tile([0.1, 0.9, 0.0], (len(d), 1))))

    assert not fitted.seen[2, 3]
    assert chances(fitted.log_odds[2])[..., 3].max() < 1e-12


def test_children_who_come_have_a_band_of_their_own(records):
    paths = tier_paths(records)
    rows = months_at_risk(records, paths, 600, 611)

    assert (rows.duration[rows.entered] == ENTRY).all()
    assert rows.entered.sum() == 2


@pytest.mark.parametrize("yearly", [0.03, 0.36])
def test_drift_is_learnt_from_the_flow(yearly):
    rng = np.random.default_rng(5)
    level = np.cumsum(rng.normal(0, yearly / 12**0.5, 120))
    seen = rng.poisson(200 * np.exp(level))
    found = follow_drift(seen, np.full(120, 200.0))
    speed = float(found.weight @ YEARLY_SD)

    assert abs(found.centre - level[-1]) < 0.12
    assert (speed > 0.2) == (yearly > 0.2)


def test_level_after_a_break_is_learnt_anew():
    seen = np.r_[np.full(60, 100.0), np.full(6, 60.0)]
    breaks = np.arange(66) == 60
    without = follow_drift(seen[:62], np.full(62, 100.0))
    told = follow_drift(seen[:62], np.full(62, 100.0), breaks=breaks[:62])

    assert told.centre < without.centre
    assert abs(told.centre - np.log(0.6)) < 0.12


def test_a_hidden_shock_says_nothing_of_the_level():
    seen = np.r_[np.full(60, 100.0), np.full(6, 30.0)]
    hidden = np.arange(66) >= 60
    found = follow_drift(seen, np.full(66, 100.0), hidden=hidden)

    assert abs(found.centre) < 0.05


def test_paths_of_drift_spread_as_a_random_walk():
    found = follow_drift(np.full(60, 400.0), np.full(60, 400.0))
    drawn = found.draw(20_000, 24, np.random.default_rng(0))
    per_month = found.weight @ (YEARLY_SD**2 / 12)

    assert np.isclose(drawn[:, 23].var() - drawn[:, 0].var(), 23 * per_month, rtol=0.08)


def test_siblings_widen_the_counts_by_their_mean_square():
    household = np.array([1, 1, 1, 2, 3])
    assert sibling_noise(household, np.zeros(5, dtype=int)) == (9 + 1 + 1) / 5
    assert sibling_noise(np.zeros(0), np.zeros(0)) == 1.0
    found = follow_drift(np.full(36, 50.0), np.full(36, 50.0), noise=2.0)
    drawn = np.random.default_rng(0)
    counts = drawn.poisson(50 * np.exp(found._noise((200_000,), drawn)))
    assert np.isclose(counts.var() / counts.mean(), 2.0, rtol=0.03)


def test_season_is_relative_to_the_months_around():
    month = np.arange(96) % 12
    true = 1 + 0.3 * np.sin(2 * np.pi * month / 12)
    found = seasonal_index(500 * true * np.exp(np.arange(96) / 200), month)

    assert np.allclose(found, (true[:12] / true[:12].mean()), atol=0.02)
    assert (seasonal_index(np.ones(20), np.arange(20) % 12) == 1).all()


def test_undated_children_have_a_band_of_their_own(records):
    paths = tier_paths(records)
    rows = months_at_risk(records, paths, 600, 611)

    assert (rows.age == AGE_UNKNOWN).all()
    assert pd.Series(rows.born).eq(NO_MONTH).all()
