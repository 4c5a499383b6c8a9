"""Records written into a database as the Standard Safeguarding Dataset's tables.

Only into a database that holds none of them: nothing of an authority's is replaced. No
message repeats the address, which holds a password, or what the driver said.
"""

from datetime import date

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from fs_risk.errors import RecordsError
from fs_risk.records.records import Records
from fs_risk.records.said_invented import SYNTHETIC_TABLE, SYNTHETIC_WORDS
from fs_risk.records.writing.database import engine_to_write
from fs_risk.records.writing.mess import Mess
from fs_risk.records.writing.ssd import ssd_frames
from fs_risk.records.writing.ssd_mess import messy_tables

ROWS_AT_ONCE = 20_000


def write_ssd_database(records: Records, address: str, messy_seed: int | None = None) -> None:
    """Write the dataset's tables into a database.

    Clean, dates have the type of dates and all else is text; messy, all is text.

    Parameters
    ----------
    records : Records
    address : str
        An SQLAlchemy URL.
    messy_seed : int, optional
        As for `write_ssd`.

    Raises
    ------
    RecordsError
        If the address cannot be used, a table is there already, or the database
        refuses.
    """
    frames = ssd_frames(records)
    if messy_seed is not None:
        frames = messy_tables(frames, Mess(messy_seed))
    engine = engine_to_write(address, refused=RecordsError, example="sqlite:///ssd.db")
    try:
        with engine.begin() as connection:
            _check_absent(connection, list(frames))
            for name, frame in frames.items():
                _write(connection, name, frame, typed=messy_seed is None)
            if records.origin.kind == "synthetic":
                note = pd.DataFrame({"note": [SYNTHETIC_WORDS]}, dtype="str")
                _write(connection, SYNTHETIC_TABLE, note, typed=False)
    except (SQLAlchemyError, OSError):
        raise RecordsError(
            "The database refused to be written.",
            where=engine.dialect.name,
            fix="Check the address and that the user may create tables.",
        ) from None
    finally:
        engine.dispose()


def _check_absent(connection: sa.Connection, names: list[str]) -> None:
    there = sorted(set(names) & set(sa.inspect(connection).get_table_names()))
    if there:
        raise RecordsError(
            f"{len(there)} of the dataset's tables are in the database already.",
            where=f"tables {', '.join(there)}",
            fix="Give a database that holds none of them; none is replaced.",
        )


def _write(connection: sa.Connection, name: str, frame: pd.DataFrame, *, typed: bool) -> None:
    dated = [column for column in frame.columns if typed and column.endswith(("_date", "_dob"))]
    table = sa.Table(
        name,
        sa.MetaData(),
        *(sa.Column(each, sa.Date() if each in dated else sa.Text()) for each in frame.columns),
    )
    table.create(connection)
    values = frame.astype("object").where(frame.notna(), None)
    for column in dated:
        values[column] = frame[column].map(date.fromisoformat, na_action="ignore").astype("object")
        values[column] = values[column].where(frame[column].notna(), None)
    for first in range(0, len(values), ROWS_AT_ONCE):
        rows = values.iloc[first : first + ROWS_AT_ONCE].to_dict("records")
        connection.execute(table.insert(), rows)
