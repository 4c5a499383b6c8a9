"""Rules about the child: identifier, dates of birth, sex, ethnicity, disability."""

import pandas as pd

from fs_risk.readers.cin_rules.census import Census, no, upper
from fs_risk.readers.cin_rules.registry import rule
from fs_risk.records import codes

LONGEST_CHILD_ID = 20
OLDEST = 25
_PREGNANCY_DAYS = 280
_EXPECTED_FROM_DAYS, _EXPECTED_TO_MONTHS = -30, 9


@rule("8500", "children", "The child has no LAchildID.", "Give each child the authority's id.")
def _child_id_present(census: Census) -> pd.Series:
    return census["children"]["LAchildID"].isna()


@rule("8510", "children", "The LAchildID stands more than once.", "Merge the child's records.")
def _child_id_once(census: Census) -> pd.Series:
    ids = upper(census["children"]["LAchildID"])
    return ids.notna() & ids.duplicated(keep=False)


@rule("1570", "children", "The LAchildID is longer than 20 characters.", "Shorten the id.")
def _child_id_length(census: Census) -> pd.Series:
    ids = census["children"]["LAchildID"].str.strip()
    return (ids.str.len() > LONGEST_CHILD_ID) & census.has_sex


@rule(
    "1580",
    "children",
    "The LAchildID holds more than letters and digits.",
    "Use letters and digits only.",
)
def _child_id_letters_and_digits(census: Census) -> pd.Series:
    ids = census["children"]["LAchildID"].str.strip()
    return ids.notna() & ~ids.str.fullmatch("[A-Za-z0-9]*").fillna(True) & census.has_sex


@rule(
    "8520",
    "children",
    "The date of birth is after the census year.",
    "Correct it, or give it as the expected date of birth.",
)
def _born_by_the_end(census: Census) -> pd.Series:
    return census["children"]["PersonBirthDate"] > census.end


@rule(
    "8525Q",
    "children",
    "Either the date of birth or the expected date of birth is needed, and not both.",
    "Give one of the two.",
)
def _one_date_of_birth(census: Census) -> pd.Series:
    children = census["children"]
    return children["PersonBirthDate"].notna() == children["ExpectedPersonBirthDate"].notna()


@rule(
    "8530Q",
    "children",
    "The expected date of birth is not within 30 days before to 9 months after the year's end.",
    "Correct it, or give the date of birth of a child who has been born.",
)
def _expected_birth_is_near(census: Census) -> pd.Series:
    expected = census["children"]["ExpectedPersonBirthDate"]
    if pd.isna(census.end):
        return expected.isna() & False
    first = census.end + pd.Timedelta(days=_EXPECTED_FROM_DAYS)
    last = census.end + pd.DateOffset(months=_EXPECTED_TO_MONTHS)
    return (expected < first) | (expected > last)


@rule("4180", "children", "Sex is missing or not a valid code.", "Give M, F or U.")
def _sex_is_valid(census: Census) -> pd.Series:
    children = census["children"]
    if census.has_sex:
        return ~upper(children["Sex"]).isin(list(codes.SEXES))
    return ~upper(children["GenderCurrent"]).isin(["0", "1", "2", "9"])


@rule("8750", "children", "The sex of an unborn child is given.", "Give U (earlier: 0).")
def _sex_of_the_unborn(census: Census) -> pd.Series:
    children = census["children"]
    unborn = children["PersonBirthDate"].isna() & children["ExpectedPersonBirthDate"].notna()
    sex = upper(children["Sex"]).fillna(upper(children["GenderCurrent"]))
    return unborn & sex.notna() & ~sex.isin(["U", "0"])


@rule("4220", "children", "Ethnicity is missing or not a valid code.", "Give a valid code.")
def _ethnicity_is_valid(census: Census) -> pd.Series:
    return ~upper(census["children"]["Ethnicity"]).isin(list(codes.ETHNICITIES))


@rule(
    "8540",
    "children",
    "Disability is missing.",
    "Give NONE where the child has no disability.",
)
def _disability_present(census: Census) -> pd.Series:
    children = census["children"]
    assessed = census.any_within("children", "episodes", no(census["episodes"]["ReferralNFA"]))
    born = children["PersonBirthDate"].notna()
    return born & assessed & ~census.any_within("children", "disabilities")


@rule("8540", "disabilities", "Disability is not a valid code.", "Give a valid code.")
def _disability_is_valid(census: Census) -> pd.Series:
    return ~upper(census["disabilities"]["Disability"]).isin(list(codes.DISABILITIES))


@rule(
    "8790",
    "children",
    "Disability NONE stands with others.",
    "Remove NONE, or the other codes.",
)
def _none_stands_alone(census: Census) -> pd.Series:
    none = upper(census["disabilities"]["Disability"]) == "NONE"
    other = census["disabilities"]["Disability"].notna() & ~none
    return census.any_within("children", "disabilities", none) & census.any_within(
        "children", "disabilities", other
    )


@rule("8794", "disabilities", "A disability is repeated.", "Give each code once.")
def _disability_once(census: Census) -> pd.Series:
    frame = census["disabilities"]
    code = upper(frame["Disability"])
    return code.notna() & pd.DataFrame({"child": frame["children"], "code": code}).duplicated()


@rule("8590", "children", "The child has no CIN episode.", "Add the episode, or remove the child.")
def _child_has_an_episode(census: Census) -> pd.Series:
    return ~census.any_within("children", "episodes")


@rule("8775Q", "children", "The person is older than 25.", "Check the date of birth.")
def _not_older_than_25(census: Census) -> pd.Series:
    birth = census["children"]["PersonBirthDate"]
    if pd.isna(census.end):
        return birth.isna() & False
    return birth < census.end - pd.DateOffset(years=OLDEST)


@rule(
    "8606",
    "episodes",
    "The referral is more than 280 days before the (expected) birth.",
    "Correct the referral date or the date of birth.",
)
def _referral_within_pregnancy(census: Census) -> pd.Series:
    birth = census.outer("episodes", "children", "PersonBirthDate")
    expected = census.outer("episodes", "children", "ExpectedPersonBirthDate")
    earliest = birth.fillna(expected) - pd.Timedelta(days=_PREGNANCY_DAYS)
    return census["episodes"]["CINreferralDate"] < earliest
