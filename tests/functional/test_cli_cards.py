"""The commands about cards, on the golden card; measuring and verifying are tried at night."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app

GOLDEN = Path(__file__).parents[1] / "golden" / "card.json"


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_card_is_written_in_every_form(tmp_path):
    pytest.importorskip("docx", reason="python-docx is not installed")
    forms = {"--html": "c.html", "--markdown": "c.md", "--out": "c.json", "--word": "c.docx",
             "--atrs": "c.xlsx", "--cyclonedx": "bom.json"}  # fmt: skip
    words = [word for option, name in forms.items() for word in (option, tmp_path / name)]
    done = run("cards", "write", GOLDEN, *words, "--publishable")

    assert done.exit_code == 0, done.output
    assert all((tmp_path / name).stat().st_size > 0 for name in forms.values())
    assert fs.ModelCard.read(tmp_path / "c.json").view == "publishable"
    assert json.loads((tmp_path / "bom.json").read_text())["bomFormat"] == "CycloneDX"


def test_writing_no_form_is_refused():
    done = run("cards", "write", GOLDEN)

    assert done.exit_code == 18
    assert "No form was asked for" in done.output


def test_changes_are_told_with_their_meaning(tmp_path):
    later = json.loads(GOLDEN.read_text(encoding="utf-8"))
    later["identity"]["capacity"] = 12
    (tmp_path / "later.json").write_text(json.dumps(later), encoding="utf-8")
    page = tmp_path / "diff.html"
    done = run("cards", "diff", GOLDEN, tmp_path / "later.json", "--html", page)

    assert done.exit_code == 0, done.output
    assert "precision falls and recall rises as they grow" in done.output
    assert page.exists()


def test_questions_are_written_answered_and_counted(tmp_path):
    answers = tmp_path / "answers.toml"
    done = run("cards", "questions", "--out", answers, "--card", GOLDEN)

    assert done.exit_code == 0, done.output
    assert 'owner = "Head of front door services"' in answers.read_text(encoding="utf-8")
    again = run("cards", "questions", "--out", answers)
    assert again.exit_code == 18
    assert "nothing was written" in again.output
    assert "Nothing is open." in run("cards", "open", GOLDEN).output


def test_schemas_are_written(tmp_path):
    done = run("cards", "schemas", "--out", tmp_path)

    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {
        "schema.json", "atrs_schema.json", "demand_schema.json",
    }  # fmt: skip


def test_card_that_is_none_is_refused(tmp_path):
    (tmp_path / "no.json").write_text("{}", encoding="utf-8")
    done = run("cards", "open", tmp_path / "no.json")

    assert done.exit_code == 15
    assert "not a card of this release" in done.output


@pytest.mark.nightly
def test_card_is_measured_and_verified_from_an_extract(small_authority, tmp_path):
    """G3: from the records to a card, and back; a changed card is named, with its own exit."""
    extract, folder = tmp_path / "extract", tmp_path / "model"
    small_authority.to_ssd(extract)
    said = dict.fromkeys(("purpose", "owner", "dpia", "lawful_basis", "policy_document"), "stated")
    plan = fs.Plan(outcome="cp_plan", capacity=9, **said)
    fs.train_step_up(
        fs.read_ssd(extract), plan, plans_tried=tmp_path / "plans.jsonl", progress=False
    ).save(folder)
    card, page = tmp_path / "card.json", tmp_path / "card.html"
    made = run(
        "card", extract, "--model", folder, "--out", card, "--html", page, "--resamples", 100
    )
    assert made.exit_code == 0, made.output
    assert "questions are open" in made.output
    true = run("cards", "verify", card, extract, "--model", folder)
    assert true.exit_code == 0, true.output
    assert "The card is true" in true.output

    content = json.loads(card.read_text(encoding="utf-8"))
    content["performance"]["figures"][0]["value"] = 0.99
    card.write_text(json.dumps(content), encoding="utf-8")
    false = run("cards", "verify", card, extract, "--model", folder)

    assert false.exit_code == 15
    assert "performance.figures[0].value: stated 0.99" in false.output
