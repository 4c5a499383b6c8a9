"""What the service may be asked: strictly what the description says, and nothing repeated."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from fs_risk.records.codes import REFERRAL_SOURCES
from fs_risk.records.counts_in_words import count_of
from fs_risk.triage.prioritise import Purpose
from fs_risk.triage.referral import DATES_AT_ODDS, Referral
from fs_risk.triage.service_answers import Refused

MOST_REFERRALS = 1_000
"""Referrals of one list: a large authority's month."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _whole_day(value: Any) -> Any:
    """Read yyyy-mm-dd and nothing else: no time, no number, no other order."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    return None if value is None else "not a day"


def _whole(value: Any) -> Any:
    """Take 9.0 for 9, as JSON does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Identifier = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Day = Annotated[date, BeforeValidator(_whole_day)]
Source = Annotated[
    str | None,
    WithJsonSchema({"anyOf": [{"enum": sorted(REFERRAL_SOURCES)}, {"type": "null"}]}),
]
Capacity = Annotated[
    Annotated[int, Field(strict=True, ge=1, le=100_000)]
    | Annotated[float, Field(strict=True, gt=0, lt=1)],
    BeforeValidator(_whole),
]
Share = Annotated[float, Field(ge=0, lt=1)]
Seed = Annotated[int, Field(strict=True, ge=0, lt=1 << 31), BeforeValidator(_whole)]


class DeclaredReferral(Referral):
    """A referral as declared at the front door; see the library's `Referral`."""

    model_config = ConfigDict(strict=True, title="Referral")

    referral_id: Identifier = Field(description="As the authority numbers it.")
    child_id: Identifier = Field(description="As the records that scores are made from number it.")
    referral_date: Day = Field(description="The day it was made; the score is as of then.")
    source: Source = Field(None, description="Census code of who made it.")
    birth_date: Day | None = Field(None, description="Where the records do not know the child.")
    expected_birth_date: Day | None = Field(None, description="Of an unborn child.")
    decided: bool | None = Field(None, description="Whether its decision was made; for a list.")
    family_id: Identifier | None = Field(
        None,
        description="Finds the household where the records do not; moves the score only if the "
        "model's plan has families declared.",
    )


class Asked(BaseModel):
    """Whatever is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ScoreRequest(Asked):
    """One referral to be scored, and what is wanted beside its score."""

    referral: DeclaredReferral
    household: bool = Field(
        False, description="The other children of the household, each with a score of their own."
    )
    chronology: bool = Field(False, description="What was known of the child, in order of time.")
    would_change: bool = Field(
        False, description="What could be newly learned that would move it to another band."
    )


class ListRequest(Asked):
    """The referrals of one list period, for additional attention up to a capacity."""

    referrals: Annotated[list[DeclaredReferral], Field(max_length=MOST_REFERRALS)]
    capacity: Capacity = Field(description="Children on the list, or their share below 1.")
    purpose: Purpose
    on: Day | None = Field(
        None, description="The list's day, for what is undecided; default: the latest referral's."
    )
    random_share: Share = Field(0.0, description="Of the places, drawn from those left out.")
    seed: Seed = Field(0, description="Of the drawing.")


def read_json(body: bytes) -> Any:
    """Read JSON as its standard has it: UTF-8, no NaN, no key twice, not too deep.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    object

    Raises
    ------
    Refused
        400.

    Examples
    --------
    >>> read_json(b'{"a": 1}')
    {'a': 1}
    >>> read_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    fs_risk.triage.service_answers.Refused: not-json
    """
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):  # of the decoder, of a number too long, of ours
        raise Refused(
            400, "not-json", "The body is not JSON that can be read.",
            fix="Send one JSON object in UTF-8: no key twice, no NaN, at most some levels deep.",
        ) from None  # fmt: skip


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _no_constant(_: str) -> Any:
    raise ValueError


def unreadable(faults: Iterable[Mapping[str, Any]]) -> Refused:
    """Say what of a request cannot be read: fields by name and place, never what was sent.

    Parameters
    ----------
    faults : iterable of mapping
        Pydantic's, of which the place and the kind are used.

    Returns
    -------
    Refused
        422.
    """
    named: dict[str, None] = {}
    unknown = 0
    for fault in faults:
        if fault["type"] == "extra_forbidden":
            unknown += 1
        else:
            named[f"{_place(fault['loc'])} ({_FAULTS.get(fault['type'], 'not usable')})"] = None
    some = [*list(named)[:_MOST_NAMED], *(["…"] if len(named) > _MOST_NAMED else [])]
    said = some + [
        count_of(unknown, "field that is not known", "fields that are not known")
    ] * bool(unknown)
    return Refused(
        422, "not-readable", f"The request cannot be read: {', '.join(said)}.",
        fix="Send what /openapi.json describes; dates as yyyy-mm-dd, true and false unquoted.",
    )  # fmt: skip


_MOST_NAMED = 10
_FIELDS = {*DeclaredReferral.model_fields, *ScoreRequest.model_fields, *ListRequest.model_fields}
_FAULTS = {
    "missing": "missing",
    "model_attributes_type": "not an object",
    "dict_type": "not an object",
    "list_type": "not a list",
    "int_type": "not a number",
    "float_type": "not a number",
    "finite_number": "not a number",
    "greater_than": "out of range",
    "greater_than_equal": "out of range",
    "less_than": "out of range",
    "less_than_equal": "out of range",
    "too_long": "too many",
    "date_type": "not a date",
    "literal_error": "not one of its values",
    "string_type": "not text",
    "string_unicode": "not text",
    "string_too_short": "empty",
    "string_too_long": "too long",
    "string_pattern_mismatch": "empty",
    "value_error": "not a census code",
    "bool_type": "neither true nor false",
    **DATES_AT_ODDS,
}


def _place(loc: Sequence[Any]) -> str:
    """Name a field by words of ours and numbers alone."""
    parts = [
        str(part + 1) if isinstance(part, int) else part
        for part in loc
        if isinstance(part, int) or part in _FIELDS
    ]
    return " ".join(parts) or "the body"
