"""How a caseload forecast, and its look back, show themselves: words, tables and pictures."""

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from fs_risk.demand.caseload_paths import TIERS
from fs_risk.errors import SettingError
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import Display, Displayed, stamp_of
from fs_risk.records.suppression import shown_count

if TYPE_CHECKING:
    from fs_risk.demand.caseload_backtest import CaseloadBacktest
    from fs_risk.demand.caseload_result import CaseloadForecast


class CaseloadShown(Displayed):
    """The part of a caseload forecast that shows it."""

    @property
    def _forecast(self) -> "CaseloadForecast":
        return cast("CaseloadForecast", self)

    def plot(self, tier: int = 2, *, ax: Any = None) -> Any:
        """Draw the children on a tier: what was, the median and the bands.

        Parameters
        ----------
        tier : int, default=2
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SettingError
            If the records do not hold the tier.
        """
        from fs_risk.demand.fan_chart import draw_fan

        made = self._forecast
        if tier not in made.tiers:
            raise SettingError(
                f"There is no forecast of tier {tier!r}.",
                where="plot",
                fix=f"Choose a tier of {made.tiers}.",
            )
        table = made.table
        part = table[table["unique_id"] == f"stock/tier={tier}"]
        past = made.past[made.past["tier"] == tier].rename(columns={"stock": "y"})
        held = made.coverage[made.coverage["tier"] == tier]
        coverage = {level: float(held[f"cover_{level}"].iloc[0]) for level in (80, 95)
                    if len(held)}  # fmt: skip
        verdict = made.verdicts[tier].removeprefix(f"{TIERS[tier]}: ")
        title = f"{stamp_of(made.origin == 'synthetic')}{TIERS[tier].capitalize()}: {verdict}"
        drawn = draw_fan(
            past, part, coverage, f"{title}\nn {count_of(len(made.paths.stock), 'sample path')}", ax
        )
        drawn.set_ylabel("children at the end of the month")
        return drawn

    def plot_flows(self, tier: int = 2, *, months: int | None = None, ax: Any = None) -> Any:
        """Draw the waterfall of a tier.

        Parameters
        ----------
        tier : int, default=2
        months : int, optional
            From the first on; by default all.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SettingError
            If the records do not hold the tier, or there are not so many months.
        """
        from fs_risk.demand.flow_chart import flow_chart

        made = self._forecast
        table = made.waterfall(tier, months=months)
        over = count_of(months or len(made.ds), "month")
        title = f"{stamp_of(made.origin == 'synthetic')}{TIERS[tier].capitalize()}, {over}"
        return flow_chart(
            table, f"{title}; means of n {count_of(len(made.paths.stock), 'sample path')}", ax=ax
        )

    def _display(self) -> Display:
        made = self._forecast
        months = pd.DatetimeIndex(made.ds)
        under = f" under {made.scenario.name!r}" if made.scenario else ""
        return Display(
            f"CaseloadForecast {months[0]:%Y-%m} to {months[-1]:%Y-%m}{under}",
            [
                ("sample paths", f"{len(made.paths.stock):,}"),
                ("breaks", [one.what for one in made.breaks]),
                ("looked back", _looked_back(made)),
            ],
            table=_at_the_end(made),
            synthetic=made.origin == "synthetic",
        )


def _looked_back(made: "CaseloadForecast") -> str:
    return made.backtest_note if made.backtest is None else "see the verdicts"


def _at_the_end(made: "CaseloadForecast") -> pd.DataFrame:
    """Say for each tier what is expected at the end of the last month."""
    table, verdicts, rows = made.table, made.verdicts, []
    for tier in made.tiers:
        last = table[table["unique_id"] == f"stock/tier={tier}"].iloc[-1]
        now = made.past.loc[made.past["tier"] == tier, "stock"]
        rows.append(
            {
                "tier": TIERS[tier],
                "children now": shown_count(int(now.iloc[-1])) if len(now) else "",
                "at the end, median": f"{last['median']:,.0f}",
                "80 % band": f"{last['lo-80']:,.0f} to {last['hi-80']:,.0f}",
                "95 % band": f"{last['lo-95']:,.0f} to {last['hi-95']:,.0f}",
                "verdict": verdicts[tier].removeprefix(f"{TIERS[tier]}: "),
            }
        )
    return pd.DataFrame(rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _whole_percent(share: float) -> str:
    return f"{100 * share:.0f} %"


class BacktestShown(Displayed):
    """The part of a caseload's look back that shows it."""

    @property
    def _backtest(self) -> "CaseloadBacktest":
        return cast("CaseloadBacktest", self)

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the share of what came that lay in each band, by months ahead.

        Parameters
        ----------
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.demand.fan_chart import coverage_chart

        held = self._backtest.summary(by=["h"]).rename(
            columns={"cover_80": "coverage_80", "cover_95": "coverage_95"}
        )
        stamp = stamp_of(self._backtest.synthetic)
        return coverage_chart(held, of=self._looked_at, stamp=stamp, ax=ax)

    @property
    def _looked_at(self) -> str:
        table = self._backtest.table
        return (
            f"{count_of(table['tier'].nunique(), 'tier')} "
            f"from {count_of(table['origin'].nunique(), 'origin')}, "
            f"n {count_of(len(table), 'answer')}"
        )

    def _display(self) -> Display:
        found = self._backtest.summary()
        shown = pd.DataFrame(
            {
                "tier": found["tier"].map(TIERS),
                "error of all observed": found["wape"].map(_percent),
                "of last value": found["wape_last_value"].map(_percent),
                "of Markov": found["wape_markov"].map(_percent),
                "in 80 % band": found["cover_80"].map(_whole_percent),
                "in 95 % band": found["cover_95"].map(_whole_percent),
                "n": found["n"],
                "verdict": [
                    said.removeprefix(f"{TIERS[tier]}: ")
                    for tier, said in self._backtest.verdicts().items()
                ],
            }
        )
        return Display(
            "CaseloadBacktest",
            [("looked at", self._looked_at)],
            synthetic=self._backtest.synthetic,
            table=shown,
        )
