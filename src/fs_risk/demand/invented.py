"""Whether series were counted from invented records, so that what is made of them says so."""

import pandas as pd

ORIGIN = "origin"
"""Under which name of a frame's ``attrs`` `demand_series` notes the kind of records."""

RECORDS = "records"
"""The column that says it of each row: joining unlike frames drops their ``attrs``."""


def is_synthetic(*series: pd.DataFrame | None) -> bool:
    """Say whether any of the counts are those of invented records.

    Parameters
    ----------
    *series : DataFrame or None
        As `fs_risk.demand.series.demand_series` gives them, or parts of them, or with a user's
        own beside them. Counts of a user's own say nothing of their records.

    Returns
    -------
    bool
        False where they are real, or nobody said what they are.

    Examples
    --------
    >>> own = pd.DataFrame({"unique_id": "plans", "y": [1.0]})
    >>> is_synthetic(own), is_synthetic(pd.concat([own, own.assign(records="synthetic")]))
    (False, True)
    """
    return any(_says_so(each) for each in series if each is not None)


def _says_so(series: pd.DataFrame) -> bool:
    told = RECORDS in series and series[RECORDS].eq("synthetic").any()
    return bool(told) or series.attrs.get(ORIGIN) == "synthetic"
