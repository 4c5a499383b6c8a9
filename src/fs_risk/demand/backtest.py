"""`backtest_demand`: what forecasts from earlier origins would have been worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.demand.backtest_tables import (
    by_horizon,
    by_origin,
    compare_rivals,
    paired_errors,
    table_of,
)
from fs_risk.demand.forecaster import DemandForecaster, joined_panel
from fs_risk.demand.invented import is_synthetic
from fs_risk.demand.origin_forecast import OriginForecast, forecast_from
from fs_risk.demand.panel import Panel, check_horizon
from fs_risk.demand.verdicts import plain_words, plain_years, verdict_table
from fs_risk.errors import SettingError
from fs_risk.records.arguments import SERIES, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.notebook import Display, stamp_of
from fs_risk.records.progress import tqdm


@dataclass(frozen=True, repr=False)
class DemandBacktest:
    """Forecasts from earlier origins against what came.

    Attributes
    ----------
    table : DataFrame
        ``unique_id``, ``origin`` (first day of the last period known), ``ds``, ``h``, ``y``,
        ``median``, ``lo-80``, ``hi-80``, ``lo-95``, ``hi-95``, ``last_year``.
    by_origin : DataFrame
        For each origin: ``mase``, ``rmsse``, ``wape``, ``pinball``, ``interval_80``,
        ``interval_95`` (means over series, in units of each series' usual change from a year
        before), ``coverage_80``, ``coverage_95``, ``bias``.
    by_horizon : DataFrame
        ``h``, ``wape``, ``coverage_80``, ``coverage_95``.
    skill : DataFrame
        ``rival``, its ``mase`` and the ``skill`` over it.
    verdicts : DataFrame
        By measure: ``mase``, ``mase_last_year``, ``skill`` (over it); ``best_rule``, the simple
        rule with the smallest error, its ``mase_best_rule``, and ``low`` and ``high``, the 95 %
        interval over origins of the share by which our error is smaller; ``verdict``.
    by_series : DataFrame
        The same for each ``unique_id``.
    verdict : str
        "use it", "no better than last year: use that" (or whichever simple rule was better by
        more than chance), or that it was not measured.
    notes : tuple of str
    synthetic : bool
        Whether any of the series, or of the prior's, were counted from invented records; what
        it shows is then stamped. False where nobody said what a user's own counts are of.
    """

    table: pd.DataFrame = field(repr=False)
    by_origin: pd.DataFrame = field(repr=False)
    by_horizon: pd.DataFrame = field(repr=False)
    skill: pd.DataFrame = field(repr=False)
    verdicts: pd.DataFrame = field(repr=False)
    by_series: pd.DataFrame = field(repr=False)
    verdict: str
    notes: tuple[str, ...]
    synthetic: bool = False

    def __getitem__(self, measure: str) -> float:
        """Give one measure's mean over origins, such as ``backtest["mase"]``."""
        return float(self.by_origin[measure].mean())

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the coverage of both bands by horizon.

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.demand.fan_chart import coverage_chart

        origins, answers = len(self.by_origin), int(self.table["y"].notna().sum())
        of = f"from {count_of(origins, 'origin')}, n {count_of(answers, 'answer')}"
        return coverage_chart(self.by_horizon, of=of, stamp=stamp_of(self.synthetic), ax=ax)

    def __repr__(self) -> str:
        held = [(name, self[name]) for name in ("wape", "mase", "coverage_80", "coverage_95")]
        title = f"DemandBacktest: {self.verdict}"
        n = [("origins", len(self.by_origin)), ("answers", int(self.table["y"].notna().sum()))]
        return Display(title, [*n, *held], self.synthetic, notes=self.notes).text()

    def _repr_html_(self) -> str:
        """Show the verdict, the skill and each origin in a notebook."""
        said = (f"Verdict: {self.verdict}.", *self.notes)
        head = Display("DemandBacktest", synthetic=self.synthetic, notes=said).html()
        tables = (self.skill, self.by_origin, self.by_horizon)
        shown = [each.to_html(index=False, float_format="{:.3f}".format) for each in tables]
        return f"<div>{head}{''.join(shown)}</div>"


@takes(series=SERIES)
def backtest_demand(
    series: pd.DataFrame,
    horizon: int = 12,
    *,
    windows: int = 4,
    step: int | None = None,
    origins: Sequence[Any] | None = None,
    prior: pd.DataFrame | None = None,
    upstream: Mapping[str, str] | None = None,
    seeds: int = 2,
    random_state: int = 0,
    num_threads: int = 1,
) -> DemandBacktest:
    """Forecast from earlier origins, and compare with what came and with simple rules.

    Everything (trees, weights, bands) is made again at each origin from what was known then.

    Parameters
    ----------
    series : DataFrame
        As `forecast_demand` takes it.
    horizon : int, default=12
        Periods ahead.
    windows : int, default=4
        How many origins.
    step : int, optional
        Periods between origins; by default half a year, or a year of annual series.
    origins : sequence of dates, optional
        First days of the last periods known, instead of `windows` and `step`.
    prior, upstream, seeds, random_state, num_threads
        As in `forecast_demand`.

    Returns
    -------
    DemandBacktest

    Raises
    ------
    RecordsError
        If the series cannot be used as they are.
    SettingError
        If no origin leaves enough history before it and a period after it.

    Examples
    --------
    >>> days = pd.date_range("2015-01-01", periods=84, freq="MS")
    >>> counts = 60 + 12 * np.sin(np.arange(84) * np.pi / 6)
    >>> series = pd.DataFrame({"unique_id": "referrals", "ds": days, "y": counts.round()})
    >>> backtest = backtest_demand(series, horizon=6, windows=2, seeds=1)
    >>> backtest.by_origin["origin"].dt.strftime("%Y-%m").to_list()
    ['2020-12', '2021-06']
    """
    panel, own = joined_panel(series, prior, ahead=check_horizon(horizon))
    places = _origins(panel, horizon, windows, step, origins)
    forecaster = DemandForecaster(
        horizon=horizon,
        upstream=upstream,
        seeds=seeds,
        random_state=random_state,
        num_threads=num_threads,
    )
    fits = forecaster.rolling_fits(panel, own)
    made = {
        place: forecast_from(fits, place) for place in tqdm(places, desc="origins", disable=None)
    }
    answers = {place: _answers(panel, place, horizon) for place in places}
    errors = paired_errors(fits, made, answers, own)
    verdicts = verdict_table(panel.measures[own], errors, called="measure")
    return DemandBacktest(
        table=table_of(panel, own, made, answers),
        by_origin=by_origin(panel, own, made, answers),
        by_horizon=by_horizon(own, made, answers),
        skill=compare_rivals(errors),
        verdicts=verdicts,
        by_series=verdict_table(panel.ids[own], errors, called="unique_id"),
        verdict=str(errors.judged()["verdict"]),
        notes=(
            *panel.notes,
            *_notes(verdicts, len(places)),
            *(_years_ahead(panel, own, made, answers) if panel.season == 1 else ()),
        ),
        synthetic=is_synthetic(series, prior),
    )


def _origins(
    panel: Panel, horizon: int, windows: int, step: int | None, origins: Sequence[Any] | None
) -> list[int]:
    if origins is not None:
        places = panel.periods().get_indexer(pd.DatetimeIndex(pd.to_datetime(list(origins))))
    else:
        stride = step or max(1, panel.season // 2)
        places = panel.n_periods - 1 - horizon - stride * np.arange(windows)[::-1]
    least = max(3, panel.season) - 1
    kept = [int(place) for place in places if least <= place < panel.n_periods - 1]
    if not kept:
        looked, before = count_of(len(places), "origin"), count_of(least + 1, "period")
        raise SettingError(
            f"None of {looked} has {before} up to it and one after it.",
            where="horizon, windows, origins",
            fix="Ask for fewer or later origins, a shorter horizon, or pass more history.",
        )
    return kept


def _answers(panel: Panel, place: int, horizon: int) -> np.ndarray:
    came = np.full((len(panel.ids), horizon), np.nan)
    known = panel.values[:, place + 1 : place + 1 + horizon]
    came[:, : known.shape[1]] = known
    return came


def _years_ahead(
    panel: Panel,
    own: np.ndarray,
    made: Mapping[int, OriginForecast],
    answers: Mapping[int, np.ndarray],
) -> list[str]:
    came, ours, last = (
        np.stack(each)
        for each in (
            [answers[place][own] for place in made],
            [forecast.quantiles[2][own] for forecast in made.values()],
            [forecast.naive[own] for forecast in made.values()],
        )
    )
    return plain_years(panel.measures[own], came, ours, last)


def _notes(verdicts: pd.DataFrame, n_origins: int) -> list[str]:
    said = []
    if n_origins < 4:
        said.append(
            f"Only {count_of(n_origins, 'origin')}: a verdict from fewer than four may be chance."
        )
    return [*said, *plain_words(verdicts)]
