"""Records written as the Children in need census: one XML file for each reporting year."""

from pathlib import Path

import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.records.dates import reporting_year
from fs_risk.records.layouts import cin
from fs_risk.records.notebook import STAMP
from fs_risk.records.records import Records, Window
from fs_risk.records.writing import cin_blocks
from fs_risk.records.writing.cin_mess import messy_census
from fs_risk.records.writing.cin_year import census_rows
from fs_risk.records.writing.mess import Mess
from fs_risk.records.writing.xml_text import escaped, gathered, wrapped

_HEADER = """<?xml version="1.0" encoding="UTF-8"?>
<{root}>
  <Header>
    <CollectionDetails>
      <Collection>CIN</Collection>
      <Year>{year}</Year>
      <ReferenceDate>{end}</ReferenceDate>
    </CollectionDetails>
    <Source>
      <SourceLevel>L</SourceLevel>
      <LEA>000</LEA>
      <SoftwareCode>{software}</SoftwareCode>
      <Release>1</Release>
      <SerialNo>001</SerialNo>
      <DateTime>{end}T00:00:00</DateTime>
    </Source>
  </Header>
  <{children}>
"""
_FOOTER = "  </{children}>\n</{root}>\n"


def write_cin_census(records: Records, folder: Path, messy_seed: int | None = None) -> list[Path]:
    """Write one census file for each reporting year in which referrals were observed.

    A year's file shows the episodes open at any time in it, with the assessments,
    enquiries, conferences and plans active in it, as known at its end: what happened
    later is not there yet. The layout is that of the year: GenderCurrent to 2023-24
    and Sex from 2024-25, CIN plans from 2021-22, source 5D and reason RC9 from 2022-23,
    split abuse factors from 2020-21, factor 24A from 2021-22, pre-proceedings from
    2026-27. A code that a year did not have yet is written as the one that stood for
    it. The reference date of a year that is not over is the day of the extract.

    Elements that a census cannot do without are filled where nothing is known: sex U,
    ethnicity NOBT, source 10, no further action and "conference not required" as
    false, category MUL, earlier plans as counted here. What it has no place for is
    not written: contacts, early help, families, care, teams, the ends of enquiries, a
    second conference of an enquiry or of an episode in one year.

    Parameters
    ----------
    records : Records
    folder : Path
        Made if it does not exist.
    messy_seed : int, optional
        Write them as suppliers' systems do (`cin_mess`), the same way for the same seed;
        by default clean.

    Returns
    -------
    list of Path
        The files, earliest year first.

    Raises
    ------
    RecordsError
        If referrals were not observed.

    Warns
    -----
    UserWarning
        If rows belong to no episode.
    """
    window = records.coverage["referrals"]
    if window is None:
        raise RecordsError(
            "Referrals were not observed, and a census is made of them.",
            fix="Give records that hold referrals.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    rows = census_rows(records)
    mess = None if messy_seed is None else Mess(messy_seed)
    written = []
    for year in _years(window):
        start, end = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
        end = min(end, window.observed_to)
        path = folder / f"cin_census_{year}.xml"
        text = _year_text(records, rows.year(start, end), year, end)
        if mess is None:
            path.write_text(text, encoding="utf-8", newline="\n")
        else:
            path.write_bytes(messy_census(text, mess))
        written.append(path)
    return written


def _years(window: Window) -> range:
    first = reporting_year(window.observed_from.date())
    return range(first, reporting_year(window.observed_to.date()) + 1)


def _year_text(
    records: Records, rows: "cin_blocks.CensusRows", year: int, end: pd.Timestamp
) -> str:
    synthetic = records.origin.kind == "synthetic"
    header = _HEADER.format(
        root=cin.ROOT,
        children=cin.CHILDREN,
        year=year,
        end=end.date(),
        software=f"fs_risk {STAMP}" if synthetic else "fs_risk",
    )
    footer = _FOOTER.format(root=cin.ROOT, children=cin.CHILDREN)
    return header + "".join(_children(records, rows, year, end)) + footer


def _children(
    records: Records, rows: "cin_blocks.CensusRows", year: int, end: pd.Timestamp
) -> pd.Series:
    """Write the children who have an episode in the year."""
    ids = pd.Series(rows.referrals["child_id"].unique(), dtype="str")
    children = ids.to_frame("child_id").merge(records["children"], on="child_id", how="left")
    episodes = gathered(
        cin_blocks.episodes(rows, records["factors"], year),
        rows.referrals["child_id"],
        pd.Index(ids),
    )
    disabilities = gathered(
        cin_blocks.disabilities(records["disabilities"]),
        records["disabilities"]["child_id"],
        pd.Index(ids),
    )
    inner = (
        cin_blocks.identifiers(children, escaped(ids), year, end)
        + cin_blocks.characteristics(children, disabilities.reset_index(drop=True))
        + episodes.reset_index(drop=True)
    )
    return wrapped("Child", inner, 2)
