"""Decisions about a model from the shell."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fs_risk.cli import app
from fs_risk.model.approval_policy import STEPS

ROOT = Path(__file__).parents[2]


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def model(small_model, tmp_path_factory):
    return small_model.save(tmp_path_factory.mktemp("approving") / "model")


def test_a_model_without_decisions_is_a_draft(model):
    asked = run("approvals", "--model", model)
    assert (asked.exit_code, asked.stdout) == (0, "draft: Nobody has signed yet.\n")
    said = json.loads(run("approvals", "--model", model, "--json").stdout)
    assert (said["state"], said["decisions"]) == ("draft", [])


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["--decision", "bless"], 18, "not a decision about a model"),
        (["--expires", "soon"], 18, "not a date"),
        (["--answers", "nothing.toml"], 18, "answers cannot be read"),
        ([], 15, "not a card of this release"),
    ],
)
def test_what_cannot_be_understood_is_said_plainly(model, tmp_path, more, code, message):
    (tmp_path / "card.json").write_text("{}", encoding="utf-8")
    who = ["--by", "A. Analyst", "--role", STEPS[0].roles[0], "--organisation", "A council"]
    asked = run("approve", tmp_path / "card.json", "--model", model, *who, *more)
    assert (asked.exit_code, message in asked.stderr) == (code, True)
    assert "Traceback" not in asked.stderr


def test_the_page_names_every_role_and_decision():
    page = (ROOT / "docs" / "approving_a_model.md").read_text(encoding="utf-8")
    assert all(role in page for step in STEPS for role in step.roles)
    for word in ("approve", "refuse", "withdraw", "go live", "suspend", "retire"):
        assert f"| {word} |" in page
