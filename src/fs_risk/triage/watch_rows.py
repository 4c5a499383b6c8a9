"""One row of what a check of drift found, as it may be published."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

AS_EXPECTED = "as expected"
LOOK = "look into it"
STOP = "stop using it until reviewed"
NOT_ENOUGH = "not enough evidence"

VERDICTS = (AS_EXPECTED, NOT_ENOUGH, LOOK, STOP)
"""From the least to the most pressing."""

NUMBERS = ("value", "low", "high", "limit_low", "limit_high")

COLUMNS = {
    "check": "str", "measure": "str", "period": "str", "by": "str", "group": "str",
    **dict.fromkeys(NUMBERS, "float64"), "n": "Int64", "verdict": "str",
    "suppressed": "bool", "says": "str",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One figure of one check.

    Attributes
    ----------
    check, measure : str
    period : str
        ``yyyy-mm`` of a single month, else the first and last day.
    by, group : str
        Attribute or ``team``, and its value; empty for all.
    value, low, high : float or None
        The figure and its 95 % interval.
    limit_low, limit_high : float or None
        Within which it is as expected.
    n : int or None
        What it is of, rounded to 5; None where it is hidden or there is nothing to count.
    verdict : str
        One of `VERDICTS`; empty for a single month.
    suppressed : bool
        Whether numbers are hidden because they are small.
    says : str
    """

    check: str
    measure: str
    period: str
    by: str = ""
    group: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    limit_low: float | None = None
    limit_high: float | None = None
    n: int | None = None
    verdict: str = ""
    suppressed: bool = False
    says: str = ""


def table_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Lay rows out as one long table.

    Parameters
    ----------
    rows : iterable of Row

    Returns
    -------
    DataFrame
        `COLUMNS`, figures to four places.
    """
    frame = pd.DataFrame([asdict(row) for row in rows], columns=list(COLUMNS), dtype=object)
    for name, dtype in COLUMNS.items():
        frame[name] = frame[name].astype(dtype)
    numbers = list(NUMBERS)
    frame[numbers] = frame[numbers].replace([np.inf, -np.inf], np.nan).round(4)
    return frame


def worst(verdicts: Iterable[str]) -> str:
    """Give the most pressing of some verdicts.

    Examples
    --------
    >>> worst([AS_EXPECTED, LOOK, NOT_ENOUGH]), worst([AS_EXPECTED, NOT_ENOUGH, ""])
    ('look into it', 'not enough evidence')
    """
    return max((each for each in verdicts if each), key=VERDICTS.index, default=NOT_ENOUGH)
