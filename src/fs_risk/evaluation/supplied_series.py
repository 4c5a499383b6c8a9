"""Series that no return holds: attendance, police incidents, admissions; checked on the way in."""

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError, SettingError, nearest
from fs_risk.outcomes.indicators import ALL_TEAMS, INDICATORS
from fs_risk.records.counts_in_words import count_of

NEEDED = ("month", "team", "indicator", "numerator", "denominator")
KINDS = ("share", "rate")


def checked_series(supplied: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Check a supplied table and lay it out on every period, missing where it has no row.

    Parameters
    ----------
    supplied : DataFrame
        `NEEDED`, and if you like ``kind`` (``"share"`` of the denominator, as sessions
        attended of sessions possible, or ``"rate"``, the default) and ``unit`` (what 100
        of the denominator are).
    months : DatetimeIndex
        First days of the periods.

    Returns
    -------
    DataFrame
        As `count_indicators` gives it, with ``kind`` and ``unit``.

    Raises
    ------
    RecordsError
        If a column is absent, a cell is not what it should be, a row is there twice, or
        an indicator has two kinds or the name of one of the library's own.
    """
    frame = _columns(supplied)
    month = pd.to_datetime(frame["month"], errors="coerce", format="ISO8601").astype(
        "datetime64[s]"
    )
    _refuse(month.isna(), "month", "no date", "Write months as dates, such as 2024-05-01.")
    odd = ~month.isin(months.to_numpy().astype("datetime64[s]"))
    _refuse(odd, "month", "not the first day of a period that the records observe",
            "Give one row for each period, by its first day, while observed.")  # fmt: skip
    counts = frame[["numerator", "denominator"]].apply(pd.to_numeric, errors="coerce")
    for name in counts:
        bad = ~np.isfinite(counts[name].astype(float)) | (counts[name] < 0)
        _refuse(bad, name, "no count of 0 or more",
                "Leave out a period that was not counted; never write it as 0.")  # fmt: skip
    _refuse(counts["denominator"] == 0, "denominator", "0",
            "Leave out a period without anything to count on.")  # fmt: skip
    share = frame["kind"] == "share"
    _refuse(share & (counts["numerator"] > counts["denominator"]), "numerator",
            "more than the denominator of a share",
            "Correct it, or give the series kind 'rate'.")  # fmt: skip
    frame = frame.assign(month=month, **counts.astype(float))
    keys = ["indicator", "team", "month"]
    _refuse(frame.duplicated(keys, keep=False), "month", "a period, team and indicator twice",
            "Add them up to one row each.")  # fmt: skip
    return _on_grid(frame, months)


def _columns(supplied: pd.DataFrame) -> pd.DataFrame:
    absent = [name for name in NEEDED if name not in supplied]
    if absent:
        hints = "".join(nearest(name, map(str, supplied.columns)) for name in absent)
        raise RecordsError(
            f"The supplied series lack {', '.join(absent)}.{hints}",
            where=f"columns {', '.join(map(str, supplied.columns))}",
            fix=f"Give them {', '.join(NEEDED)}.",
        )
    frame = supplied.reset_index(drop=True)
    for name in ("team", "indicator"):
        _refuse(frame[name].isna(), name, "missing", f"Write '{ALL_TEAMS}' for the whole service.")
        frame[name] = frame[name].astype("str")
    frame["kind"] = frame["kind"].astype("str") if "kind" in frame else "rate"
    frame["unit"] = frame["unit"].astype("str") if "unit" in frame else "of the denominator"
    _refuse(~frame["kind"].isin(KINDS), "kind", "neither share nor rate",
            "Write share or rate.")  # fmt: skip
    own = frame["indicator"].isin([each.name for each in INDICATORS])
    _refuse(own, "indicator", "named as one of the library's own", "Give the series another name.")
    several = frame.groupby("indicator")[["kind", "unit"]].transform("nunique").max(axis=1) > 1
    _refuse(several, "kind, unit", "not the same throughout an indicator",
            "Give each indicator one kind and one unit.")  # fmt: skip
    return frame


def _refuse(bad: pd.Series, column: str, what: str, fix: str) -> None:
    hit = np.flatnonzero(bad.to_numpy(dtype=bool))
    if hit.size:
        shown = ", ".join(str(row + 1) for row in hit[:5])
        raise RecordsError(
            f"{count_of(hit.size, 'row')} of the supplied series "
            f"{'is' if hit.size == 1 else 'are'} {what}.",
            where=f"supplied, column {column}, rows {shown}{' and more' if hit.size > 5 else ''}",
            fix=fix,
        )


def _on_grid(frame: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    series = frame[["indicator", "team", "kind", "unit"]].drop_duplicates(["indicator", "team"])
    grid = series.merge(pd.DataFrame({"month": months.to_numpy().astype("datetime64[s]")}), "cross")
    keys = ["indicator", "team", "month"]
    grid = grid.merge(frame[[*keys, "numerator", "denominator"]], "left", on=keys)
    rate = (grid["kind"] == "rate").to_numpy()
    grid["unit"] = np.where(rate, "per 100 " + grid["unit"], "share " + grid["unit"])
    grid["complete"] = grid["numerator"].notna()
    return grid.assign(spread=np.nan)


def check_choice(value: object, known: tuple[object, ...], name: str) -> None:
    """Refuse an argument that is not one of those known.

    Parameters
    ----------
    value : object
    known : tuple
    name : str

    Raises
    ------
    SettingError
        If it is not.
    """
    if value not in known:
        listed = ", ".join(repr(each) for each in known)
        raise SettingError(
            f"{name}={value!r} is not possible.", where=name, fix=f"Pass one of {listed}."
        )
