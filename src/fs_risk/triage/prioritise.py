"""`prioritise`: which referrals get additional attention, up to a capacity."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import LEDGER, MODEL, RECORDS_OR_HISTORY, REFERRALS, WORD, takes
from fs_risk.records.dates import day_given
from fs_risk.records.records import Records
from fs_risk.triage.list_overdue import list_day, overdue
from fs_risk.triage.prioritise_list import COLUMNS, PURPOSES
from fs_risk.triage.prioritise_list import RankedList as RankedList
from fs_risk.triage.prioritise_places import (
    AT_RANDOM,
    LISTED,
    Places,
    arrange,
    check_share,
    how_many,
)
from fs_risk.triage.referral import Referral, as_referral
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.score import scorer

if TYPE_CHECKING:
    from fs_risk.triage.ledger import Ledger

Purpose = Literal["second_read", "group_supervision", "allocation"]


@takes(
    referrals=REFERRALS,
    records=RECORDS_OR_HISTORY,
    model=MODEL,
    purpose=WORD,
    ledger=LEDGER.or_none(),
)
def prioritise(
    referrals: Iterable[Referral | Mapping[str, Any]] | pd.DataFrame,
    *,
    records: Records | History,
    model: StepUpModel,
    capacity: int | float,
    purpose: Purpose,
    on: date | str | None = None,
    random_share: float = 0.0,
    seed: int = 0,
    ledger: "Ledger | None" = None,
) -> RankedList:
    """Order referrals for additional attention, up to a capacity.

    Every referral still gets its qualified decision within one working day; the list adds
    to that and takes nothing away. Referrals declared undecided for longer stand above it,
    then children without a score. Places go by each child's own score; a household's
    children are shown side by side, those without a place of their own marked so.

    Parameters
    ----------
    referrals : iterable of Referral or mapping, or DataFrame
        Those of one list period.
    records : Records or History
    model : StepUpModel
    capacity : int or float
        Children on the list, or their share in (0, 1).
    purpose : {"second_read", "group_supervision", "allocation"}
    on : date or str, optional
        The list's day, for what is undecided for too long; by default that of the latest
        referral.
    random_share : float, default=0.0
        Of the places, to the nearest whole one, filled at random from those that scores
        leave out, each with the chance that its row states.
    seed : int, default=0
        With the list itself it decides the drawing.
    ledger : Ledger, optional
        Where the scores and their places are recorded, all or none, before they are given.

    Returns
    -------
    RankedList

    Raises
    ------
    SettingError
        If the purpose, capacity, day or share is not possible, or a referral is there
        twice.
    ReferralError
        If a referral cannot be read.
    LedgerError
        If the list cannot be recorded.

    Examples
    --------
    >>> ranked = prioritise(  # doctest: +SKIP
    ...     week, records=records, model=model, capacity=9, purpose="second_read", ledger=ledger
    ... )
    >>> ranked.table  # doctest: +SKIP
    """
    if purpose not in PURPOSES:
        raise SettingError(
            "A list may only add attention; that purpose is not one of those that do.",
            fix=f"Choose one of: {', '.join(PURPOSES)}.",
        )
    share, read = check_share(random_share), _read(referrals)
    places, day = how_many(capacity, len(read)), list_day(read, _date(on))
    by = scorer(records, model)
    made = by.make(read)
    scores = [one.score for one in made]
    households = _households(by.history, read)
    late = overdue(read, day)
    found = arrange(scores, households, late, places=places, random_share=share, seed=seed)
    ranked = RankedList(
        table=_table(scores, households, found),
        capacity=places,
        purpose=purpose,
        tied=found.tied,
        scores=tuple(scores[place] for place in found.order),
        list_id=secrets.token_hex(8),
        on=day,
        tied_listed=found.tied_listed,
        random_share=share,
        seed=seed,
        undeclared=sum(referral.decided is None for referral in read),
        not_listed_of_100=_of_100(model),
        synthetic=model.training.origin == "synthetic",
        model=f"{model.name} {model.version}",
    )
    if ledger is not None:
        ledger.record_list(made, ranked, model=model)
    return ranked


def _of_100(model: StepUpModel) -> float | None:
    tested = model.facts.listed
    return tested.not_listed_of_100 if tested.positives else None


def _read(referrals: Iterable[Referral | Mapping[str, Any]] | pd.DataFrame) -> list[Referral]:
    rows = referrals.to_dict("records") if isinstance(referrals, pd.DataFrame) else referrals
    read = [as_referral(row, number=place) for place, row in enumerate(rows, start=1)]
    if len({referral.referral_id for referral in read}) < len(read):
        raise SettingError(
            "A referral is in the list more than once.", fix="Give each referral_id once."
        )
    return read


def _date(on: date | str | None) -> date | None:
    return None if on is None else day_given(on, argument="on").date()


def _households(history: History, referrals: list[Referral]) -> np.ndarray:
    """Give each referral the number of its household; a child not known is one of its own."""
    child = history.children.get_indexer([referral.child_id for referral in referrals])
    ids = np.array([f"child {referral.child_id}" for referral in referrals], dtype=object)
    known = child >= 0
    ids[known] = [f"household {number}" for number in history.household[child[known]]]
    numbers, _ = pd.factorize(ids)
    households: np.ndarray = numbers + 1
    return households


def _table(scores: list[RiskScore], households: np.ndarray, found: Places) -> pd.DataFrame:
    order = found.order
    table = pd.DataFrame([_row(scores[place]) for place in order], columns=list(COLUMNS))
    block = np.asarray(found.block, dtype=object)[order]
    table["block"] = pd.Series(block, dtype="str")
    table["place"] = pd.array(found.place[order], dtype="Int64")
    table["place"] = table["place"].mask(table["place"] == 0)
    table["listed"] = np.isin(block, [LISTED, AT_RANDOM])
    table["chance"] = found.chance[order]
    table["household"] = households[order]
    table["probability"] = table["probability"].astype("float64")
    return table


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
