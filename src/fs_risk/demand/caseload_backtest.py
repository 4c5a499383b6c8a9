"""How the caseload forecast would have done from earlier days, beside two simple rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_extract import as_extract
from fs_risk.demand.caseload_flows import (
    FlowHistory,
    FlowModel,
    fit_flows,
    whole_months,
)
from fs_risk.demand.caseload_paths import TIERS, TierPaths, tier_paths
from fs_risk.demand.caseload_shown import BacktestShown
from fs_risk.demand.caseload_simulate import SamplePaths, simulate
from fs_risk.demand.hazards_rows import last_day
from fs_risk.demand.markov import NAME as MARKOV
from fs_risk.demand.markov import markov_forecast
from fs_risk.demand.specialists_backtest import Look, look_at
from fs_risk.demand.verdicts import LEAST_SKILL
from fs_risk.errors import OutcomeError
from fs_risk.records.arguments import RECORDS, takes
from fs_risk.records.breaks import Break
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.progress import tqdm
from fs_risk.records.records import Records

LEVELS = {"lo-95": 0.025, "lo-80": 0.1, "median": 0.5, "hi-80": 0.9, "hi-95": 0.975}
"""Columns of a forecast and the quantiles of its paths."""

LEAST_HISTORY = 24
"""Months of history before the first origin."""

FEWEST_ORIGINS = 4
"""With fewer origins no verdict is given."""


@dataclass(frozen=True, repr=False)
class CaseloadBacktest(BacktestShown):
    """Forecasts of earlier days against what came.

    Attributes
    ----------
    table : DataFrame
        ``origin`` (the last month known, its first day), ``ds``, ``h`` (months ahead),
        ``tier``, ``observed``, ``mean``, ``median``, ``lo-80``, ``hi-80``, ``lo-95``,
        ``hi-95``, ``last_value``, ``markov``, ``markov_lo``, ``markov_hi``.
    looks : tuple of Look
        The sample paths of each origin, for specialists and posts.
    synthetic : bool
        Whether the records are invented; what it shows is then stamped.
    """

    table: pd.DataFrame = field(repr=False)
    looks: tuple[Look, ...] = field(default=(), repr=False)
    synthetic: bool = False

    def summary(self, *, by: Sequence[str] = ("tier",)) -> pd.DataFrame:
        """Sum the errors up.

        Parameters
        ----------
        by : sequence of str, default ("tier",)
            Any of ``tier``, ``h``, ``origin``.

        Returns
        -------
        DataFrame
            ``wape``, ``wape_last_value``, ``wape_markov`` (sum of absolute errors over the sum
            of what was observed), ``cover_80``, ``cover_95``, ``cover_markov`` (shares inside
            the band), ``bias`` (sum of errors over the sum observed), ``origins``, ``n``.
        """
        rows = [_measures(part) | dict(zip(by, _as_tuple(key), strict=True))
                for key, part in self.table.groupby(list(by))]  # fmt: skip
        names = [*by, "wape", "wape_last_value", "wape_markov", "bias", "cover_80", "cover_95",
                 "cover_markov", "origins", "n"]  # fmt: skip
        return pd.DataFrame(rows, columns=names)

    def verdicts(self) -> dict[int, str]:
        """Say for each tier whether the forecast has earned its place.

        Returns
        -------
        dict of int to str
            ``"use it"``, where errors are smaller than those of both simple rules by
            `verdicts.LEAST_SKILL`; ``"no better than last value: use that"`` (or the Markov
            model); or why nothing can be said.
        """
        return {int(row["tier"]): _verdict(row) for row in self.summary().to_dict("records")}


@takes(records=RECORDS)
def backtest_caseload(
    records: Records,
    *,
    horizon: int = 12,
    windows: int = 4,
    step: int = 6,
    n_paths: int = 300,
    seed: int = 0,
    breaks: Sequence[Break] = (),
    progress: bool = True,
) -> CaseloadBacktest:
    """Forecast the caseload from earlier days, as known then, and compare with what came.

    Parameters
    ----------
    records : Records
    horizon : int, default=12
        Months ahead.
    windows : int, default=4
        Origins, the latest so that its whole horizon is observed; fewer if the history
        is short.
    step : int, default=6
        Months between origins.
    n_paths : int, default=300
    seed : int, default=0
    breaks : sequence of Break
        Those that had begun by an origin are known to its forecast.
    progress : bool, default=True

    Returns
    -------
    CaseloadBacktest

    Raises
    ------
    OutcomeError
        If no origin has two years before it and the horizon after it.

    Examples
    --------
    >>> backtest_caseload(records, horizon=12).verdicts()  # doctest: +SKIP
    """
    paths = tier_paths(records)
    first, last = whole_months(records, paths.tiers)
    origins = [last - horizon - step * number for number in range(windows)]
    origins = [origin for origin in origins if origin - first + 1 >= LEAST_HISTORY]
    if not origins:
        months = count_of(last - first + 1, "month is", "months are")
        raise OutcomeError(
            f"{months} observed: too few to look back over {horizon}.",
            where="backtest_caseload",
            fix=f"Shorten the horizon, or read {LEAST_HISTORY + horizon} months or more.",
        )
    parts, looks = [], []
    for origin in tqdm(sorted(origins), desc="Looking back", disable=None if progress else True):
        known = [each for each in breaks if np.datetime64(each.start, "M").astype(int) <= origin]
        day = pd.Timestamp(np.datetime64(origin + 1, "M"))
        early = as_extract(records, day)
        model = fit_flows(early, breaks=known)
        drawn = simulate(model, horizon=horizon, n_paths=n_paths, seed=seed)
        if model.history is not None:
            parts.append(_compared(model, model.history, drawn, paths))
            looks.append(look_at(early, model.history.paths, drawn, records, paths, seed=seed + 1))
    return CaseloadBacktest(
        table=pd.concat(parts, ignore_index=True),
        looks=tuple(looks),
        synthetic=records.origin.kind == "synthetic",
    )


def quantiles(drawn: np.ndarray) -> dict[str, np.ndarray]:
    """Give the mean and `LEVELS` over the first axis."""
    found = np.quantile(drawn, list(LEVELS.values()), axis=0)
    return {"mean": drawn.mean(axis=0), **dict(zip(LEVELS, found, strict=True))}


def _compared(
    model: FlowModel, history: FlowHistory, drawn: SamplePaths, truth: TierPaths
) -> pd.DataFrame:
    """Put one origin's forecast beside the rules and what came."""
    markov = markov_forecast(history.rows, drawn.opening, horizon=len(drawn.months))
    low, high = markov.band()
    days = last_day(drawn.months)
    parts = []
    for tier in model.tiers:
        parts.append(
            pd.DataFrame(
                {
                    "origin": np.datetime64(model.origin, "M").astype(DATE_DTYPE),
                    "ds": drawn.months.astype("datetime64[M]").astype(DATE_DTYPE),
                    "h": np.arange(1, len(drawn.months) + 1),
                    "tier": tier,
                    "observed": truth.stock(days, tier).astype(np.float64),
                    **quantiles(drawn.stock[:, :, tier]),
                    "last_value": float(drawn.opening[tier]),
                    "markov": markov.mean[:, tier],
                    "markov_lo": low[:, tier],
                    "markov_hi": high[:, tier],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _measures(part: pd.DataFrame) -> dict[str, float]:
    observed = part["observed"]
    total = max(float(observed.sum()), 1.0)

    def wape(column: str) -> float:
        return float((part[column] - observed).abs().sum() / total)

    def cover(low: str, high: str) -> float:
        return float(((observed >= part[low]) & (observed <= part[high])).mean())

    return {
        "wape": wape("median"),
        "wape_last_value": wape("last_value"),
        "wape_markov": wape("markov"),
        "bias": float((part["median"] - observed).sum() / total),
        "bias_markov": float((part["markov"] - observed).sum() / total),
        "cover_80": cover("lo-80", "hi-80"),
        "cover_95": cover("lo-95", "hi-95"),
        "cover_markov": cover("markov_lo", "markov_hi"),
        "origins": part["origin"].nunique(),
        "n": len(part),
    }


def _verdict(row: dict[str, float]) -> str:
    tier = TIERS[int(row["tier"])]
    if row["origins"] < FEWEST_ORIGINS:
        looked = count_of(int(row["origins"]), "origin is", "origins are")
        return f"{tier}: {looked} too few for a verdict"
    best = min(row["wape_last_value"], row["wape_markov"])
    if row["wape"] <= (1 - LEAST_SKILL) * best:
        return f"{tier}: use it"
    simple = "last value" if row["wape_last_value"] <= row["wape_markov"] else MARKOV
    return f"{tier}: no better than {simple}: use that"


def _as_tuple(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)
