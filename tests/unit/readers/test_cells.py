"""Cells of text as dates, flags, codes and identifiers."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fs_risk.readers import cells
from fs_risk.records import codes


def days_of(texts):
    return cells.dates(pd.Series(texts, dtype="str"))[0].dt.date.astype("str").to_list()


@pytest.mark.parametrize(
    "text",
    [
        "2024-12-10",
        "2024-12-10 00:00:00.000",
        "2024-12-10T09:30:00",
        "2024/12/10",
        "20241210",
        "10/12/2024",
        "10/12/2024 09:30",
        "10-12-2024",
        "10.12.2024",
        "10-Dec-2024",
        "10 December 2024",
        "45636",
        " 2024-12-10 ",
    ],
)
def test_every_way_of_writing_a_day_gives_that_day(text):
    assert days_of([text]) == ["2024-12-10"]


def test_days_come_before_months_and_nothing_is_guessed():
    read, bad = cells.dates(pd.Series(["03/04/2024", "04/13/2024"], dtype="str"))

    assert read.dt.month.to_list()[0] == 4
    assert bad.to_list() == [False, True]


def test_placeholder_day_is_missing_and_not_a_fault():
    read, bad = cells.dates(pd.Series(["1900-01-01", "01/01/1900", None], dtype="str"))

    assert read.isna().all()
    assert not bad.any()


@pytest.mark.parametrize("text", ["2024-02-30", "yesterday", "99999", "2024-13-01", "0/0/0000"])
def test_what_is_no_day_is_a_fault_and_never_an_exception(text):
    read, bad = cells.dates(pd.Series([text]))

    assert read.isna().all()
    assert bad.all()


@given(
    st.dates(date(1900, 1, 2), date(2199, 12, 31)), st.sampled_from(["iso", "british", "serial"])
)
def test_any_day_survives_being_written(day, how):
    written = {
        "iso": day.isoformat(),
        "british": day.strftime("%d/%m/%Y"),
        "serial": str((day - date(1899, 12, 30)) // timedelta(days=1)),
    }[how]
    if how == "serial" and not 10_000 <= int(written) <= 80_000:
        return

    assert days_of([written]) == [day.isoformat()]


@given(st.text(max_size=30))
def test_no_text_makes_a_reader_of_dates_fail(text):
    read, bad = cells.dates(pd.Series([text], dtype="str"))

    assert read.notna().to_list()[0] + bad.to_list()[0] <= 1


@pytest.mark.parametrize(
    ("texts", "meaning"),
    [
        (["Y", "yes", "1", "1.0", "TRUE", "true", "a) Yes", "T"], True),
        (["N", "No", "0", "0.0", "FALSE", "false", "b) No", "F"], False),
    ],
)
def test_flags_are_read_in_all_their_forms(texts, meaning):
    read, bad = cells.flags(pd.Series(texts))

    assert read.to_list() == [meaning] * len(texts)
    assert not bad.any()


def test_an_unanswered_flag_is_missing_and_an_unknown_word_a_fault():
    read, bad = cells.flags(pd.Series(["NA", "unknown", "perhaps", None, ""], dtype="str"))

    assert read.isna().all()
    assert bad.to_list() == [False, False, True, False, False]


def test_counts_are_whole_numbers():
    read, bad = cells.counts(pd.Series(["0", "12.0", "-1", "2.5", "x", None], dtype="str"))

    assert read.to_list()[:2] == [0, 12]
    assert bad.to_list() == [False, False, True, True, True, False]


def test_codes_are_read_whatever_a_spreadsheet_did_to_them():
    given_codes = pd.Series(["4.0", "10.0", "3e", " 5D", "06", "ZZ"])

    read = cells.codes(given_codes, codes.REFERRAL_SOURCES)

    assert read.to_list() == ["4", "10", "3E", "5D", "6", "ZZ"]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_disarmed_identifiers_are_read_back_unchanged(text):
    from fs_risk.records.writing.spreadsheet import FORMULA_SIGNS, disarmed

    if text.endswith(".0") and text[:-2].isdecimal():
        return
    written = disarmed(pd.Series([text], dtype="str"))

    assert written.iloc[0][0] not in FORMULA_SIGNS
    assert cells.identifiers(written).to_list() == [text]


def test_mapping_looks_at_each_spelling_once():
    seen = []

    def note(text):
        seen.append(text)
        return text.upper()

    values = pd.Series(np.tile(["a", "b"], 500), dtype="str")

    assert cells.mapped(values, note, "str")[0].unique().tolist() == ["A", "B"]
    assert sorted(seen) == ["a", "b"]
