"""Rules about the file as a whole; they point at its header."""

import pandas as pd

from fs_risk.readers.cin_rules.census import Census, outside, upper
from fs_risk.readers.cin_rules.registry import rule
from fs_risk.records import codes

MOST_UNKNOWN_SEX = 0.02
FEWEST_DISABILITY_CODES = 8


@rule(
    "100",
    "header",
    "The reference date is missing or not a 31 March.",
    "Give the last day of the census year.",
)
def _reference_date_is_right(census: Census) -> bool:
    return pd.isna(census.end) or (census.end.month, census.end.day) != (3, 31)


@rule(
    "2883",
    "header",
    "More child protection plans start in the year than initial conferences were held.",
    "Add the missing conferences.",
)
def _plans_need_conferences(census: Census) -> bool:
    started = census["cp_plans"]["CPPstartDate"].dropna()
    held = census.conferences["date"]
    n_started = int((~outside(started, census)).sum())
    return n_started > int((~outside(held, census)).sum())


@rule(
    "2886Q",
    "header",
    "The sex of more than 2 per cent of children is unknown.",
    "Check how sex is recorded.",
)
def _few_of_unknown_sex(census: Census) -> bool:
    children = census["children"]
    born = children["PersonBirthDate"].notna()
    sex = upper(children["Sex"]).fillna(upper(children["GenderCurrent"]))
    unknown = sex[born].isin(["U", "0"])
    return bool(len(unknown)) and bool(unknown.mean() > MOST_UNKNOWN_SEX)


@rule(
    "2887Q",
    "header",
    "Fewer than 8 different disability codes are used.",
    "Check how disability is recorded.",
)
def _many_disability_codes(census: Census) -> bool:
    used = upper(census["disabilities"]["Disability"])
    n_used = int(used[used.isin(list(codes.DISABILITIES))].nunique())
    return n_used < FEWEST_DISABILITY_CODES


@rule(
    "2888Q",
    "header",
    "No child has more than one disability.",
    "Record all of a child's disabilities.",
)
def _several_disabilities(census: Census) -> bool:
    frame = census["disabilities"]
    disabled = frame[~upper(frame["Disability"]).isin(["NONE"])]
    return not disabled.empty and int(disabled.groupby("children").size().max()) == 1
