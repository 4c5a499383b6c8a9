"""Scores of open cases, and why one moved between two days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.errors import ReferralError
from fs_risk.features.build import FeatureLayout, feature_matrix, lay_out
from fs_risk.features.cases import Cases, as_cases
from fs_risk.features.evidence import Evidence, facts_behind
from fs_risk.features.spec import FeatureSpec
from fs_risk.features.timeline import History
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.dates import DATE_DTYPE, NEVER, from_days
from fs_risk.records.days_in_words import day_words
from fs_risk.triage.basis import Basis, Made
from fs_risk.triage.reasons import LEAST, concept_totals
from fs_risk.triage.referral import Referral
from fs_risk.triage.risk_score import in_words
from fs_risk.triage.scope import OPEN_NOW, Reach, apart_from_open_now
from fs_risk.triage.telling import Teller, specs_of


@dataclass(frozen=True)
class Part:
    """How much one theme moved a score.

    Attributes
    ----------
    concept : str
    before, now : float
        Its contribution to the calibrated log-odds on either day.
    said_before, said_now : str
        What is recorded, in the catalogue's words; empty where no single fact says it.
    """

    concept: str
    before: float
    now: float
    said_before: str = ""
    said_now: str = ""

    @property
    def change(self) -> float:
        """`now` less `before`."""
        return self.now - self.before


@dataclass(frozen=True)
class Movement:
    """Why a child's score moved between two days, by the same model.

    Attributes
    ----------
    since : date
    log_odds_before, log_odds_now : float
    parts : tuple of Part
        Every theme, that which moved it most first; their changes sum to the change in
        log-odds.
    """

    since: date
    log_odds_before: float
    log_odds_now: float
    parts: tuple[Part, ...]

    @property
    def change(self) -> float:
        """Change in calibrated log-odds."""
        return self.log_odds_now - self.log_odds_before

    def lines(self) -> tuple[str, ...]:
        """Say it line by line, themes that moved it hardly at all left out.

        Returns
        -------
        tuple of str
        """
        then, now = (in_words(float(expit(x))) for x in (self.log_odds_before, self.log_odds_now))
        first = f"On {day_words(self.since)} it was {then}; now {now}."
        moved = [part for part in self.parts if abs(part.change) >= LEAST]
        return (first, *(_said(part) for part in moved)) if moved else (
            first, "No theme moved it by itself.",
        )  # fmt: skip


def _said(part: Part) -> str:
    up = "Raises it" if part.change > 0 else "Lowers it"
    words = f": {part.said_now} (then: {part.said_before})" if part.said_now else ""
    return f"{up}: {part.concept}{words}"


class OpenCaseScorer:
    """One model of open cases over one history.

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
        if model.plan.cohort != "open_case":
            raise ReferralError(
                f"The model was trained on the {model.plan.cohort} cohort, not on open cases.",
                where=f"model {model.name}",
                fix="Train or load a model whose plan has cohort='open_case'.",
            )
        self.history, self.model, self.specs = history, model, specs_of(model)
        self._with_open_now: FeatureLayout = lay_out((*self.specs, *OPEN_NOW))
        self._reach, self._teller = Reach(history, model), Teller(model, self.specs)
        self.used = self._teller.used
        self.study = model.training.origin == "synthetic" and history.origin.kind == "real"

    def make(self, cohort: pd.DataFrame) -> list[Made]:
        """Score open cases, each as if it were alone, and give what it was made from.

        Parameters
        ----------
        cohort : DataFrame
            ``case_id`` (the referral that opened the case), ``child_id``, ``as_of``.

        Returns
        -------
        list of Made
            In the same order.
        """
        if cohort.empty:
            return []
        cases = self._cases(cohort)
        referrals = _as_declared(cohort, cases)
        values, open_now = apart_from_open_now(
            feature_matrix(self.history, cases, self._with_open_now)
        )
        codes = self._reach.codes(referrals, cases, open_now)
        extract_date, standing = _day(self.history.extract_day), self._reach.standing
        retain = self.history.retain[cases.child]
        bases = [
            Basis(
                referral=referral,
                code=code,
                values=values[place] if code is None else None,
                extract_date=extract_date,
                study=self.study,
                retain_until=None
                if cases.child[place] < 0 or retain[place] == NEVER
                else _day(retain[place]),
                standing=standing,
            )
            for place, (referral, code) in enumerate(zip(referrals, codes, strict=True))
        ]

        def facts_of(place: int, spec: FeatureSpec) -> tuple[Evidence, ...]:
            return facts_behind(self.history, cases.part(place, place + 1), spec)

        scores = self._teller.tell(bases, facts_of)
        return [Made(score, basis) for score, basis in zip(scores, bases, strict=True)]

    def moved(self, cohort: pd.DataFrame, since: Sequence[date | None]) -> list[Movement | None]:
        """Say why each case's score moved since an earlier day.

        Both days by this model and what was known before each, so that the difference of
        exact contributions is the difference of the scores.

        Parameters
        ----------
        cohort : DataFrame
            As for `make`, with ``opened``.
        since : sequence of date or None

        Returns
        -------
        list of Movement or None
            None where there was no earlier day, the case was not open by it, or a score
            could not be given on either day.
        """
        days = pd.to_datetime(pd.Series(list(since), index=cohort.index, dtype="object"))
        asked = (days.notna() & (cohort["opened"] < days)).to_numpy()
        now = cohort[asked]
        then = now.assign(as_of=days[asked].astype(DATE_DTYPE))
        found: list[Movement | None] = [None] * len(cohort)
        for place, before, after, day in zip(
            np.flatnonzero(asked), self.make(then), self.make(now), days[asked], strict=True
        ):
            if before.score.code is None and after.score.code is None:
                found[place] = self._movement(day.date(), before.basis, after.basis)
        return found

    def _cases(self, cohort: pd.DataFrame) -> Cases:
        return as_cases(self.history, cohort, lag_days=self.model.plan.extract_lag_days)

    def _movement(self, since: date, before: Basis, after: Basis) -> Movement:
        assert before.values is not None
        assert after.values is not None
        rows = np.stack([before.values, after.values])
        parts = self.model.calibrator.contributions(self.model.booster.contributions(rows))
        then, now = (concept_totals(self.specs, row[:-1]) for row in parts)
        moved = [self._part(concept, then, now, rows, parts) for concept in now]
        log_odds = parts.sum(axis=1)
        return Movement(
            since=since,
            log_odds_before=float(log_odds[0]),
            log_odds_now=float(log_odds[1]),
            parts=tuple(sorted(moved, key=lambda part: -abs(part.change))),
        )

    def _part(
        self,
        concept: str,
        then: dict[str, float],
        now: dict[str, float],
        rows: np.ndarray,
        parts: np.ndarray,
    ) -> Part:
        """Give a theme's part, said by the feature that moved it most its way."""
        change = now[concept] - then[concept]
        mine = [place for place, spec in enumerate(self.specs) if spec.concept == concept]
        step = [float((parts[1, place] - parts[0, place]) * np.sign(change)) for place in mine]
        said = ["", ""]
        if step and max(step) > 0:
            place = mine[int(np.argmax(step))]
            said = [self.specs[place].say(float(row[place])) for row in rows]
        if said[0] == said[1]:
            said = ["", ""]
        return Part(concept, then[concept], now[concept], *said)


_SCORERS: WeakKeyDictionary[History, dict[str, OpenCaseScorer]] = WeakKeyDictionary()


def open_case_scorer(history: History, model: StepUpModel) -> OpenCaseScorer:
    """Give the scorer of a model over a history, made on first use and kept while it lives.

    Parameters
    ----------
    history : History
    model : StepUpModel

    Returns
    -------
    OpenCaseScorer
    """
    kept = _SCORERS.setdefault(history, {})
    # decisions are about the model in one folder, not about its copies
    key = f"{model.content_hash} {model.home}"
    if key not in kept:
        kept[key] = OpenCaseScorer(history, model)
    return kept[key]


def _as_declared(cohort: pd.DataFrame, cases: Cases) -> list[Referral]:
    """Give each case as a referral of the day on which it is looked at."""
    rows = zip(cohort["case_id"], cohort["child_id"], cohort["as_of"], cases.source, strict=True)
    return [
        Referral(
            referral_id=case,
            child_id=child,
            referral_date=day.date(),
            source=source if isinstance(source, str) else None,
        )
        for case, child, day, source in rows
    ]


def as_case(referral: Referral) -> pd.DataFrame:
    """Give an open case, stored as a referral of the day it was looked at, as a cohort again.

    Parameters
    ----------
    referral : Referral

    Returns
    -------
    DataFrame
    """
    return pd.DataFrame(
        {
            "case_id": [referral.referral_id],
            "child_id": [referral.child_id],
            "as_of": pd.to_datetime([referral.referral_date]).astype(DATE_DTYPE),
        }
    )


def _day(day: int | np.int32) -> date:
    found: date = pd.Timestamp(from_days(np.array([day], dtype=np.int32))[0]).date()
    return found
