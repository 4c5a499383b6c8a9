"""Where the ledger's rows lie: any database that SQLAlchemy knows, one writer at a time.

A database's address may hold a password and its driver may repeat what it was given, so
no message of either is ever passed on.
"""

import os
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from fs_risk.errors import LedgerError
from fs_risk.model.canonical import sha256
from fs_risk.triage import ledger_sqlite
from fs_risk.triage.ledger_chain import Head, Header

ROWS_AT_ONCE = 500

_SCHEMA = sa.MetaData()
_TEXT = sa.String
_COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "ledger_head": [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ledger_id", _TEXT(32), nullable=False),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("layout", _TEXT(64), nullable=False),
        sa.Column("retain_days", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("chain", _TEXT(64), nullable=False),
        sa.Column("key_mark", _TEXT(16), nullable=False),
        sa.Column("signature", _TEXT(64), nullable=False),
    ],
    "ledger_entries": [
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", _TEXT(32), nullable=False),
        sa.Column("at", _TEXT(40), nullable=False),
        sa.Column("key_id", _TEXT(32), nullable=False, index=True),
        sa.Column("score_tag", _TEXT(64), nullable=False, index=True),
        sa.Column("retain_until", _TEXT(10), nullable=False),
        sa.Column("content_hash", _TEXT(64), nullable=False),
        sa.Column("chain", _TEXT(64), nullable=False),
    ],
    "ledger_contents": [
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    ],
    "ledger_keys": [
        sa.Column("key_id", _TEXT(32), primary_key=True),
        sa.Column("child_tag", _TEXT(64), unique=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    ],
}
for _name, _columns in _COLUMNS.items():
    sa.Table(_name, _SCHEMA, *_columns)

TABLES = tuple(_SCHEMA.tables)


def _plain(name: str) -> Any:
    """Give a table without types: rows come back as they lie there, tampered with or not."""
    return sa.table(name, *(sa.column(column.name) for column in _SCHEMA.tables[name].columns))


_HEAD, _ENTRIES, _CONTENTS, _KEYS = map(_plain, TABLES)
_HEADER = [field.name for field in fields(Header)]


class Rows:
    """The ledger's rows within one transaction.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def heads(self, *, hold: bool = False) -> list[tuple[Any, ...]]:
        """Give the rows that say where the chain ends: one, if nobody meddled.

        Parameters
        ----------
        hold : bool, default=False
            Whether to keep other writers waiting until this transaction ends.
        """
        query = sa.select(*list(_HEAD.c)[1:])
        return self._all(query.with_for_update() if hold else query)

    def begin(self, head: Head, signature: str) -> None:
        """Write the first head."""
        values = dict(zip(_HEAD.c.keys(), [1, *astuple(head), signature], strict=True))
        self._connection.execute(sa.insert(_HEAD).values(values))

    def move_head(self, number: int, head: Head, signature: str) -> None:
        """Replace the head, unless it is no longer the one of entry `number`.

        Raises
        ------
        LedgerError
            If another process has moved it on.
        """
        values = dict(zip(list(_HEAD.c.keys())[1:], [*astuple(head), signature], strict=True))
        query = sa.update(_HEAD).where(_HEAD.c.number == number).values(values)
        if self._connection.execute(query).rowcount != 1:
            raise LedgerError(
                "Another process wrote to the ledger at the same time.",
                fix="Try again; use SQLite or PostgreSQL, where writers wait for each other.",
            )

    def add(self, headers: Sequence[Header], chain: Sequence[str], sealed: Sequence[bytes]) -> None:
        """Add entries and their contents."""
        entries = [
            dict(zip([*_HEADER, "chain"], [*astuple(header), link], strict=True))
            for header, link in zip(headers, chain, strict=True)
        ]
        contents = [
            {"number": header.number, "sealed": cipher}
            for header, cipher in zip(headers, sealed, strict=True)
        ]
        self._connection.execute(sa.insert(_ENTRIES), entries)
        self._connection.execute(sa.insert(_CONTENTS), contents)

    def entries(
        self,
        *,
        kinds: Sequence[str] = (),
        numbers: Sequence[int] | None = None,
        key_id: str | None = None,
        score_tag: str | None = None,
        before: str | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Give entries in order: the header, its hash in the chain, the sealed content or None.

        All of them, or those of some kinds, numbers, key or score, or retained until a day
        before another; some hundreds at a time, so that memory stays flat.
        """
        query = (
            sa.select(*_ENTRIES.c, _CONTENTS.c.sealed)
            .select_from(_ENTRIES.outerjoin(_CONTENTS, _ENTRIES.c.number == _CONTENTS.c.number))
            .order_by(_ENTRIES.c.number)
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
        if kinds:
            query = query.where(_ENTRIES.c.kind.in_(kinds))
        if numbers is not None:
            query = query.where(_ENTRIES.c.number.in_(numbers))
        if key_id is not None:
            query = query.where(_ENTRIES.c.key_id == key_id)
        if score_tag is not None:
            query = query.where(_ENTRIES.c.score_tag == score_tag)
        if before is not None:
            query = query.where(_ENTRIES.c.retain_until < before)
        for row in self._connection.execute(query):
            yield tuple(row)

    def numbers_with_content(self) -> list[Any]:
        """Give the numbers for which there is a content."""
        return [row[0] for row in self._all(sa.select(_CONTENTS.c.number))]

    def wrapped_keys(
        self, *, key_id: str | None = None, child_tag: str | None = None
    ) -> list[tuple[Any, ...]]:
        """Give keys: id, tag of the child or None, the wrapped key."""
        query = sa.select(*_KEYS.c)
        if key_id is not None:
            query = query.where(_KEYS.c.key_id == key_id)
        if child_tag is not None:
            query = query.where(_KEYS.c.child_tag == child_tag)
        return self._all(query)

    def add_key(self, key_id: str, child_tag: str | None, wrapped: bytes) -> None:
        """Add a key."""
        values = {"key_id": key_id, "child_tag": child_tag, "wrapped": wrapped}
        self._connection.execute(sa.insert(_KEYS).values(values))

    def rewrap(self, key_id: str, wrapped: bytes) -> None:
        """Replace a wrapped key by the same key wrapped otherwise."""
        query = sa.update(_KEYS).where(_KEYS.c.key_id == key_id).values(wrapped=wrapped)
        self._connection.execute(query)

    def destroy_key(self, key_id: str) -> None:
        """Remove a key for ever."""
        self._connection.execute(sa.delete(_KEYS).where(_KEYS.c.key_id == key_id))

    def destroy_contents(self, numbers: Sequence[int]) -> None:
        """Remove contents for ever."""
        for first in range(0, len(numbers), 500):
            some = list(numbers[first : first + 500])
            self._connection.execute(sa.delete(_CONTENTS).where(_CONTENTS.c.number.in_(some)))

    def layout(self) -> str:
        """Give a hash of all that is defined on the tables; SQLite alone can say."""
        if self._connection.dialect.name != "sqlite":
            return ""
        names = ", ".join(f"'{name}'" for name in TABLES)
        found = self._connection.exec_driver_sql(
            f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({names}) ORDER BY 1, 2"
        )
        return sha256("\n".join(map(repr, map(tuple, found))))

    def damage(self) -> list[str]:
        """Ask the database itself whether it is whole; SQLite alone can say."""
        if self._connection.dialect.name != "sqlite":
            return []
        found = self._connection.exec_driver_sql("PRAGMA integrity_check").fetchall()
        return [] if [tuple(row) for row in found] == [("ok",)] else ["the file is damaged"]

    def _all(self, query: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._connection.execute(query)]


def _let_go(engine: sa.Engine, process: int) -> None:
    """Close what is open, in the process that opened it: a fork shares its connections."""
    if process == os.getpid():
        engine.dispose()


class Store:
    """A database with a ledger in it.

    Parameters
    ----------
    url : str
        An SQLAlchemy URL.

    Raises
    ------
    LedgerError
        If the URL is none, names a database in memory, or needs a driver that is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            self._url = sa.make_url(url)
            self._sqlite = self._url.get_backend_name() == "sqlite"
            in_memory = self._sqlite and not self._path
            if not in_memory:
                self._engine = self._made()
        except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
            raise LedgerError(
                "The database's address is not one, or its driver is not installed.",
                fix='Give an SQLAlchemy URL, for example "sqlite:///ledger.db".',
            ) from None
        if in_memory:
            raise LedgerError(
                "A ledger in memory would be lost with the process.",
                fix='Name a file, for example "sqlite:///ledger.db".',
            )

    @property
    def place(self) -> str:
        """What may be said of where the ledger is."""
        host = f" at {self._url.host}" if self._url.host else ""
        name = Path(self._url.database or "").name
        return f"{self._url.get_backend_name()}{host}, {name}"

    @property
    def exists(self) -> bool:
        """Whether a ledger was begun there."""
        if self._sqlite and not Path(self._path).exists():
            return False  # connecting would make the file
        with self._guarded():
            return sa.inspect(self._current()).has_table("ledger_head")

    @contextmanager
    def beginning(self) -> Iterator[Rows]:
        """Open a transaction in which the tables are there: they and the head come together."""
        with self._guarded(), self._begun("IMMEDIATE") as connection:
            if connection.dialect.name == "postgresql":
                # two that begin the same ledger at once wait for each other
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(70757061)")
            _SCHEMA.create_all(connection)
            yield Rows(connection)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """Open a transaction that keeps other writers waiting."""
        with self._guarded(), self._begun("IMMEDIATE") as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
            yield Rows(connection)

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """Open a transaction that sees one moment of the ledger."""
        with self._guarded(), self._begun("DEFERRED") as connection:
            yield Rows(connection)

    def empty_log(self) -> bool:
        """Remove what was destroyed from SQLite's log too; False while others still read it."""
        if not self._sqlite:
            return True
        with self._guarded(), self._current().connect() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return busy is not None and busy[0] == 0

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @property
    def _path(self) -> str:
        name = self._url.database or ""
        memory = name in ("", ":memory:") or self._url.query.get("mode") == "memory"
        return "" if memory or ":memory:" in name else name.removeprefix("file:")

    def _made(self) -> sa.Engine:
        self._process = os.getpid()
        # an engine's messages hold the values of a statement unless told not to
        settings: dict[str, Any] = {"hide_parameters": True}
        if self._sqlite:
            # the driver begins no transaction of its own: `_begun` says which kind
            patience = {"timeout": ledger_sqlite.WAIT_SECONDS}
            settings["connect_args"] = {**patience, "isolation_level": None}
        engine = sa.create_engine(self._url, **settings)
        if self._sqlite:
            sa.event.listen(engine, "connect", ledger_sqlite.set_up)
        # a ledger that nobody closed would keep its file open, on Windows against moving it
        weakref.finalize(self, _let_go, engine, self._process)
        return engine

    def _current(self) -> sa.Engine:
        """Give the engine of this process: a connection does not survive a fork."""
        if self._process != os.getpid():
            self._engine.dispose(close=False)
            self._engine = self._made()
        return self._engine

    @contextmanager
    def _begun(self, how: str) -> Iterator[sa.Connection]:
        with self._current().connect() as connection:
            if how == "DEFERRED" and connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                if self._sqlite:
                    ledger_sqlite.begin(_driver(connection), how)
                yield connection

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        # a spoilt file can trip the driver itself, before any statement
        except (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError) as error:
            raise LedgerError(
                f"The database cannot be read or written ({type(error).__name__}).",
                where=self.place,
                fix="Check that it is there, that this user may write to it, and that its disk "
                "is not full; then verify() the ledger.",
            ) from None


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection
