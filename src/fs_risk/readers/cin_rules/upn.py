"""Rules about the unique pupil number. It is checked and not kept."""

import numpy as np
import pandas as pd

from fs_risk.readers.cin_rules.census import Census, no, upper
from fs_risk.readers.cin_rules.registry import rule

_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_VALUES = np.zeros(256, dtype=np.int64)
_VALUES[[ord(digit) for digit in "0123456789"]] = range(10)
_VALUES[[ord(letter) for letter in _CHECK_LETTERS]] = range(len(_CHECK_LETTERS))
_WELL_FORMED = r"[A-Z]\d{11}[0-9A-Z]"
_SCHOOL_AGE = 6
_REASONS_AT_SCHOOL_AGE = ("UN2", "UN3", "UN4", "UN5", "UN6", "UN7")


def check_letters(upns: pd.Series) -> pd.Series:
    """Work out the check letter of well-formed pupil numbers.

    Parameters
    ----------
    upns : Series of str
        Each a letter, eleven digits, and a digit or one of 23 letters.

    Returns
    -------
    Series of str

    References
    ----------
    .. [1] Department for Education, Unique pupil numbers: guide.

    Examples
    --------
    >>> check_letters(pd.Series(["H801200001001"])).to_list()
    ['H']
    """
    characters = np.array(upns.to_list(), dtype="S13").view(np.uint8).reshape(-1, 13)
    remainder = (_VALUES[characters[:, 1:]] @ np.arange(2, 14)) % len(_CHECK_LETTERS)
    return pd.Series([_CHECK_LETTERS[n] for n in remainder], index=upns.index, dtype="str")


@rule("1510", "children", "The UPN's check letter is wrong.", "Correct the UPN.")
def _check_letter_is_right(census: Census) -> pd.Series:
    upns = upper(census["children"]["UPN"])
    formed = upns.str.fullmatch(_WELL_FORMED).fillna(False).astype(bool)
    wrong = pd.Series(False, index=upns.index)
    if formed.any():
        wrong[formed] = upns[formed].str[0] != check_letters(upns[formed])
    return wrong


@rule("1520", "children", "Children have the same UPN.", "Correct the UPN, or merge the records.")
def _upn_is_one_childs(census: Census) -> pd.Series:
    upns = upper(census["children"]["UPN"])
    return upns.notna() & upns.duplicated(keep=False)


@rule("1540", "children", "Characters 5 to 12 of the UPN are not digits.", "Correct the UPN.")
def _upn_digits(census: Census) -> pd.Series:
    upns = upper(census["children"]["UPN"])
    return upns.notna() & ~upns.str[4:12].str.fullmatch(r"\d{8}").fillna(False)


@rule("1550", "children", "Character 13 of the UPN is not valid.", "Correct the UPN.")
def _upn_last_character(census: Census) -> pd.Series:
    upns = upper(census["children"]["UPN"])
    valid = upns.str[12].fillna("").isin(list("0123456789" + _CHECK_LETTERS))
    return upns.notna() & ~valid


@rule("1560Q", "children", "The former UPN is not well formed.", "Correct the former UPN.")
def _former_upn(census: Census) -> pd.Series:
    former = upper(census["children"]["FormerUPN"])
    return former.notna() & ~former.str.fullmatch(_WELL_FORMED).fillna(False)


@rule(
    "8770Q",
    "children",
    "Neither a UPN nor a reason is given for a child of school age.",
    "Give the UPN, or the reason why it is unknown.",
)
def _upn_at_school_age(census: Census) -> pd.Series:
    children = census["children"]
    if pd.isna(census.end):
        return children["UPN"].isna() & False
    old = children["PersonBirthDate"] < census.end - pd.DateOffset(years=_SCHOOL_AGE)
    assessed = census.any_within("children", "episodes", no(census["episodes"]["ReferralNFA"]))
    reason = upper(children["UPNunknown"]).isin(list(_REASONS_AT_SCHOOL_AGE))
    return old & assessed & children["UPN"].isna() & ~reason


@rule(
    "8772",
    "children",
    "UN7 is given though not all referrals ended with no further action.",
    "Give the UPN, or another reason.",
)
def _un7_only_without_action(census: Census) -> pd.Series:
    taken_on = census.any_within("children", "episodes", no(census["episodes"]["ReferralNFA"]))
    return (upper(census["children"]["UPNunknown"]) == "UN7") & taken_on
