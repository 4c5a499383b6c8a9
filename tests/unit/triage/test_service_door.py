"""The service's door, spoken to message by message."""

import asyncio
import json

import pytest

from fs_risk.triage.service_door import Door, DoorSettings, is_loopback
from fs_risk.triage.service_tokens import Tokens


@pytest.fixture
def tokens(monkeypatch):
    monkeypatch.delenv("FS_RISK_SERVICE_TOKENS", raising=False)
    return Tokens()


async def fine(scope, receive, send):
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def scope_of(path="/score", method="POST", **headers):
    fields = {"host": "localhost", "content-type": "application/json", **headers}
    return {
        "type": "http", "path": path, "method": method, "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
    }  # fmt: skip


async def visited(door, scope=None, messages=()):
    """Speak to the door: messages are bodies to come, numbers are seconds to wait before."""
    coming, sent = list(messages), []

    async def receive():
        while coming and isinstance(coming[0], float):
            await asyncio.sleep(coming.pop(0))
        if not coming:
            return {"type": "http.disconnect"}
        part = coming.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(coming)}

    async def send(message):
        sent.append(message)

    await door(scope or scope_of(), receive, send)
    return sent


def status_of(sent):
    return sent[0]["status"]


def headers_of(sent):
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_body_in_parts_arrives_whole(tokens):
    door = Door(fine, tokens, DoorSettings())
    sent = asyncio.run(visited(door, messages=[b"{", b"", b"}"]))

    assert status_of(sent) == 200
    assert sent[1]["body"] == b"{}"


def test_body_without_a_stated_length_is_cut_off_at_the_limit(tokens):
    door = Door(fine, tokens, DoorSettings(body_bytes=1_600))
    sent = asyncio.run(visited(door, messages=[b"x" * 60, b"x" * 60]))

    assert status_of(sent) == 413
    assert headers_of(sent)["connection"] == "close"


@pytest.mark.parametrize("stated", ["101", "9" * 5_000, "-1", "ten", "²"])
def test_stated_length_is_believed_before_a_byte_is_read(tokens, stated):
    door = Door(fine, tokens, DoorSettings(body_bytes=1_600))
    sent = asyncio.run(visited(door, scope_of(**{"content-length": stated}), [b"{}"]))

    assert status_of(sent) == 413


def test_list_may_be_longer_than_a_score(tokens):
    door = Door(fine, tokens, DoorSettings(body_bytes=1_600))

    assert status_of(asyncio.run(visited(door, scope_of("/prioritise"), [b"x" * 1_600]))) == 200
    assert status_of(asyncio.run(visited(door, scope_of("/prioritise"), [b"x" * 1_601]))) == 413


def test_body_that_is_dribbled_is_not_waited_for(tokens):
    door = Door(fine, tokens, DoorSettings(body_seconds=0.05))
    sent = asyncio.run(visited(door, messages=[b"{", 5.0, b"}"]))

    assert status_of(sent) == 408


def test_client_that_has_gone_is_not_answered(tokens, caplog):
    caplog.set_level("INFO", logger="fs_risk.service")

    assert asyncio.run(visited(Door(fine, tokens, DoorSettings()), messages=[])) == []
    assert caplog.records[-1].said["status"] == 499


async def at_once(door, n):
    return [status_of(sent) for sent in await asyncio.gather(
        *(visited(door, messages=[b"{}"]) for _ in range(n))
    )]  # fmt: skip


async def slow(scope, receive, send):
    await asyncio.sleep(0.05)
    await fine(scope, receive, send)


def test_so_many_wait_and_the_rest_are_asked_to_come_again(tokens):
    door = Door(slow, tokens, DoorSettings(at_once=2, waiting=3))

    assert sorted(asyncio.run(at_once(door, 8))) == [200] * 5 + [503] * 3


def test_nobody_waits_for_ever(tokens):
    door = Door(slow, tokens, DoorSettings(at_once=1, patience=0.02))
    sent = asyncio.run(visited_twice(door))

    assert [status_of(each) for each in sent] == [200, 503]
    assert headers_of(sent[1])["retry-after"] == "1"


async def visited_twice(door):
    return await asyncio.gather(*(visited(door, messages=[b"{}"]) for _ in range(2)))


def test_turns_are_given_back(tokens):
    door = Door(slow, tokens, DoorSettings(at_once=1, waiting=1, patience=0.02))

    async def several():
        return [await at_once(door, 3) for _ in range(3)]

    assert asyncio.run(several()) == [[200, 503, 503]] * 3


def test_only_so_many_are_inside(tokens):
    door = Door(slow, tokens, DoorSettings(inside=4))

    assert sorted(asyncio.run(at_once(door, 6))) == [200] * 4 + [503] * 2


def test_health_is_asked_while_all_are_busy(tokens):
    door = Door(slow, tokens, DoorSettings(at_once=1, waiting=0))

    async def both():
        return await asyncio.gather(
            visited(door, messages=[b"{}"]), visited(door, scope_of("/health", "GET"), [b""])
        )

    assert [status_of(sent) for sent in asyncio.run(both())] == [200, 200]


@pytest.mark.parametrize("begun", [False, True])
def test_fault_is_answered_with_its_number_alone(tokens, begun, caplog):
    async def faulty(scope, receive, send):
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("C-4711")

    caplog.set_level("INFO", logger="fs_risk.service")
    sent = asyncio.run(visited(Door(faulty, tokens, DoorSettings()), messages=[b'"C-4711"']))

    assert status_of(sent) == (200 if begun else 500)
    assert "4711" not in repr(sent) + repr([vars(record) for record in caplog.records])
    assert caplog.records[0].said["error"] == "KeyError"
    if not begun:
        problem = json.loads(sent[1]["body"])
        assert problem["request_id"] == caplog.records[0].said["request_id"]


def test_version_before_an_address_pins_it(tokens):
    door = Door(fine, tokens, DoorSettings())
    statuses = {
        path: status_of(asyncio.run(visited(door, scope_of(path), [b"{}"])))
        for path in ("/v1/score", "/score", "/v2/score", "/v1/v1/score", "/v1score")
    }

    assert statuses == {"/v1/score": 200, "/score": 200, "/v2/score": 404,
                        "/v1/v1/score": 404, "/v1score": 404}  # fmt: skip


def test_log_repeats_no_address_method_or_header(tokens, caplog):
    caplog.set_level("INFO", logger="fs_risk.service")
    door = Door(fine, tokens, DoorSettings())
    for scope in (scope_of("/C-4711"), scope_of("/score", "C4711"), scope_of(xid="C-4711")):
        asyncio.run(visited(door, scope, [b"4711"]))

    assert len(caplog.records) == 3
    assert "4711" not in repr([vars(record) for record in caplog.records])


def test_browsers_may_insist_on_tls_where_there_is_any(tokens):
    for encrypted in (False, True):
        door = Door(fine, tokens, DoorSettings(), encrypted=encrypted)
        headers = headers_of(asyncio.run(visited(door, messages=[b"{}"])))
        assert ("strict-transport-security" in headers) is encrypted


def test_start_and_end_are_passed_on(tokens):
    passed = []

    async def app(scope, receive, send):
        passed.append(scope["type"])

    asyncio.run(Door(app, tokens, DoorSettings())({"type": "lifespan"}, None, None))
    assert passed == ["lifespan"]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "mash.local", "", "localhost.x"])
def test_other_addresses_are_not_this_machine(address):
    assert not is_loopback(address)
