"""`OutcomeIndicators`: a service's outcomes as plain data, to look at, to plot, to publish."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError, nearest
from fs_risk.outcomes.indicators import ALL_TEAMS, INDICATORS
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import day_given, days_given
from fs_risk.records.suppression import HIDDEN, LARGEST_HIDDEN, STEP, rounded, shown_count

COLUMNS = (
    "indicator", "team", "month", "numerator", "denominator", "value", "low", "high", "centre",
    "lower_limit", "upper_limit", "signal", "complete", "kind", "unit",
)  # fmt: skip

NOT_AN_EFFECT = (
    "Before and after a go-live are two times, not two services: what differs between them "
    "is not the effect of what went live."
)

SHORT_NOTE = "before and after go-live; not an effect"


@dataclass(frozen=True)
class OutcomeIndicators:
    """A service's outcomes by team and period.

    Attributes
    ----------
    origin : {"real", "synthetic"}
    freq : str
    go_live : tuple of Timestamp
    left_out : mapping of str to str
        Indicators that the records cannot hold, and why.
    """

    _table: pd.DataFrame = field(repr=False)
    origin: Literal["real", "synthetic"]
    freq: str
    go_live: tuple[pd.Timestamp, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        """Every indicator, team and period: a copy.

        ``indicator``, ``team``, ``month``, ``numerator``, ``denominator``, ``value`` in
        ``unit``, its 95 % interval ``low`` to ``high``, ``centre``, ``lower_limit``,
        ``upper_limit``, ``signal``, ``complete``, ``kind``. Counts are exact: for whoever
        holds the records.
        """
        return self._table.copy()

    def publishable(self) -> pd.DataFrame:
        """Give the table as it may be published.

        Counts of 1 to 5 are ``c`` and all others rounded to 5; values come from rounded
        counts, and are ``c`` where one behind them is hidden. Intervals and limits, from
        which counts could be worked back, are left out.

        Returns
        -------
        DataFrame
            ``indicator``, ``team``, ``month``, ``numerator``, ``denominator``, ``value``
            (text; empty where missing), ``complete``, ``unit``.
        """
        table = self._table
        rows = [_published(row) for row in table.itertuples(index=False)]
        shown = pd.DataFrame(rows, columns=["numerator", "denominator", "value"], dtype="str")
        kept = table[["indicator", "team", "month", "complete", "unit"]]
        wide = pd.concat([kept.reset_index(drop=True), shown], axis=1)
        return wide[["indicator", "team", "month", *shown.columns, "complete", "unit"]]

    def series(self, indicator: str, *, team: str | None = None) -> pd.DataFrame:
        """Give one indicator of one team, or of all of them.

        Parameters
        ----------
        indicator : str
        team : str, optional

        Returns
        -------
        DataFrame

        Raises
        ------
        AuditError
            If there is no such indicator or team.
        """
        self._check(indicator, "indicator", self.left_out.get(indicator, ""))
        own = self._table[(self._table["indicator"] == indicator).to_numpy()]
        if team is None:
            team = ALL_TEAMS if ALL_TEAMS in set(own["team"]) else str(own["team"].iloc[0])
        self._check(team, "team", "")
        return own[(own["team"] == team).to_numpy()].reset_index(drop=True)

    def _check(self, wanted: str, column: str, why: str) -> None:
        known = list(self._table[column].unique())
        if wanted not in known:
            raise AuditError(
                f"There is no {column} {wanted!r}" + (f": {why}." if why else ".")
                + nearest(wanted, known),
                where=", ".join(known),
                fix=f"Ask for one of the {column}s in the table.",
            )  # fmt: skip

    def before_and_after(
        self, indicator: str, *, go_live: date | str, team: str | None = None
    ) -> pd.DataFrame:
        """Pool an indicator's periods before and after a day; not an effect.

        Parameters
        ----------
        indicator : str
        go_live : date or str
            The period it falls in counts for neither side.
        team : str, optional

        Returns
        -------
        DataFrame
            ``when``, ``periods``, ``numerator``, ``denominator``, ``value``, ``unit``,
            ``reading`` (always that this is not an effect).
        """
        series = self.series(indicator, team=team)
        series = series[series["value"].notna().to_numpy()]
        day = day_given(go_live, argument="go_live")
        ends = series["month"] + pd.offsets.DateOffset(months=1 if self.freq == "MS" else 3)
        sides = {"before": ends <= day, "after": series["month"] >= day}
        rows = []
        for when, side in sides.items():
            part = series[side.to_numpy()]
            over, under = part["numerator"].sum(), part["denominator"].sum()
            factor = 100.0 if series["kind"].eq("rate").all() else 1.0
            value = factor * over / under if under else float("nan")
            rows.append((when, len(part), over, under, value))
        names = ["when", "periods", "numerator", "denominator", "value"]
        unit = series["unit"].iloc[0] if len(series) else ""
        return pd.DataFrame(rows, columns=names).assign(unit=unit, reading=NOT_AN_EFFECT)

    def plot_control_chart(
        self,
        indicator: str,
        *,
        team: str | None = None,
        go_live: Sequence[date | str] | None = None,
        ax: Any = None,
    ) -> Any:
        """Plot one series with its centre, limits and signals; give the axes.

        Parameters
        ----------
        indicator : str
        team : str, optional
            By default all teams.
        go_live : sequence of date or str, optional
            Days to mark; by default those the limits were worked out with.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.evaluation.indicator_plots import plot_control_chart

        days = self.go_live if go_live is None else days_given(go_live, argument="go_live")
        return plot_control_chart(self, indicator, team, days, ax)

    def meaning(self, indicator: str) -> str:
        """Say what an indicator is, in words."""
        known = {each.name: each.meaning for each in INDICATORS}
        return known.get(indicator, f"{indicator.replace('_', ' ')} (supplied)")

    def __repr__(self) -> str:
        stamp = "SYNTHETIC " if self.origin == "synthetic" else ""
        months, teams = self._table["month"].nunique(), self._table["team"].nunique()
        return (
            f"<OutcomeIndicators {stamp}"
            f"{count_of(self._table['indicator'].nunique(), 'indicator')}, "
            f"{count_of(teams, 'team')}, {count_of(months, 'period')}>"
        )

    def _repr_html_(self) -> str:
        stamp = "<p><b>SYNTHETIC</b></p>" if self.origin == "synthetic" else ""
        body = "".join(_latest_html(self, name) for name in self._table["indicator"].unique())
        note = f"<p>{NOT_AN_EFFECT}</p>" if self.go_live else ""
        return (
            f"{stamp}<table><thead><tr><th>indicator</th><th>latest complete period</th>"
            "<th>value</th><th>95 % interval</th><th>unit</th><th>signal</th></tr></thead>"
            f"<tbody>{body}</tbody></table>{note}"
        )


def _latest_html(kpis: OutcomeIndicators, name: str) -> str:
    series = kpis.series(name)
    known = series[series["value"].notna().to_numpy()]
    what = html.escape(kpis.meaning(name))
    if known.empty:
        return f"<tr><td>{what}</td><td colspan='5'>no complete period</td></tr>"
    last = known.iloc[-1]
    return (
        f"<tr><td>{what}</td><td>{last['month'].date()}</td><td>{last['value']:.2f}</td>"
        f"<td>{last['low']:.2f} to {last['high']:.2f}</td><td>{html.escape(last['unit'])}</td>"
        f"<td>{html.escape(last['signal']) or 'none'}</td></tr>"
    )


def _published(row: Any) -> tuple[str, str, str]:
    """Write one row's counts and value, hidden where few."""
    if np.isnan(row.value):
        return "", "", ""
    over, under = round(row.numerator), round(row.denominator)
    if row.kind == "mean":
        few = under <= LARGEST_HIDDEN
        days = f"{STEP * round(row.value / STEP):,}"
        return "", shown_count(under), HIDDEN if few else days
    rest = under - over if row.kind == "share" else LARGEST_HIDDEN + 1
    few = any(0 < count <= LARGEST_HIDDEN for count in (over, rest, under))
    near = rounded(np.array([over, under]))
    factor = 100.0 if row.kind == "rate" else 1.0
    value = HIDDEN if few or not near[1] else f"{factor * near[0] / near[1]:.2f}"
    shown = HIDDEN if few and over else shown_count(over)
    return shown, shown_count(under), value
