"""A model on real records scores while, and only while, it is approved (G4, M4)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

import fs_risk as fs
import ledgers
from fs_risk.model.approval_policy import STEPS
from fs_risk.model.approvals import Approvals
from fs_risk.model.in_use import CARD_FILE, InUse, subject_in
from fs_risk.records.admission import remade
from fs_risk.records.records import Origin
from fs_risk.triage.referral import declared_referrals

TODAY = datetime.now(UTC).date()
OWNER = STEPS[-1].roles[0]


@pytest.fixture(scope="module")
def records(small_authority):
    """The small authority, as if it were a real one."""
    return remade(small_authority, origin=Origin("real", ("ssd",), ""), truth=None)


@pytest.fixture(scope="module")
def passed(small_model):
    """The small model, as if it had been fitted on real records and had passed its gates."""
    results = tuple(
        result.model_copy(update={"passed": True}) for result in small_model.gate_results
    )
    training = small_model.training.model_copy(update={"origin": "real"})
    return replace(
        small_model,
        facts=small_model.facts.model_copy(update={"training": training, "gate_results": results}),
    )


@pytest.fixture
def folder(passed, tmp_path):
    saved = passed.save(tmp_path / "model")
    card = {"hashes": {"audit": "c" * 64}, "envelope": {"run": 1}, "purpose": "second reads"}
    (saved / CARD_FILE).write_text(json.dumps(card), encoding="utf-8")
    return saved


@pytest.fixture(scope="module")
def referral(small_authority):
    """A referral of today: the extract is carried forward, so that nothing else stops it."""
    last = small_authority.coverage["referrals"].observed_to.date()
    return declared_referrals(small_authority, last - timedelta(days=40), last)[0]


def decide(folder, kind, role, expires=None, mode="approval needed"):
    model = fs.load_model(folder)
    return Approvals(folder).decide(
        kind,
        subject=subject_in(folder, model.content_hash),
        mode=mode,
        by=f"The {role}",
        role=role,
        organisation="A council",
        reason="as agreed",
        expires=expires,
    )


def sign_all(folder, days=30):
    for step in STEPS:
        decide(folder, "approve", step.roles[0], expires=TODAY + timedelta(days=days))


def code(folder_or_model, referral, records):
    model = folder_or_model
    if not isinstance(model, fs.StepUpModel):
        model = fs.load_model(folder_or_model)
    return fs.score_referral(referral, records=records, model=model).code


def test_it_scores_from_the_day_it_goes_live(folder, referral, records):
    assert code(folder, referral, records) == "NOT_APPROVED"
    sign_all(folder)
    assert code(folder, referral, records) == "NOT_APPROVED"
    decide(folder, "go live", OWNER)
    score = fs.score_referral(referral, records=records, model=fs.load_model(folder))
    assert score.code != "NOT_APPROVED"
    assert score.model.approved_until == (TODAY + timedelta(days=30)).isoformat()
    assert len(score.model.card) == 12


def test_a_suspension_reaches_a_model_that_is_loaded(folder, referral, records):
    sign_all(folder)
    decide(folder, "go live", OWNER)
    running = fs.load_model(folder)
    assert code(running, referral, records) != "NOT_APPROVED"
    decide(folder, "suspend", STEPS[0].roles[0])
    assert code(running, referral, records) == "NOT_APPROVED"


def test_it_stops_on_the_day_after_the_approval_ends(folder):
    sign_all(folder, days=3)
    decide(folder, "go live", OWNER)
    use = InUse(fs.load_model(folder))
    assert use.standing(on=TODAY + timedelta(days=3)).usable
    assert not use.standing(on=TODAY + timedelta(days=4)).usable


def test_a_changed_card_stops_it(folder, referral, records):
    sign_all(folder)
    decide(folder, "go live", OWNER)
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    (folder / CARD_FILE).write_text(json.dumps({**card, "envelope": {"run": 2}}), encoding="utf-8")
    assert code(folder, referral, records) != "NOT_APPROVED"
    changed = json.dumps({**card, "purpose": "everything"})
    (folder / CARD_FILE).write_text(changed, encoding="utf-8")
    assert code(folder, referral, records) == "NOT_APPROVED"


@pytest.mark.parametrize("spoilt", ["approvals.jsonl", CARD_FILE])
def test_what_cannot_be_read_counts_as_no(folder, referral, records, spoilt):
    sign_all(folder)
    decide(folder, "go live", OWNER)
    with open(folder / spoilt, "ab") as file:
        file.write(b"{]\n")
    assert code(folder, referral, records) == "NOT_APPROVED"


def test_a_failed_gate_is_lifted_by_no_signature(passed, tmp_path, referral, records):
    failed = (*passed.gate_results[1:], passed.gate_results[0].model_copy(update={"passed": False}))
    model = replace(passed, facts=passed.facts.model_copy(update={"gate_results": failed}))
    folder = model.save(tmp_path / "failed")
    (folder / CARD_FILE).write_text(json.dumps({"hashes": {"audit": ""}}), encoding="utf-8")
    sign_all(folder)
    # as somebody would who writes the log by hand
    decide(folder, "go live", OWNER, mode="approval needed")
    assert code(folder, referral, records) == "NOT_APPROVED"


def test_a_copy_of_the_folder_without_its_decisions_may_not_be_used(
    folder, passed, tmp_path, referral, records
):
    sign_all(folder)
    decide(folder, "go live", OWNER)
    assert code(folder, referral, records) != "NOT_APPROVED"
    copy = passed.save(tmp_path / "copy")
    assert code(copy, referral, records) == "NOT_APPROVED"
    assert code(passed, referral, records) == "NOT_APPROVED"


def test_a_score_of_a_live_model_is_made_again_after_it_is_suspended(
    folder, referral, records, tmp_path
):
    sign_all(folder)
    decide(folder, "go live", OWNER)
    model = fs.load_model(folder)
    ledger = ledgers.begin(tmp_path)
    score = fs.score_referral(referral, records=records, model=model, ledger=ledger)
    decide(folder, "suspend", OWNER)
    again = ledger.replay(score.score_id, model=model)
    ledger.close()
    assert (again.score, score.code) == (score, None)


def test_a_model_on_invented_records_asks_for_no_approval(small_model):
    assert InUse(small_model).standing(on=date(2030, 1, 1)).usable
    assert InUse(small_model).approval() is None
