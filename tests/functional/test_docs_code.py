"""Every page is true: its Python runs, what its shells name is there, its plans are plans."""

import inspect
import json
import re
import shutil
import tomllib
from pathlib import Path

import matplotlib
import pandas as pd
import pytest
from matplotlib import pyplot

import fs_risk as fs
import page_code

matplotlib.use("Agg")
ROOT = Path(__file__).parents[2]
RUN_BY = {
    "README.md": "functional/test_readme.py",
    "docs/caseload.md": "functional/test_caseload_page.py",
    "docs/court_disclosure.md": "functional/test_disclosure_pages.py",
    "docs/fairness.md": "functional/test_fairness_page.py",
    "docs/how_sure_is_a_score.md": "functional/test_how_sure_page.py",
    "docs/ledger.md": "functional/test_ledger_page.py",
    "docs/outcomes_and_indicators.md": "functional/test_outcome_pages.py",
    "docs/privacy_notice.md": "functional/test_disclosure_pages.py",
    "docs/reading_a_card.md": "functional/test_reading_a_card.py",
    "docs/reading_an_evaluation.md": "functional/test_reading_an_evaluation.py",
    "docs/reading_your_data.md": "functional/test_reading_your_data.py",
    "docs/supervision.md": "functional/test_cli_triage.py",
    "docs/triage.md": "functional/test_triage_page.py",
    "docs/value.md": "functional/test_outcome_pages.py",
    "docs/watching_a_model.md": "functional/test_watching_a_model.py",
}
"""Pages with tests of their own, which run their code and say what must come of it."""

HERE = [page for page in page_code.PAGES if page_code.blocks(page, "python") and page not in RUN_BY]
RUN_AS_THEY_ARE = {
    "bash", "cd", "curl", "fs-risk", "lint-imports", "mypy", "python", "python3", "ruff",
}  # fmt: skip
CODE = "\n".join(
    block.code for page in page_code.PAGES for block in page_code.blocks(page, "python")
)
GIVEN_BACK = {
    "ApprovalState", "DemandCard", "DriftCheck", "Explanation", "FairnessAudit", "FairnessOptions",
    "ModelCard", "RankedList", "RiskScore", "StepUpModel", "SupervisionItem", "SupervisionList",
}  # fmt: skip
"""Classes that nobody makes: a function gives them, and its example shows one."""
SAID_ELSEWHERE = {
    "approve": "approving_a_model.md",
    "audit_decisions": "fairness.md",
    "backtest_caseload": "caseload.md",
    "build_demand_card": "reading_a_card.md",
    "expected_step_ups": "caseload.md",
    "mirror_decisions": "approving_a_model.md",
}
"""What needs months of work, a registry or minutes: a page's sentences say how it is called."""

NOT_RUN = 0
"""How many blocks say that they are not run; each needs a reason, and this number changed."""


# Python


@pytest.fixture(scope="module")
def village():
    """Enough for a page that fits no model."""
    return fs.make_authority(children=1_500, years=6, seed=3)


@pytest.fixture(scope="module")
def extract(village, tmp_path_factory):
    """The village's return, as pages suppose one."""
    return village.to_ssd(tmp_path_factory.mktemp("pages") / "extract")


def asked(records):
    """The latest referrals of some records, as a case system would send them."""
    return [
        {"referral_id": one.referral_id, "child_id": one.child_id, "source": one.source,
         "referral_date": one.referral_date.date()}
        for one in records["referrals"].tail(60).itertuples()
    ]  # fmt: skip


@pytest.fixture(scope="module")
def night(extract):
    """What a case system would give of the children who changed, by the page's names."""
    read = fs.read_ssd(extract)
    changed = set(read["referrals"]["child_id"].tail(20))
    held = {name: read[name] for name in read.tables if read.coverage[name] is not None}
    return {
        "referral": asked(read)[-1],
        "rows_of_changed_children": {
            name: table[table["child_id"].isin(changed)] if "child_id" in table else table
            for name, table in held.items()
        },
        "today": read.extract_date + pd.Timedelta(days=1),
        "coverage": {
            name: window and (window.observed_from, window.observed_to)
            for name, window in read.coverage.items()
        },
    }


@pytest.fixture
def taken_as_given(request, page):
    """What the page says it takes as given; a page that fits no model has a village."""
    names = page_code.given(page)
    made = {}
    if "model" in names:
        made["model"] = request.getfixturevalue("small_model")
    if "records" in names:
        larger = "small_authority" if made else "village"
        made["records"] = request.getfixturevalue(larger)
    if "referrals" in names:
        made["referrals"] = asked(made["records"])
    if "coverage" in names:
        made |= request.getfixturevalue("night")
    assert set(names) <= set(made), page
    return made


@pytest.mark.parametrize("page", HERE)
def test_code_of_the_page_runs(page, taken_as_given, extract, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(extract, tmp_path / "extract")

    names = page_code.run(page, taken_as_given)

    assert "fs" in names
    pyplot.close("all")


@pytest.mark.parametrize("page", RUN_BY)
def test_page_with_a_test_of_its_own_is_run_by_it(page):
    test = (ROOT / "tests" / RUN_BY[page]).read_text(encoding="utf-8")

    assert page_code.blocks(page, "python")
    assert Path(page).name in test or "README" in test
    assert re.search(r"\bexec\(|python\b", test)


def test_blocks_that_are_not_run_say_why_and_are_counted():
    every = [
        block
        for page in page_code.PAGES
        for language in ("python", "sh", "toml", "json")
        for block in page_code.blocks(page, language)
    ]

    assert len([block for block in every if block.not_run]) == NOT_RUN
    assert len(every) > 90


@pytest.mark.parametrize("name", [name for name in fs.__all__ if name != "__version__"])
def test_public_name_says_what_it_takes_and_gives_and_is_used_in_code_that_runs(name):
    value = getattr(fs, name)
    told = inspect.getdoc(value) or ""
    headed = set(re.findall(r"^([A-Z]\w+)\n-{4,}$", told, re.M))
    if inspect.isclass(value):
        takes = issubclass(value, Exception) or headed & {"Parameters", "Attributes"}
    else:
        signature = inspect.signature(value)
        takes = "Parameters" in headed or not signature.parameters
        assert "Returns" in headed or signature.return_annotation in (None, "None")
        assert all(re.search(rf"\b{one}\b", told) for one in signature.parameters)
        assert "Raises" in headed or not re.search(r"raise \w+Error", inspect.getsource(value))
    assert takes
    if name in SAID_ELSEWHERE:
        assert re.search(rf"\b{name}\b", page_code.text_of(f"docs/{SAID_ELSEWHERE[name]}"))
    else:
        assert ">>>" in told or re.search(rf"\bfs\.{name}\b", CODE) or name in GIVEN_BACK


# shells; that every command line of ours is understood is tested in test_command_line.py


def test_every_other_line_for_a_shell_names_what_there_is():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for page in page_code.PAGES:
        for words in page_code.lines(page):
            name = Path(words[0]).name
            assert name in RUN_AS_THEY_ARE or words[0].startswith("FS_RISK_"), f"{page}: {words}"
            for word in words:
                if re.fullmatch(r"(?:evaluation|docs|tests)/[\w./-]+|constraints\.txt", word):
                    assert (ROOT / word).exists(), f"{page}: {words}"
                elif extra := re.fullmatch(r"\.?(?:fs-risk)?\[(\w+)\]", word):
                    assert extra[1] in project["optional-dependencies"], f"{page}: {words}"


@pytest.mark.parametrize("page", page_code.PAGES)
def test_scripts_that_the_page_names_are_there_and_have_the_options(page):
    for said in re.findall(r"python ((?:evaluation|tests|docs)/[^`\n]+)", page_code.text_of(page)):
        script, *words = said.split()
        text = (ROOT / script).read_text(encoding="utf-8")
        for word in words:
            if word.startswith("--"):
                assert word.split("=")[0].rstrip(").,") in text, f"{page}: {said}"


# files


def test_every_plan_of_a_page_is_a_plan_for_real_records():
    plans = [
        tomllib.loads(block.code)
        for page in page_code.PAGES
        for block in page_code.blocks(page, "toml")
        if block.code.startswith("outcome =")
    ]
    for plan in plans:
        fs.Plan(**plan).check_declared("real")

    assert len(plans) >= 2


@pytest.mark.parametrize("language", ["toml", "json"])
def test_every_file_of_a_page_can_be_read(language):
    read = tomllib.loads if language == "toml" else json.loads
    for page in page_code.PAGES:
        for block in page_code.blocks(page, language):
            assert read(block.code)
