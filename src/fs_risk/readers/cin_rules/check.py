"""All rules run on one year's census."""

import numpy as np
import pandas as pd

from fs_risk.readers.cin_rules.all_rules import RULES
from fs_risk.readers.cin_rules.census import Census
from fs_risk.readers.cin_rules.registry import Rule
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.cin import BLOCKS


def check_census(census: Census) -> list[Finding]:
    """Run all rules on one year's census.

    Parameters
    ----------
    census : Census

    Returns
    -------
    list of Finding
        One for each rule and block that is broken, with the lines of the rows.
    """
    broken = [(declared, broken_lines(declared, census)) for declared in RULES]
    return [
        _found(declared, lines, census.file_of(declared.block))
        for declared, lines in broken
        if len(lines)
    ]


def broken_lines(declared: Rule, census: Census) -> np.ndarray:
    """Give the lines of the rows that break a rule; of the header, if it is the whole file.

    Parameters
    ----------
    declared : Rule
    census : Census

    Returns
    -------
    ndarray of int64
    """
    lines: np.ndarray = census[declared.block]["line"].to_numpy()
    marked = declared.check(census)
    if isinstance(marked, pd.Series):
        broken = marked.fillna(False).to_numpy(dtype=bool)
    else:
        broken = np.arange(len(lines)) < int(marked)
    return np.compress(broken, lines)


def _found(declared: Rule, lines: np.ndarray, file: str) -> Finding:
    return finding(
        f"CIN {declared.code}",
        declared.severity,
        declared.message,
        table=BLOCKS[declared.block].table,
        file=file,
        rows=lines,
        count=len(lines),
        fix=declared.fix,
    )
