"""When there is no score: codes instead of a number, in the order in which they are asked."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fs_risk.features.build import feature_matrix, lay_out
from fs_risk.features.cases import Cases
from fs_risk.features.identity import ADULT_DAYS
from fs_risk.features.measures import SpellsOpen
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.model.in_use import InUse, Standing
from fs_risk.model.plan import Plan
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.definitions import OUTCOMES, TIER_TABLES
from fs_risk.records.dates import MISSING_DAY
from fs_risk.triage.referral import Referral

CODES = {
    "PERSON_NOW": "An immediate concern is declared: a person decides now, before any score.",
    "RESTRICTED": "The record is restricted: no score is made.",
    "NOT_APPROVED": "The model is not approved for use on referrals.",
    "OUT_OF_SCOPE": "The model knows harm in the home; this referral or child is outside that.",
    "STALE_EXTRACT": "The extract is older than the model was trained for.",
    "NOT_OBSERVED": "The records do not observe referrals on that day, or too little else.",
}
"""What each code means."""

_TIER_STREAMS = (("cp_plan", 3), ("pre_proceedings_open", 4), ("care", 5))


def _open_spec(stream: str) -> FeatureSpec:
    return FeatureSpec(
        name=stream, concept=stream, meaning="open on the day", unit="", kind="neutral",
        measure=SpellsOpen(stream), present="open", absent="not open", missing="not held",
    )  # fmt: skip


TIERS = tuple(_open_spec(stream) for stream, _ in _TIER_STREAMS)
"""Features that say which tiers a case has reached; behind a model's own, they need no pass."""

_TIERS = lay_out(TIERS)


def apart_from_tiers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take a model's features and those of `TIERS`, which stand behind them, apart.

    Parameters
    ----------
    values : ndarray, shape (n, n_features + len(TIERS))

    Returns
    -------
    values : ndarray, shape (n, n_features)
    reached : ndarray, shape (n, len(TIERS))
    """
    return values[:, : -len(TIERS)], values[:, -len(TIERS) :]


@dataclass(frozen=True)
class Reach:
    """What a model may say about a history's cases."""

    history: History
    model: StepUpModel

    @cached_property
    def _in_use(self) -> InUse:
        return InUse(self.model)

    @property
    def standing(self) -> Standing:
        """Whether the model may be used on referrals today, and until when."""
        return self._in_use.standing()

    @property
    def approved(self) -> bool:
        """Whether the model may be used on referrals today."""
        return self.standing.usable

    def codes(
        self, referrals: list[Referral], cases: Cases, reached: np.ndarray | None = None
    ) -> list[str | None]:
        """Give the code for each referral that gets no score, else None.

        Parameters
        ----------
        referrals : list of Referral
        cases : Cases
            The same referrals, in order.
        reached : ndarray of float, shape (n, len(TIERS)), optional
            Their features `TIERS`, where these are at hand.

        Returns
        -------
        list of str or None
        """
        beyond = self._beyond(cases, reached)
        stale = cases.cut - 1 > self.history.extract_day
        unobserved = self._unobserved(cases)
        approved = self.approved
        return [
            self._code(referral, bool(beyond[i]), bool(stale[i]), bool(unobserved[i]), approved)
            for i, referral in enumerate(referrals)
        ]

    @staticmethod
    def _code(
        referral: Referral, beyond: bool, stale: bool, unobserved: bool, approved: bool
    ) -> str | None:
        asked = (
            ("PERSON_NOW", referral.immediate_concern is not None),
            ("RESTRICTED", referral.restricted),
            ("NOT_APPROVED", not approved),
            ("OUT_OF_SCOPE", referral.kind != "home" or beyond),
            ("STALE_EXTRACT", stale),
            ("NOT_OBSERVED", unobserved),
        )
        return next((code for code, applies in asked if applies), None)

    def _beyond(self, cases: Cases, reached: np.ndarray | None) -> np.ndarray:
        """Mark adults, unaccompanied children, and children at or above the outcome's tier."""
        beyond: np.ndarray = (cases.birth != MISSING_DAY) & (
            cases.day.astype(np.int64) - cases.birth >= ADULT_DAYS
        )
        known = cases.child >= 0
        beyond[known] |= self.history.unaccompanied[cases.child[known]]
        tier = _tier_left_out(self.model.plan)
        if tier is not None:
            if reached is None:
                reached = feature_matrix(self.history, cases, _TIERS)
            at_or_above = [at >= tier for _, at in _TIER_STREAMS]
            beyond |= (reached[:, at_or_above] > 0).any(axis=1)
        return beyond

    def _unobserved(self, cases: Cases) -> np.ndarray:
        span = self.history.coverage.get("referrals")
        if span is None:
            return np.ones(cases.day.size, dtype=bool)
        outside: np.ndarray = (cases.day < span[0]) | (cases.cut - 1 > span[1])
        return outside


def _tier_left_out(plan: Plan) -> int | None:
    """Give the lowest tier that the outcome is no step from.

    An open case may step up from any tier but the highest.
    """
    if plan.outcome == "step_up" and plan.cohort == "open_case":
        return max(TIER_TABLES)
    return OUTCOMES[plan.outcome].tier
