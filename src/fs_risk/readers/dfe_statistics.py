"""The Department for Education's published tables as demand series: by month and by year."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from fs_risk.errors import ReturnError, SettingError, nearest
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.records.arguments import PATH, takes
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import DATE_DTYPE

MONTHS = ("April", "May", "June", "July", "August", "September", "October", "November",
          "December", "January", "February", "March")  # fmt: skip
"""Columns of the monthly table, in the order of a reporting year (April to March)."""

LEVELS = {"authority": "Local authority", "region": "Regional", "national": "National"}

POPULATION = "population_estimate"
"""Column with the children living in a place."""

STOCKS = ("At31_episodes", "CPP_At31", "CLA_At31", "LAIT_LACnum", "LAIT_CPP_Num", "cases",
          "inpost_fte", "case_holders_fte", "population_estimate")  # fmt: skip
"""Columns of the annual tables that were counted on a day: all others are over the year."""

_CODES = {"authority": "new_la_code", "region": "region_code", "national": "country_code"}
_NAMES = {"authority": "la_name", "region": "region_name", "national": "country_name"}
_ABOUT = ("time_period", "time_identifier", "geographic_level", "country_code", "country_name",
          "region_code", "region_name", "old_la_code", "new_la_code", "la_name",
          "category")  # fmt: skip

Level = Literal["authority", "region", "national"]


@takes(path=PATH)
def read_dfe_referrals_by_month(path: str | Path, *, level: Level = "authority") -> pd.DataFrame:
    r"""Read the published monthly referrals (Characteristics of children in need, table C6).

    Parameters
    ----------
    path : str or Path
        The CSV file as published: one row for each reporting year and place, one column for
        each month.
    level : {"authority", "region", "national"}, default="authority"

    Returns
    -------
    DataFrame
        ``unique_id`` (str, the place's code), ``ds`` (datetime64[s], first of the month),
        ``y`` (float64; NaN where suppressed, not available or unreliable, never 0 for that),
        ``name`` and ``region`` (str), ``measure`` ("referrals") and ``kind`` ("flow"); sorted
        by ``unique_id`` and ``ds``. An authority that was reorganised has another code, and is
        another series, from then on.

    Raises
    ------
    ReturnError
        If the file is not that table.
    SettingError
        If the level is not possible.

    References
    ----------
    .. [1] Department for Education, Children in need, reporting year 2024: referrals by month.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> header = ["time_period", "geographic_level", "new_la_code", "la_name", "region_name",
    ...     *MONTHS]
    >>> row = ["202324", "Local authority", "E1", "Anyshire", "East", *map(str, range(12))]
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder, "c6.csv")
    ...     _ = table.write_text(",".join(header) + "\n" + ",".join(row) + "\n")
    ...     series = read_dfe_referrals_by_month(table)
    >>> series[["unique_id", "y"]].head(2).to_numpy().tolist()
    [['E1', 0.0], ['E1', 1.0]]
    """
    wanted = ("time_period", *MONTHS)
    frame = _rows(Path(path), level, wanted)
    long = frame.melt(id_vars=["unique_id", "name", "region", "year"], value_vars=list(MONTHS))
    month = long["variable"].map({name: (place + 3) % 12 + 1 for place, name in enumerate(MONTHS)})
    year = long["year"] - (month >= 4)
    long["ds"] = pd.to_datetime({"year": year, "month": month, "day": 1}).astype(DATE_DTYPE)
    return _series(long.assign(measure="referrals", kind="flow"))


@takes(path=PATH)
def read_dfe_annual(
    path: str | Path, *, measures: Sequence[str] | None = None, level: Level = "authority"
) -> pd.DataFrame:
    r"""Read a published table with one row for each year and place.

    Parameters
    ----------
    path : str or Path
        CSV file with ``time_period`` (the year in which the reporting year ends) and the
        place's code and name; every other column is a measure.
    measures : sequence of str, optional
        Columns to read; by default all that hold numbers.
    level : {"authority", "region", "national"}, default="authority"

    Returns
    -------
    DataFrame
        ``unique_id`` (str, measure and code), ``ds`` (datetime64[s], 1 April on which the
        reporting year begins), ``y`` (float64, NaN where not published), ``name``, ``region``,
        ``measure``, ``kind`` ("stock" for those of `STOCKS`, counted on a day, else "flow"),
        ``size`` (float64: children living there in the first year published).

    Raises
    ------
    ReturnError
        If the file is not such a table, or has no such measure.
    SettingError
        If the level is not possible.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> header = "time_period,new_la_code,la_name,region_name,referral_count"
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder, "annual.csv")
    ...     rows = "2023,E1,Anyshire,East,100\n2024,E1,Anyshire,East,c\n"
    ...     _ = table.write_text(f"{header}\n{rows}")
    ...     series = read_dfe_annual(table)
    >>> series["y"].to_list()
    [100.0, nan]
    """
    source = Path(path)
    offered = [name for name in header_of(source) if name not in _ABOUT]
    wanted = list(offered if measures is None else measures)
    unknown = [name for name in wanted if name not in offered]
    if unknown:
        raise ReturnError(
            f"The table has no column {unknown[0]!r}.{nearest(unknown[0], offered)}",
            where=source.name,
            fix="Name measures as the table's columns are named.",
        )
    sized = [POPULATION] if POPULATION in offered else []
    frame = _rows(source, level, ("time_period", *dict.fromkeys([*wanted, *sized])))
    size = frame.sort_values("year").groupby("unique_id")[POPULATION].first() if sized else {}
    frame["size"] = frame["unique_id"].map(size).astype("float64")
    long = frame.melt(
        id_vars=["unique_id", "name", "region", "year", "size"],
        value_vars=wanted,
        var_name="measure",
    )
    long["unique_id"] = (long["measure"] + "|" + long["unique_id"]).astype("str")
    long["ds"] = pd.to_datetime({"year": long["year"] - 1, "month": 4, "day": 1}).astype(DATE_DTYPE)
    long["kind"] = np.where(long["measure"].isin(STOCKS), "stock", "flow")
    series = _series(long)
    heard = series.groupby("unique_id")["y"].transform("count") > 0
    return series[heard].reset_index(drop=True)


def _rows(path: Path, level: Level, wanted: Sequence[str]) -> pd.DataFrame:
    """Load places of one level with their code, name, region and year."""
    if level not in LEVELS:
        raise SettingError(
            f"level={level!r} is not possible.",
            where="level",
            fix=f"Pass one of {', '.join(map(repr, LEVELS))}.",
        )
    header = header_of(path)
    needed = [*wanted, _CODES[level]]
    missing = [name for name in needed if name not in header]
    if missing:
        raise ReturnError(
            f"The table has no column {missing[0]!r}, and {len(missing) - 1} more are missing.",
            where=path.name,
            fix="Pass the CSV file as the Department for Education publishes it.",
        )
    about = [name for name in ("geographic_level", _NAMES[level], "region_name") if name in header]
    frame, _ = read_columns(path, list(dict.fromkeys([*needed, *about])))
    if "geographic_level" in frame:
        frame = frame[frame["geographic_level"] == LEVELS[level]]
    frame = frame[frame[_CODES[level]].notna()].reset_index(drop=True)
    year = pd.to_numeric(frame["time_period"].str[-4:], errors="coerce")
    if frame.empty or year.isna().any():
        raise ReturnError(
            f"{count_of(len(frame), 'row')} of this level, {int(year.isna().sum())} without a "
            "year.",
            where=f"{path.name}, time_period",
            fix="Pass a table with the year of each row, and a level that it holds.",
        )
    empty = pd.Series("", index=frame.index)
    named = {
        "unique_id": frame[_CODES[level]].astype("str"),
        "name": frame.get(_NAMES[level], empty).fillna("").astype("str"),
        "region": frame.get("region_name", empty).fillna("").astype("str"),
        "year": year.astype("int64"),
    }
    values = frame[[name for name in wanted if name != "time_period"]]
    return pd.DataFrame(named).join(values.apply(pd.to_numeric, errors="coerce"))


def _series(long: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of a demand series; a place named twice in a year keeps what is known."""
    columns = ["unique_id", "ds", "y", "name", "region", "measure", "kind"]
    columns += ["size"] if "size" in long else []
    series = long.rename(columns={"value": "y"}).astype(
        {"y": "float64", "measure": "str", "kind": "str"}
    )
    series = series.sort_values(["unique_id", "ds", "y"], na_position="last")
    series = series.drop_duplicates(["unique_id", "ds"], keep="first")
    return series[columns].reset_index(drop=True)
