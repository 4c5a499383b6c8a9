"""Decisions beside scores, from frames as the ledger gives them."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import AuditError
from fs_risk.evaluation.disparity_decisions import audit_decided
from fs_risk.evaluation.disparity_ledger import paired_referrals
from fs_risk.evaluation.fairness import audit_fairness


def referrals(n=2_400, seed=0):
    """A score that lists one group twice as often, and people who halve that gap."""
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(n) < 0.35, "A", "B")
    label = (rng.random(n) < 0.2).astype(float)
    listed = (rng.random(n) < np.where(group == "A", 0.4, 0.2)).astype(float)
    taken_off = (listed == 1) & (group == "A") & (rng.random(n) < 0.25)
    decided = np.where(taken_off, 0.0, listed)
    as_of = pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"))
    return label, listed, decided, pd.DataFrame({"place": group}), as_of


@pytest.fixture(scope="module")
def audit():
    label, listed, decided, groups, as_of = referrals()
    less = np.where(listed == 1, (decided == 0).astype(float), np.nan)
    return audit_decided(
        label, listed, decided, groups, as_of=as_of, overrides={"less_worried": less},
        counts_as=("assessment", "second_read"), undecided=3, resamples=50, origin="synthetic",
    )  # fmt: skip


def test_score_disparity_and_decision_disparity_stand_side_by_side(audit):
    """A5: the gap by score, by decision, and what people made of it."""
    _label, listed, decided, groups, _ = referrals()
    inside = (groups["place"] == "A").to_numpy()
    gaps = [each[inside].mean() - each[~inside].mean() for each in (listed, decided)]
    row = audit.between.query("group == 'A' and metric == 'selection_rate'").iloc[0]

    assert [row["scores_gap"], row["decisions_gap"]] == pytest.approx(gaps)
    assert row["change"] == pytest.approx(gaps[1] - gaps[0])
    assert row["moved"]
    assert row["high"] < 0


def test_each_is_a_whole_audit_as_decided(audit):
    """A5: the same audit over decisions as over scores."""
    label, _, decided, groups, _ = referrals()
    table = audit.decisions.full_table.query("group == 'A' and metric == 'recall'").iloc[0]
    inside = (groups["place"] == "A").to_numpy() & (label == 1)

    assert audit.decisions.made == "as decided"
    assert table["value"] == pytest.approx(decided[inside].mean())


def test_people_who_only_follow_the_list_are_not_shown_to_move_a_gap():
    label, listed, _, groups, _ = referrals()
    same = audit_decided(label, listed, listed, groups, resamples=20)

    assert not same.between["moved"].any()
    assert same.between["change"].abs().max() == 0


def test_overrides_are_audited_where_a_score_was_seen(audit):
    """A5: who is overridden, by group."""
    rows = audit.overrides["less_worried"].full_table.query("metric == 'selection_rate'")
    rate = rows.set_index("group")["value"]

    assert rate["A"] == pytest.approx(0.25, abs=0.06)
    assert rate["B"] == 0


def test_words_name_what_moved_and_who_was_left_out(audit):
    text = audit.text()

    assert text.splitlines()[1].startswith("SYNTHETIC. 2,400 referrals")
    assert "3 more without a decision" in text
    assert "place, A, selection rate: the gap by score is" in text
    assert "Attention is a decision of: assessment, second read." in text
    assert "<h3>Decisions beside scores" in audit._repr_html_()


def test_decisions_are_held_to_limits_over_time(audit):
    """A7: gaps of decisions and of scores, month by month."""
    by_score = audit.over_time("scores", limit=0.0)

    assert "selection_rate" in {alert.metric for alert in by_score.alerts}
    assert by_score.alerts[0].synthetic
    assert audit.over_time(limit=0.3).alerts == ()


def test_without_dates_nothing_is_watched():
    label, listed, decided, groups, _ = referrals(300)
    with pytest.raises(AuditError, match="300 referrals have no dates"):
        audit_decided(label, listed, decided, groups, resamples=20).over_time()


def test_outcomes_that_are_not_known_yet_are_refused():
    label, listed, decided, groups, _ = referrals(300)
    with pytest.raises(AuditError, match="none of 300 referrals is known yet"):
        audit_decided(label * np.nan, listed, decided, groups)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_score_that_listed_nobody_or_everybody_is_audited_as_it_was(share):
    """No capacity was chosen: what is said is what came, and no size of a list is named."""
    label, _, decided, groups, _ = referrals(300)
    found = audit_decided(label, np.full(300, share), decided, groups, resamples=20)

    assert found.scores.overall["selection_rate"] == share
    assert found.decisions.overall["selection_rate"] == pytest.approx(decided.mean())
    assert "Audit of decisions as they were taken" in found.scores.text()
    heading = found.scores.text().splitlines()[0]
    assert "of cases" not in heading
    assert "place" not in heading


@pytest.mark.parametrize("share", [1e-6, 0.2])
def test_what_was_listed_is_audited_alike_whatever_capacity_is_stated(share):
    label, listed, _, groups, _ = referrals(300)
    as_made, stated = (
        audit_fairness(label, listed, groups, capacity=capacity, listed=listed, resamples=20)
        for capacity in (listed.mean(), share)
    )

    pd.testing.assert_frame_equal(as_made.full_table, stated.full_table)
    assert as_made.text() == stated.text()


def test_lists_that_do_not_say_who_is_on_them_are_refused():
    label, listed, decided, groups, _ = referrals(300)
    with pytest.raises(AuditError, match="1 of 300 scores is missing"):
        audit_decided(label, np.where(np.arange(300) == 7, np.nan, listed), decided, groups)


class TestLedgerFrames:
    def frames(self):
        scores = pd.DataFrame(
            {
                "entry": [1, 2, 3, 4],
                "referral_id": ["r1", "r2", "r1", "r3"],
                "listed": pd.array([True, False, False, None], dtype="boolean"),
            }
        )
        decisions = pd.DataFrame(
            {
                "entry": [5, 6, 7],
                "kind": ["decision", "decision", "no_score_wanted"],
                "referral_id": ["r1", "r1", "r2"],
                "decision": ["advice", "assessment", "advice"],
                "agreement": [None, "agrees", None],
            }
        )
        return scores, decisions

    def test_last_score_stands_beside_last_decision(self):
        paired, undecided = paired_referrals(*self.frames())

        assert paired["referral_id"].tolist() == ["r1"]
        assert paired["decision"].tolist() == ["assessment"]
        assert not paired["listed"].item()
        assert undecided == 1

    def test_without_a_decision_there_is_nothing_to_audit(self):
        scores, decisions = self.frames()
        with pytest.raises(AuditError, match="None of 2 referrals of a list has a decision"):
            paired_referrals(scores, decisions.iloc[:0])
