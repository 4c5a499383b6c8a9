"""What the service did, as columns for a study: shown, never modelled.

Specialist work, modules, agreed ratings and teams would teach a model that helped
means out of danger, and echo earlier scores. So they are no features and cannot
enter a model; these columns exist to report what they would add.
"""

import numpy as np
import pandas as pd

from fs_risk.records.records import Records

WINDOW_DAYS = 1_095
MOST_LEVELS = 20
"""Roles, ratings or teams told apart; the rarer ones count together."""

_FAMILY_TABLES = (
    # table, event date, column whose values are told apart
    ("specialist_work", "start_date", "role"),
    ("programme_modules", "start_date", ""),
    ("group_supervision", "supervision_date", "agreed_rating"),
)


def service_responses(
    records: Records, cohort: pd.DataFrame, *, lag_days: int = 0
) -> dict[str, pd.DataFrame]:
    """Lay out service responses as known on each case's day.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        ``case_id``, ``child_id``, ``as_of``.
    lag_days : int, default=0
        What became known within so many days before `as_of` is not used.

    Returns
    -------
    dict of str to DataFrame of float32
        By the kind of response: columns that begin with ``study_``, on the cohort's
        index, with counts over `WINDOW_DAYS` and indicators of the latest value.
        Kinds of which the records hold nothing are left out.
    """
    cases = pd.DataFrame(
        {
            "case": np.arange(len(cohort)),
            "child_id": cohort["child_id"].array,
            "as_of": cohort["as_of"].array,
            "cut": (cohort["as_of"] - pd.Timedelta(days=lag_days)).array,
        }
    )
    found = {}
    if len(records["involvements"]):
        own = cases.merge(records["involvements"], on="child_id")
        found["teams"] = _columns("teams", own, "start_date", "team", cohort.index)
    links = records["family_links"]
    families = cases.merge(links[["child_id", "family_id", "known_date"]], on="child_id")
    linked = families["known_date"].isna() | (families["known_date"] < families["cut"])
    families = families.loc[linked, ["case", "as_of", "cut", "family_id"]].drop_duplicates()
    for table, date, level in _FAMILY_TABLES:
        if len(records[table]):
            theirs = families.merge(records[table], on="family_id")
            found[table] = _columns(table, theirs, date, level, cohort.index)
    return found


def _columns(name: str, rows: pd.DataFrame, date: str, level: str, index: pd.Index) -> pd.DataFrame:
    """Count what each case sees, and mark the latest value of a column."""
    age = (rows["as_of"] - rows[date]).dt.days
    seen = rows[(age > 0) & (age <= WINDOW_DAYS) & (rows["known_date"] < rows["cut"])]
    seen = seen.assign(age=age).sort_values(["case", "age"], kind="stable")
    columns = {f"study_{name}_times": seen.groupby("case").size()}
    columns[f"study_{name}_days_since"] = seen.groupby("case")["age"].min()
    if "end_known_date" in seen:
        is_open = ~(seen["end_known_date"] < seen["cut"])
        columns[f"study_{name}_open"] = is_open.groupby(seen["case"]).sum()
    if level:
        commonest = seen[level].value_counts().index[:MOST_LEVELS]
        latest = seen.drop_duplicates("case").set_index("case")[level]
        for number, value in enumerate(commonest):
            columns[f"study_{name}_latest_{number}"] = (latest == value).astype(np.float32)
    frame = pd.DataFrame(columns).reindex(range(len(index)))
    times = [column for column in frame if not str(column).endswith("days_since")]
    frame[times] = frame[times].fillna(0)
    return frame.set_axis(index, axis=0).astype(np.float32)
