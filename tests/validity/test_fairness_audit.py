"""The audit's promises on invented audits whose truth is known.

Small versions, still able to fail; ``python evaluation/fairness_validity.py`` runs them in
full and `docs/fairness.md` has what it measured.
"""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from audit_candidates import CAPACITY, OURS, judge
from audit_worlds import GAP_GROUP, draw_world, halving_gap, lowering_gap, true_rates
from scipy.stats import norm

import fs_risk as fs
from fs_risk.api import study_cases

pytestmark = pytest.mark.slow

WALD = "Wald, by household, normal"


def shares(n, base_rate, draws, *, gap=0.0):
    rng = np.random.default_rng(n + round(1000 * base_rate))
    found = defaultdict(lambda: np.zeros(2))
    for draw in range(draws):
        world = draw_world(rng, n, base_rate, gap=gap)
        for name, each in judge(world, draw).items():
            found[name] += np.array(each) / draws
    return found


@pytest.mark.parametrize("base_rate", [0.025, 0.12])
def test_no_gap_seldom_alarms_where_a_usual_test_often_does(base_rate):
    """At most 5 % of audits, with room for chance; Wald's test on the same draws alarms more."""
    found = shares(3_256, base_rate, 200)

    assert found[OURS][0] <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 200)
    assert found[WALD][0] > 0.1


def test_halved_recall_is_caught_in_ten_thousand_cases_and_as_often_as_by_fisher():
    found = shares(10_000, 0.12, 40, gap=halving_gap(0.12))

    assert found[OURS][1] >= 0.85
    assert found[OURS][1] >= found["Fisher"][1] - 0.05


@pytest.mark.parametrize("redraw", [True, False])
def test_intervals_hold_the_truth_as_often_as_they_say(redraw):
    """95 % intervals of rates and differences, families clustered, the list drawn again."""
    truth = true_rates(0.12, CAPACITY)
    rng = np.random.default_rng(5)
    held, at_once = defaultdict(list), []
    for draw in range(80):
        world = draw_world(rng, 3_256, 0.12)
        audit = fs.audit_fairness(
            world.label, world.score, world.groups, capacity=CAPACITY,
            households=world.household, pairs=False, score_measures=False, resamples=200,
            redraw=redraw, seed=draw,
        )  # fmt: skip
        table = audit.full_table
        table = table[(table["of"] >= 10) & table["metric"].isin(["recall", "precision"])]
        true = table["metric"].map(truth)
        held["rate"] += ((table["low"] <= true) & (true <= table["high"])).to_list()
        held["gap"] += ((table["difference_low"] <= 0) & (table["difference_high"] >= 0)).to_list()
        at_once.append(
            ((table["low_simultaneous"] <= true) & (true <= table["high_simultaneous"])).all()
        )

    assert 0.93 <= np.mean(held["rate"]) <= 0.975
    assert 0.93 <= np.mean(held["gap"]) <= 0.975
    assert np.mean(at_once) >= 0.9


def test_intervals_of_scores_hold_the_truth_as_often_as_they_say():
    """AUC within and across groups, in closed form, families clustered."""
    rng = np.random.default_rng(6)
    truth = float(norm.cdf(1.1 / np.sqrt(2)))
    held = defaultdict(list)
    for draw in range(60):
        world = draw_world(rng, 3_256, 0.12)
        audit = fs.audit_fairness(
            world.label, world.score, world.groups[["ethnicity", "age_band"]],
            capacity=CAPACITY, households=world.household, pairs=False, resamples=2, seed=draw,
        )  # fmt: skip
        table = audit.full_table[audit.full_table["metric"].str.startswith("auc")].dropna(
            subset=["low"]
        )
        held["value"] += ((table["low"] <= truth) & (truth <= table["high"])).to_list()
        held["gap"] += ((table["difference_low"] <= 0) & (table["difference_high"] >= 0)).to_list()

    assert 0.92 <= np.mean(held["value"]) <= 0.975
    assert 0.92 <= np.mean(held["gap"]) <= 0.975


def recall_rows(draws, *, gap, seed):
    rng = np.random.default_rng(seed)
    for draw in range(draws):
        world = draw_world(rng, 10_000, 0.12, gap=gap)
        audit = fs.audit_fairness(
            world.label, world.score, world.groups, capacity=CAPACITY, pairs=False,
            households=world.household, score_measures=False, resamples=2, seed=draw,
        )  # fmt: skip
        yield audit.full_table.query(f"group == '{GAP_GROUP}' and metric == 'recall'").iloc[0]


def test_a_gap_of_the_printed_size_is_seen_about_four_times_in_five():
    """The smallest gap that audits say they could have seen, then planted."""
    printed = np.mean([row["could_see"] for row in recall_rows(10, gap=0.0, seed=8)])
    planted = list(recall_rows(60, gap=lowering_gap(0.12, printed), seed=9))

    assert np.mean([row["difference"] for row in planted]) == pytest.approx(-printed, rel=0.15)
    assert 0.65 <= np.mean([row["adjusted_p"] <= 0.05 for row in planted]) <= 0.95


class TestSyntheticAuthority:
    """More contacts recorded for one group for the same truth, and a score that counts them."""

    def audit(self, size):
        defects = {"over_reporting": size} if size else None
        records = fs.make_authority(children=20_000, years=6, seed=3, defects=defects)
        cases = study_cases(records, fs.Plan(outcome="cp_plan", within_days=365, capacity=0.15))
        known = cases.labels["label"].notna()
        cohort = cases.cohort[known]
        return fs.audit_fairness(
            cases.labels.loc[known, "label"],
            cases.features.loc[known, "child_contacts_365d"].fillna(0),
            fs.fairness_groups(records, cohort)[["ethnicity"]],
            capacity=0.15,
            households=cohort["child_id"].map(cases.households),
            as_of=cohort["as_of"],
            score_measures=False,
            resamples=200,
            origin="synthetic",
        )

    def of_group(self, audit, metric):
        return audit.full_table.query("group == 'Black' and metric == @metric").iloc[0]

    def test_nothing_is_found_where_nothing_is_planted(self):
        audit = self.audit(0)
        first = audit.full_table.query("attribute == 'ethnicity'")

        assert audit.gaps.empty
        assert "worth a look" not in set(first["verdict"])

    def test_over_reporting_is_found_at_its_size(self):
        audit = self.audit(1.5)
        found = self.of_group(audit, "false_positive_rate")

        assert found["verdict"] == "worth a look"
        assert found["difference_low"] > 0.2
        assert found["difference"] < 0.45
        assert self.of_group(audit, "selection_rate")["verdict"] == "worth a look"

    def test_more_of_it_shows_a_gap_in_the_declared_family(self):
        """Twice as much: the list's precision differs by group."""
        audit = self.audit(3)
        white = audit.gaps.query("group == 'White' and metric == 'precision'")

        assert len(white) == 1
        assert white["difference"].item() > 0.03


def test_groups_are_looked_up_for_every_case_of_an_authority(small_authority):
    """A4: nobody is left out for want of a record."""
    cohort = fs.referral_cohort(small_authority)
    groups = fs.fairness_groups(small_authority, cohort)

    assert groups.notna().all(axis=None)
    assert isinstance(groups["ethnicity"].dtype, pd.CategoricalDtype)
