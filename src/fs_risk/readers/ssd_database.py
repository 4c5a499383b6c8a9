"""The dataset's tables found in a database by their columns, and loaded as text."""

from collections.abc import Mapping, Sequence

from fs_risk.readers.sql_source import Database, opened
from fs_risk.readers.ssd_tables import Loaded, chosen_columns, recognised
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.ssd_table import SsdTable
from fs_risk.records.said_invented import SYNTHETIC_TABLE, said_invented


def load_tables(address: str, schema: str | None) -> list[Loaded]:
    """Load all tables of the dataset that a schema holds.

    Where a schema holds copies (a back-up, a working table), the one that has the
    dataset's own name is read and the others are reported.

    Parameters
    ----------
    address : str
        An SQLAlchemy URL.
    schema : str or None

    Returns
    -------
    list of (table, frame, findings)

    Raises
    ------
    ReturnError
        If the database cannot be read, or a table lacks a column it cannot do without.
    """
    with opened(address, schema) as database:
        columns = database.columns()
        found: dict[str, list[str]] = {}
        tables: dict[str, SsdTable] = {}
        for name, written in columns.items():
            table, _ = recognised(written)
            if table is not None:
                found.setdefault(table.name, []).append(name)
                tables[table.name] = table
        loaded = [
            _loaded(database, tables[name], places, columns) for name, places in found.items()
        ]
        if SYNTHETIC_TABLE in columns:
            loaded.append((None, None, said_invented([SYNTHETIC_TABLE])))
        return loaded


def _loaded(
    database: Database,
    table: SsdTable,
    places: Sequence[str],
    columns: Mapping[str, Sequence[str]],
) -> Loaded:
    place = min(places, key=lambda name: (name.lower() != table.name, name))
    chosen = chosen_columns(table, columns[place], f"{database.place}, table {place}")
    by_name = {ours: written for written, ours in chosen.items()}
    # JSON has no order in some databases
    order = [by_name[name] for name in table.needed if not name.endswith("_json")]
    frame = database.read(place, list(chosen), order)
    return table, frame.rename(columns=chosen), _copies(place, places)


def _copies(place: str, places: Sequence[str]) -> list[Finding]:
    return [
        finding(
            "R029",
            "warning",
            f"The schema holds {len(places)} tables with the same columns; the others were not "
            "read.",
            file=place,
            count=len(places) - 1,
            fix="Check that the right one was read; name a schema that holds only the extract.",
        )
        for _ in places[1:2]
    ]
