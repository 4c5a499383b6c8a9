"""`demand_series`: monthly or weekly counts from records, with what must be known to read them."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.demand.breaks import marks
from fs_risk.demand.calendar import check_frequency, exposure, period_edges
from fs_risk.demand.completeness import INCOMPLETE, completeness
from fs_risk.demand.invented import ORIGIN, RECORDS
from fs_risk.demand.series_caseload import caseload_counts
from fs_risk.demand.series_counts import Count, event_counts
from fs_risk.demand.series_measures import CASELOAD, MEASURES
from fs_risk.errors import OutcomeError, SettingError, nearest
from fs_risk.records.arguments import RECORDS as ASKED_RECORDS
from fs_risk.records.arguments import takes
from fs_risk.records.breaks import Break, as_breaks
from fs_risk.records.dates import DATE_DTYPE, day_given
from fs_risk.records.quality_months import out_of_line
from fs_risk.records.records import Records

COLUMNS = (
    "unique_id", "ds", "y", "measure", "kind", "tier", "to_tier", "team", "source", "need",
    "working_days", "bank_holidays", "school_weeks", "completeness", "segment", "mark",
    "records",
)  # fmt: skip
"""The columns of a demand series."""

BY = ("team", "source")
"""What counts can be split by; sources only for contacts and referrals."""


class LateRecordingWarning(UserWarning):
    """The last periods of a series are not yet recorded in full."""


@takes(records=ASKED_RECORDS)
def demand_series(
    records: Records,
    *,
    freq: str = "MS",
    by: str | Sequence[str] | None = None,
    measures: str | Sequence[str] | None = None,
    breaks: Break | date | str | Sequence[Break | date | str] = (),
    family_help_from: date | str | None = None,
) -> pd.DataFrame:
    """Count demand by month or week: the front door, every tier, flows, specialists' need.

    Parameters
    ----------
    records : Records
    freq : {"MS", "W-MON"}, default="MS"
        Months, or weeks that begin on a Monday.
    by : {"team", "source"} or sequence of them, optional
        Counts also for each team (that of the child's latest referral, as at the extract)
        or each group of referral sources, besides the total; they add up to it. No return
        holds a locality.
    measures : str or sequence of str, optional
        Only these; by default all of `MEASURES` and `CASELOAD` in
        `fs_risk.demand.series_measures`.
    breaks : Break, date, str or sequence of them, optional
        Go-lives, changes of tier rules and shocks. A plain day is a go-live.
    family_help_from : date or str, optional
        Day from which early help and child in need are one tier (Family Help). Tiers 1
        and 2 are missing from its period on; their sum, ``tier=1+2``, runs through,
        marked.

    Returns
    -------
    DataFrame
        Sorted by ``unique_id`` (str) and ``ds`` (datetime64[s], first day of the period).
        ``y`` (float64): the count; NaN where the return did not observe the whole period,
        never 0 for that. ``measure``, ``kind`` ("flow", or "stock" at the end of the
        period), ``tier``, ``to_tier`` (text), ``team``, ``source``, ``need``: empty text
        where they do not apply. ``working_days``, ``bank_holidays``, ``school_weeks``.
        ``completeness``: estimated share of the period's events recorded by the extract,
        NaN where no clock was recorded. ``segment``: stretches between go-lives.
        ``mark``: what to know of the period, in words. ``records``: the kind of records that
        were counted, "real" or "synthetic", as also its ``attrs["origin"]`` says: forecasts
        of the latter are stamped.

    Raises
    ------
    OutcomeError
        If the records hold none of the tables.
    SettingError
        If an argument is not possible.

    Warns
    -----
    LateRecordingWarning
        If the last observed period of a measure is known to less than 95 %.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["1", "2"], "child_id": ["A", "B"],
    ...     "referral_date": pd.to_datetime(["2024-01-10", "2024-03-20"])})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-04-15",
    ...     coverage={"referrals": ("2024-01-01", "2024-04-15")})
    >>> series = demand_series(records, measures=["referrals"])
    >>> series["y"].to_list()
    [1.0, 0.0, 1.0, nan]
    """
    freq = check_frequency(freq)
    split = _checked(by)
    wanted = _wanted(measures)
    known = as_breaks(breaks)
    merged = _family_help(family_help_from)
    if merged is not None:
        known = tuple(sorted((*known, merged), key=lambda each: each.start))
    edges = _edges(records, wanted, freq)
    counts = [
        *event_counts(records, [MEASURES[name] for name in wanted if name in MEASURES], edges,
                      split),
        *caseload_counts(records, [name for name in wanted if name in CASELOAD], edges,
                         by_team="team" in split, merged=merged),
    ]  # fmt: skip
    table = _table(records, counts, edges, known, monthly=freq == "MS")
    table.attrs[ORIGIN] = records.origin.kind
    _warn(table)
    return table


def _checked(by: str | Sequence[str] | None) -> tuple[str, ...]:
    split = (by,) if isinstance(by, str) else tuple(by or ())
    odd = [name for name in split if name not in BY]
    if odd:
        hint = " No return holds a locality." if "locality" in odd else nearest(odd[0], BY)
        raise SettingError(
            f"Counts cannot be split by {odd[0]!r}.{hint}",
            where="demand_series, by",
            fix=f"Pass any of {', '.join(BY)}.",
        )
    return split


def _wanted(measures: str | Sequence[str] | None) -> tuple[str, ...]:
    known = (*MEASURES, *CASELOAD)
    one = (measures,) if isinstance(measures, str) else measures
    wanted = known if one is None else tuple(one)
    if not wanted:
        raise SettingError(
            "No measure was named, so there is nothing to count.",
            where="demand_series, measures",
            fix=f"Leave measures out to count all, or choose from: {', '.join(known)}.",
        )
    odd = [name for name in wanted if name not in known]
    if odd:
        raise SettingError(
            f"There is no measure {odd[0]!r}.{nearest(odd[0], known)}",
            where="demand_series, measures",
            fix=f"Choose from: {', '.join(known)}.",
        )
    return wanted


def _family_help(day: date | str | None) -> Break | None:
    if day is None:
        return None
    start = day_given(day, argument="family_help_from").date()
    return Break(kind="tier rule", start=start, what="early help and child in need are one tier")


def _edges(records: Records, wanted: Iterable[str], freq: str) -> np.ndarray:
    """Give the periods that any of the tables observes at least in part."""
    tables = {MEASURES[name].table if name in MEASURES else "referrals" for name in wanted}
    windows = [records.coverage.get(name) for name in sorted(tables)]
    held = [window for window in windows if window is not None]
    if not held:
        raise OutcomeError(
            f"These records hold none of {', '.join(sorted(tables))}, so there is no demand "
            "to count.",
            where=f"returns {', '.join(records.origin.returns)}",
            fix="Read a return that holds them, or ask for other measures.",
        )
    last = min(max(window.observed_to for window in held), records.extract_date)
    return period_edges(min(window.observed_from for window in held), last, freq)


@dataclass(frozen=True)
class _Frame:
    """What is the same for every series: the calendar and the breaks."""

    calendar: pd.DataFrame
    mark: np.ndarray
    segment: np.ndarray
    monthly: bool


def _table(
    records: Records,
    counts: Sequence[Count],
    edges: np.ndarray,
    breaks: Sequence[Break],
    *,
    monthly: bool,
) -> pd.DataFrame:
    mark, segment = marks(breaks, edges)
    frame = _Frame(exposure(edges), mark, segment, monthly)
    share: dict[str, np.ndarray] = {}
    for count in counts:
        if count.clocks is not None and count.measure not in share:
            share[count.measure] = completeness(*count.clocks, edges, records.extract_date)
    nothing = np.full(len(edges) - 1, np.nan)
    parts = [_one(count, frame, share.get(count.measure, nothing)) for count in counts]
    table = pd.concat(parts, ignore_index=True).assign(**{RECORDS: records.origin.kind})
    table = table[list(COLUMNS)]
    text = dict.fromkeys(
        ("unique_id", "measure", "kind", "tier", "to_tier", "team", "source", "need", "mark",
         RECORDS), "str"
    )  # fmt: skip
    table = table.astype({**text, "ds": DATE_DTYPE, "y": "float64", "segment": "int64"})
    return table.sort_values(["unique_id", "ds"], kind="stable", ignore_index=True)


def _one(count: Count, frame: _Frame, share: np.ndarray) -> pd.DataFrame:
    y = np.where(count.observed, count.values.astype(np.float64), np.nan)
    share = np.where(count.observed, share, np.nan)
    mark = frame.mark.copy()
    late = np.isfinite(share) & (share < INCOMPLETE)
    mark[late] = [
        f"{words}; late recording: about {100 * part:.0f} % known".lstrip("; ")
        for words, part in zip(mark[late], share[late], strict=True)
    ]
    if frame.monthly and count.kind == "flow" and count.observed.any():
        mark = _unusual(mark, y, count.observed)
    held = "" if count.held else "not held by this return"
    mark[~count.observed] = [
        f"{words}; {held or 'not wholly observed'}".lstrip("; ") for words in mark[~count.observed]
    ]
    return frame.calendar.assign(
        unique_id=count.unique_id,
        y=y,
        measure=count.measure,
        kind=count.kind,
        tier=count.tier,
        to_tier=count.to_tier,
        team=count.team,
        source=count.source,
        need=count.need,
        completeness=share,
        segment=frame.segment,
        mark=mark,
    )


def _unusual(mark: np.ndarray, y: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Mark months far from their neighbours, as the quality report does."""
    direction = np.zeros(len(y), dtype=np.int8)
    direction[observed] = out_of_line(y[observed].astype(np.int64))
    for sign, words in ((1, "far more than its neighbours"), (-1, "far fewer than its neighbours")):
        hit = direction == sign
        mark[hit] = [f"{given}; {words}".lstrip("; ") for given in mark[hit]]
    return mark


def _warn(table: pd.DataFrame) -> None:
    whole = table[(table["team"] == "") & (table["source"] == "") & table["y"].notna()]
    last = whole.drop_duplicates("unique_id", keep="last")
    late = last[last["completeness"] < INCOMPLETE]
    if len(late):
        warnings.warn(
            "The last periods are not yet recorded in full: "
            + ", ".join(
                f"{row.unique_id} about {100 * row.completeness:.0f} %" for row in late.itertuples()
            )
            + ". See the column completeness.",
            LateRecordingWarning,
            stacklevel=3,
        )
