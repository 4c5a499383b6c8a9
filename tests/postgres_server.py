"""A PostgreSQL server for a test, on loopback, where Debian's package is installed."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from glob import glob
from pathlib import Path

import pytest

PASSWORD = "p@ss/word!"
ADDRESS = "postgresql+psycopg://ledger:p%40ss%2Fword!@127.0.0.1:{port}/postgres"


def _binaries():
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else map(Path, glob("/usr/lib/postgresql/*/bin"))
    return next(iter(sorted(folders, reverse=True)), None)


def _as_whom():
    """Run the server as somebody who is not root, as it demands."""
    if not hasattr(os, "getuid") or os.getuid() != 0:
        return {}
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("there is no user to run PostgreSQL as")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def server():
    """Start a server and give its address; skip, saying why, where none can start."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    whom = _as_whom()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if whom:
        for path in (folder, folder / "password"):
            os.chown(path, whom["user"], whom["group"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command):
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            **whom,
        ).returncode

    data = folder / "data"
    options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories=''"
    identity = ("-U", "ledger", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync")
    try:
        if run(binaries / "initdb", "-D", data, *identity, f"--pwfile={folder / 'password'}"):
            pytest.skip("PostgreSQL's initdb failed")
        if run(binaries / "pg_ctl", "-D", data, "-w", "-t", "30", "-o", options, "start"):
            pytest.skip("PostgreSQL did not start on loopback")
        yield ADDRESS.format(port=port)
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
