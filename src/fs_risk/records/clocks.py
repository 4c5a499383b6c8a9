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
    # by plain arrays: most tables are small, and pandas looks at each column anew for each step
    event = frame[table.date]
    recorded = frame["known_date"].notna()
    frame["known_date"] = _filled(frame["known_date"], event)
    if "decision_known_date" in table:
        ruled = add_working_days(event, DECISION_WORKING_DAYS).to_numpy()
        if "decision_date" in table:
            ruled = _filled(frame["decision_date"], ruled)
        frame["decision_known_date"] = _filled(frame["decision_known_date"], ruled)
    if "end_known_date" in table:
        ended = frame[table.end].to_numpy()
        known = _filled(frame["end_known_date"], ended)
        known[np.isnat(ended)] = np.datetime64("NaT")
        frame["end_known_date"] = known
    by_rule = frame["known_by_rule"].fillna(~recorded)
    frame["known_by_rule"] = by_rule.astype("boolean")
    return _never_before_the_event(table, frame)


def _filled(dates: pd.Series, others: pd.Series | np.ndarray) -> np.ndarray:
    """Put other dates in place of missing ones."""
    values = dates.to_numpy()
    return np.where(np.isnat(values), others, values)


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
        early = frame[clock].to_numpy() < frame[event].to_numpy()
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
        frame[clock] = frame[clock].mask(early, frame[event])
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
