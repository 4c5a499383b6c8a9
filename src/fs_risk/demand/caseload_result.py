"""`CaseloadForecast`: what joint sample paths say of each tier, flow, specialist and role."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_backtest import CaseloadBacktest, quantiles
from fs_risk.demand.caseload_flows import FlowModel
from fs_risk.demand.caseload_paths import TIERS
from fs_risk.demand.caseload_shown import CaseloadShown
from fs_risk.demand.caseload_simulate import SamplePaths, simulate
from fs_risk.demand.caseload_waterfall import waterfall
from fs_risk.demand.forecast import DemandForecast
from fs_risk.demand.hazards import N_STATES
from fs_risk.demand.scenarios import Scenario
from fs_risk.demand.scenarios_factors import Factors
from fs_risk.demand.specialists import SPECIALIST_NEEDS, FamilyNeeds
from fs_risk.demand.specialists_backtest import (
    breach_summary,
    needs_held,
    staffing_held,
    summed_up,
)
from fs_risk.demand.staffing import StaffingPlan, staffing_needs
from fs_risk.errors import OutcomeError, SettingError
from fs_risk.records.breaks import Break
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import DATE_DTYPE

BAND = ("mean", "lo-95", "lo-80", "median", "hi-80", "hi-95")


@dataclass(frozen=True, repr=False)
class CaseloadForecast(CaseloadShown):
    """A caseload forecast: joint sample paths, and what they say of each tier and flow.

    Made by `forecast_caseload`. It holds counts only: nothing in it names a child.

    Attributes
    ----------
    origin : {"real", "synthetic"}
        Of the records.
    backtest : CaseloadBacktest or None
        Forecasts of earlier days against what came.
    backtest_note : str
        Why there is none.
    scenario : Scenario or None
    breaks : tuple of Break
    seed : int
    past : DataFrame
        ``tier``, ``ds``, ``stock``: children on each tier at the end of the months before.
    last_year : DataFrame
        As `fs_risk.demand.caseload_account.account_of_year`: the last twelve months by each
        return's own starts and ends, with what they leave unreconciled.
    """

    origin: str
    backtest: CaseloadBacktest | None
    backtest_note: str
    scenario: Scenario | None
    breaks: tuple[Break, ...]
    seed: int
    past: pd.DataFrame = field(repr=False)
    last_year: pd.DataFrame = field(repr=False)
    _model: FlowModel = field(repr=False)
    _drawn: SamplePaths = field(repr=False)
    _families: FamilyNeeds | None = field(repr=False)

    @property
    def ds(self) -> np.ndarray:
        """First days of the months forecast, datetime64[s], shape (horizon,)."""
        return self._drawn.months.astype("datetime64[M]").astype(DATE_DTYPE)

    @property
    def tiers(self) -> tuple[int, ...]:
        """The tiers that the records hold."""
        return self._model.tiers

    @property
    def paths(self) -> SamplePaths:
        """The sample paths, as counts."""
        return self._drawn

    @property
    def table(self) -> pd.DataFrame:
        """The stock on each tier, and of open cases (tiers 2 to 5), at the end of each month.

        ``unique_id``, ``ds``, ``tier``, ``team`` (empty for all), ``mean``, ``lo-95``,
        ``lo-80``, ``median``, ``hi-80``, ``hi-95``.
        """
        stock = self._drawn.stock
        parts = [self._band(f"stock/tier={tier}", stock[:, :, tier], str(tier))
                 for tier in self.tiers]  # fmt: skip
        parts.append(self._band("open_cases", stock[:, :, 2:].sum(axis=2), ""))
        by_team = self._drawn.team_stock
        if by_team is not None:
            for tier in self.tiers:
                for place, team in enumerate(self._model.teams):
                    name = f"stock/tier={tier}/team={team}"
                    band = self._band(name, by_team[:, :, tier, place], str(tier))
                    parts.append(band.assign(team=team))
        names = ["unique_id", "ds", "tier", "team", *BAND]
        return pd.concat(parts, ignore_index=True)[names]

    @property
    def flows(self) -> pd.DataFrame:
        """What moves each month, by the tier at the end of the month before and of this one.

        ``tier`` (0: from outside), ``to_tier`` (0: to none; from 0 to 0 came and went within
        the month), ``ds`` and the band.
        """
        parts = []
        for at in (0, *self.tiers):
            for to in (0, *self.tiers):
                if at == to and at:
                    continue
                band = self._band(f"moves/tier={at}/to={to}", self._drawn.moves[:, :, at, to], "")
                parts.append(band.assign(tier=at, to_tier=to))
        table = pd.concat(parts, ignore_index=True)
        return table[["unique_id", "ds", "tier", "to_tier", *BAND]]

    def _band(self, name: str, drawn: np.ndarray, tier: str) -> pd.DataFrame:
        return pd.DataFrame(
            {"unique_id": name, "ds": self.ds, "tier": tier, "team": "", **quantiles(drawn)}
        )

    def account(self) -> pd.DataFrame:
        """Give opening stock, what came and went, and closing stock: means over the paths.

        Returns
        -------
        DataFrame
            ``tier``, ``ds``, ``opening``, ``in``, ``out``, ``closing``, ``unreconciled``
            (closing less opening, in and out: 0 on every path).
        """
        drawn = self._drawn
        opening = np.concatenate(
            [
                np.broadcast_to(drawn.opening, (len(drawn.stock), 1, N_STATES)),
                drawn.stock[:, :-1],
            ],
            axis=1,
        ).mean(axis=0)
        came, went = drawn.inflow.mean(axis=0), drawn.outflow.mean(axis=0)
        rest = drawn.unreconciled()
        worst = np.take_along_axis(rest, np.abs(rest).argmax(axis=0)[None], axis=0)[0]
        parts = [
            pd.DataFrame(
                {
                    "tier": tier,
                    "ds": self.ds,
                    "opening": opening[:, tier],
                    "in": came[:, tier],
                    "out": went[:, tier],
                    "closing": drawn.stock[:, :, tier].mean(axis=0),
                    "unreconciled": worst[:, tier - 1],
                }
            )
            for tier in self.tiers
        ]
        return pd.concat(parts, ignore_index=True)

    def waterfall(self, tier: int, *, months: int | None = None) -> pd.DataFrame:
        """Add up what comes to a tier and what goes, by kind.

        Parameters
        ----------
        tier : int
        months : int, optional
            From the first on; by default all.

        Returns
        -------
        DataFrame
            As `fs_risk.demand.caseload_waterfall.waterfall`.

        Raises
        ------
        SettingError
            If the records do not hold the tier, or there are not so many months.
        """
        horizon = len(self.ds)
        if tier not in self.tiers or not 1 <= (months or horizon) <= horizon:
            raise SettingError(
                f"There is no waterfall of tier {tier!r} over "
                f"{count_of(months or horizon, 'month')}.",
                where="waterfall",
                fix=f"Choose a tier of {self.tiers} and up to {count_of(horizon, 'month')}.",
            )
        return waterfall(self._drawn, tier, months or horizon)

    def to_html(
        self,
        path: str | Path | None = None,
        *,
        plan: StaffingPlan | None = None,
        scenarios: Sequence[Scenario] = (),
        counts: DemandForecast | None = None,
    ) -> str:
        """Give the page for a planning meeting, and write it where a path is given.

        Parameters
        ----------
        path : str or Path, optional
        plan : StaffingPlan, optional
        scenarios : sequence of Scenario, optional
            Up to five, side by side.
        counts : DemandForecast, optional
            A forecast of contacts, referrals and the like, for the same page.

        Returns
        -------
        str
            As `fs_risk.demand.planning_page.planning_page`.

        Raises
        ------
        SettingError
            If the page cannot be written, or scenarios cannot stand side by side.
        """
        from fs_risk.demand.planning_page import planning_page

        return planning_page(path, caseload=self, forecast=counts, plan=plan, scenarios=scenarios)

    @property
    def coverage(self) -> pd.DataFrame:
        """How often the bands held when looked back at, by tier; empty where it was not.

        As `CaseloadBacktest.summary`.
        """
        if self.backtest is None:
            return pd.DataFrame(columns=["tier", "cover_80", "cover_95", "origins", "n"])
        return self.backtest.summary()

    @property
    def verdicts(self) -> dict[int, str]:
        """For each tier, whether the forecast has beaten the simple rules."""
        if self.backtest is None:
            return {tier: f"{TIERS[tier]}: {self.backtest_note}" for tier in self.tiers}
        return self.backtest.verdicts()

    def specialists(self) -> pd.DataFrame:
        """Forecast families with each need that specialists answer; one may have several.

        Returns
        -------
        DataFrame
            ``need`` (and ``all``: every family on tiers 2 to 5), ``ds``, ``mean`` and the
            band, in families.

        Raises
        ------
        OutcomeError
            If the records hold no assessments with factors.
        """
        drawn = self._families_drawn()
        if drawn is None:
            raise OutcomeError(
                "These records hold no assessments with factors, so needs are not known.",
                where="tables assessments, factors",
                fix="Read a return that holds them.",
            )
        total = drawn[:, :, 2:].sum(axis=2)
        parts = [
            self._band(f"families/need={need}", total[:, :, place], "").assign(need=need)
            for place, need in enumerate((*SPECIALIST_NEEDS, "all"))
        ]
        return pd.concat(parts, ignore_index=True)[["unique_id", "need", "ds", *BAND]]

    @property
    def specialists_held(self) -> pd.DataFrame:
        """How forecasts of families with each need held when looked back at; empty where not.

        ``need``, ``wape``, ``wape_last_value``, ``cover_80``, ``cover_95``, ``origins``, ``n``.
        """
        looks = () if self.backtest is None else self.backtest.looks
        return summed_up(needs_held(looks), ["need"])

    def staffing_held(self, plan: StaffingPlan) -> pd.DataFrame:
        """Say how posts and chances of a breach, as forecast on earlier dates, held.

        Parameters
        ----------
        plan : StaffingPlan

        Returns
        -------
        DataFrame
            As `fs_risk.demand.specialists_backtest.breach_summary`; empty where it was not
            looked back.
        """
        looks = () if self.backtest is None else self.backtest.looks
        return breach_summary(staffing_held(plan, looks, seed=self.seed + 2))

    def _families_drawn(self) -> np.ndarray | None:
        if self._families is None:
            return None
        return self._families.draw(self._drawn.stock, self.seed + 1)

    def staffing(self, plan: StaffingPlan) -> pd.DataFrame:
        """Work out full-time equivalents by role, and the chance of breaching each standard.

        Parameters
        ----------
        plan : StaffingPlan

        Returns
        -------
        DataFrame
            As `fs_risk.demand.staffing.staffing_needs`.

        Raises
        ------
        SettingError
            If a role counts families and needs are not known.
        """
        families = self._families_drawn()
        return staffing_needs(plan, self._drawn.stock, families, self.ds, seed=self.seed + 2)

    def under(self, scenario: Scenario) -> "CaseloadForecast":
        """Forecast again under a scenario, with the same drift and as far as may be the same luck.

        Parameters
        ----------
        scenario : Scenario

        Returns
        -------
        CaseloadForecast
        """
        drawn = _simulated(self._model, self._drawn, scenario, self.seed)
        return CaseloadForecast(
            self.origin, self.backtest, self.backtest_note, scenario, self.breaks, self.seed,
            self.past, self.last_year, self._model, drawn, self._families,
        )  # fmt: skip

    def compare(self, other: "CaseloadForecast") -> pd.DataFrame:
        """Say by how much another forecast from the same model differs, path by path.

        Parameters
        ----------
        other : CaseloadForecast
            Made with `under` from this one.

        Returns
        -------
        DataFrame
            ``tier``, ``ds``, ``mean`` of other less this, and the band of the difference.

        Raises
        ------
        SettingError
            If the two do not come from one model and seed.
        """
        if other._model is not self._model or other.seed != self.seed:
            raise SettingError(
                "The two forecasts do not come from one model, so their paths are no pairs.",
                where="compare",
                fix="Make the other with forecast.under(scenario).",
            )
        apart = other._drawn.stock.astype(np.int64) - self._drawn.stock
        parts = [self._band(f"stock/tier={tier}", apart[:, :, tier], str(tier))
                 for tier in self.tiers]  # fmt: skip
        return pd.concat(parts, ignore_index=True)[["unique_id", "tier", "ds", *BAND]]


def scenario_factors(
    model: FlowModel, scenario: Scenario | None, horizon: int, n_paths: int, seed: int
) -> Factors | None:
    """Turn a scenario into factors on the months after the model's origin."""
    if scenario is None:
        return None
    return scenario.factors(model.origin + 1 + np.arange(horizon), n_paths, seed)


def _simulated(model: FlowModel, like: SamplePaths, scenario: Scenario, seed: int) -> SamplePaths:
    n_paths, horizon = like.stock.shape[:2]
    return simulate(
        model,
        horizon=horizon,
        n_paths=n_paths,
        seed=seed,
        factors=scenario_factors(model, scenario, horizon, n_paths, seed),
        by_team=like.team_stock is not None,
    )
