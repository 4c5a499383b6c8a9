"""The flattened census: a folder of CSV tables in place of one XML file.

These are the tables of the Data to Insight census validator, or one table of dated events
(`cin_events`), which people exchange in place of the XML. They are told by their columns,
and become the same blocks as a file's elements, so that everything after is the same.

References
----------
.. [1] Data to Insight, CIN census validator, configuration of its tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.readers import cells, cin_events, ssd_words
from fs_risk.readers.cin_file import CensusFile, typed
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.readers.sources import files_in, read_all
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.cin import BLOCKS

ENDINGS = (".csv",)

_CHILD, _EPISODE, _PLAN, _ASSESSMENT = "lachildid", "cindetailsid", "cppid", "assessmentid"
_LIST, _ONE_FACTOR = "assessmentfactors", "assessmentfactor"
_TOLD_BY = {
    "header": ("referencedate", "collection"),
    "assessments": (_CHILD, "assessmentactualstartdate"),
    "factors": (_CHILD, _EPISODE, _ASSESSMENT, _ONE_FACTOR),
    "cin_plans": (_CHILD, _EPISODE, "cinplanstartdate"),
    "section47": (_CHILD, _EPISODE, "s47actualstartdate"),
    "cp_plans": (_CHILD, _EPISODE, "cppstartdate"),
    "reviews": (_CHILD, _EPISODE, "cppreviewdate"),
    "pre_proceedings": (_CHILD, _EPISODE, "ppstartdate"),
    "episodes": (_CHILD, _EPISODE, "cinreferraldate"),
    "children": (_CHILD, "personbirthdate"),
    "characteristics": (_CHILD, "ethnicity"),
    "disabilities": (_CHILD, "disability"),
}
"""Columns that tell a table, the more particular tables first; a table of events has a Type."""
EVENTS = "events"
_BLADE_KEYS = frozenset(
    {"child_id", "cindetails_id", "assessments_id", "plans_id", "section47_id", "reviews_id"}
)
"""Keys of the submission system's own export ("blades"), whose tables are not read."""

_KEYS = {
    "children": (_CHILD,),
    "episodes": (_CHILD, _EPISODE),
    "assessments": (_CHILD, _EPISODE, _ASSESSMENT),
    "cp_plans": (_CHILD, _EPISODE, _PLAN),
}
_SEPARATOR = "\x1f"


@dataclass
class _Flat:
    """The tables of one folder as text, and the blocks made of them."""

    folder: str
    tables: dict[str, pd.DataFrame]
    findings: list[Finding]
    blocks: dict[str, pd.DataFrame] = field(default_factory=dict)
    keys: dict[str, pd.Series] = field(default_factory=dict)
    places: dict[str, np.ndarray] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """Give a table; an absent one has no rows."""
        absent = pd.DataFrame({"source_file": pd.Series(dtype="str"), "source_row": []})
        return self.tables.get(name, absent)

    def file(self, name: str) -> str:
        """Give the name of a table's file."""
        files = self.table(name)["source_file"]
        return str(files.iloc[0]) if len(files) else self.folder


def is_flat_census(folder: Path) -> bool:
    """Say whether a folder holds a flattened census: any table of it, and no XML file."""
    if not folder.is_dir() or any(folder.glob("*.xml")):
        return False
    for path in sorted(folder.glob("*.csv")):
        try:
            if table_told_by(header_of(path)):
                return True
        except (ReturnError, OSError):
            continue
    return False


def read_flat_census(folder: Path) -> CensusFile:
    """Read a folder of flattened census tables.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    CensusFile
        With each block's file. Children and episodes that only other tables name get a
        row of their own, with a finding; factors and reviews whose assessment or plan is
        in no table are left out, with a finding.

    Raises
    ------
    ReturnError
        If no table names a child, or a file cannot be read.
    """
    tables: dict[str, list[pd.DataFrame]] = {}
    findings: list[Finding] = []
    for name, frame, found in read_all(files_in(folder, ENDINGS), _load):
        findings += found
        parted = {name: frame}
        if name == EVENTS:
            parted, more = cin_events.tables_of(frame)
            findings += more
        for each, part in parted.items():
            if each:
                tables.setdefault(each, []).append(part)
    joined = {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}
    flat = _Flat(folder.name, joined, findings)
    for name in BLOCKS:
        _add_block(flat, name)
    if flat.blocks["children"].empty:
        raise ReturnError(
            "No table of a flattened census names a child.",
            where=folder.name,
            fix="Give the folder with ChildIdentifiers.csv and CINdetails.csv, or the XML file.",
        )
    files = {name: flat.file(name) for name in BLOCKS}
    return CensusFile(folder.name, flat.blocks, tuple(flat.findings), files)


def _load(path: Path) -> tuple[str, pd.DataFrame, list[Finding]]:
    written = header_of(path)
    name = table_told_by(written)
    if not name:
        _refuse_blades(path, written)
        return "", pd.DataFrame(), [_not_a_table(path)]
    lower = [column.lower() for column in written]
    chosen = {
        written[at]: column
        for at, column in enumerate(lower)
        if column in _columns(name) and lower.index(column) == at
    }
    frame, findings = read_columns(path, list(chosen))
    return name, frame.rename(columns=chosen), findings


def table_told_by(written: Sequence[str]) -> str:
    """Tell a table from its columns.

    Parameters
    ----------
    written : sequence of str

    Returns
    -------
    str
        Empty if it is none.
    """
    lower = {column.lower() for column in written}
    if {"type", "date"} <= lower:
        return EVENTS if cin_events.is_events(written) else ""
    return next((name for name, needed in _TOLD_BY.items() if lower.issuperset(needed)), "")


def _refuse_blades(path: Path, written: Sequence[str]) -> None:
    """Refuse an export of the submission system: its tables join by keys of their own."""
    if _BLADE_KEYS & {name.lower() for name in written}:
        raise ReturnError(
            "This is a table of the submission system's own export (blades), which is not read.",
            where=path.name,
            fix="Give the census XML that was submitted, or the validator's tables.",
        )


def _columns(name: str) -> set[str]:
    if name == EVENTS:
        return cin_events.event_columns()
    block = BLOCKS.get(name, BLOCKS["children"])
    ours = {own.element.lower() for own in block.fields}
    return ours | {_CHILD, _EPISODE, _ASSESSMENT, _PLAN, _LIST, _ONE_FACTOR}


def _add_block(flat: _Flat, name: str) -> None:
    block = BLOCKS[name]
    frame = flat.table(name)
    if name == "children":
        frame = _children(flat)
    elif name == "episodes":
        frame = _with_named(
            flat, frame, name, ["assessments", "cin_plans", "section47", "cp_plans"]
        )
    elif name == "factors":
        frame = _factors(flat)
    columns: dict[str, object] = {"line": frame["source_row"].to_numpy(dtype=np.int64)}
    if block.parent:
        at = _positions(flat, frame, block.parent)
        _report_lost(flat, name, frame[at < 0])
        flat.places[name] = np.where(at >= 0, np.cumsum(at >= 0) - 1, -1)
        frame, at = frame[at >= 0].reset_index(drop=True), at[at >= 0]
        columns = {"line": frame["source_row"].to_numpy(dtype=np.int64), block.parent: at}
    for own in block.fields:
        text = _text(frame, own.element.lower())
        columns[own.element], bad = typed(own, text)
        if bad.any():
            flat.findings.append(_unreadable(flat, name, own.element, frame[bad]))
    columns["source_file"] = frame["source_file"]
    flat.blocks[name] = pd.DataFrame(columns, index=frame.index)
    if name in _KEYS:
        flat.keys[name] = _key(frame, _KEYS[name])


def _children(flat: _Flat) -> pd.DataFrame:
    """Join identifiers and characteristics; add children that only other tables name."""
    others = [name for name in _TOLD_BY if name not in ("header", "children")]
    frame = _with_named(flat, flat.table("children"), "children", others)
    traits = flat.table("characteristics")
    _report_lost(flat, "children", traits[_key(traits, (_CHILD,)).isna()])
    ethnicity = pd.Series(_text(traits, "ethnicity").array, index=_key(traits, (_CHILD,)))
    ethnicity = ethnicity[ethnicity.index.notna() & ~ethnicity.index.duplicated()]
    return frame.assign(ethnicity=ethnicity.reindex(_key(frame, (_CHILD,))).array)


def _with_named(flat: _Flat, frame: pd.DataFrame, name: str, others: Sequence[str]) -> pd.DataFrame:
    """Add a row for each child or episode that only other tables name."""
    key = _KEYS[name]
    named = [flat.table(other) for other in others]
    named = [other[[*key, "source_file", "source_row"]] for other in named if {*key} <= {*other}]
    if not named:
        return frame
    every = pd.concat(named, ignore_index=True)
    keys = _key(every, key)
    new = every[keys.notna() & ~keys.isin(_key(frame, key).dropna()) & ~keys.duplicated()]
    if len(new):
        for file, rows in new.groupby("source_file"):
            flat.findings.append(
                finding(
                    "R037",
                    "warning",
                    f"Rows name {name} that their own table does not hold.",
                    table=BLOCKS[name].table,
                    file=str(file),
                    rows=rows["source_row"],
                    fix="Export the tables together; the rows were kept.",
                )
            )
    return pd.concat([frame, new], ignore_index=True)


def _factors(flat: _Flat) -> pd.DataFrame:
    """Gather factors from the lists of assessments and from a table of their own."""
    listed = flat.table("assessments")
    numbers, spellings = pd.factorize(_text(listed, _LIST))
    lists = pd.Series([*(ssd_words.factor_codes(str(text)) for text in spellings), []])
    each = listed.assign(assessmentfactors=lists.take(numbers).array)
    each["place"] = np.arange(len(each))
    each = each.explode(_LIST).dropna(subset=_LIST).reset_index(drop=True)
    each[_LIST] = each[_LIST].astype("str")
    own = flat.table("factors")
    return pd.concat([each, own.rename(columns={_ONE_FACTOR: _LIST})], ignore_index=True)


def _positions(flat: _Flat, frame: pd.DataFrame, parent: str) -> np.ndarray:
    """Give the position of each row's parent; -1 where there is none."""
    at = np.full(len(frame), -1)
    if parent in flat.keys and {*_KEYS[parent]} <= {*frame}:
        first = flat.keys[parent]
        first = first[first.notna() & ~first.duplicated()]
        index = pd.Index(first)
        found = index.get_indexer(_key(frame, _KEYS[parent]))
        at = np.where(found >= 0, first.index.to_numpy()[found] if len(first) else -1, -1)
    if "place" in frame:
        # where the row of the list stands now that rows without an owner are gone
        moved = np.append(flat.places[parent], -1)[frame["place"].fillna(-1).astype(np.int64)]
        at = np.where(frame["place"].notna(), moved, at)
    return at


def _key(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Name rows by child, episode and what lies in it; missing if any of these is."""
    if not {*columns} <= {*frame}:
        return pd.Series(pd.NA, index=frame.index, dtype="str")
    parts = [cells.identifiers(frame[column]).str.upper() for column in columns]
    key = parts[0]
    for part in parts[1:]:
        key = key + _SEPARATOR + part
    return key


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    if column in frame:
        return frame[column].astype("str").where(frame[column].notna())
    return pd.Series(pd.NA, index=frame.index, dtype="str")


def _report_lost(flat: _Flat, name: str, rows: pd.DataFrame) -> None:
    for file, lost in rows.groupby("source_file"):
        flat.findings.append(
            finding(
                "R038",
                "error",
                "Rows do not say which child, episode, assessment or plan they belong to.",
                table=BLOCKS[name].table,
                file=str(file),
                rows=lost["source_row"],
                fix="Export the tables together, with their ids; these rows were not read.",
            )
        )


def _unreadable(flat: _Flat, name: str, element: str, rows: pd.DataFrame) -> Finding:
    return finding(
        "R010",
        "error",
        f"The text of {element} cannot be read.",
        table=BLOCKS[name].table,
        column=element,
        file=flat.file(name),
        rows=rows["source_row"],
        fix="Correct it at the source; the cells count as missing.",
    )


def _not_a_table(path: Path) -> Finding:
    return finding(
        "R021",
        "note",
        "The file is not a table of a flattened census and was not read.",
        file=path.name,
        fix="Nothing needs doing, unless it was meant to be one.",
    )
