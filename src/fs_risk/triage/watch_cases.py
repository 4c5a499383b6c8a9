"""The referrals that a model is watched on, before its test and since, scored as they come in."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.errors import AuditError
from fs_risk.features.build import feature_matrix
from fs_risk.model.certainty import ABSTAINS
from fs_risk.model.folds import split_groups
from fs_risk.model.listing import list_periods
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.dates import day_given
from fs_risk.records.households import household_keys
from fs_risk.records.records import Records
from fs_risk.triage.cases import cases_of
from fs_risk.triage.referral import Referral, declared_referrals
from fs_risk.triage.scope import Reach
from fs_risk.triage.score import scorer

OUT_OF_SCOPE = "OUT_OF_SCOPE"


class _Watching(Reach):
    """The reach of a model while it is watched: whether it is approved is another check's."""

    @property
    def approved(self) -> bool:
        return True


@dataclass(frozen=True, eq=False)
class Span:
    """The days over which a model is watched.

    Attributes
    ----------
    first, last : Timestamp
        `last` is so long before the end of what referrals' table observes as the extract
        may be old: later ones may not be in it yet.
    """

    first: pd.Timestamp
    last: pd.Timestamp

    @property
    def months(self) -> pd.PeriodIndex:
        """Calendar months; the first and the last may be part of one."""
        return pd.period_range(self.first, self.last, freq="M")

    @property
    def words(self) -> str:
        """First and last day."""
        return f"{self.first.date()} to {self.last.date()}"

    def number(self, days: pd.Series) -> np.ndarray:
        """Give each day's month, from 0; negative before the first."""
        first = self.months[0] if len(self.months) else self.first.to_period("M")
        months = (days.dt.year - first.year) * 12 + days.dt.month - first.month
        numbers: np.ndarray = months.fillna(-1).to_numpy(dtype=np.int64)
        return numbers

    def holds(self, days: pd.Series) -> np.ndarray:
        """Say which days are within."""
        inside: np.ndarray = days.between(self.first, self.last).to_numpy(dtype=bool)
        return inside


@dataclass(frozen=True, eq=False)
class Watched:
    """Referrals of the records, in order of their day.

    Attributes
    ----------
    records : Records
    model : StepUpModel
    span : Span
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.
    household : ndarray of str, shape (n,)
    matrix : ndarray of float32, shape (n, n_features)
    log_odds, probability : ndarray of float64, shape (n,)
        By the model in use.
    code : ndarray of object, shape (n,)
        None where there is a score.
    label : ndarray of float64, shape (n,)
        NaN where the outcome is not, or not yet, known.
    period : ndarray of int64, shape (n,)
        List that the case falls into.
    month : ndarray of int64, shape (n,)
        Month of watching; negative before.
    learnt, judged, tested, now : ndarray of bool, shape (n,)
        Of the time that the model was made from, test included; of what came after the fit
        and up to the end of the test; of the test; of the time in which it is watched.
    """

    records: Records
    model: StepUpModel
    span: Span
    cohort: pd.DataFrame
    household: np.ndarray
    matrix: np.ndarray
    log_odds: np.ndarray
    probability: np.ndarray
    code: np.ndarray
    label: np.ndarray
    period: np.ndarray
    month: np.ndarray
    learnt: np.ndarray
    judged: np.ndarray
    tested: np.ndarray
    now: np.ndarray

    @property
    def scored(self) -> np.ndarray:
        """Cases that get a score."""
        return np.array([code is None for code in self.code], dtype=bool)

    @property
    def in_scope(self) -> np.ndarray:
        """Cases that the model may say something of, if enough is known."""
        inside: np.ndarray = self.code != OUT_OF_SCOPE
        return inside

    @property
    def lately(self) -> np.ndarray:
        """Cases of the last twelve months that are watched."""
        recent: np.ndarray = self.now & (self.month >= len(self.span.months) - 12)
        return recent

    @property
    def lately_words(self) -> str:
        """First and last day of these months."""
        months = self.span.months
        first = self.span.first if len(months) <= 12 else months[-12].start_time
        return f"{first.date()} to {self.span.last.date()}"


def watched_cases(model: StepUpModel, records: Records, since: date | None) -> Watched:
    """Score the referrals of the records, and label those whose window was wholly observed.

    Parameters
    ----------
    model : StepUpModel
    records : Records
    since : date or None
        First day watched; by default the day after the last case that it was tested on.

    Returns
    -------
    Watched

    Raises
    ------
    AuditError
        If the records are not of the kind that the model was fitted on, or do not
        observe referrals.
    ReferralError
        If the model was trained for another kind of case.
    """
    by = scorer(records, model)
    window = _window(model, records)
    span = _span(model, window, since)
    plan = model.plan
    referrals = declared_referrals(
        records, window[0].date(), window[1].date(), family_declared=plan.family_declared
    )
    cases = cases_of(
        by.history,
        referrals,
        lag_days=plan.extract_lag_days,
        family_declared=plan.family_declared,
    )
    matrix = feature_matrix(by.history, cases, by.layout)
    log_odds = model.calibrator.log_odds(model.booster.margin(matrix))
    cohort = _cohort(referrals)
    days, training = cohort["as_of"], model.training
    labels = label_outcome(
        records, cohort, outcome=model.plan.outcome, within_days=model.plan.within_days
    )
    households = household_keys(records["children"], records["family_links"])
    return Watched(
        records=records,
        model=model,
        span=span,
        cohort=cohort,
        household=split_groups(cohort, households)["household"].to_numpy(dtype=object).astype(str),
        matrix=matrix,
        log_odds=log_odds,
        probability=expit(log_odds),
        code=_codes(model, _Watching(by.history, model).codes(referrals, cases), matrix),
        label=labels["label"].to_numpy(dtype=np.float64),
        period=list_periods(days, model.plan.list_period),
        month=span.number(days),
        learnt=_between(days, training.fit.first_as_of, training.test.last_as_of),
        judged=_after(days, training.fit.last_as_of)
        & _between(days, training.fit.first_as_of, training.test.last_as_of),
        tested=_between(days, training.test.first_as_of, training.test.last_as_of),
        now=span.holds(days),
    )


def _window(model: StepUpModel, records: Records) -> tuple[pd.Timestamp, pd.Timestamp]:
    if records.origin.kind != model.training.origin:
        raise AuditError(
            f"A model fitted on {model.training.origin} records cannot be watched on "
            f"{records.origin.kind} ones.",
            where=f"model {model.name}",
            fix="Give records of the kind that it was fitted on.",
        )
    window = records.coverage.get("referrals")
    if window is None or records["referrals"].empty:
        raise AuditError(
            "The records do not observe referrals.",
            where="table referrals",
            fix="Read a return that holds referrals.",
        )
    return window.observed_from, window.observed_to


def _span(
    model: StepUpModel, window: tuple[pd.Timestamp, pd.Timestamp], since: date | None
) -> Span:
    tested = pd.Timestamp(model.training.test.last_as_of) + pd.Timedelta(days=1)
    first = tested if since is None else day_given(since, argument="since")
    last = window[1] - pd.Timedelta(days=model.plan.extract_lag_days)
    return Span(max(first, window[0]), last)


def _after(days: pd.Series, day: str) -> np.ndarray:
    later: np.ndarray = (days > pd.Timestamp(day)).to_numpy()
    return later


def _between(days: pd.Series, first: str, last: str) -> np.ndarray:
    inside: np.ndarray = days.between(pd.Timestamp(first), pd.Timestamp(last)).to_numpy()
    return inside


def _cohort(referrals: list[Referral]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "case_id": pd.Series([each.referral_id for each in referrals], dtype="str"),
            "child_id": pd.Series([each.child_id for each in referrals], dtype="str"),
            "as_of": pd.Series(
                pd.to_datetime([each.referral_date for each in referrals]), dtype="datetime64[s]"
            ),
        }
    )


def _codes(model: StepUpModel, declared: list[str | None], matrix: np.ndarray) -> np.ndarray:
    """Add to what the scope says where too little is known."""
    codes = np.array(declared, dtype=object)
    support = model.facts.support
    if support is not None and len(codes):
        found, _ = support.similar(matrix)
        few = (found < support.fewest_similar) | (support.unlike(matrix) > support.most_unlike)
        codes[few & np.array([code is None for code in declared], dtype=bool)] = ABSTAINS
    return codes
