"""Thresholds that differ by group, and the recorded legal basis without which they stay a study.

Treating a child otherwise because of a protected characteristic is direct discrimination
unless the law allows it (Equality Act 2010, sections 13 and 158). The library can show
what such thresholds would do; it gives them out for use only on a basis that someone
with authority has recorded, and writes that basis beside them (requirement A6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fs_risk.errors import AuditError, SettingError

LONDON = ZoneInfo("Europe/London")

Text = Annotated[str, Field(min_length=3, max_length=4_000)]


class LegalBasis(BaseModel):
    """On what legal basis groups may be treated otherwise, and who decided so.

    Attributes
    ----------
    provision : str
        The provision relied on, such as "Equality Act 2010, section 158".
    necessity : str
        Why the aim cannot be reached without it.
    assessment : str
        Reference of the equality impact assessment.
    decided_by, role : str
        A person with authority to decide.
    decided_on, review_by : date
        The basis lapses on the day after `review_by`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    provision: Text
    necessity: Text
    assessment: Text
    decided_by: Text
    role: Text
    decided_on: date
    review_by: date

    @model_validator(mode="after")
    def _in_order(self) -> "LegalBasis":
        if self.review_by <= self.decided_on:
            raise ValueError("review_by is not after decided_on")
        return self


def legal_basis(fields: Mapping[str, object] | LegalBasis) -> LegalBasis:
    """Check a recorded legal basis, with an error that says what is missing.

    Parameters
    ----------
    fields : mapping or LegalBasis

    Returns
    -------
    LegalBasis

    Raises
    ------
    SettingError
        If a field is missing, empty, or the dates are not in order.
    """
    if isinstance(fields, LegalBasis):
        return fields
    try:
        return LegalBasis.model_validate(dict(fields))
    except ValidationError as error:
        named = [".".join(map(str, fault["loc"])) or "the dates" for fault in error.errors()]
    raise SettingError(
        f"The legal basis cannot be used: {', '.join(named)}.",
        where="legal_basis",
        fix=f"Record each of {', '.join(LegalBasis.model_fields)}; review_by after decided_on.",
    )


class ThresholdsInUse(BaseModel):
    """Thresholds by group with the basis that they rest on, as they may be given out.

    Attributes
    ----------
    attribute : str
    offsets : dict of str to float
        What is added to each group's log-odds before lists are made.
    basis : LegalBasis
    mode : {"synthetic", "approval needed"}
        A basis is not an approval: what is made of real records still needs one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: str
    offsets: dict[str, float]
    basis: LegalBasis
    mode: Literal["synthetic", "approval needed"]


@dataclass(frozen=True)
class GroupThresholds:
    """Offsets by group that make recall alike on held-out cases; study only.

    Attributes
    ----------
    attribute : str
    origin : {"real", "synthetic"}
    """

    attribute: str
    origin: str
    _offsets: Mapping[str, float]

    @property
    def mode(self) -> str:
        """Always ``study``: what leaves it is what `for_use` gives."""
        return "study"

    def study(self, log_odds: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Shift scores to see what lists would be made of them; never to make one.

        Parameters
        ----------
        log_odds : ndarray of float, shape (n,)
        group : ndarray of str, shape (n,)
            Groups without an offset of their own are not shifted.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        offset = np.array([self._offsets.get(str(name), 0.0) for name in group])
        shifted: np.ndarray = log_odds + offset
        return shifted

    def for_use(
        self,
        *,
        basis: Mapping[str, object] | LegalBasis | None = None,
        today: date | None = None,
    ) -> ThresholdsInUse:
        """Give the offsets out, on a recorded legal basis (requirement A6).

        Parameters
        ----------
        basis : mapping or LegalBasis
        today : date, optional
            By default today.

        Returns
        -------
        ThresholdsInUse

        Raises
        ------
        AuditError
            Without a basis, or with one that has lapsed or is not yet decided.
        SettingError
            If the basis is not whole.
        """
        if basis is None:
            raise AuditError(
                "Thresholds that differ by group stay a study without a recorded legal basis.",
                where=f"thresholds by {self.attribute}",
                fix="Take legal advice, and pass basis= with the provision, its necessity, the "
                "equality impact assessment, who decided, and the review date.",
            )
        stated, now = legal_basis(basis), today or datetime.now(tz=LONDON).date()
        if not stated.decided_on <= now <= stated.review_by:
            raise AuditError(
                "The legal basis has lapsed, or is not decided yet.",
                where=f"thresholds by {self.attribute}",
                fix="Have it reviewed and decided again.",
            )
        return ThresholdsInUse(
            attribute=self.attribute,
            offsets=dict(self._offsets),
            basis=stated,
            mode="synthetic" if self.origin == "synthetic" else "approval needed",
        )


def equal_recall_offsets(
    log_odds: np.ndarray, label: np.ndarray, group: np.ndarray, share: float
) -> dict[str, float]:
    """Find offsets by group with which each has the same recall on a list of the same size.

    Parameters
    ----------
    log_odds : ndarray of float, shape (n,)
        Held-out scores.
    label : ndarray of float, shape (n,)
        1 or 0; every group has a row with the outcome.
    group : ndarray of str, shape (n,)
    share : float
        Share of rows listed, of all groups together.

    Returns
    -------
    dict of str to float

    References
    ----------
    .. [1] M. Hardt, E. Price and N. Srebro, Equality of opportunity in supervised
       learning, NeurIPS 2016: one common recall, of which the list's size chooses which.

    Examples
    --------
    >>> label, group = np.ones(8), np.repeat(["a", "b"], 4)
    >>> log_odds = np.r_[np.arange(4.0), np.arange(4.0) - 2]
    >>> found = equal_recall_offsets(log_odds, label, group, 0.5)
    >>> round(found["b"] - found["a"], 2)
    2.0
    """
    names = sorted({str(name) for name in group})
    low, high = 0.0, 1.0
    for _ in range(40):
        recall = (low + high) / 2
        cuts = {name: _cut(log_odds, label, group == name, recall) for name in names}
        listed = sum(int(((group == name) & (log_odds >= cuts[name])).sum()) for name in names)
        low, high = (recall, high) if listed <= share * len(log_odds) else (low, recall)
    common = float(np.quantile(log_odds, 1 - share))
    return {name: common - cut for name, cut in cuts.items()}


def _cut(log_odds: np.ndarray, label: np.ndarray, inside: np.ndarray, recall: float) -> float:
    return float(np.quantile(log_odds[inside & (label == 1)], 1 - recall))
