"""`prioritise`: which referrals get additional attention, up to a capacity."""

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.records import Records
from fs_risk.triage.referral import Referral, as_referral
from fs_risk.triage.risk_score import CAVEAT, RiskScore
from fs_risk.triage.score import scorer

if TYPE_CHECKING:
    from fs_risk.triage.ledger import Ledger

Purpose = Literal["second_read", "group_supervision", "allocation"]

PURPOSES = {
    "second_read": "a second read by another qualified worker",
    "group_supervision": "a place in group supervision",
    "allocation": "allocation to Family Safeguarding",
}
"""The only uses of a list: each adds attention, none takes any away."""

COLUMNS = (
    "place", "listed", "referral_id", "child_id", "household", "as_of", "said", "band",
    "worries", "strengths", "not_known", "code", "probability", "stamp",
)  # fmt: skip


@dataclass(frozen=True)
class RankedList:
    """Referrals in the order of additional attention.

    Children without a score come first, in a block of their own outside the
    capacity. The rest of the referrals follow those listed, so that what is left
    out can be seen.

    Attributes
    ----------
    table : DataFrame
        A row per referral: ``place`` (missing without a score), ``listed``,
        ``referral_id``, ``child_id``, ``household`` (number within the list),
        ``as_of``, ``said``, ``band``, ``worries``, ``strengths``, ``not_known``,
        ``code``, ``probability``, ``stamp``.
    capacity : int
        Children listed at most.
    purpose : str
    tied : int
        Referrals left out whose score equals that of the last one listed.
    scores : tuple of RiskScore
        In the order of `table`.
    """

    table: pd.DataFrame
    capacity: int
    purpose: str
    tied: int
    scores: tuple[RiskScore, ...]

    @property
    def listed(self) -> pd.DataFrame:
        """The rows on the list."""
        return self.table[self.table["listed"]]

    @property
    def without_score(self) -> pd.DataFrame:
        """The rows that go to a person without a score."""
        return self.table[self.table["code"].notna()]

    def summary(self) -> str:
        """Say what the list is for, what is on it and what is not."""
        listed = self.listed
        left_out = len(self.table) - len(listed) - len(self.without_score)
        tie = f" {self.tied} left out have the same score as the last one listed." * (self.tied > 0)
        return (
            f"For {PURPOSES[self.purpose]}: {len(listed)} children of "
            f"{listed['household'].nunique()} families listed; {len(self.without_score)} without "
            f"a score, for a person to read first; {left_out} not listed, which is not evidence "
            f"of safety.{tie} {CAVEAT}"
        )

    def to_csv(self, path: str | Path) -> Path:
        """Write the list as CSV; no cell can start a formula.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path
        """
        target = Path(path)
        text = self.table.astype("object").map(_no_formula)
        text.to_csv(target, index=False, encoding="utf-8-sig")
        return target

    def __repr__(self) -> str:
        return f"<RankedList {self.summary()}>"

    def _repr_html_(self) -> str:
        shown = self.table.drop(columns=["probability"])
        return f"<p>{html.escape(self.summary())}</p>{shown.to_html(index=False, na_rep='')}"


def prioritise(
    referrals: Iterable[Referral | Mapping[str, Any]] | pd.DataFrame,
    *,
    records: Records | History,
    model: StepUpModel,
    capacity: int | float,
    purpose: Purpose,
    ledger: "Ledger | None" = None,
) -> RankedList:
    """Order referrals for additional attention, up to a capacity.

    Every referral still gets its qualified decision within one working day; the
    list adds to that and takes nothing away.

    Parameters
    ----------
    referrals : iterable of Referral or mapping, or DataFrame
        Those of one list period.
    records : Records or History
    model : StepUpModel
    capacity : int or float
        Children on the list, or their share in (0, 1).
    purpose : {"second_read", "group_supervision", "allocation"}
    ledger : Ledger, optional
        Where the scores and their places are recorded, all or none, before they are given.

    Returns
    -------
    RankedList

    Raises
    ------
    SettingError
        If the purpose or the capacity is not possible, or a referral is there twice.
    ReferralError
        If a referral cannot be read.
    LedgerError
        If the list cannot be recorded.
    """
    if purpose not in PURPOSES:
        raise SettingError(
            "A list may only add attention; that purpose is not one of those that do.",
            fix=f"Choose one of: {', '.join(PURPOSES)}.",
        )
    rows = referrals.to_dict("records") if isinstance(referrals, pd.DataFrame) else referrals
    read = [as_referral(row, number=place) for place, row in enumerate(rows, start=1)]
    if len({referral.referral_id for referral in read}) < len(read):
        raise SettingError(
            "A referral is in the list more than once.", fix="Give each referral_id once."
        )
    places = _places(capacity, len(read))
    by = scorer(records, model)
    made = by.make(read)
    households = _households(by.history, read)
    ranked = _ranked([one.score for one in made], households, places, purpose)
    if ledger is not None:
        ledger.record_list(made, ranked, model=model)
    return ranked


def _places(capacity: int | float, n: int) -> int:
    whole = isinstance(capacity, int) and not isinstance(capacity, bool) and capacity > 0
    if whole:
        return int(capacity)
    if isinstance(capacity, float) and 0 < capacity < 1:
        return int(np.ceil(capacity * n))
    raise SettingError(
        "Capacity is neither a whole number of children nor a share between 0 and 1.",
        fix="Pass capacity=9 for nine children, or capacity=0.15.",
    )


def _households(history: History, referrals: list[Referral]) -> np.ndarray:
    """Give each referral the number of its household; a child not known is one of its own."""
    child = history.children.get_indexer([referral.child_id for referral in referrals])
    ids = np.array([f"child {referral.child_id}" for referral in referrals], dtype=object)
    known = child >= 0
    ids[known] = [f"household {number}" for number in history.household[child[known]]]
    numbers, _ = pd.factorize(ids)
    households: np.ndarray = numbers + 1
    return households


def _ranked(
    scores: list[RiskScore], households: np.ndarray, places: int, purpose: str
) -> RankedList:
    risk = np.array([np.inf if s.log_odds is None else s.log_odds for s in scores], dtype=float)
    order = np.argsort(-risk, kind="stable")
    n_without = int(np.isinf(risk).sum())
    n_listed = min(places, len(scores) - n_without)
    ordered = [scores[place] for place in order]
    table = pd.DataFrame([_row(score) for score in ordered], columns=list(COLUMNS))
    position = np.arange(len(scores)) - n_without
    table["place"] = pd.array(np.where(position >= 0, position + 1, 0), dtype="Int64")
    table["place"] = table["place"].mask(position < 0)
    table["listed"] = (position >= 0) & (position < n_listed)
    table["household"] = households[order]
    tied = 0
    if n_listed:
        last = risk[order][n_without + n_listed - 1]
        tied = int((risk[order][n_without + n_listed :] == last).sum())
    return RankedList(table, places, purpose, tied, tuple(ordered))


def _row(score: RiskScore) -> dict[str, Any]:
    return {
        "referral_id": score.referral_id,
        "child_id": score.child_id,
        "as_of": score.as_of,
        "said": score.said,
        "band": score.band.name if score.band else None,
        "worries": " | ".join(f"{r.concept}: {r.wording}" for r in score.worries),
        "strengths": " | ".join(f"{r.concept}: {r.wording}" for r in score.strengths),
        "not_known": " | ".join(score.unknowns),
        "code": score.code,
        "probability": score.probability,
        "stamp": "SYNTHETIC" if score.synthetic else "",
    }


def _no_formula(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
