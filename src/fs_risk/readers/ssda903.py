"""Read the SSDA903 return (children looked after): yearly CSV folders or XML to care periods."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from fs_risk.readers.cin_merge import merge_years
from fs_risk.readers.no_owner import all_strangers
from fs_risk.readers.ssd_window import extract_day
from fs_risk.readers.ssda903_care import join_episodes
from fs_risk.readers.ssda903_files import (
    RETURN_NUMBER,
    YearlyReturn,
    load_returns,
    stacked,
    without_children,
)
from fs_risk.readers.ssda903_tables import canonical_tables
from fs_risk.records.admission import Admission
from fs_risk.records.assemble import assemble
from fs_risk.records.exclusions import ExclusionList
from fs_risk.records.findings import Finding, finding, findings_by_file
from fs_risk.records.lookup import is_among
from fs_risk.records.records import Origin, Records

Span = tuple[pd.Timestamp, pd.Timestamp]


def read_ssda903(
    paths: str | Path | Iterable[str | Path],
    *,
    extract_date: date | str | None = None,
    exclude: ExclusionList | None = None,
    pseudonymise: str | bytes | None = None,
) -> Records:
    r"""Read one or several years of the SSDA903 return.

    Files are recognised by their columns, whatever they are called; of each, only
    what the canonical tables hold is loaded: no pupil numbers, postcodes, providers,
    health or adoption data. A child's episode stands in the return of each year in
    which it was open: the latest return is believed. Episodes are joined into periods
    of care by the rules of `ssda903_care.join_episodes`.

    Identifiers are made of the child, the kind and the day: ``<child>/care/<start>``.
    Missing episodes and those of being away without authorisation are not told apart.

    Parameters
    ----------
    paths : str, Path, or iterable of these
        Folders of CSV files, one or several years in each; or files; or XML.
    extract_date : date or str, optional
        Last day the returns can know of; by default the latest event that is not in
        the future, with a finding.
    exclude : str, Path or iterable of str, optional
        Children to leave out before episodes and years are joined: a file with an id at
        the start of each line, or the ids (`Records.excluding`).
    pseudonymise : str or bytes, optional
        A secret key: identifiers become keyed hashes (`Records.pseudonymised`).

    Returns
    -------
    Records
        ``children``, ``care_periods``, ``care_episodes``, ``missing_episodes``; each
        row with its file and row or line. A return observes its reporting years, 1
        April to 31 March, told by the days on which its episodes ended; of years with
        gaps between them only the last unbroken run counts. Missing episodes are
        observed from the first of these years that has any.

    Raises
    ------
    ReturnError
        If there is nothing to read, no file is part of the return, or one cannot be
        used. All faulty files are named at once. If the exclusion list cannot be read.
    SettingError
        If the key is too short.

    References
    ----------
    .. [1] Department for Education, Children looked after return (SSDA903), guides to
       the collections of 2016-17 to 2025-26.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> episodes = ("CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE\n"
    ...     "A,01/06/2023,S,C2,N1,U1,PR1,01/09/2023,X1,\n"
    ...     "A,01/09/2023,P,C2,N1,U1,PR1,,,\n")
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "episodes.csv").write_text(episodes)
    ...     records = read_ssda903(folder, extract_date="2024-03-31")
    >>> len(records["care_episodes"]), len(records["care_periods"])
    (2, 1)
    """
    admission = Admission.of(exclude, pseudonymise)
    returns, findings = load_returns(paths)
    returns, left_out = without_children(returns, admission.excluded)
    stacks, unreadable = canonical_tables(stacked(returns))
    yearly = _by_return(stacks, len(returns))
    tables, merging = merge_years(yearly)
    care = join_episodes(tables["care_episodes"])
    tables |= {"care_periods": care.periods, "care_episodes": care.episodes}
    findings += [*left_out, *unreadable, *merging, *care.findings]
    findings += [*_vanished(care.episodes, len(returns)), *_strangers(tables)]
    tables = {
        name: frame.drop(columns=RETURN_NUMBER, errors="ignore") for name, frame in tables.items()
    }
    end, decided = extract_day(tables, extract_date)
    windows, gaps = _observed(returns, yearly, end)
    records = assemble(
        tables,
        extract_date=end.date(),
        coverage=windows,
        origin=Origin("real", ("SSDA903",)),
        findings=[*decided, *findings, *gaps],
    )
    return admission.finished(records)


def _by_return(stacks: dict[str, pd.DataFrame], n_returns: int) -> list[dict[str, pd.DataFrame]]:
    """Take the returns apart again: the latest is believed."""
    return [
        {name: frame[frame[RETURN_NUMBER] == number] for name, frame in stacks.items()}
        for number in range(n_returns)
    ]


def _vanished(episodes: pd.DataFrame, n_returns: int) -> list[Finding]:
    """Report last episodes that are open in a return and stand in no later one."""
    last = ~episodes.sort_values("start_date")["child_id"].duplicated(keep="last").reindex(
        episodes.index
    )
    gone = last & episodes["end_date"].isna() & (episodes[RETURN_NUMBER] < n_returns - 1)
    return findings_by_file(
        "R052",
        "warning",
        "Care is open at the end of one year's return and stands in no later one.",
        episodes[gone & episodes["start_date"].notna()],
        table="care_episodes",
        column="end_date",
        fix="Find out how it ended; it counts as open.",
    )


def _strangers(tables: dict[str, pd.DataFrame]) -> list[Finding]:
    """Report rows of children whom no header holds, once for all where there is no header."""
    findings: list[Finding] = []
    known = tables["children"]["child_id"]
    naming = {name: tables[name]["child_id"] for name in ("care_episodes", "missing_episodes")}
    if not known.notna().any():
        return all_strangers(
            "children holds no row",
            naming,
            table="children",
            fix="Add the header files of those years: none was read. The rows are kept.",
        )
    for name, ids in naming.items():
        unknown = ids.notna() & ~is_among(ids, known)
        findings += findings_by_file(
            "R018",
            "warning",
            "Rows name a child_id that children does not hold.",
            tables[name][unknown],
            table=name,
            column="child_id",
            fix="Add the header file of that year; the rows are kept.",
        )
    return findings


def _observed(
    returns: Sequence[YearlyReturn], yearly: Sequence[dict[str, pd.DataFrame]], end: pd.Timestamp
) -> tuple[dict[str, Span | None], list[Finding]]:
    """Say which days each table observes."""
    dated = [
        (each.years, frames)
        for each, frames in zip(returns, yearly, strict=True)
        if each.years is not None
    ]
    run, n_gaps = _last_run(sorted({years for years, _ in dated}))
    windows: dict[str, Span | None] = {"children": (end, end)}
    for name in ("care_episodes", "missing_episodes"):
        holding = [years for years, frames in dated if years in run and len(frames[name])]
        windows[name] = _span(min(holding)[0], run[-1][1], end) if holding else None
    windows["care_periods"] = windows["care_episodes"]
    if not n_gaps:
        return windows, []
    return windows, [
        finding(
            "R017",
            "warning",
            "Years are missing between the returns.",
            count=n_gaps,
            fix="Add the missing years; only the last unbroken run counts as observed.",
        )
    ]


def _last_run(years: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], int]:
    """Keep the last years that follow each other without a gap; count the gaps."""
    run: list[tuple[int, int]] = []
    n_gaps, latest = 0, 0
    for first, last in years:
        if run and first > latest + 1:
            run, n_gaps = [], n_gaps + 1
        run.append((first, last))
        latest = max(latest, last)
    return run, n_gaps


def _span(first: int, last: int, end: pd.Timestamp) -> Span | None:
    begin, finish = pd.Timestamp(first - 1, 4, 1), pd.Timestamp(last, 3, 31)
    return (begin, min(finish, end)) if begin <= end else None
