"""Open cases as monthly group supervision meets them: each one, on the first of each month."""

import pandas as pd

from fs_risk.outcomes.cohorts import open_case_cohort
from fs_risk.records.arguments import RECORDS, takes
from fs_risk.records.records import Records


def review_days(records: Records) -> pd.DatetimeIndex:
    """List the monthly review days: the first of each month while referrals were observed.

    The first day observed is left out: which cases were open on it is not known, for
    referrals made before it were not observed either. For the same reason the earliest
    reviews of a return that begins with an empty history hold only newer cases.

    Parameters
    ----------
    records : Records

    Returns
    -------
    DatetimeIndex
        Empty if referrals were never observed.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R1"], "child_id": ["A"],
    ...     "referral_date": pd.to_datetime(["2024-01-10"])})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-03-31")
    >>> review_days(records).strftime("%Y-%m-%d").to_list()
    ['2024-02-01', '2024-03-01']
    """
    window = records.coverage.get("referrals")
    if window is None:
        return pd.DatetimeIndex([])
    last = min(window.observed_to, records.extract_date)
    first = window.observed_from + pd.Timedelta(days=1)
    return pd.date_range(first, last, freq="MS")


@takes(records=RECORDS)
def monthly_review_cohort(records: Records) -> pd.DataFrame:
    """List each open case on the first of each month.

    A case stands in it once for each month that it was open: rows of one household are
    never split between training and test, and intervals resample whole households.

    Parameters
    ----------
    records : Records

    Returns
    -------
    DataFrame
        As `open_case_cohort`.

    Raises
    ------
    OutcomeError
        If the records hold no referrals.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R1"], "child_id": ["A"],
    ...     "referral_date": ["2024-03-10"], "close_date": ["2024-05-15"]})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    >>> monthly_review_cohort(records)["as_of"].dt.month.to_list()
    [4, 5]
    """
    return open_case_cohort(records, on=review_days(records))
