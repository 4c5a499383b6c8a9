"""The Standard Safeguarding Dataset as case management systems fill it."""

from collections.abc import Mapping

import pandas as pd

from fs_risk.records.lookup import is_among
from fs_risk.records.writing.mess import Mess, as_floats, as_it_is, day_first, spaced, with_midnight

PLACEHOLDER_DATES = ("1900-01-01", "1900/01/01", "01/01/1900")
PLACEHOLDER_WORDS = ("NULL", "SSD_PH", "PLACEHOLDER_DATA")
NO_ID = "-1"

_DATE = r"\d{4}-\d{2}-\d{2}"
_MISPLACED_PUPIL, _MISPLACED_NHS = "Z999000000000", "9990000000"
_FLAGS = (
    {"Y": "Y", "N": "N"},
    {"Y": "Yes", "N": "No"},
    {"Y": "1", "N": "0"},
    {"Y": "true", "N": "false"},
    {"Y": "TRUE", "N": "FALSE"},
)
_NONE_FOUND = '["21"]'
_FACTORS = "cinf_assessment_factors_json"


def messy_tables(frames: Mapping[str, pd.DataFrame], mess: Mess) -> dict[str, pd.DataFrame]:
    """Write the dataset's tables as systems do.

    Dates with the time of day or day first; 1900 for no date, words or -1 for nothing;
    flags in five spellings; whole-number ids as floats, spaces about words; a pupil
    number and an NHS number where they do not belong (both are of no child); rows of
    persons that stand there twice; factors as Eclipse writes them: arrays with null
    elements, and 21 where every field is empty, so that a true 21 cannot be told.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Of text, by name.
    mess : Mess

    Returns
    -------
    dict of str to DataFrame
    """
    written = dict(frames)
    if "ssd_assessment_factors" in frames and "ssd_cin_assessments" in frames:
        written["ssd_assessment_factors"] = _as_eclipse(
            frames["ssd_assessment_factors"], frames["ssd_cin_assessments"], mess
        )
    return {name: _messy_table(name, frame, mess) for name, frame in written.items()}


def _messy_table(name: str, frame: pd.DataFrame, mess: Mess) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    if name == "ssd_person":
        frame = _identifiers_misplaced(frame, mess)
    for column in frame.columns:
        if not column.endswith("_json"):
            frame[column] = _messy(column, frame[column], mess)
    if name == "ssd_person":
        frame = pd.concat([frame, frame[mess.cells(frame["pers_person_id"], 0.03)]])
    return frame.reset_index(drop=True)


def _messy(column: str, values: pd.Series, mess: Mess) -> pd.Series:
    given = values.dropna()
    if column.endswith(("_date", "_dob")):
        values = mess.one_of([as_it_is, with_midnight, day_first], values)
        return mess.filled(values, PLACEHOLDER_DATES, 0.5)
    if len(given) and given.isin(["Y", "N"]).all():
        flags = [lambda part, words=words: part.map(words) for words in _FLAGS]
        return mess.one_of(flags, values)
    if column.endswith("_id"):
        return mess.filled(as_floats(values), [NO_ID], 0.2)
    if column.endswith("_team"):
        values = mess.one_of([as_it_is, spaced], values)
    return mess.filled(values, PLACEHOLDER_WORDS, 0.5)


def _identifiers_misplaced(frame: pd.DataFrame, mess: Mess) -> pd.DataFrame:
    for column, wrong in (
        ("pers_upn_unknown", _MISPLACED_PUPIL),
        ("pers_single_unique_id", _MISPLACED_NHS),
    ):
        here = mess.cells(frame[column], 0.5)
        frame[column] = frame[column].mask(here, wrong)
    return frame


def _as_eclipse(factors: pd.DataFrame, assessments: pd.DataFrame, mess: Mess) -> pd.DataFrame:
    ended = assessments["cina_assessment_auth_date"].notna()
    ids = assessments.loc[ended, "cina_assessment_id"]
    silent = ids[~is_among(ids, factors["cinf_assessment_id"])]
    false = pd.DataFrame(
        {
            "cinf_table_id": silent.array,
            "cinf_assessment_id": silent.array,
            _FACTORS: _NONE_FOUND,
        }
    )
    every = pd.concat([factors, false], ignore_index=True)
    some = mess.cells(every[_FACTORS], 0.5) & (every[_FACTORS] != _NONE_FOUND).to_numpy(dtype=bool)
    every[_FACTORS] = every[_FACTORS].where(
        ~some, every[_FACTORS].str.removesuffix("]") + ", null]"
    )
    return every.astype("str")
