"""Cells of text turned into dates, flags, codes and identifiers, once for each spelling.

A column holds few different spellings, so each is looked at once. What cannot be
read becomes missing, and the mask that comes back says which rows those are.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from fs_risk.records.dates import DATE_DTYPE

PLACEHOLDER_DAY = "1900-01-01"
"""What a case management system writes where it has no date."""

_FLAGS = {
    **dict.fromkeys(("1", "y", "yes", "true", "t", "a) yes", "a)yes"), True),
    **dict.fromkeys(("0", "n", "no", "false", "f", "b) no", "b)no"), False),
}
_NOT_ANSWERED = frozenset({"na", "n/a", "null", "none", "unknown", "not known", "-"})
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-]?(\d{1,2})[/.-]?(\d{1,2})(?:[ T].*)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})(?:[ T].*)?")
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 80_000
_NO_DAY = np.datetime64("NaT", "D")
_LONGEST_DATE = 11
_TRAILING_ZERO = re.compile(r"\.0$")


def mapped(
    values: pd.Series, translate: Callable[[str], str | bool | None], dtype: str
) -> tuple[pd.Series, pd.Series]:
    """Translate each spelling of a column of text once.

    Parameters
    ----------
    values : Series of str
    translate : callable
        Takes a spelling without white space around it; None where it means nothing.
    dtype : str
        Of the outcome.

    Returns
    -------
    translated : Series
        Same index.
    bad : Series of bool
        Cells that were given but mean nothing.
    """
    numbers, spellings = pd.factorize(values)
    stripped = [str(spelling).strip() for spelling in spellings]
    meanings = [translate(text) if text else None for text in stripped]
    given = np.array([bool(text) for text in stripped] + [False])
    known = np.array([meaning is not None for meaning in meanings] + [False])
    translated = pd.Series([*meanings, None], dtype=dtype).take(numbers)
    translated.index = values.index
    return translated, pd.Series((given & ~known)[numbers], index=values.index)


def dates(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read dates written year first, day first, with a month's name or as Excel serials.

    Days come before months, always: a column that an American setting has turned
    round is not guessed at, its impossible days are reported. Times are cut off. The
    placeholder 1900-01-01 is missing.

    Parameters
    ----------
    values : Series of str

    Returns
    -------
    dates : Series of datetime64[s]
    bad : Series of bool
        Cells that were given but are no date.

    Examples
    --------
    >>> read, bad = dates(pd.Series(["2024-12-10 00:00:00.000", "10/12/2024 09:30", "32/01/2024"]))
    >>> read.dt.date.astype("str").to_list(), bad.to_list()
    (['2024-12-10', '2024-12-10', nan], [False, False, True])
    """
    numbers, spellings = pd.factorize(_without_time(values))
    stripped = [str(spelling).strip() for spelling in spellings]
    days = np.array([*map(_day, stripped), _NO_DAY], dtype="datetime64[D]")
    bad = np.array([bool(text) for text in stripped] + [False]) & np.isnat(days)
    days[days == np.datetime64(PLACEHOLDER_DAY)] = np.datetime64("NaT")
    read = pd.Series(days[numbers].astype(DATE_DTYPE), index=values.index)
    return read, pd.Series(bad[numbers], index=values.index)


def month_first(values: pd.Series) -> int:
    """Count cells that are no date with the day first, but would be with the month first.

    Parameters
    ----------
    values : Series of str

    Returns
    -------
    int

    Examples
    --------
    >>> month_first(pd.Series(["12/31/2024", "31/12/2024", "soon", None]))
    1
    """
    counts = values.str.strip().value_counts()
    return sum(int(count) for text, count in counts.items() if _is_month_first(str(text)))


def _is_month_first(text: str) -> bool:
    found = _DAY_FIRST.fullmatch(text)
    return found is not None and int(found.group(1)) <= len(_MONTHS) < int(found.group(2))


def _without_time(values: pd.Series) -> pd.Series:
    """Cut times off, so that few spellings are left."""
    timed = (values.str.len() > _LONGEST_DATE).fillna(False).astype(bool)
    if not timed.any():
        return values
    text = values.str.strip()
    numeric = text.str.match(r"\d{1,4}[-/.]\d").fillna(False).astype(bool)
    return text.where(~(timed & numeric), text.str.slice(0, 10))


@lru_cache(maxsize=1 << 16)
def _day(text: str) -> np.datetime64:
    """Read one spelling of a day; NaT if it is none."""
    parts = _day_parts(text)
    if parts is None:
        return _NO_DAY
    year, month, day = parts
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D")
    except ValueError:
        return _NO_DAY


def _day_parts(text: str) -> tuple[int, int, int] | None:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
        return year, month, day
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
        return year, month, day
    if found := _NAMED.fullmatch(text):
        name = found.group(2).lower()
        month = _MONTHS.index(name) + 1 if name in _MONTHS else 0
        return int(found.group(3)), month, int(found.group(1))
    if (found := _SERIAL.fullmatch(text)) and _FIRST_SERIAL <= int(found.group(1)) <= _LAST_SERIAL:
        moment = np.datetime64("1899-12-30", "D") + np.timedelta64(int(found.group(1)), "D")
        year, month, day = map(int, str(moment).split("-"))
        return year, month, day
    return None


def flags(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read yes and no in all the forms that returns use.

    Parameters
    ----------
    values : Series of str

    Returns
    -------
    flags : Series of boolean
    bad : Series of bool
        Cells that were given but are neither; "not answered" words are only missing.

    Examples
    --------
    >>> flags(pd.Series(["Y", "false", "1.0", "NA", "perhaps"]))[0].to_list()
    [True, False, True, <NA>, <NA>]
    """
    read, bad = mapped(values, _flag, "boolean")
    silent = values.fillna("").str.strip().str.lower().isin(_NOT_ANSWERED)
    return read, bad & ~silent


def _flag(text: str) -> bool | None:
    return _FLAGS.get(_TRAILING_ZERO.sub("", text.lower()))


def counts(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read whole numbers.

    Parameters
    ----------
    values : Series of str

    Returns
    -------
    counts : Series of Int64
    bad : Series of bool
        Cells that were given but are no whole number from 0.
    """
    read, bad = mapped(values, _count, "str")
    return read.astype("Int64"), bad


def _count(text: str) -> str | None:
    whole = _TRAILING_ZERO.sub("", text)
    return whole if re.fullmatch(r"[0-9]{1,9}", whole) else None


def codes(
    values: pd.Series, known: Mapping[str, str], other: Callable[[str], str | None] | None = None
) -> pd.Series:
    """Read codes in any case, with a spreadsheet's ".0" or a zero in front.

    Parameters
    ----------
    values : Series of str
    known : mapping
        The code list.
    other : callable, optional
        Translates what is not in the list; None where it cannot.

    Returns
    -------
    Series of str
        What is in no list stays as it was written, for the check of codes to report.

    Examples
    --------
    >>> codes(pd.Series(["4.0", "1a", "03B", "??"]), {"4": "", "1A": "", "3B": ""}).to_list()
    ['4', '1A', '3B', '??']
    """

    def translate(text: str) -> str:
        plain = _TRAILING_ZERO.sub("", text.upper())
        for candidate in (plain, plain.lstrip("0")):
            if candidate in known:
                return candidate
        return (other(text) if other is not None else None) or text

    return mapped(values, translate, "str")[0]


def identifiers(values: pd.Series) -> pd.Series:
    """Read identifiers: without white space and a spreadsheet's ".0", -1 as missing.

    An apostrophe in front, which keeps a spreadsheet from taking the cell for a
    formula or a number, is taken off.

    Parameters
    ----------
    values : Series of str

    Returns
    -------
    Series of str

    Examples
    --------
    >>> identifiers(pd.Series([" 00123 ", "77.0", "-1", "'+A"])).to_list()
    ['00123', '77', nan, '+A']
    """
    text = values.astype("str").str.strip()
    text = text.where(~text.isin(["", "-1"])).str.removeprefix("'")
    number = text.str.endswith(".0").fillna(False).astype(bool)
    if number.any():
        number &= text.str.fullmatch(r"\d+\.0").fillna(False).astype(bool)
        text = text.where(~number, text.str.removesuffix(".0"))
    return text


def one_spelling(columns: Sequence[pd.Series]) -> list[pd.Series]:
    """Read the identifiers of several tables, each as it was first written whatever its case.

    Parameters
    ----------
    columns : sequence of Series of str

    Returns
    -------
    list of Series of str

    Examples
    --------
    >>> first, second = one_spelling([pd.Series(["Ab1"]), pd.Series([" AB1", "c2"])])
    >>> second.to_list()
    ['Ab1', 'c2']
    """
    read = [identifiers(column) for column in columns]
    if not read:
        return []
    every = pd.concat(read, ignore_index=True).dropna()
    first = every.groupby(every.str.upper(), sort=False).first()
    keys = [column.str.upper() for column in read]
    return [key.map(first).astype("str").where(key.notna()) for key in keys]
