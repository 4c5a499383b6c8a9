"""The command line from the shell, start to finish."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from fs_risk.cli import app

ROOT = Path(__file__).parents[2]
VIGNETTES = """
[[vignette]]
name = "quiet"
says = "A child of six about whom nothing is recorded."
age_years = 6.0

[[vignette]]
name = "busy"
says = "A child of six whom the police referred twice this year."
age_years = 6.0
referrals = [{ days_ago = 40, by = "police" }, { days_ago = 90, by = "police" }]

[[order]]
higher = "busy"
lower = "quiet"
why = "Repeats say more than nothing."
"""


def run(*arguments, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "fs_risk", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, check=False, encoding="utf-8",
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--children", 12_000, "--seed", 0, "--out", folder / "out")
    assert done.returncode == 0, done.stderr
    return done, folder / "out"


@pytest.fixture(scope="module")
def extract(small_authority, tmp_path_factory):
    return small_authority.to_ssd(tmp_path_factory.mktemp("ssd"))


@pytest.fixture(scope="module")
def saved(small_model, tmp_path_factory):
    return small_model.save(tmp_path_factory.mktemp("model") / "model")


def test_demo_writes_model_page_list_and_run_and_says_where(demo):
    done, out = demo
    for name in ("model/model.json", "model/booster.txt", "results.html", "week_list.csv",
                 "mlflow.db"):  # fmt: skip
        assert (out / name).stat().st_size > 0
    assert str(out / "results.html") in done.stdout
    assert "SYNTHETIC" in done.stdout


def test_demo_lists_nine_referrals_with_reasons(demo):
    _, out = demo
    listed = pd.read_csv(out / "week_list.csv").query("listed")

    assert len(listed) == 9
    assert listed[["worries", "strengths"]].notna().any(axis=1).all()
    assert listed["worries"].notna().any()
    assert (listed["stamp"] == "SYNTHETIC").all()


def test_demo_prints_gains_over_simpler_models_beside_the_ceiling(demo):
    done, _ = demo

    assert re.search(r"ceiling", done.stdout)
    assert re.search(r"earlier referrals|previous referrals", done.stdout)
    assert re.search(r"rule", done.stdout)
    assert re.search(r"logistic", done.stdout)


def test_demo_is_the_same_again(demo, tmp_path):
    """M6: same data, same seed, same bytes."""
    _, out = demo
    run("demo", "--children", 12_000, "--seed", 0, "--out", tmp_path / "again")

    for name in ("model/model.json", "model/booster.txt", "week_list.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_check_says_what_was_read(extract):
    done = run("check", extract)

    assert done.returncode == 0, done.stderr
    assert re.search(r"referrals +[\d,]+  \d{4}-\d\d-\d\d to 2025-03-31", done.stdout)


def test_check_as_json_is_json(extract):
    summary = json.loads(run("check", extract, "--json").stdout)

    assert summary["tables"]["referrals"] > 0
    assert isinstance(summary["problems"], list)


def test_check_writes_the_quality_report(extract, tmp_path):
    page = tmp_path / "quality.html"
    done = run("check", extract, "--html", page)

    assert done.returncode == 0, done.stderr
    assert "quality report" in done.stdout
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_no_file_that_is_read_is_replaced(extract, saved, tmp_path):
    asked = tmp_path / "asked.csv"
    table = next(path for path in sorted(extract.glob("*.csv")))
    before = table.read_bytes()
    asked.write_text("referral_id,child_id,referral_date\nR1,C1,2025-03-03\n", encoding="utf-8")
    page = run("check", extract, "--html", table)
    same = run("prioritise", extract, "--model", saved, "--referrals", asked, "--csv", asked)

    assert page.returncode != 0
    assert same.returncode == page.returncode
    assert "would replace a file that is read" in page.stderr
    assert table.read_bytes() == before
    assert asked.read_text(encoding="utf-8").startswith("referral_id,")


def test_list_that_cannot_be_a_workbook_is_not_made(extract, saved, tmp_path):
    """Nothing is scored, recorded or printed for it."""
    done = run(
        "prioritise", extract, "--model", saved, "--last-day", "2025-03-20",
        "--excel", tmp_path / "list.csv", "--no-ledger",
    )  # fmt: skip

    assert done.returncode != 0
    assert "A workbook is written as .xlsx" in done.stderr
    assert done.stdout == ""


def test_check_leaves_out_the_excluded_children(extract, small_authority, tmp_path):
    gone = small_authority["referrals"]["child_id"].value_counts().index[:5]
    listed = tmp_path / "excluded.txt"
    listed.write_text("\n".join(gone), encoding="utf-8")

    everyone = json.loads(run("check", extract, "--json").stdout)
    done = json.loads(run("check", extract, "--json", "--exclude", listed).stdout)

    theirs = int(small_authority["referrals"]["child_id"].isin(gone).sum())
    assert done["tables"]["referrals"] == everyone["tables"]["referrals"] - theirs


def test_pseudonyms_need_a_key_in_the_environment(extract):
    refused = run("check", extract, "--pseudonymise", FS_RISK_PSEUDONYM_KEY="")
    done = run("check", extract, "--pseudonymise", FS_RISK_PSEUDONYM_KEY="a secret of 24 letters..")

    assert refused.returncode == 18
    assert "FS_RISK_PSEUDONYM_KEY" in refused.stderr
    assert done.returncode == 0, done.stderr


def test_templates_are_written_and_filled_ones_not_replaced(tmp_path):
    done = run("templates", "--out", tmp_path / "service")
    again = run("templates", "--out", tmp_path / "service")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "service" / "adults.csv").exists()
    assert again.returncode == 11
    assert "not replaced" in again.stderr


def test_authority_prints_its_calibration_and_draws_it(tmp_path):
    page = tmp_path / "authority.html"
    done = run("authority", "--profile", "small", "--html", page)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("SYNTHETIC")
    assert re.search(r"referrals +V +519\.40 +15\.60 +[\d.]+  (pass|miss)", done.stdout)
    assert page.read_text(encoding="utf-8").count("<svg") > 8


def test_authority_writes_the_returns_asked_for_and_they_read(tmp_path):
    out = tmp_path / "out"
    done = run("authority", "--profile", "small", "--out", out, "--messy",
               "--format", "cin_census", "--format", "ssda903",
               "--defect", "late_recording=0.3")  # fmt: skip

    assert done.returncode == 0, done.stderr
    for name in ("cin_census", "ssda903"):
        assert run("check", out / name).returncode == 0


def test_authority_writes_over_what_it_wrote_and_over_no_extract(tmp_path):
    def asked(out):
        return run("authority", "--children", "300", "--years", "3", "--out", out, "--json")

    again = [asked(tmp_path / "out").returncode for _ in range(2)]
    real = tmp_path / "extract"
    (real / "ssd").mkdir(parents=True)
    (real / "ssd" / "ssd_person.csv").write_text("pers_person_id\n1\n")
    flat = tmp_path / "flat"
    flat.mkdir()
    (flat / "ssd_person.csv").write_text("pers_person_id\n1\n")
    refused = [asked(real), asked(flat)]

    assert again == [0, 0]
    for done, where in zip(refused, (real / "ssd", flat / "ssd_person.csv"), strict=True):
        assert done.returncode == 18, done.stderr
        assert str(where) in done.stderr
        assert "an earlier `fs-risk authority` did not write" in done.stderr
    assert (real / "ssd" / "ssd_person.csv").read_text() == "pers_person_id\n1\n"
    assert [len(list(each.iterdir())) for each in (real, real / "ssd", flat)] == [1, 1, 1]


def test_folder_that_train_wrote_a_model_into_names_the_model(saved):
    said = [run("approvals", "--model", folder).stdout for folder in (saved, saved.parent)]

    assert said[0] == said[1] != ""


def test_evaluate_refuses_a_synthetic_model_on_an_extract(demo, extract):
    _, out = demo
    done = run("evaluate", extract, "--model", out / "model")

    assert done.returncode == 17, done.stdout
    assert "fitted on synthetic records" in done.stderr


def test_week_of_a_read_extract_is_listed_as_study_output(extract, saved, tmp_path):
    csv = tmp_path / "list.csv"
    done = run("prioritise", extract, "--model", saved, "--days", 60, "--csv", csv)

    assert done.returncode == 0, done.stderr
    listed = pd.read_csv(csv)
    assert listed["referral_id"].isna().all()
    assert (listed["stamp"] == "SYNTHETIC").all()


def test_train_on_a_read_extract_needs_a_declared_plan(extract, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text('outcome = "cp_plan"\n')
    done = run("train", extract, "--plan", plan, "--out", tmp_path / "model")

    assert done.returncode == 14
    assert "purpose" in done.stderr
    assert "Traceback" not in done.stderr


def test_train_with_a_declared_plan_leaves_a_model_that_cannot_be_used(extract, tmp_path):
    plan = tmp_path / "plan.toml"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    plan.write_text(re.search(r"```toml\n(.*?)```", readme, re.S)[1], encoding="utf-8")
    vignettes = tmp_path / "ours.toml"
    vignettes.write_text(VIGNETTES, encoding="utf-8")
    done = run("train", extract, "--plan", plan, "--out", tmp_path / "out", "--tune", 2,
               "--vignettes", vignettes)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Of 1 order that practitioners expect" in done.stdout
    assert re.search(r"^fit +\d+\.\d  \d{4}-\d\d-\d\d to ", done.stdout, re.M)
    assert re.search(r"^embargo +\d+\.\d", done.stdout, re.M)
    assert "Households on both sides: 0." in done.stdout
    assert "Configurations tried: 2. Plans tried on these test months: 1." in done.stdout
    assert len((tmp_path / "plans_tried.jsonl").read_text().splitlines()) == 1

    page = tmp_path / "page.html"
    again = run("evaluate", extract, "--model", tmp_path / "out" / "model", "--html", page,
                "--capacity", 12, "--capacity", 0.1, "--thorough")  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[0] in done.stdout
    assert page.stat().st_size > 0
    assert "12 children each week" in again.stdout
    assert "10 % of each week's cases" in again.stdout
    assert "list_overlap_other_seed" in again.stdout

    audited = run("audit", extract, "--model", tmp_path / "out" / "model",
                  "--html", tmp_path / "audit.html", "--resamples", 100)  # fmt: skip
    assert audited.returncode == 0, audited.stderr
    assert "comparisons of recall and precision with the rest" in audited.stdout
    assert (tmp_path / "audit.html").stat().st_size > 0

    scored = run("prioritise", extract, "--model", tmp_path / "out" / "model", "--days", 30)

    assert scored.returncode == 0, scored.stderr
    assert "NOT_APPROVED" in scored.stdout
    assert "0 children of 0 families listed" in scored.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["check", "nowhere"], 10, "does not exist"),
        (["check", "empty"], 10, "Fix:"),
        (["check", "cut.xml"], 10, "cut.xml"),
        (["check", "bomb.xml"], 10, "bomb.xml"),
        (["check", "table.xml"], 10, "table.xml"),
        (["check", "strange"], 10, "Fix:"),
        (["prioritise", "nowhere", "--model", "nomodel"], 15, "Fix:"),
        (["train", "nowhere", "--plan", "noplan.toml"], 14, "does not exist"),
        (["train", "nowhere", "--plan", "bad.toml"], 14, "not a TOML file"),
        (["train", "nowhere", "--plan", "odd.toml", "--vignettes", "no.toml"], 18, "no.toml"),
        (["train", "nowhere", "--plan", "odd.toml", "--vignettes", "odd.toml"], 14, "[[vignette]]"),
        (["train", "nowhere", "--plan", "odd.toml"], 13, "There is no outcome"),
        (["demo", "--children", "0"], 2, "--children"),
        (["demo", "--outcome", "cp_plann", "--children", "50"], 13, "Did you mean 'cp_plan'"),
        (["demo", "--children", "50", "--years", "1"], 14, "Fix:"),
        (["authority", "--format", "ssd909"], 18, "Did you mean 'ssda903'"),
        (["authority", "--defect", "late_recording"], 18, "has no size"),
        (["authority", "--profile", "smal"], 18, "small"),
        (["frobnicate"], 2, "frobnicate"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_wrong_input_gets_one_clear_error_and_its_exit_code(
    arguments, code, says, tmp_path, monkeypatch
):
    (tmp_path / "empty").mkdir()
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "ssd_person.csv").write_bytes(b"PK\x03\x04 not a table \x00\x01")
    (tmp_path / "cut.xml").write_text("<Message><Children><Child><CINdet")
    (tmp_path / "bomb.xml").write_text(
        '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><Message>&c;</Message>'
    )
    (tmp_path / "table.xml").write_text("child_id,date\n1,2024-01-01\n")
    (tmp_path / "bad.toml").write_text("outcome = ")
    (tmp_path / "odd.toml").write_text('outcome = "happiness"')

    # in this process: to start one anew costs more than to be refused
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, arguments)

    assert done.exit_code == code, done.output
    assert says in done.stderr
    assert "Traceback" not in done.output


def test_an_error_in_a_process_of_its_own_is_one_message_and_an_exit_code():
    done = run("check", "nowhere")

    assert done.returncode == 10
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr
