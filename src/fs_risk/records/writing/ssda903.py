"""Records written as the SSDA903 return: CSV files for each reporting year."""

from pathlib import Path

import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.records.dates import reporting_year
from fs_risk.records.layouts.ssda903 import CONTINUES, FILES, SEX_CODES, STARTS
from fs_risk.records.lookup import is_among, looked_up
from fs_risk.records.records import Records
from fs_risk.records.said_invented import SYNTHETIC_NOTE, SYNTHETIC_WORDS
from fs_risk.records.writing.csv_files import write_csv
from fs_risk.records.writing.mess import (
    Mess,
    as_floats,
    as_it_is,
    spaced,
    with_midnight,
    year_first,
)
from fs_risk.records.writing.spreadsheet import disarmed
from fs_risk.records.writing.ssd import episodes_of_care

FIRST_YEAR_OF_SEX_LETTERS = 2025
"""From 2024-25 on SEX is M, F or U."""

_ADULT_YEARS = 18
_OTHER_END = "E8"
_NUMBER_OF_SEX = {letter: number for number, letter in SEX_CODES.items()}
_BLANK_ROWS = 2


def write_ssda903(records: Records, folder: Path, messy_seed: int | None = None) -> list[Path]:
    """Write the header, episodes, unaccompanied and missing files of each year observed.

    A year's files hold the care that was open at any time in it, as known at its end:
    what ended later has no end there yet. SEX is 1 or 2 to 2023-24. Of a period without
    episodes one is written; an end without a reason is E8 where the period ends, X1
    where it goes on; an episode without a reason for beginning begins with S where the
    period does, else with P.

    What the return has no place for is not written: identifiers other than the child's,
    referrals, clocks, and children who were never in care.

    Parameters
    ----------
    records : Records
    folder : Path
        Made if it does not exist; files of the same names are replaced.
    messy_seed : int, optional
        Write them as exports come, the same way for the same seed: dates as in a
        database, spaces about ids, codes as floats, an encoding of Windows' own, empty
        rows at the end. By default clean.

    Returns
    -------
    list of Path
        The files, earliest year first.

    Raises
    ------
    RecordsError
        If care was not observed.

    References
    ----------
    .. [1] Department for Education, Children looked after return (SSDA903), guides to
       the collections of 2016-17 to 2025-26.
    """
    window = records.coverage["care_periods"] or records.coverage["care_episodes"]
    if window is None:
        raise RecordsError(
            "Care was not observed, and the return is made of it.",
            fix="Give records that hold care periods.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    mess = None if messy_seed is None else Mess(messy_seed)
    episodes = _episodes(records)
    written = []
    first = reporting_year(window.observed_from.date())
    for year in range(first, reporting_year(window.observed_to.date()) + 1):
        for name, frame in _year(records, episodes, year).items():
            path = folder / f"{name}_{year}.csv"
            write_csv(frame if mess is None else _messy(frame, mess), path, mess)
            written.append(path)
    if records.origin.kind == "synthetic":
        (folder / SYNTHETIC_NOTE).write_text(f"{SYNTHETIC_WORDS}\n", encoding="utf-8")
    return written


def _episodes(records: Records) -> pd.DataFrame:
    """Give all episodes with the reasons that the return needs, and the need."""
    every = episodes_of_care(records).sort_values(["child_id", "start_date", "end_date"])
    opens = ~every["care_period_id"].duplicated() | every["care_period_id"].isna()
    closes = ~every["care_period_id"].duplicated(keep="last")
    begun = every["start_reason"].fillna(pd.Series("P", index=every.index).mask(opens, STARTS))
    ended = every["end_reason"].fillna(
        pd.Series(CONTINUES, index=every.index).mask(closes, _OTHER_END)
    )
    needs = records["referrals"].set_index("referral_id")["primary_need"]
    return every.assign(
        start_reason=begun,
        end_reason=ended.where(every["end_date"].notna()),
        need=looked_up(every["referral_id"], needs),
    )


def _year(records: Records, episodes: pd.DataFrame, year: int) -> dict[str, pd.DataFrame]:
    start, end = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
    shown = _active(episodes, start, end)
    missing = _active(records["missing_episodes"], start, end)
    missing = missing[is_among(missing["child_id"], shown["child_id"])]
    children = records["children"]
    children = children[is_among(children["child_id"], shown["child_id"])]
    files = {
        "header": _header(children, year),
        "episodes": _rows(
            "episodes",
            CHILD=disarmed(shown["child_id"]),
            DECOM=_date(shown["start_date"]),
            RNE=shown["start_reason"],
            LS=shown["legal_status"],
            CIN=shown["need"],
            PLACE=shown["placement_type"],
            DEC=_date(shown["end_date"]),
            REC=shown["end_reason"],
        ),
        "missing": _rows(
            "missing",
            CHILD=disarmed(missing["child_id"]),
            DOB=_births(missing["child_id"], children),
            MISSING=pd.Series("M", index=missing.index, dtype="str"),
            MIS_START=_date(missing["start_date"]),
            MIS_END=_date(missing["end_date"]),
        ),
    }
    if children["unaccompanied"].notna().any():
        files["uasc"] = _uasc(children[children["unaccompanied"].fillna(False)], year)
    return files


def _active(frame: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Give what was open at any time in a year, with later ends still unknown."""
    shown = frame[(frame["start_date"] <= end) & ~(frame["end_date"] < start)].copy()
    over = shown["end_date"] <= end
    for column in ("end_date", "end_reason"):
        if column in shown:
            shown[column] = shown[column].where(over)
    return shown


def _header(children: pd.DataFrame, year: int) -> pd.DataFrame:
    return _rows(
        "header",
        CHILD=disarmed(children["child_id"]),
        SEX=_sex(children, year),
        DOB=_date(children["birth_date"]),
        ETHNIC=children["ethnicity"],
    )


def _uasc(children: pd.DataFrame, year: int) -> pd.DataFrame:
    ceases = children["birth_date"] + pd.DateOffset(years=_ADULT_YEARS)
    return _rows(
        "uasc",
        CHILD=disarmed(children["child_id"]),
        SEX=_sex(children, year),
        DOB=_date(children["birth_date"]),
        DUC=_date(ceases),
    )


def _sex(children: pd.DataFrame, year: int) -> pd.Series:
    letters = children["sex"]
    return letters if year >= FIRST_YEAR_OF_SEX_LETTERS else letters.map(_NUMBER_OF_SEX)


def _births(child_ids: pd.Series, children: pd.DataFrame) -> pd.Series:
    return _date(looked_up(child_ids, children.set_index("child_id")["birth_date"]))


def _date(dates: pd.Series) -> pd.Series:
    return dates.dt.strftime("%d/%m/%Y").astype("str")


def _rows(name: str, **columns: pd.Series) -> pd.DataFrame:
    """Lay out a file: all its columns in order, those not given empty."""
    index = next(iter(columns.values())).index
    empty = pd.Series(pd.NA, index=index, dtype="str")
    return pd.DataFrame({each: columns.get(each, empty) for each in FILES[name].columns})


def _messy(frame: pd.DataFrame, mess: Mess) -> pd.DataFrame:
    frame = frame.reset_index(drop=True).astype("str")
    for column in frame.columns:
        values = frame[column]
        given = values.dropna()
        if len(given) and given.str.fullmatch(r"\d{2}/\d{2}/\d{4}").all():
            frame[column] = mess.one_of(
                [as_it_is, year_first, lambda part: with_midnight(year_first(part))], values
            )
        elif column == "CHILD":
            frame[column] = mess.one_of([as_it_is, spaced, _lower], values)
        elif column == "SEX":
            frame[column] = as_floats(values)
    blank = pd.DataFrame(pd.NA, index=range(_BLANK_ROWS), columns=frame.columns, dtype="str")
    return pd.concat([frame, blank], ignore_index=True)


def _lower(values: pd.Series) -> pd.Series:
    return values.str.lower()
