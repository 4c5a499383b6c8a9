"""The service as a process of its own: asked by clients, by strangers and by Schemathesis."""

import http.client
import ipaddress
import json
import re
import runpy
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import fs_risk as fs
import ledgers
import services
from fs_risk.triage.service_asked import DeclaredReferral, ListRequest, ScoreRequest

BENCHMARK = Path(__file__).parents[2] / "evaluation" / "benchmarks" / "service.py"
LONG_ENOUGH = 6
"""Shorter texts stand in an answer of ours by chance."""

OUR_WORDS = {*DeclaredReferral.model_fields, *ScoreRequest.model_fields, *ListRequest.model_fields}
"""Names of fields, which an answer may say."""


@pytest.fixture(scope="module")
def village():
    return services.village()


@pytest.fixture(scope="module")
def bodies(village):
    return [{"referral": services.body_of(one)} for one in services.declared(village)[-200:]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, small_model, village):
    """What a service needs to start: model, history, a ledger begun, tokens."""
    folder = tmp_path_factory.mktemp("service")
    small_model.save(folder / "model")
    fs.History.from_records(village).save(folder / "history")
    ledgers.begin(folder).close()
    (folder / "tokens.txt").write_text(f"tests:{services.TOKEN}\n", encoding="utf-8")
    return folder


def arguments(folder, *more):
    return ("history", "--model", "model", "--ledger", ledgers.url_in(folder),
            "--ledger-key-file", "ledger.key", *more)  # fmt: skip


@pytest.fixture(scope="module")
def service(folder):
    with services.serving(*arguments(folder, "--tokens", "tokens.txt"), cwd=folder) as running:
        yield running


def lines(service, event="answered"):
    return [line for line in services.logged(service.log) if line["event"] == event]


def test_start_says_which_model_answers_and_that_tokens_are_needed(service, small_model):
    assert service.url
    (started,) = lines(service, "started")

    assert started["version"] == small_model.version
    assert (started["tokens"], started["ledger"], started["tls"]) == ("needed", "kept", "none")


def test_token_is_asked_for_and_lets_in(service, bodies):
    with httpx.Client(base_url=service.url) as client:
        assert client.post("/v1/score", json=bodies[0]).status_code == 401
        answer = client.post("/v1/score", json=bodies[0], headers=services.AUTHORISED)
        assert answer.status_code == 200
        assert fs.RiskScore.model_validate_json(answer.content).referral_id
        assert "server" not in answer.headers
    assert services.TOKEN not in service.log


def test_schemathesis_finds_nothing_and_nothing_sent_is_repeated(service, tmp_path):
    """Valid requests, broken ones, methods, headers and tokens that nobody asked for."""
    (tmp_path / "schemathesis.toml").write_text(
        # a referral twice in a list is of the right shape, and refused all the same
        '[checks.positive_data_acceptance]\nexpected-statuses = ["200", "422"]\n',
        encoding="utf-8",
    )
    before = len(lines(service))
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/openapi.json",
         "--header", f"Authorization: Bearer {services.TOKEN}", "--checks", "all",
         "--max-examples", "10", "--seed", "1", "--report", "har", "--report-dir", "reports",
         "--continue-on-failure", "--suppress-health-check", "all", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]

    (report,) = (tmp_path / "reports").glob("har-*")
    calls = json.loads(report.read_text(encoding="utf-8"))["log"]["entries"]
    answers = {call["response"]["status"] for call in calls}
    assert len(calls) > 200
    assert {200, 400, 401, 405, 415, 422} <= answers
    assert max(answers) < 500
    assert len(lines(service)) - before >= len(calls)
    everything = set()
    for call in calls:
        sent = texts_of(call["request"].get("postData", {}).get("text", ""))
        everything |= sent
        if call["response"]["status"] >= 400:
            said = call["response"]["content"].get("text", "")
            assert [text for text in sent if text in said] == []
    log = service.log
    assert [text for text in everything if text in log] == []


def texts_of(body):
    """Every text of a JSON body, and every key, that is no word of ours."""
    try:
        content = json.loads(body)
    except ValueError:
        content = body
    waiting, found = [content], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and len(one) >= LONG_ENOUGH:
            found.add(one)
    return found - OUR_WORDS


@pytest.mark.parametrize(
    "sent",
    [
        b"C-4711081 C-4711081\r\n\r\n",
        b"GET /C-4711081 HTTP/9.9\r\nhost: C-4711081\r\n\r\n",
        b"GET /score?child_id=C-4711081 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"C-4711081" * 5_000 + b"\r\n\r\n",
        b"POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 4711081\r\n\r\nx",
        b"POST /score HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nC-4711081\r\n",
        b"GET /model HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        bytes(range(256)) * 20,
    ],
    ids=range(8),
)
def test_what_is_no_request_gets_a_4xx_that_repeats_nothing(service, sent):
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as line:
        line.sendall(sent)
        answer = line.makefile("rb").read(4_096) if b"chunked" not in sent else line.recv(4_096)

    assert re.match(rb"HTTP/1.1 4\d\d ", answer)
    assert b"4711081" not in answer
    assert "4711081" not in service.log


def test_body_that_is_far_too_large_is_refused_without_being_read(service):
    where = urlsplit(service.url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    connection.putrequest("POST", "/v1/prioritise")
    for name, value in {**services.AUTHORISED, "content-type": "application/json",
                        "content-length": "100000000000"}.items():  # fmt: skip
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()

    assert answer.status == 413
    assert json.loads(answer.read())["type"] == "urn:fs-risk:problem:too-large"
    connection.close()


def test_three_seconds_of_load_lose_nothing(service, folder, bodies):
    """G2: eight clients at once; the ledger holds an entry for each answer."""
    ledger = ledgers.reopen(folder)
    before = ledger.head.number
    load = runpy.run_path(str(BENCHMARK))["load"]
    done = load(service.url, bodies, seconds=3, clients=8, headers=services.AUTHORISED)

    assert set(done["statuses"]) == {"200"}
    assert ledger.head.number - before == done["statuses"]["200"] > 8
    assert ledger.verify() == []
    ledger.close()


def certificate_in(folder):
    """Make a certificate of this machine's loopback, and trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1).add_extension(here, critical=False)
        .not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    text = serialization.Encoding.PEM
    (folder / "service.pem").write_bytes(made.public_bytes(text))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "service.key").write_bytes(key.private_bytes(text, *plain))
    return ssl.create_default_context(cafile=folder / "service.pem")


def test_told_to_end_it_finishes_what_was_begun(folder, bodies):
    """G2: every answer that a client received is in the ledger, and the chain is whole.

    Over TLS of its own.
    """
    ledger = ledgers.reopen(folder)
    before = ledger.head.number
    trusted = certificate_in(folder)
    tls = ("--tls-certificate", "service.pem", "--tls-key", "service.key")
    with services.serving(*arguments(folder, *tls), cwd=folder) as running:
        url, going = running.url.replace("http:", "https:"), threading.Event()

        def ask(place):
            got = 0
            with httpx.Client(base_url=url, timeout=60, verify=trusted) as client:
                while True:
                    try:
                        answer = client.post("/score", json=bodies[(place + 17 * got) % 200])
                    except httpx.TransportError:
                        return got
                    assert answer.status_code == 200
                    assert "max-age" in answer.headers["strict-transport-security"]
                    got += 1
                    going.set()

        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(ask, place) for place in range(6)]
            assert going.wait(60)
            time.sleep(0.5)
            code = running.end()
            answered = sum(one.result() for one in asked)

    entries = ledger.head.number - before
    assert ledger.verify() == []
    assert answered > 0
    # what was recorded as a client hung up may not have reached it; never the other way round
    assert answered <= entries <= answered + 6
    ledger.close()
    if sys.platform != "win32":  # there it cannot be told, only stopped
        assert code == 0
        assert entries == answered
        assert services.logged(running.log)[-1]["event"] == "ended"


@pytest.mark.parametrize(
    ("more", "match"),
    [
        (["--host", "0.0.0.0", "--no-ledger"], "no token to know them by"),
        (["--host", "0.0.0.0", "--no-ledger", "--tokens", "tokens.txt"], "would go in clear"),
        (["--no-ledger", "--tls-certificate", "x.pem"], "needs a certificate and its key"),
        (["--no-ledger", "--tls-certificate", "x.pem", "--tls-key", "x.pem"], "cannot be used"),
        (["--no-ledger", "--tokens", "none.txt"], "file of tokens cannot be read"),
        ([], "not said whether scores are recorded"),
        (["--no-ledger", "--ledger", "sqlite:///ledger.db"], "and that there is none"),
        (["--no-ledger", "--exclude", "model/model.json"], "leaves out nobody more"),
    ],
)
def test_refusing_to_start_says_the_cure(folder, more, match, monkeypatch, capsys):
    from fs_risk.cli import app

    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        app(["serve", "history", "--model", "model", *more])

    said = capsys.readouterr().err
    assert ended.value.code == 18
    assert match in said
    assert "Fix:" in said


def test_port_that_is_taken_is_refused(folder, monkeypatch, capsys):
    from fs_risk.cli import app

    monkeypatch.chdir(folder)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(SystemExit) as ended:
            app(["serve", "history", "--model", "model", "--no-ledger", "--port", port])

    assert ended.value.code == 18
    assert "cannot listen there" in capsys.readouterr().err
