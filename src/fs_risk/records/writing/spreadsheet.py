"""Text that a spreadsheet takes for text, whatever it begins with."""

import pandas as pd

FORMULA_SIGNS = "=+-@\t\r\n"
"""What a cell that a spreadsheet would calculate begins with."""


def disarmed(text: pd.Series) -> pd.Series:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    The same is done to text that begins with an apostrophe, so that taking one off
    (`readers.cells.identifiers`) always gives the text back: no identifier changes
    on the way.

    Parameters
    ----------
    text : Series of str

    Returns
    -------
    Series of str

    Examples
    --------
    >>> disarmed(pd.Series(["=1+1", "A-1", "'x"])).to_list()
    ["'=1+1", 'A-1', "''x"]
    """
    risky = text.str[0].isin([*FORMULA_SIGNS, "'"])
    return text.where(~risky, "'" + text)
