"""Stock, moves and needs by period, from each child's path over the tiers."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_paths import TABLE_OF_TIER, TIERS, TierPaths, tier_paths
from fs_risk.demand.series_counts import Count, in_period, observed_periods
from fs_risk.demand.specialists import NEEDS, needs_on
from fs_risk.outcomes.indicator_teams import of_teams
from fs_risk.records.breaks import Break
from fs_risk.records.dates import from_days
from fs_risk.records.records import Records

MERGED = "1+2"
"""The tier of early help and child in need together."""

_MOVES = ("step_ups", "step_downs", "entries", "exits")


def caseload_counts(
    records: Records,
    measures: Sequence[str],
    edges: np.ndarray,
    *,
    by_team: bool,
    merged: Break | None,
) -> Iterator[Count]:
    """Count what the caseload holds at the end of each period, and what moved in it.

    Parameters
    ----------
    records : Records
    measures : sequence of str
        Names in `CASELOAD`.
    edges : ndarray of datetime64[D], shape (n_periods + 1,)
    by_team : bool
        Whether also by team; needs are by team only in total.
    merged : Break or None
        From when tiers 1 and 2 are one.

    Yields
    ------
    Count
    """
    if not measures or records.coverage.get("referrals") is None:
        return
    paths = tier_paths(records)
    caseload = _Caseload(records, paths, edges, merged, by_team=by_team)
    if "stock" in measures:
        yield from caseload.stock()
    if "open_cases" in measures:
        yield from caseload.open_cases()
    for name in _MOVES:
        if name in measures:
            yield from caseload.moves(name)
    if "need" in measures:
        yield from _needs(records, edges)


class _Caseload:
    """The paths of all children, and the periods they are counted in."""

    def __init__(
        self,
        records: Records,
        paths: TierPaths,
        edges: np.ndarray,
        merged: Break | None,
        *,
        by_team: bool,
    ) -> None:
        self._records, self._paths, self._edges = records, paths, edges
        self._merged, self._by_team = merged, by_team
        # a child counts on its highest tier, so each tier must be seen to place anybody
        self._whole = np.ones(len(edges) - 1, dtype=bool)
        for tier in paths.tiers:
            self._whole &= observed_periods(records, TABLE_OF_TIER[tier], edges)
        self._own = self._whole.copy()
        if merged is not None:
            self._own &= edges[1:] <= np.datetime64(merged.start, "D")
        self._spells = self._with_teams()

    def _with_teams(self) -> pd.DataFrame:
        paths = self._paths
        spells = pd.DataFrame(
            {
                "child_id": paths.children[paths.child],
                "day": from_days(paths.start),
                "tier": paths.tier,
                "before": paths.before,
                "after": paths.after,
                "start": paths.start,
                "end": paths.end,
            }
        )
        return of_teams(self._records, spells) if self._by_team else spells.assign(team="")

    def _seen(self, tiers: Sequence[int]) -> np.ndarray:
        """Say which periods count for single tiers, or for the merged one."""
        single = self._merged is not None and any(tier in (1, 2) for tier in tiers)
        return self._own if single else self._whole

    def _parts(self, frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
        yield "", frame
        if self._by_team:
            for team, part in frame.groupby("team", sort=True):
                yield str(team), part

    def _held(self, frame: pd.DataFrame) -> np.ndarray:
        """Count spells that go on at the end of each period."""
        ends = self._edges[1:].astype(np.int64) - 1
        begun = np.searchsorted(np.sort(frame["start"].to_numpy()), ends, side="right")
        ended = np.searchsorted(np.sort(frame["end"].to_numpy()), ends, side="right")
        return np.asarray(begun - ended)

    def stock(self) -> Iterator[Count]:
        """Count each tier, and the merged one where there is one."""
        nothing = np.zeros(len(self._edges) - 1, dtype=np.int64)
        never = nothing.astype(bool)
        for tier in TIERS:
            if tier not in self._paths.tiers:
                yield Count("stock", nothing, never, kind="stock", tier=str(tier), held=False)
                continue
            mine = self._spells[(self._spells["tier"] == tier).to_numpy()]
            for team, part in self._parts(mine):
                yield Count("stock", self._held(part), self._seen([tier]), kind="stock",
                            tier=str(tier), team=team)  # fmt: skip
        if self._merged is not None:
            mine = self._spells[(self._spells["tier"] <= 2).to_numpy()]
            for team, part in self._parts(mine):
                yield Count("stock", self._held(part), self._whole, kind="stock", tier=MERGED,
                            team=team)  # fmt: skip

    def open_cases(self) -> Iterator[Count]:
        """Count children on tiers 2 to 5."""
        mine = self._spells[(self._spells["tier"] >= 2).to_numpy()]
        for team, part in self._parts(mine):
            seen = self._seen([2])
            yield Count("open_cases", self._held(part), seen, kind="stock", team=team)

    def moves(self, name: str) -> Iterator[Count]:
        """Count one kind of move by the tiers it leads from and to."""
        spells = self._spells
        start, end = ("tier", "after") if name == "exits" else ("before", "tier")
        moved = spells[(spells["after"] == 0).to_numpy()] if name == "exits" else spells
        if name == "exits":
            moved = moved.assign(day=from_days(moved["end"].to_numpy()))
        kept = {
            "step_ups": (moved[start] > 0) & (moved[end] > moved[start]),
            "step_downs": (moved[end] > 0) & (moved[end] < moved[start]),
            "entries": moved[start] == 0,
            "exits": moved[end] == 0,
        }[name].to_numpy()
        moved = moved[kept]
        tiers = self._paths.tiers
        for at in (0,) if name == "entries" else tiers:
            for to in (0,) if name == "exits" else tiers:
                if not _is(name, at, to):
                    continue
                mine = moved[((moved[start] == at) & (moved[end] == to)).to_numpy()]
                yield from self._move(name, at, to, mine)

    def _move(self, name: str, at: int, to: int, moved: pd.DataFrame) -> Iterator[Count]:
        for team, part in self._parts(moved):
            period = in_period(part["day"], self._edges)
            values = np.bincount(period[period >= 0], minlength=len(self._edges) - 1)
            yield Count(name, values, self._seen([at, to]), tier=str(at), to_tier=str(to),
                        team=team)  # fmt: skip


def _is(name: str, at: int, to: int) -> bool:
    if name == "step_ups":
        return to > at
    return to < at if name == "step_downs" else True


def _needs(records: Records, edges: np.ndarray) -> Iterator[Count]:
    """Count open cases with each current need; a case may have several."""
    tables = ("referrals", "assessments", "factors")
    observed = np.ones(len(edges) - 1, dtype=bool)
    for table in tables:
        observed &= observed_periods(records, table, edges)
    held = all(records.coverage.get(table) is not None for table in tables)
    values = {need: np.zeros(len(edges) - 1, dtype=np.int64) for need in NEEDS}
    if observed.any():
        found = needs_on(records, edges[1:][observed])
        period = np.flatnonzero(observed)[found["place"].to_numpy()]
        for need in NEEDS:
            has = found[need].to_numpy(dtype=bool)
            values[need] = np.bincount(period[has], minlength=len(edges) - 1)
    for need in NEEDS:
        yield Count("need", values[need], observed, kind="stock", need=need, held=held)
