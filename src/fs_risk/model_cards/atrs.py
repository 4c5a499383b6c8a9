"""A card as the record of the Algorithmic Transparency Recording Standard, v4.0 (G5)."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from fs_risk.errors import SettingError, nearest
from fs_risk.model_cards.atrs_fields import ATRS_FIELDS, VERSION, AtrsField
from fs_risk.model_cards.atrs_text import atrs_texts
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.parts import Part
from fs_risk.records.counts_in_words import out_of
from fs_risk.records.writing.spreadsheet import disarmed

Status = Literal[
    "filled from the run",
    "drafted, for the authority to edit",
    "the authority's own words",
    "open question for the authority",
    "redacted",
]
_BY_FILL: dict[str, Status] = {
    "run": "filled from the run",
    "text": "drafted, for the authority to edit",
}
COLUMNS = ("number", "number proven", "name", "meaning", "status", "value", "redacted because")
_NOT_IN_A_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_CELL = 32_000


class AtrsEntry(Part):
    """One field of a record.

    Attributes
    ----------
    number, name, meaning : str
    number_proven : bool
        Whether the number is printed in a source of the standard.
    status : str
    value : str or None
        None for an open question and where redacted.
    redacted_reason : str or None
    """

    number: str
    name: str
    meaning: str
    number_proven: bool
    status: Status
    value: str | None
    redacted_reason: str | None = None


class AtrsRecord(Part):
    """A record: every field of the standard, filled, drafted, open or redacted.

    Attributes
    ----------
    standard, version : str
    card : str
        Content hash of the publishable card that it was made from.
    synthetic : bool
    fields : tuple of AtrsEntry
        All 56, in order.
    open_questions : tuple of str
        Numbers of the fields that only the authority can fill, and has not.
    """

    standard: Literal["ATRS"] = "ATRS"
    version: Literal["4.0"] = VERSION  # type: ignore[assignment]  # a constant of that value
    card: str
    synthetic: bool
    fields: tuple[AtrsEntry, ...] = Field(min_length=56, max_length=56)
    open_questions: tuple[str, ...]


def atrs_record(
    card: ModelCard, *, authority: Mapping[str, str], redact: Mapping[str, str]
) -> dict[str, Any]:
    """Fill the standard's record from a card.

    Parameters
    ----------
    card : ModelCard
        Its publishable view is used.
    authority : mapping of str to str
        The authority's own words, by field number.
    redact : mapping of str to str
        By field number, why it is left out.

    Returns
    -------
    dict
        As `AtrsRecord`.

    Raises
    ------
    SettingError
        If a number is no field of the standard, or a redaction has no reason.
    """
    _check_numbers(authority, "authority")
    _check_numbers(redact, "redact")
    published = card.publishable()
    texts = atrs_texts(published)
    entries = tuple(
        _entry(field, texts.get(field.number), authority.get(field.number), redact)
        for field in ATRS_FIELDS
    )
    record = AtrsRecord(
        card=published.content_hash,
        synthetic=card.synthetic,
        fields=entries,
        open_questions=tuple(
            each.number for each in entries if each.status == "open question for the authority"
        ),
    )
    made: dict[str, Any] = record.model_dump(mode="json")
    return made


def _entry(
    field: AtrsField, text: str | None, own: str | None, redact: Mapping[str, str]
) -> AtrsEntry:
    status, value = _stated(field, text, own)
    if field.number in redact:
        status, value = "redacted", None
    return AtrsEntry(
        number=field.number,
        name=field.name,
        meaning=field.meaning,
        number_proven=field.number_proven,
        status=status,
        value=value,
        redacted_reason=redact.get(field.number),
    )


def _stated(field: AtrsField, text: str | None, own: str | None) -> tuple[Status, str | None]:
    if own is not None and own.strip():
        return "the authority's own words", own
    if field.fill == "authority" or text is None:
        return "open question for the authority", None
    return _BY_FILL[field.fill], text


def _check_numbers(given: Mapping[str, str], where: str) -> None:
    known = [field.number for field in ATRS_FIELDS]
    unknown = [number for number in given if number not in known]
    if unknown:
        raise SettingError(
            f"{out_of(len(unknown), len(given), 'number')} not of a field of ATRS v{VERSION}."
            f"{nearest(unknown[0], known)}",
            where=where,
            fix="Give numbers such as 2.1.3, as in docs/reading_a_card.md.",
        )
    blank = [number for number, why in given.items() if not why.strip()]
    if blank:
        raise SettingError(
            f"{out_of(len(blank), len(given), 'field', does='has', do='have')} no text.",
            where=f"{where}, {', '.join(blank)}",
            fix="Say why each is left out, or what each is.",
        )


def write_atrs(record: Mapping[str, Any], path: str | Path) -> Path:
    """Write a record as JSON or, to ``.csv`` or ``.xlsx``, as spreadsheet rows.

    Parameters
    ----------
    record : mapping
    path : str or Path

    Returns
    -------
    Path
    """
    target = Path(path)
    if target.suffix.lower() in (".csv", ".xlsx"):
        rows = atrs_rows(record)
        write = _write_csv if target.suffix.lower() == ".csv" else _write_xlsx
        write(rows, target)
    else:
        text = AtrsRecord.model_validate(record).model_dump_json(indent=2) + "\n"
        target.write_bytes(text.encode())
    return target


def atrs_rows(record: Mapping[str, Any]) -> pd.DataFrame:
    """Give a record as spreadsheet rows; no cell can start a formula.

    Parameters
    ----------
    record : mapping

    Returns
    -------
    DataFrame of str
        ``number``, ``number proven``, ``name``, ``meaning``, ``status``, ``value``,
        ``redacted because``.
    """
    rows = [
        (
            each["number"],
            "yes" if each["number_proven"] else "no",
            each["name"],
            each["meaning"],
            each["status"],
            each["value"] or "",
            each["redacted_reason"] or "",
        )
        for each in record["fields"]
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
    cleaned = frame.apply(lambda column: column.str.replace(_NOT_IN_A_CELL, " ", regex=True))
    made: pd.DataFrame = cleaned.apply(lambda column: disarmed(column.str.slice(0, _LONGEST_CELL)))
    return made


def _write_csv(rows: pd.DataFrame, target: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.to_numpy().tolist())
    target.write_bytes(("\ufeff" + text.getvalue()).encode())


def _write_xlsx(rows: pd.DataFrame, target: Path) -> None:
    # Only here: no other form of a card needs a workbook.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    sheet.title = f"ATRS v{VERSION}"
    sheet.append(list(rows.columns))
    for row in rows.to_numpy().tolist():
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEFG", (10, 8, 28, 36, 26, 90, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    for line in sheet.iter_rows():
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    book.save(target)
