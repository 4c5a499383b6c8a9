"""`fs-risk score`, `prioritise` and `supervise` from the shell: arguments in, exit code out."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "supervision.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def service():
    return fs.make_authority(children=1_200, years=5, seed=3)


@pytest.fixture(scope="module")
def folder(service, small_authority, small_model, open_model, tmp_path_factory):
    """An extract, the history of other invented records themselves, and two models."""
    made = tmp_path_factory.mktemp("triage")
    service.to_ssd(made / "extract")
    fs.History.from_records(small_authority).save(made / "history")
    small_model.save(made / "model")
    open_model.save(made / "open")
    return made


@pytest.fixture
def child(small_authority):
    return small_authority["referrals"]["child_id"].iloc[-30]


def run(*arguments, **more):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], **more)


def stated(child, **fields):
    return {"referral_id": "R-1", "child_id": child, "referral_date": "2025-03-31",
            "source": "6", **fields}  # fmt: skip


def test_one_referral_is_scored_from_a_file_and_from_options_alike(folder, child, tmp_path):
    path = tmp_path / "referral.json"
    path.write_text(json.dumps(stated(child)), encoding="utf-8")
    where = ("score", folder / "history", "--model", folder / "model")
    a = run(*where, "--referral", path, "--json")
    b = run(*where, "--referral-id", "R-1", "--child-id", child, "--referral-date", "2025-03-31",
            "--made-by", "6", "--json")  # fmt: skip
    c = run(*where, "--referral", "-", "--json", input=json.dumps(stated(child)))

    assert a.exit_code == 0, a.output
    assert json.loads(a.output) == json.loads(b.output) == json.loads(c.output)
    assert json.loads(a.output)["probability"] > 0


def test_score_says_its_reasons_and_writes_a_page_without_the_score(folder, child, tmp_path):
    page = tmp_path / "page.html"
    done = run("score", folder / "history", "--model", folder / "model", "--referral-id", "R-1",
               "--child-id", child, "--referral-date", "2025-03-31", "--html", page)  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "similar referrals" in done.output
    assert f"page: {page}" in done.output
    assert "in 1,000 similar referrals" not in page.read_text(encoding="utf-8")


def test_score_on_a_read_extract_is_study_output(folder, child):
    done = run("score", folder / "extract", "--model", folder / "model", "--referral-id", "R-1",
               "--child-id", child, "--referral-date", "2025-03-31", "--json")  # fmt: skip

    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["child_id"] is None


def test_score_is_recorded_before_it_is_given(folder, child, tmp_path, monkeypatch):
    key = fs.new_ledger_key(tmp_path / "ledger.key")
    url = f"sqlite:///{(tmp_path / 'ledger.db').as_posix()}"
    where = ("score", folder / "history", "--model", folder / "model", "--referral-id", "R-1",
             "--child-id", child, "--referral-date", "2025-03-31", "--ledger", url)  # fmt: skip
    refused = run(*where, "--ledger-key-file", key)
    fs.Ledger(url, key_file=key, retain_days=100).close()
    done = run(*where, "--ledger-key-file", key)
    monkeypatch.setenv("FS_RISK_LEDGER_KEY", key.read_text(encoding="utf-8").strip())
    again = run(*where)

    assert refused.exit_code == 19
    assert "There is no ledger there" in refused.output
    assert done.exit_code == again.exit_code == 0, done.output
    kept = fs.Ledger(url, key_file=key)
    assert kept.scores()["referral_id"].to_list() == ["R-1", "R-1"]
    kept.close()


def test_nothing_is_recorded_of_a_list_that_its_database_refuses(folder, child, tmp_path):
    key = fs.new_ledger_key(tmp_path / "ledger.key")
    url = f"sqlite:///{(tmp_path / 'ledger.db').as_posix()}"
    fs.Ledger(url, key_file=key, retain_days=100).close()
    week = tmp_path / "week.json"
    week.write_text(json.dumps([stated(child)]), encoding="utf-8")
    (tmp_path / "text.db").write_text("This is no database, though its name says so.\n" * 40)
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as theirs:
        theirs.execute("create table fs_risk_list (name text)")
        theirs.commit()
    where = ("prioritise", folder / "history", "--model", folder / "model", "--referrals", week,
             "--capacity", 1, "--ledger", url, "--ledger-key-file", key, "--database")  # fmt: skip
    spoilt = {"text.db": "refused to be written", "none/lists.db": "refused to be written",
              "theirs.db": "did not make it"}  # fmt: skip
    for name, said in spoilt.items():
        done = run(*where, f"sqlite:///{(tmp_path / name).as_posix()}")
        assert done.exit_code == 18
        assert said in done.output
    kept = fs.Ledger(url, key_file=key)
    assert kept.scores().empty
    there = f"sqlite:///{(tmp_path / 'lists.db').as_posix()}"
    assert [run(*where, there).exit_code for _ in range(2)] == [0, 0]
    assert len(kept.scores()) == 2
    kept.close()


def test_settings_give_history_model_and_ledger_and_the_ledger_can_be_left_out(
    folder, child, tmp_path, monkeypatch
):
    key = fs.new_ledger_key(tmp_path / "ledger.key")
    url = f"sqlite:///{(tmp_path / 'ledger.db').as_posix()}"
    fs.Ledger(url, key_file=key, retain_days=100).close()
    (tmp_path / "fs-risk.toml").write_text(
        f'history = "{(folder / "history").as_posix()}"\nexclude = "adopted.txt"\n'
        f'model = "{(folder / "model").as_posix()}"\n'
        'ledger = "sqlite:///ledger.db"\nledger_key_file = "ledger.key"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    asked = ("score", "--referral-id", "R-1", "--child-id", child, "--referral-date", "2025-03-31",
             "--json")  # fmt: skip
    kept, left_out = run(*asked), run(*asked, "--no-ledger")
    both = run(*asked, "--no-ledger", "--ledger", url)

    assert kept.exit_code == left_out.exit_code == 0, kept.output + left_out.output
    assert both.exit_code == 18
    with closing(fs.Ledger(url, key_file=key)) as ledger:
        assert len(ledger.scores()) == 1


def test_list_of_a_file_goes_to_csv_workbook_and_database(folder, small_authority, tmp_path):
    children = small_authority["referrals"]["child_id"].drop_duplicates().iloc[-40:]
    rows = pd.DataFrame([stated(c, referral_id=f"=R{n}") for n, c in enumerate(children)])
    rows.loc[0, "decided"] = "false"
    rows.to_csv(tmp_path / "today.csv", index=False)
    url = f"sqlite:///{(tmp_path / 'lists.db').as_posix()}"
    done = run("prioritise", folder / "history", "--model", folder / "model",
               "--referrals", tmp_path / "today.csv", "--on", "2025-04-03", "--capacity", 0.2,
               "--random-share", 0.25, "--seed", 3, "--purpose", "allocation",
               "--csv", tmp_path / "list.csv", "--excel", tmp_path / "list.xlsx",
               "--database", url, "--table", "today")  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "SYNTHETIC" in done.output
    assert "1 undecided for more than one working day: decide now" in done.output
    assert "For allocation to Family Safeguarding: 8 children" in done.output
    assert done.output.count("(at random, chance ") == 2
    listed = pd.read_csv(tmp_path / "list.csv")
    assert listed["block"].iloc[0] == "decision due"
    assert listed["listed"].sum() == 8
    assert listed["referral_id"].str.startswith("'=R").all()
    sheet = load_workbook(tmp_path / "list.xlsx")["List"]
    assert sheet.max_row == 41
    with closing(sqlite3.connect(tmp_path / "lists.db")) as base:
        assert base.execute("select count(*) from today").fetchone() == (40,)


def test_list_of_a_source_s_own_days_is_listed_for_study(folder, tmp_path):
    done = run("prioritise", folder / "extract", "--model", folder / "model", "--days", 60,
               "--last-day", "2025-03-31", "--json")  # fmt: skip

    assert done.exit_code == 0, done.output
    listed = json.loads(done.output)
    assert sum(row["listed"] for row in listed["referrals"]) == 9
    assert all(row["score"]["referral_id"] is None for row in listed["referrals"])


def test_families_of_a_month_are_written_without_a_score(folder, tmp_path):
    setting = tmp_path / "setting.toml"
    setting.write_text("least_areas = 2\ninclude_unborn = false\n", encoding="utf-8")
    page, table = tmp_path / "april.html", tmp_path / "april.csv"
    done = run("supervise", folder / "extract", "--model", folder / "open", "--on", "2025-04-01",
               "--rules", setting, "--html", page, "--csv", table)  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "Study output" in done.output
    assert "in 1,000" not in done.output + page.read_text(encoding="utf-8")
    assert pd.read_csv(table)["trio"].str.contains("|", regex=False).all()


def test_service_s_own_templates_are_combined_with_the_return(folder, tmp_path, service):
    from fs_risk.records.writing.family_safeguarding import write_family_safeguarding_templates

    templates = tmp_path / "service"
    write_family_safeguarding_templates(templates)
    links = service["family_links"][["family_id", "child_id"]]
    links.to_csv(templates / "families.csv", index=False)
    met = service["group_supervision"].dropna(subset="agreed_rating")
    columns = ["supervision_id", "family_id", "supervision_date", "agreed_rating", "next_step"]
    met[columns].to_csv(templates / "group_supervision.csv", index=False)
    done = run("supervise", folder / "extract", "--service", templates, "--model", folder / "open",
               "--on", "2025-04-01", "--json")  # fmt: skip

    assert done.exit_code == 0, done.output
    rated = [row["last_rating"] for row in json.loads(done.output)["families"]]
    assert {"low", "medium", "high", "very high"} & set(rated)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["score", "extract", "--model", "model"], 16, "No referral is given"),
        (["score", "extract", "--model", "model", "--referral", "two.json"], 16, "2 referrals"),
        (["score", "extract", "--model", "model", "--referral", "odd.json"], 16, "neither JSON"),
        (["score", "extract", "--model", "model", "--referral", "no.json"], 16, "cannot be read"),
        (["score", "extract", "--model", "model", "--referral", "two.json",
          "--referral-date", "x"], 16,
         "both given"),
        (["score", "history", "--model", "model", "--referral-id", "R", "--child-id", "A",
          "--referral-date", "31/03/2025"], 16, "not a date"),
        (["score", "history", "--model", "open", "--referral-id", "R", "--child-id", "A",
          "--referral-date", "2025-03-31"], 16, "not on referrals"),
        (["score", "history", "--model", "model", "--exclude", "two.json", "--referral-id", "R"],
         18, "leaves out nobody more"),
        (["prioritise", "history", "--model", "model"], 18, "no list of referrals"),
        (["prioritise", "history", "--model", "model", "--referrals", "two.json",
          "--capacity", "0"], 18, "Capacity is neither"),
        (["prioritise", "history", "--model", "model", "--referrals", "two.json",
          "--purpose", "closure"], 18, "may only add attention"),
        (["prioritise", "history", "--model", "model", "--referrals", "two.json",
          "--capacity", "1.5"], 18, "Capacity"),
        (["prioritise", "history", "--model", "model", "--referrals", "two.json",
          "--last-day", "2025-03-31"], 18, "Both a file"),
        (["prioritise", "history", "--model", "model", "--referrals", "two.json",
          "--excel", "list.csv"], 18, ".xlsx"),
        (["prioritise", "history", "--model", "model", "--referrals", "two.json",
          "--database", "nowhere"], 18, "address cannot be used"),
        (["supervise", "extract", "--model", "model", "--on", "2025-04-01"], 16,
         "not on open cases"),
        (["supervise", "history", "--model", "open", "--on", "2025-04-01"], 11,
         "a history does not hold"),
        (["supervise", "extract", "--model", "open", "--on", "soon"], 18, "--on is not a date"),
        (["supervise", "extract", "--model", "open", "--on", "2025-04-01", "--rules",
          "odd.toml"], 18, "least_areas"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_wrong_use_gets_one_clear_error_and_its_exit_code(
    folder, arguments, code, says, monkeypatch
):
    monkeypatch.chdir(folder)
    two = [stated("A"), stated("B", referral_id="R-2")]
    (folder / "two.json").write_text(json.dumps(two), encoding="utf-8")
    (folder / "odd.json").write_text("{", encoding="utf-8")
    (folder / "odd.toml").write_text("least_areas = 9", encoding="utf-8")

    done = run(*arguments)

    assert done.exit_code == code, done.output
    assert says in done.output
    assert "Fix:" in done.output


def test_code_of_the_page_on_supervision_runs(
    small_authority, open_model, tmp_path, monkeypatch, capsys
):
    """Its first block fits a model; here the fitted one is taken."""
    monkeypatch.chdir(tmp_path)
    key = fs.new_ledger_key("ledger.key")
    ledger = fs.Ledger("sqlite:///ledger.db", key_file=key, retain_days=3_650)
    names = {"fs": fs, "records": small_authority, "model": open_model, "ledger": ledger}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.S)[1:]:
        exec(compile(code, "supervision.md", "exec"), names)
    ledger.close()

    assert (tmp_path / "april.html").stat().st_size > 0
    assert "Agreed: high." in capsys.readouterr().out


def test_page_on_supervision_names_every_setting():
    for name in fs.SupervisionSetting.model_fields:
        assert f"`{name}`" in PAGE
