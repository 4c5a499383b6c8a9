"""Rules about assessments and the factors found at their end."""

import pandas as pd

from fs_risk.readers.cin_rules.census import (
    Census,
    more_than_one,
    outside,
    starts_during_earlier,
    upper,
)
from fs_risk.readers.cin_rules.registry import rule
from fs_risk.records import codes
from fs_risk.records.dates import add_working_days

ASSESSMENT_WORKING_DAYS = 45
SPLIT_ABUSE_FROM = pd.Timestamp(2021, 3, 31)
_START, _END = "AssessmentActualStartDate", "AssessmentAuthorisationDate"


def _factor_codes(census: Census) -> pd.Series:
    return upper(census["factors"]["AssessmentFactors"])


@rule(
    "1103",
    "assessments",
    "The assessment starts before the referral.",
    "Correct the start of the assessment.",
)
def _assessment_after_referral(census: Census) -> pd.Series:
    referred = census.outer("assessments", "episodes", "CINreferralDate")
    return census["assessments"][_START] < referred


@rule(
    "8608",
    "assessments",
    "The assessment starts after its authorisation.",
    "Correct one of the two dates.",
)
def _assessment_starts_before_it_ends(census: Census) -> pd.Series:
    return census["assessments"][_START] > census["assessments"][_END]


@rule(
    "8696",
    "assessments",
    "The assessment was authorised outside the census year.",
    "Correct the date, or remove the assessment.",
)
def _authorised_in_the_year(census: Census) -> pd.Series:
    return outside(census["assessments"][_END], census)


@rule(
    "8736",
    "assessments",
    "An assessment that is not finished started outside the census year.",
    "Give its authorisation date, or correct its start.",
)
def _unfinished_started_in_the_year(census: Census) -> pd.Series:
    frame = census["assessments"]
    return frame[_END].isna() & outside(frame[_START], census)


@rule(
    "8670Q",
    "assessments",
    "An assessment is unfinished after 45 working days.",
    "Give its authorisation date, if it is finished.",
)
def _finished_within_45_days(census: Census) -> pd.Series:
    frame = census["assessments"]
    due = add_working_days(frame[_START], ASSESSMENT_WORKING_DAYS)
    return frame[_END].isna() & (due < census.end)


@rule(
    "8863Q",
    "assessments",
    "Assessments of an episode overlap.",
    "Correct the dates of the assessments.",
)
def _assessments_are_apart(census: Census) -> pd.Series:
    frame = census["assessments"]
    return starts_during_earlier(frame[_START], frame[_END], frame["episodes"].to_numpy())


@rule(
    "8896",
    "assessments",
    "The episode has more than one open assessment.",
    "Give the authorisation date of the earlier one.",
)
def _one_open_assessment(census: Census) -> pd.Series:
    frame = census["assessments"]
    return more_than_one(frame[_END].isna(), frame["episodes"].to_numpy())


@rule(
    "8867",
    "assessments",
    "The case is closed and the assessment is not finished.",
    "Give the authorisation date, or correct the closure.",
)
def _finished_before_closure(census: Census) -> pd.Series:
    closed = census.outer("assessments", "episodes", "CINclosureDate").notna()
    return closed & census["assessments"][_END].isna()


@rule(
    "8614",
    "assessments",
    "Factors are given for an assessment that is not finished.",
    "Give the authorisation date, or remove the factors.",
)
def _factors_only_when_finished(census: Census) -> pd.Series:
    given = census.any_within("assessments", "factors", _factor_codes(census).notna())
    return census["assessments"][_END].isna() & given


@rule(
    "8897Q",
    "assessments",
    "A finished assessment has no valid factor.",
    "Give the factors, or 21 where none was found.",
)
def _finished_has_a_factor(census: Census) -> pd.Series:
    valid = _factor_codes(census).isin(list(codes.FACTORS))
    return census["assessments"][_END].notna() & ~census.any_within("assessments", "factors", valid)


@rule(
    "8869",
    "assessments",
    "Factor 21 (none found) stands with others.",
    "Remove 21, or the other factors.",
)
def _none_found_stands_alone(census: Census) -> pd.Series:
    factor = _factor_codes(census)
    none = census.any_within("assessments", "factors", factor == "21")
    other = census.any_within("assessments", "factors", factor.notna() & (factor != "21"))
    return none & other


@rule(
    "8873Q",
    "assessments",
    "The only assessment found no factor (21), and the case did not close with RC8 or RC9.",
    "Check the factors and the reason for closure.",
)
def _none_found_closes_the_case(census: Census) -> pd.Series:
    frame = census["assessments"]
    only = frame.groupby("episodes")["line"].transform("size") == 1
    none = census.any_within("assessments", "factors", _factor_codes(census) == "21")
    reason = upper(census.outer("assessments", "episodes", "ReasonForClosure"))
    return only & none & reason.notna() & ~reason.isin(["RC8", "RC9"])


@rule("8898", "factors", "A factor is repeated in its assessment.", "Give each factor once.")
def _factor_once(census: Census) -> pd.Series:
    factor = _factor_codes(census)
    pairs = pd.DataFrame({"assessment": census["factors"]["assessments"], "code": factor})
    return factor.notna() & pairs.duplicated()


_RETIRED = "is no longer used."
_RETIRED_FIX = "Give the code for child on child or adult on child."


@rule("8945Q", "factors", f"Factor 18A (physical abuse) {_RETIRED}", _RETIRED_FIX)
def _physical_abuse_is_split(census: Census) -> pd.Series:
    return (_factor_codes(census) == "18A") & (census.end >= SPLIT_ABUSE_FROM)


@rule("8950Q", "factors", f"Factor 19A (sexual abuse) {_RETIRED}", _RETIRED_FIX)
def _sexual_abuse_is_split(census: Census) -> pd.Series:
    return (_factor_codes(census) == "19A") & (census.end >= SPLIT_ABUSE_FROM)
