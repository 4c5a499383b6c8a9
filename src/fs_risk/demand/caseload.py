"""`forecast_caseload`: how many children on each tier, what moves, whom and how many it takes."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.demand.caseload_account import account_of_year
from fs_risk.demand.caseload_backtest import backtest_caseload
from fs_risk.demand.caseload_flows import FlowModel, fit_flows
from fs_risk.demand.caseload_result import CaseloadForecast, scenario_factors
from fs_risk.demand.caseload_simulate import simulate
from fs_risk.demand.hazards_rows import last_day
from fs_risk.demand.scenarios import Scenario
from fs_risk.demand.specialists import family_needs
from fs_risk.errors import OutcomeError, SettingError
from fs_risk.records.arguments import RECORDS, takes
from fs_risk.records.breaks import Break, as_breaks
from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.records import Records

NO_BACKTEST = "not looked back: no verdict"

MONTHS_SHOWN = 60
"""Months of the past that a forecast keeps, to be shown before it."""


@takes(records=RECORDS)
def forecast_caseload(
    records: Records,
    *,
    horizon: int = 12,
    scenario: Scenario | None = None,
    by_team: bool = False,
    breaks: Break | date | str | Sequence[Break | date | str] = (),
    n_paths: int = 500,
    seed: int = 0,
    backtest: bool = True,
    progress: bool = True,
) -> CaseloadForecast:
    """Forecast the children on each tier, from those there now and those to come.

    Every open case and every child to come moves month by month at hazards that depend on
    tier, months on it, age and season; the rates drift on as they have drifted. On each
    sample path what comes, goes and stays adds up.

    Parameters
    ----------
    records : Records
        With at least a year of whole months.
    horizon : int, default=12
        Months, up to 60.
    scenario : Scenario, optional
    by_team : bool, default=False
        Whether also by team: those of the cases now, and of those who came lately.
    breaks : Break, date, str or sequence of them, optional
        Go-lives and changed tier rules, after which levels are learnt anew; shocks, whose
        months are left out. A plain day is a go-live.
    n_paths : int, default=500
    seed : int, default=0
        The same seed and records give the same paths.
    backtest : bool, default=True
        Whether to look back: without it the forecast carries no coverage and no verdict.
    progress : bool, default=True

    Returns
    -------
    CaseloadForecast

    Raises
    ------
    OutcomeError
        If referrals were not observed, or less than a year is.
    SettingError
        If an argument is not possible.

    Examples
    --------
    >>> import fs_risk as fs
    >>> records = fs.make_authority(profile="small")
    >>> forecast = forecast_caseload(records, horizon=6, n_paths=50, backtest=False)
    >>> len(forecast.table), int(abs(forecast.account()["unreconciled"]).max())
    (36, 0)
    """
    _check(horizon, n_paths, seed)
    known = as_breaks(breaks)
    model = fit_flows(records, breaks=known)
    looked, note = None, NO_BACKTEST
    if backtest:
        try:
            looked = backtest_caseload(
                records, horizon=horizon, n_paths=min(n_paths, 300), seed=seed, breaks=known,
                progress=progress,
            )  # fmt: skip
        except OutcomeError as error:
            note = error.what
    drawn = simulate(
        model,
        horizon=horizon,
        n_paths=n_paths,
        seed=seed,
        factors=scenario_factors(model, scenario, horizon, n_paths, seed),
        by_team=by_team,
    )
    families = None
    if model.history is not None:
        after = np.array([last_day([model.origin])[0] + 1]).astype("datetime64[D]")
        families = family_needs(records, model.history.paths, after)
    return CaseloadForecast(
        origin=records.origin.kind,
        backtest=looked,
        backtest_note=note,
        scenario=scenario,
        breaks=known,
        seed=seed,
        past=_past(model),
        last_year=account_of_year(records, model.origin),
        _model=model.without_children(),
        _drawn=drawn,
        _families=families,
    )


def _past(model: FlowModel) -> pd.DataFrame:
    """Count the children on each tier at the end of the months up to the origin."""
    if model.history is None:
        return pd.DataFrame(columns=["tier", "ds", "stock"])
    first = max(model.history.rows.first_month, model.origin - MONTHS_SHOWN + 1)
    months = np.arange(first, model.origin + 1)
    parts = [
        pd.DataFrame(
            {
                "tier": tier,
                "ds": months.astype("datetime64[M]").astype(DATE_DTYPE),
                "stock": model.history.paths.stock(last_day(months), tier).astype(np.float64),
            }
        )
        for tier in model.tiers
    ]
    return pd.concat(parts, ignore_index=True)


def _check(horizon: int, n_paths: int, seed: int) -> None:
    for name, value, least, most in (
        ("horizon", horizon, 1, 60),
        ("n_paths", n_paths, 20, 20_000),
        ("seed", seed, 0, 2**31),
    ):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not least <= value <= most:
            raise SettingError(
                f"{name} is not a whole number from {least} to {most}.",
                where="forecast_caseload",
                fix=f"Pass {name} between {least} and {most}.",
            )
