"""A service's outcomes counted by team and month: numerators, denominators, nothing more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError
from fs_risk.outcomes.cohorts import closure_cohort
from fs_risk.outcomes.indicator_events import (
    care_begun,
    closed,
    legal_begun,
    plans_begun,
    plans_ended,
    stepped_down,
)
from fs_risk.outcomes.indicator_teams import mean_open_cases, of_teams
from fs_risk.outcomes.labels import label_outcome
from fs_risk.records.dates import to_days
from fs_risk.records.records import Records

ALL_TEAMS = "all teams"

Kind = Literal["share", "rate", "mean"]


@dataclass(frozen=True)
class Indicator:
    """One indicator of a service.

    Attributes
    ----------
    name : str
    meaning : str
    kind : {"share", "rate", "mean"}
        A share of cases, a rate on the number of open cases, or a mean.
    unit : str
        Of its value.
    tables : tuple of str
        What must be observed.
    horizon : int
        Days after the period before it can be known.
    """

    name: str
    meaning: str
    kind: Kind
    unit: str
    tables: tuple[str, ...]
    horizon: int = 0


_A_HUNDRED = "per 100 open cases"
_TIERS = ("cp_plans", "pre_proceedings", "care_periods")

INDICATORS = (
    Indicator("cp_plan_starts", "child protection plans begun", "rate", _A_HUNDRED,
              ("referrals", "cp_plans")),
    Indicator("pre_proceedings_starts", "pre-proceedings begun", "rate", _A_HUNDRED,
              ("referrals", "pre_proceedings")),
    Indicator("care_starts", "children who came into care", "rate", _A_HUNDRED,
              ("referrals", "care_periods")),
    Indicator("step_downs", "moves from a plan, pre-proceedings or care to a lower tier", "rate",
              _A_HUNDRED, ("referrals", *_TIERS)),
    Indicator("closures", "cases closed", "rate", _A_HUNDRED, ("referrals",)),
    Indicator("re_referral_6_months", "of cases closed in the period, those referred again "
              "within 183 days", "share", "share of closures", ("referrals",), 183),
    Indicator("re_referral_12_months", "of cases closed in the period, those referred again "
              "within 365 days", "share", "share of closures", ("referrals",), 365),
    Indicator("days_on_plan", "mean length of the child protection plans that ended in the "
              "period", "mean", "days", ("cp_plans",)),
)  # fmt: skip
"""The service's own indicators, in the order of the table."""

_EVENTS: dict[str, Callable[[Records], pd.DataFrame]] = {
    "cp_plan_starts": plans_begun,
    "pre_proceedings_starts": legal_begun,
    "care_starts": care_begun,
    "step_downs": stepped_down,
    "closures": closed,
}


def count_indicators(
    records: Records, *, by_team: bool = True, freq: str = "MS"
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Count every indicator that the records can hold.

    Parameters
    ----------
    records : Records
    by_team : bool, default=True
        Whether to count each team besides all of them.
    freq : {"MS", "QS"}, default="MS"
        Months or quarters.

    Returns
    -------
    counts : DataFrame
        ``indicator``, ``team`` (`ALL_TEAMS` first, then by name), ``month`` (first day),
        ``numerator``, ``denominator`` (float64), ``spread`` (standard deviation, for
        means), ``complete`` (bool: wholly observed, and old enough).
    left_out : dict of str to str
        Indicators that cannot be counted, and why.

    Raises
    ------
    OutcomeError
        If referrals were never observed.
    """
    edges = _edges(records, freq)
    teams = _teams(records) if by_team else []
    cases = mean_open_cases(records, edges, by_team=by_team)
    parts, left_out = [], {}
    for indicator in INDICATORS:
        absent = [name for name in indicator.tables if records.coverage.get(name) is None]
        if absent:
            left_out[indicator.name] = f"these records hold no {', '.join(absent)}"
            continue
        counts = _on_grid(_events(records, indicator, by_team=by_team), edges, teams)
        if indicator.kind == "rate":
            at = pd.MultiIndex.from_frame(counts[["team", "period"]])
            counts["denominator"] = cases.reindex(at, fill_value=0.0).to_numpy()
        counts["complete"] = _complete(records, indicator, edges)[counts.pop("period")]
        parts.append(counts.assign(indicator=indicator.name))
    names = ["indicator", "team", "month", "numerator", "denominator", "spread", "complete"]
    return pd.concat(parts, ignore_index=True)[names], left_out


def _edges(records: Records, freq: str) -> pd.DatetimeIndex:
    """Give the first days of the periods observed at least in part, and of the next one."""
    window = records.coverage.get("referrals")
    if window is None:
        raise OutcomeError(
            "These records hold no referrals, so there is no service to measure.",
            where=f"returns {', '.join(records.origin.returns)}",
            fix="Read a return that holds referrals.",
        )
    unit = "M" if freq == "MS" else "Q"
    last = min(window.observed_to, records.extract_date)
    first = window.observed_from.to_period(unit).start_time
    after = (last.to_period(unit) + 1).start_time
    return pd.date_range(first, after, freq=freq)


def _complete(records: Records, indicator: Indicator, edges: pd.DatetimeIndex) -> np.ndarray:
    complete = np.ones(len(edges) - 1, dtype=bool)
    for table in indicator.tables:
        window = records.coverage[table]
        if window is None:
            return ~complete
        last = min(window.observed_to, records.extract_date)
        ready = edges[1:] + pd.Timedelta(days=indicator.horizon - 1)
        complete &= np.asarray((edges[:-1] >= window.observed_from) & (ready <= last))
    return complete


def _events(records: Records, indicator: Indicator, *, by_team: bool) -> pd.DataFrame:
    """Give an indicator's events with the team and what each adds to its counts."""
    if indicator.kind == "rate":
        events = _EVENTS[indicator.name](records).assign(numerator=1.0, denominator=0.0)
    elif indicator.kind == "share":
        events = _re_referred(records, indicator.horizon)
    else:
        events = plans_ended(records).assign(denominator=1.0)
        events = events.rename(columns={"days": "numerator"})
    events = of_teams(records, events)
    return events if by_team else events.assign(team=ALL_TEAMS)


def _teams(records: Records) -> list[str]:
    events = of_teams(records, closed(records))
    named = records["referrals"]["team"].dropna()
    return sorted({*named.astype(str), *events["team"]})


def _re_referred(records: Records, within_days: int) -> pd.DataFrame:
    cohort = closure_cohort(records)
    labels = label_outcome(records, cohort, outcome="re_referral", within_days=within_days)
    known = labels["label"].notna()
    frame = cohort.rename(columns={"as_of": "day"})[["child_id", "day"]]
    return frame.assign(numerator=labels["label"], denominator=1.0)[known.to_numpy()]


def _on_grid(events: pd.DataFrame, edges: pd.DatetimeIndex, teams: list[str]) -> pd.DataFrame:
    """Lay counts out on every team and period."""
    starts = to_days(pd.Series(edges))
    period = np.searchsorted(starts, to_days(events["day"]), side="right") - 1
    inside = (period >= 0) & (period < len(edges) - 1)
    events = events.assign(period=period)[inside]
    both = pd.concat([events.assign(team=ALL_TEAMS), events], ignore_index=True)
    if not teams:
        both = events
    index = pd.MultiIndex.from_product(
        [[ALL_TEAMS, *teams], range(len(edges) - 1)], names=["team", "period"]
    )
    groups = both.groupby(["team", "period"])
    sums = groups[["numerator", "denominator"]].sum().reindex(index, fill_value=0.0)
    sums["spread"] = groups["numerator"].std().reindex(index)
    grid = sums.reset_index()
    grid["month"] = edges[:-1].to_numpy().astype("datetime64[s]")[grid["period"]]
    return grid
