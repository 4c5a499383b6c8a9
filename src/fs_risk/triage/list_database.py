"""A list in a database, for a case system or a reporting tool: typed, added to, never replaced.

No message repeats the address, which may hold a password, or what the driver said.
"""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from fs_risk.errors import SettingError
from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.records.writing.database import engine_to_write
from fs_risk.triage.list_cells import each_cell, writable

REGISTER = "fs_risk_lists"
"""Names each list written, and the table it is in: a table it does not name is not ours."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,50}")


def write_rows(
    frame: pd.DataFrame,
    url: str,
    table: str,
    *,
    list_id: str,
    dates: Iterable[str] = (),
    about: Mapping[str, Any],
) -> str:
    """Add a list to a table of its own kind, making the table if there is none.

    Text stays as it is, so that identifiers can be joined to those of the case system.

    Parameters
    ----------
    frame : DataFrame
        Its types become the table's: text, whole numbers, numbers, yes or no.
    url : str
        An SQLAlchemy URL.
    table : str
        Letters, digits and underscores.
    list_id : str
        Stands in every row and in the table `fs_risk_lists`.
    dates : iterable of str
        Columns of ISO dates, to be written as dates.
    about : mapping
        ``made_for`` (date), ``purpose``, ``model``, ``summary``.

    Returns
    -------
    str
        The table's name.

    Raises
    ------
    SettingError
        If the name or address cannot be used, the table is not one that this library
        made for such lists, the list is in it already, or the database refuses.
    """
    _check_name(table)
    schema = sa.MetaData()
    rows = _table(table, frame, set(dates), schema)
    register = _register(schema)
    layout = sha256(canonical_json([[c.name, str(c.type)] for c in rows.columns]))
    engine = engine_to_write(url, refused=SettingError, example="sqlite:///lists.db")
    try:
        with engine.begin() as connection:
            _check_ours(connection, register, table, layout)
            schema.create_all(connection)
            entry = {"list_id": list_id, "table_name": table, "layout": layout, **about}
            connection.execute(register.insert(), entry)
            values = _values(frame, list_id, set(dates))
            if values:
                connection.execute(rows.insert(), values)
    except IntegrityError:
        raise SettingError(
            "The list is in that table already.",
            where=f"table {table}",
            fix="Make the list again if it is to be added once more.",
        ) from None
    except (SQLAlchemyError, OSError):
        raise _not_written(engine) from None
    finally:
        engine.dispose()
    return table


def check_can_hold_lists(url: str, table: str) -> None:
    """Refuse, before anything is scored or recorded, a database that a list cannot be added to.

    Parameters
    ----------
    url : str
        An SQLAlchemy URL.
    table : str

    Raises
    ------
    SettingError
        If the name or address cannot be used, the database cannot be opened or written, or
        the table is one that this library did not make for lists.
    """
    _check_name(table)
    register = _register(sa.MetaData())
    engine = engine_to_write(url, refused=SettingError, example="sqlite:///lists.db")
    try:
        if _is_still_to_come(engine.url):
            return
        with engine.connect() as connection:
            _check_ours(connection, register, table)
            if engine.dialect.name == "sqlite":
                connection.rollback()
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # a file that may only be read
                connection.rollback()
    except (SQLAlchemyError, OSError):
        raise _not_written(engine) from None
    finally:
        engine.dispose()


def _is_still_to_come(url: sa.URL) -> bool:
    """Say whether a file is only made when the list is written, in a folder that is there."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return False
    path = Path(str(url.database))
    return not path.exists() and path.parent.is_dir() and os.access(path.parent, os.W_OK)


def _not_written(engine: sa.Engine) -> SettingError:
    return SettingError(
        "The database refused to be written.",
        where=engine.dialect.name,
        fix="Check the address and that the user may create tables and add rows.",
    )


def _check_name(table: str) -> None:
    if not _NAME.fullmatch(table) or table.lower() == REGISTER:
        raise SettingError(
            "That is no name for a table of lists.",
            where="table",
            fix="Use letters, digits and underscores, up to 51, beginning with a letter.",
        )


def _check_ours(
    connection: sa.Connection, register: sa.Table, table: str, layout: str | None = None
) -> None:
    """Refuse a table that is there and that the register does not name, with this layout."""
    there = {name.lower() for name in sa.inspect(connection).get_table_names()}
    if table.lower() not in there:
        return
    layouts: set[str] = set()
    if REGISTER in there:
        query = sa.select(register.c.layout).where(register.c.table_name == table)
        layouts = set(connection.execute(query).scalars())
    if not layouts if layout is None else layout not in layouts:
        raise SettingError(
            "A table of that name is there, and this library did not make it for such lists.",
            where=f"table {table}",
            fix="Give another name; no table is replaced or changed.",
        )


def _register(schema: sa.MetaData) -> sa.Table:
    return sa.Table(
        REGISTER,
        schema,
        sa.Column("list_id", sa.String(32), primary_key=True),
        sa.Column("table_name", sa.String(63), primary_key=True),
        sa.Column("layout", sa.String(64), nullable=False),
        sa.Column("made_for", sa.Date, nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
    )


def _table(name: str, frame: pd.DataFrame, dates: set[str], schema: sa.MetaData) -> sa.Table:
    columns = [
        sa.Column(str(column), _type_of(frame[column], str(column) in dates))
        for column in frame.columns
    ]
    return sa.Table(
        name,
        schema,
        sa.Column("list_id", sa.String(32), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        *columns,
    )


def _type_of(values: pd.Series, is_date: bool) -> Any:
    if is_date:
        return sa.Date()
    if pd.api.types.is_bool_dtype(values.dtype):
        return sa.Boolean()
    if pd.api.types.is_integer_dtype(values.dtype):
        return sa.Integer()
    return sa.Float() if pd.api.types.is_float_dtype(values.dtype) else sa.Text()


def _values(frame: pd.DataFrame, list_id: str, dates: set[str]) -> list[dict[str, Any]]:
    held = each_cell(frame, writable)
    columns: dict[str, list[Any]] = {str(name): held[name].tolist() for name in held}
    for name in dates & columns.keys():
        columns[name] = [day and date.fromisoformat(day) for day in columns[name]]
    rows = zip(*columns.values(), strict=True)
    return [
        {"list_id": list_id, "position": place, **dict(zip(columns, row, strict=True))}
        for place, row in enumerate(rows, start=1)
    ]
