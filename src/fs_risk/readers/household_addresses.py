"""Who lived where and when, from the dataset's ``ssd_address``: to compare, never to keep."""

import json
import re
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.readers import cells
from fs_risk.readers.asked_columns import chosen_columns, with_all
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.readers.sources import files_in, is_address

TABLE = "ssd_address"
ENDINGS = (".csv", ".parquet")

_PERSON, _JSON, _POSTCODE, _TYPE = (
    "addr_person_id",
    "addr_address_json",
    "addr_address_postcode",
    "addr_address_type",
)
_FROM, _TO = "addr_address_start_date", "addr_address_end_date"
_READ = (_PERSON, _JSON, _POSTCODE, _TYPE, _FROM, _TO)
_GIVEN_AS = {_JSON: "address", _POSTCODE: "postcode"}
_DWELLING = ("ROOM", "FLAT", "BUILDING", "HOUSE")
_NOT_HOME = re.compile(
    r"placement|foster|residential|school|hospital|temporary|refuge|hostel|work|correspond", re.I
)


def read_household_addresses(source: str | Path, *, schema: str | None = None) -> pd.DataFrame:
    """Read ``ssd_address`` of an extract, for `infer_households`.

    An address is its UPRN, or else its dwelling, street and postcode together; one that
    names neither a dwelling nor a street is left out, since a postcode holds many homes.
    Left out, too, are addresses whose type says that they are no family's home
    (placements, schools, hostels, refuges).

    Parameters
    ----------
    source : str or Path
        As `read_ssd` takes it: a folder, one file, or a database's address.
    schema : str, optional
        The database's schema.

    Returns
    -------
    DataFrame
        ``child_id``, ``address`` (str), ``start_date``, ``end_date`` (datetime64[s]). It
        is for use at once: neither write it nor keep it.

    Raises
    ------
    ReturnError
        If there is no table of addresses, or it lacks a column.
    """
    text = _homes(source, schema, _JSON)
    address = _uprn_or_words(text)
    homes = pd.DataFrame(
        {
            "child_id": cells.identifiers(text[_PERSON]),
            "address": address,
            "start_date": cells.dates(text[_FROM])[0],
            "end_date": cells.dates(text[_TO])[0],
        }
    )
    return homes.dropna(subset=["child_id", "address"]).reset_index(drop=True)


def read_home_postcodes(source: str | Path, *, schema: str | None = None) -> pd.DataFrame:
    """Read who lived in which postcode and when, for `add_deprivation`.

    Left out are addresses whose type says that they are no family's home, as
    `read_household_addresses` leaves them out.

    Parameters
    ----------
    source : str or Path
        As `read_ssd` takes it: a folder, one file, or a database's address.
    schema : str, optional
        The database's schema.

    Returns
    -------
    DataFrame
        ``child_id``, ``postcode``, ``start_date``, ``end_date`` as they are written (str),
        ``source_file``, ``source_row``. It is for use at once: neither write it nor keep it.

    Raises
    ------
    ReturnError
        If there is no table of addresses, or it lacks a column.
    """
    names = {_PERSON: "child_id", _POSTCODE: "postcode", _FROM: "start_date", _TO: "end_date"}
    text = _homes(source, schema, _POSTCODE).rename(columns=names)
    return text[[*names.values(), "source_file", "source_row"]].reset_index(drop=True)


def _homes(source: str | Path, schema: str | None, held: str) -> pd.DataFrame:
    """Load the addresses that may be a family's home, of tables that hold a column."""
    if is_address(source):
        text = _from_database(str(source), schema, held)
    else:
        text = _from_files(source, held)
    return text[~text[_TYPE].fillna("").str.contains(_NOT_HOME)]


def _from_files(source: str | Path, held: str) -> pd.DataFrame:
    found = [path for path in files_in(source, ENDINGS) if _is_addresses(header_of(path), held)]
    if not found:
        raise _no_table(Path(source).name, held)
    parts = []
    for path in found:
        chosen = chosen_columns(header_of(path), _READ)
        parts.append(read_columns(path, list(chosen))[0].rename(columns=chosen))
    return with_all(pd.concat(parts, ignore_index=True), _READ)


def _from_database(address: str, schema: str | None, held: str) -> pd.DataFrame:
    # a database library is slow to load, and most extracts are files
    from fs_risk.readers.sql_source import opened

    with opened(address, schema) as database:
        tables = {
            name: written
            for name, written in database.columns().items()
            if _is_addresses(written, held)
        }
        if not tables:
            raise _no_table(database.place, held)
        name = min(tables, key=lambda each: (each.lower() != TABLE, each))
        chosen = chosen_columns(tables[name], _READ)
        by_name = {ours: written for written, ours in chosen.items()}
        frame = database.read(name, list(chosen), [by_name[_PERSON]])
        return with_all(frame.rename(columns=chosen), _READ)


def _is_addresses(written: list[str], held: str) -> bool:
    lower = {name.lower() for name in written}
    return {_PERSON, held} <= lower


def _uprn_or_words(text: pd.DataFrame) -> pd.Series:
    """Name each address by what tells it from others; missing where nothing does."""
    written = text[_JSON].fillna("") + "\x1f" + text[_POSTCODE].fillna("")
    return cells.mapped(written, _address, "str")[0]


def _address(written: str) -> str | None:
    given, _, postcode = written.partition("\x1f")
    try:
        parts = json.loads(given)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, dict):
        return None
    words = {str(key).upper(): str(value or "").strip() for key, value in parts.items()}
    uprn = words.get("UPRN", "").removesuffix(".0").lstrip("0")
    if uprn.isdigit():
        return f"uprn {uprn}"
    dwelling = [words[name] for name in _DWELLING if words.get(name)]
    street, code = words.get("STREET", ""), postcode.replace(" ", "")
    if not dwelling or not (street or code):
        return None
    return " ".join([*dwelling, street, code or words.get("TOWN", "")])


def _no_table(where: str, held: str) -> ReturnError:
    return ReturnError(
        f"There is no table of addresses ({TABLE} with {_PERSON} and {held}).",
        where=where,
        fix=f"Export {TABLE}, or give the addresses as a table: child_id, {_GIVEN_AS[held]}.",
    )
