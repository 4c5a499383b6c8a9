"""Months of events: which are out of line, and where codes change from one month to the next.

References
----------
.. [1] Anscombe, F. J. (1948). The transformation of Poisson, binomial and
   negative-binomial data. Biometrika 35, 246-254.
.. [2] Iglewicz, B. and Hoaglin, D. C. (1993). How to detect and handle outliers.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from fs_risk.records.lookup import looked_up
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES, Kind, Known

SCORE = 4.0
"""How many robust standard deviations from its neighbours a month is out of line."""
CHANGE = 0.25
"""And by which share of their median at least."""
DISTANCE = 0.15
"""Share of a month's codes that would have to be others to look like the year before."""
NOT_GIVEN = "not given"

_NEIGHBOURS = 6
_FEWEST_MONTHS = 6
_FEWEST_NOW, _FEWEST_BEFORE = 30, 100
_MONTHS_BEFORE = 12
_SMALL_P = 1e-4
_FEWEST_EXPECTED = 5.0
_NOTABLE_SHARE, _NOTABLE_COUNT = 0.05, 10
_MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class MonthlyEvents:
    """Events of one table in each whole month that it observes.

    Attributes
    ----------
    table : str
    months : tuple of str
        ``yyyy-mm``.
    counts : ndarray of int64
    direction : ndarray of int8
        1 far more than its neighbours, -1 far fewer, 0 in line.
    """

    table: str
    months: tuple[str, ...]
    counts: np.ndarray
    direction: np.ndarray


@dataclass(frozen=True)
class MonthlyCodes:
    """Codes of one column in each whole month.

    Attributes
    ----------
    table, column : str
    months : tuple of str
    codes : tuple of str
        The commonest first; `NOT_GIVEN` is missing.
    counts : ndarray of int64, shape (n_codes, n_months)
    changed : tuple of (str, str)
        Month, and what changed in words.
    """

    table: str
    column: str
    months: tuple[str, ...]
    codes: tuple[str, ...]
    counts: np.ndarray
    changed: tuple[tuple[str, str], ...]


def monthly_events(records: Records, name: str) -> MonthlyEvents | None:
    """Count a table's events by month and say which months are out of line.

    A month is compared with the six before and after it, on the scale 2√(n + 3/8), on
    which counts of any size vary by about 1; their spread is the median absolute
    deviation, and never less than chance alone makes. It must also be a quarter away
    from their median and from that of the same month in other years, so that a holiday
    is not out of line.

    Returns
    -------
    MonthlyEvents or None
        None where no whole month is observed.
    """
    months = _whole_months(records, name)
    if not len(months):
        return None
    index = _month_numbers(records[name][TABLES[name].date], months)
    counts = np.bincount(index[index >= 0], minlength=len(months)).astype(np.int64)
    return MonthlyEvents(name, _written(months), counts, out_of_line(counts))


def out_of_line(counts: np.ndarray) -> np.ndarray:
    """Say for each month whether it is far above (1) or below (-1) its neighbours.

    Parameters
    ----------
    counts : ndarray of int64

    Returns
    -------
    ndarray of int8

    Examples
    --------
    >>> out_of_line(np.array([50, 52, 47, 49, 5, 51, 48, 50])).tolist()
    [0, 0, 0, 0, -1, 0, 0, 0]
    """
    scale = 2 * np.sqrt(counts + 0.375)
    direction = np.zeros(len(counts), dtype=np.int8)
    for month in range(len(counts)):
        around = [
            other
            for other in range(month - _NEIGHBOURS, month + _NEIGHBOURS + 1)
            if other != month and 0 <= other < len(counts)
        ]
        if len(around) < _FEWEST_MONTHS:
            continue
        middle = np.median(scale[around])
        spread = max(1.0, _MAD_TO_SD * float(np.median(np.abs(scale[around] - middle))))
        score = (scale[month] - middle) / spread
        if abs(score) <= SCORE:
            continue
        usual = [counts[around], _same_months(counts, month)]
        away = [counts[month] - np.median(some) for some in usual if len(some)]
        far = [abs(by) >= CHANGE * abs(counts[month] - by) for by in away]
        if all(far) and len(set(np.sign(away))) == 1:
            direction[month] = np.sign(score)
    return direction


def _same_months(counts: np.ndarray, month: int) -> np.ndarray:
    """Give the counts of the same month of other years; none unless there are two."""
    others = [at for at in range(month % 12, len(counts), 12) if at != month]
    return counts[others] if len(others) > 1 else counts[:0]


def monthly_codes(records: Records, name: str, column: str) -> MonthlyCodes | None:
    """Count a column's codes by month and say where they change.

    A month of at least 30 rows is compared with the twelve before it by Pearson's
    chi-squared, must also differ by `DISTANCE`, and not be like the same month a year
    before; a code of at least 5 % that begins or stops is named.

    Returns
    -------
    MonthlyCodes or None
        None where no whole month is observed, or there is no row.
    """
    owner = "assessments" if name == "factors" else name
    months = _whole_months(records, owner)
    frame = records[name]
    if not len(months) or frame.empty:
        return None
    index = _month_numbers(_event_days(records, name, column), months)
    values = frame[column].fillna(NOT_GIVEN)[index >= 0]
    codes = tuple(map(str, values.value_counts().index))
    if not codes or codes == (NOT_GIVEN,):
        return None
    rows = pd.Index(codes).get_indexer(values)
    counts = np.zeros((len(codes), len(months)), dtype=np.int64)
    np.add.at(counts, (rows, index[index >= 0]), 1)
    written = _written(months)
    return MonthlyCodes(name, column, written, codes, counts, _changes(codes, counts, written))


def coded_columns() -> list[tuple[str, str]]:
    """List the coded columns of dated tables."""
    return [
        (name, column.name)
        for name, table in TABLES.items()
        if table.date or name == "factors"
        for column in table.columns
        if column.kind is Kind.CODE
    ]


def _event_days(records: Records, name: str, column: str) -> pd.Series:
    """Give the day that a code belongs to: of a reason for the end, that of the end."""
    if name != "factors":
        table = TABLES[name]
        at_end = table.end and table[column].known is Known.END
        return records[name][table.end if at_end else table.date]
    done = records["assessments"].set_index("assessment_id")["authorised_date"]
    return looked_up(records["factors"]["assessment_id"], done)


def _whole_months(records: Records, name: str) -> pd.PeriodIndex:
    """Give the months that a table observes from the first day to the last."""
    window = records.coverage[name]
    if window is None or records[name].empty:
        return pd.PeriodIndex([], freq="M")
    first = window.observed_from.to_period("M")
    first += int(window.observed_from > first.start_time)
    last = window.observed_to.to_period("M")
    last -= int(window.observed_to < last.end_time.normalize())
    return pd.period_range(first, last, freq="M")


def _month_numbers(days: pd.Series, months: pd.PeriodIndex) -> np.ndarray:
    """Give each day's position among months; -1 outside them."""
    number = ((days.dt.year - months[0].year) * 12 + days.dt.month - months[0].month).to_numpy(
        dtype=float, na_value=np.nan
    )
    inside = (number >= 0) & (number < len(months))
    return np.where(inside, np.nan_to_num(number), -1).astype(np.int64)


def _written(months: pd.PeriodIndex) -> tuple[str, ...]:
    return tuple(map(str, months))


def _changes(
    codes: tuple[str, ...], counts: np.ndarray, months: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    found = []
    for at in range(1, len(months)):
        before = counts[:, max(0, at - _MONTHS_BEFORE) : at].sum(axis=1)
        now = counts[:, at]
        if now.sum() < _FEWEST_NOW or before.sum() < _FEWEST_BEFORE:
            continue
        if words := _named_changes(codes, before, now):
            found.append((months[at], words))
        elif _differs(before, now) and not _as_last_year(counts, at):
            found.append((months[at], "the mix of codes differs from the year before"))
    return tuple(found)


def _as_last_year(counts: np.ndarray, at: int) -> bool:
    """Say whether a month is like the same month a year before, as in a school holiday."""
    if at < _MONTHS_BEFORE:
        return False
    last = counts[:, at - _MONTHS_BEFORE]
    return bool(last.sum() >= _FEWEST_NOW) and not _differs(last, counts[:, at])


def _named_changes(codes: tuple[str, ...], before: np.ndarray, now: np.ndarray) -> str:
    expected = before / before.sum() * now.sum()
    stopped = (now == 0) & (expected >= _NOTABLE_COUNT) & (before >= _NOTABLE_SHARE * before.sum())
    begun = (before == 0) & (now >= max(_NOTABLE_COUNT, _NOTABLE_SHARE * now.sum()))
    words = [f"{codes[at]} stops" for at in np.flatnonzero(stopped)]
    words += [f"{codes[at]} begins" for at in np.flatnonzero(begun)]
    return "; ".join(words)


def _differs(before: np.ndarray, now: np.ndarray) -> bool:
    """Compare a month's codes with the year before, rare codes taken together."""
    distance = np.abs(before / before.sum() - now / now.sum()).sum() / 2
    if distance < DISTANCE:
        return False
    expected = before / before.sum() * now.sum()
    rare = expected < _FEWEST_EXPECTED
    pairs = np.column_stack([before, now])
    groups = np.vstack([pairs[~rare], pairs[rare].sum(axis=0)])
    groups = groups[groups.sum(axis=1) > 0]
    if len(groups) < 2:
        return False
    even = np.outer(groups.sum(axis=1), groups.sum(axis=0)) / groups.sum()
    statistic = ((groups - even) ** 2 / even).sum()
    return bool(chi2.sf(statistic, len(groups) - 1) < _SMALL_P)
