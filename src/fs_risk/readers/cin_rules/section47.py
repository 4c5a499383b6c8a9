"""Rules about section 47 enquiries and initial child protection conferences."""

import pandas as pd

from fs_risk.readers.cin_rules.census import (
    Census,
    more_than_one,
    no,
    outside,
    starts_during_earlier,
    yes,
)
from fs_risk.readers.cin_rules.registry import rule
from fs_risk.records.dates import add_working_days

CONFERENCE_WORKING_DAYS = 15
_START, _HELD, _TARGET = "S47ActualStartDate", "DateOfInitialCPC", "InitialCPCtarget"
_SATURDAY = 5


def _is_open(census: Census) -> pd.Series:
    frame = census["section47"]
    return frame[_HELD].isna() & ~yes(frame["ICPCnotRequired"])


@rule("2889", "section47", "The enquiry starts before the referral.", "Correct its start.")
def _enquiry_after_referral(census: Census) -> pd.Series:
    referred = census.outer("section47", "episodes", "CINreferralDate")
    return census["section47"][_START] < referred


_EARLY = "The initial conference is before the referral."
_EARLY_FIX = "Correct the date of the conference."


@rule("1104", "section47", _EARLY, _EARLY_FIX)
def _enquiry_conference_after_referral(census: Census) -> pd.Series:
    referred = census.outer("section47", "episodes", "CINreferralDate")
    return census["section47"][_HELD] < referred


@rule("1104", "episodes", _EARLY, _EARLY_FIX)
def _conference_after_referral(census: Census) -> pd.Series:
    episodes = census["episodes"]
    return episodes[_HELD] < episodes["CINreferralDate"]


@rule(
    "8615",
    "section47",
    "The enquiry starts after its conference.",
    "Correct one of the two dates.",
)
def _enquiry_before_conference(census: Census) -> pd.Series:
    return census["section47"][_START] > census["section47"][_HELD]


@rule(
    "8740",
    "section47",
    "An open enquiry started outside the census year.",
    "Complete it, or correct its start.",
)
def _open_enquiry_started_in_the_year(census: Census) -> pd.Series:
    return _is_open(census) & outside(census["section47"][_START], census)


_OUTSIDE = "The initial conference is outside the census year."


@rule("8715", "section47", _OUTSIDE, _EARLY_FIX)
def _enquiry_conference_in_the_year(census: Census) -> pd.Series:
    return outside(census["section47"][_HELD], census)


@rule("8715", "episodes", _OUTSIDE, _EARLY_FIX)
def _conference_in_the_year(census: Census) -> pd.Series:
    return outside(census["episodes"][_HELD], census)


@rule(
    "8675Q",
    "section47",
    "No conference was held within 15 working days though one is required.",
    "Give the conference's date, or say that it was not required.",
)
def _conference_within_15_days(census: Census) -> pd.Series:
    frame = census["section47"]
    due = add_working_days(frame[_START], CONFERENCE_WORKING_DAYS)
    return frame[_HELD].isna() & no(frame["ICPCnotRequired"]) & (due < census.end)


@rule(
    "8839",
    "section47",
    "The episode has more than one open enquiry.",
    "Complete the earlier one.",
)
def _one_open_enquiry(census: Census) -> pd.Series:
    return more_than_one(_is_open(census), census["section47"]["episodes"].to_numpy())


@rule("8890", "section47", "Enquiries of an episode overlap.", "Correct their dates.")
def _enquiries_are_apart(census: Census) -> pd.Series:
    frame = census["section47"]
    unneeded = frame[_HELD].isna() & yes(frame["ICPCnotRequired"])
    ended = frame[_HELD].where(~unneeded, frame[_START])
    return starts_during_earlier(frame[_START], ended, frame["episodes"].to_numpy())


@rule(
    "8868",
    "section47",
    "The case is closed and the enquiry is not finished.",
    "Give the conference's date, or say that it was not required.",
)
def _enquiry_finished_before_closure(census: Census) -> pd.Series:
    closed = census.outer("section47", "episodes", "CINclosureDate").notna()
    return closed & _is_open(census)


@rule(
    "2884",
    "section47",
    "The same conference stands in the enquiry and in the episode.",
    "Give it in the enquiry only.",
)
def _conference_in_one_place(census: Census) -> pd.Series:
    return census["section47"][_HELD] == census.outer("section47", "episodes", _HELD)


def _weekend(dates: pd.Series) -> pd.Series:
    return dates.notna() & (dates.dt.day_of_week >= _SATURDAY)


@rule("8875", "section47", "The initial conference is on a weekend.", _EARLY_FIX)
def _enquiry_conference_on_a_working_day(census: Census) -> pd.Series:
    return _weekend(census["section47"][_HELD])


@rule("8875", "episodes", "The initial conference is on a weekend.", _EARLY_FIX)
def _conference_on_a_working_day(census: Census) -> pd.Series:
    return _weekend(census["episodes"][_HELD])


@rule("8870Q", "section47", "The conference's target is on a weekend.", "Correct the target.")
def _target_on_a_working_day(census: Census) -> pd.Series:
    return _weekend(census["section47"][_TARGET])


@rule("2991Q", "section47", "The episode has an enquiry and no assessment.", "Add the assessment.")
def _enquiry_has_an_assessment(census: Census) -> pd.Series:
    assessed = census.any_within("episodes", "assessments")
    return ~assessed.take(census.positions("section47", "episodes")).set_axis(
        census["section47"].index
    )
