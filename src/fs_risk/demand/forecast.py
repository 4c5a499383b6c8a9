"""`forecast_demand`: the forecast with its bands, their measured coverage, and a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fs_risk.demand.forecaster import DemandForecaster
from fs_risk.demand.invented import is_synthetic
from fs_risk.demand.joint_paths import sample_paths, totals_table
from fs_risk.demand.looked_back import (
    beyond_what_was_measured,
    looked_back,
    simple_rules,
    years_ahead,
)
from fs_risk.demand.origin_forecast import OriginForecast, past_coverage
from fs_risk.demand.published_prior import held_out
from fs_risk.demand.verdicts import USE_IT_THERE, plain_words, verdict_table
from fs_risk.records.arguments import SERIES, takes
from fs_risk.records.notebook import Display


@dataclass(frozen=True, repr=False)
class DemandForecast:
    """What is expected, how sure that is, and whether it beats last year's number.

    Attributes
    ----------
    table : DataFrame
        ``unique_id``, ``ds``, ``mean``, ``median``, ``lo-80``, ``hi-80``, ``lo-95``,
        ``hi-95``. Means of teams, and of sources, add up to that of their total, and so do
        medians; the ends of bands do not, for not all teams are busiest at once.
    coverage : mapping of int to float
        Share of past answers inside the 80 % and 95 % bands, as forecasts from earlier
        origins had them; NaN where that could not be measured.
    verdict : str
        "use it", "no better than last year: use that" (or whichever simple rule was better by
        more than chance), that it was not measured, or that it was on other authorities alone.
    verdicts : DataFrame
        The same by measure: ``measure``, ``series``, ``mase``, ``mase_last_year``, ``skill``
        (over it); ``best_rule``, the simple rule with the smallest error, its
        ``mase_best_rule``, and ``low`` and ``high``, the 95 % interval of the share by which
        our error is smaller; ``verdict``.
    by_series : DataFrame
        The same for each ``unique_id``.
    rules : DataFrame
        ``unique_id``, ``ds``, and what each simple rule says.
    notes : tuple of str
        What was found in the series and done about it.
    history : DataFrame
        The series as they were passed: ``unique_id``, ``ds``, ``y``.
    origin : OriginForecast
        Weights, bands and past errors behind the table.
    own : ndarray of bool
        Which of the series in `origin` are own, not of the prior.
    synthetic : bool
        Whether any of the series, or of the prior's, were counted from invented records; what
        it shows is then stamped. False where nobody said what a user's own counts are of.
    """

    table: pd.DataFrame = field(repr=False)
    coverage: Mapping[int, float]
    verdict: str
    verdicts: pd.DataFrame = field(repr=False)
    by_series: pd.DataFrame = field(repr=False)
    rules: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...]
    history: pd.DataFrame = field(repr=False)
    origin: OriginForecast = field(repr=False)
    own: np.ndarray = field(repr=False)
    synthetic: bool = False

    def plot(self, unique_id: str | None = None, *, ax: Any = None) -> Any:
        """Draw the fan chart of one series; by default of the largest.

        Parameters
        ----------
        unique_id : str, optional
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from fs_risk.demand.fan_chart import fan_chart

        return fan_chart(self, unique_id, ax=ax)

    def paths(self, n_paths: int = 1_000, *, seed: int = 0) -> np.ndarray:
        """Draw sample paths of all series together.

        Parameters
        ----------
        n_paths : int, default=1000
        seed : int, default=0

        Returns
        -------
        ndarray of float64, shape (n_paths, n_series, horizon)
            Series and periods in the order of `table`; teams add up to their total in each.

        Raises
        ------
        AuditError
            If too few past forecasts ran their whole course.
        """
        return sample_paths(self.origin, n_paths, seed)[:, self.own]

    def totals(
        self, parents: Mapping[str, str] | None = None, *, n_paths: int = 1_000, seed: int = 0
    ) -> pd.DataFrame:
        """Forecast sums of series, such as teams of an authority, from paths that add up.

        Parameters
        ----------
        parents : mapping of str to str, optional
            The total that each series belongs to; by default all to one, "total", in which
            no part of a series that is there itself is counted again.
        n_paths : int, default=1000
        seed : int, default=0

        Returns
        -------
        DataFrame
            As `table`, one ``unique_id`` for each total.

        Raises
        ------
        AuditError
            If too few past forecasts ran their whole course.
        SettingError
            If a series belongs to no total.
        """
        paths = self.paths(n_paths, seed=seed)
        ids = self.table["unique_id"].to_numpy(dtype=object)[:: paths.shape[2]]
        if parents is None:
            whole = self._is_no_part()
            ids, paths = ids[whole], paths[:, whole]
        return totals_table(ids, self.table["ds"].to_numpy()[: paths.shape[2]], paths, parents)

    def _is_no_part(self) -> np.ndarray:
        """Say which own series are not counted in another of them."""
        alone = np.ones(len(self.own), dtype=bool)
        for total in self.origin.sums:
            alone[np.concatenate(total.parts)] = False
        counted: np.ndarray = alone[self.own]
        return counted

    def to_html(self, path: str | Path | None = None, *, synthetic: bool = False) -> str:
        """Give the page for a planning meeting, and write it where a path is given.

        Parameters
        ----------
        path : str or Path, optional
        synthetic : bool, default=False
            Whether to stamp the page of counts that do not say what records they are from;
            those that `demand_series` counted from synthetic records are stamped anyway.

        Returns
        -------
        str
            As `fs_risk.demand.planning_page.planning_page`.

        Raises
        ------
        SettingError
            If the page cannot be written.
        """
        from fs_risk.demand.planning_page import planning_page

        return planning_page(path, forecast=self, synthetic=synthetic)

    @property
    def words(self) -> tuple[str, ...]:
        """Verdict, coverage and notes in sentences."""
        return (f"Verdict: {self.verdict}.", coverage_in_words(self.coverage), *self.notes)

    def __repr__(self) -> str:
        last = self.table[self.table["ds"] == self.table["ds"].max()]
        names = ["median", "lo-80", "hi-80", "lo-95", "hi-95"]
        shown = last[["unique_id", "ds"]].join(last[names].round(1))
        shown_as = Display(
            "DemandForecast", synthetic=self.synthetic, table=shown, notes=self.words
        )
        return shown_as.text()

    def _repr_html_(self) -> str:
        """Show the words and the forecast in a notebook."""
        parts = [Display("DemandForecast", synthetic=self.synthetic, notes=self.words).html()]
        if len(self.verdicts) > 1:
            parts.append(self.verdicts.to_html(index=False, float_format="{:.3f}".format))
        parts.append(self.table.to_html(index=False, max_rows=24, float_format="{:.1f}".format))
        return f"<div>{''.join(parts)}</div>"


@takes(series=SERIES)
def forecast_demand(
    series: pd.DataFrame,
    horizon: int = 12,
    *,
    prior: pd.DataFrame | None = None,
    authority: str | None = None,
    upstream: Mapping[str, str] | None = None,
    seeds: int = 2,
    random_state: int = 0,
    num_threads: int = 1,
) -> DemandForecast:
    """Forecast demand series, with bands and a verdict from earlier origins.

    Parameters
    ----------
    series : DataFrame
        ``unique_id`` (str), ``ds`` (first day of the month, week or year), ``y`` (float; NaN
        where not observed, which is never read as 0). ``measure`` says which series count the
        same thing; ``kind`` "stock" which are counted on a day; where ``completeness`` is
        below 0.95 the period is not yet recorded in full, and left out. ``team`` and
        ``source`` say which are parts of which total: those are made to add up, as far as
        they were observed to.
    horizon : int, default=12
        Periods ahead.
    prior : DataFrame, optional
        Other authorities' series of the same measures, to learn from: what an authority with
        a year of history needs. A series that is itself forecast is left out of it.
    authority : str, optional
        ONS code of the authority whose series they are, such as E06000001. Its monthly
        referrals, where less than two years are known, are then forecast by what other
        authorities' published referrals teach, never by its own.
    upstream : mapping of str to str, optional
        For a series the one that leads it.
    seeds : int, default=2
    random_state : int, default=0
    num_threads : int, default=1

    Returns
    -------
    DemandForecast

    Raises
    ------
    RecordsError
        If the series cannot be used as they are.
    SettingError
        If an argument is not possible.

    Examples
    --------
    >>> days = pd.date_range("2020-01-01", periods=40, freq="MS")
    >>> series = pd.DataFrame({"unique_id": "plans", "ds": days, "y": 0.0})
    >>> forecast = forecast_demand(series, horizon=2)
    >>> forecast.table["median"].to_list(), forecast.notes
    ([0.0, 0.0], ('1 series holds nothing but zeros: it is forecast as 0.',))
    """
    forecaster = DemandForecaster(
        horizon=horizon,
        prior=prior,
        authority=authority,
        upstream=upstream,
        seeds=seeds,
        random_state=random_state,
        num_threads=num_threads,
    ).fit(series)
    origin, own, panel = forecaster.forecast_, forecaster.own_, forecaster.panel_
    lent, measures, ids = forecaster.lent_[own], panel.measures[own], panel.ids[own]
    coverage = (
        _lent_coverage() if lent.all() else dict(zip((80, 95), past_coverage(origin), strict=True))
    )
    errors = looked_back(origin, panel).of(own)
    if not np.isfinite(list(coverage.values())).all():
        # origins too few to try the bands on are too few to judge by: weights were fitted to them
        errors = errors.unmeasured()
    verdicts = _lent_verdicts(
        verdict_table(measures, errors, called="measure"), "measure", measures, lent
    )
    by_series = verdict_table(ids, errors, called="unique_id")
    return DemandForecast(
        table=forecaster.predict(),
        coverage=coverage,
        verdict=USE_IT_THERE if lent.all() else str(errors.of(~lent).judged()["verdict"]),
        verdicts=verdicts,
        by_series=_lent_verdicts(by_series, "unique_id", ids, lent),
        rules=simple_rules(origin, panel, own),
        notes=(
            *forecaster.notes_,
            *plain_words(verdicts),
            *years_ahead(origin, panel, own & ~forecaster.lent_),
            *beyond_what_was_measured(origin, own & ~forecaster.lent_),
        ),
        history=series[["unique_id", "ds", "y"]].copy(),
        origin=origin,
        own=own,
        synthetic=is_synthetic(series, prior),
    )


def coverage_in_words(coverage: Mapping[int, float]) -> str:
    """Say what share of past answers the bands held.

    Examples
    --------
    >>> coverage_in_words({80: 0.81, 95: 0.943})
    'On earlier origins the 80 % band held 81 % of what came, the 95 % band 94 %.'
    """
    if not np.isfinite(list(coverage.values())).all():
        return "The coverage of the bands could not be measured: the series are too short."
    narrow, wide = (f"{100 * coverage[level]:.0f} %" for level in (80, 95))
    return f"On earlier origins the 80 % band held {narrow} of what came, the 95 % band {wide}."


def _lent_coverage() -> dict[int, float]:
    """Give the coverage that bands from other authorities had on those held out."""
    return {80: held_out()["coverage_80"], 95: held_out()["coverage_95"]}


def _lent_verdicts(
    table: pd.DataFrame, called: str, names: np.ndarray, lent: np.ndarray
) -> pd.DataFrame:
    """Put the verdict on authorities held out where no series of a name was measured here."""
    there = table[called].isin(
        [name for name in np.unique(names[lent]) if lent[names == name].all()]
    )
    return table.assign(verdict=table["verdict"].mask(there, USE_IT_THERE))
