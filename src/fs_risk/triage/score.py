"""`score_referral`: a score in milliseconds, with its reasons, its unknowns and its limits."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import expit

from fs_risk.errors import ReferralError
from fs_risk.features.build import FeatureLayout, feature_matrix, lay_out
from fs_risk.features.cases import Cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.evidence import facts_behind
from fs_risk.features.timeline import History
from fs_risk.model.certainty import ABSTAINS
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.records.records import Records
from fs_risk.triage.cases import cases_of
from fs_risk.triage.display import score_html, score_text
from fs_risk.triage.limits import Limits, limits_of
from fs_risk.triage.reasons import Reason, reasons_for, unknowns
from fs_risk.triage.referral import Referral, as_referral
from fs_risk.triage.scope import CODES, Reach

CAVEAT = (
    "Made from recorded history only; it has not read today's referral. A score is about a "
    "situation at a date; a person decides."
)


class BandMeaning(BaseModel):
    """A band and how often the outcome followed in it, on later time and unseen households."""

    model_config = ConfigDict(frozen=True)

    name: str
    meaning: str
    n: int


class ModelUsed(BaseModel):
    """Which model made a score."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    plan: str
    origin: str


class RiskScore(BaseModel):
    """A score, its reasons and its limits; or a code that says why there is none.

    Attributes
    ----------
    score_id : str
        The same referral, records and model give the same id.
    referral_id, child_id : str or None
        None in study output.
    as_of : str
        ISO date.
    outcome : str
    within_days : int
    probability : float or None
        Calibrated, unclipped; for display use `said`.
    log_odds : float or None
    said : str
        "about N in 1,000 similar referrals", never beyond fewer than 10 or more than 990.
    interval : tuple of float or None
        Range for the probability, given what is recorded, in about nine cases of ten.
    interval_said : str
    n_similar : int or None
        Past cases with a similar history, to the nearest 5; None for fewer than six.
    similar_said : str
    band : BandMeaning or None
        None outside the bands, and in study output.
    outside : str
        What being outside the bands does not mean.
    reasons : tuple of Reason
    base : float or None
        With all concepts' contributions it sums to `log_odds`.
    unknowns : tuple of str
        What is missing or not observed.
    code : str or None
        Why there is no score.
    code_meaning : str
    synthetic : bool
        Whether the model was fitted on invented records.
    model : ModelUsed
    caveat : str

    Examples
    --------
    See `score_referral`.
    """

    model_config = ConfigDict(frozen=True)

    score_id: str
    referral_id: str | None
    child_id: str | None
    as_of: str
    outcome: str
    within_days: int
    probability: float | None = None
    log_odds: float | None = None
    said: str = ""
    interval: tuple[float, float] | None = None
    interval_said: str = ""
    n_similar: int | None = None
    similar_said: str = ""
    band: BandMeaning | None = None
    outside: str = ""
    reasons: tuple[Reason, ...] = ()
    base: float | None = None
    unknowns: tuple[str, ...] = ()
    code: str | None = None
    code_meaning: str = ""
    synthetic: bool
    model: ModelUsed
    caveat: str = CAVEAT

    @property
    def worries(self) -> tuple[Reason, ...]:
        """The reasons that raise the score."""
        return tuple(reason for reason in self.reasons if reason.direction == "worry")

    @property
    def strengths(self) -> tuple[Reason, ...]:
        """The reasons that lower the score."""
        return tuple(reason for reason in self.reasons if reason.direction == "strength")

    def __str__(self) -> str:
        return score_text(self)

    def _repr_html_(self) -> str:
        return score_html(self)


def in_words(probability: float) -> str:
    """Say a probability as a natural frequency, never as certainty.

    Parameters
    ----------
    probability : float

    Returns
    -------
    str

    References
    ----------
    .. [1] Requirement M1.

    Examples
    --------
    >>> in_words(0.0851), in_words(0.001), in_words(0.9999)
    ('about 85 in 1,000', 'fewer than 10 in 1,000', 'more than 990 in 1,000')
    """
    if probability < 0.01:
        return "fewer than 10 in 1,000"
    if probability > 0.99:
        return "more than 990 in 1,000"
    return f"about {1000 * probability:.0f} in 1,000"


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
        model.check_definitions(CATALOGUE)
        by_name = {spec.name: spec for spec in CATALOGUE}
        self.history, self.model = history, model
        self.layout: FeatureLayout = lay_out([by_name[name] for name in model.feature_names])
        self.reach = Reach(history, model)
        # a model fitted on invented records gives study output on any others
        self.study = model.training.origin == "synthetic" and history.origin.kind == "real"
        self.used = ModelUsed(
            name=model.name,
            version=model.version,
            plan=model.facts.plan_hash[:12],
            origin="SYNTHETIC" if model.training.origin == "synthetic" else "real",
        )

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
        if not referrals:
            return []
        cases = cases_of(self.history, referrals, lag_days=self.model.plan.extract_lag_days)
        codes = self.reach.codes(list(referrals), cases)
        scored = [place for place, code in enumerate(codes) if code is None]
        values = feature_matrix(self.history, cases, self.layout)[scored]
        # the layout was made by name in the model's own order, so no frame is needed
        parts = self.model.calibrator.contributions(self.model.booster.contributions(values))
        limits = limits_of(self.model, values, parts.sum(axis=1))
        rows = {place: row for row, place in enumerate(scored)}
        return [
            self._scored(referral, place, cases, values[row], parts[row], limits[row])
            if (row := rows.get(place)) is not None
            else self._coded(referral, str(codes[place]))
            for place, referral in enumerate(referrals)
        ]

    def _common(self, referral: Referral) -> dict[str, Any]:
        return {
            "score_id": self._score_id(referral),
            "referral_id": None if self.study else referral.referral_id,
            "child_id": None if self.study else referral.child_id,
            "as_of": referral.referral_date.isoformat(),
            "outcome": self.model.plan.outcome,
            "within_days": self.model.plan.within_days,
            "synthetic": self.model.training.origin == "synthetic",
            "model": self.used,
        }

    def _score_id(self, referral: Referral) -> str:
        content = [self.model.content_hash, referral.model_dump(mode="json")]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def _coded(self, referral: Referral, code: str, why: str = "") -> RiskScore:
        return RiskScore(**self._common(referral), code=code, code_meaning=why or CODES[code])

    def _scored(
        self,
        referral: Referral,
        place: int,
        cases: Cases,
        values: np.ndarray,
        parts: np.ndarray,
        limits: Limits,
    ) -> RiskScore:
        """Score a referral, unless too little is known; study output says so beside the score."""
        if limits.why_not and not self.study:
            return self._coded(referral, ABSTAINS, limits.why_not)
        log_odds = float(parts.sum())
        one = cases.part(place, place + 1)
        evidence = None if self.study else (lambda spec: facts_behind(self.history, one, spec))
        probability = float(expit(log_odds))
        meaning = OUTCOMES[self.model.plan.outcome].meaning
        return RiskScore(
            **self._common(referral),
            probability=probability,
            log_odds=log_odds,
            said=f"In {in_words(probability)} similar referrals {meaning} within "
            f"{self.model.plan.within_days} days.",
            reasons=reasons_for(self.layout.specs, values, parts[:-1], evidence),
            base=float(parts[-1]),
            unknowns=unknowns(self.layout.specs, values) + (limits.why_not,) * bool(limits.why_not),
            **limits.fields,
            **({} if self.study else self._banded(log_odds)),
        )

    def _banded(self, log_odds: float) -> dict[str, Any]:
        band = self.model.band_of(log_odds)
        if band is not None:
            meaning = (
                f"Of {band.n:,} referrals in this band, tested on later time and unseen "
                f"households, the outcome followed for {1000 * band.observed_rate:.0f} in 1,000 "
                f"({1000 * band.low:.0f} to {1000 * band.high:.0f})."
            )
            return {"band": BandMeaning(name=band.name, meaning=meaning, n=band.n)}
        missed = self.model.facts.listed.outside_bands_of_100
        return {
            "outside": "Outside the bands. This is not evidence of safety: of 100 children where "
            f"the outcome followed, {missed:.0f} were outside them too."
        }


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
    """
    return scorer(records, model).score([as_referral(referral)])[0]
