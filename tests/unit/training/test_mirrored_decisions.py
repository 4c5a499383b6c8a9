"""Decisions in MLflow's registry: mirrored, obeyed, and never more than what was decided."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fs_risk.errors import ApprovalError, ArtefactError
from fs_risk.model.approval_policy import STEPS
from fs_risk.model.approvals import Approvals
from fs_risk.model.in_use import CARD_FILE, InUse, subject_in
from fs_risk.model.store import load_model, mlflow_at
from fs_risk.model_cards.mirror import mirror_decisions
from fs_risk.training.registry import move_alias
from fs_risk.training.tracking import track_run

TODAY = datetime.now(UTC).date()
OWNER = STEPS[-1].roles[0]
NAME = "front door"


@pytest.fixture(scope="module")
def passed(fitted, report):
    """The stand-in model, as if fitted on real records and past its gates."""
    results = [each.model_copy(update={"passed": True}) for each in report.gate_results]
    training = fitted.training.model_copy(update={"origin": "real"})
    real = replace(fitted, facts=fitted.facts.model_copy(update={"training": training}))
    return real.with_gate_results(results)


@pytest.fixture(scope="module")
def empty_store(passed, new_store, tmp_path_factory):
    """A store with the model registered once; tests work on versions of their own."""
    uri = new_store(tmp_path_factory.mktemp("registry"))
    track_run(passed, tracking_uri=uri, register_as="other")
    return uri


@pytest.fixture
def case(passed, empty_store, tmp_path, request):
    """A signed model in a folder, and a version of it under a name of its own."""
    name = f"{NAME} {request.node.name[:60].translate(str.maketrans('[]/:', '----'))}"
    folder = passed.save(tmp_path / "model")
    card = {"hashes": {"audit": "c" * 64}, "purpose": "second reads"}
    (folder / CARD_FILE).write_text(json.dumps(card), encoding="utf-8")
    tracked = track_run(passed, tracking_uri=empty_store, register_as=name)
    for step in STEPS:
        decide(folder, "approve", step.roles[0], expires=TODAY + timedelta(days=30))
    return name, folder, empty_store, tracked


def decide(folder, kind, role, expires=None):
    model = load_model(folder)
    return Approvals(folder).decide(
        kind, subject=subject_in(folder, model.content_hash), mode=model.mode,
        by=f"The {role}", role=role, organisation="A council", reason="as agreed",
        expires=expires,
    )  # fmt: skip


def mirror(case):
    name, folder, uri, _ = case
    return mirror_decisions(folder, tracking_uri=uri, registered_as=name)[0]


def usable(case, which="live"):
    name, _, uri, tracked = case
    which = f"/{tracked.version}" if which == "version" else f"@{which}"
    return InUse(load_model(f"models:/{name}{which}", tracking_uri=uri)).standing()


def version(case):
    name, _, uri, tracked = case
    with mlflow_at(uri) as mlflow:
        return mlflow.MlflowClient().get_model_version(name, str(tracked.version))


def test_it_is_usable_from_the_registry_once_it_is_live_and_mirrored(case):
    """M4: signed is not live, and live is not mirrored."""
    assert not usable(case, "version").usable
    mirror(case)
    assert not usable(case, "version").usable
    decide(case[1], "go live", OWNER)
    assert not usable(case, "version").usable
    assert mirror(case).aliases == ("live",)
    standing = usable(case)
    assert standing.usable
    assert standing.until == (TODAY + timedelta(days=30)).isoformat()
    assert standing == InUse(load_model(case[1])).standing()


def test_run_and_version_say_what_was_decided(case):
    last = decide(case[1], "go live", OWNER)
    mirror(case)
    with mlflow_at(case[2]) as mlflow:
        run = mlflow.get_run(case[3].run_id).data.tags
        registered = mlflow.MlflowClient().get_registered_model(case[0]).tags
        listed = mlflow.MlflowClient().list_artifacts(case[3].run_id, "decisions")
        kept = {each.path for each in listed}

    assert kept == {"decisions/approvals.jsonl", "decisions/card.json"}
    for tags in (run, version(case).tags, registered):
        assert tags["state"] == "live"
        assert tags["approved_until"] == (TODAY + timedelta(days=30)).isoformat()
        assert tags["last_decision"] == last.hash
    assert registered["live_version"] == str(case[3].version)


def test_suspension_takes_the_alias_away_and_reaches_what_is_loaded(case, monkeypatch):
    decide(case[1], "go live", OWNER)
    mirror(case)
    running = InUse(load_model(f"models:/{case[0]}@live", tracking_uri=case[2]))
    assert running.standing().usable
    decide(case[1], "suspend", STEPS[0].roles[0])
    assert mirror(case).aliases == ()
    monkeypatch.setattr("fs_risk.model.mirrored.ASKED_AGAIN_AFTER", -1.0)
    assert not running.standing().usable


def test_alias_moved_by_hand_makes_nothing_live(case):
    """G4: in doubt it counts as no."""
    mirror(case)
    with mlflow_at(case[2]) as mlflow:
        mlflow.MlflowClient().set_registered_model_alias(case[0], "live", str(case[3].version))
    assert not usable(case).usable


def test_alias_taken_away_by_hand_stops_it(case):
    decide(case[1], "go live", OWNER)
    mirror(case)
    with mlflow_at(case[2]) as mlflow:
        mlflow.MlflowClient().delete_registered_model_alias(case[0], "live")
    assert not usable(case, "version").usable


@pytest.mark.parametrize("spoilt", ["approvals.jsonl", "card.json", "cut"])
def test_spoilt_mirror_counts_as_no(case, spoilt, tmp_path):
    decide(case[1], "go live", OWNER)
    mirror(case)
    assert usable(case).usable
    name = "approvals.jsonl" if spoilt == "cut" else spoilt
    text = (case[1] / name).read_text(encoding="utf-8")
    changed = {
        "approvals.jsonl": text.replace("A council", "B council", 1),
        "card.json": text.replace("second reads", "everything"),
        # the suspension that follows "go live" is cut off, as by restoring an old file
        "cut": text,
    }[spoilt]
    if spoilt == "cut":
        decide(case[1], "refuse", OWNER)
        mirror(case)
    (tmp_path / name).write_text(changed, encoding="utf-8")
    with mlflow_at(case[2]) as mlflow:
        client = mlflow.MlflowClient()
        client.set_registered_model_alias(case[0], "live", str(case[3].version))
        client.log_artifact(case[3].run_id, str(tmp_path / name), "decisions")
    assert not usable(case).usable


def test_end_of_the_approval_is_obeyed(case):
    decide(case[1], "go live", OWNER)
    mirror(case)
    use = InUse(load_model(f"models:/{case[0]}@live", tracking_uri=case[2]))
    assert use.standing(on=TODAY + timedelta(days=30)).usable
    assert not use.standing(on=TODAY + timedelta(days=31)).usable


def test_store_that_does_not_answer_counts_as_no(case, tmp_path):
    decide(case[1], "go live", OWNER)
    mirror(case)
    model = load_model(f"models:/{case[0]}@live", tracking_uri=case[2])
    gone = replace(model.registered, tracking_uri=f"file://{tmp_path / 'none'}")
    use = InUse(replace(model, registered=gone))
    assert not use.standing().usable
    assert not use.standing().usable


def test_history_written_anew_is_not_mirrored(case):
    mirror(case)
    (case[1] / "approvals.jsonl").unlink()
    decide(case[1], "approve", STEPS[0].roles[0], expires=TODAY + timedelta(days=3))
    with pytest.raises(ApprovalError, match="Other decisions are mirrored"):
        mirror(case)


def test_model_that_is_not_registered_is_named(passed, case, tmp_path):
    with pytest.raises(ArtefactError, match="not registered there"):
        mirror_decisions(case[1], tracking_uri=case[2], registered_as="nobody")


def test_real_model_is_not_moved_by_a_reference(case):
    """M4: whatever is said, only the decisions beside it."""
    with pytest.raises(ArtefactError, match="by the decisions beside it alone"):
        move_alias(case[0], case[3].version, "live", decision="panel", tracking_uri=case[2])
