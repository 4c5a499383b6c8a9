"""`fs-risk forecast` and `backtest`: from an extract to a table, without a line of Python."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app

BRIEFLY = [
    ("forecast", "--measure", "contacts", "--horizon", 3),
    ("backtest", "--measure", "contacts", "--horizon", 3, "--windows", 1),
    ("caseload", "--horizon", 2, "--no-look-back"),
]


@pytest.fixture(scope="module")
def invented():
    return fs.make_authority(profile="small")


@pytest.fixture(scope="module")
def extract(invented, tmp_path_factory):
    return invented.to_ssd(tmp_path_factory.mktemp("demand") / "extract")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_forecast_says_its_verdict_and_writes_its_table(extract, tmp_path):
    table = tmp_path / "forecast.csv"
    done = run("forecast", extract, "--measure", "contacts", "--horizon", 3, "--csv", table)

    assert done.exit_code == 0, done.output
    assert "Verdict: " in done.output
    assert "the 80 % band held" in done.output
    written = pd.read_csv(table)
    assert written["unique_id"].to_list() == ["contacts"] * 3
    assert (written["lo-95"] <= written["median"]).all()
    assert (written["median"] <= written["hi-95"]).all()


def test_forecast_as_json_is_json(extract):
    found = json.loads(run("forecast", extract, "--measure", "referrals", "--json").output)

    assert len(found["table"]) == 12
    assert found["table"][0]["ds"].endswith("-01")
    assert found["words"][0].startswith("Verdict: ")


def test_backtest_compares_with_last_year(extract):
    done = run("backtest", extract, "--measure", "contacts", "--windows", 2, "--horizon", 6)

    assert done.exit_code == 0, done.output
    assert "last year" in done.output
    assert "coverage_80" in done.output


def test_caseload_writes_a_page_and_says_its_verdicts_as_json(extract, tmp_path):
    page, plan, scenario = (tmp_path / name for name in ("p.html", "plan.json", "more.json"))
    fs.StaffingPlan(
        roles=[{"name": "social worker", "weights": {2: 1}, "standard": 15, "in_post": 9}]
    ).save(plan)
    fs.Scenario(
        name="more", changes=[{"kind": "entry", "tier": 2, "multiply": 2, "start": "2025-04-01"}]
    ).save(scenario)
    done = run("caseload", extract, "--horizon", 6, "--html", page, "--staffing", plan,
               "--scenario", scenario, "--no-look-back", "--json")  # fmt: skip

    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["records"] == "real"  # a written extract does not say that it was invented
    assert "not looked back" in found["verdicts"]["2"]
    assert {"chance_of_breach", "fte_median"} <= set(found["staffing"][0])
    ends = {row["step"]: row["mean"] for row in found["waterfall"] if row["tier"] == 2}
    assert ends["unreconciled"] == 0
    assert found["scenarios"]["more"][0]["mean"] > 0
    html = page.read_text("utf-8")
    assert "social worker: 9 posts" in html
    assert "Verdict: not looked back" in html


def test_caseload_in_words_writes_its_table(extract, tmp_path):
    table = tmp_path / "caseload.csv"
    done = run("caseload", extract, "--horizon", 3, "--no-look-back", "--csv", table)

    assert done.exit_code == 0, done.output
    assert "stock at the end" in done.output
    assert len(pd.read_csv(table)) == 18


def test_forecast_writes_a_page_and_heeds_a_go_live(extract, tmp_path):
    page = tmp_path / "page.html"
    done = run("forecast", extract, "--measure", "contacts", "--horizon", 3, "--html", page,
               "--go-live", "2023-05-01")  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "1 series crosses a marked break" in done.output
    assert "1 series crosses a marked break" in page.read_text("utf-8")


def test_unknown_measure_is_named_with_the_nearest(extract):
    done = run("forecast", extract, "--measure", "referals")

    assert done.exit_code == 18
    assert "Did you mean 'referrals'" in done.output


@pytest.mark.parametrize(("command", "options"), [(name, rest) for name, *rest in BRIEFLY])
def test_what_is_made_of_invented_records_says_so_first(
    command, options, extract, invented, monkeypatch
):
    # every reader takes what it reads for real, so invented records come in past them
    monkeypatch.setattr("fs_risk.cli.demand.read_source", lambda *_asked: invented)
    done = run(command, extract, *options)

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("SYNTHETIC records.\n")


@pytest.mark.parametrize(("command", "options"), [(name, rest) for name, *rest in BRIEFLY])
def test_what_is_made_of_real_records_has_no_stamp(command, options, extract):
    done = run(command, extract, *options)

    assert done.exit_code == 0, done.output
    assert "SYNTHETIC" not in done.output
