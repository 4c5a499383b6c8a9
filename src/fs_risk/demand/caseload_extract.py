"""Records as an extract of an earlier day would have held them, for looking back."""

import pandas as pd

from fs_risk.records.as_known import as_known_before
from fs_risk.records.records import Records, Window


def as_extract(records: Records, day: pd.Timestamp) -> Records:
    """Give the records as an extract made at the end of the day before would have been.

    Rows, ends and decisions not yet known are gone, and no table observes later days.
    What is overwritten at an extract (teams among it) is blank, for its earlier value is
    not known.

    Parameters
    ----------
    records : Records
    day : Timestamp
        The first day that is not known.

    Returns
    -------
    Records
    """
    known = as_known_before(records, day)
    last = day - pd.Timedelta(days=1)
    coverage = {
        name: None
        if window is None or window.observed_from > last
        else Window(window.observed_from, min(window.observed_to, last))
        for name, window in records.coverage.items()
    }
    return Records(
        {name: known[name] for name in known},
        extract_date=min(last, records.extract_date),
        coverage=coverage,
        origin=records.origin,
    )
