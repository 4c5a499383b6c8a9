"""A census file as suppliers' systems write it."""

import re

from fs_risk.records.writing.mess import Mess

_DATE = re.compile(r">(\d{4})-(\d{2})-(\d{2})<")
_FLAG = re.compile(r">(true|false)<")
_NO_FACTORS = "        <FactorsIdentifiedAtAssessment></FactorsIdentifiedAtAssessment>\n"
_ASSESSMENT_END = "        </Assessments>\n"
_IDENTIFIERS_END = "      </ChildIdentifiers>\n"
_STRAY = "PersonBirthDate\n"
_FLAGS = {"true": ("true", "1", "True", "TRUE"), "false": ("false", "0", "False", "FALSE")}
_HEADER_END = "</Header>"


def messy_census(text: str, mess: Mess) -> bytes:
    """Write a clean file's text in the several ways that validate, or nearly so.

    Dates with a time of day; true and false in four spellings; a byte order mark; the
    word PersonBirthDate loose among a child's identifiers; an assessment without
    factors with an empty element for them.

    Parameters
    ----------
    text : str
    mess : Mess

    Returns
    -------
    bytes
        UTF-8.
    """
    header, end, body = text.partition(_HEADER_END)

    def date(found: re.Match[str]) -> str:
        plain = "-".join(found.groups())
        return (f">{plain}<", f">{plain}T00:00:00<")[mess.number(2)]

    def flag(found: re.Match[str]) -> str:
        spellings = _FLAGS[found.group(1)]
        return f">{spellings[mess.number(len(spellings))]}<"

    body = _FLAG.sub(flag, _DATE.sub(date, body))
    body = _at_times(body, _IDENTIFIERS_END, _STRAY, mess)
    body = _without_factors(body, mess)
    mark = "\ufeff" if mess.number(2) else ""
    return (mark + header + end + body).encode("utf-8")


def _at_times(text: str, before: str, added: str, mess: Mess) -> str:
    """Put something before one in five of the places where a line stands."""
    parts = text.split(before)
    joined = [parts[0]]
    for part in parts[1:]:
        joined += [added if mess.number(5) == 0 else "", before, part]
    return "".join(joined)


def _without_factors(text: str, mess: Mess) -> str:
    parts = text.split(_ASSESSMENT_END)
    joined = []
    for part in parts[:-1]:
        opened = part.rfind("<Assessments>")
        lacking = "<FactorsIdentifiedAtAssessment>" not in part[opened:]
        joined += [part, _NO_FACTORS if lacking and mess.number(2) else "", _ASSESSMENT_END]
    return "".join([*joined, parts[-1]])
