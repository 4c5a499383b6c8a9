"""How SQLite keeps the ledger: every commit on the disk, what is destroyed overwritten, in turn."""

import random
import sqlite3
import time
from typing import Any

WAIT_SECONDS = 60
"""How long a writer waits for the others before it gives up."""


def set_up(connection: sqlite3.Connection, _: Any) -> None:
    """Have SQLite keep what it was told to keep, and overwrite what it was told to destroy.

    Parameters
    ----------
    connection : sqlite3.Connection
    """
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        _patiently(connection, f"PRAGMA {pragma}")


def begin(connection: sqlite3.Connection, how: str) -> None:
    """Begin a transaction; writers ask often, since SQLite's own wait favours newcomers.

    Parameters
    ----------
    connection : sqlite3.Connection
    how : {"IMMEDIATE", "DEFERRED"}
        To write, or to read.
    """
    if how == "IMMEDIATE":
        connection.execute("PRAGMA busy_timeout=0")
        _patiently(connection, "BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA busy_timeout={1_000 * WAIT_SECONDS}")
    else:
        connection.execute(f"BEGIN {how}")


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Try again and again while others hold the file, each time after a moment of chance."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            # the low byte is the code, the rest says more of it
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
            time.sleep(random.uniform(0.001, 0.004))
        else:
            return
