"""Which days a set of census files observes, table by table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from fs_risk.readers.cin_file import CensusFile
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.cin import BLOCKS

FIRST_CENSUS = pd.Timestamp(2009, 3, 31)
_TABLES_OF_BLOCKS = {"episodes": ("referrals",), "section47": ("section47", "conferences")}
_NEW_YEAR_MONTH = 4


@dataclass(frozen=True)
class Year:
    """The days that one file reports on; NaT where its reference date cannot be right."""

    start: pd.Timestamp
    end: pd.Timestamp


def reported_year(census: CensusFile) -> tuple[Year, list[Finding]]:
    """Tell the reporting year from the reference date.

    It begins on the 1 April on or before the reference date and ends on that date,
    which should be a 31 March.

    Parameters
    ----------
    census : CensusFile

    Returns
    -------
    Year
    findings : list of Finding
    """
    reference = census.header("ReferenceDate")
    end = pd.NaT if reference is None else pd.Timestamp(reference)
    today = pd.Timestamp(date.today())  # noqa: DTZ011 - UK local whole days throughout
    if pd.isna(end) or not FIRST_CENSUS <= end <= today:
        return Year(pd.NaT, pd.NaT), [
            finding(
                "R016",
                "warning",
                "The reference date is missing or not plausible.",
                column="ReferenceDate",
                file=census.file,
                rows=census.blocks["header"]["line"].head(1),
                fix="Correct the header; the file's year counts as not observed.",
            )
        ]
    year = end.year - (end.month < _NEW_YEAR_MONTH)
    return Year(pd.Timestamp(year, _NEW_YEAR_MONTH, 1), end), []


def observed(
    files: Sequence[CensusFile], years: Sequence[Year]
) -> tuple[dict[str, tuple[pd.Timestamp, pd.Timestamp] | None], list[Finding]]:
    """Say which days each table observes.

    Years that follow each other without a gap count together; of several such runs
    the last. Within it a table is observed from the first file that holds any of
    its elements: software that does not export a module looks the same as a year
    without one, so a module that never appears counts as not observed.

    Parameters
    ----------
    files : sequence of CensusFile
        The earliest first.
    years : sequence of Year
        Of these files.

    Returns
    -------
    coverage : dict of str to (from, to) or None
    findings : list of Finding
        Gaps between years.
    """
    dated = [(year, file) for year, file in zip(years, files, strict=True) if pd.notna(year.end)]
    run, gap = _last_run(dated)
    coverage: dict[str, tuple[pd.Timestamp, pd.Timestamp] | None] = {}
    for name, block in BLOCKS.items():
        if not block.table:
            continue
        holding = [year.start for year, file in run if len(file.blocks[name])]
        window = (min(holding), max(year.end for year, _ in run)) if holding else None
        for table in _TABLES_OF_BLOCKS.get(name, (block.table,)):
            coverage[table] = window
    coverage["conferences"] = coverage["section47"] or _conferences_alone(run)
    return coverage, gap


def _conferences_alone(
    run: Sequence[tuple[Year, CensusFile]],
) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Give the window of conferences that stand in episodes, without any enquiry."""
    holding = [
        year.start
        for year, file in run
        if file.blocks["episodes"]["DateOfInitialCPC"].notna().any()
    ]
    return (min(holding), max(year.end for year, _ in run)) if holding else None


def _last_run(
    dated: Sequence[tuple[Year, CensusFile]],
) -> tuple[list[tuple[Year, CensusFile]], list[Finding]]:
    run: list[tuple[Year, CensusFile]] = []
    n_gaps = 0
    latest = pd.NaT
    for year, file in sorted(dated, key=lambda pair: pair[0].end):
        if run and year.start > latest + pd.Timedelta(days=1):
            run, n_gaps = [], n_gaps + 1
        run.append((year, file))
        latest = year.end
    if not n_gaps:
        return run, []
    return run, [
        finding(
            "R017",
            "warning",
            "Years are missing between the files.",
            count=n_gaps,
            fix="Add the missing years; only the last unbroken run counts as observed.",
        )
    ]
