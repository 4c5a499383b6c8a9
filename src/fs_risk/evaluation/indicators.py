"""A service's outcomes by team and month as control charts, with what stands out marked."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.evaluation.control_limits import (
    Limits,
    attribute_limits,
    individual_limits,
    mean_interval,
    rate_interval,
    share_interval,
    signals,
)
from fs_risk.evaluation.indicator_table import COLUMNS, OutcomeIndicators
from fs_risk.evaluation.supplied_series import check_choice, checked_series
from fs_risk.outcomes.indicators import INDICATORS, count_indicators
from fs_risk.records.arguments import RECORDS, takes
from fs_risk.records.dates import days_given
from fs_risk.records.records import Records

_FACTOR = {"share": 1.0, "rate": 100.0, "mean": 1.0}


@takes(records=RECORDS)
def outcome_indicators(
    records: Records,
    *,
    by: str | None = "team",
    freq: str = "MS",
    go_live: date | str | Sequence[date | str] = (),
    supplied: pd.DataFrame | None = None,
) -> OutcomeIndicators:
    """Work out a service's outcomes by team and month, with control limits.

    Plans, pre-proceedings and care begun, moves to a lower tier and closures, each per
    100 open cases; the share of closures re-referred within 6 and 12 months; the mean
    length of the plans that ended. A period that was not wholly observed, or is too
    recent for its re-referrals to be known, is missing, never 0.

    Parameters
    ----------
    records : Records
    by : {"team", None}, default="team"
        Each team besides all of them, or only all. Teams are those of the referrals as at
        the extract, in the order of their names: no order says which is better.
    freq : {"MS", "QS"}, default="MS"
        Months or quarters.
    go_live : date, str or sequence of them, optional
        Days on which something changed. Limits then come from the periods before the
        earliest of them, if there are 12, and are carried on. What is seen after a
        go-live is not thereby its effect.
    supplied : DataFrame, optional
        Series that no return holds, such as school attendance, police domestic-abuse
        incidents, acute mental-health admissions: ``month`` (first day of the period),
        ``team``, ``indicator``, ``numerator``, ``denominator``; if you like ``kind``
        (``"rate"`` or ``"share"``) and ``unit``.

    Returns
    -------
    OutcomeIndicators
        With ``.table``, ``.plot_control_chart(indicator)``, ``.publishable()``.

    Raises
    ------
    OutcomeError
        If the records hold no referrals.
    RecordsError
        If `supplied` is not what it should be.
    SettingError
        If an argument is not possible.

    Examples
    --------
    >>> import fs_risk as fs
    >>> records = fs.make_authority(children=4_000, years=3, seed=0)  # doctest: +SKIP
    >>> kpis = outcome_indicators(records, by="team", freq="MS")  # doctest: +SKIP
    >>> kpis.table.query("indicator == 'cp_plan_starts'")  # doctest: +SKIP
    """
    check_choice(by, ("team", None), "by")
    check_choice(freq, ("MS", "QS"), "freq")
    counts, left_out = count_indicators(records, by_team=by == "team", freq=freq)
    kinds = {each.name: (each.kind, each.unit) for each in INDICATORS}
    counts["kind"] = counts["indicator"].map(lambda name: kinds[name][0])
    counts["unit"] = counts["indicator"].map(lambda name: kinds[name][1])
    if supplied is not None:
        months = pd.DatetimeIndex(counts["month"].drop_duplicates().sort_values())
        counts = pd.concat([counts, checked_series(supplied, months)], ignore_index=True)
    marks = _days(go_live)
    table = pd.concat(
        [_charted(part, marks) for _, part in counts.groupby(["indicator", "team"], sort=False)],
        ignore_index=True,
    )
    return OutcomeIndicators(
        _table=table[list(COLUMNS)].astype({"indicator": "str", "team": "str", "signal": "str"}),
        origin=records.origin.kind,
        freq=freq,
        go_live=marks,
        left_out=left_out,
    )


def _days(go_live: date | str | Sequence[date | str]) -> tuple[pd.Timestamp, ...]:
    return tuple(sorted(days_given(go_live, argument="go_live")))


def _charted(part: pd.DataFrame, marks: tuple[pd.Timestamp, ...]) -> pd.DataFrame:
    """Put values, intervals, limits and signals to one series."""
    kind = part["kind"].iloc[0]
    complete = part["complete"].to_numpy(dtype=bool)
    numerator = np.where(complete, part["numerator"].astype(float), np.nan)
    denominator = np.where(complete, part["denominator"].astype(float), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(denominator > 0, numerator / denominator, np.nan)
        if kind == "share":
            low, high = share_interval(numerator, denominator)
        elif kind == "rate":
            low, high = rate_interval(numerator, denominator)
        else:
            low, high = mean_interval(value, part["spread"].to_numpy(dtype=float), denominator)
    limits = _limits(kind, numerator, denominator, value, part["month"], marks)
    factor = _FACTOR[kind]
    return part.assign(
        numerator=numerator,
        denominator=denominator,
        value=value * factor,
        low=np.where(np.isnan(value), np.nan, low * factor),
        high=np.where(np.isnan(value), np.nan, high * factor),
        centre=limits.centre * factor,
        lower_limit=limits.lower * factor,
        upper_limit=limits.upper * factor,
        signal=signals(value, limits),
    )


def _limits(
    kind: str,
    numerator: np.ndarray,
    denominator: np.ndarray,
    value: np.ndarray,
    months: pd.Series,
    marks: tuple[pd.Timestamp, ...],
) -> Limits:
    everything = np.ones(len(value), dtype=bool)
    before = everything
    if marks:
        until = months.shift(-1).fillna(months + pd.Timedelta(days=31))
        before = (until <= marks[0]).to_numpy()
    for baseline in (before, everything):
        if kind == "mean":
            limits = individual_limits(value, baseline)
        else:
            limits = attribute_limits(numerator, denominator, baseline, share=kind == "share")
        if not np.isnan(limits.centre).all():
            return limits
    return limits
