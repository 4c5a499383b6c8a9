"""Series as one matrix: checked, on a regular grid, with what was done to them said in words."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fs_risk.demand.breaks import break_notes, in_shock
from fs_risk.demand.calendar import exposure
from fs_risk.demand.completeness import INCOMPLETE
from fs_risk.demand.hierarchy import Sum, Total, adding_up, named_totals, sums_of
from fs_risk.demand.levelling import levelled, within_segment
from fs_risk.errors import RecordsError, SettingError, nearest
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.days_in_words import month_words

SEASONS = {"MS": 12, "W-MON": 52, "YS": 1}
"""Periods in a year: months, weeks that begin on a Monday, and years."""

_STOCK = "stock"
_STEP_FROM_DAYS = ((5, 9, "W-MON"), (27, 32, "MS"), (364, 367, "YS"))


@dataclass(frozen=True)
class Panel:
    """All series side by side, one column for each period.

    Attributes
    ----------
    ids : ndarray of str, shape (n,)
    start : Timestamp
        First period.
    freq : {"MS", "W-MON", "YS"}
    values : ndarray of float64, shape (n, n_periods)
        NaN where not observed. The last column holds at least one observation.
    working : ndarray of float64, shape (n, n_periods + ahead)
        Working days of each period for flows; 1 for stocks and years.
    school : ndarray of float64, shape (n_periods + ahead,)
        Share of the working days on which schools are open; 1 for years.
    months : ndarray of int64, shape (n_periods + ahead,)
        Month (1 to 12) in which each period begins.
    measures : ndarray of str, shape (n,)
        What each series counts; empty where not said.
    groups : ndarray of int64, shape (n,)
        Series of the same measure share seasons and national movement.
    sizes : ndarray of float64, shape (n,)
        What a series' level is compared by, such as children living there; NaN where not said.
    regions : ndarray of str, shape (n,)
        Where each series is counted; empty where not said.
    notes : tuple of str
        What was found and done, in sentences.
    segments : ndarray of int64, shape (n, n_periods), or None
        The stretch between breaks that each period belongs to; None without a break.
    totals : tuple of Total
        Which series are named as the sums of others, and of which.
    """

    ids: np.ndarray
    start: pd.Timestamp
    freq: str
    values: np.ndarray
    working: np.ndarray
    school: np.ndarray
    months: np.ndarray
    measures: np.ndarray
    groups: np.ndarray
    sizes: np.ndarray
    regions: np.ndarray
    notes: tuple[str, ...] = ()
    segments: np.ndarray | None = None
    totals: tuple[Total, ...] = ()

    def sums(self, origin: int) -> tuple[Sum, ...]:
        """Say which places were the sums of others in all that was known at a place."""
        kept, _ = adding_up(self.totals, self.ids, self.values[:, : origin + 1])
        return sums_of(kept, self.ids)

    def known(self, origin: int) -> np.ndarray:
        """Give the values up to a place, those before marked breaks at the level after."""
        return levelled(self.values, self.working, self.segments, origin, self.season)

    def answers(self, origin: int, last: int) -> np.ndarray:
        """Give the values after a place up to another, missing beyond a break."""
        return within_segment(self.values, self.segments, origin, last)

    @property
    def season(self) -> int:
        """How many periods make a year."""
        return SEASONS[self.freq]

    @property
    def n_periods(self) -> int:
        """How many periods were observed."""
        return int(self.values.shape[1])

    def periods(self, ahead: int = 0) -> pd.DatetimeIndex:
        """Give the first days of the observed periods, and of some after them."""
        step = _step(self.freq, self.start)
        return pd.date_range(self.start, periods=self.n_periods + ahead, freq=step)

    def until(self, last: int) -> "Panel":
        """Forget everything observed after a period.

        Parameters
        ----------
        last : int
            Place of the last period to keep.
        """
        segments = None if self.segments is None else self.segments[:, : last + 1]
        return replace(self, values=self.values[:, : last + 1], segments=segments)


def as_panel(series: pd.DataFrame, *, ahead: int) -> Panel:
    """Check series and lay them out as a matrix.

    Parameters
    ----------
    series : DataFrame
        ``unique_id``, ``ds`` (first day of a month, a Monday, or the first day of a year),
        ``y`` (NaN where not observed). A ``measure`` column says which series count the same
        thing in different places; ``kind`` says "stock" of what is counted on a day instead of
        over a period; ``completeness`` the share of a period's events that is recorded:
        below `INCOMPLETE` a count is left out. ``segment`` numbers the stretches between
        breaks; a ``mark`` that tells of a shock leaves the count out.
    ahead : int
        For how many periods after the last the calendar is wanted.

    Returns
    -------
    Panel

    Raises
    ------
    RecordsError
        If columns are missing, periods repeat or are irregular, or values are negative,
        infinite or all missing.

    Examples
    --------
    >>> days = pd.date_range("2023-01-01", periods=4, freq="MS")
    >>> series = pd.DataFrame({"unique_id": "a", "ds": days, "y": [3, 5, None, 4]})
    >>> panel = as_panel(series, ahead=2)
    >>> panel.values.tolist(), panel.working[0, -2:].tolist()
    ([[3.0, 5.0, nan, 4.0]], [20.0, 22.0])
    >>> panel.notes[0]
    '1 of 4 values is missing; it is left out, never read as 0.'
    """
    frame = _checked(series)
    freq = _frequency(frame["ds"])
    wide = frame.pivot(index="unique_id", columns="ds", values="y")
    wide = wide[wide.notna().any(axis=1)]
    grid = _grid(wide.columns, freq)
    values = wide.reindex(columns=grid).to_numpy(dtype=np.float64)
    seen = np.flatnonzero(np.isfinite(values).any(axis=0))
    first, last = int(seen[0]), int(seen[-1])
    values, start = values[:, first : last + 1], grid[first]
    about = frame.drop_duplicates("unique_id").set_index("unique_id").reindex(wide.index)
    working, school, months = _calendar(start, values.shape[1] + ahead, freq)
    stock = about["kind"].eq(_STOCK).to_numpy() if "kind" in about else np.zeros(len(wide), bool)
    per_series = np.where(stock[:, None], 1.0, working)
    segments = _segments(frame, wide.index, grid[first : last + 1])
    names = pd.Series(about.get("measure", ""), index=wide.index).fillna("")
    ids = wide.index.to_numpy(dtype=object)
    totals = named_totals(frame)
    _, apart = adding_up(totals, ids, values)
    return Panel(
        ids=ids,
        start=start,
        freq=freq,
        values=values,
        working=per_series,
        school=school,
        months=months,
        measures=names.to_numpy(dtype=object),
        groups=_groups(names),
        sizes=_sizes(frame, wide.index),
        regions=_regions(about),
        notes=(
            *_notes(values, freq),
            *_incomplete_note(series),
            *break_notes(series, segments),
            *apart,
        ),
        segments=segments,
        totals=totals,
    )


def _checked(series: pd.DataFrame) -> pd.DataFrame:
    for column in ("unique_id", "ds", "y"):
        if column not in series:
            raise RecordsError(
                f"The series have no column {column!r}.{nearest(column, map(str, series))}",
                where="series",
                fix="Pass a frame with the columns unique_id, ds and y.",
            )
    frame = series.assign(
        unique_id=series["unique_id"].astype("str"),
        ds=pd.to_datetime(series["ds"]).astype(DATE_DTYPE),
        y=pd.to_numeric(series["y"], errors="coerce").astype("float64"),
    ).sort_values(["unique_id", "ds"], ignore_index=True)
    _refuse(frame["ds"].isna(), "has no date", "have no date", "ds",
            "Give each row the first day of its period.")  # fmt: skip
    _refuse(frame.duplicated(["unique_id", "ds"]), "repeats a series and period",
            "repeat a series and period", "unique_id, ds",
            "Add the rows of a period up before you forecast.")  # fmt: skip
    _refuse(frame["y"] < 0, "holds a negative count", "hold a negative count", "y",
            "Forecast the parts of a balance apart, or correct the counts.")  # fmt: skip
    _refuse(np.isinf(frame["y"]), "holds an infinite count", "hold an infinite count", "y",
            "Correct the counts.")  # fmt: skip
    frame["y"] = frame["y"].mask(_incomplete(frame) | in_shock(frame))
    if not frame["y"].notna().any():
        raise RecordsError(
            f"None of {count_of(len(frame), 'row')} holds a count.",
            where="series, y",
            fix="Pass at least one observed period.",
        )
    return frame


def _incomplete(frame: pd.DataFrame) -> pd.Series:
    """Find counts of periods that are not yet recorded in full, where that is said."""
    share = frame.get("completeness", pd.Series(np.nan, index=frame.index))
    return frame["y"].notna() & (share < INCOMPLETE)


def _refuse(bad: pd.Series, one: str, many: str, column: str, fix: str) -> None:
    if n := int(bad.sum()):
        said = count_of(n, f"row {one}", f"rows {many}")
        raise RecordsError(f"{said}.", where=f"series, {column}", fix=fix)


def _frequency(days: pd.Series) -> str:
    different = np.sort(days.unique())
    if len(different) < 2:
        raise RecordsError(
            "The series hold a single period.",
            where="series, ds",
            fix="Pass at least two periods.",
        )
    step = int(np.diff(different).min() / np.timedelta64(1, "D"))
    for low, high, freq in _STEP_FROM_DAYS:
        if low <= step <= high:
            return freq
    raise RecordsError(
        f"The periods are {count_of(step, 'day')} apart, neither weeks, months nor years.",
        where="series, ds",
        fix="Count the series by month ('MS'), week ('W-MON') or year.",
    )


def _grid(days: pd.Index, freq: str) -> pd.DatetimeIndex:
    grid = pd.date_range(days.min(), days.max(), freq=_step(freq, days[0]))
    off = int((~days.isin(grid)).sum())
    if off:
        raise RecordsError(
            f"{count_of(off, 'period does', 'periods do')} not begin on the first day of a month "
            "or year, or on a Monday.",
            where="series, ds",
            fix="Set ds to the first day of each period.",
        )
    return grid


def _step(freq: str, day: pd.Timestamp) -> str:
    """Give pandas' name of the step; years may begin in any month."""
    return f"YS-{month_words(day, short=True)[:3].upper()}" if freq == "YS" else freq


def _calendar(start: pd.Timestamp, n: int, freq: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if freq == "YS":
        return np.ones(n), np.ones(n), np.full(n, start.month)
    edges = pd.date_range(start, periods=n + 1, freq=freq)
    days = exposure(edges.to_numpy().astype("datetime64[D]"))
    working = np.maximum(days["working_days"].to_numpy(dtype=np.float64), 1.0)
    school = 5 * days["school_weeks"].to_numpy(dtype=np.float64) / working
    return working, school, edges[:-1].month.to_numpy(dtype=np.int64)


def _sizes(frame: pd.DataFrame, ids: pd.Index) -> np.ndarray:
    """Take the first size known of each series, so that none comes from the future."""
    if "size" not in frame:
        return np.full(len(ids), np.nan)
    sizes = pd.to_numeric(frame["size"], errors="coerce").groupby(frame["unique_id"]).first()
    known = sizes.reindex(ids).to_numpy(dtype=np.float64)
    return np.where(known > 0, known, np.nan)


def _regions(about: pd.DataFrame) -> np.ndarray:
    """Take the region of each series, where that is said."""
    named = about["region"] if "region" in about else pd.Series("", index=about.index)
    regions: np.ndarray = named.fillna("").to_numpy(dtype=object)
    return regions


def _segments(frame: pd.DataFrame, ids: pd.Index, grid: pd.DatetimeIndex) -> np.ndarray | None:
    """Lay the stretches between breaks out as the values are; None where there is no break."""
    if "segment" not in frame:
        return None
    wide = frame.pivot(index="unique_id", columns="ds", values="segment")
    wide = wide.reindex(index=ids, columns=grid).ffill(axis=1).bfill(axis=1)
    numbers = wide.fillna(0).to_numpy(dtype=np.int64)
    return numbers if (numbers != numbers[:, :1]).any() else None


def _groups(names: pd.Series) -> np.ndarray:
    """Give measures numbers; those of fewer than four series share a number."""
    sizes = names.map(names.value_counts())
    codes: np.ndarray = pd.factorize(names.where(sizes >= 4, ""))[0].astype(np.int64)
    return codes


def _notes(values: np.ndarray, freq: str) -> tuple[str, ...]:
    missing, zero = np.isnan(values), np.nan_to_num(values, nan=0.0) == 0
    season, said = SEASONS[freq], []
    if n := int(missing.sum()):
        of = f"of {count_of(values.size, 'value')}"
        said.append(count_of(n, f"{of} is missing; it is left out, never read as 0.",
                             f"{of} are missing; they are left out, never read as 0."))  # fmt: skip
    if n := int((zero | missing).all(axis=1).sum()):
        said.append(count_of(n, "series holds nothing but zeros: it is forecast as 0.",
                             "series hold nothing but zeros: they are forecast as 0."))  # fmt: skip
    if n := int(((~missing).sum(axis=1) < 2 * season).sum()) if season > 1 else 0:
        short = count_of(n, "series has", "series have") + " less than two years"
        said.append(f"{short}: {_seasons_from(n, len(values))}.")
    odd = np.isfinite(values) & (values != np.round(values))
    if n := int(odd.any(axis=1).sum()):
        held = count_of(n, "series holds", "series hold")
        said.append(f"{held} fractions: read as rates or shares, not rounded.")
    return tuple(said)


def _seasons_from(short: int, series: int) -> str:
    """Say where short series have their seasons from; one that stands alone has no others."""
    if series == 1:
        return "too short for seasons of its own"
    return (
        "its seasons come from the others" if short == 1 else "their seasons come from the others"
    )


def _incomplete_note(series: pd.DataFrame) -> tuple[str, ...]:
    n = int(_incomplete(series).sum())
    if not n:
        return ()
    of, share = f"of {count_of(len(series), 'value')}", f"{100 * INCOMPLETE:.0f} %"
    one = f"{of} is of a period recorded to less than {share} so far: it is left out."
    many = f"{of} are of periods recorded to less than {share} so far: they are left out."
    return (count_of(n, one, many),)


def check_horizon(horizon: int) -> int:
    """Give the horizon back if it is possible.

    Raises
    ------
    SettingError
        If it is not a positive number of periods.
    """
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < 1:
        raise SettingError(
            f"horizon={horizon!r} is not possible.",
            where="horizon",
            fix="Pass a number of periods of at least 1.",
        )
    return int(horizon)
