"""What case management systems write, in the words and codes of the standard.

Each function takes one spelling and gives the code, or None where it means nothing
to us; `cells.mapped` calls it once for each spelling.
"""

import json
import re

from fs_risk.records import codes

_ECLIPSE_SOURCES = {
    "INDFRC": "1A",
    "INDACQ": "1B",
    "INDSELF": "1C",
    "SCHOOLS": "2A",
    "EDUSERV": "2B",
    "HSERVGP": "3A",
    "HSERVHVSTR": "3B",
    "HSERVSNRSE": "3C",
    "HSERVPHSERV": "3D",
    "HSERVAE": "3E",
    "HSERVOTHR": "3F",
    "HOUSLA": "4",
    "LASERVSCR": "5A",
    "LASERVOINT": "5B",
    "LASERVEXT": "5C",
    "POLICE": "6",
    "OTHERLEG": "7",
    "OTHER": "8",
    "ANON": "9",
    "UNKNOWN": "10",
}
_SOURCE_WORDS = (
    (r"family|relative|carer", "1A"),
    (r"acquaintance|neighbour|child ?minder", "1B"),
    (r"\bself\b|child or young person", "1C"),
    (r"individual", "1D"),
    (r"early help", "5D"),
    (r"school nurse", "3C"),
    (r"health visitor", "3B"),
    (r"\bgp\b|general practi", "3A"),
    (r"primary health", "3D"),
    (r"a ?& ?e\b|accident|emergency department", "3E"),
    (r"school", "2A"),
    (r"education", "2B"),
    (r"health|hospi", "3F"),
    (r"housing", "4"),
    (r"(external|other|another) (la\b|local authority)|la services.*external", "5C"),
    (r"social care|adult services", "5A"),
    (r"la services|local authority|youth offending|youth justice", "5B"),
    (r"police", "6"),
    (r"court|probation|immigration|cafcass|prison|legal", "7"),
    (r"anonymous", "9"),
    (r"unknown|not known", "10"),
    (r"other|voluntary|independent|children'?s cent", "8"),
)
_LEGAL_WORDS = (
    (r"interim care order", "C1"),
    (r"full care order|^care order", "C2"),
    (r"freeing", "D1"),
    (r"placement order", "E1"),
    (r"when agreements are recorded|agreement", "V4"),
    (r"short[- ]?(term )?break|respite|agreed series", "V3"),
    (r"section ?20\b|\bs\.? ?20\b|single period", "V2"),
    (r"police protection", "L1"),
    (r"emergency protection", "L2"),
    (r"child assessment order", "L3"),
    (r"remand", "J1"),
    (r"\bpace\b|police and criminal evidence", "J2"),
    (r"youth rehabilitation", "J3"),
)
_CATEGORY_WORDS = (
    (r"neglect", "NEG"),
    (r"physical", "PHY"),
    (r"sexual", "SAB"),
    (r"emotional", "EMO"),
)
_OUTCOME_WORDS = (
    (r"existing|open case", "existing"),
    (r"early help|\beh\b", "early_help"),
    (r"cin referral|referral to (children|social)|new referral|^referral", "referral"),
    (r"information|advice", "information"),
    (r"no further action|\bnfa\b", "no_further_action"),
)
_CONTACT_FLAGS = (
    ("NEW_REFERRAL_FLAG", "referral"),
    ("CP_ENQUIRY_FLAG", "referral"),
    ("EXISTING_REFERRAL_FLAG", "existing"),
    ("ADVICE_FLAG", "information"),
    ("NFA_FLAG", "no_further_action"),
)
_START_WORDS = (
    (r"started to be looked after|^start", "S"),
    (r"legal status.*placement.*carer|both", "B"),
    (r"legal status.*placement", "U"),
    (r"legal status", "L"),
    (r"same carer", "T"),
    (r"placement", "P"),
)
_SEXES = {"male": "M", "female": "F", "i": "U", "unknown": "U", "indeterminate": "U"}
_GENDERS = {"1": "M", "2": "F", "0": "U", "9": "U", "01": "M", "02": "F", "00": "U", "09": "U"}
_ETHNICITY_TYPOS = {"CNHE": "CHNE", "ORAB": "OOTH"}
_ETHNICITIES = {
    re.sub(r"[^a-z]", "", name.lower()): code for code, name in codes.ETHNICITIES.items()
}
_FLAG = re.compile(
    r'"(\w+)"\s*:\s*(?:"(Y|N|Yes|No|true|false|1|0)"|(true|false|1|0))', re.IGNORECASE
)
_LEADING_CODE = re.compile(r"\s*([A-Z]{1,2}\d{1,2}[A-Z]?|[A-Z])\s*(?:[-:–)]|$)")
_YES = frozenset({"y", "yes", "true", "1"})
_NO_FURTHER_ACTION = re.compile(r"no further action|\bnfa\b", re.IGNORECASE)
_CONFERENCE = re.compile(r"conference|\bicpc\b", re.IGNORECASE)


def is_eclipse_source(text: str) -> bool:
    """Say whether a contact source is one of Eclipse's alphabetic codes."""
    return text.strip().upper() in _ECLIPSE_SOURCES


def source(text: str) -> str | None:
    """Give the code of a referral or contact source from Eclipse's codes or words."""
    return _ECLIPSE_SOURCES.get(text.upper()) or _first(text, _SOURCE_WORDS)


def abuse_category(text: str) -> str | None:
    """Give the code of a category of abuse; several, or "multiple", are MUL."""
    found = [code for pattern, code in _CATEGORY_WORDS if re.search(pattern, text, re.IGNORECASE)]
    if len(found) > 1 or re.search(r"multiple", text, re.IGNORECASE):
        return "MUL"
    return found[0] if found else None


def legal_status(text: str) -> str | None:
    """Give the code of a legal status; None for one that does not make a child looked after."""
    return leading_code(text, codes.LEGAL_STATUSES) or _first(text, _LEGAL_WORDS)


def start_reason(text: str) -> str | None:
    """Give the code of a reason for a new episode of care."""
    return leading_code(text, codes.CARE_START_REASONS) or _first(text, _START_WORDS)


def leading_code(text: str, known: dict[str, str]) -> str | None:
    """Give the code before a description ("RC7 - services ceased")."""
    found = _LEADING_CODE.match(text.upper())
    return found.group(1) if found and found.group(1) in known else None


def sex(text: str) -> str | None:
    """Give M, F or U."""
    plain = text.lower().removesuffix(".0")
    if plain.upper() in codes.SEXES:
        return plain.upper()
    return _SEXES.get(plain) or _GENDERS.get(plain)


def ethnicity(text: str) -> str | None:
    """Give the code of an ethnic group from a known typing error or its name."""
    typed = _ETHNICITY_TYPOS.get(text.upper())
    return typed or _ETHNICITIES.get(re.sub(r"[^a-z]", "", text.lower()))


def outcome_flags(text: str) -> dict[str, bool]:
    """Read the flags of an outcome, even of JSON that was cut or not escaped.

    Examples
    --------
    >>> outcome_flags('{"NFA_FLAG":"N","ADVICE_FLAG":"Y","COMMENTS":"said "no" a')
    {'NFA_FLAG': False, 'ADVICE_FLAG': True}
    """
    before_comments = text.partition('"COMMENTS"')[0]
    return {
        name.upper(): (quoted or bare).lower() in _YES
        for name, quoted, bare in _FLAG.findall(before_comments)
    }


def contact_outcome(text: str) -> str | None:
    """Give what was decided on a contact, from flags or words."""
    if not text.startswith("{"):
        return _first(text, _OUTCOME_WORDS) or "other"
    flags = outcome_flags(text)
    for name, outcome in _CONTACT_FLAGS:
        if flags.get(name):
            return outcome
    return "other" if any(flags.values()) else None


def no_further_action(text: str) -> bool | None:
    """Say whether an outcome was no further action; None where it does not tell."""
    if text.startswith("{"):
        return outcome_flags(text).get("NFA_FLAG")
    return bool(_NO_FURTHER_ACTION.search(text))


def conference_needed(text: str) -> bool | None:
    """Say whether an enquiry found a conference necessary; None where it does not tell."""
    if text.startswith("{"):
        return outcome_flags(text).get("CP_CONFERENCE_FLAG")
    return bool(_CONFERENCE.search(text))


def plan_made(text: str) -> bool | None:
    """Say whether a conference's outcome was a plan; None where it does not tell."""
    return outcome_flags(text).get("CP_FLAG") if text.startswith("{") else None


def factor_codes(text: str) -> list[str]:
    """Read the factors of an assessment: an array, an object, a Python list or a comma list.

    Empty elements are left out; of an object, the codes that are answered yes.

    Examples
    --------
    >>> factor_codes('["1B", null, "03A"]'), factor_codes('{"2B":"Yes","4A":"No"}')
    (['1B', '3A'], ['2B'])
    >>> factor_codes("['4B','16A']"), factor_codes("1b, 16a")
    (['4B', '16A'], ['1B', '16A'])
    """
    if text.startswith("{"):
        return [_factor(code) for code, answer in (_object(text) or {}).items() if _is_yes(answer)]
    words = re.split(r"[\s,;\[\]'\"]+", text)
    return [_factor(word) for word in words if word and word.lower() not in ("null", "none", "nan")]


def is_broken_object(text: str) -> bool:
    """Say whether a text begins like an object of factors and none can be read from it.

    Examples
    --------
    >>> is_broken_object('{"1A": [1'), is_broken_object('{"1A": "No"}'), is_broken_object("{}")
    (True, False, False)
    """
    return text.startswith("{") and _object(text) is None


def _object(text: str) -> dict[str, object] | None:
    """Read an object, or the pairs that are left of a damaged one; None if there are none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return dict(re.findall(r'"(\w+)"\s*:\s*"(\w+)"', text)) or None
    return found if isinstance(found, dict) else None


def _is_yes(answer: object) -> bool:
    return str(answer).strip().lower() in _YES


def _factor(code: str) -> str:
    plain = code.strip().upper().removesuffix(".0")
    return plain if plain in codes.FACTORS else (plain.lstrip("0") or plain)


def _first(text: str, patterns: tuple[tuple[str, str], ...]) -> str | None:
    for pattern, code in patterns:
        if re.search(pattern, text, re.IGNORECASE):
            return code
    return None
