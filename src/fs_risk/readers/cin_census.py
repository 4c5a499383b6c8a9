"""Read the Children in need census: yearly XML files to canonical tables."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError
from fs_risk.readers.cin_canonical import canonical_tables
from fs_risk.readers.cin_exclusions import without_children
from fs_risk.readers.cin_file import CensusFile, read_census_file
from fs_risk.readers.cin_flat import is_flat_census, read_flat_census
from fs_risk.readers.cin_merge import merge_years
from fs_risk.readers.cin_rules.census import Census
from fs_risk.readers.cin_rules.check import check_census
from fs_risk.readers.cin_window import Year, observed, reported_year
from fs_risk.readers.sources import files_in, paths_in, read_all
from fs_risk.records.admission import Admission
from fs_risk.records.assemble import assemble
from fs_risk.records.exclusions import ExclusionList
from fs_risk.records.findings import Finding
from fs_risk.records.lookup import looked_up
from fs_risk.records.notebook import STAMP
from fs_risk.records.records import Origin, Records
from fs_risk.records.said_invented import said_invented

Paths = str | Path | Iterable[str | Path]


def read_cin_census(
    paths: Paths,
    *,
    extract_date: date | str | None = None,
    exclude: ExclusionList | None = None,
    pseudonymise: str | bytes | None = None,
) -> Records:
    """Read one or several years of the Children in need census.

    Layouts of 2016-17 to 2026-27 are told apart by their elements, never by the year
    in the header. Episodes that stand in several years' files are merged: the latest
    file is believed, assessments, enquiries and plans are united (`cin_merge`).

    A census names nothing but children, so identifiers are made: a referral's is
    ``<child>/<referral date>``, with ``#2`` behind it for a second one of that day;
    what lies in it adds its kind and start. Children are joined across years whatever
    the case of their ids.

    The census holds no contacts, early help, families, care, workers or names. It
    does hold pupil numbers, review dates, and the letters and meetings of module 5:
    they are checked (`cin_rules`) and not kept. It does not record when an enquiry
    ended, so ``section47.end_date`` is missing.

    Parameters
    ----------
    paths : str, Path, or iterable of these
        XML files, or folders of them. A folder of CSV tables without XML is one year's
        flattened census (`cin_flat`), as the Data to Insight validator writes it.
    extract_date : date or str, optional
        Last day the files can know of; by default the latest plausible reference
        date.
    exclude : str, Path or iterable of str, optional
        Children to leave out before years are joined: a file with an id at the start of
        each line, or the ids (`Records.excluding`).
    pseudonymise : str or bytes, optional
        A secret key: identifiers become keyed hashes (`Records.pseudonymised`).

    Returns
    -------
    Records
        Each row with its file and the line of its element. Each file observes its
        reporting year, 1 April to the reference date; of years with gaps between
        them only the last unbroken run counts. A module of which no file holds an
        element counts as not observed.

    Raises
    ------
    ReturnError
        If a file is missing, is not a well-formed census file, or files are of
        different authorities. All faulty files are named at once. If the exclusion
        list cannot be read.
    SettingError
        If the key is too short.

    References
    ----------
    .. [1] Department for Education, Children in need census: guide to the data and
       validation rules, 2016-17 to 2025-26.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> census = ("<Message><Header><CollectionDetails><Collection>CIN</Collection>"
    ...     "<Year>2024</Year><ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails>"
    ...     "</Header><Children><Child><ChildIdentifiers><LAchildID>A</LAchildID>"
    ...     "</ChildIdentifiers><CINdetails><CINreferralDate>2023-06-01</CINreferralDate>"
    ...     "<ReferralSource>5A</ReferralSource></CINdetails></Child></Children></Message>")
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "CIN_2024.xml").write_text(census)
    ...     records = read_cin_census(folder)
    >>> records["referrals"]["referral_id"].to_list()
    ['A/2023-06-01']
    >>> records.coverage["contacts"] is None
    True
    """
    admission = Admission.of(exclude, pseudonymise)
    files = read_all(_sources(paths), _read)
    files = [without_children(file, admission.excluded) for file in files]
    _check_one_authority(files)
    dated = [(reported_year(file), file) for file in files]
    dated.sort(key=lambda pair: _order(pair[0][0], pair[1]))
    files = [file for _, file in dated]
    years = [year for (year, _), _ in dated]
    findings = [found for (_, more), _ in dated for found in more]
    for file, year in zip(files, years, strict=True):
        findings += file.findings
        findings += check_census(Census(file.file, file.blocks, year.start, year.end, file.files))
    findings += said_invented(
        file.file for file in files if STAMP in str(file.header("SoftwareCode"))
    )
    tables, merging = merge_years(_canonical(files))
    coverage, gaps = observed(files, years)
    records = assemble(
        tables,
        extract_date=extract_date or _latest(years),
        coverage=coverage,
        origin=Origin("real", ("CIN census",)),
        findings=_in_order(findings + merging + gaps),
    )
    return admission.finished(records)


def _sources(paths: Paths) -> list[Path]:
    """List XML files, and folders that hold a flattened census in their place."""
    given = paths_in(paths)
    found: list[Path] = []
    for path in given:
        found += [path] if is_flat_census(path) else files_in(path, (".xml",))
    return found or files_in(given, (".xml",))


def _read(path: Path) -> CensusFile:
    return read_flat_census(path) if path.is_dir() else read_census_file(path)


def _canonical(files: Sequence[CensusFile]) -> list[dict[str, pd.DataFrame]]:
    ids = [file.blocks["children"]["LAchildID"].str.strip() for file in files]
    ids = [given.where(given != "") for given in ids]
    keys = [given.str.upper() for given in ids]
    spellings = pd.concat(ids, ignore_index=True).dropna()
    by_key = spellings.groupby(spellings.str.upper(), sort=False).first()
    return [
        canonical_tables(file, looked_up(key, by_key))
        for file, key in zip(files, keys, strict=True)
    ]


def _check_one_authority(files: Sequence[CensusFile]) -> None:
    authorities = {str(file.header("LEA")).strip() for file in files if file.header("LEA")}
    if len(authorities) > 1:
        raise ReturnError(
            f"The files are of {len(authorities)} authorities; their child ids mean different "
            "children.",
            where=", ".join(file.file for file in files[:10]),
            fix="Read each authority's files by themselves.",
        )


def _order(year: Year, file: CensusFile) -> tuple[pd.Timestamp, str]:
    end = pd.Timestamp.min if pd.isna(year.end) else year.end
    return end, str(file.header("DateTime") or "")


def _latest(years: Sequence[Year]) -> date | None:
    ends = [year.end for year in years if pd.notna(year.end)]
    return max(ends).date() if ends else None


def _in_order(findings: list[Finding]) -> list[Finding]:
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(findings, key=lambda found: (rank[found.severity], found.rule))
