"""`make_authority`: the same seed makes the same records, and says what they are."""

import io

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import SettingError
from fs_risk.records.tables import TABLES
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.truth import ASKED, Oracle

PROBABILITIES = {
    "prob_cp_plan_365",
    "prob_care_365",
    "prob_care_548",
    "prob_section47_365",
    "prob_pre_proceedings_365",
    "prob_step_up_365",
    "prob_re_referral_365",
}


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(scope="module")
def authority():
    return make_authority(1_500, 3, 4)


def test_same_seed_makes_the_same_records(authority):
    """M6."""
    again = make_authority(children=1_500, years=3, seed=4)

    assert again.fingerprint == authority.fingerprint
    pd.testing.assert_frame_equal(again.truth["referrals"], authority.truth["referrals"])


def test_probabilities_are_worked_out_only_when_they_are_read(monkeypatch):
    asked = []
    probabilities = Oracle.probabilities

    def counted(oracle, given, outcome, horizons):
        asked.append(outcome)
        return probabilities(oracle, given, outcome, horizons)

    monkeypatch.setattr(Oracle, "probabilities", counted)
    records = make_authority(200, 1, 1, defects={"over_reporting": 2.0})
    others = [records.replace(), records.delayed(7), records.excluding(["nobody"])]
    assert "referrals" in records.truth
    assert records.truth["authority"]["children"].item() == 200
    assert asked == []

    truth = records.truth["referrals"]
    assert asked == [outcome for outcome, _ in ASKED]
    assert all(each.truth["referrals"] is truth for each in others)
    assert asked == [outcome for outcome, _ in ASKED]


def test_probabilities_are_the_same_whenever_they_are_read():
    settings = {"children": 200, "years": 1, "seed": 1, "shocks": {"covid": 1.0}}
    settings |= {"defects": {"over_reporting": 2.0}, "programme_effect": 0.7}
    read_late = make_authority(**settings)
    at_once = make_authority(**settings).truth["referrals"]
    pd.testing.assert_frame_equal(read_late.truth["referrals"], at_once, check_exact=True)
    assert set(read_late["referrals"]["referral_id"]) == set(at_once["referral_id"])
    assert at_once["prob_care_365"].isna().any()


def test_another_seed_makes_others(authority):
    assert make_authority(1_500, 3, 5).fingerprint != authority.fingerprint


def test_records_say_that_they_are_synthetic(authority):
    assert authority.origin.kind == "synthetic"
    assert authority.origin.returns == ("synthetic authority",)
    assert authority.origin.label == "children=1500 years=3 seed=4"


def test_every_row_is_usable_and_every_code_known(authority):
    assert authority.findings == ()
    assert not authority.set_aside


def test_every_table_is_observed_in_full(authority):
    for name in TABLES:
        window = authority.coverage[name]
        if name not in ("children", "disabilities", "family_links"):
            assert window.observed_from == pd.Timestamp("2022-04-01")
            assert window.observed_to == pd.Timestamp("2025-03-31") == authority.extract_date


def test_every_referral_has_its_truth(authority):
    truth = authority.truth["referrals"]

    assert sorted(truth["referral_id"]) == sorted(authority["referrals"]["referral_id"])
    assert {"family_class", "phase"} | PROBABILITIES <= set(truth.columns)
    given = truth[sorted(PROBABILITIES)].dropna()
    assert ((given >= 0) & (given <= 1)).all(axis=None)
    children, referrals = authority["children"], authority["referrals"]
    alone = children.loc[children["unaccompanied"].astype(bool), "child_id"]
    came = authority["conferences"]
    came = came.loc[came["transfer_in"].fillna(False), "referral_id"]
    outside = referrals["child_id"].isin(alone) | referrals["referral_id"].isin(came)
    outside |= referrals["child_id"].isin(authority.truth["new_ids"]["unborn_id"])
    missing = truth.loc[truth["prob_care_365"].isna(), "referral_id"]
    assert set(missing) == set(referrals.loc[outside, "referral_id"])


def test_longer_horizons_and_wider_outcomes_are_no_less_probable(authority):
    truth = authority.truth["referrals"].dropna()

    assert (truth["prob_care_548"] >= truth["prob_care_365"]).all()
    assert (truth["prob_step_up_365"] >= truth["prob_cp_plan_365"] - 1e-3).all()


def test_episodes_closed_before_the_window_are_left_out(authority):
    closed = authority["referrals"]["close_date"]

    assert not (closed < authority.coverage["referrals"].observed_from).any()


def test_every_child_in_a_table_is_in_children(authority):
    known = set(authority["children"]["child_id"])
    for name, table in TABLES.items():
        if "child_id" in table:
            assert set(authority[name]["child_id"]) <= known, name


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"children": 0}, "children"),
        ({"children": 2.5}, "children"),
        ({"years": 0}, "years"),
        ({"years": True}, "years"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_settings_are_refused(settings, name):
    with pytest.raises(SettingError, match=f"{name} must be a whole number"):
        make_authority(**settings)


def test_more_years_than_the_calendar_has_are_refused():
    with pytest.raises(SettingError, match="at most 16"):
        make_authority(100, 17)


@pytest.mark.parametrize(
    ("children", "years", "seeds"), [(1, 1, 3), (1, 8, 3), (40, 2, 3), (300, 16, 1)]
)
def test_tiny_authorities_can_be_made(children, years, seeds):
    for seed in range(seeds):
        records = make_authority(children, years, seed)
        assert records.findings == ()


def test_some_facts_are_recorded_late_and_the_others_dated_by_rule(authority):
    contacts = authority["contacts"]
    late = (contacts["known_date"] - contacts["contact_date"]).dt.days

    assert late.between(0, 5).all()
    assert 0.15 < (~contacts["known_by_rule"]).mean() < 0.35
    assert (late[contacts["known_by_rule"].astype(bool)] == 0).all()


def test_a_contact_that_became_a_referral_precedes_it_by_a_day_at_most(authority):
    contacts = authority["contacts"]
    became = contacts[contacts["outcome"] == "referral"]
    referrals = authority["referrals"][["child_id", "referral_date"]]
    pairs = became.merge(referrals, on="child_id")
    gap = (pairs["referral_date"] - pairs["contact_date"]).dt.days
    matched = pairs.loc[gap.isin([0, 1]), "contact_id"].nunique()

    assert matched == len(became)
    assert np.isin(became["child_id"], referrals["child_id"]).all()


@pytest.mark.parametrize("shown", [True, False])
def test_bar_is_shown_on_a_terminal_if_wanted(shown, monkeypatch):
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    make_authority(60, 1, 0, progress=shown)

    assert ("authority: 100%" in terminal.getvalue()) is shown
    monkeypatch.setattr("sys.stderr", log := io.StringIO())
    make_authority(60, 1, 0)
    assert log.getvalue() == ""
