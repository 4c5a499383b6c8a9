"""Month by month, every open case and those to come move at random: joint sample paths."""

from dataclasses import dataclass

import numpy as np

from fs_risk.demand.caseload_chances import MoveChances, move_chances
from fs_risk.demand.caseload_entries import Entries
from fs_risk.demand.caseload_flows import FlowModel
from fs_risk.demand.hazards import N_STATES
from fs_risk.demand.hazards_rows import (
    ENTRY,
    NO_MONTH,
    age_band,
    duration_band,
)
from fs_risk.demand.scenarios_factors import Factors
from fs_risk.records.notebook import Display, Displayed

_MOST_IN_A_MONTH = 50.0
"""An entry flow is not taken beyond so many times its history's mean."""

_NO_AGE = 10**5
"""More months than anyone's age: the birth is not known."""


@dataclass(frozen=True, repr=False)
class SamplePaths(Displayed):
    """What each sample path holds, by month.

    Attributes
    ----------
    months : ndarray of int64, shape (horizon,)
        Months since January 1970.
    opening : ndarray of int64, shape (6,)
        Children on each tier before the first month; the same on every path.
    stock : ndarray of int32, shape (n_paths, horizon, 6)
        Children on each tier at the end of each month; nothing in the place of no tier.
    moves : ndarray of int32, shape (n_paths, horizon, 6, 6)
        Children by the tier at the end of the month before and at the end of this one.
        From 0: those who came; from 0 to 0: those who came and went within the month.
    entered : ndarray of int32, shape (n_paths, horizon, 6)
        Children who came from outside, by the tier they came to first.
    team_stock : ndarray of int32, shape (n_paths, horizon, 6, n_teams) or None
        `stock` by team.
    """

    months: np.ndarray
    opening: np.ndarray
    stock: np.ndarray
    moves: np.ndarray
    entered: np.ndarray
    team_stock: np.ndarray | None

    def _display(self) -> Display:
        n_paths, horizon = self.stock.shape[:2]
        months = self.months.astype("datetime64[M]")
        held = [("paths", f"{n_paths:,}"), ("months", f"{horizon}, {months[0]} to {months[-1]}")]
        return Display("SamplePaths: counts of children by tier", held)

    @property
    def inflow(self) -> np.ndarray:
        """Children who came to each tier from another or from outside, as `stock`."""
        return np.asarray(self._off_diagonal().sum(axis=2))

    @property
    def outflow(self) -> np.ndarray:
        """Children who left each tier for another or altogether, as `stock`."""
        return np.asarray(self._off_diagonal().sum(axis=3))

    def _off_diagonal(self) -> np.ndarray:
        return np.asarray(np.where(np.eye(N_STATES, dtype=bool), 0, self.moves))

    def unreconciled(self) -> np.ndarray:
        """Give stock less (stock before + in - out), which is nothing on every path.

        Returns
        -------
        ndarray of int64, shape (n_paths, horizon, 5)
            By tier, 1 to 5.
        """
        opening = np.broadcast_to(self.opening, (len(self.stock), 1, N_STATES))
        before = np.concatenate([opening, self.stock[:, :-1]], axis=1)
        rest = self.stock - (before + self.inflow - self.outflow)
        return np.asarray(rest[..., 1:])


def simulate(
    model: FlowModel,
    *,
    horizon: int,
    n_paths: int,
    seed: int,
    factors: Factors | None = None,
    by_team: bool = False,
) -> SamplePaths:
    """Draw sample paths of the caseload.

    Parameters
    ----------
    model : FlowModel
    horizon : int
        Months.
    n_paths : int
    seed : int
        The same seed draws the same luck and drift for any scenario.
    factors : Factors, optional
        What a scenario changes.
    by_team : bool, default=False

    Returns
    -------
    SamplePaths
    """
    luck, drifting, coming, changing = (
        np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(4)
    )
    months = model.origin + 1 + np.arange(horizon)
    level = draw_levels(model, n_paths, horizon, drifting)
    numbers = {
        tier: _numbers(entries, months, n_paths, coming) for tier, entries in model.entries.items()
    }
    if factors is not None:
        numbers = {tier: factors.entries(tier, usual, changing) for tier, usual in numbers.items()}
    walk = _Walk(model, n_paths, by_team=by_team)
    shape = (n_paths, horizon, N_STATES)
    stock, entered = np.zeros((2, *shape), dtype=np.int32)
    moves = np.zeros((*shape, N_STATES), dtype=np.int32)
    team_stock = np.zeros((*shape, len(model.teams)), dtype=np.int32) if by_team else None
    for step, month in enumerate(months):
        for tier, count in numbers.items():
            entered[:, step, tier] = count[:, step]
            walk.admit(model.entries[tier], count[:, step], int(month), coming)
        month_chances = move_chances(model, level[:, step], int(month), factors, step)
        moves[:, step] = walk.step(month_chances, int(month), luck)
        stock[:, step, 1:] = moves[:, step, :, 1:].sum(axis=1)
        if team_stock is not None:
            team_stock[:, step] = walk.by_team()
    opening = np.bincount(model.cases.tier, minlength=N_STATES)
    return SamplePaths(months, opening, stock, moves, entered, team_stock)


def draw_levels(
    model: FlowModel, n_paths: int, horizon: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw the log-odds that drift adds to each move, shape (n_paths, horizon, 6, 6)."""
    level = np.zeros((n_paths, horizon, N_STATES, N_STATES), dtype=np.float32)
    for (start, end), drift in model.drifts.items():
        level[:, :, start, end] = drift.draw(n_paths, horizon, rng)
    return level


def _numbers(
    entries: Entries,
    months: np.ndarray,
    n_paths: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw how many come to a tier in each month of each path."""
    level = np.exp(np.minimum(entries.drift.draw(n_paths, len(months), rng), 4.0))
    mean = np.minimum(level, _MOST_IN_A_MONTH) * entries.expected(months)
    return np.asarray(rng.poisson(mean))


class _Walk:
    """All children of all paths, as they are at the end of the month."""

    def __init__(self, model: FlowModel, n_paths: int, *, by_team: bool) -> None:
        cases, n = model.cases, len(model.cases.tier)
        self._n_paths, self._n_teams = n_paths, len(model.teams)
        self._path = np.repeat(np.arange(n_paths, dtype=np.int32), n)
        self._tier = np.tile(cases.tier.astype(np.int8), n_paths)
        self._since = np.tile(cases.since.astype(np.int32), n_paths)
        self._born = np.tile(cases.born.astype(np.int32), n_paths)
        self._team = np.tile(cases.team.astype(np.int16), n_paths) if by_team else None
        self._new = np.zeros(len(self._path), dtype=bool)

    def admit(
        self, entries: Entries, count: np.ndarray, month: int, rng: np.random.Generator
    ) -> None:
        """Let children come from outside, drawn from those who came lately."""
        total = int(count.sum())
        drawn = rng.integers(0, len(entries.ages), total)
        ages = entries.ages[drawn]
        born = np.where(ages > _NO_AGE, NO_MONTH, month - ages)
        self._join("_path", np.repeat(np.arange(self._n_paths, dtype=np.int32), count))
        self._join("_tier", np.full(total, entries.tier, dtype=np.int8))
        self._join("_since", np.full(total, month, dtype=np.int32))
        self._join("_born", born.astype(np.int32))
        self._join("_new", np.ones(total, dtype=bool))
        if self._team is not None:
            self._join("_team", entries.teams[drawn].astype(np.int16))

    def _join(self, name: str, more: np.ndarray) -> None:
        setattr(self, name, np.concatenate([getattr(self, name), more]))

    def step(self, month_chances: MoveChances, month: int, rng: np.random.Generator) -> np.ndarray:
        """Move everybody through a month; give the counts of moves by path."""
        duration = np.where(self._new, ENTRY, duration_band(month - self._since - 1))
        to = month_chances.draw(self._path, self._tier, duration, age_band(month, self._born), rng)
        start = np.where(self._new, 0, self._tier)
        place = (self._path.astype(np.int64) * N_STATES + start) * N_STATES + to
        counts = np.bincount(place, minlength=self._n_paths * N_STATES**2)
        self._settle(to, month)
        return counts.reshape(self._n_paths, N_STATES, N_STATES)

    def _settle(self, to: np.ndarray, month: int) -> None:
        """Let those who left go; date the tier of those who moved."""
        self._since[to != self._tier] = month
        self._tier = to
        stay = to > 0
        for name in ("_path", "_tier", "_since", "_born"):
            setattr(self, name, getattr(self, name)[stay])
        if self._team is not None:
            self._team = self._team[stay]
        self._new = np.zeros(int(stay.sum()), dtype=bool)

    def by_team(self) -> np.ndarray:
        """Count children by path, tier and team."""
        if self._team is None:
            return np.zeros((self._n_paths, N_STATES, 0), dtype=np.int64)
        place = (self._path.astype(np.int64) * N_STATES + self._tier) * self._n_teams + self._team
        counts = np.bincount(place, minlength=self._n_paths * N_STATES * self._n_teams)
        return counts.reshape(self._n_paths, N_STATES, self._n_teams)
