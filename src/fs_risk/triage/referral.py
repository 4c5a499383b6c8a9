"""`Referral`: what the front door declares of a referral to be scored."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from fs_risk.errors import ReferralError, nearest
from fs_risk.features.identity import OVERDUE_DAYS
from fs_risk.records.codes import REFERRAL_SOURCES
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.records.records import Records

Concern = Literal["injury", "disclosure", "strategy_discussion", "police_protection"]
"""What asks for a person at once, before and whatever any score."""

Kind = Literal["home", "exploitation_only", "disability_only", "custody", "unaccompanied"]
"""What the referral is about; the model knows harm in the home alone."""

FURTHEST_BIRTH_DAYS = 294
"""An expected birth lies at most 42 weeks after the referral: 40 would be conception itself."""

EARLIEST_BIRTH_DAYS = 140
"""No child is born alive more than 20 weeks before the day expected."""

AS_RECORDED = {"as_recorded": True}
"""Context for reading what was once written down: its dates stand as they are."""


class Referral(ShowsItsFields, BaseModel):
    """A referral as declared at the front door.

    Attributes
    ----------
    referral_id, child_id : str
        As the authority numbers them.
    referral_date : date
        The day it was made: `as_of` of its score.
    source : str, optional
        Census code of who made it (``"6"`` is the police).
    birth_date, expected_birth_date : date, optional
        Where the records do not know the child. A birth is expected from 30 days before
        the referral to 42 weeks after it; where both are given they go together.
    immediate_concern : str, optional
        ``injury``, ``disclosure``, ``strategy_discussion`` or ``police_protection``:
        goes to a person at once and gets no score.
    kind : str, default="home"
        ``exploitation_only``, ``disability_only``, ``custody`` and
        ``unaccompanied`` are outside what the model knows.
    restricted : bool, default=False
        Whether the child's record is restricted.
    decided : bool, optional
        Whether its decision has been made; says what stands above a list, no score.
    family_id : str, optional
        The family that the child belongs to, where the records do not say so yet. It finds
        the other children of the household. The child's own score reads what is recorded of
        them by it only if the model's plan has ``family_declared``.

    Examples
    --------
    >>> Referral(referral_id="R1", child_id="A", referral_date="2024-03-05", source="6").kind
    'home'
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    referral_id: str = Field(min_length=1, max_length=100)
    child_id: str = Field(min_length=1, max_length=100)
    referral_date: date
    source: str | None = None
    birth_date: date | None = None
    expected_birth_date: date | None = None
    immediate_concern: Concern | None = None
    kind: Kind = "home"
    restricted: bool = False
    decided: bool | None = None
    family_id: str | None = Field(default=None, min_length=1, max_length=100)

    @field_validator("source")
    @classmethod
    def _is_a_source(cls, source: str | None) -> str | None:
        if source is not None and source not in REFERRAL_SOURCES:
            raise ValueError("not a census source code")
        return source

    @field_validator("birth_date")
    @classmethod
    def _is_not_long_after(cls, born: date | None, info: ValidationInfo) -> date | None:
        referred = info.data.get("referral_date")
        if born is None or referred is None or info.context == AS_RECORDED:
            return born
        if (born - referred).days > FURTHEST_BIRTH_DAYS:
            raise PydanticCustomError("long_after_referral", "too long after referral_date")
        return born

    @field_validator("expected_birth_date")
    @classmethod
    def _is_plausible(cls, expected: date | None, info: ValidationInfo) -> date | None:
        referred = info.data.get("referral_date")
        if expected is None or referred is None or info.context == AS_RECORDED:
            return expected
        born = info.data.get("birth_date")
        if born is not None and not births_agree((born - expected).days):
            raise PydanticCustomError("not_with_birth", "does not go with birth_date")
        if born is None and not birth_may_come((expected - referred).days):
            raise PydanticCustomError("not_near_referral", "too far from referral_date")
        return expected


def birth_may_come(days: Any) -> Any:
    """Say whether a child may be unborn, so many days before the day expected.

    Parameters
    ----------
    days : int or array of int
        From the referral to the day expected; below 0 where that has passed.

    Returns
    -------
    bool or array of bool

    Examples
    --------
    >>> birth_may_come(60), birth_may_come(900), birth_may_come(-900)
    (True, False, False)
    """
    return (days >= -OVERDUE_DAYS) & (days <= FURTHEST_BIRTH_DAYS)


def births_agree(days: Any) -> Any:
    """Say whether a day of birth and the day expected may be one child's.

    Parameters
    ----------
    days : int or array of int
        From the day expected to the day of birth.

    Returns
    -------
    bool or array of bool

    Examples
    --------
    >>> births_agree(-60), births_agree(400)
    (True, False)
    """
    return (days >= -EARLIEST_BIRTH_DAYS) & (days <= OVERDUE_DAYS)


def as_referral(referral: Referral | Mapping[str, Any], *, number: int = 1) -> Referral:
    """Read a referral, with an error that shows nothing of the child.

    Parameters
    ----------
    referral : Referral or mapping
    number : int, default=1
        Its place among those to be scored, for the message.

    Returns
    -------
    Referral

    Raises
    ------
    ReferralError
        If a field is missing, unknown or not what it should be.
    """
    if isinstance(referral, Referral):
        return referral
    if not isinstance(referral, Mapping):
        raise ReferralError(
            f"Referral {number} is neither a Referral nor a mapping.",
            where=f"a {type(referral).__name__}",
            fix="Pass fs.Referral(…) or a dict of its fields.",
        )
    try:
        return Referral.model_validate({key: _plain(value) for key, value in referral.items()})
    except ValidationError as error:
        faults = [(".".join(map(str, fault["loc"])), fault["type"]) for fault in error.errors()]
        raise _unreadable(faults, number) from None


def _unreadable(faults: list[tuple[str, str]], number: int) -> ReferralError:
    unknown = [field for field, kind in faults if kind == "extra_forbidden"]
    hints = "".join(dict.fromkeys(nearest(field, Referral.model_fields) for field in unknown))
    named = [f"{field} ({_FAULTS.get(kind, 'not usable')})" for field, kind in faults
             if kind != "extra_forbidden"]  # fmt: skip
    named += [f"{len(unknown)} unknown"] * bool(unknown)
    cures = dict.fromkeys(_CURES.get(_FAULTS.get(kind, ""), "") for _, kind in faults)
    return ReferralError(
        f"Referral {number} cannot be read: {', '.join(named)}.{hints}",
        where=f"referral {number}",
        fix=f"{''.join(cures)}Give referral_id, child_id and referral_date; also known: "
        f"{', '.join(list(Referral.model_fields)[3:])}.",
    )


DATES_AT_ODDS = {
    "not_near_referral": "more than 30 days before referral_date, or more than 42 weeks after it",
    "long_after_referral": "more than 42 weeks after referral_date",
    "not_with_birth": "does not go with birth_date",
}
"""What may be wrong with the days of a birth, by the kind of fault."""

_FAULTS = {
    "missing": "missing",
    "date_from_datetime_parsing": "not a date",
    "date_parsing": "not a date",
    "date_type": "not a date",
    "date_from_datetime_inexact": "not a whole day",
    "literal_error": "not one of its values",
    "string_type": "not text",
    "string_too_short": "empty",
    "string_too_long": "too long",
    "value_error": "not a census code",
    "bool_parsing": "neither true nor false",
    **DATES_AT_ODDS,
}


_CURES = {
    "not a date": "Write dates as yyyy-mm-dd. ",
    "not text": "Put codes and identifiers in quotation marks. ",
    "not a census code": "Give the census code of who made it, such as 6 for Police. ",
    **dict.fromkeys(
        DATES_AT_ODDS.values(),
        "Check the dates; of a child who is born give birth_date alone. ",
    ),
}


def _plain(value: Any) -> Any:
    """Turn what a table row holds into plain values; missing becomes None."""
    if isinstance(value, pd.Timestamp):
        return None if pd.isna(value) else value.to_pydatetime()
    if value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    return value


def declared_referrals(
    records: Records,
    first: date,
    last: date,
    *,
    on: date | None = None,
    family_declared: bool = False,
) -> list[Referral]:
    """Give the referrals of some days as they were declared, without what came after.

    Parameters
    ----------
    records : Records
    first, last : date
        Both included.
    on : date, optional
        Say whether each was decided by the end of this day, where the records hold dates
        of decisions at all.
    family_declared : bool, default=False
        Whether each names its family, as a model asks whose plan says so.

    Returns
    -------
    list of Referral
        In order of date.
    """
    frame = records["referrals"]
    dates = frame["referral_date"]
    frame = frame[dates.between(pd.Timestamp(first), pd.Timestamp(last))]
    frame = frame.sort_values(["referral_date", "referral_id"])
    children = records["children"].set_index("child_id")
    births = children.reindex(frame["child_id"])[["birth_date", "expected_birth_date"]]
    # a birth after the referral was not known when it was declared
    born = births["birth_date"].to_numpy() <= frame["referral_date"].to_numpy()
    expected = births["expected_birth_date"].to_numpy()
    ahead = (expected - frame["referral_date"].to_numpy()) / np.timedelta64(1, "D")
    # an expected birth that cannot have been declared that day stays in the records alone
    awaited = ~born & birth_may_come(ahead)
    rows = frame[["referral_id", "child_id", "referral_date", "source"]].assign(
        birth_date=births["birth_date"].where(born).to_numpy(),
        expected_birth_date=births["expected_birth_date"].where(awaited).to_numpy(),
    )
    if family_declared:
        from fs_risk.outcomes.cohorts import named_families

        named = named_families(records, rows["child_id"], rows["referral_date"])
        rows["family_id"] = named.astype(object).where(named.notna(), None)
    if on is not None and records["referrals"]["decision_date"].notna().any():
        # a clock that is by rule alone says nothing about the decision
        known = frame["decision_known_date"] <= pd.Timestamp(on)
        rows["decided"] = (known & frame["decision_date"].notna()).to_numpy()
    return [as_referral(row, number=place) for place, row in enumerate(rows.to_dict("records"), 1)]
