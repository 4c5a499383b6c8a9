"""From raw frames to `Records`: types, codes, keys, clocks; nothing lost on the way."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError, nearest
from fs_risk.records.clocks import set_clocks
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import DATE_DTYPE, day_given
from fs_risk.records.findings import Finding, finding, findings_by_file
from fs_risk.records.observed_windows import EARLIEST, observed_windows, windows_not_given
from fs_risk.records.records import Origin, Records, Window, all_columns
from fs_risk.records.tables import PROVENANCE, TABLES, Column, Kind, Known, Table
from fs_risk.records.truth import Later

_SECONDS_A_DAY = 86_400
_NOT_A_TIME = np.iinfo(np.int64).min


def assemble(
    frames: Mapping[str, pd.DataFrame],
    *,
    extract_date: date | str | None,
    origin: Origin,
    coverage: Mapping[str, Window | tuple[date | str, date | str] | None] | None = None,
    findings: Sequence[Finding] = (),
    set_aside: Mapping[str, pd.DataFrame] | None = None,
    truth: Mapping[str, pd.DataFrame | Later] | None = None,
) -> Records:
    """Make `Records` of raw canonical frames.

    A faulty cell becomes missing with a finding; a row without a usable key, child
    or event date is set aside with a finding; nothing else is lost.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Tables by name, with at least their required columns.
    extract_date : date, str or None
        None: the latest event date that is not in the future.
    origin : Origin
    coverage : mapping, optional
        Days observed, by table.
    findings, set_aside
        What a reader has found and kept aside already.
    truth : mapping of str to DataFrame or Later, optional
        Synthetic records only.

    Returns
    -------
    Records

    Raises
    ------
    RecordsError
        If a table or a needed column is missing or does not hold what it should.
    SettingError
        If the extract date is no day.
    """
    found = list(findings)
    aside = {name: [frame] for name, frame in (set_aside or {}).items()}
    typed = {}
    for name, frame in frames.items():
        typed[name], more = _typed(_declared(name), frame)
        found += more
    end, more = _extract_date(typed, extract_date)
    found += more
    finished = {}
    for name, table in TABLES.items():
        if name not in typed:
            finished[name] = _without_rows(name).copy()
            continue
        frame, more = _unknown_after(table, typed[name].copy(), end)
        found += more
        usable, more = _usable_rows(table, frame)
        found += more
        if not usable.all():
            aside.setdefault(name, []).append(typed[name][~usable])
            frame = frame[usable].reset_index(drop=True)
        finished[name], more = set_clocks(table, frame)
        found += more
    found += windows_not_given(finished, frames, coverage)
    return Records(
        finished,
        extract_date=end,
        coverage=observed_windows(finished, frames, coverage, end),
        origin=origin,
        findings=tuple(found),
        set_aside={name: pd.concat(parts, ignore_index=True) for name, parts in aside.items()},
        truth=truth,
    )


def _declared(name: str) -> Table:
    if name not in TABLES:
        raise RecordsError(
            f"There is no canonical table {name!r}.{nearest(name, TABLES)}",
            fix=f"Name tables as in records.tables: {', '.join(TABLES)}.",
        )
    return TABLES[name]


@cache
def _without_rows(name: str) -> pd.DataFrame:
    """Make an empty table once: most extracts lack several, and typing one takes a millisecond."""
    columns = [*TABLES[name].columns, *PROVENANCE]
    return pd.DataFrame({column.name: pd.Series(dtype=column.kind.dtype) for column in columns})


def _typed(table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    absent = [name for name in table.required if name not in frame]
    if absent:
        hints = "".join(nearest(name, map(str, frame.columns)) for name in absent)
        raise RecordsError(
            f"Table {table.name} lacks {', '.join(absent)}.{hints}",
            where=f"table {table.name}, columns {', '.join(map(str, frame.columns))}",
            fix=f"Give {table.name} the columns {', '.join(table.required)}.",
        )
    frame = frame.reset_index(drop=True)
    findings = _ignored_columns(table, frame)
    provenance = _provenance(frame)
    typed: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.name not in frame:
            typed[column.name] = _missing(column.kind.dtype, frame.index)
            continue
        typed[column.name], bad = _cast(table, column, frame[column.name])
        if bad.any():
            findings += _bad_cells(table, column, pd.DataFrame(provenance)[bad])
    return pd.DataFrame(typed | provenance), findings


def _provenance(frame: pd.DataFrame) -> dict[str, pd.Series]:
    if "source_file" in frame:
        file = frame["source_file"].astype("str")
    else:
        file = _missing("str", frame.index)
    if "source_row" in frame:
        row = frame["source_row"].astype("Int64")
    else:
        row = pd.Series(np.arange(1, len(frame) + 1), dtype="Int64")
    return {"source_file": file, "source_row": row}


def _missing(dtype: str, index: pd.Index) -> pd.Series:
    nothing = _no_values(dtype).take(np.full(len(index), -1), allow_fill=True)
    return pd.Series(nothing, index=index, copy=False)


@cache
def _no_values(dtype: str) -> pd.api.extensions.ExtensionArray:
    return pd.array([], dtype=dtype)


def _ignored_columns(table: Table, frame: pd.DataFrame) -> list[Finding]:
    extra = [str(name) for name in frame.columns if name not in all_columns(table.name)]
    if not extra:
        return []
    return [
        finding(
            "R001",
            "note",
            f"{count_of(len(extra), 'column is', 'columns are')} not part of table {table.name}: "
            f"{', '.join(extra[:10])}.",
            table=table.name,
            count=len(extra),
            fix="Rename them if they were meant; otherwise they are not used.",
        )
    ]


def _cast(table: Table, column: Column, values: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Cast one column; also say which cells were given but could not be used."""
    given = values.notna().to_numpy()
    try:
        cast = _CASTS[column.kind](values)
    except (TypeError, ValueError) as error:
        raise RecordsError(
            f"Column {column.name} of table {table.name} does not hold {_CONTENTS[column.kind]}.",
            where=f"table {table.name}, column {column.name}, dtype {values.dtype}",
            fix=f"Convert the column to {column.kind.dtype} first.",
        ) from error
    if column.codes is not None:
        listed = cast.isin(list(column.codes)) | cast.isna()
        cast = _without(cast, ~listed.to_numpy())
    if column.kind is Kind.DATE:
        cast = _without(cast, cast.to_numpy() < EARLIEST.to_datetime64())
    return cast, given & cast.isna().to_numpy()


def _without(values: pd.Series, unusable: np.ndarray) -> pd.Series:
    """Blank some cells; most columns have none, and a copy of each costs more than all checks."""
    return values.mask(unusable) if unusable.any() else values


def _cast_text(values: pd.Series) -> pd.Series:
    text = values.astype("str").str.strip()
    return _without(text, (text == "").to_numpy())


def _cast_date(values: pd.Series) -> pd.Series:
    if values.dtype == DATE_DTYPE:
        seconds = values.to_numpy().view(np.int64)
        if not (seconds % _SECONDS_A_DAY)[seconds != _NOT_A_TIME].any():
            return values
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.to_datetime(values.astype("str"), format="ISO8601", errors="coerce")
    if getattr(values.dtype, "tz", None) is not None:
        values = values.dt.tz_localize(None)
    return values.dt.floor("D").astype(DATE_DTYPE)


_CASTS: dict[Kind, Callable[[pd.Series], pd.Series]] = {
    Kind.ID: _cast_text,
    Kind.CODE: _cast_text,
    Kind.LABEL: _cast_text,
    Kind.DATE: _cast_date,
    Kind.FLAG: lambda values: values.astype("boolean"),
    Kind.COUNT: lambda values: pd.to_numeric(values).astype("Int64"),
}
_CONTENTS = {
    Kind.ID: "identifiers",
    Kind.CODE: "codes",
    Kind.LABEL: "text",
    Kind.DATE: "dates",
    Kind.FLAG: "true or false",
    Kind.COUNT: "whole numbers",
}


def _bad_cells(table: Table, column: Column, rows: pd.DataFrame) -> list[Finding]:
    if column.kind is Kind.DATE:
        message = "Dates cannot be read, or lie before 1900."
        fix = "Correct the dates; the cells count as missing."
        rule = "R002"
    else:
        message = "Codes are not in the code list."
        fix = "Map the codes to the list, or correct them; the cells count as missing."
        rule = "R003"
    return findings_by_file(
        rule, "error", message, rows, table=table.name, column=column.name, fix=fix
    )


def _extract_date(
    frames: Mapping[str, pd.DataFrame], given: date | str | None
) -> tuple[pd.Timestamp, list[Finding]]:
    if given is not None:
        return day_given(given, argument="extract_date"), []
    today = pd.Timestamp(date.today())  # noqa: DTZ011 - UK local whole days throughout
    latest = [
        dates[dates <= today].max()
        for name, frame in frames.items()
        for dates in (
            frame[column.name]
            for column in TABLES[name].columns
            if column.kind is Kind.DATE and not column.planned
        )
    ]
    known = [day for day in latest if not pd.isna(day)]
    if not known:
        raise RecordsError(
            "No table holds a usable date, so the date of the extract cannot be told.",
            where=f"tables {', '.join(frames) or 'none'}",
            fix="Pass extract_date=, or give tables with dated rows.",
        )
    end = max(known)
    note = finding(
        "R004",
        "note",
        "The extract date was not given; the latest event date was taken.",
        fix="Nothing needs doing if the service recorded until then; otherwise give the day the "
        "data were extracted (extract_date=, --extract-date).",
    )
    return end, [note]


def _unknown_after(
    table: Table, frame: pd.DataFrame, end: pd.Timestamp
) -> tuple[pd.DataFrame, list[Finding]]:
    findings: list[Finding] = []
    for column in table.columns:
        # a clock after the extract stays: blanked, it would fall back on the event's own date
        # and the fact would count as known before it was
        if column.kind is not Kind.DATE or column.planned or column.known is Known.CLOCK:
            continue
        later = frame[column.name].to_numpy() > end.to_datetime64()
        if not later.any():
            continue
        findings += findings_by_file(
            "R005",
            "error",
            "Dates lie after the extract.",
            frame[later],
            table=table.name,
            column=column.name,
            fix="Correct the dates or give the true extract_date; the cells count as missing.",
        )
        frame[column.name] = frame[column.name].mask(later)
        if column.name == table.end:
            for other in table.columns:
                if other.known is Known.END and other.kind is not Kind.DATE:
                    frame[other.name] = frame[other.name].mask(later)
    return frame, findings


def _usable_rows(table: Table, frame: pd.DataFrame) -> tuple[np.ndarray, list[Finding]]:
    missing = [frame[name].isna().to_numpy() for name in table.required]
    lacking = np.logical_or.reduce(missing) if missing else np.zeros(len(frame), dtype=bool)
    again = np.zeros(len(frame), dtype=bool)
    if table.key:
        again = frame.duplicated(list(table.key)).to_numpy() & ~lacking
    usable = ~(lacking | again)
    if usable.all():
        return usable, []
    exact = again & frame.duplicated(table.names).to_numpy() if again.any() else again
    findings = findings_by_file(
        "R006",
        "error",
        f"Rows lack a usable {' or '.join(table.required)}.",
        frame[lacking],
        table=table.name,
        fix="Complete them at the source; they are kept in records.set_aside.",
    )
    findings += findings_by_file(
        "R007",
        "note",
        "Rows are exact repeats of an earlier one.",
        frame[exact],
        table=table.name,
        fix="Nothing needs doing; they are kept in records.set_aside.",
    )
    findings += findings_by_file(
        "R009",
        "error",
        f"Rows repeat the {' and '.join(table.key)} of an earlier, different row.",
        frame[again & ~exact],
        table=table.name,
        fix="Remove the repeats at the source; the first is used, the others are in "
        "records.set_aside.",
    )
    return usable, findings
