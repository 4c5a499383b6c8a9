"""Whatever a cell holds: no file of a list starts a formula, and nothing gets lost."""

import csv
import sqlite3
import unicodedata
from contextlib import closing
from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from fs_risk.errors import SettingError
from fs_risk.triage.list_cells import write_csv
from fs_risk.triage.list_database import write_rows
from fs_risk.triage.list_workbook import write_workbook

STARTS = "=+-@＝＋－＠\t\r\n"
HOSTILE = st.builds(
    str.__add__,
    st.sampled_from(["", " ", "\u200b", "\ufeff", "'", "\x00", "\t", "\r\n", "\u2028"]),
    st.builds(
        str.__add__,
        st.sampled_from([*STARTS, "", "'", '"', ",", ";"]),
        st.text(st.characters(exclude_categories=()), max_size=12) | st.just("cmd|' /C calc'!A0"),
    ),
)
FRAMES = st.lists(st.tuples(HOSTILE, HOSTILE | st.none()), min_size=1, max_size=6)
RELAXED = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
ABOUT = {"made_for": date(2025, 3, 31), "purpose": "second_read", "model": "m 1", "summary": "s"}


def frame_of(rows):
    return pd.DataFrame(rows, columns=["=id", "words"], dtype=object)


def calculated(text):
    """Whether a spreadsheet may take text for a formula, also after stripping what is unseen."""
    seen = next((c for c in text if unicodedata.category(c)[0] not in "CZ"), "")
    return text[:1] in STARTS[4:] or (seen != "" and unicodedata.normalize("NFKC", seen) in "=+-@")


@RELAXED
@given(FRAMES)
def test_no_cell_of_a_csv_starts_a_formula(tmp_path, rows):
    path = write_csv(frame_of(rows), tmp_path / "list.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.reader(file))

    assert len(read) == len(rows) + 1
    assert all(len(row) == 2 for row in read)
    assert not [cell for row in read for cell in row if cell and calculated(cell)]


@RELAXED
@given(FRAMES)
def test_no_cell_of_a_workbook_is_a_formula(tmp_path, rows):
    path = write_workbook(
        frame_of(rows), tmp_path / "list.xlsx", title="List", about={"=x": rows[0][0]}, heading=""
    )
    sheets = load_workbook(path).worksheets

    assert sheets[0].max_row == len(rows) + 1
    for cell in (cell for sheet in sheets for row in sheet.iter_rows() for cell in row):
        assert cell.data_type in ("s", "n")
        assert not isinstance(cell.value, str) or not calculated(cell.value)


def test_workbook_is_ready_to_be_read_and_printed(tmp_path):
    frame = pd.DataFrame(
        {"id": ["A", "B"], "day": pd.to_datetime(["2025-03-31", None]), "share": [0.5, None],
         "n": pd.array([1, None], dtype="Int64"), "listed": [True, False], "words": ["x" * 200, ""]}
    )  # fmt: skip
    path = write_workbook(
        frame, tmp_path / "a.xlsx", title="List", about={"a": 1}, heading="word " * 50
    )
    book = load_workbook(path)
    sheet = book["List"]

    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["F"].width == 60
    assert sheet["B2"].value.date() == date(2025, 3, 31)
    assert [sheet[f"{c}2"].value for c in "ACDE"] == ["A", 0.5, 1, True]
    assert [sheet[f"{c}3"].value for c in "BCD"] == [None, None, None]
    heads = [each.oddHeader.center.text for each in book]
    assert [head.split() for head in heads] == [["word"] * 50] * 2
    assert max(len(line) for line in heads[0].splitlines()) <= 130


@pytest.mark.parametrize("name", ["list.xls", "list.csv", "list"])
def test_workbook_of_another_kind_is_refused(tmp_path, name):
    with pytest.raises(SettingError, match=r"written as \.xlsx"):
        write_workbook(frame_of([("a", "b")]), tmp_path / name, title="List", about={}, heading="")


def test_path_that_cannot_be_written_is_named_with_its_cure(tmp_path):
    for write in (write_csv, lambda f, p: write_workbook(f, p, title="List", about={}, heading="")):
        with pytest.raises(SettingError, match="cannot be written"):
            write(frame_of([("a", "b")]), tmp_path / "no" / "list.xlsx")


@RELAXED
@given(FRAMES)
def test_database_keeps_identifiers_as_they_are(tmp_path, rows):
    base = tmp_path / "lists.db"
    base.unlink(missing_ok=True)
    url = f"sqlite:///{base.as_posix()}"
    write_rows(frame_of(rows).rename(columns={"=id": "id"}), url, "t", list_id="1", about=ABOUT)

    with closing(sqlite3.connect(base)) as opened:
        held = opened.execute("select id from t order by position").fetchall()
    odd = {*range(0x9), 0xB, 0xC, *range(0xE, 0x20), 0x7F, 0xFFFE, 0xFFFF}
    given_back = [
        "".join("\ufffd" if ord(c) in odd or 0xD800 <= ord(c) <= 0xDFFF else c for c in row[0])
        for row in rows
    ]
    assert [row[0] for row in held] == given_back


@pytest.fixture
def base(tmp_path):
    return f"sqlite:///{(tmp_path / 'lists.db').as_posix()}"


def rows_of(url, table):
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as opened:
        return opened.execute(f"select count(*) from {table}").fetchone()[0]


class TestTable:
    frame = pd.DataFrame(
        {"id": ["A", "B"], "as_of": ["2025-03-31", None], "place": pd.array([1, None], "Int64"),
         "chance": [0.5, None], "listed": [True, False]}
    )  # fmt: skip

    def write(self, url, table="week", list_id="1", frame=None):
        return write_rows(
            self.frame if frame is None else frame, url, table,
            list_id=list_id, dates=("as_of",), about=ABOUT,
        )  # fmt: skip

    def test_has_types_that_a_reporting_tool_understands(self, base):
        self.write(base)
        with closing(sqlite3.connect(base.removeprefix("sqlite:///"))) as opened:
            kinds = {row[1]: row[2] for row in opened.execute("pragma table_info(week)")}
            first = opened.execute("select * from week where position = 2").fetchone()

        assert kinds == {
            "list_id": "VARCHAR(32)", "position": "INTEGER", "id": "TEXT", "as_of": "DATE",
            "place": "INTEGER", "chance": "FLOAT", "listed": "BOOLEAN",
        }  # fmt: skip
        assert first == ("1", 2, "B", None, None, None, 0)

    def test_is_added_to_under_another_list(self, base):
        self.write(base)
        self.write(base, list_id="2")

        assert rows_of(base, "week") == 4
        assert rows_of(base, "fs_risk_lists") == 2

    def test_takes_no_list_twice(self, base):
        self.write(base)
        with pytest.raises(SettingError, match="in that table already"):
            self.write(base)

        assert rows_of(base, "week") == 2

    def test_of_another_is_never_touched(self, base):
        with closing(sqlite3.connect(base.removeprefix("sqlite:///"))) as opened:
            opened.execute("create table Week (id text)")
            opened.execute("insert into Week values ('theirs')")
            opened.commit()
        with pytest.raises(SettingError, match="did not make it"):
            self.write(base)

        assert rows_of(base, "Week") == 1

    def test_of_another_layout_is_not_added_to(self, base):
        self.write(base)
        with pytest.raises(SettingError, match="did not make it"):
            self.write(base, list_id="2", frame=self.frame.drop(columns="chance"))

    def test_of_no_rows_is_made_all_the_same(self, base):
        self.write(base, frame=self.frame.iloc[:0])

        assert rows_of(base, "week") == 0
        assert rows_of(base, "fs_risk_lists") == 1

    @pytest.mark.parametrize("name", ["", "1week", "week; drop table x", "w" * 60, "FS_RISK_lists"])
    def test_with_a_strange_name_is_refused(self, base, name):
        with pytest.raises(SettingError, match="no name for a table"):
            self.write(base, table=name)

    @pytest.mark.parametrize("url", ["nowhere", "odd://secret@host/x", "sqlite:////no/such/x.db"])
    def test_address_is_never_repeated(self, url):
        with pytest.raises(SettingError, match=r"address cannot be used|refused") as caught:
            self.write(url)

        assert "secret" not in str(caught.value)
