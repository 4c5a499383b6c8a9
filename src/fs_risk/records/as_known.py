"""The records as they stood before a day, and as they might have stood had the rest been other."""

import numpy as np
import pandas as pd

from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES, Known, Table


def as_known_before(records: Records, day: pd.Timestamp) -> Records:
    """Give the records with only what was known before a day.

    Rows opened and family links made later are gone; ends and decisions made later are
    blank; so is what is overwritten at the extract, and a birth after the day.

    Parameters
    ----------
    records : Records
    day : Timestamp

    Returns
    -------
    Records
        With the coverage and extract date of `records`.
    """
    frames = {name: _before(table, records[name], day) for name, table in TABLES.items()}
    frames["factors"] = _with_parent(frames["factors"], frames["assessments"])
    return records.replace(**frames)


def with_another_future(records: Records, day: pd.Timestamp) -> Records:
    """Give the records known before a day with a different future put behind them.

    Every row appears twice more: once as if it happened on the day, once as if it
    happened when it did but was only recorded on the day. Families are linked on the
    day, two and two.

    Parameters
    ----------
    records : Records
    day : Timestamp

    Returns
    -------
    Records
    """
    known = as_known_before(records, day)
    frames = {name: known[name] for name in TABLES}
    for name, table in TABLES.items():
        if not table.date:
            continue
        later = _copied(table, frames[name], "happened on the day", day, move=True)
        late = _copied(table, frames[name], "recorded on the day", day, move=False)
        if name == "assessments":
            frames["factors"] = pd.concat(
                [
                    frames["factors"],
                    *(_factors_of(known["factors"], copy) for copy in (later, late)),
                ],
                ignore_index=True,
            )
        frames[name] = pd.concat([frames[name], later, late], ignore_index=True)
    frames["family_links"] = _with_joined_families(frames["family_links"], day)
    return known.replace(**frames)


def with_merged_children(records: Records, day: pd.Timestamp) -> Records:
    """Give the records known before a day with the numbers of children merged on it.

    The number of each child survives a merge with that of another child, made on the
    day: all that was recorded under the other number stands under the survivor's too,
    as recorded on the day. Families are linked on the day, two and two.

    Parameters
    ----------
    records : Records
    day : Timestamp

    Returns
    -------
    Records
    """
    known = as_known_before(records, day)
    frames = {name: known[name] for name in TABLES}
    ids = pd.Index(pd.concat([frame["child_id"] for frame in _about_children(frames)]).unique())
    survivor = pd.Series(np.roll(ids, 1), index=ids)  # every child survives another
    for name, table in TABLES.items():
        if not table.date or "child_id" not in table:
            continue
        moved = _copied(table, frames[name], "merged on the day", day, move=False)
        moved["child_id"] = moved["child_id"].map(survivor).astype("str")
        if name == "assessments":
            copied = _factors_of(known["factors"], moved)
            frames["factors"] = pd.concat([frames["factors"], copied], ignore_index=True)
        frames[name] = pd.concat([frames[name], moved], ignore_index=True)
    frames["family_links"] = _with_joined_families(frames["family_links"], day)
    return known.replace(**frames)


def _about_children(frames: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    return [frame for frame in frames.values() if "child_id" in frame]


def _with_joined_families(links: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Link the first child of one family of each two to the other, as known on the day.

    Two and two, since in a ring all families of the authority would be one household.
    """
    first = links.drop_duplicates("family_id").reset_index(drop=True)
    n_pairs = len(first) // 2
    more = first.iloc[0 : 2 * n_pairs : 2].assign(
        family_id=first["family_id"].iloc[1 : 2 * n_pairs : 2].array, known_date=day
    )
    both = pd.concat([links, more.astype({"known_date": DATE_DTYPE})], ignore_index=True)
    return both.drop_duplicates(["child_id", "family_id"], ignore_index=True)


def _before(table: Table, frame: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    if table.date:
        frame = frame[frame["known_date"] < day].reset_index(drop=True)
    elif "known_date" in frame:
        # an undated link was always known
        frame = frame[~(frame["known_date"] >= day)].reset_index(drop=True)
    later = {
        Known.DECISION: "decision_known_date",
        Known.END: "end_known_date",
    }
    blank_after = {known: ~(frame[clock] < day) for known, clock in later.items() if clock in frame}
    for column in table.columns:
        if column.known in blank_after:
            frame[column.name] = frame[column.name].mask(blank_after[column.known])
        elif column.known is Known.EXTRACT:
            frame[column.name] = frame[column.name].mask(frame[column.name].notna())
    for known, clock in later.items():
        if known in blank_after:
            frame[clock] = frame[clock].mask(blank_after[known])
    if table.name == "children":
        frame["birth_date"] = frame["birth_date"].mask(frame["birth_date"] > day)
    return frame


def _with_parent(factors: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    """Keep the factors of assessments whose authorisation is known."""
    done = assessments.loc[assessments["authorised_date"].notna(), "assessment_id"]
    return factors[factors["assessment_id"].isin(done)].reset_index(drop=True)


def _copied(
    table: Table, frame: pd.DataFrame, suffix: str, day: pd.Timestamp, *, move: bool
) -> pd.DataFrame:
    copy = frame.copy()
    for key in table.key:
        copy[key] = copy[key] + f" ({suffix})"
    dates = [table.date, *([table.end] if table.end else [])]
    if move:
        for date in dates:
            copy[date] = copy[date].mask(copy[date].notna(), day).astype(DATE_DTYPE)
    for clock in ("known_date", "decision_known_date", "end_known_date"):
        if clock in copy:
            copy[clock] = copy[clock].mask(copy[clock].notna(), day).astype(DATE_DTYPE)
    return copy


def _factors_of(factors: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    """Give copied assessments copies of their factors."""
    original = assessments["assessment_id"].str.replace(r" \(.*\)$", "", regex=True)
    pairs = pd.DataFrame({"new": assessments["assessment_id"], "assessment_id": original})
    copies = factors.merge(pairs, on="assessment_id")
    return copies.assign(assessment_id=copies["new"]).drop(columns="new")


_LATE_CLOCKS = {Known.DECISION: "decision_known_date", Known.END: "end_known_date"}


def late_columns() -> list[tuple[str, str]]:
    """List the columns that become known later than their row.

    Returns
    -------
    list of (str, str)
        Table and column: ends, outcomes, decisions, closures and their reasons, the
        factors of an assessment, and the birth date of a child then unborn.

    Examples
    --------
    >>> ("referrals", "close_reason") in late_columns(), ("referrals", "source") in late_columns()
    (True, False)
    """
    late = [
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.known in _LATE_CLOCKS
    ]
    return [*late, ("children", "birth_date")]


def without_late_column(
    records: Records, day: pd.Timestamp, *, table: str, column: str, how: str
) -> Records:
    """Give the records with one late column changed wherever it was not known before a day.

    Parameters
    ----------
    records : Records
    day : Timestamp
    table, column : str
        One of `late_columns`.
    how : {"blanked", "rewritten"}
        Made missing; or given another value: a code that others have, the row's first
        day for a date, so that whoever reads it too early sees a difference.

    Returns
    -------
    Records
    """
    frame = records[table]
    late = _late_rows(records, frame, day, table, column)
    if how == "blanked":
        frame[column] = frame[column].mask(late)
        if table == "factors":
            frame = frame[~late].reset_index(drop=True)
    else:
        frame.loc[late, column] = _another(frame, TABLES[table], column, day)[late]
    return records.replace(**{table: frame})


def _late_rows(
    records: Records, frame: pd.DataFrame, day: pd.Timestamp, table: str, column: str
) -> pd.Series:
    """Mark the rows whose column was not known before the day."""
    if table == "children":
        # a child born on the day itself is born for cases of that day
        return frame["birth_date"] > day
    if table == "factors":
        assessments = records["assessments"]
        known = assessments.loc[assessments["end_known_date"] < day, "assessment_id"]
        return ~frame["assessment_id"].isin(known)
    return ~(frame[_LATE_CLOCKS[TABLES[table][column].known]] < day)


def _another(frame: pd.DataFrame, table: Table, column: str, day: pd.Timestamp) -> pd.Series:
    """Give other values of the column's kind, one for each row."""
    values = frame[column]
    if column == "birth_date":
        return pd.Series(day + pd.Timedelta(days=1), index=frame.index).astype(DATE_DTYPE)
    if values.dtype == DATE_DTYPE:
        return frame[table.date]
    if values.dtype == "boolean":
        return ~values.fillna(False)
    present = sorted(values.dropna().unique())
    following = dict(zip(present, [*present[1:], *present[:1]], strict=True))
    return values.map(following).fillna(present[0] if present else pd.NA).astype(values.dtype)
