"""The Annex A reader and writer: lists by columns, dialects, wrong workbooks, round trip."""

import datetime as dt
import struct
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from fs_risk.errors import ReturnError, SettingError
from fs_risk.readers import annex_a_words, annex_a_words_care, annex_a_workbook
from fs_risk.readers.annex_a import read_annex_a
from fs_risk.readers.annex_a_sources import source
from fs_risk.records import codes
from fs_risk.records.layouts.annex_a import LISTS
from fs_risk.records.layouts.annex_a_codes import TEMPLATE_VALUES
from fs_risk.records.records import Records
from fs_risk.records.writing.annex_a import write_annex_a

CHILD = ["Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)"]
CONTACTS = [*CHILD, "Date of Contact", "Contact Source"]
REFERRALS = [
    *CHILD,
    "Date of referral",
    "Referral Source",
    "Referral NFA?",
    "Number of Referrals in Last 12 Months",
    "Allocated Team",
    "Allocated Worker",
]
NEED = [
    *CHILD,
    "Does the Child have a Disability",
    "CIN Start Date",
    "Primary Need Code",
    "Date Child Was Last Seen",
    "CIN Closure Date",
    "Reason for Closure",
    "Case status",
    "Allocated Team",
    "Allocated Worker",
]
MAY, JUNE = dt.date(2024, 5, 3), dt.date(2024, 6, 4)
BORN = dt.date(2012, 5, 1)
CONTACT = ["C1", "b) Female", "a) WBRI", BORN, 12, MAY, "q) 6: Police"]
REFERRAL = ["C1", "F", "WBRI", BORN, 12, JUNE, "6", "b) No", 7, "East", "W. Orker"]
EPISODE = ["C1", "F", "WBRI", BORN, 12, "b) No", JUNE, "N1 - Abuse or neglect", None]
EPISODE += [dt.date(2024, 6, 20), "RC8", "e) Closed episode", "East", "W. Orker"]


@pytest.fixture
def workbook(tmp_path):
    """Write sheets of rows and give the workbook's path."""

    def write(name="book.xlsx", **sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


def column(records, table, name):
    values = records[table][name]
    return values.astype("object").where(values.notna(), None).to_list()


def rules(records):
    return {found.rule: found for found in records.findings}


def test_lists_are_known_by_their_columns_with_or_without_a_title(workbook):
    records = read_annex_a(
        workbook(
            Anything=[["List 1: Contacts"], [], CONTACTS, CONTACT],
            Codes_used=[["Gender", None, "Ethnicity"], ["a) Male"]],
            Other=[REFERRALS, REFERRAL],
        )
    )

    assert column(records, "contacts", "source") == ["6"]
    assert column(records, "contacts", "source_row") == [4]
    assert column(records, "referrals", "referral_id") == ["C1/2024-06-04"]
    assert rules(records)["R061"].count == 1
    assert {str(records.coverage[name].observed_from.date()) for name in ("contacts",)} == {
        "2023-12-05"
    }
    assert str(records.extract_date.date()) == "2024-06-04"


def test_rows_above_the_header_are_reported_and_not_passed_over(workbook):
    records = read_annex_a(
        workbook(
            Contacts=[["List 1: Contacts"], CONTACT, CONTACTS, CONTACT], R=[REFERRALS, REFERRAL]
        )
    )

    found = rules(records)["R064"]
    assert (found.severity, found.rows) == ("error", (2,))
    assert found.file.endswith("list 1")
    assert column(records, "contacts", "source_row") == [4]


HEADERS = {
    "template": CONTACTS,
    "no case, no signs": [name.upper().replace(" ", "  ") for name in CONTACTS],
    "no-break spaces": [name.replace(" ", "\xa0") for name in CONTACTS],
    "camel case": [
        "ChildUniqueID",
        "Gender",
        "Ethnicity",
        "DateOfBirth",
        "Age",
        "DateOfContact",
        "ContactSource",
    ],
    "other order": CONTACTS[::-1],
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_read_in_every_spelling(workbook, name):
    row = CONTACT[::-1] if name == "other order" else CONTACT
    records = read_annex_a(workbook(List_1=[HEADERS[name], row]))

    assert column(records, "contacts", "child_id") == ["C1"]
    assert column(records, "children", "sex") == ["F"]


def test_cells_that_excel_spoilt_are_read(workbook):
    records = read_annex_a(
        workbook(
            One=[
                CONTACTS,
                [1001.0, "M", "#N/A", 41030.0, 12.4, 45415, "\xa0Police\xa0"],
                ["'=2+2", "1 - Male", None, "01/05/2012", "12.0", "03/05/2024", "‘6"],
                ["1001", "Male", "WBRI", "2012-05-01", 12, "nope", "School"],
            ]
        )
    )

    assert column(records, "contacts", "child_id") == ["1001", "=2+2"]
    assert records["contacts"]["contact_date"].dt.date.to_list() == [MAY, MAY]
    assert column(records, "contacts", "source") == ["6", "6"]
    assert column(records, "children", "ethnicity") == ["WBRI", None]
    assert len(records.set_aside["contacts"]) == 1
    assert "R063" not in rules(records)


def test_cells_that_mean_nothing_are_reported_by_row(workbook):
    spoilt = [*CONTACT[:1], "Purple", "Martian", *CONTACT[3:6], "Zzz"]
    records = read_annex_a(workbook(One=[CONTACTS, CONTACT, spoilt]))
    found = {each.column: each.rows for each in records.findings if each.rule == "R062"}

    assert found == {"sex": (3,), "ethnicity": (3,), "source": (3,)}


def test_an_age_of_minus_one_means_that_the_birth_is_expected(workbook):
    rows = [["C2", "Unborn", None, dt.date(2024, 5, 20), -1, MAY, "9"]]
    rows.append(["C3", "c) Not stated/recorded", None, dt.date(2025, 1, 1), None, JUNE, "9"])
    records = read_annex_a(workbook(One=[CONTACTS, *rows]))

    assert column(records, "children", "birth_date") == [None, None]
    assert records["children"]["expected_birth_date"].notna().all()
    assert column(records, "children", "sex") == ["U", "U"]


def test_an_episode_of_need_closes_the_referral_that_opened_it(workbook):
    older = ["C2", *EPISODE[1:6], dt.date(2019, 1, 7), "N4", None, None, None, "c)", "East", None]
    records = read_annex_a(
        workbook(Three=[REFERRALS, REFERRAL], Six=[NEED, EPISODE, older, EPISODE])
    )

    assert column(records, "referrals", "close_reason") == ["RC8", None]
    assert column(records, "referrals", "primary_need") == ["N1", "N4"]
    assert column(records, "referrals", "referral_id") == ["C1/2024-06-04", "C2/2019-01-07"]
    assert len(records.set_aside["referrals"]) == 1


def test_an_episode_of_need_alone_is_a_referral_but_not_a_window(workbook):
    records = read_annex_a(workbook(Six=[NEED, EPISODE]))

    assert column(records, "referrals", "source") == [None]
    assert records.coverage["referrals"] is None


def test_counters_and_case_status_never_reach_a_table(workbook):
    records = read_annex_a(workbook(Three=[REFERRALS, REFERRAL], Six=[NEED, EPISODE]))
    held = " ".join(records[name].to_csv() for name in records)

    assert "Orker" not in held
    assert "Closed" not in held
    assert not any("12m" in name for table in records for name in records[table])


def test_what_the_workbook_cannot_hold_is_not_observed(workbook):
    records = read_annex_a(workbook(One=[CONTACTS, CONTACT], Three=[REFERRALS]))

    absent = ("factors", "cin_plans", "pre_proceedings", "family_links", "missing_episodes")
    assert [records.coverage[name] for name in absent] == [None] * len(absent)
    assert records.coverage["referrals"] is None
    assert sum(found.rule == "R060" for found in records.findings) == 7


def test_different_dates_of_birth_are_reported(workbook):
    other = ["c1 ", *REFERRAL[1:3], dt.date(2013, 5, 1), *REFERRAL[4:]]
    records = read_annex_a(workbook(One=[CONTACTS, CONTACT], Three=[REFERRALS, other]))

    assert rules(records)["R063"].severity == "warning"
    assert records["children"]["birth_date"].dt.date.to_list() == [BORN]


def test_rows_without_a_child_are_kept_aside(workbook):
    records = read_annex_a(workbook(One=[CONTACTS, CONTACT, [None, *CONTACT[1:]]]))

    assert len(records["contacts"]) == len(records.set_aside["contacts"]) == 1


ENQUIRIES = [column.header for column in LISTS[5].columns]


def test_enquiries_and_their_conferences_are_told_apart(workbook):
    def enquiry(child, not_needed, held, made):
        return [child, "F", "WBRI", BORN, 12, "b) No", MAY, not_needed, held, made, 0, 0, "E", "W"]

    records = read_annex_a(
        workbook(
            Five=[
                ENQUIRIES,
                enquiry("C1", "b) No", JUNE, "a) Yes"),
                enquiry("C2", "a) Yes", None, None),
                enquiry("C3", None, None, None),
            ]
        )
    )

    assert column(records, "section47", "conference_needed") == [True, False, None]
    assert column(records, "conferences", "section47_id") == ["C1/S47/2024-05-03"]
    assert column(records, "conferences", "plan_made") == [True]


WRITTEN = {
    annex_a_words.sex: {"b. Female": "F", "Transgender": "U", "0 - Not known": "U"},
    annex_a_words.ethnicity: {
        "White": "WOTH",
        "WBRI - White - British": "WBRI",
        "Mixed - White/Asian (B3)": "MWAS",
        "White (Not yet obtained)": "NOBT",
        "Refused to say": "REFU",
        "Black / African / Caribbean / Black British (Mixed Black)": "BOTH",
        "A.A4)Any Other White Background": "WOTH",
        "C2": "APKN",
        "#MULTIVALUE": None,
    },
    source: {
        "e) 2A: Schools": "2A",
        "Health Visitor": "3B",
        "LA services – other internal (department other than social care)": "5B",
        "Police [6]": "6",
        "10": "10",
        "Grandmother": "1A",
        "**DO NOT USE**": None,
    },
    annex_a_words.no_further_action: {"NFA": True, "FA": False, "U": False, "a. Yes": True},
    annex_a_words.yes_no: {"Child not seen alone": False, "1 - Yes": True, "c) Unknown": None},
    annex_a_words.abuse_category: {
        "NNYN": "SAB",
        "YYNN": "MUL",
        "Likelihood of Physical": "PHY",
        "Neglect/Emotional": "MUL",
        "Muliple": "MUL",
    },
    annex_a_words_care.primary_need: {
        "N1.PE": "N1",
        "Low income": "N7",
        "9NOTCIN - DO NOT USE": None,
    },
    annex_a_words_care.closure_reason: {
        "Child died": "RC2",
        "Aim achieved": "RC7",
        "RC9 - x": "RC9",
    },
    annex_a_words_care.legal_status: {
        "Accommodated under section 20": "V2",
        "Concurrent Care Order & Placement Order": "E1",
        "Special guardianship order": None,
    },
    annex_a_words_care.end_reason: {
        "Age assessment determined child is 18 or over and E5, E6 do not apply": "E15",
        "Returned home": "E4A",
    },
    annex_a_words_care.placement_type: {"Secure unit": "K1", "zz) T4: Temporary": "T4"},
    annex_a_words_care.provider: {"Own provision (by the LA)": "PR1"},
    annex_a_words_care.case_status: {
        "CP Ext": "CP",
        "CLA&CP": "CLA",
        "Closed - stepdown": "CLOSED",
    },
    annex_a_words_care.disabled: {"CONCIOUSNESS": True, "NONE": False, "Refused": None},
}


@pytest.mark.parametrize("read", WRITTEN, ids=lambda read: read.__name__)
def test_what_authorities_write_is_read_as_codes(read):
    assert {text: read(text) for text in WRITTEN[read]} == WRITTEN[read]


READ_BY = {
    "sex": (annex_a_words.sex, codes.SEXES),
    "ethnicity": (annex_a_words.ethnicity, codes.ETHNICITIES),
    "source": (source, codes.REFERRAL_SOURCES),
    "primary_need": (annex_a_words_care.primary_need, codes.PRIMARY_NEEDS),
    "close_reason": (annex_a_words_care.closure_reason, codes.CLOSURE_REASONS),
    "category": (annex_a_words.abuse_category, codes.ABUSE_CATEGORIES),
    "legal_status": (annex_a_words_care.legal_status, codes.LEGAL_STATUSES),
    "end_reason": (annex_a_words_care.end_reason, TEMPLATE_VALUES["end_reason"]),
}


@pytest.mark.parametrize("kind", READ_BY)
def test_every_template_value_is_read_as_its_code(kind):
    read, known = READ_BY[kind]

    assert {code: read(TEMPLATE_VALUES[kind][code]) for code in known} == {
        code: code for code in known
    }


def frames():
    days = pd.to_datetime
    return {
        "children": pd.DataFrame(
            {
                "child_id": ["=C1", "C2", "C3"],
                "birth_date": days(["2012-06-30", "2010-07-01", None]),
                "expected_birth_date": days([None, None, "2024-09-01"]),
                "sex": ["F", "M", "U"],
                "ethnicity": ["WBRI", "APKN", "NOBT"],
                "unaccompanied": [False, True, pd.NA],
            }
        ),
        "contacts": pd.DataFrame(
            {
                "contact_id": ["K1", "K2"],
                "child_id": ["=C1", "C2"],
                "contact_date": days(["2024-05-01", "2020-05-01"]),
                "source": ["5D", "6"],
            }
        ),
        "early_help": pd.DataFrame(
            {"early_help_id": ["H1"], "child_id": ["C2"], "start_date": days(["2023-05-01"])}
        ),
        "referrals": pd.DataFrame(
            {
                "referral_id": ["R1", "R2", "R3"],
                "child_id": ["=C1", "C2", "C3"],
                "referral_date": days(["2024-05-02", "2019-02-03", "2024-05-04"]),
                "source": ["6", "2A", "10"],
                "primary_need": ["N1", "N4", "N0"],
                "no_further_action": [False, False, True],
                "close_date": days([None, "2024-06-01", "2024-05-04"]),
                "close_reason": [None, "RC9", "RC8"],
                "team": ["@East", "West", "West"],
            }
        ),
        "assessments": pd.DataFrame(
            {
                "assessment_id": ["A1"],
                "child_id": ["=C1"],
                "start_date": days(["2024-05-03"]),
                "authorised_date": days(["2024-06-03"]),
            }
        ),
        "section47": pd.DataFrame(
            {
                "section47_id": ["S1"],
                "child_id": ["=C1"],
                "start_date": days(["2024-05-05"]),
                "conference_needed": [True],
            }
        ),
        "conferences": pd.DataFrame(
            {
                "conference_id": ["I1"],
                "child_id": ["=C1"],
                "section47_id": ["S1"],
                "conference_date": days(["2024-05-20"]),
                "plan_made": [True],
            }
        ),
        "cp_plans": pd.DataFrame(
            {
                "cp_plan_id": ["P1"],
                "child_id": ["=C1"],
                "start_date": days(["2024-05-20"]),
                "initial_category": ["NEG"],
                "latest_category": ["MUL"],
                "previous_plans": [1],
            }
        ),
        "care_periods": pd.DataFrame(
            {
                "care_period_id": ["L1"],
                "child_id": ["C2"],
                "start_date": days(["2022-01-02"]),
                "end_date": days(["2024-06-20"]),
                "end_reason": ["E4A"],
                "legal_status": ["V2"],
            }
        ),
    }


COMPARED = {
    "children": "child_id birth_date expected_birth_date sex ethnicity",
    "contacts": "child_id contact_date source",
    "early_help": "child_id start_date end_date",
    "referrals": "child_id referral_date close_date close_reason team",
    "assessments": "child_id start_date authorised_date",
    "section47": "child_id start_date conference_needed",
    "conferences": "child_id conference_date plan_made",
    "cp_plans": "child_id start_date end_date initial_category latest_category previous_plans",
    "care_periods": "child_id start_date end_date end_reason legal_status",
}


def test_what_the_format_can_hold_comes_back(tmp_path):
    records = Records.from_frames(frames(), extract_date="2024-06-30")
    path = write_annex_a(records, tmp_path / "annex_a.xlsx")
    again = read_annex_a(path, extract_date="2024-06-30")

    for table, names in COMPARED.items():
        columns = names.split()
        kept = records[table]
        if table == "contacts":
            kept = kept[kept["child_id"] != "C2"]  # of 2020
        if table == "referrals":
            kept = kept.assign(
                close_date=kept["close_date"].mask(kept["child_id"] == "C3"),  # not in list 6
                close_reason=kept["close_reason"].mask(kept["child_id"] == "C3"),
            )
        ours = kept[columns].sort_values("child_id", ignore_index=True)
        theirs = again[table][columns].sort_values("child_id", ignore_index=True)
        pd.testing.assert_frame_equal(theirs, ours)
    assert {found.rule for found in again.findings} == set()
    assert column(again, "referrals", "source") == ["6", "10", None]


def test_a_written_workbook_has_all_lists_and_no_formula(tmp_path):
    path = write_annex_a(
        Records.from_frames(frames(), extract_date="2024-06-30"), tmp_path / "a.xlsx"
    )
    book = openpyxl.load_workbook(path)

    assert book.sheetnames == [f"List_{number}" for number in range(1, 12)]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert {cell.value for cell in cells} >= {"'=C1", "'@East", -1, 12, 13}
    assert "SYNTHETIC" not in str({cell.value for cell in cells})


def test_a_workbook_of_synthetic_records_says_so(tmp_path):
    records = Records.from_frames(frames(), extract_date="2024-06-30")
    synthetic = Records(
        {name: records[name] for name in records},
        extract_date=records.extract_date,
        coverage=records.coverage,
        origin=type(records.origin)("synthetic", ("test",)),
    )
    path = write_annex_a(synthetic, tmp_path / "a.xlsx")

    assert "SYNTHETIC" in openpyxl.load_workbook(path)["Front_Sheet"]["A1"].value
    assert len(read_annex_a(path)["contacts"]) == 1


def test_only_xlsx_is_written(tmp_path):
    records = Records.from_frames(frames(), extract_date="2024-06-30")
    with pytest.raises(SettingError, match=r"\.xlsx"):
        write_annex_a(records, tmp_path / "a.csv")


def old_workbook(path, rows):
    """Write one sheet as Excel 4 did: a stream of numbered records."""

    def record(kind, data):
        return struct.pack("<HH", kind, len(data)) + data

    parts = [record(0x0409, struct.pack("<HHH", 0, 0x10, 0))]
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, float):
                parts.append(record(0x0203, struct.pack("<HHHd", y, x, 0, value)))
            elif value is not None:
                text = value.encode("latin-1")
                parts.append(record(0x0204, struct.pack("<HHHH", y, x, 0, len(text)) + text))
    path.write_bytes(b"".join(parts) + record(0x000A, b""))
    return path


def test_a_workbook_of_excel_97_is_read():
    """A real OLE file; how it was made is beside it."""
    path = Path(__file__).parents[2] / "golden" / "annex_a_old.xls"
    records = read_annex_a(path)

    assert path.read_bytes()[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert column(records, "children", "child_id") == ["C1", "1002"]
    assert records["children"]["birth_date"].dt.strftime("%d/%m/%Y").to_list() == [
        "01/05/2015",
        "01/06/2016",
    ]
    days = records["contacts"]["contact_date"]
    assert days.dt.date.to_list() == [dt.date(2024, 1, 9)] * 2
    assert column(records, "contacts", "source") == ["6", "2A"]
    assert column(records, "referrals", "no_further_action") == [False, True]
    assert column(records, "cp_plans", "initial_category") == ["NEG"]
    assert column(records, "cp_plans", "previous_plans") == [1]
    assert {found.rule for found in records.findings} == {"R004", "R060"}


def test_a_workbook_of_excel_97_that_is_cut_off_is_refused(tmp_path):
    whole = (Path(__file__).parents[2] / "golden" / "annex_a_old.xls").read_bytes()
    (tmp_path / "cut.xls").write_bytes(whole[:6000])

    with pytest.raises(ReturnError, match="damaged, cut off"):
        read_annex_a(tmp_path / "cut.xls")


def test_an_old_workbook_is_read(tmp_path):
    serial = float((MAY - dt.date(1899, 12, 30)).days)
    row = [1001.0, "M", "WBRI", "01/05/2012", 12.0, serial, "q) 6: Police"]
    records = read_annex_a(old_workbook(tmp_path / "old.xls", [["List 1"], CONTACTS, row]))

    assert column(records, "contacts", "child_id") == ["1001"]
    assert records["contacts"]["contact_date"].dt.date.to_list() == [MAY]


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"\0" * (9 << 20))


def entities(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>')


def cut_off(path):
    openpyxl.Workbook().save(path)
    path.write_bytes(path.read_bytes()[:-200])


def no_list(path):
    openpyxl.Workbook().save(path)


def many_sheets(path):
    book = openpyxl.Workbook(write_only=True)
    for _ in range(annex_a_workbook.MOST_SHEETS + 1):
        book.create_sheet()
    book.save(path)


def without(name):
    def spoil(path):
        book = openpyxl.Workbook()
        book.active.append([header for header in REFERRALS if header != name])
        book.save(path)

    return spoil


WRONG = {
    "text": (lambda path: path.write_text("a,b\n"), "not an Excel workbook"),
    "empty": (lambda path: path.write_bytes(b""), "not an Excel workbook"),
    "cut off": (cut_off, "cannot be opened"),
    "old and cut off": (
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "cannot be opened",
    ),
    "no list": (no_list, "No sheet of the workbook is a list"),
    "another archive": (entities, "declares a document type"),
    "too large": (bomb, "unpacks to more than"),
    "too many sheets": (many_sheets, "has 61 sheets"),
    "no date column": (without("Date of referral"), "lacks the column 'Date of referral'"),
    "no column of ids": (without("Child Unique ID"), "lacks the column 'Child Unique ID'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_the_workbook_is_refused_with_a_cure(tmp_path, monkeypatch, name):
    spoil, message = WRONG[name]
    monkeypatch.setattr(annex_a_workbook, "LARGEST_UNPACKED", 40 << 20)
    spoil(tmp_path / "book.xlsx")

    with pytest.raises(ReturnError, match=message) as raised:
        read_annex_a(tmp_path / "book.xlsx")
    assert raised.value.fix


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ReturnError, match="no such file"):
        read_annex_a(tmp_path / "nothing.xlsx")


def test_a_false_size_of_a_sheet_is_not_believed(workbook, tmp_path):
    path = workbook(One=[CONTACTS, CONTACT])
    spoilt = tmp_path / "spoilt.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            data = old.read(name).replace(b'ref="A1:G2"', b'ref="A1:XFD1048576"')
            new.writestr(name, data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read_annex_a(spoilt)["contacts"]) == 1
