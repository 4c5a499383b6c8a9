"""Where children live turned into a decile of deprivation: for the audit alone, and optional.

No return of a real authority says how deprived a neighbourhood is. The user's own lookup
does, from the postcode of the latest home; the postcode goes no further than this module.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError, SettingError, wanted
from fs_risk.readers import cells
from fs_risk.readers.asked_columns import chosen_columns
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.readers.household_addresses import read_home_postcodes
from fs_risk.readers.sources import read_all
from fs_risk.records.admission import remade
from fs_risk.records.arguments import ADDRESSES, RECORDS, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.exclusions import listed
from fs_risk.records.findings import Finding, findings_by_file
from fs_risk.records.lookup import looked_up
from fs_risk.records.observed_windows import EARLIEST
from fs_risk.records.records import Records

Deciles: TypeAlias = Mapping[str, int] | pd.Series | pd.DataFrame | str | Path
"""A lookup from postcode to decile: held, as a table, or the path of a CSV."""

MOST_DEPRIVED, LEAST_DEPRIVED = 1, 10

_LOOKUP = ("postcode", "decile")
_SPACES = "[\\s\u00a0]+"
_ROWS_SHOWN = 10


@takes(records=RECORDS, addresses=ADDRESSES)
def add_deprivation(
    records: Records,
    addresses: pd.DataFrame | str | Path,
    deciles: Deciles,
    *,
    schema: str | None = None,
) -> Records:
    """Fill in how deprived each child's neighbourhood is, from a lookup of postcodes.

    A child's home is the latest address known on the extract date: of those that have not
    ended by then the last to begin, else the last to begin of all. Postcodes are compared
    without spaces and case, and are not kept. What a return said itself stays. The decile is
    for audits by deprivation (`fairness_groups`); no feature holds it.

    Parameters
    ----------
    records : Records
        Not pseudonymised. Children who have no row in ``children`` gain none.
    addresses : DataFrame, str or Path
        ``child_id`` and ``postcode``; optionally ``start_date`` and ``end_date``, between
        which it holds, both included. Or an extract of the Standard Safeguarding Dataset
        whose ``ssd_address`` is used (`household_addresses.read_home_postcodes`, which leaves
        out placements, schools, hostels and refuges): a folder or database's address.
    deciles : mapping, Series, DataFrame, str or Path
        Your lookup from postcode to decile, from 1, the tenth of neighbourhoods that are the
        most deprived, to 10, as the Index of Multiple Deprivation counts: a mapping, a Series
        indexed by postcode, or ``postcode`` and ``decile`` as a table or the path of a CSV.
        Make it from the ONS postcode directory; of a postcode without a decile leave the
        cell empty.
    schema : str, optional
        The database's schema.

    Returns
    -------
    Records
        With ``children.deprivation_decile`` filled where it was empty, and beside it
        ``deprivation_date``: the day on which that address began, or the extract date where
        that is not known. Findings count, for each file that children were read from, those
        who stay without (R054, no postcode; R055, a postcode that the lookup lacks).

    Raises
    ------
    RecordsError
        If a column of the addresses is lacking, or identifiers are already replaced.
    ReturnError
        If an extract holds no table of addresses, or a file cannot be read.
    SettingError
        If the lookup lacks a column, gives a postcode two deciles, or holds one that is no
        whole number from 1 to 10.

    Examples
    --------
    >>> children = pd.DataFrame({"child_id": ["A", "B"]})
    >>> records = Records.from_frames({"children": children}, extract_date="2024-12-31")
    >>> homes = pd.DataFrame({"child_id": ["A", "A"], "postcode": ["ZZ1 1ZZ", "ZZ2 2ZZ"],
    ...     "start_date": ["2019-05-01", "2023-02-01"], "end_date": ["2023-01-31", None]})
    >>> placed = add_deprivation(records, homes, {"ZZ11ZZ": 8, "zz22zz": 1})
    >>> placed["children"]["deprivation_decile"].to_list()
    [1, <NA>]
    >>> placed.problems[["rule", "count"]].values.tolist()
    [['R054', 1]]
    """
    _check_identifiers(records)
    decile_of, findings = _decile_of(deciles)
    if isinstance(addresses, pd.DataFrame):
        written = _own_table(addresses)
    else:
        written = read_home_postcodes(addresses, schema=schema)
    homes, unread = _homes(written, records)
    children, silent = _filled(records["children"], _latest(homes), decile_of)
    frames = {name: records[name] for name in records}
    frames["children"] = children
    return remade(records, frames=frames, findings=(*records.findings, *findings, *unread, *silent))


def _check_identifiers(records: Records) -> None:
    if records.pseudonym_mark:
        raise RecordsError(
            "Identifiers are already replaced, so no address finds its child.",
            fix="Add deprivation first, then call records.pseudonymised.",
        )


def _own_table(addresses: pd.DataFrame) -> pd.DataFrame:
    """Take the columns that count from a user's table, and number its rows."""
    lacking = [name for name in ("child_id", "postcode") if name not in addresses]
    if lacking:
        raise RecordsError(
            f"The addresses lack {' and '.join(lacking)}.",
            where="addresses",
            fix="Give a row for each child and address: child_id, postcode.",
        )
    asked = ["child_id", "postcode", "start_date", "end_date"]
    own = _once_each(addresses).reindex(columns=asked).reset_index(drop=True)
    own["source_file"] = pd.Series(pd.NA, index=own.index, dtype="str")
    own["source_row"] = np.arange(1, len(own) + 1)
    return own


def _once_each(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the first of the columns that share a name."""
    return table.loc[:, ~table.columns.duplicated()]


def _homes(written: pd.DataFrame, records: Records) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the addresses known on the extract date of children who are not excluded."""
    child = cells.identifiers(written["child_id"])
    kept = child.notna() & ~listed(child, records.excluded)
    written, child = written[kept], child[kept]
    begun, no_start = _days(written["start_date"])
    ended, no_end = _days(written["end_date"])
    homes = pd.DataFrame(
        {
            "child": child.str.upper(),
            "postcode": _plain(written["postcode"]),
            "begun": begun,
            "open": ended.isna() | (ended >= records.extract_date),
            "from": begun.fillna(records.extract_date),
        }
    )
    unread = findings_by_file(
        "R002",
        "error",
        "Dates of addresses cannot be read, or lie before 1900.",
        written[no_start | no_end],
        table="children",
        column="deprivation_date",
        fix="Correct the dates; the cells count as missing.",
    )
    return homes[homes["from"] <= records.extract_date], unread


def _days(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    days, bad = cells.dates(values.astype("str"))
    early = days < EARLIEST
    return days.where(~early), bad | early


def _plain(postcodes: pd.Series) -> pd.Series:
    """Write postcodes without spaces in upper case; missing where nothing is left."""
    plain = postcodes.astype("str").str.upper().str.replace(_SPACES, "", regex=True)
    return plain.where(plain != "")


def _latest(homes: pd.DataFrame) -> pd.DataFrame:
    """Choose a home for each child, whatever the order of the rows."""
    # the postcode only decides between homes that began on one day
    order = homes.sort_values(["open", "begun", "postcode"], na_position="first", kind="stable")
    return order.drop_duplicates("child", keep="last").set_index("child")


def _filled(
    children: pd.DataFrame, home: pd.DataFrame, decile_of: pd.Series
) -> tuple[pd.DataFrame, list[Finding]]:
    """Give children the decile of their home; tell of those who stay without."""
    child = children["child_id"].str.upper()
    postcode = looked_up(child, home["postcode"])
    decile = looked_up(postcode, decile_of)
    empty = children["deprivation_decile"].isna()
    filled = children.assign(
        deprivation_decile=children["deprivation_decile"].fillna(decile),
        deprivation_date=children["deprivation_date"].mask(
            empty & decile.notna(), looked_up(child, home["from"])
        ),
    )
    no_postcode = children[empty & postcode.isna()]
    not_listed = children[empty & postcode.notna() & decile.isna()]
    return filled, _stay_without(no_postcode, not_listed)


def _stay_without(no_postcode: pd.DataFrame, not_listed: pd.DataFrame) -> list[Finding]:
    column = "deprivation_decile"
    return [
        *findings_by_file(
            "R054",
            "note",
            "No address with a postcode is known for these children, so no decile is.",
            no_postcode,
            table="children",
            column=column,
            fix="Add their addresses if they are known; an audit counts them as not recorded.",
        ),
        *findings_by_file(
            "R055",
            "warning",
            "The lookup of deciles does not hold the postcodes of these children.",
            not_listed,
            table="children",
            column=column,
            fix="Correct the postcodes, or use a lookup that also has those no longer in use; "
            "an audit counts the children as not recorded.",
        ),
    ]


def _decile_of(deciles: Deciles) -> tuple[pd.Series, list[Finding]]:
    """Read a lookup and give its deciles by postcode."""
    wanted(
        deciles, Mapping, pd.Series, pd.DataFrame, str, Path,
        argument="deciles",
        fix="Give postcodes with their deciles, or the path of a CSV with both.",
    )  # fmt: skip
    if isinstance(deciles, str | Path):
        path = Path(deciles)
        ((text, findings),) = read_all([path], _read_lookup)
        rows_are = f"{path.name}, line"
    else:
        text, findings = _lookup_held(deciles), []
        rows_are = "deciles=, row"
    text["decile"] = _whole_deciles(text, rows_are)
    text["postcode"] = _plain(text["postcode"])
    return _one_for_each(text.dropna(subset=list(_LOOKUP)), rows_are), findings


def _whole_deciles(text: pd.DataFrame, rows_are: str) -> pd.Series:
    decile, bad = cells.counts(text["decile"].astype("str"))
    outside = bad | ~decile.between(MOST_DEPRIVED, LEAST_DEPRIVED).fillna(True).astype(bool)
    if outside.any():
        raise SettingError(
            f"{count_of(int(outside.sum()), 'decile is', 'deciles are')} no whole number from "
            f"{MOST_DEPRIVED} to {LEAST_DEPRIVED}.",
            where=_place(rows_are, text.loc[outside, "source_row"]),
            fix="Give deciles, not ranks or scores, from 1, the most deprived, to 10.",
        )
    return decile


def _one_for_each(known: pd.DataFrame, rows_are: str) -> pd.Series:
    """Give one decile for each postcode; rows that agree may repeat."""
    distinct = known.drop_duplicates(list(_LOOKUP))
    twice = distinct["postcode"].duplicated(keep=False)
    if twice.any():
        at_fault = distinct[twice]
        n_postcodes = at_fault["postcode"].nunique()
        raise SettingError(
            f"{count_of(n_postcodes, 'postcode has', 'postcodes have')} more than one decile.",
            where=_place(rows_are, at_fault["source_row"]),
            fix="Keep one row for each postcode, of one edition of the index.",
        )
    return distinct.set_index("postcode")["decile"]


def _read_lookup(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    chosen = chosen_columns(header_of(path), _LOOKUP)
    _check_lookup(list(chosen.values()), path.name)
    text, findings = read_columns(path, list(chosen))
    return text.rename(columns=chosen), findings


def _lookup_held(deciles: Mapping[str, int] | pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Lay a lookup out as a table whose rows are numbered from 1."""
    if isinstance(deciles, pd.DataFrame):
        named = _once_each(deciles.rename(columns=str))
        chosen = chosen_columns(list(named.columns), _LOOKUP)
        _check_lookup(list(chosen.values()), "deciles=")
        table = named[list(chosen)].rename(columns=chosen).reset_index(drop=True)
    else:
        by_postcode = deciles if isinstance(deciles, pd.Series) else pd.Series(dict(deciles))
        table = pd.DataFrame(
            {"postcode": by_postcode.index.astype("str"), "decile": by_postcode.array}
        )
    table["source_row"] = np.arange(1, len(table) + 1)
    return table


def _check_lookup(held: list[str], where: str) -> None:
    lacking = [name for name in _LOOKUP if name not in held]
    if lacking:
        # the columns it does have stay unsaid: without a header they are a postcode
        raise SettingError(
            f"The lookup of deciles lacks {' and '.join(lacking)}.",
            where=where,
            fix="Name its columns postcode and decile; in a CSV they are the first line.",
        )


def _place(rows_are: str, rows: pd.Series) -> str:
    """Say which rows of a lookup are at fault, the first few of many."""
    plural = "s" if len(rows) > 1 else ""
    shown = ", ".join(map(str, rows.head(_ROWS_SHOWN)))
    more = f" and {len(rows) - _ROWS_SHOWN:,} more" if len(rows) > _ROWS_SHOWN else ""
    return f"{rows_are}{plural} {shown}{more}"
