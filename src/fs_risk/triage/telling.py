"""From a row of features to a `RiskScore`: the part of scoring that needs no records.

A score at the front door and its replay years later both end here, so that they
cannot differ.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import expit

from fs_risk.features.evidence import Evidence
from fs_risk.features.spec import FeatureSpec
from fs_risk.model.bands import Band
from fs_risk.model.certainty import ABSTAINS
from fs_risk.model.in_use import Standing
from fs_risk.model.marked_breaks import crossed_by_case, history_days
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.triage.basis import Basis
from fs_risk.triage.limits import CASES, Limits, limits_of
from fs_risk.triage.reasons import reasons_for, unknowns
from fs_risk.triage.referral import Referral
from fs_risk.triage.risk_score import CASE_CAVEAT, CAVEAT, ModelUsed, RiskScore
from fs_risk.triage.said import BandMeaning, in_words
from fs_risk.triage.said_specs import SaidSpecs
from fs_risk.triage.scope import CODES
from fs_risk.triage.would_change import would_change

NO_FAMILY = (
    "the child's family: not named with the referral; brothers and sisters are read only where "
    "the records already link them"
)
"""Said where the model's plan has families declared, and a referral names none."""

FactsOf = Callable[[int, FeatureSpec], tuple[Evidence, ...]]
"""Gives the dated facts behind a feature of the case at a place."""


class Teller:
    """What one model says of rows of features.

    Parameters
    ----------
    model : StepUpModel
    specs : sequence of FeatureSpec
        The model's features, in its order.
    """

    def __init__(self, model: StepUpModel, specs: Sequence[FeatureSpec]) -> None:
        self.model, self.specs = model, SaidSpecs.of(specs)
        self.cases = CASES[model.plan.cohort]
        self.used = ModelUsed(
            name=model.name,
            version=model.version,
            plan=model.facts.plan_hash[:12],
            origin="SYNTHETIC" if model.training.origin == "synthetic" else "real",
        )

    def tell(self, bases: Sequence[Basis], facts_of: FactsOf) -> list[RiskScore]:
        """Say the score of each basis.

        Parameters
        ----------
        bases : sequence of Basis
            Their `facts` are filled with those that are said.
        facts_of : callable
            Asked for the facts behind each feature that is said, but not for study output.

        Returns
        -------
        list of RiskScore
            In the same order.
        """
        rows = [basis.values for basis in bases if basis.values is not None]
        if not rows:
            return [self._coded(basis, str(basis.code)) for basis in bases]
        values = np.stack(rows)
        parts = self.model.calibrator.contributions(self.model.booster.contributions(values))
        limits = iter(limits_of(self.model, values, parts.sum(axis=1)))
        part = iter(parts)
        return [
            self._coded(basis, str(basis.code))
            if basis.values is None
            else self._scored(basis, place, next(part), next(limits), facts_of)
            for place, basis in enumerate(bases)
        ]

    def _common(self, basis: Basis) -> dict[str, Any]:
        referral = basis.referral
        return {
            "score_id": self._score_id(basis),
            "referral_id": None if basis.study else referral.referral_id,
            "child_id": None if basis.study else referral.child_id,
            "as_of": referral.referral_date.isoformat(),
            "outcome": self.model.plan.outcome,
            "within_days": self.model.plan.within_days,
            "synthetic": self.model.training.origin == "synthetic",
            "model": self._used(basis.standing),
            "caveat": CAVEAT if self.model.plan.cohort == "referral" else CASE_CAVEAT,
            "chronology": basis.chronology,
        }

    def _used(self, standing: Standing) -> ModelUsed:
        if standing.card is None:
            return self.used
        approved = {"card": standing.card, "approved_until": standing.until}
        return self.used.model_copy(update=approved)

    def _score_id(self, basis: Basis) -> str:
        """Hash what the score follows from: model, referral, code, and the row of features."""
        # not whether it is decided by now, which family finds the others of the household
        # where the score does not read it, nor a field that it does not declare
        aside = {"decided"} if self.model.plan.family_declared else {"decided", "family_id"}
        declared = basis.referral.model_dump(mode="json", exclude=aside, exclude_none=True)
        content = [self.model.content_hash, declared, basis.code]
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
        if basis.values is not None:
            # missing is one value, whatever its bits
            row = np.where(np.isnan(basis.values), np.float32(np.nan), basis.values)
            digest.update(row.astype("<f4").tobytes())
        return digest.hexdigest()[:16]

    def _lacks_family(self, referral: Referral) -> bool:
        return self.model.plan.family_declared and referral.family_id is None

    def _crossed(self, referral: Referral) -> tuple[str, ...]:
        """Say which marked breaks lie within the history read, or the days ahead."""
        plan = self.model.plan
        if not plan.breaks:
            return ()
        return crossed_by_case(
            plan.breaks,
            referral.referral_date,
            history_days=history_days(self.specs),
            within_days=plan.within_days,
            tested_to=self.model.training.test.last_as_of,
        )

    def _coded(self, basis: Basis, code: str, why: str = "") -> RiskScore:
        return RiskScore(**self._common(basis), code=code, code_meaning=why or CODES[code])

    def _scored(
        self, basis: Basis, place: int, parts: np.ndarray, limits: Limits, facts_of: FactsOf
    ) -> RiskScore:
        """Score a referral, unless too little is known; study output says so beside the score."""
        if limits.why_not and not basis.study:
            return self._coded(basis, ABSTAINS, limits.why_not)
        assert basis.values is not None

        def evidence(spec: FeatureSpec) -> tuple[Evidence, ...]:
            basis.facts[spec.name] = facts_of(place, spec)
            return basis.facts[spec.name]

        log_odds = float(parts.sum())
        probability = float(expit(log_odds))
        meaning = OUTCOMES[self.model.plan.outcome].meaning
        shown = None if basis.study else evidence
        return RiskScore(
            **self._common(basis),
            probability=probability,
            log_odds=log_odds,
            said=f"In {in_words(probability)} similar {self.cases} {meaning} within "
            f"{self.model.plan.within_days} days.",
            reasons=reasons_for(self.specs, basis.values, parts[:-1], shown),
            base=float(parts[-1]),
            unknowns=unknowns(self.specs, basis.values)
            + self._crossed(basis.referral)
            + (NO_FAMILY,) * self._lacks_family(basis.referral)
            + (limits.why_not,) * bool(limits.why_not),
            would_change=would_change(
                basis.outlooks,
                log_odds,
                log_odds_of=self.log_odds_of,
                band_of=self.model.band_of,
            ),
            **limits.fields,
            **({} if basis.study else self._banded(log_odds)),
        )

    def log_odds_of(self, values: np.ndarray) -> np.ndarray:
        """Give the calibrated log-odds of rows of features.

        Parameters
        ----------
        values : ndarray of float32, shape (n, n_features)
            In the order of the model's features.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return self.model.calibrator.log_odds(self.model.booster.margin(values))

    def _banded(self, log_odds: float) -> dict[str, Any]:
        band = self.model.band_of(log_odds)
        if band is not None:
            meaning = (
                f"Of {band.n:,} {self.cases} in this band, tested on later time and unseen "
                f"households, the outcome followed for {1000 * band.observed_rate:.0f} in 1,000 "
                f"({1000 * band.low:.0f} to {1000 * band.high:.0f})."
                f"{self._unlisted(band)}"
            )
            return {"band": BandMeaning(name=band.name, meaning=meaning, n=band.n)}
        missed = self.model.facts.listed.outside_bands_of_100
        return {
            "outside": "Outside the bands. This is not evidence of safety: of 100 children where "
            f"the outcome followed, {missed:.0f} were outside them too."
        }

    def _unlisted(self, band: Band) -> str:
        """Say what no place on a list does not mean, where lists do not reach to a band's end."""
        listed = self.model.facts.listed
        reached = sum(each.n for each in self.model.bands if each.threshold >= band.threshold)
        if reached < listed.listed:
            return ""
        missed = (
            f": of 100 children where the outcome followed, {listed.not_listed_of_100:.0f} were on "
            "no list"
        )
        return (
            " Not every score in it has a place on a list of the plan's capacity; to have none is "
            f"not evidence of safety{missed * bool(listed.positives)}."
        )


def specs_of(model: StepUpModel) -> list[FeatureSpec]:
    """Give the definitions of a model's features, in its order.

    Parameters
    ----------
    model : StepUpModel

    Returns
    -------
    list of FeatureSpec

    Raises
    ------
    ArtefactError
        If a feature is no longer defined as when the model was fitted.
    """
    from fs_risk.features.catalogue import CATALOGUE

    model.check_definitions(CATALOGUE)
    by_name = {spec.name: spec for spec in CATALOGUE}
    return [by_name[name] for name in model.feature_names]
