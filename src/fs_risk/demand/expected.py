"""`expected_step_ups`: what the scores of open cases add up to, and what the flows say."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_extract import as_extract
from fs_risk.demand.caseload_flows import fit_flows
from fs_risk.demand.caseload_paths import TIERS
from fs_risk.demand.expected_cells import ALL, OpenScores, summed
from fs_risk.demand.expected_flow import FlowStepUps, flow_step_ups
from fs_risk.demand.hazards_drift import USUAL_YEARLY_SD
from fs_risk.errors import OutcomeError, PlanError
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.model.step_up import StepUpModel
from fs_risk.outcomes.cohorts import open_case_cohort
from fs_risk.outcomes.definitions import OUTCOMES
from fs_risk.outcomes.indicator_teams import NO_TEAM
from fs_risk.outcomes.labels import label_outcome
from fs_risk.outcomes.tiers import Ladder
from fs_risk.records.arguments import DAY, MODEL, RECORDS, takes
from fs_risk.records.dates import DATE_DTYPE, day_given, to_days
from fs_risk.records.households import household_numbers
from fs_risk.records.notebook import Display, Displayed
from fs_risk.records.records import Records
from fs_risk.records.suppression import shown_count

_ANSWERABLE = ("", "immature", "left the area", "adopted", "decided at once")
"""Reasons for a missing label that lie after the day: such a case was in scope on it."""

_MONTH_DAYS = 365.25 / 12
_TIMING_DATES = 4
_HALF = 0.5


@dataclass(frozen=True, repr=False)
class ExpectedStepUps(Displayed):
    """Totals of step-ups expected of the cases open on a day; nobody is named.

    Attributes
    ----------
    on : Timestamp
    outcome : str
    within_days : int
    table : DataFrame
        ``tier``, ``team`` (`"all"` for totals), ``cases``, ``expected``, ``lo-80``,
        ``hi-80``, ``lo-95``, ``hi-95``, ``hidden``: cells of 1 to 5 cases are hidden, with
        others that would give them away.
    months : DataFrame
        ``ds``, ``expected`` of all cases in each month to come, by when step-ups have come.
    departure : DataFrame
        ``tier``, ``expected`` by the scores, ``flow``, ``flow_lo-95``, ``flow_hi-95`` by
        the flow model, ``difference``, ``why``; empty where the history is too short.
    out_of_scope : str
        How many open cases have no score, small counts hidden.
    stamp : str
        What the model may be used for.
    """

    on: pd.Timestamp
    outcome: str
    within_days: int
    table: pd.DataFrame = field(repr=False)
    months: pd.DataFrame = field(repr=False)
    departure: pd.DataFrame = field(repr=False)
    out_of_scope: str
    stamp: str

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the step-ups expected of each tier, with both bands.

        Parameters
        ----------
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
            Cells that are hidden, for their small numbers, are left out.
        """
        from fs_risk.demand.expected_shown import plot_expected

        return plot_expected(self, ax)

    def _display(self) -> Display:
        from fs_risk.demand.expected_shown import expected_display

        return expected_display(self)


@takes(model=MODEL, records=RECORDS, on=DAY)
def expected_step_ups(
    model: StepUpModel,
    records: Records,
    *,
    on: date | str,
    flow: bool = True,
    n_paths: int = 300,
    seed: int = 0,
) -> ExpectedStepUps:
    """Add up the calibrated probabilities of the cases open on a day.

    Parameters
    ----------
    model : StepUpModel
        Trained on open cases, for an outcome that is a tier.
    records : Records
    on : date or str
    flow : bool, default=True
        Whether to set the flow model's expectation of the same cases beside it.
    n_paths : int, default=300
    seed : int, default=0

    Returns
    -------
    ExpectedStepUps
        The band allows for luck, siblings who step up together, how well calibrated the
        model is known to be, and drift since it was trained.

    Raises
    ------
    PlanError
        If the model is about other cases, or an outcome that is no step up.
    OutcomeError
        If referrals were not observed on the day, or no case was open.

    Examples
    --------
    >>> expected = expected_step_ups(model, records, on="2025-03-03")  # doctest: +SKIP
    >>> expected.table  # doctest: +SKIP
    """
    _check(model)
    day = day_given(on, argument="on")
    cohort = open_case_cohort(records, on=day)
    if cohort.empty:
        raise OutcomeError(
            "No case was open on the day.", where="on", fix="Choose a day with open cases."
        )
    plan = model.plan
    labels = label_outcome(records, cohort, outcome=plan.outcome, within_days=plan.within_days)
    inside = labels["reason"].isin(_ANSWERABLE).to_numpy()
    scored = cohort[inside].reset_index(drop=True)
    scores = _scores(model, records, scored)
    beside = _flow(records, model, day, n_paths, seed) if flow else None
    return ExpectedStepUps(
        on=day,
        outcome=plan.outcome,
        within_days=plan.within_days,
        table=summed(scores, _rate_sd(model, day)),
        months=_months(records, model, day, float(scores.probability.sum())),
        departure=_departure(scores, beside, n_left_out=int((~inside).sum())),
        out_of_scope=shown_count(int((~inside).sum())),
        stamp=_stamp(model, records),
    )


def _check(model: StepUpModel) -> None:
    plan = model.plan
    if plan.cohort != "open_case":
        raise PlanError(
            f"The model is about cases of kind {plan.cohort!r}, not open cases.",
            where=f"model {model.name}",
            fix="Train a model with Plan(cohort='open_case').",
        )
    if OUTCOMES[plan.outcome].tier is None:
        raise PlanError(
            f"The outcome {plan.outcome!r} is no move to a higher tier.",
            where=f"model {model.name}",
            fix="Use a model for step_up, cp_plan, pre_proceedings or care.",
        )
    model.check_definitions(CATALOGUE)


def _stamp(model: StepUpModel, records: Records) -> str:
    if "synthetic" in (model.training.origin, records.origin.kind):
        return "SYNTHETIC "
    return "" if model.mode == "approval needed" else "STUDY ONLY "


def _scores(model: StepUpModel, records: Records, cohort: pd.DataFrame) -> OpenScores:
    built = build_features(records, cohort, lag_days=model.plan.extract_lag_days)
    probability = model.predict_proba(built[list(model.feature_names)])[:, 1]
    children = pd.Index(cohort["child_id"].unique())
    codes = children.get_indexer(cohort["child_id"]).astype(np.int64)
    as_of = to_days(cohort["as_of"]).astype(np.int64)
    referrals = records["referrals"].drop_duplicates("referral_id").set_index("referral_id")
    team = referrals["team"].reindex(cohort["case_id"]).astype(object).fillna(NO_TEAM)
    return OpenScores(
        probability=probability,
        tier=Ladder(records, children, codes, as_of).current,
        team=team.to_numpy(dtype=object),
        household=household_numbers(children, records["family_links"])[codes].astype(np.int64),
    )


def _rate_sd(model: StepUpModel, day: pd.Timestamp) -> float:
    """Say how far the true rate may lie from the scored one, on the log scale."""
    known = max(model.facts.listed.positives, 1)
    trained = pd.Timestamp(model.training.fit.last_as_of)
    years = max((day - trained).days, 0) / 365.25 + _HALF * model.plan.within_days / 365.25
    return float(np.sqrt(2.0 / known + USUAL_YEARLY_SD**2 * years))


def _months(
    records: Records, model: StepUpModel, day: pd.Timestamp, expected: float
) -> pd.DataFrame:
    """Spread the total over the months to come, by when step-ups came before."""
    within = model.plan.within_days
    n_months = max(round(within / _MONTH_DAYS), 1)
    share = _timing(records, model, day, n_months)
    first = np.datetime64(day.date(), "M")
    ds = (first + np.arange(n_months)).astype(DATE_DTYPE)
    return pd.DataFrame({"ds": ds, "expected": expected * share})


def _timing(records: Records, model: StepUpModel, day: pd.Timestamp, n_months: int) -> np.ndarray:
    """Give the share of step-ups in each month after a day; even where none were seen."""
    plan, window = model.plan, records.coverage["referrals"]
    latest = min(day, records.extract_date) - pd.Timedelta(days=plan.within_days + 1)
    days = [latest - pd.DateOffset(months=3 * number) for number in range(_TIMING_DATES)]
    days = [each for each in days if window is not None and each > window.observed_from]
    if not days:
        return np.full(n_months, 1.0 / n_months)
    cohort = open_case_cohort(records, on=days)
    whole = label_outcome(records, cohort, outcome=plan.outcome, within_days=plan.within_days)
    told = whole["label"].notna().to_numpy()
    by = [
        label_outcome(records, cohort, outcome=plan.outcome,
                      within_days=max(round(plan.within_days * month / n_months), 1))
        for month in range(1, n_months)
    ]  # fmt: skip
    counts = [float((each["label"].to_numpy()[told] > 0).sum()) for each in by]
    total = float(whole["label"][told].sum())
    if total <= 0:
        return np.full(n_months, 1.0 / n_months)
    running = np.maximum.accumulate(np.array([0.0, *counts, total])) / total
    return np.diff(np.minimum(running, 1.0))


def _flow(
    records: Records, model: StepUpModel, day: pd.Timestamp, n_paths: int, seed: int
) -> FlowStepUps | None:
    """Let the flow model move the same cases, as known on the day; None if it cannot be fitted."""
    try:
        flows = fit_flows(as_extract(records, day))
    except OutcomeError:
        return None
    outcome = OUTCOMES[model.plan.outcome]
    lowest = None if outcome.name == "step_up" else outcome.tier
    horizon = max(round(model.plan.within_days / _MONTH_DAYS), 1)
    return flow_step_ups(flows, lowest=lowest, horizon=horizon, n_paths=n_paths, seed=seed)


def _departure(scores: OpenScores, beside: FlowStepUps | None, *, n_left_out: int) -> pd.DataFrame:
    names = ["tier", "expected", "flow", "flow_lo-95", "flow_hi-95", "difference", "why"]
    if beside is None:
        return pd.DataFrame(columns=names)
    shown = summed(scores, 0.0)
    shown = shown[(shown["team"] == ALL).to_numpy()]
    rows = []
    for row in shown.itertuples():
        single = row.tier != ALL
        drawn = beside.by_tier[:, int(row.tier)] if single else beside.by_tier.sum(axis=1)
        if row.hidden:
            rows.append((row.tier, *[float("nan")] * 5, "few cases: hidden"))
            continue
        low, high = np.quantile(drawn, [0.025, 0.975])
        apart = float(row.expected) - float(drawn.mean())
        why = _why(row.tier, apart, low <= row.expected <= high, beside.pace, n_left_out)
        rows.append((row.tier, row.expected, drawn.mean(), low, high, apart, why))
    return pd.DataFrame(rows, columns=names).astype({"tier": "str", "why": "str"})


def _why(tier: str, apart: float, inside: bool, pace: float, n_left_out: int) -> str:
    """Say what the two count differently; a difference is never put down to one cause."""
    if inside:
        return "within the flow model's 95 % band"
    said = [
        "more by the scores" if apart > 0 else "fewer by the scores",
        f"{shown_count(n_left_out)} open cases are outside the model's scope and only in the flows",
        "the scores also count step-ups after a case has closed, the flows do not",
        f"rates of moving up now are {pace:.2f} times their average, which a model trained "
        "earlier does not know",
        "the rest is what the recorded history of these cases says beyond tier, time on it and age",
    ]
    where = f"{TIERS[int(tier)]}: " if tier != ALL else ""
    return where + "; ".join(said)
