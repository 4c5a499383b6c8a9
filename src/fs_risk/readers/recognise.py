"""Which return a path holds, told by content: columns, outermost elements, kinds of file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypedDict

from fs_risk.errors import ReturnError
from fs_risk.readers import dfe_api_staging as staging
from fs_risk.readers.annex_a import read_annex_a
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.cin_flat import table_told_by
from fs_risk.readers.delimited import header_of
from fs_risk.readers.dfe_api import read_dfe_api
from fs_risk.readers.family_safeguarding import read_family_safeguarding
from fs_risk.readers.sources import is_address, paths_in
from fs_risk.readers.ssd import read_ssd
from fs_risk.readers.ssd_passed_over import workbooks
from fs_risk.readers.ssd_tables import recognised
from fs_risk.readers.ssda903 import read_ssda903
from fs_risk.readers.ssda903_files import file_told_by
from fs_risk.records.admission import remade
from fs_risk.records.counts_in_words import count_of, out_of
from fs_risk.records.exclusions import ExclusionList
from fs_risk.records.layouts.family_safeguarding import TEMPLATES
from fs_risk.records.layouts.ssda903 import ROOT
from fs_risk.records.records import Records


class Options(TypedDict):
    """What every reader takes beside the return."""

    extract_date: date | str | None
    exclude: ExclusionList | None
    pseudonymise: str | bytes | None


WORKBOOKS = (".xlsx", ".xlsm", ".xls")
TABLES = (".csv", ".parquet")
PAYLOADS = (".json", ".jsonl")
ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz")

SSD, CIN, CARE, ANNEX_A, API, TEMPLATE = (
    "SSD",
    "CIN census",
    "SSDA903",
    "Annex A",
    "DfE API",
    "Family Safeguarding",
)
LOOKED_FOR: Mapping[str, str] = MappingProxyType(
    {
        SSD: "CSV or Parquet tables of the Standard Safeguarding Dataset (pers_person_id…)",
        CIN: "CIN census XML, or its flattened tables as CSV (LAchildID…)",
        CARE: "SSDA903 as CSV files (CHILD, DECOM…) or XML",
        ANNEX_A: "an Annex A workbook (.xlsx or .xls)",
        API: "JSON payloads of the DfE's API, or a copy of ssd_api_data_staging",
        TEMPLATE: "Family Safeguarding's templates (families.csv…)",
    }
)
"""The returns, and what tells each."""

_HEAD = 1 << 12


def read_return(
    source: str | Path | Sequence[str | Path],
    *,
    extract_date: date | str | None = None,
    exclude: ExclusionList | None = None,
    pseudonymise: str | bytes | None = None,
) -> Records:
    """Read a return by what it is.

    Parameters
    ----------
    source : str, Path or sequence of these
        Files, folders (of files, or of one folder for each year), or the address of a
        database that holds the dataset or the API's staging table. One kind of return
        only: read several apart and `combine` them.
    extract_date : date or str, optional
        The day the extract was made. By default what the return says, else its latest event.
    exclude : str, Path, iterable of str, or None
        Ids of children who must not enter; see `exclusions.excluded_ids`.
    pseudonymise : str, bytes or None
        A secret key: identifiers are replaced by keyed hashes.

    Returns
    -------
    Records

    Raises
    ------
    ReturnError
        If nothing is there, it is none of the returns (the error lists what was looked
        for), or several.
    SettingError
        If `extract_date` is no day.
    """
    admit: Options = {
        "extract_date": extract_date,
        "exclude": exclude,
        "pseudonymise": pseudonymise,
    }
    if is_address(source):
        return _from_database(str(source), admit)
    if isinstance(source, list | tuple) and len(source) == 1 and is_address(source[0]):
        return _from_database(str(source[0]), admit)
    given = paths_in(source)
    paths = _opened_folders(given)
    kind = _kind_of(paths)
    if kind in (ANNEX_A, TEMPLATE) and len(paths) > 1:
        paths = _one(paths, kind)
    if kind == ANNEX_A:
        return read_annex_a(_workbook(paths[0]), **admit)
    if kind == TEMPLATE:
        return read_family_safeguarding(paths[0], **admit)
    if kind == SSD:
        return read_ssd(_one(paths, kind)[0], **admit)
    readers = {CIN: read_cin_census, CARE: read_ssda903, API: read_dfe_api}
    records = readers[kind](paths, **admit)
    beside = [note for path in paths if path.is_dir() for note in workbooks(path)]
    if pseudonymise is not None:
        # a file's name may hold a child's
        beside = [replace(note, file="") for note in beside]
    return remade(records, findings=(*records.findings, *beside)) if beside else records


def kind_of_file(path: Path) -> str:
    """Tell which return a file is part of.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        A key of `LOOKED_FOR`, or empty.
    """
    ending = path.suffix.lower()
    if ending in WORKBOOKS:
        return ANNEX_A
    if ending in PAYLOADS:
        return API
    if ending == ".xml":
        with path.open("rb") as file:
            return CARE if ROOT.encode() in file.read(_HEAD).replace(b"\0", b"") else CIN
    return _kind_of_table(path) if ending in TABLES else ""


def _kind_of_table(path: Path) -> str:
    try:
        written = header_of(path)
    except ReturnError:
        return ""
    if staging.is_staging(written):
        return API
    lower = {name.lower() for name in written}
    for template in TEMPLATES:
        needed = {column.name for column in template.columns if column.needed}
        if path.name.lower() == template.file and needed <= lower:
            return TEMPLATE
    if recognised(written)[0] is not None:
        return SSD
    if file_told_by(written) is not None:
        return CARE
    return CIN if table_told_by(written) else ""


def _opened_folders(paths: Sequence[Path]) -> list[Path]:
    """Check that all paths exist; take the folders within a folder of nothing else."""
    missing = [path.name for path in paths if not path.exists()]
    if missing or not paths:
        raise ReturnError(
            f"{out_of(len(missing), len(paths), 'path', does='does', do='do')} not exist.",
            where=", ".join(missing),
            fix="Check the path; give a return's folder or files.",
        )
    found: list[Path] = []
    for path in paths:
        entries = sorted(path.iterdir()) if path.is_dir() else []
        holds_files = any(entry.is_file() and _may_be(entry) for entry in entries)
        inner = [
            entry for entry in entries if entry.is_dir() and any(map(_may_be, entry.iterdir()))
        ]
        found += inner if inner and not holds_files else [path]
    return found


def _may_be(path: Path) -> bool:
    return path.suffix.lower() in (*WORKBOOKS, *TABLES, *PAYLOADS, ".xml")


def _kind_of(paths: Sequence[Path]) -> str:
    """Tell the one kind of return that all paths hold."""
    kinds: Counter[str] = Counter()
    for path in paths:
        files = [each for each in path.iterdir() if each.is_file()] if path.is_dir() else [path]
        held_here = Counter(kind for kind in map(kind_of_file, files) if kind)
        if path.is_dir() and len(held_here) > 1:
            # a workbook beside a return's files is somebody's notes
            del held_here[ANNEX_A]
        kinds.update(held_here)
    if kinds[SSD]:
        # the dataset's own schema holds the table that its API sends from
        del kinds[API]
    if len(kinds) == 1:
        return next(iter(kinds))
    names = ", ".join(path.name for path in paths[:10])
    if kinds:
        held = ", ".join(
            f"{kind} ({count_of(count, 'file')})" for kind, count in kinds.most_common()
        )
        raise ReturnError(
            f"This holds several returns: {held}.",
            where=names,
            fix="Put each return in a folder of its own, read each, and combine the records.",
        )
    raise _none_of_them(paths, names)


def _none_of_them(paths: Sequence[Path], names: str) -> ReturnError:
    """Say why nothing was recognised, as far as the files' kinds tell."""
    files = [each for path in paths for each in (path.iterdir() if path.is_dir() else [path])]
    if any(each.suffix.lower() in ARCHIVES for each in files):
        return ReturnError(
            "This is a compressed archive; it is not opened.",
            where=names,
            fix="Unpack it (on Windows: right-click, Extract all), and give the folder.",
        )
    if not files:
        return ReturnError(
            "The folder is empty.",
            where=names,
            fix="Give the folder that the files were exported to.",
        )
    return ReturnError(
        f"This is none of the returns. Looked for: {'; '.join(LOOKED_FOR.values())}.",
        where=names,
        fix="Give the folder or files of one of them, with the column names in the first row.",
    )


def _one(paths: list[Path], kind: str) -> list[Path]:
    """Take one source; files of one folder mean that folder."""
    folders = {path if path.is_dir() else path.parent for path in paths}
    if len(paths) == 1 or (len(folders) == 1 and kind in (SSD, TEMPLATE)):
        return [paths[0] if len(paths) == 1 else folders.pop()]
    raise ReturnError(
        f"{len(paths)} sources of {kind} were given; it is read from one.",
        where=", ".join(path.name for path in paths[:10]),
        fix="Save tables of the Standard Safeguarding Dataset as CSV UTF-8; workbooks are not read."
        if kind == ANNEX_A and any(path.name.lower().startswith("ssd_") for path in paths)
        else "Read each by itself, and combine the records.",
    )


def _workbook(path: Path) -> Path:
    """Take the one workbook of a folder."""
    if path.is_file():
        return path
    books = [each for each in path.iterdir() if each.suffix.lower() in WORKBOOKS]
    return _one(books, ANNEX_A)[0]


def _from_database(address: str, admit: Options) -> Records:
    """Read the dataset, or the staging table where the schema holds nothing else of it."""
    from fs_risk.readers.sql_source import opened

    with opened(address) as database:
        tables = database.columns()
    if any(recognised(written)[0] is not None for written in tables.values()):
        return read_ssd(address, **admit)
    if any(staging.is_staging(written) for written in tables.values()):
        return read_dfe_api(address, **admit)
    return read_ssd(address, **admit)
