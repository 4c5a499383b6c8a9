"""Several years' census files as one: each record once, as the latest file has it.

An episode that stays open for years stands in each year's file. Its closure and its
outcomes are taken from the latest file alone, even where that file has none (an
episode that was closed by mistake is open again); other cells that the latest file
lacks are filled from earlier ones. What lies in an episode is united over the
years, since each file only holds what was active in its own year.
"""

from collections.abc import Sequence

import pandas as pd

from fs_risk.records.findings import Finding, finding, findings_by_file
from fs_risk.records.tables import TABLES, Known

_FILE, _NTH = "_file", "_nth"


def merge_years(
    years: Sequence[dict[str, pd.DataFrame]],
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Merge the canonical tables of several files.

    Parameters
    ----------
    years : sequence of dict of str to DataFrame
        Canonical tables of each file, the earliest year first.

    Returns
    -------
    tables : dict of str to DataFrame
    findings : list of Finding
        How many rows stood in more than one file, and closures that were undone.
    """
    merged, findings = {}, []
    for name in years[0]:
        stacked = pd.concat(
            [year[name].assign(**{_FILE: number}) for number, year in enumerate(years)],
            ignore_index=True,
        )
        if len(years) == 1:
            merged[name] = stacked.drop(columns=_FILE)
            continue
        if name in ("disabilities", "factors"):
            kept = _of_latest_file(stacked, TABLES[name].key[0])
        else:
            kept, undone = _latest_rows(name, stacked)
            findings += undone
        findings += _superseded(name, stacked, kept)
        merged[name] = kept.drop(columns=[_FILE, _NTH], errors="ignore").reset_index(drop=True)
    return merged, findings


def _of_latest_file(stacked: pd.DataFrame, group: str) -> pd.DataFrame:
    """Keep a group's rows from the last file that has any: lists are replaced whole."""
    latest = stacked.groupby(group)[_FILE].transform("max")
    return stacked[(stacked[_FILE] == latest) | stacked[group].isna()]


def _latest_rows(name: str, stacked: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Keep the last row of each record; fill its opening cells from earlier rows."""
    table = TABLES[name]
    key = table.key[0]
    stacked[_NTH] = stacked.groupby([key, _FILE]).cumcount()
    keyed = stacked[key].notna()
    earlier = stacked.duplicated([key, _NTH], keep="last") & keyed
    if not earlier.any():
        return stacked, []
    again = stacked.duplicated([key, _NTH], keep=False) & keyed
    groups = [stacked.loc[again, key], stacked.loc[again, _NTH]]
    filled = stacked[~earlier].copy()
    findings: list[Finding] = []
    for column in filled.columns.intersection(table.names):
        declared = table[column]
        before = stacked.loc[again, column].groupby(groups).transform("first")
        if declared.known is Known.END:
            if column == table.end:
                findings += _undone(name, column, filled, before)
            continue
        lacking = filled[column].isna() & filled.index.isin(before.index)
        last = stacked.loc[again, column].groupby(groups).transform("last")
        filled.loc[lacking, column] = last.reindex(filled.index[lacking])
    return filled, findings


def _undone(name: str, column: str, kept: pd.DataFrame, before: pd.Series) -> list[Finding]:
    """Report ends that an earlier file had and the latest has not."""
    had = before.reindex(kept.index).notna()
    return findings_by_file(
        "R015",
        "warning",
        "Records ended in an earlier year's file and have no end in the latest.",
        kept[had & kept[column].isna()],
        table=name,
        column=column,
        fix="Check that they are open; the latest file was believed.",
    )


def _superseded(name: str, stacked: pd.DataFrame, kept: pd.DataFrame) -> list[Finding]:
    n_earlier = len(stacked) - len(kept)
    if not n_earlier:
        return []
    return [
        finding(
            "R014",
            "note",
            "Rows of earlier files stand in a later one too, which was used.",
            table=name,
            count=n_earlier,
            fix="Nothing needs doing.",
        )
    ]
