"""Where the service listens, and the patience of its connections."""

import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from fs_risk.errors import SettingError
from fs_risk.triage import service_server
from fs_risk.triage.service_server import Address, PunctualProtocol
from fs_risk.triage.service_tokens import Tokens

TOKEN = "a" * 32
WHOLE = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


@pytest.fixture
def tokens(monkeypatch):
    monkeypatch.setenv("FS_RISK_SERVICE_TOKENS", TOKEN)
    return Tokens()


@pytest.fixture
def no_tokens(monkeypatch):
    monkeypatch.delenv("FS_RISK_SERVICE_TOKENS", raising=False)
    return Tokens()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_this_machine_is_answered_without_tokens(host, no_tokens):
    Address(host).check(no_tokens)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "mash.council.example"])
def test_others_are_not(host, no_tokens, tokens):
    with pytest.raises(SettingError, match="no token to know them by"):
        Address(host, tls_by_proxy=True).check(no_tokens)
    with pytest.raises(SettingError, match="would go in clear"):
        Address(host).check(tokens)
    Address(host, tls_by_proxy=True).check(tokens)


async def quiet(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def spoken(*parts):
    """Send parts, each after a wait; give what came until the end, and after how long."""
    loop = asyncio.get_running_loop()
    config = uvicorn.Config(quiet, http=PunctualProtocol, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    server = await loop.create_server(
        lambda: PunctualProtocol(config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for wait, part in parts:
            await asyncio.sleep(wait)
            writer.write(part)
        begun = loop.time()
        found = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return found, loop.time() - begun
    finally:
        server.close()


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(service_server, "HEAD_SECONDS", 0.3)


@pytest.mark.parametrize(
    "parts", [[(0, b"")], [(0, b"GET / HTTP")], [(0.1, b"GET "), (0.1, b"/ HT"), (0.05, b"TP/1.1")]]
)
def test_head_that_is_dribbled_is_not_waited_for(hurried, parts):
    found, took = asyncio.run(spoken(*parts))

    assert found == b""
    assert took < 10


def test_second_head_has_a_time_of_its_own(hurried):
    found, _ = asyncio.run(spoken((0.2, WHOLE), (0.2, WHOLE), (0.05, b"GET ")))

    assert found.count(b"204 No Content") == 2
