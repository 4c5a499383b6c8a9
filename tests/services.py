"""Services for tests: asked without a network, or as a process of their own on loopback."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date
from functools import lru_cache

import httpx

import fs_risk as fs
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.service import make_app
from fs_risk.triage.service_desk import Desk, Holding

TOKEN = "T0ken-of-the-case-system-0123456789abcdef"
AUTHORISED = {"authorization": f"Bearer {TOKEN}"}


@lru_cache(1)
def village():
    """An authority so small that every one of its referrals can be asked about."""
    return fs.make_authority(children=600, years=8, seed=5)


def desk_of(history, model, ledger=None):
    return Desk(Holding(lambda: history), model, ledger)


class Client:
    """Asks an application as a client would, one request after another."""

    def __init__(self, app, **headers):
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app=app)
        self._client = httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        )

    def __call__(self, method, path, **content):
        return self._runner.run(self._client.request(method, path, **content))

    def post(self, path, content, **more):
        return self("POST", path, json=content, **more)

    def get(self, path, **more):
        return self("GET", path, **more)

    def together(self, *requests):
        """Send requests (method, path, content) at the same time."""

        async def send():
            asked = [self._client.request(m, path, json=content) for m, path, content in requests]
            return await asyncio.gather(*asked)

        return self._runner.run(send())

    def close(self):
        self._runner.run(self._client.aclose())
        self._runner.close()


@contextmanager
def asking(desk, *, settings=None, tokens=None, **headers):
    client = Client(make_app(desk, settings=settings, tokens=tokens), **headers)
    try:
        yield client
    finally:
        client.close()


def declared(records, first=None):
    """Every referral of an authority, as it was declared."""
    start = date(1990, 1, 1) if first is None else first
    return declared_referrals(records, start, records.extract_date.date())


def body_of(referral):
    """A referral as a case system sends it."""
    return referral.model_dump(mode="json", exclude_unset=True)


def logged(text):
    """The lines of a log, each of them JSON."""
    return [json.loads(line) for line in text.splitlines()]


class Process:
    """A service in a process of its own."""

    def __init__(self, *arguments, cwd, **environment):
        self._lines, self._started = [], threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fs_risk", "serve", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd, text=True,
            encoding="utf-8", env={**os.environ, **environment},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.append(line)
            # ours is the first line; the server's own is the one that it can be asked after
            if "startup complete" in line:
                self._started.set()
        self._started.set()

    @property
    def log(self):
        return "".join(self._lines)

    @property
    def url(self):
        assert self._started.wait(120), self.log
        found = re.search(r'"port": (\d+)', self.log)
        assert found, self.log
        return f"http://127.0.0.1:{found[1]}"

    def end(self):
        """Tell it to end, as a service manager does; give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(90)
        self._reader.join(10)
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(60)
        self._reader.join(10)


@contextmanager
def serving(*arguments, cwd, **environment):
    service = Process(*arguments, "--port", 0, cwd=cwd, **environment)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.kill()
        service.process.stdout.close()
