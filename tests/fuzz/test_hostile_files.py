"""Files made to exhaust a reader: each is read or refused with a cure, in seconds.

Section 8: XML cannot fetch, expand or exhaust.
"""

import io
import time
import zipfile
from contextlib import suppress

import pytest

import fs_risk as fs
from fs_risk.errors import FsRiskError, ReturnError

SECONDS = 20
"""Of processor time, since machines are shared."""
MB = 1 << 20

HEAD = "<Message><Header><ReferenceDate>2025-03-31</ReferenceDate></Header><Children>"
CHILD = (
    "<Child><ChildIdentifiers><LAchildID>C1</LAchildID></ChildIdentifiers>"
    "<CINdetails><CINreferralDate>2024-04-10</CINreferralDate></CINdetails></Child>"
)
TAIL = "</Children></Message>"
ENTITIES = (
    '<!DOCTYPE Message [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)).replace("&a0;", "&a;")
    + "]>"
)


def soon(read, path):
    """Read a file; give the error that refused it, if one did."""
    started = time.process_time()
    refused = None
    try:
        read(path)
    except FsRiskError as error:
        refused = error
    assert time.process_time() - started < SECONDS
    assert refused is None or refused.fix
    return refused


CENSUS = {
    "nested 100,000 deep": HEAD + "<Child>" * 100_000 + "</Child>" * 100_000 + TAIL,
    "nested and never closed": HEAD + "<Child>" * 300_000,
    "entities within entities": ENTITIES + HEAD + CHILD.replace("C1", "&a9;") + TAIL,
    "an outer file": '<!DOCTYPE m SYSTEM "file:///etc/hostname">' + HEAD + CHILD + TAIL,
    "an attribute of 10 MB": HEAD + CHILD.replace("<Child>", f'<Child a="{"x" * 10 * MB}">') + TAIL,
    "100,000 attributes": HEAD
    + CHILD.replace("<Child>", "<Child " + "".join(f' a{n}="1"' for n in range(100_000)) + ">")
    + TAIL,
    "an attribute without an end": HEAD + CHILD.replace("<Child>", '<Child a="' + "x" * MB) + TAIL,
    "a text of 10 MB": HEAD + CHILD.replace("C1", "C" * 10 * MB) + TAIL,
    "a name of 1 MB": HEAD + CHILD.replace("Child>", "C" * MB + ">") + TAIL,
    "a comment without an end": HEAD + CHILD + "<!--" + "- -" * MB,
    "a million openings": HEAD + "<" * MB + CHILD + TAIL,
    "a million closings": HEAD + ">" * MB + CHILD + TAIL,
    "300,000 comments": HEAD + "<!---->" * 300_000 + CHILD + TAIL,
    "100,000 unknown elements": HEAD + CHILD + "".join(f"<X{n}/>" for n in range(100_000)) + TAIL,
    "100,000 times one field": HEAD
    + CHILD.replace("</CINdetails>", "<ReferralNFA>1</ReferralNFA>" * 100_000 + "</CINdetails>")
    + TAIL,
}
REFUSED_CENSUS = {
    "nested 100,000 deep": "nested too deeply",
    "nested and never closed": "nested too deeply",
    "entities within entities": "document type",
    "an outer file": "document type",
    "a comment without an end": "ends inside a comment",
    "a million openings": "not well-formed",
}


@pytest.mark.parametrize("name", CENSUS)
def test_a_hostile_census_is_read_or_refused_soon(name, tmp_path):
    path = tmp_path / "census.xml"
    path.write_text(CENSUS[name], encoding="utf-8")
    refused = soon(fs.read_cin_census, path)

    if name in REFUSED_CENSUS:
        assert refused is not None
        assert REFUSED_CENSUS[name] in refused.what


def test_nothing_of_a_hostile_census_is_expanded_into_the_records(tmp_path):
    path = tmp_path / "census.xml"
    path.write_text(HEAD + CHILD.replace("C1", "&lt;!ENTITY&gt;") + TAIL, encoding="utf-8")

    assert fs.read_cin_census(path)["children"]["child_id"].to_list() == ["<!ENTITY>"]


EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\n"
ROW = "C1,01/05/2020,S,V2,N1,U6,PR1,,\n"
TABLES = {
    "a cell of 10 MB": EPISODES + ROW.replace("C1", "C" * 10 * MB),
    "a quotation without an end": EPISODES + ROW + '"' + ROW * 50_000,
    "100,000 columns": EPISODES.strip() + ",x" * 100_000 + "\n" + ROW,
    "a row of 100,000 cells": EPISODES + ROW + "," * 100_000 + "\n",
    "100,000 ragged rows": EPISODES + ROW + "C1,x\n" * 100_000,
    "a million empty lines": EPISODES + "\n" * MB + ROW,
    "a million commas in one line": "," * MB,
    "nothing but quotation marks": '"' * MB,
    "200,000 repeats": EPISODES + ROW * 200_000,
    "a long header": EPISODES.replace("CHILD", "CHILD" + "X" * MB) + ROW,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_hostile_table_is_read_or_refused_soon(name, tmp_path):
    path = tmp_path / "episodes.csv"
    path.write_text(TABLES[name], encoding="utf-8")

    soon(fs.read_ssda903, path)


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
BOOK_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/'
    'worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/'
    '2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
SHEETS = {
    "a row number beyond all rows": SHEET + '<row r="99999999"><c r="A99999999"/></row>',
    "a column beyond all columns": SHEET + '<row r="1"><c r="ZZZZZ1" t="n"><v>1</v></c></row>',
    "a size of millions of rows": SHEET.replace(
        "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    + '<row r="1"><c r="A1" t="n"><v>1</v></c></row>',
    "entities": ENTITIES + SHEET,
    "a cell of 10 MB": SHEET
    + f'<row r="1"><c t="inlineStr"><is><t>{"x" * 10 * MB}</t></is></c></row>',
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_hostile_sheet_is_refused_soon(name, tmp_path):
    path = tmp_path / "annex_a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in BOOK_PARTS.items():
            archive.writestr(part, text)
        archive.writestr("xl/worksheets/sheet1.xml", SHEETS[name] + "</sheetData></worksheet>")

    assert soon(fs.read_annex_a, path) is not None


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "annex_a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(3):
            with archive.open(f"xl/media/{part}", "w") as file:
                for _ in range(150):
                    file.write(bytes(MB))
    refused = soon(fs.read_annex_a, path)

    assert path.stat().st_size < MB
    assert refused is not None
    assert "unpacks to more than" in refused.what


def test_an_archive_within_an_archive_is_refused(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a", "a")
    path = tmp_path / "annex_a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("annex_a.xlsx", inner.getvalue())

    with pytest.raises(ReturnError, match="cannot be opened"):
        fs.read_annex_a(path)


PAYLOADS = {
    "nested 100,000 deep": "[" * 100_000 + "]" * 100_000,
    "objects nested 100,000 deep": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "a number of 100,000 digits": '[{"la_child_id": ' + "1" * 100_000 + "}]",
    "a number beyond all numbers": '[{"la_child_id": 1e999999, "social_care_episodes": NaN}]',
    "a text of 10 MB": '[{"la_child_id": "' + "x" * 10 * MB + '"}]',
    "200,000 of one child": "[" + ",".join(['{"la_child_id": "C1"}'] * 200_000) + "]",
    "100,000 unknown members": '[{"la_child_id": "C1", '
    + ", ".join(f'"x{n}": 1' for n in range(100_000))
    + "}]",
    "half of a pair": '[{"la_child_id": "\\ud800"}]',
    "a line that is none": '{"la_child_id": "C1"}\n' * 3 + "{",
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_payload_is_read_or_refused_soon(name, tmp_path):
    path = tmp_path / "payload.json"
    path.write_text(PAYLOADS[name], encoding="utf-8")

    with suppress(FsRiskError):
        soon(lambda at: fs.read_dfe_api(at, extract_date="2025-03-31"), path)
