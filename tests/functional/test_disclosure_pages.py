"""The pages on privacy and on courts are true: their code runs and their words are in the code."""

import re
from pathlib import Path

import pytest

import fs_risk as fs
import ledgers
from fs_risk.triage.ledger_replay import Replay

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("privacy_notice.md", "court_disclosure.md")


def run_code_of(page, names):
    for code in re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.S):
        exec(compile(code, page, "exec"), names)


@pytest.fixture(scope="module")
def used(small_authority, small_model, tmp_path_factory):
    """Names that the pages take as given, one score being recorded."""
    folder = tmp_path_factory.mktemp("disclosure")
    ledger = ledgers.begin(folder)
    made = ledgers.made_scores(small_authority, small_model, n=12)
    referral = next(one.basis.referral for one in made if one.score.code is None)
    given = {"records": small_authority, "model": small_model, "ledger": ledger}
    yield {"fs": fs, **given, "referral": referral, "child": referral.child_id}
    ledger.close()


def test_code_of_both_pages_runs(used, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for page in PAGES:
        run_code_of(page, used)

    assert capsys.readouterr().out.startswith("SAME\n()")
    for name in ("for_the_family", "for_the_child", "held", "summary"):
        assert (tmp_path / f"{name}.html").stat().st_size > 2_000


def test_every_verdict_is_explained():
    page = (DOCS / "court_disclosure.md").read_text("utf-8")

    for verdict in Replay.__annotations__["verdict"].__args__:
        assert f"`{verdict}`" in page


def test_fields_of_the_plan_that_a_notice_takes_exist():
    page = (DOCS / "privacy_notice.md").read_text("utf-8")

    for name in re.findall(r"`Plan\.(\w+)`", page):
        assert name in fs.Plan.model_fields


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere_and_the_readme_leads_here(page):
    text = (DOCS / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (DOCS / target).exists(), target
    assert f"docs/{page}" in (DOCS.parent / "README.md").read_text("utf-8")
