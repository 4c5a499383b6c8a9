"""Watching a model from the shell: verdict, exit code, page; and the page that explains it."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fs_risk as fs
import ledgers
from fs_risk.cli import app
from fs_risk.triage.ledger_keys import KEY_VARIABLE
from fs_risk.triage.watch_words import CHECKS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "watching_a_model.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory, small_authority, small_model):
    """A model that says it is of real records, an extract, and an empty ledger with its key."""
    folder = tmp_path_factory.mktemp("watching")
    training = small_model.training.model_copy(update={"origin": "real"})
    facts = small_model.facts.model_copy(update={"training": training})
    replace(small_model, facts=facts).save(folder / "model")
    small_model.save(folder / "synthetic")
    small_authority.to_ssd(folder / "extract")
    ledgers.begin(folder).close()
    return folder


def run(*arguments, **settings):
    return CliRunner().invoke(app, [str(each) for each in arguments], **settings)


@pytest.fixture(scope="module")
def page(study):
    """The page that the command writes, and how it ended."""
    written = study / "drift.html"
    asked = ["--model", study / "model", "--html", written, "--on", "2025-04-02"]
    done = run("drift", study / "extract", *asked)
    return done, written


def test_nothing_signalled_exits_with_0_and_writes_the_page(page):
    done, written = page

    assert done.exit_code == 0, done.output
    assert "As expected." in done.output
    assert "Without a ledger" in done.output
    assert written.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_old_extract_exits_with_3_and_says_what_to_do_as_json(study):
    key = (study / "ledger.key").read_text("utf-8")
    done = run(
        "drift", study / "extract", "--model", study / "model", "--ledger", ledgers.url_in(study),
        "--on", "2025-05-01", "--json", env={KEY_VARIABLE: key.strip()},
    )  # fmt: skip
    found = json.loads(done.output)

    assert done.exit_code == 3
    assert found["verdict"] == "look into it"
    assert found["verdicts"]["extract"] == "look into it"
    assert found["verdicts"]["overrides"] == "not enough evidence"


def test_lapsed_approval_exits_with_4(study):
    """G4: a scheduler learns that scoring is to stop."""
    done = run(
        "drift", study / "extract", "--model", study / "model", "--on", "2025-04-02",
        "--approved-until", "2025-03-01",
    )  # fmt: skip

    assert done.exit_code == 4
    assert "Stop using it until reviewed." in done.output


def test_from_the_shell_a_faulty_day_exits_with_18(study):
    done = subprocess.run(
        [sys.executable, "-m", "fs_risk", "drift", study / "extract", "--model", study / "model",
         "--since", "last week"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 18
    assert "--since is not a date" in done.stderr


def test_real_records_are_refused_by_a_model_of_invented_ones(study):
    done = run("drift", study / "extract", "--model", study / "synthetic")
    assert done.exit_code == 17
    assert "cannot be watched on real" in done.output


def test_help_tells_the_exit_codes():
    text = " ".join(run("drift", "--help").output.split())
    assert "3 to look into something, 4 to stop" in text


def test_code_of_the_page_runs(tmp_path, monkeypatch, small_authority, small_model):
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", PAGE, re.S)[1]
    made = {"fs": fs, "records": small_authority, "model": small_model}
    # what comes before is how these fixtures are made
    exec(code[code.index("check = ") :], made)

    assert (tmp_path / "drift.html").exists()
    assert isinstance(made["check"], fs.DriftCheck)


def test_every_check_is_explained():
    for words in CHECKS.values():
        assert f"| **{words.title}**" in PAGE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_fault_in_a_browser(scheme, page, blank_page, violations):
    """Axe finds nothing, nothing is fetched, and a phone need not scroll sideways."""
    written = page[1].as_uri()
    shown = blank_page(width=380, scheme=scheme)
    shown.goto(written)

    assert violations(shown) == []
    assert shown.heard == [written]
    assert shown.evaluate("document.documentElement.scrollWidth") <= 380
