"""People's decisions about a card, bound to the card, the model and the audit."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from typer.testing import CliRunner

from fs_risk.cli import app
from fs_risk.errors import ApprovalError, ArtefactError
from fs_risk.model.approval_policy import STEPS
from fs_risk.model.approvals import Approvals
from fs_risk.model.in_use import CARD_FILE, subject_of
from fs_risk.model.store import mlflow_at
from fs_risk.model_cards.answers import CardAnswers, EqualityAnswer
from fs_risk.model_cards.approve import (
    SIGNED,
    approval_state,
    approve,
    changes_since_signed,
    suspend,
)
from fs_risk.model_cards.card import ModelCard
from fs_risk.training.tracking import track_run

ROLES = [step.roles[0] for step in STEPS]
TODAY = datetime.now(UTC).date()
NEXT_YEAR = TODAY + timedelta(days=300)


@pytest.fixture
def folder(small_model, tmp_path):
    return small_model.save(tmp_path / "model")


@pytest.fixture(scope="module")
def written(card):
    """The card with every answer that people owe."""
    said = {
        name: NEXT_YEAR if "date" in str(field.annotation) else "Said by the authority."
        for name, field in CardAnswers.model_fields.items()
        if name != "equality"
    }
    equality = tuple(
        EqualityAnswer(
            attribute=attribute,
            group=group,
            answer="Each case is read by hand until there is evidence.",
            role="senior responsible owner",
            review_date=NEXT_YEAR,
        )
        for attribute, group in card.fairness.without_evidence
    )
    leakage = card.leakage.model_copy(update={"prover": {"passed": True}})
    people = CardAnswers(**said, equality=equality)
    return card.model_copy(update={"people": people, "leakage": leakage})


def decide(card, folder, role, decision="approve", **more):
    return approve(
        card,
        folder,
        by=f"The {role}",
        role=role,
        decision=decision,
        **{
            "organisation": "A council",
            "expires": NEXT_YEAR if decision == "approve" else None,
            "reason": "as agreed",
        }
        | more,
    )


def test_the_whole_way_to_live(written, folder):
    for step in STEPS:
        assert decide(written, folder, step.roles[0]).state == step.state
    assert decide(written, folder, ROLES[-1], "go live").live
    state = approval_state(folder)
    assert (state.live, state.expires) == (True, NEXT_YEAR)
    assert {answer.question for answer in state.answers} == {
        f"{attribute}, {group}: not enough evidence"
        for attribute, group in written.fairness.without_evidence
    }


class TestOrganisation:
    def test_left_out_it_is_the_one_that_every_earlier_decision_names(self, written, folder):
        decide(written, folder, ROLES[0])
        decide(written, folder, ROLES[1], organisation=None)
        assert {each.organisation for each in Approvals(folder).decisions} == {"A council"}
        assert len(Approvals(folder).decisions) == 2

    def test_the_first_decision_must_say_it(self, written, folder):
        with pytest.raises(ApprovalError, match=r"decisions name none(?s:.*)Give organisation="):
            decide(written, folder, ROLES[0], organisation=None)
        assert not Approvals(folder).decisions

    def test_where_two_were_named_it_must_be_said(self, written, folder):
        decide(written, folder, ROLES[0])
        decide(written, folder, ROLES[1], organisation="A trust")
        with pytest.raises(ApprovalError, match="earlier decisions name more than one"):
            decide(written, folder, ROLES[-1], organisation=None)


def test_every_card_decided_about_is_kept_as_evidence(written, folder):
    decide(written, folder, ROLES[0])
    (kept,) = (folder / SIGNED).iterdir()
    assert ModelCard.read(kept) == written
    assert kept.stem == subject_of(written.to_json(), "a" * 64).card


def test_the_hash_signed_is_the_hash_on_the_card(written):
    assert subject_of(written.to_json(), "a" * 64).card == written.content_hash


def test_a_card_with_open_questions_is_signed_by_nobody(card, folder):
    with pytest.raises(ApprovalError, match="still to be written"):
        decide(card, folder, ROLES[0])
    assert not (folder / CARD_FILE).exists()
    assert approval_state(folder).state == "draft"


def test_a_group_without_evidence_is_answered_by_the_owner_or_stops_it(written, folder):
    """Requirement A4: not enough evidence is never a gate passed."""
    assert written.fairness.without_evidence
    people = written.people.model_copy(update={"equality": ()})
    silent = written.model_copy(update={"people": people})
    for role in ROLES[:-1]:
        decide(silent, folder, role)
    with pytest.raises(ApprovalError, match="not answered in writing"):
        decide(silent, folder, ROLES[-1])
    with pytest.raises(ApprovalError, match="not a sentence"):
        decide(silent, folder, ROLES[-1], answers={"Why?": "Because."})
    said = ("Each case is read by hand until there is evidence.", NEXT_YEAR)
    answers = dict.fromkeys(silent.equality_questions, said)
    state = decide(silent, folder, ROLES[-1], answers=answers)
    assert state.state == "approved"
    assert {answer.question for answer in state.answers} == set(answers)


def test_a_card_that_may_not_be_signed_leaves_the_signed_one(written, card, folder):
    for role in ROLES:
        decide(written, folder, role)
    decide(written, folder, ROLES[-1], "go live")
    with pytest.raises(ApprovalError):
        decide(card, folder, ROLES[0])
    assert approval_state(folder).live


def test_a_new_card_is_signed_anew_from_the_first_step(written, folder):
    for role in ROLES:
        decide(written, folder, role)
    people = written.people.model_copy(update={"purpose": "Another purpose."})
    other = written.model_copy(update={"people": people})
    # a card is hashed once and kept: a copy must not bring its hash along
    other = ModelCard.model_validate_json(other.to_json())
    with pytest.raises(ApprovalError, match="not that role's turn"):
        decide(other, folder, ROLES[2])
    assert decide(other, folder, ROLES[0]).state == STEPS[0].state


def test_a_card_of_another_model_is_refused(written, folder):
    hashes = written.hashes.model_copy(update={"model": "0" * 64})
    with pytest.raises(ApprovalError, match="of another model"):
        decide(written.model_copy(update={"hashes": hashes}), folder, ROLES[0])


def test_the_published_view_is_not_signed(written, folder):
    with pytest.raises(ApprovalError, match="published view"):
        decide(written.publishable(), folder, ROLES[0])


def test_a_changed_model_is_refused_before_anything_is_decided(written, folder):
    with open(folder / "booster.txt", "a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(ArtefactError, match="not as it was written"):
        decide(written, folder, ROLES[0])


def test_what_it_was_on_an_earlier_day(written, folder):
    long_ago = datetime(2024, 5, 1, 12, tzinfo=UTC)
    for place, role in enumerate(ROLES):
        at = long_ago + timedelta(minutes=place)
        decide(written, folder, role, at=at, expires=date(2024, 9, 1))
    decide(written, folder, ROLES[-1], "go live", at=long_ago + timedelta(hours=1))
    assert approval_state(folder, on=date(2024, 4, 30)).state == "draft"
    assert approval_state(folder, on=date(2024, 8, 1)).live
    assert approval_state(folder, on=date(2024, 9, 2)).state == "suspended"
    assert approval_state(folder).why == "The approval ended on 2024-09-01."


def live(written, folder):
    for role in ROLES:
        decide(written, folder, role)
    assert decide(written, folder, ROLES[-1], "go live").live


@pytest.fixture(scope="module")
def went_live(written, small_model, tmp_path_factory):
    folder = small_model.save(tmp_path_factory.mktemp("live") / "model")
    live(written, folder)
    return folder


@pytest.fixture
def in_use(went_live, tmp_path):
    """A copy of the folder of a live model."""
    return shutil.copytree(went_live, tmp_path / "in_use")


def stop(folder, role=ROLES[1], **more):
    return suspend(
        folder,
        **{"by": "A. Lead", "role": role, "organisation": "A council", "reason": "doubt"} | more,
    )


SPOILT = {
    "nothing": lambda folder: None,
    "the card is lost": lambda folder: (folder / CARD_FILE).unlink(),
    "the card cannot be read": lambda folder: (folder / CARD_FILE).write_text("{", "utf-8"),
    "the card was changed": lambda folder: (folder / CARD_FILE).write_text(
        (folder / CARD_FILE).read_text("utf-8").replace("by the authority", "by another"), "utf-8"
    ),
    "the model was changed": lambda folder: (folder / "booster.txt").write_text("", "utf-8"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_nothing_that_lies_beside_a_live_model_keeps_anybody_from_suspending_it(in_use, spoilt):
    """To stop is the easiest decision of all."""
    folder = in_use
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    SPOILT[spoilt](folder)

    assert stop(folder).state == "suspended"

    # what was spoilt is put right again: the model stays suspended
    for name in (CARD_FILE, "booster.txt"):
        (folder / name).write_bytes(before[name])
    assert approval_state(folder).state == "suspended"
    assert Approvals(folder).decisions[-1].subject == Approvals(folder).decisions[0].subject


def test_a_newer_unsigned_card_suspends_what_is_live(written, card, in_use):
    """With `approve`, whichever card is at hand: it decides nothing here."""
    assert decide(card, in_use, ROLES[0], "suspend").state == "suspended"
    assert decide(written, in_use, ROLES[-1], "go live").live


def test_a_lapsed_approval_is_suspended_lest_a_renewal_brings_it_back(written, folder):
    long_ago = datetime(2024, 5, 1, 12, tzinfo=UTC)
    for place, role in enumerate([*ROLES, ROLES[-1]]):
        kind = "approve" if place < len(ROLES) else "go live"
        at = long_ago + timedelta(minutes=place)
        expires = date(2024, 9, 1) if kind == "approve" else None
        decide(written, folder, role, kind, at=at, expires=expires)
    stop(folder)
    assert decide(written, folder, ROLES[-1]).state == "suspended"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"reason": " "}, "needs a reason"),
        ({"role": "councillor"}, "No step of the policy"),
    ],
)
def test_to_suspend_needs_a_role_and_a_reason(in_use, more, message):
    with pytest.raises(ApprovalError, match=message):
        stop(in_use, **more)
    assert approval_state(in_use).live


def test_what_is_not_live_is_not_suspended(written, folder):
    with pytest.raises(ApprovalError, match="nothing is live"):
        stop(folder)
    decide(written, folder, ROLES[0])
    with pytest.raises(ApprovalError, match="is not live"):
        stop(folder)
    live(written, folder)
    stop(folder)
    with pytest.raises(ApprovalError, match="is not live"):
        stop(folder)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_signing_from_the_shell(written, folder, tmp_path):
    written.to_json(tmp_path / "card.json")
    until = NEXT_YEAR.isoformat()
    for step in STEPS:
        role = step.roles[0]
        who = ["--by", f"The {role}", "--role", role, "--organisation", "A council"]
        asked = run("approve", tmp_path / "card.json", "--model", folder, *who, "--expires", until)
        assert asked.exit_code == 0, asked.stderr
    who = ["--by", "The owner", "--role", role]
    asked = run(
        "approve",
        tmp_path / "card.json",
        "--model",
        folder,
        *who,
        "--decision",
        "go live",
        "--json",
    )
    assert json.loads(asked.stdout)["state"] == "live"
    told = run("approvals", "--model", folder).stdout.splitlines()
    assert len(told) == len(STEPS) + 2
    assert told[-1].startswith(f"live until {until}: ")
    assert ModelCard.read(folder / CARD_FILE) == written
    (folder / CARD_FILE).unlink()
    asked = run("suspend", "--model", folder, *who, "--reason", "Scores repeat")
    assert asked.stdout.startswith("suspended: Suspended by the senior responsible owner")


def test_a_signer_is_shown_what_changed_since_the_last_signature(written, folder, tmp_path):
    assert changes_since_signed(written, folder) is None
    decide(written, folder, ROLES[0])
    assert changes_since_signed(written, folder) is None
    people = written.people.model_copy(update={"purpose": "Another purpose."})
    written.model_copy(update={"people": people}).to_json(tmp_path / "card.json")
    who = ["--by", "Ann", "--role", ROLES[0], "--organisation", "A council"]
    told = run("approve", tmp_path / "card.json", "--model", folder, *who).stdout

    assert told.startswith("Changed since the card that was signed last:")
    assert "Another purpose." in told


def test_a_decision_reaches_the_registry_with_the_card(
    written, small_model, folder, new_store, tmp_path
):
    store = new_store(tmp_path)
    tracked = track_run(small_model, tracking_uri=store, register_as="front door")
    for role in ROLES:
        decide(written, folder, role)
    decide(written, folder, ROLES[-1], "go live", tracking_uri=store)
    with mlflow_at(store) as mlflow:
        client = mlflow.MlflowClient()
        live = client.get_model_version_by_alias("front door", "live")
        forms = {each.path for each in client.list_artifacts(tracked.run_id, "decisions")}

    assert (str(live.version), live.tags["state"]) == (str(tracked.version), "live")
    assert live.tags["card_sha256"] == written.content_hash
    assert {"decisions/approvals.jsonl", "decisions/card.json"} <= forms
