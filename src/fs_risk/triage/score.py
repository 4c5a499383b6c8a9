"""`score_referral`: a score in milliseconds, with its reasons, its unknowns and its limits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from fs_risk.errors import ReferralError, SettingError
from fs_risk.features.build import (
    FeatureLayout,
    feature_matrix,
    features_in_sight,
    lay_out,
)
from fs_risk.features.cases import Cases
from fs_risk.features.evidence import Evidence, FactsOfCase
from fs_risk.features.sight import Sight
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.model.in_use import Standing
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.arguments import LEDGER, MODEL, RECORDS_OR_HISTORY, REFERRAL, takes
from fs_risk.records.dates import NEVER
from fs_risk.records.records import Records
from fs_risk.triage.basis import Basis, Made
from fs_risk.triage.cases import cases_of
from fs_risk.triage.chronology import Chronology
from fs_risk.triage.referral import Referral, as_referral
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.scope import OPEN_NOW, Reach, apart_from_open_now
from fs_risk.triage.telling import Teller, specs_of

if TYPE_CHECKING:
    from fs_risk.triage.ledger import Ledger
    from fs_risk.triage.would_change_rows import OutlooksOf

_EPOCH = date(1970, 1, 1)

FEW = 64
"""Referrals that are looked at together, at most."""


class Scorer:
    """One model over one history: what is worked out once for any number of scores.

    Parameters
    ----------
    history : History
    model : StepUpModel

    Raises
    ------
    ReferralError
        If the model was trained for another kind of case.
    ArtefactError
        If a feature is no longer defined as when the model was fitted.
    """

    def __init__(self, history: History, model: StepUpModel) -> None:
        if model.plan.cohort != "referral":
            raise ReferralError(
                f"The model was trained on the {model.plan.cohort} cohort, not on referrals.",
                where=f"model {model.name}",
                fix="Load a model whose plan has cohort='referral'.",
            )
        specs = specs_of(model)
        self.history, self.model = history, model
        # laid out by name in the model's own order, so that no frame is needed
        self.layout: FeatureLayout = lay_out(specs)
        self._with_open_now = lay_out((*specs, *OPEN_NOW))
        self.reach = Reach(history, model)
        # a model fitted on invented records gives study output on any others
        self.study = model.training.origin == "synthetic" and history.origin.kind == "real"
        self.teller = Teller(model, specs)
        self._extract_date = _date(history.extract_day)

    def score(self, referrals: Sequence[Referral]) -> list[RiskScore]:
        """Score referrals, each as if it were alone.

        Parameters
        ----------
        referrals : sequence of Referral

        Returns
        -------
        list of RiskScore
            In the same order.
        """
        return [made.score for made in self.make(referrals)]

    def make(
        self,
        referrals: Sequence[Referral],
        *,
        chronology: bool = False,
        would_change: Sequence[str] = (),
    ) -> list[Made]:
        """Score referrals, and give with each score what it was made from.

        Parameters
        ----------
        referrals : sequence of Referral
        chronology : bool, default=False
            Whether each score has the child's chronology.
        would_change : sequence of str
            What to look at that could be newly learned; see `would_change_rows.LEARNABLE`.

        Returns
        -------
        list of Made
            In the same order.
        """
        if not referrals:
            return []
        cases = cases_of(
            self.history,
            referrals,
            lag_days=self.model.plan.extract_lag_days,
            family_declared=self.model.plan.family_declared,
        )
        # what a few cases see is looked up once; many are worked through in blocks
        sight = Sight(self.history, cases) if len(referrals) <= FEW else None
        values = (
            feature_matrix(self.history, cases, self._with_open_now)
            if sight is None
            else features_in_sight(sight, self._with_open_now)
        )
        values, open_now = apart_from_open_now(values)
        codes = self.reach.codes(list(referrals), cases, open_now)
        standing = self.reach.standing
        bases = [
            self._basis(
                referral,
                standing,
                codes[place],
                cases.child[place],
                values[place],
                self._chronology(referral, cases.part(place, place + 1)) if chronology else None,
            )
            for place, referral in enumerate(referrals)
        ]
        if would_change and not self.study:
            bases = [
                basis
                if basis.values is None
                else replace(basis, outlooks=self._outlooks.of(cases.part(i, i + 1), would_change))
                for i, basis in enumerate(bases)
            ]

        facts: dict[int, FactsOfCase] = {}

        def facts_of(place: int, spec: FeatureSpec) -> tuple[Evidence, ...]:
            if place not in facts:
                facts[place] = FactsOfCase(self.history, cases.part(place, place + 1))
            return facts[place].behind(spec)

        scores = self.teller.tell(bases, facts_of)
        return [Made(score, basis) for score, basis in zip(scores, bases, strict=True)]

    @cached_property
    def _outlooks(self) -> "OutlooksOf":
        from fs_risk.triage.would_change_rows import OutlooksOf

        support = self.model.facts.support

        def may_score(rows: np.ndarray) -> np.ndarray:
            if support is None:
                return np.ones(len(rows), dtype=bool)
            return np.array([not why for why in support.why_not(rows)])

        return OutlooksOf(
            self.history, self.layout, log_odds_of=self.teller.log_odds_of, may_score=may_score
        )

    def _basis(
        self,
        referral: Referral,
        standing: Standing,
        code: str | None,
        child: np.int32,
        values: np.ndarray,
        chronology: Chronology | None,
    ) -> Basis:
        retain = self.history.retain[child] if child >= 0 else NEVER
        return Basis(
            referral=referral,
            code=code,
            values=values if code is None else None,
            extract_date=self._extract_date,
            study=self.study,
            retain_until=None if retain == NEVER else _date(retain),
            chronology=chronology,
            standing=standing,
        )

    def _chronology(self, referral: Referral, case: Cases) -> Chronology | None:
        """Give a case's chronology, unless the child may not be shown or the model not be used.

        Asked of the referral and not of its code: one that needs a person now may be
        restricted too.
        """
        if self.study or referral.restricted or not self.reach.approved:
            return None
        from fs_risk.triage.chronology_facts import chronology_of

        return chronology_of(self.history, case)


_HISTORIES: WeakKeyDictionary[Records, History] = WeakKeyDictionary()
_SCORERS: WeakKeyDictionary[History, dict[str, Scorer]] = WeakKeyDictionary()


def scorer(records: Records | History, model: StepUpModel) -> Scorer:
    """Give the scorer of a model over records, made on first use and kept while they live.

    Parameters
    ----------
    records : Records or History
    model : StepUpModel

    Returns
    -------
    Scorer
    """
    history = history_of(records)
    kept = _SCORERS.setdefault(history, {})
    # decisions are about the model in one folder, not about its copies
    key = f"{model.content_hash} {model.home}"
    if key not in kept:
        kept[key] = Scorer(history, model)
    return kept[key]


def history_of(records: Records | History) -> History:
    """Give the history of records, indexed on first use and kept while they live.

    Parameters
    ----------
    records : Records or History

    Returns
    -------
    History
    """
    if isinstance(records, History):
        return records
    if records not in _HISTORIES:
        _HISTORIES[records] = History.from_records(records)
    return _HISTORIES[records]


@takes(referral=REFERRAL, records=RECORDS_OR_HISTORY, model=MODEL, ledger=LEDGER.or_none())
def score_referral(
    referral: Referral | Mapping[str, Any],
    *,
    records: Records | History,
    model: StepUpModel,
    ledger: "Ledger | None" = None,
    chronology: bool = False,
    household: bool = False,
    would_change: bool | Sequence[str] = False,
) -> RiskScore:
    """Score one referral from recorded history, as known before its day.

    Parameters
    ----------
    referral : Referral or mapping
        ``referral_id``, ``child_id``, ``referral_date`` and what else it declares.
    records : Records or History
        A child they do not know has an empty history, which is a fact.
    model : StepUpModel
        Trained on referrals.
    ledger : Ledger, optional
        Where the score is recorded before it is given; if it cannot be, there is none.
    chronology : bool, default=False
        Whether to give the child's chronology with it, a code or not; never in study
        output, of a restricted record, or for a model that is not approved.
    household : bool, default=False
        Whether to score the other children of the household beside the child, each on their
        own record. Each score is recorded under its own child; without a ledger this is
        for synthetic records and study output only.
    would_change : bool or sequence of str, default=False
        Whether to say what could be newly learned that would move the score to another
        band: of all that could be, or of these concepts.

    Returns
    -------
    RiskScore
        With a probability and its reasons, or with a `code` that says why not.

    Raises
    ------
    ReferralError
        If the referral cannot be read, or the model is for another kind of case.
    ArtefactError
        If the model's features are no longer defined as when it was fitted.
    LedgerError
        If the score cannot be recorded.
    SettingError
        If `would_change` names what is recorded, and so cannot be newly learned; if others
        of a real household were to be shown and nothing records it.

    Examples
    --------
    >>> referral = {"referral_id": "R1", "child_id": "C1", "referral_date": "2025-03-03"}
    >>> score = score_referral(referral, records=records, model=model)  # doctest: +SKIP
    >>> score.probability, score.code  # doctest: +SKIP
    """
    by = scorer(records, model)
    if household and ledger is None and by.history.origin.kind == "real" and not by.study:
        raise SettingError(
            "The other children of a household are shown only where that is recorded.",
            where="household=True without ledger=",
            fix="Pass ledger=, or leave out household=True.",
        )
    made = by.make(
        [as_referral(referral)], chronology=chronology, would_change=_learnable(would_change)
    )
    if household:
        from fs_risk.triage.household import with_household

        score, others = with_household(by, made[0])
        if ledger is not None:
            ledger.record_household(made[0], others, model=model, asked=score)
        return score
    if ledger is not None:
        ledger.record_scores(made, model=model)
    return made[0].score


def _learnable(asked: bool | Sequence[str]) -> Sequence[str]:
    if asked is False:
        return ()
    from fs_risk.triage.would_change_rows import learnable

    return learnable(asked)


def _date(day: int | np.int32) -> date:
    return _EPOCH + timedelta(days=int(day))
