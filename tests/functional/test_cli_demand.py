"""`fs-risk forecast` and `backtest`: from an extract to a table, without a line of Python."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    return fs.make_authority(profile="small").to_ssd(tmp_path_factory.mktemp("demand") / "extract")


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


def test_unknown_measure_is_named_with_the_nearest(extract):
    done = run("forecast", extract, "--measure", "referals")

    assert done.exit_code == 18
    assert "Did you mean 'referrals'" in done.output
