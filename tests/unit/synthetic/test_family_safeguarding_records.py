"""Issue C5: the service's own tables hang together and change nothing else."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import SettingError
from fs_risk.records.layouts.family_safeguarding import (
    MODULES,
    NEXT_STEPS,
    RATINGS,
    ROLES,
    WORK_OUTCOMES,
)
from fs_risk.records.tables import TABLES
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.hazards import make_hazards
from fs_risk.synthetic.parameters import load_parameters
from fs_risk.synthetic.programme import STEP_UPS, TRIO_CLASSES, with_programme
from fs_risk.synthetic.service import SERVICE_TABLES
from fs_risk.synthetic.states import CLASSES, SHAPE, Status

SIZE = {"children": 4_000, "years": 4, "seed": 2}


@pytest.fixture(scope="module")
def authority():
    return make_authority(**SIZE)


def test_only_the_stated_words_are_used(authority):
    work, supervision = authority["specialist_work"], authority["group_supervision"]

    assert set(work["role"]) == set(ROLES)
    assert set(work["outcome"].dropna()) <= set(WORK_OUTCOMES)
    assert set(authority["programme_modules"]["module"]) == set(MODULES)
    assert set(supervision["agreed_rating"]) == set(RATINGS)
    assert set(supervision["next_step"]) <= set(NEXT_STEPS)


def test_records_begin_with_the_go_live():
    records = make_authority(**SIZE, go_live="2023-01-01")

    for name in SERVICE_TABLES:
        window = records.coverage[name]
        assert window.observed_from == pd.Timestamp("2023-01-01")
        assert records[name][TABLES[name].date].min() >= window.observed_from


def test_a_service_without_records_changes_no_other_table(authority):
    without = make_authority(**SIZE, go_live=None)

    for name in TABLES:
        if name in SERVICE_TABLES:
            assert without[name].empty
            assert without.coverage[name] is None
        else:
            pd.testing.assert_frame_equal(without[name], authority[name])


def test_every_family_worked_with_has_an_open_plan(authority):
    links = authority["family_links"]
    plans = pd.concat([authority["cin_plans"], authority["cp_plans"]]).merge(links, on="child_id")
    for name in SERVICE_TABLES:
        rows, date = authority[name], TABLES[name].date
        pairs = rows[["family_id", date]].rename(columns={date: "day"}).reset_index()
        pairs = pairs.merge(plans, on="family_id")
        gap = pd.Timedelta(days=28)
        ended = pairs["end_date"].fillna(authority.extract_date) + gap < pairs["day"]
        begun = pairs["start_date"] <= pairs["day"]
        assert set(pairs.loc[begun & ~ended, "index"]) == set(rows.index), name


def test_modules_come_in_order_one_after_the_other(authority):
    modules = authority["programme_modules"].sort_values(["family_id", "start_date"])
    before = modules.groupby("family_id")["end_date"].shift()
    number = modules["module"].astype(int)
    first = number == 1
    following = number - number.groupby(modules["family_id"]).shift()

    assert (following[~first] == 1).all()
    assert (modules.loc[~first, "start_date"] >= before[~first]).all()


def test_supervision_is_monthly(authority):
    supervision = authority["group_supervision"]
    month = supervision["supervision_date"].dt.to_period("M")

    assert not pd.DataFrame({"f": supervision["family_id"], "m": month}).duplicated().any()
    assert (supervision["supervision_date"].dt.day_of_week < 5).all()


def test_ratings_follow_the_phase_with_error(authority):
    """The latest referral's phase shows in the rating, and does not decide it."""
    truth = authority.truth["referrals"][["referral_id", "phase"]]
    referrals = authority["referrals"].merge(truth).merge(authority["family_links"], on="child_id")
    supervision = authority["group_supervision"].sort_values("supervision_date")
    pairs = pd.merge_asof(
        supervision,
        referrals.sort_values("referral_date")[["family_id", "referral_date", "phase"]],
        left_on="supervision_date",
        right_on="referral_date",
        by="family_id",
        tolerance=pd.Timedelta(days=60),
    ).dropna(subset="phase")
    rating = pairs["agreed_rating"].map({word: at for at, word in enumerate(RATINGS)})
    means = rating.groupby(pairs["phase"]).mean()

    assert means["crisis"] > means["calm"] + 0.3
    assert rating[pairs["phase"] == "crisis"].nunique() == len(RATINGS)


def test_step_up_is_agreed_more_often_before_a_plan(authority):
    supervision = authority["group_supervision"]
    plans = authority["cp_plans"].merge(authority["family_links"], on="child_id")
    pairs = supervision.merge(plans[["family_id", "start_date"]], on="family_id")
    ahead = (pairs["start_date"] - pairs["supervision_date"]).dt.days
    soon = supervision["supervision_id"].isin(pairs.loc[ahead.between(1, 42), "supervision_id"])
    agreed = supervision["next_step"] == "step up"

    assert agreed[soon].mean() > 0.4
    assert agreed[~soon].mean() < 0.1


@pytest.mark.parametrize("effect", [0.2, 0.7, 1.0, 2.0])
def test_the_programmes_effect_is_a_hazard_ratio_on_eligible_open_cases(effect):
    hazards = make_hazards(load_parameters())
    changed = with_programme(hazards, effect)
    eligible = np.isin(CLASSES, TRIO_CLASSES)
    for status, moves in changed.moves.items():
        chances = np.array([move.chance for move in moves])
        up = np.array([move.kind in STEP_UPS for move in moves])
        assert np.allclose(chances.sum(axis=0), 1.0)
        assert (chances >= 0).all()
        before = np.array([move.chance for move in hazards.moves[status]])
        total, was = (each[up].sum(axis=0).reshape(SHAPE) for each in (chances, before))
        reached = Status.HELD <= status < Status.NEW_CARE
        expected = 1 - (1 - was) ** (effect if reached else 1.0)
        assert np.allclose(total[eligible], expected[eligible])
        assert np.allclose(total[~eligible], was[~eligible])


@pytest.mark.parametrize("effect", [0.0, 3, True, "much"])
def test_an_impossible_effect_is_refused(effect):
    with pytest.raises(SettingError, match=r"programme_effect must be a number from 0\.2 to 2"):
        make_authority(100, 1, programme_effect=effect)


@pytest.mark.parametrize("go_live", ["2030-01-01", "soon"])
def test_an_impossible_go_live_is_refused(go_live):
    with pytest.raises(SettingError, match="go_live is"):
        make_authority(100, 1, go_live=go_live)
