"""Which records of two returns are the same, and one record made of each pair."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.records.findings import Finding, finding
from fs_risk.records.lookup import is_among, looked_up
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES, Kind, Known, Table

LISTS = {"factors": "assessment_id", "disabilities": "child_id"}
"""Tables that are a list of one owner, taken whole from one return."""

_LINKS = ("family_links",)
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Matched:
    """Two returns' tables as one.

    Attributes
    ----------
    tables : dict of str to DataFrame
    set_aside : dict of str to DataFrame
        List entries of the second return that were not used.
    findings : tuple of Finding
        Cells that differ, and identifiers that stand for different records.
    n_children : tuple of int
        In each return.
    n_shared : int
        Children in both.
    """

    tables: dict[str, pd.DataFrame]
    set_aside: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    n_children: tuple[int, int]
    n_shared: int


def match_tables(first: Records, second: Records) -> Matched:
    """Match and merge all tables of two returns.

    Parameters
    ----------
    first, second : Records

    Returns
    -------
    Matched
    """
    theirs = {name: second[name] for name in TABLES}
    for column in ("child_id", "family_id", "adult_id"):
        _take_spelling(column, first, theirs)
    renamed: dict[str, pd.Series] = {}
    findings: list[Finding] = []
    tables, set_aside = {}, {}
    for name, table in TABLES.items():
        frame = _with_new_names(table, theirs[name], renamed)
        if name in LISTS:
            tables[name], unused = _lists(first[name], frame, LISTS[name])
            if len(unused):
                set_aside[name] = unused
            continue
        if name in _LINKS:
            tables[name] = _united(first[name], frame, list(table.key))
            continue
        pairs = _pairs(table, first[name], frame)
        names, clashes = _names(table, first[name], frame, pairs)
        renamed[table.key[0]] = names.set_axis(pd.Index(frame[table.key[0]]))
        frame = frame.assign(**{table.key[0]: names})
        tables[name], differing = _merged(table, first[name], frame, pairs)
        findings += [*clashes, *differing]
    shared = int(is_among(theirs["children"]["child_id"], first["children"]["child_id"]).sum())
    counts = (len(first["children"]), len(theirs["children"]))
    return Matched(tables, set_aside, tuple(findings), counts, shared)


def _take_spelling(column: str, first: Records, theirs: dict[str, pd.DataFrame]) -> None:
    """Write the second return's identifiers as the first writes them."""
    holding = [name for name, table in TABLES.items() if column in table]
    ours = pd.concat([first[name][column] for name in holding], ignore_index=True).dropna()
    spelling = ours.set_axis(pd.Index(_plain(ours)))
    for name in holding:
        given = theirs[name][column]
        theirs[name] = theirs[name].assign(
            **{column: looked_up(_plain(given), spelling).fillna(given)}
        )


def _plain(ids: pd.Series) -> pd.Series:
    return ids.str.strip().str.upper()


def _with_new_names(
    table: Table, frame: pd.DataFrame, renamed: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """Point at records of other tables by the names that they have got."""
    for column, names in renamed.items():
        if column in frame and table.key != (column,) and column != "child_id":
            frame = frame.assign(**{column: looked_up(frame[column], names).fillna(frame[column])})
    return frame


def _pairs(table: Table, ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.Series:
    """Give, for each row of the second return, the row of the first that it is; else -1."""
    key = table.key[0]
    found = pd.Series(-1, index=theirs.index)
    if table.date and "child_id" in table:
        found = _same(_day_key(table, ours), _day_key(table, theirs))
    by_id = _same(_id_key(table, ours, key), _id_key(table, theirs, key))
    free = (found < 0) & ~by_id.isin(found[found >= 0])
    return found.where(~free, by_id)


def _day_key(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Name rows by child, day, and which of that day they are."""
    day = frame[table.date].dt.strftime("%Y-%m-%d").astype("str")
    name = _plain(frame["child_id"]) + _SEPARATOR + day
    nth = name.groupby(name).cumcount().astype("str")
    return name + _SEPARATOR + nth


def _id_key(table: Table, frame: pd.DataFrame, key: str) -> pd.Series:
    own = _plain(frame[key])
    if key == "child_id" or "child_id" not in table:
        return own
    return own + _SEPARATOR + _plain(frame["child_id"])


def _same(ours: pd.Series, theirs: pd.Series) -> pd.Series:
    positions = pd.Series(np.arange(len(ours)), index=pd.Index(ours))
    return looked_up(theirs, positions).fillna(-1).astype(np.int64)


def _names(
    table: Table, ours: pd.DataFrame, theirs: pd.DataFrame, pairs: pd.Series
) -> tuple[pd.Series, list[Finding]]:
    """Name the second return's rows: as in the first, or apart where a name is taken."""
    key = table.key[0]
    if key == "child_id":
        return theirs[key], []
    names = theirs[key].copy()
    paired = pairs >= 0
    names[paired] = ours[key].to_numpy()[pairs[paired]]
    clash = ~paired & is_among(names, ours[key])
    names[clash] = names[clash] + "~2"
    if not clash.any():
        return names, []
    return names, [
        finding(
            "R031",
            "note",
            "The two returns give one identifier to different records.",
            table=table.name,
            column=key,
            count=int(clash.sum()),
            fix="Nothing needs doing; the second return's got ~2 behind them.",
        )
    ]


def _merged(
    table: Table, ours: pd.DataFrame, theirs: pd.DataFrame, pairs: pd.Series
) -> tuple[pd.DataFrame, list[Finding]]:
    """Fill the first return's rows from their partners and add the others."""
    paired = pairs[pairs >= 0]
    paired = paired[~paired.duplicated()]
    merged, findings = ours.copy(), []
    for column in table.columns:
        if column.name == table.key[0] or column.known is Known.CLOCK:
            continue
        partner = theirs.loc[paired.index, column.name].set_axis(paired.to_numpy())
        partner = partner.reindex(range(len(ours))).set_axis(ours.index)
        own = ours[column.name]
        differ = own.notna() & partner.notna() & own.ne(partner).fillna(False)
        if differ.any() and column.kind is not Kind.ID:
            findings.append(_conflict(table, column.name, ours[differ]))
        merged[column.name] = own.fillna(partner)
    merged = _clocks_of_filled_ends(table, ours, theirs, paired, merged)
    merged = _recorded_clocks(table, ours, theirs, paired, merged)
    rest = theirs[~theirs.index.isin(paired.index)]
    return pd.concat([merged, rest], ignore_index=True), findings


def _clocks_of_filled_ends(
    table: Table,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    paired: pd.Series,
    merged: pd.DataFrame,
) -> pd.DataFrame:
    """Take the clock with an end that came from the second return."""
    if "end_known_date" not in table:
        return merged
    clock = theirs.loc[paired.index, "end_known_date"].set_axis(paired.to_numpy())
    clock = clock.reindex(range(len(ours))).set_axis(ours.index)
    came = ours[table.end].isna() & merged[table.end].notna()
    return merged.assign(end_known_date=merged["end_known_date"].where(~came, clock))


def _recorded_clocks(
    table: Table,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    paired: pd.Series,
    merged: pd.DataFrame,
) -> pd.DataFrame:
    """Take recorded clocks in place of those that a rule set, never before the event."""
    if "known_by_rule" not in table or not table.date:
        return merged
    at = paired.to_numpy()
    ruled = ours["known_by_rule"].fillna(True).to_numpy(dtype=bool)[at]
    recorded = ~theirs.loc[paired.index, "known_by_rule"].fillna(True).to_numpy(dtype=bool)
    mine, partner = merged.index[at[ruled & recorded]], paired.index[ruled & recorded]
    clocks = {"known_date": table.date, "decision_known_date": table.date}
    if table.end:
        clocks["end_known_date"] = table.end
    for clock, event in clocks.items():
        if clock not in table:
            continue
        day = theirs.loc[partner, clock].set_axis(mine)
        day = day.fillna(merged.loc[mine, clock]).where(merged.loc[mine, event].notna())
        early = day < merged.loc[mine, event]
        merged.loc[mine, clock] = day.mask(early, merged.loc[mine, event])
    merged.loc[mine, "known_by_rule"] = False
    return merged


def _conflict(table: Table, column: str, rows: pd.DataFrame) -> Finding:
    return finding(
        "R032",
        "warning",
        "The two returns differ.",
        table=table.name,
        column=column,
        rows=rows["source_row"].dropna().astype(np.int64),
        count=len(rows),
        fix="Correct one of them; the first return was believed.",
    )


def _lists(
    ours: pd.DataFrame, theirs: pd.DataFrame, owner: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take each owner's list from the first return that has one."""
    taken = is_among(theirs[owner], ours[owner])
    pairs = ours[owner] + _SEPARATOR + ours["code"]
    repeated = is_among(theirs[owner] + _SEPARATOR + theirs["code"], pairs)
    return pd.concat([ours, theirs[~taken]], ignore_index=True), theirs[taken & ~repeated]


def _united(ours: pd.DataFrame, theirs: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    known = pd.MultiIndex.from_frame(ours[key])
    new = ~pd.MultiIndex.from_frame(theirs[key]).isin(known)
    return pd.concat([ours, theirs[new]], ignore_index=True)
