"""What a person may put into the ledger: a decision, an agreement or override, a rating."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fs_risk.errors import LedgerError
from fs_risk.records.layouts.family_safeguarding import RATINGS

Decision = Literal[
    "no_further_action", "advice", "early_help", "assessment", "strategy_discussion",
    "second_read", "group_supervision", "allocation", "other",
]  # fmt: skip
Agreement = Literal["agrees", "more_worried", "less_worried", "not_used"]
Rating = Literal["low", "medium", "high", "very high"]

DECISIONS = MappingProxyType(
    {
        "no_further_action": "no further action",
        "advice": "information and advice",
        "early_help": "early help",
        "assessment": "an assessment (Children Act 1989, section 17)",
        "strategy_discussion": "a strategy discussion (section 47)",
        "second_read": "a second read by another qualified worker",
        "group_supervision": "a place in group supervision",
        "allocation": "allocation to Family Safeguarding",
        "other": "something else, said in the reason",
    }
)
"""What a person may have decided."""

AGREEMENTS = MappingProxyType(
    {
        "agrees": "sees it as the score does",
        "more_worried": "override: more worried than the score",
        "less_worried": "override: less worried than the score",
        "not_used": "the score had no part in the decision",
    }
)
"""How a person's own view stands to the score."""

OVERRIDES = ("more_worried", "less_worried")
RATING_ORDER = tuple(RATINGS)
"""Agreed ratings, from the least to the most worried."""

_NOBODY = frozenset(
    {"ai", "algorithm", "api", "auto", "automatic", "automated", "batch", "bot", "computer",
     "machine", "model", "none", "robot", "score", "service", "system", "unknown"}
)  # fmt: skip
"""Answers to who decided that name no person."""

Text = Annotated[str, Field(min_length=1, max_length=4_000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    by: Name
    role: Name

    @field_validator("by")
    @classmethod
    def _is_a_person(cls, by: str) -> str:
        if by.casefold() in _NOBODY:
            raise ValueError("not a person")
        return by


class OwnDecision(_Said):
    """What a person decided, and why.

    Attributes
    ----------
    decision : str
        One of `DECISIONS`.
    reason : str
    by, role : str
        Who decided; a person (requirement G6). Kept for the record, never counted by.
    team : str
    agreement : str or None
        One of `AGREEMENTS`; None where no score was seen.
    """

    decision: Decision
    reason: Text
    team: str = Field(default="", max_length=200)
    agreement: Agreement | None = None


class AgreedRating(_Said):
    """What a group agreed of a family.

    Attributes
    ----------
    family_id : str
    rating : str
        ``low``, ``medium``, ``high`` or ``very high``.
    on : date
    team : str
    next_step, reason : str
    """

    family_id: Name
    rating: Rating
    on: date
    team: Name
    next_step: str = Field(default="", max_length=4_000)
    reason: str = Field(default="", max_length=4_000)


class Authority(_Said):
    """On whose authority an entry is rectified, erased or read out.

    Attributes
    ----------
    authority : str
        The decision's own reference; names no child, since it outlives the erasure.
    reason : str
    """

    authority: Name
    reason: Text


Said = TypeVar("Said", bound=_Said)


def said(kind: type[Said], fields: Mapping[str, Any]) -> Said:
    """Check what a person says, with an error that repeats none of it.

    Parameters
    ----------
    kind : type
    fields : mapping

    Returns
    -------
    OwnDecision, AgreedRating or Authority

    Raises
    ------
    LedgerError
    """
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        faults = [(".".join(map(str, fault["loc"])), fault["type"]) for fault in error.errors()]
    named = ", ".join(
        f"{name} ({_FAULTS.get(fault, 'not usable')})"
        for name, fault in faults
        if name in kind.model_fields
    )
    raise LedgerError(
        f"What was said cannot be recorded: {named or 'a field that is not known'}.",
        where=kind.__name__,
        fix=_CURES[kind.__name__],
    )


_FAULTS = {
    "string_too_short": "empty",
    "string_too_long": "too long",
    "missing": "missing",
    "string_type": "not text",
    "literal_error": "not one of its values",
    "value_error": "not a person",
}
_CURES = {
    "OwnDecision": f"Give by= and role= of the person who decided, a reason=, and one of "
    f"{', '.join(DECISIONS)}; agreement= is one of {', '.join(AGREEMENTS)}.",
    "AgreedRating": f"Give family_id, on, team, by and role, and one of {', '.join(RATINGS)}.",
    "Authority": "Give by= and role= of a person, authority= (the decision's own reference) "
    "and reason=.",
}
