"""The day that an extract was made is given in one way to every command that reads one."""

import json
from inspect import signature

import pytest
from typer.testing import CliRunner

import fs_risk as fs
from fs_risk.cli import app
from fs_risk.cli.app import EXIT_CODES
from fs_risk.cli.reference import commands

COMMANDS = dict(commands())
REFERRALS = (
    "cine_referral_id,cine_person_id,cine_referral_date\n"
    "R1,A,02/03/2024\nR2,A,10/12/2024\nR3,A,05/02/2025\n"
)


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def extract(tmp_path):
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "cin_episodes.csv").write_text(REFERRALS, encoding="utf-8")
    return folder


def test_check_reads_to_the_day_that_is_given(extract):
    """What lies after it is unknown, and the day needs no guess (R004)."""
    done = run("check", extract, "--extract-date", "2024-12-31", "--json")
    found = json.loads(done.output)

    assert done.exit_code == 0, done.output
    assert found["extract_date"] == "2024-12-31"
    assert found["observed"]["referrals"][1] == "2024-12-31"
    rules = {each["rule"] for each in found["problems"]}
    assert "R004" not in rules
    assert "R005" in rules


def test_it_is_the_day_that_the_reader_takes(extract):
    shown = json.loads(run("check", extract, "--extract-date", "2025-03-01", "--json").output)
    records = fs.read_ssd(extract, extract_date="2025-03-01")

    assert shown["extract_date"] == str(records.extract_date.date())
    assert shown["tables"] == {name: len(records[name]) for name in records}


def test_without_it_the_latest_event_is_taken_and_said(extract):
    found = json.loads(run("check", extract, "--json").output)

    assert found["extract_date"] == "2025-02-05"
    assert "R004" in {each["rule"] for each in found["problems"]}


@pytest.mark.parametrize("day", ["31/12/2024", "tomorrow", "2024-13-01"])
def test_day_that_is_none_is_refused_with_the_cure(extract, day):
    done = run("check", extract, "--extract-date", day)

    assert done.exit_code == 18
    assert EXIT_CODES[18].startswith("an option or setting is not possible")
    assert "--extract-date is not a date" in done.output
    assert "yyyy-mm-dd" in done.output


def test_saved_history_knows_its_own_day(extract, tmp_path):
    made = run("history", extract, "--extract-date", "2024-12-31", "--out", tmp_path / "history")
    done = run(
        "score", tmp_path / "history", "--model", tmp_path, "--extract-date", "2025-01-31",
        "--referral-id", "R9", "--child-id", "A", "--referral-date", "2025-01-02",
    )  # fmt: skip

    assert made.exit_code == 0, made.output
    assert "records to 2024-12-31, " in made.output
    assert done.exit_code == 18
    assert "knows the day of its extract" in done.output


def test_every_command_that_reads_a_return_and_leaves_out_children_has_it():
    """One word for one thing, wherever it has a meaning."""
    reading = [
        path
        for path, command in COMMANDS.items()
        if {"exclude", "pseudonymise"} <= {each.name for each in command.params}
    ]

    assert {"check", "train", "evaluate", "drift", "history", "forecast"} <= set(reading)
    for path in reading:
        (option,) = (each for each in COMMANDS[path].params if each.name == "extract_date")
        assert option.opts == ["--extract-date"]
        assert option.default is None


@pytest.mark.parametrize(
    "reader",
    [fs.read_ssd, fs.read_cin_census, fs.read_ssda903, fs.read_annex_a, fs.read_dfe_api,
     fs.read_family_safeguarding],
    ids=lambda each: each.__name__,
)  # fmt: skip
def test_every_reader_takes_it(reader):
    assert signature(reader).parameters["extract_date"].default is None
