"""A score whose history or days ahead cross a go-live or a changed rule says so."""

import dataclasses

import pytest

import fs_risk as fs
from fs_risk.records.breaks import Break


@pytest.fixture(scope="module")
def marked(small_model):
    """The small model, had its plan marked a rule that changed after it was tested."""
    day = fs.Plan(outcome="cp_plan", breaks=[small_model.training.test.last_as_of]).breaks[0]
    rule = Break(kind="tier rule", start=day.start.replace(day=1), what="Family Help")
    plan = small_model.plan._changed(breaks=(rule,))
    facts = small_model.facts.model_copy(update={"plan": plan, "plan_hash": plan.hash})
    return dataclasses.replace(small_model, facts=facts)


@pytest.fixture(scope="module")
def lately(small_authority, small_model):
    """Referrals made after the last one that the model was tested on."""
    referrals = small_authority["referrals"]
    tested_to = small_model.training.test.last_as_of
    late = referrals[referrals["referral_date"] > tested_to].sort_values("referral_date")
    return [
        {"referral_id": one.referral_id, "child_id": one.child_id,
         "referral_date": one.referral_date.date(), "source": one.source}
        for one in late.head(20).itertuples()
    ]  # fmt: skip


def test_score_says_that_its_history_crosses_the_rule(small_authority, small_model, marked, lately):
    pairs = [
        [fs.score_referral(one, records=small_authority, model=model)
         for model in (marked, small_model)]
        for one in lately
    ]  # fmt: skip
    scored = [(said, plain) for said, plain in pairs if said.probability is not None]

    assert scored
    for said, plain in scored:
        crossed = [each for each in said.unknowns if "tier rule" in each]
        assert len(crossed) == 1
        assert crossed[0].endswith("(Family Help): part of the history read is from before it")
        assert [each for each in said.unknowns if each not in crossed] == list(plain.unknowns)
        assert said.probability == plain.probability
