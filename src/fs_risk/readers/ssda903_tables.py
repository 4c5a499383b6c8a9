"""SSDA903 files as canonical tables, the returns of several years not yet joined."""

from collections.abc import Mapping

import pandas as pd

from fs_risk.readers import cells
from fs_risk.readers.cin_canonical import iso_text
from fs_risk.readers.ssd_tables import Columns
from fs_risk.readers.ssda903_files import RETURN_NUMBER
from fs_risk.records import codes
from fs_risk.records.findings import Finding, findings_by_file
from fs_risk.records.layouts.ssd_table import SsdTable
from fs_risk.records.layouts.ssda903 import END_REASONS, FILES, PLACEMENT_TYPES, SEX_CODES
from fs_risk.records.lookup import is_among

_PROVENANCE = ["source_file", "source_row", RETURN_NUMBER]


def canonical_tables(
    files: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Turn the files of several returns into canonical tables; care periods come later.

    Parameters
    ----------
    files : mapping of str to DataFrame
        As `ssda903_files.stacked` gives them.

    Returns
    -------
    tables : dict of str to DataFrame
        ``children``, ``care_episodes`` and ``missing_episodes``, without clocks, with
        the return that each row stands in; a table whose file is absent has no rows.
    findings : list of Finding
    """
    findings: list[Finding] = []
    opened = {name: _open(files, name, findings) for name in FILES if FILES[name].read}
    tables = {
        "children": _children(opened),
        "care_episodes": _episodes(opened["episodes"], findings),
        "missing_episodes": _missing(opened["missing"]),
    }
    return tables, findings


def _open(files: Mapping[str, pd.DataFrame], name: str, findings: list[Finding]) -> Columns:
    frame = files.get(name)
    if frame is None:
        columns = [*FILES[name].read, "source_file"]
        frame = pd.DataFrame({column: pd.Series(dtype="str") for column in columns})
        for column in ("source_row", RETURN_NUMBER):
            frame[column] = pd.Series(dtype="Int64")
    return Columns(SsdTable(name, "", FILES[name].columns, {}), frame, findings)


def _children(opened: Mapping[str, Columns]) -> pd.DataFrame:
    """Join the header with the unaccompanied children whom it lacks.

    In a return with a UASC file, children who are not in it are not unaccompanied.
    """
    header, uasc = (_people(opened[name]) for name in ("header", "uasc"))
    only_there = ~is_among(_in_return(uasc), _in_return(header))
    children = pd.concat([header, uasc[only_there]], ignore_index=True)
    asked = is_among(children[RETURN_NUMBER], uasc[RETURN_NUMBER])
    alone = is_among(_in_return(children), _in_return(uasc)).astype("boolean")
    return children.assign(unaccompanied=alone.where(asked))


def _in_return(people: pd.DataFrame) -> pd.Series:
    """Name a child in one return."""
    return people[RETURN_NUMBER].astype("str") + "/" + people["child_id"]


def _people(table: Columns) -> pd.DataFrame:
    sex = table.codes("SEX", codes.SEXES, lambda text: SEX_CODES.get(text.removesuffix(".0")))
    return table.frame[_PROVENANCE].assign(
        child_id=table.text("CHILD"),
        birth_date=table.dates("DOB"),
        sex=sex,
        ethnicity=table.codes("ETHNIC", codes.ETHNICITIES),
    )


def _episodes(table: Columns, findings: list[Finding]) -> pd.DataFrame:
    frame = table.frame[_PROVENANCE].assign(
        child_id=table.text("CHILD"),
        start_date=table.dates("DECOM"),
        end_date=table.dates("DEC"),
        start_reason=table.codes("RNE", codes.CARE_START_REASONS),
        end_reason=_listed(table, "REC", END_REASONS, findings),
        legal_status=table.codes("LS", codes.LEGAL_STATUSES),
        placement_type=_listed(table, "PLACE", PLACEMENT_TYPES, findings),
    )
    return frame.assign(care_episode_id=_named(frame, "care-episode"))


def _missing(table: Columns) -> pd.DataFrame:
    frame = table.frame[_PROVENANCE].assign(
        child_id=table.text("CHILD"),
        start_date=table.dates("MIS_START"),
        end_date=table.dates("MIS_END"),
    )
    return frame.assign(missing_id=_named(frame, "missing"))


def _listed(
    table: Columns, name: str, known: Mapping[str, str], findings: list[Finding]
) -> pd.Series:
    """Read a code that the canonical tables take as a label, and check it here."""
    read = cells.codes(table.text(name), known)
    bad = read.notna() & ~read.isin(list(known))
    findings += findings_by_file(
        "R042",
        "error",
        f"Codes of {name} are not in the code list.",
        table.frame[bad],
        table="care_episodes",
        column=name,
        fix="Correct the codes; the cells count as missing.",
    )
    return read.where(~bad)


def _named(frame: pd.DataFrame, kind: str) -> pd.Series:
    """Name rows by child, kind and start; different ones of one day and return are numbered.

    Exact repeats keep one name, so that all but the first are set aside.
    """
    names = frame["child_id"] + f"/{kind}/" + iso_text(frame["start_date"])
    again = pd.DataFrame({"name": names, "number": frame[RETURN_NUMBER]}).duplicated(keep=False)
    rows = frame[again & names.notna()]
    content = [column for column in frame.columns if column not in _PROVENANCE[:2]]
    different = ~rows.duplicated(content)
    nth = different.groupby([names[rows.index], rows[RETURN_NUMBER]]).cumsum()
    numbered = names[rows.index] + "#" + nth.astype("str")
    return names.where(~nth.gt(1).reindex(names.index, fill_value=False), numbered)
