"""The values that Annex A's template prefers, for the codes of the standard.

References
----------
.. [1] Ofsted, Annex A template of August 2019, sheet "Codes_used", with the codes
   added since.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fs_risk.records import codes
from fs_risk.records.layouts.ssda903 import END_REASONS

_ETHNICITIES = (
    "WBRI WIRI WIRT WOTH WROM MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH BCRB BAFR BOTH CHNE OOTH "
    "REFU NOBT"
)
_SOURCES = {
    "a) 1A": "Individual",
    "b) 1B": "Individual",
    "c) 1C": "Individual",
    "d) 1D": "Individual",
    "e) 2A": "Schools",
    "f) 2B": "Education services",
    "g) 3A": "Health services",
    "h) 3B": "Health services",
    "i) 3C": "Health services",
    "j) 3D": "Health services",
    "k) 3E": "Health services",
    "l) 3F": "Health services",
    "m) 4": "Housing",
    "n) 5A": "LA services",
    "o) 5B": "LA services",
    "p) 5C": "LA services",
    "p1) 5D": "LA services",
    "q) 6": "Police",
    "r) 7": "Other legal agency",
    "s) 8": "Other",
    "t) 9": "Anonymous",
    "u) 10": "Unknown",
}
_ENDS = "E11 E12 E2 E3 E4A E4B E13 E41 E45 E46 E47 E48 E5 E6 E7 E9 E14 E15 E16 E8"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _described(known: Mapping[str, str], sign: str) -> dict[str, str]:
    return {code: f"{code}{sign} {text.capitalize()}" for code, text in known.items()}


_LETTERED_ENDS = {
    code: f"{letter}) {code}: {END_REASONS[code].capitalize()}"
    for letter, code in zip(_LETTERS, _ENDS.split(), strict=False)
}

TEMPLATE_VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sex": {"M": "a) Male", "F": "b) Female", "U": "c) Not stated/recorded"},
        "ethnicity": {
            code: f"{letter}) {code}"
            for letter, code in zip(_LETTERS, _ETHNICITIES.split(), strict=False)
        },
        "source": {key.split()[1]: f"{key}: {group}" for key, group in _SOURCES.items()},
        "primary_need": _described(codes.PRIMARY_NEEDS, " -"),
        "close_reason": _described(codes.CLOSURE_REASONS, " -"),
        "category": {
            "NEG": "a) Neglect",
            "PHY": "b) Physical abuse",
            "SAB": "c) Sexual abuse",
            "EMO": "d) Emotional abuse",
            "MUL": "e) Multiple/not recommended",
        },
        "legal_status": _described(codes.LEGAL_STATUSES, ":"),
        "end_reason": {**_described(END_REASONS, ":"), **_LETTERED_ENDS, "E17": "v) E17"},
    }
)
"""For each kind of code, the template's value of each code."""

YES, NO = "a) Yes", "b) No"
