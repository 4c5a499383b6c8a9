"""Each child's path over the tiers: which was the highest open at the end of each day.

A tier counts from the day that it began up to, not with, the day that it ended, as in a
census of the evening. Unlike the cohorts of the step-up model, the caseload holds every
child that staff work with: unaccompanied children, children on remand and plans brought
from other authorities are in it. Short breaks are left out, as in published figures of
children looked after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError
from fs_risk.outcomes.definitions import TIER_TABLES
from fs_risk.outcomes.events import Periods
from fs_risk.outcomes.open_episodes import open_episodes
from fs_risk.outcomes.scope import SHORT_BREAK, care_periods
from fs_risk.records.dates import NEVER, to_days
from fs_risk.records.records import Records

TIERS: Mapping[int, str] = MappingProxyType(
    {
        1: "early help",
        2: "child in need",
        3: "child protection plan",
        4: "pre-proceedings",
        5: "looked after",
    }
)
"""The tiers that hold a caseload; 0 is none."""

TABLE_OF_TIER: Mapping[int, str] = MappingProxyType(
    {1: "early_help", 2: "referrals", **TIER_TABLES}
)
"""The table whose periods put a child on each tier."""

_SHIFT = np.int64(2**32)


@dataclass(frozen=True)
class TierPaths:
    """Spells on a highest tier, by child and in order of time.

    Attributes
    ----------
    children : Index of str
    child : ndarray of int64, shape (n_spells,)
        Position in `children`.
    tier : ndarray of int64
        1 to 5.
    start, end : ndarray of int64
        Days since 1970; `NEVER` while open.
    before, after : ndarray of int64
        The tier of the day before the spell and on its end; 0 for none, -1 for a spell
        that goes on.
    tiers : tuple of int
        Those that the records can hold.
    """

    children: pd.Index
    child: np.ndarray
    tier: np.ndarray
    start: np.ndarray
    end: np.ndarray
    before: np.ndarray
    after: np.ndarray
    tiers: tuple[int, ...]

    def on(self, child: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Give the tier of children at the end of days, 0 for none.

        Parameters
        ----------
        child, day : ndarray of int64, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        if not len(self.child):
            return np.zeros(len(child), dtype=np.int64)
        keys = self.child * _SHIFT + self.start
        place = np.searchsorted(keys, child * _SHIFT + day, side="right") - 1
        safe = np.maximum(place, 0)
        inside = (place >= 0) & (self.child[safe] == child) & (self.end[safe] > day)
        return np.where(inside, self.tier[safe], 0)

    def stock(self, days: np.ndarray, tier: int) -> np.ndarray:
        """Count the children on a tier at the end of days, shape (n_days,)."""
        mine = self.tier == tier
        begun = np.searchsorted(np.sort(self.start[mine]), days, side="right")
        ended = np.searchsorted(np.sort(self.end[mine]), days, side="right")
        counts: np.ndarray = begun - ended
        return counts


def observed_tiers(records: Records) -> tuple[int, ...]:
    """List the tiers whose table the records observe."""
    held = (tier for tier in TIERS if records.coverage.get(TABLE_OF_TIER[tier]) is not None)
    return tuple(held)


def tier_periods(records: Records, tier: int) -> pd.DataFrame:
    """Give the periods that put children on a tier: ``child_id``, ``start_date``, ``end_date``."""
    if tier == 2:
        periods = open_episodes(records)
    elif tier == 5:
        periods, why = care_periods(records)
        periods = periods[(why != SHORT_BREAK).to_numpy(dtype=bool)]
    else:
        periods = records[TABLE_OF_TIER[tier]]
    return periods[["child_id", "start_date", "end_date"]]


def tier_paths(records: Records) -> TierPaths:
    """Follow every child over the tiers that the records hold.

    Parameters
    ----------
    records : Records

    Returns
    -------
    TierPaths

    Raises
    ------
    OutcomeError
        If referrals were never observed: then no case is known to be open.
    """
    tiers = observed_tiers(records)
    if 2 not in tiers:
        raise OutcomeError(
            "These records hold no referrals, so there is no caseload to follow.",
            where=f"returns {', '.join(records.origin.returns)}",
            fix="Read a return that holds referrals.",
        )
    frames = {tier: _lasting(tier_periods(records, tier)) for tier in tiers}
    # in an order of their own, so that no path depends on the order of rows
    ids = pd.concat([frame["child_id"] for frame in frames.values()]).unique()
    children = pd.Index(ids).sort_values()
    child, day = _turning_points(frames, children)
    highest = np.zeros(len(child), dtype=np.int64)
    for tier, frame in frames.items():
        highest[Periods(frame, children).open_on(child, day + 1)] = tier
    return _spells(children, child, day, highest, tiers)


def _lasting(periods: pd.DataFrame) -> pd.DataFrame:
    """Leave out periods that ended on the day they began, or before."""
    return periods[~(periods["end_date"] <= periods["start_date"]).to_numpy(dtype=bool)]


def _turning_points(
    frames: dict[int, pd.DataFrame], children: pd.Index
) -> tuple[np.ndarray, np.ndarray]:
    """List the days on which something of a child began or ended, each once."""
    keys = []
    for frame in frames.values():
        code = children.get_indexer(frame["child_id"]).astype(np.int64)
        ended = frame["end_date"].notna().to_numpy()
        keys.append(code * _SHIFT + to_days(frame["start_date"]))
        keys.append((code * _SHIFT + to_days(frame["end_date"]))[ended])
    points = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
    # days before 1970 are negative: round to the nearest child
    child = (points + _SHIFT // 2) // _SHIFT
    return child, points - child * _SHIFT


def _spells(
    children: pd.Index,
    child: np.ndarray,
    day: np.ndarray,
    highest: np.ndarray,
    tiers: tuple[int, ...],
) -> TierPaths:
    """Keep the days on which the highest tier changed, as spells."""
    new_child = np.append(True, child[1:] != child[:-1])[: len(child)]
    before = np.where(new_child, 0, np.append(0, highest[:-1])[: len(child)])
    turned = highest != before
    child, day, highest, before = child[turned], day[turned], highest[turned], before[turned]
    same = np.append(child[1:] == child[:-1], False)[: len(child)]
    end = np.where(same, np.append(day[1:], 0)[: len(child)], NEVER).astype(np.int64)
    after = np.where(same, np.append(highest[1:], 0)[: len(child)], -1)
    on = highest > 0
    return TierPaths(
        children, child[on], highest[on], day[on], end[on], before[on], after[on], tiers
    )
