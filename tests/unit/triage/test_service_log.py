"""The service's log: JSON, and nothing in it that others were given."""

import io
import json
import logging

import pytest

from fs_risk.triage.service_log import LOGGER, JsonLines, log_to, note, note_fault


@pytest.fixture
def log(monkeypatch):
    """A stream that every log line goes to, and logging as it was afterwards."""
    root = logging.getLogger()
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    others = {name: logging.getLogger(name) for name in root.manager.loggerDict}
    kept = {name: (other.handlers[:], other.propagate) for name, other in others.items()}
    stream = io.StringIO()
    log_to(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(False)
    logging.raiseExceptions = raising
    root.handlers[:] = before
    root.setLevel(level)
    for name, other in others.items():
        other.handlers[:], other.propagate = kept[name]


def test_event_is_one_line_with_what_was_said(log):
    note("answered", status=200, codes={"PERSON_NOW": 1})

    assert [line | {"at": ""} for line in log()] == [
        {"at": "", "level": "INFO", "event": "answered", "status": 200, "codes": {"PERSON_NOW": 1}}
    ]


def test_fault_is_told_by_its_kind_and_lines_alone(log):
    def deep(child):
        raise KeyError(f"no such child: {child}")

    try:
        deep("C-4711")
    except KeyError as error:
        note_fault("fault", error)
    (line,) = log()

    assert line["error"] == "KeyError"
    assert line["passed"][-1].endswith("deep")
    assert "4711" not in json.dumps(line)


def test_what_other_libraries_say_is_withheld(log):
    try:
        raise ValueError("C-4711")
    except ValueError:
        logging.getLogger("asyncio").exception("Task of %s: C-4711", "C-4711")
    logging.getLogger("sqlalchemy.engine").error("INSERT 'C-4711'")
    first, second = log()

    assert (first["event"], first["logger"], first["error"]) == (
        "withheld",
        "asyncio",
        "ValueError",
    )
    assert second["event"] == "withheld"
    assert "4711" not in json.dumps([first, second])


def test_servers_own_lines_are_told_without_what_was_put_into_them(log):
    logging.getLogger("uvicorn.error").info("Listening on %s", "C-4711")

    assert log()[0]["event"] == "Listening on %s"


def test_record_that_cannot_be_written_is_not_printed(log, capsys):
    note("answered", strange=object())

    assert log() == []
    assert capsys.readouterr().err == ""


def test_line_ends_cannot_be_forged():
    record = logging.LogRecord(LOGGER, 20, "", 0, 'one\n{"event": "two"}', (), None)

    assert "\n" not in JsonLines().format(record)


def test_a_library_that_prints_for_itself_is_withheld_too(capsys):
    own = logging.getLogger("a.library.of.its.own")
    own.propagate = False
    own.addHandler(logging.StreamHandler())
    root = logging.getLogger()
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    stream = io.StringIO()
    log_to(stream)
    own.error("INSERT 'C-4711'")
    logging.captureWarnings(False)
    logging.raiseExceptions = raising
    root.handlers[:] = before
    root.setLevel(level)

    assert json.loads(stream.getvalue())["event"] == "withheld"
    assert "4711" not in capsys.readouterr().err + stream.getvalue()
