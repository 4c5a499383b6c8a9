"""Decisions in a ledger audited beside the scores, and the page that holds it all."""

from datetime import timedelta

import pytest

import fs_risk as fs
from fs_risk.errors import AuditError
from fs_risk.triage.referral import declared_referrals
from ledgers import WHO, begin


@pytest.fixture(scope="module")
def ledger(tmp_path_factory, small_authority, small_model):
    """Half a year of referrals, two years ago, listed and then decided by people."""
    ledger = begin(tmp_path_factory.mktemp("ledger"))
    first = (small_authority.extract_date - timedelta(days=800)).date()
    referrals = declared_referrals(small_authority, first, first + timedelta(days=300))
    ranked = fs.prioritise(
        referrals, records=small_authority, model=small_model, capacity=60,
        purpose="second_read", ledger=ledger,
    )  # fmt: skip
    listed = set(ranked.table.loc[ranked.table["listed"], "referral_id"])
    for place, score in enumerate(each for each in ranked.scores if each.code is None):
        follows = place % 5 > 0
        attention = (score.referral_id in listed) == follows
        ledger.record_decision(
            score, decision="assessment" if attention else "advice", reason="As discussed.",
            agreement="agrees" if follows else "less_worried", **WHO,
        )  # fmt: skip
    return ledger


@pytest.fixture(scope="module")
def decisions(ledger, small_authority):
    return fs.audit_decisions(ledger, small_authority, attributes=["sex", "age_band"], resamples=50)


def test_ledgers_decisions_are_audited_beside_its_scores(decisions, ledger):
    """A5: score disparity and decision disparity, from the ledger."""
    by_score = decisions.scores.audited
    taken = ledger.decisions()

    assert len(by_score.label) == len(taken)
    assert decisions.decisions.audited.share.sum() == (taken["decision"] == "assessment").sum()
    assert set(decisions.overrides) == {"more_worried", "less_worried"}
    assert decisions.text().startswith("Decisions beside scores\nSYNTHETIC.")


def test_what_counts_as_attention_can_be_said(ledger, small_authority):
    found = fs.audit_decisions(
        ledger, small_authority, attributes=["sex"], counts_as=["advice"], resamples=20
    )
    assert found.counts_as == ("advice",)
    assert found.decisions.audited.share.sum() == (ledger.decisions()["decision"] == "advice").sum()


def test_gaps_of_decisions_are_watched_by_the_month_outcomes_are_known(decisions):
    """A7: over time, from the ledger."""
    table = decisions.over_time().table
    first = table.groupby("metric")["month"].min()

    assert (first["recall"] - first["selection_rate"]).days > 300


def test_a_ledger_without_decisions_is_refused(tmp_path, small_authority):
    with pytest.raises(AuditError, match="None of 0 referrals of a list has a decision"):
        fs.audit_decisions(begin(tmp_path), small_authority)


def test_page_holds_why_options_decisions_and_time_beside_the_duty(
    decisions, small_authority, small_model, tmp_path
):
    """A3, A6: one page that governance can read alone, and no grade on it."""
    audit = fs.audit_step_up(small_model, small_authority, attributes=["sex"], resamples=100)
    why = fs.explain_gaps(small_model, small_authority, gaps=[("sex", "male", "recall")],
                          progress=False)  # fmt: skip
    options = fs.compare_options(
        small_model, small_authority, attribute="sex", tried=["reweighed"], resamples=10,
        progress=False,
    )  # fmt: skip
    page = audit.to_html(
        tmp_path / "audit.html", why=why, options=options, decisions=decisions,
        over_time=decisions.over_time(),
    ).read_text("utf-8")  # fmt: skip

    for title in (
        "Why recall differs: sex, male",
        "What could be done, before and after",
        "Decisions beside scores",
        "Gaps over time",
        "Questions of the public sector equality duty",
    ):
        assert f"{title}</h2>" in page
    assert page.index("Gaps over time") < page.index("public sector equality duty</h2>")
    assert "SYNTHETIC" in page
    assert "<script" not in page
    assert "src=" not in page
