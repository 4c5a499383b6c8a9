"""Episodes of need: a referral that was not turned away, until it closes."""

import numpy as np
import pandas as pd

from fs_risk.outcomes.cohort_rows import Rows
from fs_risk.records.dates import NEVER, to_days
from fs_risk.records.records import Records


def open_episodes(records: Records) -> pd.DataFrame:
    """List episodes of need as periods; referrals that came to nothing opened none.

    Parameters
    ----------
    records : Records

    Returns
    -------
    DataFrame
        ``child_id``, ``start_date``, ``end_date`` (missing while open).
    """
    referrals = records["referrals"]
    opened = ~referrals["no_further_action"].fillna(False).to_numpy(dtype=bool)
    names = {"referral_date": "start_date", "close_date": "end_date"}
    return referrals.loc[opened, ["child_id", *names]].rename(columns=names)


def closing_days(records: Records, rows: Rows) -> np.ndarray:
    """Give the day on which each row's own case closed.

    Parameters
    ----------
    records : Records
    rows : Rows

    Returns
    -------
    ndarray of int64, shape (n,)
        `NEVER` for a case still open, and for one that is no referral.
    """
    referrals = records["referrals"].drop_duplicates("referral_id").set_index("referral_id")
    closed = referrals["close_date"].reindex(rows.cohort["case_id"])
    return np.where(closed.isna(), NEVER, to_days(closed)).astype(np.int64)
