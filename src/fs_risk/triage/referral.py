"""`Referral`: what the front door declares of a referral to be scored."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fs_risk.errors import ReferralError, nearest
from fs_risk.records.codes import REFERRAL_SOURCES
from fs_risk.records.notebook import ShowsItsFields
from fs_risk.records.records import Records

Concern = Literal["injury", "disclosure", "strategy_discussion", "police_protection"]
"""What asks for a person at once, before and whatever any score."""

Kind = Literal["home", "exploitation_only", "disability_only", "custody", "unaccompanied"]
"""What the referral is about; the model knows harm in the home alone."""


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
        Where the records do not know the child.
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
}


_CURES = {
    "not a date": "Write dates as yyyy-mm-dd. ",
    "not text": "Put codes and identifiers in quotation marks. ",
    "not a census code": "Give the census code of who made it, such as 6 for Police. ",
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
    rows = frame[["referral_id", "child_id", "referral_date", "source"]].assign(
        birth_date=births["birth_date"].where(born).to_numpy(),
        expected_birth_date=births["expected_birth_date"].to_numpy(),
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
