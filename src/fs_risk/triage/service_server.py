"""The service as a process: where it listens, how it ends. The only module that loads uvicorn."""

import asyncio
import logging
import signal
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from fs_risk.errors import SettingError
from fs_risk.triage.service import make_app
from fs_risk.triage.service_desk import Desk
from fs_risk.triage.service_door import DoorSettings, is_loopback
from fs_risk.triage.service_log import log_to, note
from fs_risk.triage.service_tokens import MAKE_ONE, TOKEN_VARIABLE, Tokens

END_SECONDS = 75
"""How long requests under way may take at the end: longer than a writer waits for the ledger."""

HEAD_BYTES = 16_384
"""More than the door lets in, so that it is the door that answers."""

HEAD_SECONDS = 15.0
"""In which a connection must bring the whole head of its next request."""

CONNECTIONS = 512


@dataclass(frozen=True)
class Address:
    """Where the service listens, and how what is said there is kept from others.

    Attributes
    ----------
    host : str
    port : int
        0 for any that is free.
    certificate, key : Path, optional
        PEM files, for TLS.
    tls_by_proxy : bool, default=False
        Whether a proxy before the service does the TLS.
    """

    host: str = "127.0.0.1"
    port: int = 8321
    certificate: Path | None = None
    key: Path | None = None
    tls_by_proxy: bool = False

    @property
    def encrypted(self) -> bool:
        """Whether clients speak TLS."""
        return self.certificate is not None or self.tls_by_proxy

    def check(self, tokens: Tokens) -> None:
        """Refuse to be reached from elsewhere without tokens, or in clear.

        Parameters
        ----------
        tokens : Tokens

        Raises
        ------
        SettingError
        """
        if (self.certificate is None) != (self.key is None):
            raise SettingError(
                "TLS needs a certificate and its key.",
                where="--tls-certificate, --tls-key",
                fix="Give both, or neither.",
            )
        if is_loopback(self.host):
            return
        if not tokens:
            raise SettingError(
                "Others could reach the service, and there is no token to know them by.",
                where=f"--host {self.host}",
                fix=f"Make one with {MAKE_ONE} and give it in {TOKEN_VARIABLE} or --tokens; "
                "or leave out --host, so that only this machine reaches it.",
            )
        if not self.encrypted:
            raise SettingError(
                "Others could reach the service, and what is said there would go in clear.",
                where=f"--host {self.host}",
                fix="Give --tls-certificate and --tls-key; or --tls-by-proxy where a proxy on "
                "this machine or in this pod does the TLS.",
            )


class PunctualProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, with a limit to how long the head of a request may take."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._due = self.loop.call_later(HEAD_SECONDS, self._close_if_late)

    def on_response_complete(self) -> None:
        """Begin to wait for the next."""
        self._due.cancel()
        self._due = self.loop.call_later(HEAD_SECONDS, self._close_if_late)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._due.cancel()
        super().connection_lost(exc)

    def _close_if_late(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


def serve(
    desk: Desk,
    address: Address | None = None,
    *,
    tokens: Tokens | None = None,
    settings: DoorSettings | None = None,
) -> None:
    """Answer requests until the process is told to end, and finish those under way.

    Parameters
    ----------
    desk : Desk
        Closed at the end.
    address : Address, optional
        By default 127.0.0.1, port 8321.
    tokens : Tokens, optional
        By default those of the environment.
    settings : DoorSettings, optional

    Raises
    ------
    SettingError
        If it would be reached from elsewhere without tokens or in clear, or cannot listen.
    """
    place, known = address or Address(), Tokens() if tokens is None else tokens
    place.check(known)
    with _listening(place) as listener:
        log_to()
        _say_started(desk, place, known, listener)
        app = make_app(desk, tokens=known, settings=settings, encrypted=place.encrypted)
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            # the server raises the signal once more when all is done: then it only ends
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: None)
        uvicorn.Server(uvicorn.Config(app, **_how(place))).run([listener])
        note("ended")


def _how(place: Address) -> dict[str, Any]:
    tls = {"ssl_certfile": place.certificate, "ssl_keyfile": place.key} if place.certificate else {}
    return {
        "access_log": False,  # it would repeat addresses as they were sent
        "h11_max_incomplete_event_size": HEAD_BYTES,
        "http": PunctualProtocol,
        "lifespan": "on",
        "limit_concurrency": CONNECTIONS,
        "log_config": None,
        "loop": "asyncio",
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": END_SECONDS,
        "timeout_keep_alive": int(HEAD_SECONDS),
        "ws": "none",
        **tls,
    }


def _listening(place: Address) -> socket.socket:
    try:
        if place.certificate:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                place.certificate, place.key
            )
    except (OSError, ssl.SSLError):
        raise SettingError(
            "The certificate and its key cannot be used.",
            where="--tls-certificate, --tls-key",
            fix="Give PEM files that belong together, the key without a password.",
        ) from None
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        made = socket.create_server((place.host, place.port), family=family, backlog=512)
        # asked again what it is: asyncio sends at once only on what it knows to be TCP, and
        # an answer in two parts waits 40 ms otherwise
        return socket.socket(fileno=made.detach())
    except (OSError, OverflowError):
        raise SettingError(
            "The service cannot listen there.",
            where=f"--host {place.host} --port {place.port}",
            fix="Choose a port that is free, and an address that this machine has.",
        ) from None


def _say_started(desk: Desk, place: Address, tokens: Tokens, listener: socket.socket) -> None:
    about = desk.about_model()
    note(
        "started",
        host=place.host,
        port=listener.getsockname()[1],
        tls="own" if place.certificate else "by proxy" if place.tls_by_proxy else "none",
        tokens="needed" if tokens else "none: only this machine is answered",
        **about.model_dump(include={"name", "version", "origin", "records_to", "ledger"}),
    )
    if desk.ledger is None:
        note(
            "NO LEDGER: nothing that is scored or shown is kept, so nobody can ask later what "
            "was said of a child",
            level=logging.WARNING,
        )
    if desk.history_state == "stale":
        note("records stale: a referral of today gets STALE_EXTRACT", level=logging.WARNING)
