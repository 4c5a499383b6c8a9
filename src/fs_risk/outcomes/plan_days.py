"""Days on child protection plans after a day: on the plan then begun, or on any."""

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError
from fs_risk.outcomes.cohort_rows import Rows
from fs_risk.outcomes.labels import IMMATURE, NOT_OBSERVED
from fs_risk.records.dates import NEVER, to_days
from fs_risk.records.records import Records


def plan_days(
    records: Records, cohort: pd.DataFrame, *, within_days: int, only_own: bool = False
) -> pd.DataFrame:
    """Count each case's days on child protection plans in [as_of, as_of + within_days).

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        With ``case_id``, ``child_id``, ``as_of``.
    within_days : int
        Days after which counting stops.
    only_own : bool, default=False
        Whether to count only the plan that the case is (``case_id`` a ``cp_plan_id``),
        rather than all plans of the child.

    Returns
    -------
    DataFrame
        On the cohort's index. ``days`` (float64, missing where not wholly observed),
        ``going_on`` (boolean: the last day counted was still on a plan, so that the
        number is a lower bound), ``reason`` (str).

    Raises
    ------
    OutcomeError
        If `within_days` is not positive.

    Notes
    -----
    A plan counts from its first day up to, not with, its last. Two plans of one child
    that overlap count once.
    """
    if within_days < 1:
        raise OutcomeError(
            "Days on plans need a whole number of days to count in, one or more.",
            where="within_days",
            fix="Pass within_days=730, for example.",
        )
    rows = Rows(records, cohort, within_days)
    pieces = _pieces(records, rows, within_days, only_own=only_own)
    days = np.bincount(pieces["row"], weights=pieces["days"], minlength=len(cohort))
    on = np.bincount(pieces["row"], weights=pieces["reaches"], minlength=len(cohort)) > 0
    reason = _reasons(records, rows)
    known = reason == ""
    return pd.DataFrame(
        {
            "days": np.where(known, days, np.nan),
            "going_on": pd.array(on, dtype="boolean"),
            "reason": pd.Series(reason, dtype="str").to_numpy(),
        },
        index=cohort.index,
    )


def _pieces(records: Records, rows: Rows, within_days: int, *, only_own: bool) -> pd.DataFrame:
    """Cut every plan of each row to the row's days, joined plans counted once."""
    plans = records["cp_plans"]
    start = to_days(plans["start_date"]).astype(np.int64)
    end = np.where(plans["end_date"].isna(), NEVER, to_days(plans["end_date"]))
    held = pd.DataFrame({"child_id": plans["child_id"], "plan": plans["cp_plan_id"]})
    held = held.assign(start=start, end=np.maximum(start, end))
    asked = rows.cohort[["child_id", "case_id"]].reset_index(drop=True)
    asked = asked.assign(row=np.arange(len(asked)), first=rows.as_of)
    pairs = asked.merge(held, on="child_id")
    if only_own:
        pairs = pairs[(pairs["plan"] == pairs["case_id"]).to_numpy()]
    pairs = pairs.assign(stop=pairs["first"] + within_days)
    pairs["begin"] = pairs[["start", "first"]].max(axis=1)
    pairs["until"] = pairs[["end", "stop"]].min(axis=1)
    pairs = pairs[(pairs["until"] > pairs["begin"]).to_numpy()].sort_values(["row", "begin"])
    seen = pairs.groupby("row")["until"].cummax().groupby(pairs["row"]).shift(fill_value=-NEVER)
    begin = np.maximum(pairs["begin"], seen)
    days = np.clip(pairs["until"] - begin, 0, None)
    reaches = (pairs["end"] >= pairs["stop"]).astype(float)
    return pd.DataFrame({"row": pairs["row"], "days": days, "reaches": reaches})


def _reasons(records: Records, rows: Rows) -> np.ndarray:
    window = records.coverage.get("cp_plans")
    if window is None:
        return np.full(len(rows.codes), NOT_OBSERVED, dtype=object)
    first, last = to_days(pd.Series([window.observed_from, window.observed_to]))
    late = rows.last > min(int(last), rows.extract)
    return np.select([rows.as_of < first, late], [NOT_OBSERVED, IMMATURE], "").astype(object)
