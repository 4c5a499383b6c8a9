"""The page on triage is true: its commands and calls run, and it names every code and problem."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

import fs_risk as fs
import services
from fs_risk.cli import app
from fs_risk.triage.scope import CODES
from fs_risk.triage.service_answers import TITLES
from fs_risk.triage.service_visit import ROUTES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "triage.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def place(tmp_path_factory, small_model, small_authority):
    """A folder as the page supposes it: an extract and a model."""
    place = tmp_path_factory.mktemp("triage")
    small_authority.to_ssd(place / "extract")
    small_model.save(place / "model")
    (place / "referral.json").write_text(blocks("json")[0], encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def started(place, small_authority):
    """The page's own steps, and its service on another port."""
    names, (prepare, *_) = {}, blocks("python")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        exec(compile(prepare, "triage.md", "exec"), names)
    saved, start, _ = blocks("sh")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        with pytest.raises(SystemExit) as ended:
            app(shlex.split(saved)[1:])
    assert ended.value.code == 0
    assert len(fs.History.load(place / "history").children) > 0
    # the model here was fitted on invented records, and gives no scores on what an extract holds
    fs.History.from_records(small_authority).save(place / "history")
    _, command, *arguments = shlex.split(start)
    assert command == "serve"
    with services.serving(*arguments, cwd=place) as service:
        yield service, names


def here(text, service):
    assert "http://127.0.0.1:8321" in text
    return text.replace("http://127.0.0.1:8321", service.url)


def run(command, place, names):
    return subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "TOKEN": names["token"]},
    ).stdout  # fmt: skip


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_call_with_curl_is_answered(place, started):
    service, names = started
    line = here(blocks("sh")[2], service).replace("$TOKEN", names["token"])
    answer = json.loads(run(shlex.split(line), place, names))

    assert "in 1,000 similar referrals" in answer["said"]


@pytest.mark.skipif(not shutil.which("pwsh"), reason="PowerShell is not installed")
def test_call_with_powershell_is_answered(place, started):
    service, names = started
    said = run(["pwsh", "-Command", here(blocks("powershell")[0], service)], place, names)

    assert "in 1,000 similar referrals" in said


def test_call_with_python_is_answered(place, started, monkeypatch, capsys):
    service, names = started
    monkeypatch.chdir(place)
    exec(compile(here(blocks("python")[1], service), "triage.md", "exec"), names)

    assert "in 1,000 similar referrals" in capsys.readouterr().out


def test_backup_of_the_ledger_is_whole_while_it_is_written(place, started, monkeypatch):
    service, names = started
    assert service.url
    monkeypatch.chdir(place)
    exec(compile(blocks("python")[2], "triage.md", "exec"), names)

    assert (place / "copy.db").stat().st_size > 0


def test_line_of_the_log_has_the_fields_that_are_logged(started, place):
    service, _ = started
    (shown,) = services.logged(blocks("json")[1].replace("\n", " "))
    answered = [line for line in services.logged(service.log) if line["event"] == "answered"]
    if not answered:
        pytest.skip("nothing was asked: the calls of the page were skipped")

    assert set(shown) == set(answered[0])


def test_page_names_every_code_problem_and_address():
    for code in CODES:
        assert f"| `{code}` |" in PAGE
    for kind in TITLES:
        assert f"`{kind}`" in PAGE
    for path, method in ROUTES.items():
        assert f"| `{method} {path}` |" in PAGE


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_no_ledger_of_the_page_is_left_open(place, started):
    ledger = fs.Ledger(
        f"sqlite:///{(place / 'ledger.db').as_posix()}", key_file=place / "ledger.key"
    )
    assert ledger.verify() == []
    ledger.close()
