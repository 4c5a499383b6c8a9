"""One finding where rows name an owner, and no owner was read at all."""

from collections.abc import Mapping

import pandas as pd

from fs_risk.records.findings import Finding, finding


def all_strangers(
    says: str, naming: Mapping[str, pd.Series], *, table: str, fix: str
) -> list[Finding]:
    """Report once that nothing is listed, rather than for each table that names it.

    Parameters
    ----------
    says : str
        What is empty, as the start of the sentence.
    naming : mapping of str to Series
        The identifiers that the rows of each table name, the owner's column.
    table : str
        The empty table.
    fix : str

    Returns
    -------
    list of Finding
        One, or none where nothing is named.
    """
    counts = {name: int(ids.notna().sum()) for name, ids in naming.items()}
    held = [name for name, count in counts.items() if count]
    if not held:
        return []
    column = str(naming[held[0]].name)
    return [
        finding(
            "R018",
            "warning",
            f"{says}, and rows of {', '.join(held)} name a {column}.",
            table=table,
            column=column,
            count=sum(counts.values()),
            fix=fix,
        )
    ]
