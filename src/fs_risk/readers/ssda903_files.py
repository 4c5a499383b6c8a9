"""The files of SSDA903 returns, recognised by their columns and sorted by year."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from fs_risk.errors import ReturnError, nearest
from fs_risk.readers import cells
from fs_risk.readers.delimited import header_of, read_columns
from fs_risk.readers.sources import files_in, read_all
from fs_risk.readers.ssda903_xml import read_xml
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.dates import reporting_year
from fs_risk.records.exclusions import excluding_note, listed
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.ssda903 import FILES, ReturnFile
from fs_risk.records.said_invented import noted_as_invented

ENDINGS = (".csv", ".xml")
RETURN_NUMBER = "return_number"
"""Column of stacked files: which return a row stands in, the earliest being 0."""

_OWN_SHARE = 0.5
_YEAR_SHARE = 0.1
_YEAR_IN_NAME = re.compile(r"(?:19|20)\d{2}")

Loaded = tuple[dict[str, pd.DataFrame], list[Finding]]


@dataclass
class YearlyReturn:
    """The files of one year's return, as text.

    Attributes
    ----------
    files : dict of str to DataFrame
        By the names of `records.layouts.ssda903`: the columns that are read, with
        ``source_file`` and ``source_row``.
    years : tuple of (int, int) or None
        The first and last reporting year that it reports on; None if it has no dates.
    """

    files: dict[str, pd.DataFrame] = field(default_factory=dict)
    years: tuple[int, int] | None = None


def load_returns(
    paths: str | Path | Iterable[str | Path],
) -> tuple[list[YearlyReturn], list[Finding]]:
    """Load the files that paths name, the earliest year first.

    Files of one folder whose names hold the same year, or none, are one return; an
    XML file is one by itself. Which year that is, is told by the dates inside: a
    name may mean the year's beginning or its end.

    Parameters
    ----------
    paths : str, Path, or iterable of these

    Returns
    -------
    returns : list of YearlyReturn
    findings : list of Finding

    Raises
    ------
    ReturnError
        If no file is part of the return, or one lacks a column it cannot do without.
        All faulty files are named at once.
    """
    found = files_in(paths, ENDINGS)
    loaded = read_all(found, _load)
    findings = [each for _, more in loaded for each in more]
    findings += noted_as_invented(found)
    groups: dict[tuple[str, ...], YearlyReturn] = {}
    for path, (files, _) in zip(found, loaded, strict=True):
        group = groups.setdefault(_group(path), YearlyReturn())
        for name, frame in files.items():
            earlier = [group.files[name]] if name in group.files else []
            group.files[name] = pd.concat([*earlier, frame], ignore_index=True)
    returns = [group for group in groups.values() if group.files]
    if not returns:
        raise ReturnError(
            "No file is part of the SSDA903 return.",
            where=", ".join(path.name for path in found[:10]),
            fix="Give the return's CSV files with their column names (CHILD, DECOM…), or its XML.",
        )
    _one_spelling(returns)
    for each in returns:
        each.years = _years(each)
    returns.sort(key=lambda each: each.years or (0, 0))
    return returns, findings


def without_children(
    returns: Sequence[YearlyReturn], excluded: frozenset[str]
) -> tuple[list[YearlyReturn], list[Finding]]:
    """Take the listed children's rows out of every file, before anything is joined.

    Parameters
    ----------
    returns : sequence of YearlyReturn
    excluded : frozenset of str

    Returns
    -------
    returns : list of YearlyReturn
    findings : list of Finding
        One note, if rows were left out.
    """
    if not excluded:
        return list(returns), []
    kept = [
        YearlyReturn(
            {name: frame[~listed(frame["CHILD"], excluded)] for name, frame in each.files.items()},
            each.years,
        )
        for each in returns
    ]
    n_before, n_after = (
        sum(len(frame) for each in some for frame in each.files.values())
        for some in (returns, kept)
    )
    return kept, excluding_note(n_before - n_after)


def stacked(returns: Sequence[YearlyReturn]) -> dict[str, pd.DataFrame]:
    """Put the returns' files of one kind together, so that cells are looked at once.

    Parameters
    ----------
    returns : sequence of YearlyReturn

    Returns
    -------
    dict of str to DataFrame
        The files by name, with `RETURN_NUMBER`.
    """
    files: dict[str, list[pd.DataFrame]] = {}
    for number, each in enumerate(returns):
        for name, frame in each.files.items():
            files.setdefault(name, []).append(frame.assign(**{RETURN_NUMBER: number}))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in files.items()}


def _group(path: Path) -> tuple[str, ...]:
    if path.suffix.lower() == ".xml":
        return (str(path),)
    year = _YEAR_IN_NAME.search(path.stem)
    return (str(path.parent), year.group() if year else "")


def _load(path: Path) -> Loaded:
    with path.open("rb") as file:
        head = file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return read_xml(path)
    return _load_csv(path)


def _load_csv(path: Path) -> Loaded:
    written = header_of(path)
    names = [name.upper() for name in written]
    file = file_told_by(names)
    if file is None:
        return {}, [_unrecognised(path)]
    if not file.read:
        return {}, []
    lacking = [name for name in file.needed if name not in names]
    if lacking:
        hints = "".join(nearest(name, names) for name in lacking)
        raise ReturnError(
            f"The {file.name} file lacks {', '.join(lacking)}.{hints}",
            where=path.name,
            fix=f"Export it with the columns {', '.join(file.columns)}.",
        )
    chosen = {
        written[at]: name
        for at, name in enumerate(names)
        if name in file.read and names.index(name) == at
    }
    frame, findings = read_columns(path, list(chosen))
    return {file.name: frame.rename(columns=chosen)}, findings + _unknown(path, file, names)


def file_told_by(written: Sequence[str]) -> ReturnFile | None:
    """Tell a file of the return from the columns that only it has.

    Parameters
    ----------
    written : sequence of str

    Returns
    -------
    ReturnFile or None
    """
    held = {name.upper() for name in written}
    if "CHILD" not in held:
        return None
    shares = {file.name: len(file.own & held) / len(file.own) for file in FILES.values()}
    best = max(shares, key=lambda name: shares[name])
    return FILES[best] if shares[best] >= _OWN_SHARE else None


def _unrecognised(path: Path) -> Finding:
    return finding(
        "R040",
        "note",
        "The file is not part of the SSDA903 return and was not read.",
        file=path.name,
        fix="Nothing needs doing, unless it was meant to be part of it.",
    )


def _unknown(path: Path, file: ReturnFile, names: Sequence[str]) -> list[Finding]:
    extra = [name for name in names if name not in file.columns]
    if not extra:
        return []
    return [
        finding(
            "R041",
            "note",
            f"{count_of(len(extra), 'column is', 'columns are')} not part of the {file.name} file.",
            file=path.name,
            count=len(extra),
            fix="Nothing needs doing, unless a column was renamed; they were not read.",
        )
    ]


def _one_spelling(returns: Sequence[YearlyReturn]) -> None:
    """Clean the child ids, and write each child's as it was first written, whatever its case."""
    frames = [frame for each in returns for frame in each.files.values()]
    for frame, ids in zip(
        frames, cells.one_spelling([frame["CHILD"] for frame in frames]), strict=True
    ):
        frame["CHILD"] = ids


def _years(each: YearlyReturn) -> tuple[int, int] | None:
    """Tell the reporting years from the days on which episodes ended.

    A return holds what ended in its year: the commonest year, and neighbours with at
    least a tenth as many ends (an export of several years). Without ends, the latest
    day on which anything began.
    """
    ends, starts = _days(each, "DEC", "MIS_END"), _days(each, "DECOM", "MIS_START")
    if ends.empty:
        return None if starts.empty else (reporting_year(starts.max()),) * 2
    counts = (ends.dt.year + (ends.dt.month >= 4)).value_counts()
    first = last = int(counts.idxmax())
    while counts.get(first - 1, 0) >= _YEAR_SHARE * counts.max():
        first -= 1
    while counts.get(last + 1, 0) >= _YEAR_SHARE * counts.max():
        last += 1
    return first, last


def _days(each: YearlyReturn, *columns: str) -> pd.Series:
    today = pd.Timestamp(date.today())  # noqa: DTZ011 - UK local whole days throughout
    found = [
        cells.dates(frame[column])[0]
        for frame in each.files.values()
        for column in columns
        if column in frame
    ]
    if not found:
        return pd.Series(dtype="datetime64[s]")
    days = pd.concat(found, ignore_index=True).dropna()
    return days[days <= today]
