"""The part of the planning page about the caseload: tiers, flows, specialists, staff, what if."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_paths import TIERS
from fs_risk.demand.caseload_result import CaseloadForecast
from fs_risk.demand.planning_pictures import DASHES, fan_svg, waterfall_svg
from fs_risk.demand.planning_words import (
    band,
    chance,
    change,
    count,
    per_cent,
    shown,
)
from fs_risk.demand.scenarios import Scenario
from fs_risk.demand.staffing import StaffingPlan
from fs_risk.errors import OutcomeError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import day_words, month_words

NEEDS = {
    "domestic_abuse": "domestic abuse",
    "substance_misuse": "substance misuse",
    "mental_health": "mental ill-health",
    "all": "all families",
}
_ONE = {"children": "child", "families": "family"}


def caseload_content(
    forecast: CaseloadForecast, plan: StaffingPlan | None, scenarios: Sequence[Scenario]
) -> dict[str, Any]:
    """Gather what the page shows of the caseload.

    Parameters
    ----------
    forecast : CaseloadForecast
    plan : StaffingPlan or None
    scenarios : sequence of Scenario

    Returns
    -------
    dict of str to Any
    """
    changed = {scenario.name: forecast.under(scenario) for scenario in scenarios}
    held = forecast.coverage.set_index("tier")
    ends = pd.DatetimeIndex(forecast.ds)
    return {
        "first": month_words(ends[0]),
        "last": month_words(ends[-1]),
        "months": count_of(len(ends), "month"),
        "under": forecast.scenario.name if forecast.scenario else "",
        "breaks": [f"{each.words}, from {day_words(each.start)}" for each in forecast.breaks],
        "tiers": [_tier(forecast, tier, held, changed) for tier in forecast.tiers],
        "balance": _balance(forecast),
        "specialists": _specialists(forecast),
        "specialists_held": _specialists_held(forecast),
        "staff": [] if plan is None else _staff(forecast, plan),
        "standards": [] if plan is None else [_standard(role) for role in plan.roles],
        "scenarios": _scenarios(forecast, changed, scenarios),
    }


def _tier(
    forecast: CaseloadForecast,
    tier: int,
    held: pd.DataFrame,
    changed: dict[str, CaseloadForecast],
) -> dict[str, Any]:
    name, table = TIERS[tier], forecast.table
    part = table[table["unique_id"] == f"stock/tier={tier}"]
    past = forecast.past[forecast.past["tier"] == tier].rename(columns={"stock": "y"})
    last, now = part.iloc[-1], int(forecast.paths.opening[tier])
    others = {each: np.quantile(other.paths.stock[:, :, tier], 0.5, axis=0)
              for each, other in changed.items()}  # fmt: skip
    steps = forecast.waterfall(tier)
    said = (
        f"{name}: children at the end of each month, then the median forecast with its 80 % and "
        f"95 % bands to {month_words(last['ds'])}: from {count(now)} to {count(last['median'])} "
        f"({band(last['lo-80'], last['hi-80'])}). The figures are in the table below."
    )
    flows = (
        f"{name}: from {count_of(now, 'child', 'children')}, by what comes and goes over "
        f"{count_of(len(part), 'month')}, to "
        f"{count(steps['mean'].iloc[-1])}. The figures are in the table below."
    )
    return {
        "tier": tier,
        "name": name,
        "now": count(now),
        "then": count(last["median"]),
        "band": band(last["lo-80"], last["hi-80"]),
        "change": change(last["median"] - now),
        "verdict": forecast.verdicts[tier].partition(": ")[2],
        "held": _held(held, tier),
        "fan": fan_svg(past[["ds", "y"]], part, said, others=others),
        "rows": [
            {"when": month_words(row["ds"], short=True), "median": count(row["median"]),
             "band_80": band(row["lo-80"], row["hi-80"]),
             "band_95": band(row["lo-95"], row["hi-95"])}
            for row in shown(part).to_dict("records")
        ],
        "flows": waterfall_svg(steps, flows),
        "steps": [
            {"step": row["step"], "stock": row["kind"] == "stock",
             "mean": count(row["mean"]) if row["kind"] == "stock" else change(row["mean"]),
             "band": _flow_band(row)}
            for row in steps.to_dict("records")
        ],
    }  # fmt: skip


def _flow_band(row: dict[str, Any]) -> str:
    if row["step"] == "stock at the start":
        return "as counted"
    if row["kind"] == "unreconciled":
        return "0 on every path"
    return (
        f"{change(row['lo-80'])} to {change(row['hi-80'])}"
        if row["kind"] != "stock"
        else band(row["lo-80"], row["hi-80"])
    )


def _held(held: pd.DataFrame, tier: int) -> str:
    if tier not in held.index:
        return "The coverage of its bands was not measured."
    row = held.loc[tier]
    return (
        f"From {_dates(row['origins'])} the 80 % band held {per_cent(row['cover_80'])} "
        f"of what came, the 95 % band {per_cent(row['cover_95'])}. Error "
        f"{100 * row['wape']:.1f} %; last value {100 * row['wape_last_value']:.1f} %; "
        f"constant rates {100 * row['wape_markov']:.1f} %."
    )


def _balance(forecast: CaseloadForecast) -> list[dict[str, str]]:
    """Show the last year by each return's own starts and ends, with what they leave."""
    return [
        {"name": TIERS[int(row["tier"])], "opening": count(row["opening"]),
         "came": change(row["in"]), "went": change(-row["out"]),
         "rest": change(row["unreconciled"]), "closing": count(row["closing"]),
         "share": f"{100 * abs(row['unreconciled']) / max(row['opening'], 1):.1f} %"}
        for row in forecast.last_year.to_dict("records")
    ]  # fmt: skip


def _specialists(forecast: CaseloadForecast) -> list[dict[str, Any]]:
    try:
        table = forecast.specialists()
    except OutcomeError:
        return []
    found = []
    for need, name in NEEDS.items():
        part = table[table["need"] == need]
        rows = shown(part).to_dict("records")
        found.append(
            {"name": name,
             "cells": [(count(row["median"]), band(row["lo-80"], row["hi-80"])) for row in rows],
             "months": [month_words(row["ds"], short=True) for row in rows]}
        )  # fmt: skip
    return found


def _specialists_held(forecast: CaseloadForecast) -> str:
    """Say how families with a need held on earlier dates, all needs together."""
    held = forecast.specialists_held
    held = held[held["need"] != "all"]
    if held.empty:
        return "How well this held on earlier dates was not measured."
    share = held[["cover_80", "cover_95", "wape", "wape_last_value"]].mean()
    return (
        f"From {_dates(held['origins'].max())} the 80 % band held "
        f"{per_cent(share['cover_80'])} of what came, the 95 % band {per_cent(share['cover_95'])}. "
        f"Error {100 * share['wape']:.0f} %; last value {100 * share['wape_last_value']:.0f} %."
    )


def _breaches_held(held: pd.DataFrame, role: str) -> str:
    """Say how many months of breach were expected on earlier dates, and how many came."""
    if held.empty or role not in set(held["role"]):
        return ""
    row = held.set_index("role").loc[role]
    said = f"From {_dates(row['origins'])}, at these standards and posts: "
    if not np.isfinite(row["expected"]):
        return f"{said}the 80 % band held {per_cent(row['cover_80'])} of the posts needed."
    of = f"of {count_of(int(row['n']), 'month')} in breach"
    expected = count_of(round(row["expected"]), f"{of} was", f"{of} were")
    return f"{said}{expected} expected, {row['came']:.0f} came."


def _dates(origins: float) -> str:
    return count_of(int(origins), "earlier date")


def _staff(forecast: CaseloadForecast, plan: StaffingPlan) -> list[dict[str, Any]]:
    table, held = forecast.staffing(plan), forecast.staffing_held(plan)
    found = []
    for role in plan.roles:
        part = table[table["role"] == role.name]
        worst = part["chance_of_breach"].max()
        found.append(
            {"role": role.name, "held": _breaches_held(held, role.name),
             "posts": role.in_post is not None,
             "said": "posts not given, so no chance of a breach" if role.in_post is None else
                     f"{role.in_post:g} {'post' if role.in_post == 1 else 'posts'}; chance of a "
                     f"breach in the worst month {chance(worst)}",
             "rows": [
                 {"when": month_words(row["ds"], short=True), "cases": count(row["cases"]),
                  "median": f"{row['fte_median']:.1f}",
                  "band": f"{row['fte_lo-80']:.1f} to {row['fte_hi-80']:.1f}",
                  "high": f"{row['fte_hi-95']:.1f}", "chance": chance(row["chance_of_breach"])}
                 for row in shown(part).to_dict("records")
             ]}
        )  # fmt: skip
    return found


def _standard(role: Any) -> str:
    weights = ", ".join(f"{TIERS[tier]} {weight:g}" for tier, weight in role.weights.items())
    counted = _ONE[role.counts] if role.standard == 1 else role.counts
    whom = f"{counted}{f' with {NEEDS[role.need]}' if role.need else ''}"
    return (
        f"{role.name}: {role.standard:g} {whom} (counted as {weights}); vacancy "
        f"{_share(role.vacancy)}, absence {_share(role.absence)}."
    )


def _share(share: float | tuple[float, float]) -> str:
    low, high = share if isinstance(share, tuple) else (share, share)
    return f"{100 * low:g} %" if low == high else f"{100 * low:g} to {100 * high:g} %"


def _scenarios(
    forecast: CaseloadForecast,
    changed: dict[str, CaseloadForecast],
    scenarios: Sequence[Scenario],
) -> list[dict[str, Any]]:
    found = []
    for dash, scenario in zip(DASHES, scenarios, strict=False):
        apart = forecast.compare(changed[scenario.name])
        ends = apart[apart["ds"] == apart["ds"].max()].set_index("tier")
        then = {tier: np.quantile(changed[scenario.name].paths.stock[:, -1, tier], 0.5)
                for tier in forecast.tiers}  # fmt: skip
        found.append(
            {"name": scenario.name, "note": scenario.note, "dash": dash,
             "cells": [
                 {"then": count(then[tier]), "change": change(ends.loc[str(tier), "mean"]),
                  "band": f"{change(ends.loc[str(tier), 'lo-80'])} to "
                          f"{change(ends.loc[str(tier), 'hi-80'])}"}
                 for tier in forecast.tiers
             ]}
        )  # fmt: skip
    return found
