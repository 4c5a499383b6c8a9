"""The calibration table with its verdicts, and the page that shows it."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import RecordsError
from fs_risk.records.records import Records
from fs_risk.synthetic.calibration import authority_rates, calibration_table
from fs_risk.synthetic.report import authority_html, number, summary, write_authority_report

FIXED = {1, 18, 34, 35}


@pytest.fixture(scope="module")
def authority(small_authority):
    return small_authority


@pytest.fixture(scope="module")
def table(authority):
    return calibration_table(authority)


def test_every_row_of_the_published_table_is_there(table):
    assert set(table["row"]) == set(range(1, 36))
    assert table["row"].is_monotonic_increasing


def test_an_assumption_is_shown_and_never_a_pass(table):
    targets = table[~table["verdict"].isin(["input", "reported"])]

    assert set(targets.loc[targets["kind"] == "A", "verdict"]) == {"shown"}
    assert set(targets.loc[targets["kind"] != "A", "verdict"]) <= {"pass", "miss"}


def test_a_pass_is_within_the_tolerance(table):
    held = table[table["verdict"].isin(["pass", "miss"])]
    near = (held["got"] - held["target"]).abs() <= held["tolerance"]

    assert (near == (held["verdict"] == "pass")).all()


def test_what_is_put_in_is_no_test(table):
    inputs = table[table["verdict"] == "input"]

    assert set(inputs["row"]) == FIXED
    assert inputs["tolerance"].isna().all()


def test_both_tables_agree(authority, table):
    rates = authority_rates(authority).set_index("measure")["got"]
    shown = table.set_index("measure")["got"].reindex(rates.index)

    pd.testing.assert_series_equal(rates, shown)


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.rows = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "rect", "line", "circle", "path"}:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append(dict(attrs).get("class"))

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_page_holds_every_row_and_drawing_and_needs_nothing_else(authority, table, tmp_path):
    path = write_authority_report(authority, tmp_path / "authority.html")
    text = path.read_text(encoding="utf-8")
    page = _Page(text)

    assert page.open == []
    assert [name for name in page.rows if name] == table["verdict"].to_list()
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(drawings) == 14
    assert all(attributes["role"] == "img" for attributes in drawings)
    assert (
        text.count("<svg") == text.count("<svg role") == len(re.findall("<svg[^>]*><title>", text))
    )
    assert "SYNTHETIC" in text
    assert not re.search("https?://|<script|url\\(", text)


def test_page_of_a_small_authority_says_in_one_sentence_that_it_is_too_small(authority, table):
    text = authority_html(authority).split("<h2>")[0]
    held = table["verdict"].isin(["pass", "miss"]).sum()
    missed = table.loc[table["verdict"] == "miss", "measure"]

    assert len(missed)
    assert "too small for the tolerances" in text
    assert f"{len(missed)} of {held} measures" in text
    assert not any(name.replace("_", " ") in text for name in missed)


@pytest.mark.parametrize(("missed", "named"), [(3, 3), (25, 10)])
def test_page_of_a_large_authority_names_what_is_outside_and_not_too_much_of_it(
    table, missed, named
):
    table = table.assign(verdict="pass")
    table.iloc[:missed, table.columns.get_loc("verdict")] = "miss"
    text = summary(table, 62_700 * 5)
    names = [name.replace("_", " ") for name in table["measure"]]

    assert all(name in text for name in names[:named])
    assert ("and 15 more" in text) == (missed == 25)
    assert not any(f", {name}" in text for name in names[named:])


def test_page_that_cannot_be_written_is_reported(authority, tmp_path):
    with pytest.raises(RecordsError, match="cannot be written"):
        write_authority_report(authority, tmp_path / "no folder" / "page.html")


def test_other_records_have_no_report(tmp_path):
    referrals = pd.DataFrame(
        {"referral_id": ["R"], "child_id": ["C"], "referral_date": ["2024-01-01"]}
    )
    records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")

    with pytest.raises(RecordsError, match="not of a synthetic authority"):
        write_authority_report(records, tmp_path / "page.html")


def test_numbers_have_the_digits_they_deserve():
    assert [number(each) for each in (12_345.6, -3.14159, 0.5, np.nan)] == [
        "12,346",
        "-3.14",
        "0.500",
        "–",
    ]
