"""What a score was made from: enough to make the same score again without the records."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from fs_risk.features.evidence import Evidence
from fs_risk.model.in_use import SYNTHETIC, Standing
from fs_risk.triage.chronology import Chronology
from fs_risk.triage.referral import AS_RECORDED, Referral
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.would_change import Outlook


@dataclass(frozen=True, eq=False)
class Basis:
    """What one score was made from.

    The child's row of features, not the records behind it: the row is what the model
    read, holds nothing of other children but what was counted of them, and a later
    correction of the records cannot change it.

    Attributes
    ----------
    referral : Referral
    code : str or None
        What the scope of the model said before any score.
    values : ndarray of float32, shape (n_features,), or None
        In the order of the model's features; None where a code stands instead.
    extract_date : date
        The last day that the records knew of.
    study : bool
        Whether the score is study output.
    retain_until : date or None
        The last day on which the records may be used, where they state one.
    facts : dict of str to tuple of Evidence
        The dated facts behind the reasons, by feature; filled while they are said.
    chronology : Chronology or None
        None where it was not asked for, or may not be shown.
    outlooks : tuple of Outlook
        Rows as they would be if more were known; empty where nobody asked.
    standing : Standing
        Whether the model could be used on the day it scored, by which card, until when.
    """

    referral: Referral
    code: str | None
    values: np.ndarray | None
    extract_date: date
    study: bool
    retain_until: date | None = None
    facts: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    chronology: Chronology | None = None
    outlooks: tuple[Outlook, ...] = ()
    standing: Standing = SYNTHETIC

    def content(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Write it as plain data, every number exact.

        Parameters
        ----------
        names : tuple of str
            The model's features, in order.

        Returns
        -------
        dict
        """
        row = None if self.values is None else map(_written, self.values.tolist())
        return {
            "referral": self.referral.model_dump(mode="json"),
            "code": self.code,
            "features": None if row is None else dict(zip(names, row, strict=True)),
            "extract_date": self.extract_date.isoformat(),
            "study": self.study,
            "facts": {
                name: [[f.what, f.day.isoformat(), f.known.isoformat(), f.whom] for f in facts]
                for name, facts in self.facts.items()
            },
            "standing": list(self.standing),
            "chronology": self.chronology and self.chronology.model_dump(mode="json"),
            "outlooks": [outlook.content(self.values, names) for outlook in self.outlooks]
            if self.values is not None
            else [],
        }

    @classmethod
    def from_content(cls, content: Mapping[str, Any], names: tuple[str, ...]) -> "Basis":
        """Read what `content` wrote.

        Parameters
        ----------
        content : mapping
        names : tuple of str
            The model's features, in order.

        Returns
        -------
        Basis
        """
        row = content["features"]
        values = None if row is None else np.array([_read(row[n]) for n in names], dtype=np.float32)
        return cls(
            referral=Referral.model_validate(content["referral"], context=AS_RECORDED),
            code=content["code"],
            values=values,
            extract_date=date.fromisoformat(content["extract_date"]),
            study=content["study"],
            facts={
                name: tuple(
                    Evidence(what, date.fromisoformat(day), date.fromisoformat(known), whom)
                    for what, day, known, whom in facts
                )
                for name, facts in content["facts"].items()
            },
            # entries of earlier releases have none of the following
            standing=Standing(*content.get("standing", SYNTHETIC)),
            chronology=None
            if content.get("chronology") is None
            else Chronology.model_validate(content["chronology"]),
            outlooks=()
            if values is None
            else tuple(
                Outlook.from_content(one, values, names) for one in content.get("outlooks", ())
            ),
        )


class Made(NamedTuple):
    """A score and what it was made from."""

    score: RiskScore
    basis: Basis


def _written(value: float) -> float | str | None:
    """Write a number as JSON has it: missing as null, the infinite as a word."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def _read(value: float | str | None) -> float:
    return math.nan if value is None else float(value)
