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


_OTHER_GROUNDS = "care_on_other_grounds"
"""Spells of remand and of short breaks: whatever the outcome, the model says nothing there."""

OPEN_NOW = tuple(_open_spec(name) for name in (*dict(_TIER_STREAMS), _OTHER_GROUNDS))
"""Features of where a case stands on the day; behind a model's own, they need no pass."""

_OPEN_NOW = lay_out(OPEN_NOW)


def apart_from_open_now(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take a model's features and those of `OPEN_NOW`, which come after them, apart.

    Parameters
    ----------
    values : ndarray, shape (n, n_features + len(OPEN_NOW))

    Returns
    -------
    values : ndarray, shape (n, n_features)
    open_now : ndarray, shape (n, len(OPEN_NOW))
    """
    return values[:, : -len(OPEN_NOW)], values[:, -len(OPEN_NOW) :]


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
        self, referrals: list[Referral], cases: Cases, open_now: np.ndarray | None = None
    ) -> list[str | None]:
        """Give the code for each referral that gets no score, else None.

        Parameters
        ----------
        referrals : list of Referral
        cases : Cases
            The same referrals, in order.
        open_now : ndarray of float, shape (n, len(OPEN_NOW)), optional
            Their features `OPEN_NOW`, where these are at hand.

        Returns
        -------
        list of str or None
        """
        beyond = self._beyond(cases, open_now)
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

    def _beyond(self, cases: Cases, open_now: np.ndarray | None) -> np.ndarray:
        """Mark whom the model says nothing about.

        Adults, unaccompanied children, children on remand or in short breaks, and those at
        or above the outcome's tier.
        """
        beyond: np.ndarray = (cases.birth != MISSING_DAY) & (
            cases.day.astype(np.int64) - cases.birth >= ADULT_DAYS
        )
        known = cases.child >= 0
        beyond[known] |= self.history.unaccompanied[cases.child[known]]
        if open_now is None:
            open_now = feature_matrix(self.history, cases, _OPEN_NOW)
        tier = _tier_left_out(self.model.plan)
        outside = [tier is not None and at >= tier for _, at in _TIER_STREAMS] + [True]
        beyond |= (open_now[:, outside] > 0).any(axis=1)
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
