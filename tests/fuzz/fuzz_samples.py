"""What is spoilt: the public samples, and small files of our own for formats without one."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import row_accounts
from drafts import BookDraft, CsvDraft, JsonDraft, Table, XmlDraft

import fs_risk as fs

Files = dict[str, bytes]
Draft = CsvDraft | BookDraft | XmlDraft | JsonDraft

CIN = "data-to-insight+csc-validator-be-cin"
FLAT = "data-to-insight+D2I-Jupyter-Notebook-Tools"
VALIDATOR_903 = "data-to-insight+csc-validator-be-903"
DEMAND_903 = "data-to-insight+cs-demand-model"
LIIA = "SocialFinanceDigitalLabs+liia-tools-pipeline"
CLEANER = "CSCDP+AnnexA_CiNCensus_Cleaner"
_PERSONS = ("child", "lachildid", "child_id", "family_id", "child unique id")


@dataclass(frozen=True)
class Sample:
    """A sample that can be drawn from, read and accounted for.

    Attributes
    ----------
    name : str
    draw : callable
        Takes luck and whether the whole is wanted; gives a draft.
    read : callable
        Takes the folder with the written files.
    lost : callable
        Takes the files' bytes and the records; says which rows are nowhere.
    at_once : int
        Most faults of one case: a file of three rows bears few.
    """

    name: str
    draw: Callable[[Random, bool], Draft]
    read: Callable[[Path], Any]
    lost: Callable[[Files, Any], list[str]]
    at_once: int = 80


def few(luck: Random) -> int:
    return luck.choice((1, 2, 3, 5, 8, 12, 20))


# XML


def xml_draft(name: str, text: str, record: str) -> Callable[[Random, bool], XmlDraft]:
    """Keep what is around the records, and a few of them in their order."""
    parts = re.findall(rf"<{record}>.*?</{record}>\s*", text, re.DOTALL)
    start, end = text.index(f"<{record}>"), text.rindex(f"</{record}>") + len(record) + 3

    def draw(luck: Random, whole: bool) -> XmlDraft:
        wanted = min(few(luck), len(parts))
        chosen = (
            parts if whole else [parts[at] for at in sorted(luck.sample(range(len(parts)), wanted))]
        )
        return XmlDraft(name, text[:start] + "".join(chosen) + text[end:], record)

    return draw


def census(path: Path) -> Sample:
    return Sample(
        f"census {path.name}",
        xml_draft("census.xml", path.read_text(encoding="utf-8"), "Child"),
        lambda folder: fs.read_cin_census(folder / "census.xml", extract_date="2026-03-31"),
        row_accounts.lost_from_census,
    )


# tables


def table_rows(data: bytes) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]


def _person_column(header: list[str]) -> int | None:
    lower = [name.strip().lower() for name in header]
    for at, name in enumerate(lower):
        if name in _PERSONS or name.endswith("person_id"):
            return at
    return None


def csv_draft(
    files: Mapping[str, bytes], most_files: int = 99
) -> Callable[[Random, bool], CsvDraft]:
    """Keep the headers, and the rows of a few persons."""
    tables = {name: table_rows(data) for name, data in files.items()}
    columns = {name: _person_column(rows[0]) for name, rows in tables.items()}
    by_person: dict[str, dict[str, list[list[str]]]] = {name: {} for name in tables}
    for name, rows in tables.items():
        at = columns[name]
        for row in rows[1:] if at is not None else ():
            by_person[name].setdefault(row[at], []).append(row)
    persons = sorted({person for held in by_person.values() for person in held})

    def draw(luck: Random, whole: bool) -> CsvDraft:
        names = list(tables)
        if len(names) > most_files:
            names = sorted(luck.sample(names, most_files))
        chosen = luck.sample(persons, min(few(luck), len(persons))) if persons else []
        drafted = []
        for name in names:
            header, *rows = tables[name]
            if not whole and columns[name] is not None:
                rows = [row for person in chosen for row in by_person[name].get(person, ())]
            elif not whole:
                rows = luck.sample(rows, min(len(rows), few(luck)))
            drafted.append(Table(name, [list(header), *(list(row) for row in rows[:5000])]))
        return CsvDraft(drafted)

    return draw


def tables_sample(
    name: str,
    files: Mapping[str, bytes],
    read: Callable[[Path], Any],
    only_consulted: tuple[str, ...] = (),
    most_files: int = 99,
    at_once: int = 80,
) -> Sample:
    return Sample(
        name,
        csv_draft(files, most_files),
        read,
        lambda files, records: row_accounts.lost_from_tables(files, records, only_consulted),
        at_once,
    )


def contents(folder: Path, pattern: str = "*.csv") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob(pattern))}


# workbooks


def book_draft(path: Path) -> Callable[[Random, bool], BookDraft]:
    book = openpyxl.load_workbook(path, data_only=True)
    sheets = {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True, max_col=60)]
        for sheet in book.worksheets
    }

    def draw(luck: Random, whole: bool) -> BookDraft:
        drafted = []
        for title, rows in sheets.items():
            # titles may stand above the header
            head, rest = rows[:3], rows[3:]
            if not whole and len(rest) > 12:
                wanted = min(few(luck), len(rest))
                rest = [rest[at] for at in sorted(luck.sample(range(len(rest)), wanted))]
            drafted.append(Table(title, [list(row) for row in [*head, *rest]]))
        if not whole:
            drafted = luck.sample(drafted, min(len(drafted), luck.randint(1, 6)))
        return BookDraft("book.xlsx", drafted)

    return draw


def workbook(name: str, path: Path) -> Sample:
    return Sample(
        name,
        book_draft(path),
        lambda folder: fs.read_annex_a(folder / "book.xlsx", extract_date="2026-03-31"),
        row_accounts.lost_from_book,
    )


# our own


XML_903 = """<?xml version="1.0" encoding="UTF-8"?>
<EXPSSDA903>
<CHILD>
<HEADER>
<CHILDID>C1</CHILDID><SEX>F</SEX><DOB>2012-05-01</DOB><ETHNIC>WBRI</ETHNIC><UPN>X&amp;</UPN>
<UASC>0</UASC>
<AMISSING><MISSING>M</MISSING><MIS_START>2020-05-07</MIS_START><MIS_END>2020-05-08</MIS_END></AMISSING>
</HEADER>
<EPISODE><DECOM>2020-05-01</DECOM><RNE>S</RNE><LS>C2</LS><PL>U6</PL><DEC>2020-06-01</DEC><REC>X1</REC></EPISODE>
<EPISODE><DECOM>2020-06-01</DECOM><RNE>P</RNE><LS>C2</LS><PL>K2</PL><DEC>2020-07-01</DEC><REC>E4A</REC></EPISODE>
</CHILD>
<CHILD>
<HEADER><CHILDID>C2</CHILDID><SEX>1</SEX><DOB>15/01/2010</DOB><UASC>1</UASC><ODD>1</ODD></HEADER>
<EPISODE><DECOM>2020-05-03</DECOM><RNE>S</RNE><LS>V2</LS><PL>U6</PL></EPISODE>
</CHILD>
<CHILD>
<HEADER><CHILDID>C3</CHILDID><SEX>2</SEX><DOB>15/01/2013</DOB><UASC>0</UASC></HEADER>
<EPISODE><DECOM>2019-05-03</DECOM><RNE>S</RNE><LS>E1</LS><PL>A6</PL><DEC>2020-07-01</DEC><REC>E12</REC></EPISODE>
</CHILD>
</EXPSSDA903>
"""

FAMILY_SAFEGUARDING = {
    "families.csv": "family_id,child_id\nF1,C1\nF1,C2\nF2,C3\n",
    "adults.csv": "adult_id,family_id\nP1,F1\nP2,F2\n",
    "specialist_work.csv": (
        "specialist_work_id,family_id,adult_id,role,start_date,end_date,outcome,known_date\n"
        "W1,F1,P1,Recovery,01/02/2024,01/06/2024,completed,08/02/2024\n"
        "W2,F2,P2,IDVA,2024-03-01,,,\n"
    ),
    "programme_modules.csv": (
        "module_id,family_id,module,start_date,end_date\nM1,F1,Module 3,2024-02-10,2024-02-24\n"
    ),
    "group_supervision.csv": (
        "supervision_id,family_id,supervision_date,agreed_rating,next_step\n"
        "G1,F1,2024-05-01,High,step-up\nG2,F2,2024-05-01,amber,continue\n"
    ),
}

FLAT_CENSUS = {
    "Header.csv": ",Collection,Year,ReferenceDate,LEA\n0,CIN,2025,2025-03-31,201\n",
    "ChildIdentifiers.csv": (
        ",LAchildID,UPN,FormerUPN,UPNunknown,PersonBirthDate,ExpectedPersonBirthDate,"
        "GenderCurrent,PersonDeathDate\n"
        "0,C1,H801200001001,,,01/05/2012,,2,\n1,C2,,,UN7,15/01/2024,,1,\n"
    ),
    "ChildCharacteristics.csv": ",LAchildID,Ethnicity\n0,C1,WBRI\n1,C2,APKN\n",
    "Disabilities.csv": ",LAchildID,Disability\n0,C1,MOB\n1,C1,HAND\n",
    "CINdetails.csv": (
        ",LAchildID,CINdetailsID,CINreferralDate,ReferralSource,PrimaryNeedCode,CINclosureDate,"
        "ReasonForClosure,DateOfInitialCPC,ReferralNFA\n"
        "0,C1,1,10/04/2024,6,N1,28/02/2025,RC7,,false\n1,C2,1,02/09/2024,2A,,,,,true\n"
    ),
    "Assessments.csv": (
        ",LAchildID,CINdetailsID,AssessmentActualStartDate,AssessmentInternalReviewDate,"
        "AssessmentAuthorisationDate,AssessmentFactors\n"
        "0,C1,1,11/04/2024,,20/05/2024,\"['3B', '4B']\"\n1,C1,1,11/06/2024,,,\n"
    ),
    "CINplanDates.csv": (
        ",LAchildID,CINdetailsID,CINPlanStartDate,CINPlanEndDate\n0,C1,1,13/12/2024,28/02/2025\n"
    ),
    "Section47.csv": (
        ",LAchildID,CINdetailsID,S47ActualStartDate,InitialCPCtarget,DateOfInitialCPC,"
        "ICPCnotRequired\n0,C1,1,01/05/2024,23/05/2024,23/05/2024,false\n"
    ),
    "ChildProtectionPlans.csv": (
        ",LAchildID,CINdetailsID,CPPID,CPPstartDate,CPPendDate,InitialCategoryOfAbuse,"
        "LatestCategoryOfAbuse,NumberOfPreviousCPP\n"
        "0,C1,1,1,23/05/2024,13/12/2024,NEG,EMO,0\n"
    ),
    "Reviews.csv": ",LAchildID,CINdetailsID,CPPID,CPPreviewDate\n0,C1,1,1,20/08/2024\n",
}


def encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def api_child(number: int) -> dict[str, Any]:
    episode = {
        "social_care_episode_id": f"E{number}",
        "referral_date": "2024-04-10",
        "referral_source": "1a",
        "referral_no_further_action_flag": False,
        "closure_date": "2025-02-28",
        "closure_reason": "RC7",
        "care_worker_details": [{"worker_id": "W1", "start_date": "2024-04-10"}],
        "child_and_family_assessments": [
            {
                "child_and_family_assessment_id": f"A{number}",
                "start_date": "2024-04-11",
                "authorisation_date": "2024-05-20",
                "factors": ["3B", "4b"],
            }
        ],
        "child_in_need_plans": [
            {
                "child_in_need_plan_id": f"N{number}",
                "start_date": "2024-12-13",
                "end_date": "2025-02-28",
            }
        ],
        "section_47_assessments": [
            {
                "section_47_assessment_id": f"S{number}",
                "start_date": "2024-05-01",
                "icpc_required_flag": True,
                "icpc_date": "2024-05-23",
            }
        ],
        "child_protection_plans": [
            {
                "child_protection_plan_id": f"P{number}",
                "start_date": "2024-05-23",
                "end_date": "2024-12-13",
            }
        ],
        "child_looked_after_placements": [
            {
                "child_looked_after_placement_id": f"L{number}.{at}",
                "start_date": f"2024-0{7 + at}-01",
                "start_reason": "SP"[at],
                "placement_type": "U6",
                "end_date": f"2024-0{8 + at}-01",
                "end_reason": ("X1", "E4A")[at],
            }
            for at in range(2)
        ],
    }
    return {
        "la_child_id": f"C{number}",
        "mis_child_id": f"M{number}",
        "child_details": {
            "date_of_birth": "2012-05-01",
            "sex": "F",
            "ethnicity": "WBRI",
            "disabilities": ["MOB"],
            "uasc_flag": False,
        },
        "social_care_episodes": [episode],
    }


def api_draft(luck: Random, whole: bool) -> JsonDraft:
    days = luck.choice((1, 1, 2, 3))
    return JsonDraft(
        {
            f"day{day}.json": [api_child(number) for number in range(luck.choice((1, 2, 4)))]
            for day in range(days)
        }
    )


_CONSULTED_IN_SSD = (
    "ssd_immigration_status",
    "ssd_legal_status",
    "ssd_cla_placement",
    # a row here is a list of factors, which may be empty
    "ssd_assessment_factors",
)


@cache
def invented_samples(folder: Path) -> dict[str, Sample]:
    """Write a small invented authority's records with the library's own writers."""
    authority = fs.make_authority(children=1_500, years=4, seed=5)
    year = authority.to_cin_census(folder / "cin")[-1]
    ssd = authority.to_ssd(folder / "ssd")
    book = authority.to_annex_a(folder / "annex_a.xlsx")
    return {
        "census written by us": census(year),
        "SSD folder": tables_sample(
            "SSD folder",
            contents(ssd),
            lambda place: fs.read_ssd(place, extract_date="2026-03-31"),
            _CONSULTED_IN_SSD,
        ),
        "Annex A written by us": workbook("Annex A written by us", book),
    }


@cache
def typed_samples() -> dict[str, Sample]:
    """Give the samples that are typed out here."""
    return {
        "flattened census": tables_sample(
            "flattened census",
            encoded(FLAT_CENSUS),
            lambda place: fs.read_cin_census(place, extract_date="2026-03-31"),
            ("header", "reviews", "childcharacteristics"),
        ),
        "Family Safeguarding templates": tables_sample(
            "Family Safeguarding templates",
            encoded(FAMILY_SAFEGUARDING),
            lambda place: fs.read_family_safeguarding(place, extract_date="2026-03-31"),
            ("adults",),
            at_once=20,
        ),
        "903 XML": Sample(
            "903 XML",
            xml_draft("return.xml", XML_903, "CHILD"),
            lambda place: fs.read_ssda903(place / "return.xml", extract_date="2026-03-31"),
            row_accounts.lost_from_903_xml,
            at_once=40,
        ),
        "API payloads": Sample(
            "API payloads",
            api_draft,
            lambda place: fs.read_dfe_api(place, extract_date="2026-03-31"),
            row_accounts.lost_from_payloads,
            at_once=70,
        ),
    }


INVENTED_NAMES = ("census written by us", "SSD folder", "Annex A written by us")
TYPED_NAMES = (
    "flattened census",
    "Family Safeguarding templates",
    "903 XML",
    "API payloads",
)
CENSUS_NAMES = (
    "CIN2rows.xml",
    "CIN_Census_2021.xml",
    "CIN_Census_2021_copy.xml",
    "CIN_Census_2021_no_assessment_factors.xml",
    "CIN_Census_2024.xml",
    "CIN_Census_2026.xml",
    "CIN_header_issues_100.xml",
    "CIN_la_issues_2887Q.xml",
    "fake_CIN_data.xml",
)
BOOKS = (
    f"{LIIA}/Annex_A_2024_Jan.xlsx",
    f"{CLEANER}/2015-01-sample.xlsx",
    f"{CLEANER}/example-B-2004.xlsx",
)
PUBLIC_NAMES = (
    *CENSUS_NAMES,
    *BOOKS,
    "flat validator",
    "flat tools",
    "903 validator",
    "903 demand",
    "903 liia",
)
_OTHERS_903 = (
    "ad1",
    "dolo",
    "oc2",
    "oc3",
    "placed",
    "previous",
    "reviews",
    "sw_",
    "uasc",
    "ssda903_2020_oc",
    *(
        f"{year}-{kind}"
        for year in range(2017, 2022)
        for kind in ("oc", "previous", "reviews", "uasc")
    ),
)


@cache
def public_sample(name: str, samples: Path) -> Sample:
    """Open one of the public samples."""
    place = samples / "samples"
    if name in CENSUS_NAMES:
        return census(place / CIN / name)
    if name in BOOKS:
        return workbook(name, place / name)
    if name.startswith("flat"):
        folder = place / (f"{CIN}/output_csvs" if name == "flat validator" else FLAT)
        return tables_sample(
            name,
            contents(folder),
            lambda where: fs.read_cin_census(where, extract_date="2026-03-31"),
            ("header", "reviews", "childcharacteristics"),
        )
    folder = place / {"validator": VALIDATOR_903, "demand": DEMAND_903, "liia": LIIA}[name[4:]]
    files = contents(folder)
    files.pop("DERIVED_annex_a_observed_value_variants.csv", None)
    return tables_sample(
        name,
        files,
        lambda where: fs.read_ssda903(where, extract_date="2026-03-31"),
        _OTHERS_903,
        most_files=6,
    )
