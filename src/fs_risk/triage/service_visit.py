"""One request on its way through the service, and the turn it waits for."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.service_answers import QUEUE_WAIT, Refused

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ROUTES = {
    "/score": "POST",
    "/prioritise": "POST",
    "/model": "GET",
    "/health": "GET",
    "/ready": "GET",
    "/openapi.json": "GET",
}
"""What can be asked, and how."""

OPEN = ("/health", "/ready")
"""What needs no token, since it says nothing."""

METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
"""What a log may repeat of a request's method."""

UNKNOWN = "unknown"

NOT_ANSWERED = 499
"""The status of a request until an answer is begun, as when the client has gone."""

VERSION = "/v1"
"""Before an address it pins this version of the interface; without it the newest answers."""


@dataclass
class Visit:
    """What is noted of a request, none of it sent by the client.

    Attributes
    ----------
    path, method : str
        As asked, if they are among `ROUTES` and `METHODS`; else ``unknown``.
    request_id : str
    client : str
        Label of the token.
    status : int
        `NOT_ANSWERED` until an answer is begun.
    said : dict
        Counts, for the log.
    """

    path: str
    method: str
    request_id: str = field(default_factory=lambda: secrets.token_hex(8))
    client: str = ""
    status: int = NOT_ANSWERED
    said: dict[str, Any] = field(default_factory=dict)
    begun: float = field(default_factory=time.perf_counter)

    @classmethod
    def of(cls, scope: Scope) -> "Visit":
        """Begin a visit by a request's address and method.

        Parameters
        ----------
        scope : mapping
            ASGI's.

        Returns
        -------
        Visit
        """
        path, method = str(scope["path"]), str(scope["method"])
        return cls(path if path in ROUTES else UNKNOWN, method if method in METHODS else UNKNOWN)

    @property
    def milliseconds(self) -> float:
        """Time since it began."""
        return round(1_000 * (time.perf_counter() - self.begun), 2)

    def noted(self, scores: Iterable[RiskScore], unknown: int) -> None:
        """Note how many scores were given, by code, and how many children were not known.

        Parameters
        ----------
        scores : iterable of RiskScore
        unknown : int
            A sudden rise says that the ids of two systems no longer agree.
        """
        codes: dict[str, int] = {}
        for score in scores:
            code = score.code or "scored"
            codes[code] = codes.get(code, 0) + 1
        self.said = {"n": sum(codes.values()), "codes": codes, "unknown_children": unknown}


class Turns:
    """So many requests are worked on at once, so many wait, the rest are asked to come again.

    Parameters
    ----------
    at_once, waiting : int
    patience : float
        Seconds that one waits at most.
    """

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self._free, self._room, self._patience = asyncio.Semaphore(at_once), waiting, patience
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it.

        Raises
        ------
        Refused
            If too many wait, or it took too long.
        """
        if self._free.locked() and self._waiting >= self._room:
            raise busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise busy() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()


def busy() -> Refused:
    """Give the answer to one request too many."""
    return Refused(
        503,
        "busy",
        "More is asked at once than the service can do.",
        fix="Ask again after the seconds in Retry-After; decide without a score meanwhile.",
        after=QUEUE_WAIT,
    )
