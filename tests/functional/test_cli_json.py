"""`--json` of each command: one document, the keys that the page names, nobody in aggregates."""

import importlib
import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app
from fs_risk.cli.verbs import VERBS, WRITTEN
from fs_risk.model.plan import DECLARATIONS, BoosterSettings

STATED = dict.fromkeys(DECLARATIONS, "stated")


@pytest.fixture(scope="module")
def folder(small_authority, tmp_path_factory):
    """An extract and a small model fitted on it."""
    made = tmp_path_factory.mktemp("json")
    small_authority.to_ssd(made / "extract")
    records = fs.read_ssd(made / "extract")
    booster = BoosterSettings(max_rounds=30, patience=30, learning_rate=0.1)
    plan = fs.Plan(outcome="cp_plan", capacity=9, n_folds=2, booster=booster, **STATED)
    model = fs.train_step_up(records, plan, plans_tried=made / "plans.jsonl", progress=False)
    model.save(made / "model")
    return made


@pytest.fixture(scope="module")
def children(small_authority):
    return set(small_authority["children"]["child_id"].astype(str))


@pytest.fixture
def asked(folder, monkeypatch):
    """Runs a command in the folder, and gives its one document and its exit code."""
    monkeypatch.chdir(folder)

    def run(*words):
        done = CliRunner().invoke(app, [*map(str, words), "--json"])
        assert done.stdout, done.stderr

        def never(word):
            raise AssertionError(f"{word} is no JSON")

        assert done.stderr == ""
        return json.loads(done.stdout, parse_constant=never), done.exit_code

    return run


def keys_of(path):
    return {*VERBS[path].prints, *WRITTEN}


def names_in(content, children):
    """Every text of a document that is a child's id."""
    if isinstance(content, dict):
        return {name for held in (*content, *content.values()) for name in names_in(held, children)}
    if isinstance(content, list):
        return {name for held in content for name in names_in(held, children)}
    return {content} & children if isinstance(content, str) else set()


AGGREGATES = [
    ["check", "extract", "--html", "quality.html"],
    ["authority", "--children", "300", "--years", "3"],
    ["features"],
    ["templates", "--out", "service"],
    ["history", "extract", "--out", "history"],
    ["audit", "extract", "--model", "model", "--resamples", "100", "--html", "audit.html"],
    ["forecast", "extract", "--measure", "referrals", "--horizon", "2"],
    ["caseload", "extract", "--horizon", "2", "--no-look-back"],
    ["drift", "extract", "--model", "model", "--on", "2025-04-02", "--html", "drift.html"],
    ["approvals", "--model", "model"],
    ["settings"],
    ["cards", "list", "model"],
    ["cards", "questions", "--out", "answers.toml"],
    ["cards", "schemas", "--out", "schemas"],
]


@pytest.mark.parametrize("words", AGGREGATES, ids=lambda words: " ".join(words[:2]))
def test_document_has_the_keys_of_the_page_and_names_no_child(words, asked, children, folder):
    found, code = asked(*words)
    path = " ".join(words[:2]) if words[0] == "cards" else words[0]

    assert code in (0, 3)
    assert set(found) == keys_of(path)
    assert names_in(found, children) == set()
    for written in found["written"].values():
        assert (folder / written).exists()


@pytest.mark.parametrize(
    "words",
    [["evaluate", "extract", "--model", "model", "--resamples", "100"]],
    ids=lambda words: words[0],
)
def test_document_is_valid_for_the_model_that_the_page_names(words, asked, children):
    found, code = asked(*words)
    module, _, name = VERBS[words[0]].prints.rpartition(".")
    kind = getattr(importlib.import_module(module), name)

    assert code == 0
    assert kind.model_validate(found).model_dump(mode="json") == found
    assert names_in(found, children) == set()


@pytest.mark.nightly
@pytest.mark.parametrize(
    "words",
    [
        ["demo", "--children", "8000", "--out", "demo"],
        ["train", "extract", "--plan", "plan.toml", "--out", "trained", "--tracking-uri",
         "sqlite:///mlflow.db", "--policy", "policy.json"],
        ["backtest", "extract", "--measure", "referrals", "--horizon", "2", "--windows", "2"],
        ["audit", "extract", "--model", "model", "--resamples", "100", "--why", "--options",
         "sex"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_dear_commands_too(words, asked, children, folder):
    stated = (f'{name} = "stated"' for name in STATED)
    (folder / "plan.toml").write_text("\n".join(['outcome = "cp_plan"', *stated]), "utf-8")
    (folder / "policy.json").write_text(fs.ApprovalPolicy().model_dump_json(), "utf-8")
    found, code = asked(*words)

    assert code == 0
    assert set(found) == keys_of(words[0])
    assert names_in(found, children) == set()
    if words[0] == "train":
        assert (folder / "trained" / "model" / "approval_policy.json").is_file()
        assert (folder / "mlflow.db").is_file()


@pytest.mark.nightly
def test_cards_are_valid_for_their_models(asked, folder):
    card, _ = asked("card", "extract", "--model", "model", "--resamples", "100", "--out", "c.json")
    demand, _ = asked("cards", "demand", "extract", "--horizon", "2", "--windows", "2")
    true, code = asked("cards", "verify", "c.json", "extract", "--model", "model")
    (folder / "printed.json").write_text(json.dumps(card), "utf-8")

    assert fs.ModelCard.read(folder / "printed.json") == fs.ModelCard.read(folder / "c.json")
    assert fs.DemandCard.model_validate(demand).model_dump(mode="json") == demand
    assert (true["true"], code) == (True, 0)


def test_score_is_valid_for_its_model(asked, children, folder):
    """On records and a model of the same invented authority it would name the child; here it is
    study output.
    """
    found, code = asked(
        "score", "extract", "--model", "model", "--referral-id", "R-1",
        "--child-id", sorted(children)[-1], "--referral-date", "2025-03-31",
    )  # fmt: skip

    assert code == 0
    assert fs.RiskScore.model_validate(found).model_dump(mode="json") == found


def test_list_writes_whole_files_and_says_where(asked, folder):
    found, code = asked(
        "prioritise", "extract", "--model", "model", "--days", 30, "--csv", "list.csv",
        "--excel", "list.xlsx",
    )  # fmt: skip

    assert code == 0
    assert set(found) == keys_of("prioritise")
    assert found["written"] == {"list": "list.csv", "workbook": "list.xlsx"}
    assert len(pd.read_csv(folder / "list.csv")) == len(found["referrals"])
    for row in found["referrals"]:
        fs.RiskScore.model_validate(row["score"])


def test_strict_check_ends_with_11_after_its_document(asked, folder):
    spoilt = folder / "spoilt"
    shutil.copytree(folder / "extract", spoilt)
    table = next(path for path in sorted(spoilt.glob("*.csv")) if "person" in path.name)
    rows = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([*rows, rows[1]]).replace("20", "x0", 40), "utf-8")
    found, code = asked("check", "spoilt", "--strict")

    assert code == 11
    assert any(problem["severity"] == "error" for problem in found["problems"])


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["check", "nowhere"], 10, "ReturnError"),
        (["check", "no-column"], 10, "ReturnError"),
        (["templates", "--out", "filled"], 11, "RecordsError"),
        (["train", "extract", "--plan", "nothing.toml"], 14, "PlanError"),
        (["train", "extract", "--plan", "future.toml"], 14, "PlanError"),
        (["evaluate", "extract", "--model", "changed"], 15, "ArtefactError"),
        (["evaluate", "extract", "--model", "extract"], 15, "ArtefactError"),
        (["score", "extract", "--model", "model", "--referral-id", "R", "--child-id", "C",
          "--referral-date", "2025-02-30"], 16, "ReferralError"),
        (["audit", "extract", "--model", "invented"], 17, "AuditError"),
        (["drift", "extract", "--model", "model", "--on", "tomorrow"], 18, "SettingError"),
        (["check", "extract", "--settings", "none.toml"], 18, "SettingError"),
        (["drift", "extract", "--model", "model", "--ledger", "sqlite:///no.db"], 19,
         "LedgerError"),
        (["suspend", "--model", "model", "--by", "A", "--role", "practice lead", "--organisation",
          "O", "--reason", "Repeats"], 20, "ApprovalError"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_each_kind_of_error_has_its_code_and_one_form(
    words, code, kind, folder, small_model, children, monkeypatch
):
    monkeypatch.chdir(folder)
    monkeypatch.delenv("FS_RISK_LEDGER_KEY", raising=False)
    _spoil(folder, small_model)
    done = CliRunner().invoke(app, [*words, "--json"])

    assert done.exit_code == code, done.output
    assert done.stdout == ""
    told = json.loads(done.stderr.splitlines()[-1])["error"]
    assert (told["kind"], told["exit_code"]) == (kind, code)
    assert told["what"]
    assert told["fix"]
    assert "Traceback" not in done.stderr
    assert not any(child in done.stderr for child in children)


def _spoil(folder, small_model):
    """Make what is wrong, once: a changed byte, a table without its columns, a plan that lies."""
    if (folder / "changed").exists():
        return
    shutil.copytree(folder / "model", folder / "changed")
    booster = folder / "changed" / "booster.txt"
    booster.write_bytes(booster.read_bytes().replace(b"0", b"1", 1))
    small_model.save(folder / "invented")
    (folder / "no-column").mkdir()
    (folder / "no-column" / "ssd_person.csv").write_text("colour,shape\nred,round\n", "utf-8")
    (folder / "future.toml").write_text(
        "\n".join(['outcome = "cp_plan"', "test_days = 5000",
                   *(f'{name} = "stated"' for name in STATED)]),
        "utf-8",
    )  # fmt: skip
    (folder / "filled").mkdir()
    (folder / "filled" / "adults.csv").write_text("adult_id\n1\n", "utf-8")
