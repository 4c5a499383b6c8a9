"""The transparency record: every field of ATRS v4.0, filled, drafted, open or redacted (G5)."""

import json
from pathlib import Path

import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import SettingError
from fs_risk.model_cards.atrs import COLUMNS
from fs_risk.model_cards.atrs_fields import ATRS_FIELDS
from fs_risk.model_cards.schemas import schema_of

GOLDEN = Path(__file__).parents[2] / "golden"
AUTHORITY = (
    "0.2", "0.4", "1.3", "1.4", "2.1.1", "2.1.2", "2.1.3", "2.1.4", "2.1.4.1", "2.1.4.2",
    "2.1.4.3", "2.1.4.4", "2.1.4.5", "2.2.3", "2.4.3.8", "2.4.3.9", "2.4.4.4", "2.4.4.5", "2.5.1",
)  # fmt: skip


@pytest.fixture(scope="module")
def golden():
    return fs.ModelCard.read(GOLDEN / "card.json")


def test_record_has_all_56_fields_and_marks_what_is_not_proven(golden):
    """G5: every field is there, and unproven numbers are marked so."""
    fields = golden.to_atrs()["fields"]

    assert [each["number"] for each in fields] == [each.number for each in ATRS_FIELDS]
    assert len(fields) == 56
    assert sum(not each["number_proven"] for each in fields) == 14


def test_37_fields_are_filled_or_drafted_and_19_are_left_to_the_authority(golden):
    record = golden.to_atrs()
    filled = [each for each in record["fields"] if each["value"]]

    assert len(filled) == 37
    assert tuple(record["open_questions"]) == AUTHORITY
    empty = [each["number"] for each in record["fields"] if each["value"] is None]
    assert tuple(empty) == AUTHORITY


def test_only_the_authority_fills_its_own_fields(golden):
    record = golden.to_atrs(authority={"0.2": "Example Council"})
    own = next(each for each in record["fields"] if each["number"] == "0.2")

    assert (own["status"], own["value"]) == ("the authority's own words", "Example Council")
    assert len(record["open_questions"]) == 18


def test_redaction_is_field_by_field_and_says_why(golden):
    """G5: a field may be left out, never without a reason."""
    record = golden.to_atrs(redact={"2.4.2.6": "Would help to game the list."})
    left = next(each for each in record["fields"] if each["number"] == "2.4.2.6")

    assert left["status"] == "redacted"
    assert left["value"] is None
    assert left["redacted_reason"] == "Would help to game the list."
    with pytest.raises(SettingError, match="1 of 1 field has no text"):
        golden.to_atrs(redact={"2.4.2.6": " "})


def test_number_that_is_no_field_is_refused(golden):
    with pytest.raises(SettingError, match="1 of 1 number is not of a field of ATRS"):
        golden.to_atrs(redact={"2.4.9": "why"})


def test_record_is_valid_by_our_schema(golden, tmp_path):
    golden.to_atrs(tmp_path / "atrs.json")
    written = json.loads((tmp_path / "atrs.json").read_text(encoding="utf-8"))

    import jsonschema  # a second to load

    jsonschema.Draft202012Validator(schema_of("atrs")).validate(written)
    assert written == golden.to_atrs()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_spreadsheet_rows_cannot_start_a_formula(golden, tmp_path, ending):
    path = tmp_path / f"atrs.{ending}"
    golden.to_atrs(path, authority={"0.2": "=1+1", "0.4": "@here", "1.3": "\x00-2"})
    read = pd.read_csv if ending == "csv" else pd.read_excel
    rows = read(path, dtype=str, keep_default_na=False)

    assert list(rows) == list(COLUMNS)
    assert len(rows) == 56
    texts = rows.to_numpy().ravel().tolist()
    assert not [text for text in texts if text[:1] in "=+-@\t\r" and text]
    assert "'=1+1" in texts


def test_record_is_made_of_the_publishable_view(golden):
    exact = next(each.cases for each in golden.data.periods if each.cases % 5)
    record = golden.to_atrs()
    said = " ".join(each["value"] or "" for each in record["fields"])

    assert record["card"] == golden.publishable().content_hash
    assert f"{exact:,}" not in said
