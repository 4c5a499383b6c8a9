"""Do stock and flows agree? What each return's own starts, ends and stock leave unexplained.

Published children in need do not balance: opening stock, starts and ends miss the closing
stock by about a tenth of it every year. A forecast that leaves this out is biased, so the
rest is always shown. In records it comes from children with two episodes at once.
"""

import numpy as np
import pandas as pd

from fs_risk.demand.calendar import check_frequency, period_edges
from fs_risk.demand.caseload_paths import TABLE_OF_TIER, observed_tiers, tier_periods
from fs_risk.demand.series_counts import observed_periods
from fs_risk.errors import OutcomeError, RecordsError
from fs_risk.outcomes.events import Periods
from fs_risk.records.dates import DATE_DTYPE, NEVER, to_days
from fs_risk.records.records import Records

ACCOUNT = ("tier", "ds", "opening", "in", "out", "closing", "unreconciled")


def flow_account(records: Records, *, freq: str = "MS") -> pd.DataFrame:
    """Set each return's stock of children beside its own starts and ends.

    Unlike in `demand_series`, a child is counted in each return that it is in: one on a
    plan who is looked after is in both.

    Parameters
    ----------
    records : Records
    freq : {"MS", "W-MON"}, default="MS"

    Returns
    -------
    DataFrame
        ``tier``, ``ds``, ``opening``, ``in``, ``out``, ``closing`` (float64), and
        ``unreconciled``: closing - (opening + in - out). Missing where not observed.

    Raises
    ------
    OutcomeError
        If the records hold no table with a caseload.
    """
    tiers = observed_tiers(records)
    if not tiers:
        raise OutcomeError(
            "These records hold no caseload.",
            where=f"returns {', '.join(records.origin.returns)}",
            fix="Read a return that holds referrals, plans or care.",
        )
    windows = [window for tier in tiers if (window := records.coverage[TABLE_OF_TIER[tier]])]
    last = min(max(window.observed_to for window in windows), records.extract_date)
    first = min(window.observed_from for window in windows)
    edges = period_edges(first, last, check_frequency(freq))
    parts = [_of_tier(records, tier, edges) for tier in tiers]
    return pd.concat(parts, ignore_index=True)[list(ACCOUNT)]


def account_of_year(records: Records, origin: int) -> pd.DataFrame:
    """Add the account of each return up over the twelve months to one.

    Parameters
    ----------
    records : Records
    origin : int
        The last month, counted from January 1970.

    Returns
    -------
    DataFrame
        ``tier``, ``opening``, ``in``, ``out``, ``closing``, ``unreconciled``, for tiers of
        which all twelve months were observed.
    """
    account = flow_account(records)
    month = account["ds"].to_numpy().astype("datetime64[M]").astype(np.int64)
    year = account[(month > origin - 12) & (month <= origin)].dropna()
    by = year.groupby("tier")
    sums = by[["in", "out", "unreconciled"]].sum()
    table = sums.assign(opening=by["opening"].first(), closing=by["closing"].last())
    names = ["tier", *(name for name in ACCOUNT[2:])]
    return table[by.size() == 12].reset_index()[names]


def _of_tier(records: Records, tier: int, edges: np.ndarray) -> pd.DataFrame:
    periods = tier_periods(records, tier)
    children = pd.Index(periods["child_id"].unique())
    spells = Periods(periods, children)
    everyone = np.arange(len(children), dtype=np.int64)
    days = edges.astype(np.int64)
    stock = np.array([spells.open_on(everyone, np.full(len(everyone), day)).sum() for day in days])
    start = to_days(periods["start_date"]).astype(np.int64)
    end = np.where(periods["end_date"].isna(), NEVER, to_days(periods["end_date"]))
    came = np.diff(np.searchsorted(np.sort(start), days))
    went = np.diff(np.searchsorted(np.sort(np.maximum(start, end)), days))
    observed = observed_periods(records, TABLE_OF_TIER[tier], edges)
    frame = pd.DataFrame(
        {"tier": tier, "ds": edges[:-1].astype(DATE_DTYPE), "opening": stock[:-1], "in": came,
         "out": went, "closing": stock[1:]}
    )  # fmt: skip
    counts = ["opening", "in", "out", "closing"]
    frame[counts] = frame[counts].astype(float)
    frame.loc[~observed, counts] = np.nan
    return with_unreconciled(frame)


def with_unreconciled(account: pd.DataFrame) -> pd.DataFrame:
    """Work out what stock and flows leave unexplained.

    Parameters
    ----------
    account : DataFrame
        With ``opening``, ``in``, ``out`` and ``closing``: of records, or as published.

    Returns
    -------
    DataFrame
        The same with ``unreconciled``: closing - (opening + in - out).

    Raises
    ------
    RecordsError
        If a column is absent.

    Examples
    --------
    >>> year = pd.DataFrame({"opening": [1_112], "in": [1_096], "out": [943], "closing": [1_226]})
    >>> with_unreconciled(year)["unreconciled"].to_list()
    [-39]
    """
    absent = [name for name in ("opening", "in", "out", "closing") if name not in account]
    if absent:
        raise RecordsError(
            f"The account lacks {', '.join(absent)}.",
            where=f"columns {', '.join(map(str, account.columns))}",
            fix="Give it opening, in, out and closing.",
        )
    rest = account["closing"] - (account["opening"] + account["in"] - account["out"])
    return account.assign(unreconciled=rest)
