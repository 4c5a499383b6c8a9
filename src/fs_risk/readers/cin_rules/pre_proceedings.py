"""Rules of module 5: pre-proceedings and family group decision-making (from 2026-27)."""

import pandas as pd

from fs_risk.readers.cin_rules.census import Census, outside, yes
from fs_risk.readers.cin_rules.registry import rule

MODULE_FROM = pd.Timestamp(2027, 3, 31)


@rule(
    "9005",
    "pre_proceedings",
    "Pre-proceedings do not start in the census year.",
    "Correct the start, or remove the record.",
)
def _starts_in_the_year(census: Census) -> pd.Series:
    started = census["pre_proceedings"]["PPStartDate"]
    return started.isna() | outside(started, census)


@rule(
    "9012",
    "pre_proceedings",
    "The application to court is outside the census year or before the step decision.",
    "Correct one of the dates.",
)
def _court_after_decision(census: Census) -> pd.Series:
    frame = census["pre_proceedings"]
    applied = frame["CourtAppDate"]
    return outside(applied, census) | (applied < frame["StepDecisionDate"])


@rule(
    "9010Q",
    "pre_proceedings",
    "A family group meeting was offered, and it is not said whether it took place.",
    "Say whether it took place.",
)
def _offered_meeting_is_answered(census: Census) -> pd.Series:
    frame = census["pre_proceedings"]
    return yes(frame["FGDMMeetingOffer"]) & frame["FGDMMeetingFac"].isna()


@rule(
    "9015Q",
    "pre_proceedings",
    "A first meeting was held, and the number of reviews is missing.",
    "Give the number, 0 if there was none.",
)
def _reviews_are_counted(census: Census) -> pd.Series:
    frame = census["pre_proceedings"]
    return frame["InitialPPMeetingDate"].notna() & frame["ReviewMeetingsCount"].isna()


@rule(
    "8995Q",
    "header",
    "The file holds no pre-proceedings at all.",
    "Check that module 5 was exported.",
)
def _module_is_there(census: Census) -> bool:
    return bool(census.end >= MODULE_FROM) and census["pre_proceedings"].empty


@rule(
    "9000Q",
    "header",
    "No pre-proceedings have a start date.",
    "Check that module 5 was exported in full.",
)
def _module_has_starts(census: Census) -> bool:
    frame = census["pre_proceedings"]
    return not frame.empty and bool(frame["PPStartDate"].isna().all())
