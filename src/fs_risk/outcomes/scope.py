"""Which rows the model says nothing about, and which events are not step-ups.

The model knows harm in the home. A remand, a short break for a disabled child, a
plan that moved in from another authority, or the arrival of an unaccompanied child
is decided on other grounds; such rows are left out and counted, never scored as
if nothing had happened.
"""

import numpy as np
import pandas as pd

from fs_risk.records.codes import REMAND_STATUSES, SHORT_BREAK_STATUSES
from fs_risk.records.other_grounds import legal_status_at_start
from fs_risk.records.records import Records

UNACCOMPANIED = "unaccompanied"
REMAND = "remand"
SHORT_BREAK = "short break"
TRANSFER_IN = "transfer in"


def care_periods(records: Records) -> tuple[pd.DataFrame, pd.Series]:
    """Give care periods with why each is out of scope, empty text for those in scope.

    Parameters
    ----------
    records : Records

    Returns
    -------
    periods : DataFrame
        The canonical table.
    why : Series of str
        ``"remand"``, ``"short break"`` or empty, by the legal status at the start
        (of the first care episode, where the period itself does not say).
    """
    periods, status = records["care_periods"], legal_status_at_start(records)
    return periods, _named(
        {
            REMAND: status.isin(list(REMAND_STATUSES)),
            SHORT_BREAK: status.isin(list(SHORT_BREAK_STATUSES)),
        },
        periods.index,
    )


def protection_plans(records: Records) -> tuple[pd.DataFrame, pd.Series]:
    """Give child protection plans with why each is out of scope.

    Parameters
    ----------
    records : Records

    Returns
    -------
    plans : DataFrame
        The canonical table.
    why : Series of str
        ``"transfer in"`` for a plan brought from another authority, else empty.
    """
    plans, conferences = records["cp_plans"], records["conferences"]
    transfers = conferences["transfer_in"].fillna(False).to_numpy(dtype=bool)
    brought = plans["conference_id"].isin(conferences.loc[transfers, "conference_id"])
    brought &= plans["conference_id"].notna()
    other = plans["other_authority"].fillna(False).astype(bool)
    return plans, _named({TRANSFER_IN: brought | other}, plans.index)


def _named(tests: dict[str, pd.Series], index: pd.Index) -> pd.Series:
    why = pd.Series("", index=index, dtype="str")
    for reason, applies in tests.items():
        why = why.where(~applies.to_numpy(dtype=bool), reason)
    return why


def count_reasons(reasons: pd.Series) -> dict[str, int]:
    """Count the rows without a label, by reason, commonest first.

    Parameters
    ----------
    reasons : Series of str
        The ``reason`` of `label_outcome`.

    Returns
    -------
    dict of str to int

    Examples
    --------
    >>> count_reasons(pd.Series(["", "immature", "remand", "immature"]))
    {'immature': 2, 'remand': 1}
    """
    counts = reasons[reasons.to_numpy(dtype=object) != ""].value_counts()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {str(reason): int(np.int64(count)) for reason, count in ordered}
