"""`score_referral`: a score in milliseconds, with its reasons, its unknowns and its limits."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from fs_risk.errors import ReferralError
from fs_risk.features.build import FeatureLayout, feature_matrix, lay_out
from fs_risk.features.evidence import Evidence, facts_behind
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.dates import NEVER
from fs_risk.records.records import Records
from fs_risk.triage.basis import Basis, Made
from fs_risk.triage.cases import cases_of
from fs_risk.triage.referral import Referral, as_referral
from fs_risk.triage.risk_score import RiskScore
from fs_risk.triage.scope import Reach
from fs_risk.triage.telling import Teller, specs_of

if TYPE_CHECKING:
    from fs_risk.triage.ledger import Ledger

_EPOCH = date(1970, 1, 1)


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

    def make(self, referrals: Sequence[Referral]) -> list[Made]:
        """Score referrals, and give with each score what it was made from.

        Parameters
        ----------
        referrals : sequence of Referral

        Returns
        -------
        list of Made
            In the same order.
        """
        if not referrals:
            return []
        cases = cases_of(self.history, referrals, lag_days=self.model.plan.extract_lag_days)
        codes = self.reach.codes(list(referrals), cases)
        values = feature_matrix(self.history, cases, self.layout)
        bases = [
            self._basis(referral, codes[place], cases.child[place], values[place])
            for place, referral in enumerate(referrals)
        ]

        def facts_of(place: int, spec: FeatureSpec) -> tuple[Evidence, ...]:
            return facts_behind(self.history, cases.part(place, place + 1), spec)

        scores = self.teller.tell(bases, facts_of)
        return [Made(score, basis) for score, basis in zip(scores, bases, strict=True)]

    def _basis(
        self, referral: Referral, code: str | None, child: np.int32, values: np.ndarray
    ) -> Basis:
        retain = self.history.retain[child] if child >= 0 else NEVER
        return Basis(
            referral=referral,
            code=code,
            values=values if code is None else None,
            extract_date=self._extract_date,
            study=self.study,
            retain_until=None if retain == NEVER else _date(retain),
        )


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
    if isinstance(records, History):
        history = records
    else:
        if records not in _HISTORIES:
            _HISTORIES[records] = History.from_records(records)
        history = _HISTORIES[records]
    kept = _SCORERS.setdefault(history, {})
    if model.content_hash not in kept:
        kept[model.content_hash] = Scorer(history, model)
    return kept[model.content_hash]


def score_referral(
    referral: Referral | Mapping[str, Any],
    *,
    records: Records | History,
    model: StepUpModel,
    ledger: "Ledger | None" = None,
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
    """
    made = scorer(records, model).make([as_referral(referral)])
    if ledger is not None:
        ledger.record_scores(made, model=model)
    return made[0].score


def _date(day: int | np.int32) -> date:
    return _EPOCH + timedelta(days=int(day))
