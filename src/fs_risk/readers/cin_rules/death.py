"""Rules about a child's death."""

import pandas as pd

from fs_risk.readers.cin_rules.census import Census, outside, upper
from fs_risk.readers.cin_rules.registry import rule

_FIX = "Correct the date of death, or the other date."


def _after_death(census: Census, block: str, column: str) -> pd.Series:
    return census[block][column] > census.outer(block, "children", "PersonDeathDate")


@rule("8535Q", "children", "The death is before the birth.", _FIX)
def _death_after_birth(census: Census) -> pd.Series:
    children = census["children"]
    return children["PersonDeathDate"] < children["PersonBirthDate"]


@rule("8545Q", "children", "The death is outside the census year.", "Check the date of death.")
def _death_in_the_year(census: Census) -> pd.Series:
    return outside(census["children"]["PersonDeathDate"], census)


@rule("8555Q", "episodes", "The referral is after the child's death.", _FIX)
def _referral_before_death(census: Census) -> pd.Series:
    return _after_death(census, "episodes", "CINreferralDate")


@rule(
    "8585Q",
    "episodes",
    "The episode closed with RC2 (died) and there is no date of death.",
    "Give the date of death, or another reason.",
)
def _died_has_a_date(census: Census) -> pd.Series:
    died = upper(census["episodes"]["ReasonForClosure"]) == "RC2"
    return died & census.outer("episodes", "children", "PersonDeathDate").isna()


@rule("4008", "cin_plans", "The CIN plan starts after the child's death.", _FIX)
def _cin_plan_starts_in_life(census: Census) -> pd.Series:
    return _after_death(census, "cin_plans", "CINPlanStartDate")


@rule("4009Q", "cin_plans", "The CIN plan ends after the child's death.", _FIX)
def _cin_plan_ends_in_life(census: Census) -> pd.Series:
    return _after_death(census, "cin_plans", "CINPlanEndDate")


@rule("8915", "cp_plans", "The child protection plan starts after the child's death.", _FIX)
def _cp_plan_starts_in_life(census: Census) -> pd.Series:
    return _after_death(census, "cp_plans", "CPPstartDate")


@rule("8920", "cp_plans", "The child protection plan ends after the child's death.", _FIX)
def _cp_plan_ends_in_life(census: Census) -> pd.Series:
    return _after_death(census, "cp_plans", "CPPendDate")
