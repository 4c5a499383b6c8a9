"""The columns that a reader asks for: found however they are written, missing where absent."""

from collections.abc import Sequence

import pandas as pd


def chosen_columns(written: Sequence[str], asked: Sequence[str]) -> dict[str, str]:
    """Find the columns asked for, whatever their case.

    Parameters
    ----------
    written : sequence of str
        A table's header.
    asked : sequence of str
        In lower case.

    Returns
    -------
    dict of str to str
        From the name as written to the name asked for.
    """
    lower = [name.strip().lower() for name in written]
    return {written[lower.index(name)]: name for name in asked if name in lower}


def with_all(frame: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    """Give a table the columns it lacks, all missing.

    Parameters
    ----------
    frame : DataFrame
    asked : sequence of str

    Returns
    -------
    DataFrame
    """
    absent = [name for name in asked if name not in frame]
    return frame.assign(**{name: pd.Series(pd.NA, frame.index, dtype="str") for name in absent})
