"""Records written as Ofsted's Annex A workbook."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.layouts.annex_a import LISTS, MONTHS, UNBORN_AGE
from fs_risk.records.layouts.annex_a_codes import NO, TEMPLATE_VALUES, YES
from fs_risk.records.layouts.annex_a_list import AnnexAList
from fs_risk.records.lookup import looked_up
from fs_risk.records.records import Records
from fs_risk.records.said_invented import SYNTHETIC_SHEET, SYNTHETIC_WORDS
from fs_risk.records.writing.annex_a_sheets import clean_sheet, messy_sheet
from fs_risk.records.writing.mess import Mess
from fs_risk.records.writing.spreadsheet import disarmed

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"


def write_annex_a(records: Records, path: Path, messy_seed: int | None = None) -> Path:
    """Write a workbook with the template's eleven lists, as at the extract date.

    Lists 1 to 5 hold what happened in the six months up to the extract, and early help
    and assessments that are still open; lists 6 to 8 each child's latest episode, plan
    and period of care that is open or ended in these months. Referrals without further
    action are in list 3 alone. Lists 9 to 11, and columns that records do not hold
    (disability, visits, reviews, placements, workers, counters of the last 12 months,
    case status), are left empty. Text that a spreadsheet would take for a formula gets
    an apostrophe in front, which `read_annex_a` takes off again.

    Parameters
    ----------
    records : Records
    path : Path
        Ends in ``.xlsx``; replaced if it exists.
    messy_seed : int, optional
        Write it as authorities' workbooks are (`annex_a_mess`), the same way for the
        same seed; by default clean.

    Returns
    -------
    Path

    Raises
    ------
    SettingError
        If the path does not end in ``.xlsx``.

    References
    ----------
    .. [1] Ofsted, Annex A template of August 2019.
    """
    if path.suffix.lower() != ".xlsx":
        raise SettingError(
            "An Annex A workbook is written as .xlsx.", fix="Give a path that ends in .xlsx."
        )
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    mess = None if messy_seed is None else Mess(messy_seed)
    if records.origin.kind == "synthetic":
        book.create_sheet(SYNTHETIC_SHEET).append([SYNTHETIC_WORDS])
    for which in LISTS.values():
        build = _BUILDERS.get(which.number)
        frame = pd.DataFrame() if build is None else build(records)
        laid_out = clean_sheet if mess is None else partial(messy_sheet, mess=mess)
        title, rows = laid_out(which, _written(records, which, frame))
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def _first_day(records: Records) -> pd.Timestamp:
    day: pd.Timestamp = records.extract_date - pd.DateOffset(months=MONTHS) + pd.Timedelta(days=1)
    return day


def _recent(records: Records, days: pd.Series) -> pd.Series:
    return days >= _first_day(records)


def _going_on(records: Records, start: pd.Series, end: pd.Series) -> pd.Series:
    """Say which rows are open, or ended in the months before the extract."""
    return start.notna() & (end.isna() | _recent(records, end))


def _latest_of_child(frame: pd.DataFrame, start: str) -> pd.DataFrame:
    return frame.sort_values(start, kind="stable").groupby("child_id").tail(1)


def _contacts(records: Records) -> pd.DataFrame:
    contacts = records["contacts"]
    return contacts[_recent(records, contacts["contact_date"])]


def _early_help(records: Records) -> pd.DataFrame:
    frame = records["early_help"]
    shown = _recent(records, frame["start_date"])
    return frame[shown | _going_on(records, frame["start_date"], frame["end_date"])]


def _referrals(records: Records) -> pd.DataFrame:
    referrals = records["referrals"]
    return referrals[_recent(records, referrals["referral_date"])]


def _assessments(records: Records) -> pd.DataFrame:
    frame = records["assessments"]
    shown = _recent(records, frame["start_date"])
    return frame[shown | _going_on(records, frame["start_date"], frame["authorised_date"])]


def _enquiries(records: Records) -> pd.DataFrame:
    frame, conferences = records["section47"], records["conferences"]
    frame = frame[_recent(records, frame["start_date"])]
    by_enquiry = conferences.dropna(subset="section47_id").set_index("section47_id")
    return frame.assign(
        not_needed=~frame["conference_needed"],
        conference_date=looked_up(frame["section47_id"], by_enquiry["conference_date"]),
        plan_made=looked_up(frame["section47_id"], by_enquiry["plan_made"]),
    )


def _episodes(records: Records) -> pd.DataFrame:
    frame = records["referrals"]
    in_need = ~frame["no_further_action"].fillna(False).astype(bool)
    shown = in_need & _going_on(records, frame["referral_date"], frame["close_date"])
    return _latest_of_child(frame[shown], "referral_date")


def _plans(records: Records) -> pd.DataFrame:
    frame = records["cp_plans"]
    shown = _going_on(records, frame["start_date"], frame["end_date"])
    return _latest_of_child(frame[shown], "start_date")


def _care(records: Records) -> pd.DataFrame:
    frame = records["care_periods"]
    shown = _going_on(records, frame["start_date"], frame["end_date"])
    frame = _latest_of_child(frame[shown], "start_date")
    children = records["children"].set_index("child_id")
    known = frame["legal_status"].notna()
    return frame.assign(
        status_date=frame["start_date"].where(known),
        unaccompanied=looked_up(frame["child_id"], children["unaccompanied"]),
    )


_BUILDERS: dict[int, Callable[[Records], pd.DataFrame]] = {
    1: _contacts,
    2: _early_help,
    3: _referrals,
    4: _assessments,
    5: _enquiries,
    6: _episodes,
    7: _plans,
    8: _care,
}


def _written(records: Records, which: AnnexAList, frame: pd.DataFrame) -> pd.DataFrame:
    """Write a list's columns in the template's order and values."""
    if frame.empty:
        return pd.DataFrame()
    frame = _with_child(records, frame)
    columns = {
        column.name: _cells(frame[column.name], column.content)
        if column.name in frame
        else pd.Series(None, index=frame.index, dtype="object")
        for column in which.columns
    }
    return pd.DataFrame(columns)


def _with_child(records: Records, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what each list says of the child; an unborn child's age is -1."""
    children = records["children"].set_index("child_id")
    born = looked_up(frame["child_id"], children["birth_date"])
    expected = looked_up(frame["child_id"], children["expected_birth_date"])
    unborn = born.isna() & expected.notna()
    today = records.extract_date
    birthday_to_come = (born.dt.month > today.month) | (
        (born.dt.month == today.month) & (born.dt.day > today.day)
    )
    years = today.year - born.dt.year - birthday_to_come
    return frame.assign(
        sex=looked_up(frame["child_id"], children["sex"]),
        ethnicity=looked_up(frame["child_id"], children["ethnicity"]),
        birth_date=born.where(~unborn, expected),
        age=years.mask(unborn, UNBORN_AGE).astype("Int64"),
    )


def _cells(values: pd.Series, content: str) -> pd.Series:
    """Write a column as Excel cells: dates as dates, codes as the template's values."""
    if content in TEMPLATE_VALUES:
        values = values.map(dict(TEMPLATE_VALUES[content]))
    elif content in ("yes_no", "no_further_action"):
        values = values.map({True: YES, False: NO})
    elif content == "date":
        values = values.dt.date
    elif content in ("id", "text"):
        values = disarmed(values.str.replace(_CONTROL, "", regex=True))
    return values.astype("object").where(values.notna(), None)
