"""When each fact became known, by stated rules where a return does not record it.

A rule can be wrong about an authority (typing up takes days): rows dated by rule
say so in ``known_by_rule``, and reports repeat their results with such facts
delayed.
"""

import numpy as np
import pandas as pd

from fs_risk.records.dates import DATE_DTYPE, add_working_days
from fs_risk.records.findings import Finding, findings_by_file
from fs_risk.records.tables import Known, Table

DECISION_WORKING_DAYS = 1
"""A contact or referral is decided within one working day (Working Together 2023)."""


def set_clocks(table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Fill the clocks that a return does not record, and mend those that cannot be.

    The rules: opening facts are known on the event date; an end on the end date;
    a decision on its date, else one working day after the event; a family link is
    undated. A recorded clock earlier than its event is set to the event, with a
    finding.

    Parameters
    ----------
    table : Table
        Its declaration.
    frame : DataFrame
        All columns of `table` in place.

    Returns
    -------
    frame : DataFrame
        With every clock set, as far as the dates allow.
    findings : list of Finding
    """
    if "known_date" not in table or not table.date:
        if "known_by_rule" in table:
            frame["known_by_rule"] = frame["known_date"].isna().astype("boolean")
        return frame, []
    event = frame[table.date]
    recorded = frame["known_date"].notna()
    frame["known_date"] = frame["known_date"].fillna(event)
    if "decision_known_date" in table:
        ruled = add_working_days(event, DECISION_WORKING_DAYS)
        if "decision_date" in table:
            ruled = frame["decision_date"].fillna(ruled)
        frame["decision_known_date"] = frame["decision_known_date"].fillna(ruled)
    if "end_known_date" in table:
        ended = frame[table.end]
        frame["end_known_date"] = frame["end_known_date"].fillna(ended).where(ended.notna())
    by_rule = frame["known_by_rule"].fillna(~recorded)
    frame["known_by_rule"] = by_rule.astype("boolean")
    return _never_before_the_event(table, frame)


def _never_before_the_event(
    table: Table, frame: pd.DataFrame
) -> tuple[pd.DataFrame, list[Finding]]:
    pairs = [("known_date", table.date)]
    if "decision_known_date" in table:
        pairs.append(("decision_known_date", table.date))
    if "end_known_date" in table:
        pairs.append(("end_known_date", table.end))
    findings: list[Finding] = []
    for clock, event in pairs:
        early = frame[clock] < frame[event]
        if not early.any():
            continue
        findings += findings_by_file(
            "R008",
            "warning",
            "A fact is recorded as known before it happened.",
            frame[early],
            table=table.name,
            column=clock,
            fix="Correct the recorded date; the event's own date was used.",
        )
        frame[clock] = frame[clock].where(~early, frame[event])
    return frame, findings


def delayed(frame: pd.DataFrame, table: Table, days: int) -> pd.DataFrame:
    """Move the clocks of rule-dated rows later, to see what depends on the rule.

    Parameters
    ----------
    frame : DataFrame
        A canonical table.
    table : Table
        Its declaration.
    days : int
        Whole days.

    Returns
    -------
    DataFrame
        A copy; rows with recorded clocks are unchanged.
    """
    moved = frame.copy()
    if "known_by_rule" not in table:
        return moved
    ruled = moved["known_by_rule"].fillna(True).to_numpy(dtype=bool)
    step = np.timedelta64(days, "D")
    for column in table.columns:
        if column.known is Known.CLOCK and column.name.endswith("known_date"):
            later = (moved[column.name] + step).astype(DATE_DTYPE)
            moved[column.name] = moved[column.name].where(~ruled, later)
    return moved
