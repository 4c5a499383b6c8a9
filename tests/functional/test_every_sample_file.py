"""Every public sample file is read with all its rows, or refused with a clear message.

A file that is added to the samples without an expectation here fails the last test.
"""

import csv
from pathlib import Path

import pytest

from fs_risk.errors import FsRiskError, ReturnError
from fs_risk.readers.annex_a import read_annex_a
from fs_risk.readers.cin_census import read_cin_census
from fs_risk.readers.ssda903 import read_ssda903

pytestmark = pytest.mark.samples

DAY = "2024-03-31"
CIN = "data-to-insight+csc-validator-be-cin"
TOOLS = "data-to-insight+D2I-Jupyter-Notebook-Tools"
VALIDATOR = "data-to-insight+csc-validator-be-903"
DEMAND = "data-to-insight+cs-demand-model"
LIIA = "SocialFinanceDigitalLabs+liia-tools-pipeline"
CLEANER = "CSCDP+AnnexA_CiNCensus_Cleaner"
YEARS = range(2017, 2022)

CENSUSES = {
    f"{CIN}/CIN2rows.xml": (1, 1),
    f"{CIN}/CIN_Census_2021.xml": (1, 1),
    f"{CIN}/CIN_Census_2021_copy.xml": (1, 1),
    f"{CIN}/CIN_Census_2021_no_assessment_factors.xml": (1, 1),
    f"{CIN}/CIN_Census_2024.xml": (2, 2),
    f"{CIN}/CIN_Census_2026.xml": (2, 2),
    f"{CIN}/CIN_header_issues_100.xml": (1, 1),
    f"{CIN}/CIN_la_issues_2887Q.xml": (1, 1),
    f"{CIN}/fake_CIN_data.xml": (332, 402),
}
"""Children and episodes of each census file."""

FLATTENED = {f"{CIN}/output_csvs": (332, 402), TOOLS: (332, 101)}
"""Children and episodes of each folder of flattened census tables."""

READ_ALONE = {
    **{f"{VALIDATOR}/{kind}.csv": kind for kind in ("episodes", "header", "missing", "uasc")},
    **{
        f"{DEMAND}/{year}-{kind}.csv": kind
        for year in YEARS
        for kind in ("episodes", "header", "missing", "uasc")
    },
    f"{LIIA}/SSDA903_2020_episodes.csv": "episodes",
    f"{LIIA}/SSDA903_2020_header.csv": "header",
}
TABLE_OF = {
    "episodes": "care_episodes",
    "header": "children",
    "missing": "missing_episodes",
    "uasc": "children",
}

NOT_KEPT = {
    *(
        f"{VALIDATOR}/{kind}.csv"
        for kind in (
            "DoLo",
            "ad1",
            "oc2",
            "oc3",
            "placed_for_adoption",
            "placed_for_adoption_errors",
            "previous_permanence",
            "reviews",
            "sw_episodes",
        )
    ),
    *(
        f"{DEMAND}/{year}-{kind}.csv"
        for year in YEARS
        for kind in ("oc2", "oc3", "previous_permanence", "reviews")
    ),
    f"{LIIA}/DERIVED_annex_a_observed_value_variants.csv",
}
"""Files of the return that hold nothing the library uses, and one that is no return."""

WORKBOOKS = {
    f"{LIIA}/Annex_A_2024_Jan.xlsx": {
        "children": 42,
        "contacts": 5,
        "early_help": 5,
        "referrals": 11,
        "assessments": 5,
        "section47": 5,
        "conferences": 3,
        "cp_plans": 7,
        "care_periods": 5,
    },
    f"{CLEANER}/2015-01-sample.xlsx": {"children": 5, "referrals": 5},
    f"{CLEANER}/example-B-2004.xlsx": {"children": 9, "contacts": 1, "early_help": 10},
}
OTHER_WORKBOOKS = (f"{CLEANER}/report.xlsx",)


def kept(records, table):
    return len(records[table]) + len(records.set_aside.get(table, ()))


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", CENSUSES)
def test_a_census_file_holds_its_children_and_episodes(samples, name):
    records = read_cin_census(samples / "samples" / name)

    assert (kept(records, "children"), kept(records, "referrals")) == CENSUSES[name]


@pytest.mark.parametrize("name", FLATTENED)
def test_a_flattened_census_holds_its_children_and_episodes(samples, name):
    folder = samples / "samples" / name
    records = read_cin_census(folder, extract_date=DAY)

    assert (kept(records, "children"), kept(records, "referrals")) == FLATTENED[name]
    assert kept(records, "children") == len(rows_of(folder / "ChildIdentifiers.csv"))
    assert kept(records, "referrals") == len(rows_of(folder / "CINdetails.csv"))


def test_a_census_without_any_date_says_what_to_give(samples):
    with pytest.raises(FsRiskError, match="Pass extract_date="):
        read_cin_census(samples / "samples" / CIN / "output_csvs")


@pytest.mark.parametrize("name", READ_ALONE)
def test_a_file_of_the_903_return_keeps_every_row(samples, name):
    path = samples / "samples" / name
    records = read_ssda903(path, extract_date=DAY)

    assert kept(records, TABLE_OF[READ_ALONE[name]]) == len(rows_of(path)) > 0


@pytest.mark.parametrize("name", sorted(NOT_KEPT))
def test_a_file_that_holds_nothing_of_use_is_refused_alone(samples, name):
    with pytest.raises(ReturnError, match="No file is part of the SSDA903 return"):
        read_ssda903(samples / "samples" / name)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_keeps_the_rows_of_its_lists(samples, name):
    records = read_annex_a(samples / "samples" / name)

    assert {table: kept(records, table) for table in records if kept(records, table)} == (
        WORKBOOKS[name]
    )


@pytest.mark.parametrize("name", OTHER_WORKBOOKS)
def test_another_workbook_is_refused(samples, name):
    with pytest.raises(ReturnError, match="No sheet of the workbook is a list"):
        read_annex_a(samples / "samples" / name)


def test_no_sample_file_is_without_an_expectation(samples):
    place = samples / "samples"
    flat = {
        str((Path(folder) / path.name).as_posix())
        for folder in FLATTENED
        for path in (place / folder).glob("*.csv")
    }
    expected = {*CENSUSES, *flat, *READ_ALONE, *NOT_KEPT, *WORKBOOKS, *OTHER_WORKBOOKS}
    there = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}

    assert there == expected
