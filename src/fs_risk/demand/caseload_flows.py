"""The flow model: hazards, their drift, entries, and the cases that are open at its origin."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fs_risk.demand.breaks import months_marked
from fs_risk.demand.caseload_entries import Entries, fit_entries
from fs_risk.demand.caseload_paths import TABLE_OF_TIER, TierPaths, tier_paths
from fs_risk.demand.hazards import N_STATES, Hazards, chances, fit_hazards
from fs_risk.demand.hazards_drift import Drift, follow_drift, sibling_noise
from fs_risk.demand.hazards_rows import (
    MonthsAtRisk,
    birth_months,
    last_day,
    month_of,
    months_at_risk,
)
from fs_risk.errors import OutcomeError
from fs_risk.outcomes.indicator_teams import NO_TEAM
from fs_risk.records.breaks import Break
from fs_risk.records.dates import from_days, to_days
from fs_risk.records.records import Records

_ROUNDS = 2
FEWEST_MONTHS = 12
"""Whole months of history without which rates are not estimated."""


@dataclass(frozen=True)
class OpenCases:
    """The children with a tier at the end of the last month observed.

    Attributes
    ----------
    child, tier, since, born, team : ndarray of int64, shape (n_cases,)
        Position among the paths' children; tier; month in which it began; month of birth;
        position among the model's teams.
    """

    child: np.ndarray
    tier: np.ndarray
    since: np.ndarray
    born: np.ndarray
    team: np.ndarray


@dataclass(frozen=True)
class FlowModel:
    """All that a simulation starts from.

    Attributes
    ----------
    origin : int
        The last month observed, as months since January 1970.
    tiers : tuple of int
    hazards : Hazards
    drifts : dict of (int, int) to Drift
        By tier at the start and end of a month.
    entries : dict of int to Entries
    cases : OpenCases
    teams : tuple of str
    history : FlowHistory or None
        What it was fitted to; None where only counts are kept.
    """

    origin: int
    tiers: tuple[int, ...]
    hazards: Hazards
    drifts: dict[tuple[int, int], Drift]
    entries: dict[int, Entries]
    cases: OpenCases
    teams: tuple[str, ...]
    history: "FlowHistory | None"

    def without_children(self) -> "FlowModel":
        """Give the same model without what could name a child."""
        nobody = np.full(len(self.cases.child), -1)
        return replace(self, cases=replace(self.cases, child=nobody), history=None)


@dataclass(frozen=True)
class FlowHistory:
    """What a flow model was fitted to.

    Attributes
    ----------
    rows : MonthsAtRisk
    paths : TierPaths
    """

    rows: MonthsAtRisk
    paths: TierPaths


def fit_flows(records: Records, *, breaks: Sequence[Break] = ()) -> FlowModel:
    """Fit the flow model to records.

    Parameters
    ----------
    records : Records
    breaks : sequence of Break
        Go-lives and changes of tier rules, after which levels are learnt anew; shocks, whose
        months are left out.

    Returns
    -------
    FlowModel

    Raises
    ------
    OutcomeError
        If referrals were not observed, or less than a year is.
    """
    paths = tier_paths(records)
    first, last = whole_months(records, paths.tiers)
    rows = months_at_risk(records, paths, first, last)
    cases = open_cases(records, paths, last)
    teams, team = _teams(
        records,
        paths,
        np.concatenate([rows.child, cases.child]),
        np.concatenate([last_day(rows.month), np.full(len(cases.child), last_day([last])[0])]),
    )
    team_of_row, team_of_case = np.split(team, [len(rows.child)])
    new, hidden = months_marked(breaks, first, rows.n_months)
    hazards, drifts = _hazards_and_drift(rows, new, hidden)
    entering = sorted(set(np.unique(rows.tier[rows.entered]).tolist()))
    return FlowModel(
        origin=last,
        tiers=paths.tiers,
        hazards=hazards,
        drifts=drifts,
        entries={
            tier: fit_entries(rows, tier, team_of_row, breaks=new, hidden=hidden)
            for tier in entering
        },
        cases=replace(cases, team=team_of_case),
        teams=teams,
        history=FlowHistory(rows, paths),
    )


def whole_months(records: Records, tiers: Sequence[int]) -> tuple[int, int]:
    """Give the first and last month that all tiers' tables observe in full.

    Raises
    ------
    OutcomeError
        If there are fewer than `FEWEST_MONTHS`.
    """
    firsts, lasts = [], []
    for tier in tiers:
        window = records.coverage[TABLE_OF_TIER[tier]]
        if window is not None:
            firsts.append(window.observed_from)
            lasts.append(min(window.observed_to, records.extract_date))
    edges = to_days(pd.Series([max(firsts), min(lasts) + pd.Timedelta(days=1)])).astype(np.int64)
    first = int(month_of(edges[:1] - 1)[0]) + 1
    last = int(month_of(edges[1:])[0]) - 1
    if last - first + 1 < FEWEST_MONTHS:
        raise OutcomeError(
            f"{max(last - first + 1, 0)} whole months are observed on every tier; rates of flow "
            f"need {FEWEST_MONTHS}.",
            where=", ".join(f"table {TABLE_OF_TIER[tier]}" for tier in tiers),
            fix="Read a longer history, or use demand_series for what there is.",
        )
    return first, last


def open_cases(records: Records, paths: TierPaths, month: int) -> OpenCases:
    """List the children with a tier at the end of a month, their teams not yet told apart."""
    day = last_day([month])[0]
    spell = np.flatnonzero((paths.start <= day) & (paths.end > day))
    child = paths.child[spell]
    return OpenCases(
        child=child,
        tier=paths.tier[spell],
        since=month_of(paths.start[spell]),
        born=birth_months(records, paths.children)[child],
        team=np.zeros(len(child), dtype=np.int64),
    )


def _teams(
    records: Records, paths: TierPaths, child: np.ndarray, day: np.ndarray
) -> tuple[tuple[str, ...], np.ndarray]:
    """Give the team of each child's latest referral by a day, as a place among the names."""
    referrals = records["referrals"][["child_id", "referral_date", "referral_id", "team"]]
    referrals = referrals.sort_values(["referral_date", "referral_id"])
    asked = pd.DataFrame({"child_id": paths.children[child], "day": from_days(day)})
    asked["row"] = np.arange(len(asked))
    found = pd.merge_asof(
        asked.sort_values("day", kind="stable"),
        referrals,
        left_on="day",
        right_on="referral_date",
        by="child_id",
    ).sort_values("row")
    names = found["team"].fillna(NO_TEAM).astype(str).to_numpy(dtype=object)
    teams, place = np.unique(names.astype(str), return_inverse=True)
    return tuple(str(team) for team in teams), place.astype(np.int64)


def _hazards_and_drift(
    rows: MonthsAtRisk, breaks: np.ndarray, hidden: np.ndarray
) -> tuple[Hazards, dict[tuple[int, int], Drift]]:
    """Fit hazards, then drift, then hazards again beside it, so that each is freed of the other."""
    hazards = fit_hazards(rows)
    drifts = _drifts(rows, hazards, breaks, hidden)
    for _ in range(_ROUNDS):
        level = np.zeros((rows.n_months, N_STATES, N_STATES))
        for (start, end), drift in drifts.items():
            level[:, start, end] = drift.history
        hazards = fit_hazards(rows, level, hazards)
        drifts = _drifts(rows, hazards, breaks, hidden)
    return hazards, drifts


def _drifts(
    rows: MonthsAtRisk, hazards: Hazards, breaks: np.ndarray, hidden: np.ndarray
) -> dict[tuple[int, int], Drift]:
    """Follow the drift of every move that happens."""
    drifts = {}
    share = chances(
        hazards.log_odds[rows.tier, rows.duration, rows.age, rows.month % 12].astype(np.float64)
    )
    for start, end in np.argwhere(hazards.seen):
        mine = rows.tier == start
        moved = mine & (rows.to == end)
        expected = np.bincount(rows.place[mine], share[mine, end], rows.n_months)
        seen = np.bincount(rows.place[moved], minlength=rows.n_months).astype(np.float64)
        noise = sibling_noise(rows.household[moved], rows.month[moved])
        drifts[(int(start), int(end))] = follow_drift(
            seen, expected, noise=noise, breaks=breaks, hidden=hidden
        )
    return drifts
