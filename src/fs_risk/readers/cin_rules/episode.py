"""Rules about the referral and the episode of need that follows it."""

import numpy as np
import pandas as pd

from fs_risk.readers.cin_rules.census import (
    Census,
    more_than_one,
    no,
    outside,
    starts_during_earlier,
    upper,
    yes,
)
from fs_risk.readers.cin_rules.registry import rule
from fs_risk.records import codes
from fs_risk.records.dates import working_calendar

SOURCES_ASKED_FROM = pd.Timestamp(2013, 4, 1)
_CLOSED_AFTER_ASSESSMENT = ("RC8", "RC9")


def _open_case(census: Census) -> pd.Series:
    episodes = census["episodes"]
    return episodes["CINclosureDate"].isna() & ~yes(episodes["ReferralNFA"])


@rule(
    "8600",
    "episodes",
    "The referral date is missing or after the census year.",
    "Correct the referral date.",
)
def _referral_by_the_end(census: Census) -> pd.Series:
    referred = census["episodes"]["CINreferralDate"]
    return referred.isna() | (referred > census.end)


@rule("8568", "episodes", "ReferralNFA is missing or neither true nor false.", "Give 0 or 1.")
def _nfa_present(census: Census) -> pd.Series:
    return census["episodes"]["ReferralNFA"].isna()


@rule("8866", "episodes", "The source of referral is missing or not valid.", "Give a valid code.")
def _source_is_valid(census: Census) -> pd.Series:
    episodes = census["episodes"]
    asked = ~(episodes["CINreferralDate"] < SOURCES_ASKED_FROM)
    return asked & ~upper(episodes["ReferralSource"]).isin(list(codes.REFERRAL_SOURCES))


@rule("8610", "episodes", "The primary need is missing.", "Give the code of the primary need.")
def _need_present(census: Census) -> pd.Series:
    episodes = census["episodes"]
    return no(episodes["ReferralNFA"]) & episodes["PrimaryNeedCode"].isna()


@rule("8650", "episodes", "The primary need is not a valid code.", "Give N0 to N9.")
def _need_is_valid(census: Census) -> pd.Series:
    need = upper(census["episodes"]["PrimaryNeedCode"])
    return need.notna() & ~need.isin(list(codes.PRIMARY_NEEDS))


@rule(
    "8569Q",
    "episodes",
    "A referral of an earlier year is given as ended with no further action.",
    "Remove it, or correct the flag.",
)
def _nfa_is_of_this_year(census: Census) -> pd.Series:
    episodes = census["episodes"]
    if pd.isna(census.start):
        return episodes["CINreferralDate"].isna() & False
    start = census.start.to_datetime64().astype("datetime64[D]")
    before = np.busday_offset(start, -1, roll="forward", busdaycal=working_calendar())
    return yes(episodes["ReferralNFA"]) & (episodes["CINreferralDate"] < pd.Timestamp(before))


@rule("8640", "episodes", "The reason for closure is not a valid code.", "Give RC1 to RC9.")
def _closure_reason_is_valid(census: Census) -> pd.Series:
    reason = upper(census["episodes"]["ReasonForClosure"])
    return reason.notna() & ~reason.isin(list(codes.CLOSURE_REASONS))


@rule("8620", "episodes", "The closure is outside the census year.", "Correct the closure date.")
def _closed_in_the_year(census: Census) -> pd.Series:
    return outside(census["episodes"]["CINclosureDate"], census)


@rule("8630", "episodes", "The closure is before the referral.", "Correct one of the two dates.")
def _closed_after_referral(census: Census) -> pd.Series:
    episodes = census["episodes"]
    return episodes["CINclosureDate"] < episodes["CINreferralDate"]


@rule("8805", "episodes", "A closure has no reason.", "Give the reason for closure.")
def _closure_has_a_reason(census: Census) -> pd.Series:
    episodes = census["episodes"]
    return episodes["CINclosureDate"].notna() & episodes["ReasonForClosure"].isna()


@rule("8810", "episodes", "A reason for closure has no date.", "Give the closure date.")
def _reason_has_a_date(census: Census) -> pd.Series:
    episodes = census["episodes"]
    return episodes["ReasonForClosure"].notna() & episodes["CINclosureDate"].isna()


@rule("8815", "episodes", "The child has more than one open episode.", "Close the earlier one.")
def _one_open_episode(census: Census) -> pd.Series:
    return more_than_one(_open_case(census), census.positions("episodes", "children"))


@rule("8816", "episodes", "An open episode is not the child's latest.", "Close the earlier one.")
def _open_episode_is_latest(census: Census) -> pd.Series:
    referred = census["episodes"]["CINreferralDate"]
    child = census.positions("episodes", "children")
    return _open_case(census) & (referred < referred.groupby(child).transform("max"))


@rule("8820", "episodes", "Episodes of a child overlap.", "Correct the dates of the episodes.")
def _episodes_are_apart(census: Census) -> pd.Series:
    episodes = census["episodes"]
    ended = episodes["CINclosureDate"]
    counted = ended.notna() | ~yes(episodes["ReferralNFA"])
    child = census.positions("episodes", "children")
    return starts_during_earlier(episodes["CINreferralDate"], ended, child, among=counted)


def _after_closure(census: Census, block: str, *columns: str) -> pd.Series:
    closed = census.outer(block, "episodes", "CINclosureDate")
    late = [census[block][column] > closed for column in columns]
    return pd.concat(late, axis=1).any(axis=1)


_LATE = "Activity is recorded after the case has closed."
_LATE_FIX = "Correct the closure date, or the other date."


@rule("8565", "episodes", _LATE, _LATE_FIX)
def _no_conference_after_closure(census: Census) -> pd.Series:
    return _after_closure(census, "episodes", "DateOfInitialCPC")


@rule("8565", "assessments", _LATE, _LATE_FIX)
def _no_assessment_after_closure(census: Census) -> pd.Series:
    dates = ("AssessmentActualStartDate", "AssessmentAuthorisationDate")
    return _after_closure(census, "assessments", *dates)


@rule("8565", "section47", _LATE, _LATE_FIX)
def _no_enquiry_after_closure(census: Census) -> pd.Series:
    return _after_closure(census, "section47", "S47ActualStartDate", "DateOfInitialCPC")


@rule("8565", "cp_plans", _LATE, _LATE_FIX)
def _no_cp_plan_after_closure(census: Census) -> pd.Series:
    return _after_closure(census, "cp_plans", "CPPstartDate", "CPPendDate")


@rule("8565", "cin_plans", _LATE, _LATE_FIX)
def _no_cin_plan_after_closure(census: Census) -> pd.Series:
    return _after_closure(census, "cin_plans", "CINPlanStartDate", "CINPlanEndDate")


@rule(
    "2990",
    "episodes",
    "An episode closed after assessment (RC8, RC9) has an enquiry, conference or plan.",
    "Correct the reason for closure, or remove what does not belong.",
)
def _closed_after_assessment_only(census: Census) -> pd.Series:
    episodes = census["episodes"]
    reason = upper(episodes["ReasonForClosure"]).isin(list(_CLOSED_AFTER_ASSESSMENT))
    held = episodes["DateOfInitialCPC"].notna()
    for block in ("section47", "cp_plans", "cin_plans"):
        held |= census.any_within("episodes", block)
    return reason & held


@rule(
    "8825Q",
    "episodes",
    "An episode closed after assessment (RC8, RC9) has no assessment.",
    "Add the assessment, or correct the reason.",
)
def _closed_after_an_assessment(census: Census) -> pd.Series:
    reason = upper(census["episodes"]["ReasonForClosure"])
    closed = reason.isin(list(_CLOSED_AFTER_ASSESSMENT))
    return closed & ~census.any_within("episodes", "assessments")


_ACTIVITY = "Activity is recorded on a referral that ended with no further action."
_ACTIVITY_FIX = "Correct the flag, or remove what does not belong."


@rule("4000", "episodes", "A CIN plan is on a referral with no further action.", _ACTIVITY_FIX)
def _nfa_has_no_cin_plan(census: Census) -> pd.Series:
    nfa = yes(census["episodes"]["ReferralNFA"])
    return nfa & census.any_within("episodes", "cin_plans")


@rule("8831", "episodes", _ACTIVITY, _ACTIVITY_FIX)
def _nfa_has_no_activity(census: Census) -> pd.Series:
    episodes = census["episodes"]
    active = episodes["DateOfInitialCPC"].notna()
    for block in ("assessments", "section47"):
        active |= census.any_within("episodes", block)
    return yes(episodes["ReferralNFA"]) & active


@rule(
    "8832",
    "episodes",
    "A child protection plan is on a referral with no further action.",
    _ACTIVITY_FIX,
)
def _nfa_has_no_cp_plan(census: Census) -> pd.Series:
    nfa = yes(census["episodes"]["ReferralNFA"])
    return nfa & census.any_within("episodes", "cp_plans")
