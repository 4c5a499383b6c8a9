"""Tables straight from a database: only the columns that are asked for, nothing written.

A database's address holds a password and its driver may repeat it, so no message of
either is ever passed on: errors name the kind of database, its host and its name.
"""

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    SAWarning,
    SQLAlchemyError,
)

from fs_risk.errors import ReturnError
from fs_risk.readers.delimited import as_text

ROWS_AT_ONCE = 50_000
"""How many rows are fetched before they are turned into columns."""

_SETTINGS = {
    # one moment for all tables, and no writing
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}


class Database:
    """A database opened for reading.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    place : str
        What may be said of where it is.
    schema : str or None
    """

    def __init__(self, connection: sa.Connection, place: str, schema: str | None) -> None:
        self._connection = connection
        self.place = place
        self.schema = schema

    def columns(self) -> dict[str, list[str]]:
        """Give the columns of every table and view of the schema, as they are written.

        Raises
        ------
        ReturnError
            If the schema holds no table.
        """
        inspector = sa.inspect(self._connection)
        with warnings.catch_warnings():
            # a type that the library does not know is no obstacle: cells are read as text
            warnings.simplefilter("ignore", SAWarning)
            found = inspector.get_multi_columns(schema=self.schema, kind=ObjectKind.ANY)
        tables = {key[1]: [str(column["name"]) for column in own] for key, own in found.items()}
        if not tables:
            raise ReturnError(
                "The schema holds no table that this user may see.",
                where=self.place,
                fix="Name the schema of the tables with schema=, and grant the user SELECT.",
            )
        return tables

    def read(self, table: str, columns: Sequence[str], order: Sequence[str]) -> pd.DataFrame:
        """Load some columns of a table as text, in a stated order.

        Parameters
        ----------
        table : str
        columns : sequence of str
            As `columns` gives them.
        order : sequence of str
            The columns to sort by, so that row numbers mean the same each time.

        Returns
        -------
        DataFrame
            The columns as str, ``source_file`` (the table's name) and ``source_row``
            (1 for the first row in that order).
        """
        asked: list[sa.ColumnClause[Any]] = [sa.column(name) for name in columns]
        named = sa.table(table, *asked, schema=self.schema)
        query = sa.select(*asked).select_from(named).order_by(*map(sa.column, order))
        result = self._connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        parts: list[list[pa.Array]] = [[] for _ in columns]
        for rows in result.partitions():
            for part, values in zip(parts, zip(*rows, strict=True), strict=True):
                part.append(_text(values))
        frame = pd.DataFrame(
            {
                name: as_text(pa.chunked_array(part, type=pa.string()))
                for name, part in zip(columns, parts, strict=True)
            }
        )
        frame["source_file"] = pd.Series(table, index=frame.index, dtype="str")
        frame["source_row"] = pd.RangeIndex(1, 1 + len(frame))
        return frame


@contextmanager
def opened(address: str, schema: str | None = None) -> Iterator[Database]:
    """Open a database for reading only.

    Parameters
    ----------
    address : str
        An SQLAlchemy URL.
    schema : str, optional
        By default the user's own.

    Yields
    ------
    Database

    Raises
    ------
    ReturnError
        If the address cannot be used, its driver is not installed, or the database
        refuses. No error repeats the address or what the driver said.
    """
    engine, place = _engine(address)
    try:
        with engine.connect() as connection:
            settings = _SETTINGS.get(engine.dialect.name, {})
            yield Database(connection.execution_options(**settings), place, schema)
            connection.rollback()
    except (SQLAlchemyError, OSError) as error:
        raise _refused(error, place) from None
    finally:
        engine.dispose()


def _engine(address: str) -> tuple[sa.Engine, str]:
    try:
        url = sa.make_url(address)
    except (ArgumentError, ValueError):
        raise ReturnError(
            "The database's address cannot be read.",
            fix="Give it as kind+driver://user:password@host/database; write @ and / within a "
            "password as %40 and %2F.",
        ) from None
    place = _place(url)
    if url.get_backend_name() == "sqlite":
        url = _existing(url, place)
    try:
        return sa.create_engine(url, hide_parameters=True, poolclass=sa.NullPool), place
    except (NoSuchModuleError, ImportError):
        raise ReturnError(
            f"The driver for {url.drivername} is not installed.",
            where=place,
            fix="Install it (psycopg for PostgreSQL, pyodbc for SQL Server) or name another in "
            "the address.",
        ) from None
    except (SQLAlchemyError, TypeError, ValueError):
        raise ReturnError(
            "The database's address has settings that its driver does not take.",
            where=place,
            fix="Leave out what stands behind the question mark, or correct it.",
        ) from None


def _place(url: sa.URL) -> str:
    """Say where a database is, without user, password and settings."""
    name = Path(url.database).name if url.database else "database"
    host = f" on {url.host}" if url.host else ""
    return f"{url.get_backend_name()} {name}{host}"


def _existing(url: sa.URL, place: str) -> sa.URL:
    """Open an SQLite file for reading only; it is never made."""
    path = Path(url.database or "")
    if not path.is_file():
        raise ReturnError("There is no such database file.", where=place, fix="Check the path.")
    return sa.URL.create(
        url.drivername,
        database=path.absolute().as_uri(),
        query={**url.query, "mode": "ro", "uri": "true"},
    )


def _refused(error: BaseException, place: str) -> ReturnError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return ReturnError(
        f"The database did not answer as it should ({type(cause).__name__}).",
        where=place,
        fix="Check host, database, user, password, schema and the user's right to SELECT.",
    )


def _text(values: Sequence[object]) -> pa.Array:
    """Turn one column's values into text, whatever the driver gives for them."""
    # what Arrow has no one type for, such as text beside numbers, is written cell by cell
    with suppress(pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        array = pa.array(values)
        if pa.types.is_string(array.type):
            return array
        if pa.types.is_null(array.type) or _is_plain(array.type):
            return pc.cast(array, pa.string())
    return pa.array([_written(value) for value in values], type=pa.string())


def _is_plain(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
    )


def _written(value: object) -> str | None:
    """Write one value as text: JSON that a driver has opened is closed again."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
