"""The service's door: who comes in, how much they may bring, and what leaves with an answer.

It stands before the framework, so that nothing is read of a request that is not let in,
and no fault of anything behind it reaches a client or a log with what the client sent.
"""

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import Any

from fs_risk.triage.service_answers import Refused, fault
from fs_risk.triage.service_log import note, note_fault
from fs_risk.triage.service_tokens import Tokens
from fs_risk.triage.service_visit import (
    NOT_ANSWERED,
    OPEN,
    ROUTES,
    VERSION,
    App,
    Message,
    Receive,
    Scope,
    Send,
    Turns,
    Visit,
    busy,
)

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Go with every answer: it is for nobody else's browser, cache or frame."""

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class DoorSettings:
    """How much a request may bring, and how many are let in.

    Attributes
    ----------
    body_bytes : int
        Of a list; of anything else a sixteenth.
    body_seconds : float
        In which the whole body must have come.
    head_bytes, head_fields : int
        Of all header fields together.
    at_once : int
        Requests that are scored at the same time, each in a thread.
    waiting : int
        Requests that wait for that.
    patience : float
        Seconds that one waits at most.
    inside : int
        Requests that are inside the door, whatever they do there.
    """

    body_bytes: int = 1 << 20
    body_seconds: float = 10.0
    head_bytes: int = 8_192
    head_fields: int = 64
    at_once: int = 4
    waiting: int = 64
    patience: float = 5.0
    inside: int = 256


class Door:
    """Lets requests in to an ASGI application.

    Parameters
    ----------
    app : ASGI application
    tokens : Tokens
        None of them lets in everybody who asks under a local name.
    settings : DoorSettings
    encrypted : bool, default=False
        Whether it is asked over TLS, so that browsers may insist on it.
    """

    def __init__(
        self, app: App, tokens: Tokens, settings: DoorSettings, *, encrypted: bool = False
    ) -> None:
        self._app, self._tokens, self._settings = app, tokens, settings
        kept = {"strict-transport-security": "max-age=31536000"} if encrypted else {}
        self._headers = _raw({**HEADERS, **kept})
        self._turns: Turns | None = None
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Parameters
        ----------
        scope, receive, send
            ASGI's.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        path = path.removeprefix(VERSION) if path.startswith(f"{VERSION}/") else path
        visit = Visit.of({**scope, "path": path})
        inner = {**scope, "path": path, "raw_path": path.encode(), "state": {"visit": visit}}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = int(message["status"])
                said = [*message.get("headers", []), (b"x-request-id", visit.request_id.encode())]
                message = {**message, "headers": [*said, *self._headers]}
            await send(message)

        self._inside += 1
        try:
            await self._let_in(inner, receive, sending, visit)
        except Refused as refused:
            await _answer(refused, visit, sending)
        except Exception as error:
            await self._own_up(error, visit, sending)
        finally:
            self._inside -= 1
            note("answered", request_id=visit.request_id, path=visit.path, method=visit.method,
                 client=visit.client, status=visit.status, ms=visit.milliseconds,
                 **visit.said)  # fmt: skip

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, visit: Visit) -> None:
        body = b""
        try:
            headers = self._checked_head(scope, visit)
            if scope["method"] == "POST":
                body = await self._body(headers, receive, visit)
        except Refused as refused:
            # the rest of the body is not waited for
            refused.headers.setdefault("connection", "close")
            if refused.problem.status not in (408, 503):
                await _pour_away(receive)
            raise
        except ConnectionResetError:
            return
        again = _once(body, receive)
        if scope["method"] != "POST":
            await self._app(scope, again, send)
            return
        if self._turns is None:
            settings = self._settings
            self._turns = Turns(settings.at_once, settings.waiting, settings.patience)
        async with self._turns.one():
            await self._app(scope, again, send)

    def _checked_head(self, scope: Scope, visit: Visit) -> dict[bytes, bytes]:
        """Refuse what can be refused by the head alone."""
        if self._inside > self._settings.inside:
            raise busy()
        fields = scope["headers"]
        size = sum(len(name) + len(value) for name, value in fields)
        if size > self._settings.head_bytes or len(fields) > self._settings.head_fields:
            raise Refused(
                431, "head-too-large", "The head of the request is too large.",
                fix=f"Send at most {self._settings.head_fields} fields of "
                f"{self._settings.head_bytes} bytes in all.",
            )  # fmt: skip
        headers = dict(fields)
        if visit.path not in OPEN:
            self._check_who(headers, visit)
        _check_where(visit, scope["method"])
        if scope.get("query_string"):
            raise Refused(
                400, "no-query", "The address has a query, which other systems would log.",
                fix="Leave out all from the question mark on; send what is asked as the body.",
            )  # fmt: skip
        return headers

    def _check_who(self, headers: dict[bytes, bytes], visit: Visit) -> None:
        if not self._tokens:
            # a page in a browser can reach a local service under a name of its own
            if not _is_local(headers.get(b"host", b"").decode("latin-1")):
                raise Refused(
                    421, "wrong-host", "The service was asked under a name that is not local.",
                    fix="Ask localhost, or start the service with tokens.",
                )  # fmt: skip
            return
        label = self._tokens.label_of(headers.get(b"authorization"))
        if label is None:
            raise Refused(
                401, "not-let-in", "The request holds no valid token.",
                fix="Send the header Authorization: Bearer, and a token that the service knows.",
                headers={"www-authenticate": "Bearer"},
            )  # fmt: skip
        visit.client = label

    async def _body(self, headers: dict[bytes, bytes], receive: Receive, visit: Visit) -> bytes:
        _check_type(headers)
        most = self._settings.body_bytes // (1 if visit.path == "/prioritise" else 16)
        stated = headers.get(b"content-length", b"0")
        if not stated.isdigit() or len(stated) > 18 or int(stated) > most:
            raise _too_large(most)
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                return await _read(receive, most)
        except TimeoutError:
            raise Refused(
                408, "too-slow", "The body did not come in time.",
                where=f"{self._settings.body_seconds:g} seconds", fix="Send it at once.",
            ) from None  # fmt: skip

    async def _own_up(self, error: Exception, visit: Visit, send: Send) -> None:
        note_fault("fault", error, request_id=visit.request_id, path=visit.path)
        if visit.status == NOT_ANSWERED:
            await _answer(fault(), visit, send)


def _check_where(visit: Visit, method: str) -> None:
    if visit.path not in ROUTES:
        raise Refused(
            404, "not-here", "There is nothing at this address.",
            fix=f"Ask one of {', '.join(ROUTES)}.",
        )  # fmt: skip
    allowed = ROUTES[visit.path]
    if method != allowed:
        raise Refused(
            405, "not-this-way", "The address is not asked with this method.",
            fix=f"Ask with {allowed}.", headers={"allow": allowed},
        )  # fmt: skip


async def _answer(refused: Refused, visit: Visit, send: Send) -> None:
    status, headers, body = refused.answer(visit.request_id)
    visit.said["problem"] = refused.kind
    raw = _raw({**headers, "content-length": len(body)})
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _read(receive: Receive, most: int) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def _pour_away(receive: Receive, *, seconds: float = 0.5, most: int = 4 << 20) -> None:
    """Let a client finish what it is sending, for a moment: else it would not see the answer."""
    size, more = 0, True
    try:
        async with asyncio.timeout(seconds):
            while more and size < most:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)
    except TimeoutError:
        return


def _once(body: bytes, receive: Receive) -> Receive:
    """Hand over a body that was read."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> Message:
        message = next(messages, None)
        return await receive() if message is None else message

    return again


def _check_type(headers: dict[bytes, bytes]) -> None:
    kind, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.strip().replace(b'"', b"")
    coded = headers.get(b"content-encoding", b"identity").lower()
    if (
        kind.strip() != b"application/json"
        or charset not in (b"", b"charset=utf-8")
        or coded != b"identity"
    ):
        raise Refused(
            415, "not-this-type", "The body is not sent as JSON in UTF-8, uncompressed.",
            fix="Send the header Content-Type: application/json, and no Content-Encoding.",
        )  # fmt: skip


def _too_large(most: int) -> Refused:
    return Refused(
        413, "too-large", "The body is too large.",
        where=f"more than {most:,} bytes", fix="Ask for fewer referrals at once.",
    )  # fmt: skip


def _is_local(host: str) -> bool:
    name = host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()
    return name in LOCAL_NAMES


def is_loopback(address: str) -> bool:
    """Whether an address is reached from this machine alone.

    Parameters
    ----------
    address : str
        ``localhost``, or an IP address.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_loopback(each) for each in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "mash.local")]
    [True, True, True, False, False]
    """
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _raw(headers: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), str(value).encode()) for name, value in headers.items()]
