"""Children who probably stand in the records under two identifiers."""

import numpy as np
import pandas as pd

from fs_risk.records.lookup import looked_up
from fs_risk.records.records import Records
from fs_risk.records.tables import TABLES


def probable_duplicates(records: Records) -> pd.DataFrame:
    """List pairs of identifiers that are probably one child's.

    Two children of one family, of the same day of birth and sex, of whom one appears
    only after the other's last event. Twins are hardly ever so: they are referred and
    assessed together. A child whose second identifier was given no family is not found.

    Parameters
    ----------
    records : Records

    Returns
    -------
    DataFrame
        ``child_id``, ``later_child_id``, ``last_seen`` and ``seen_again`` (dates), in
        order of the second. For whoever holds the records: it names children.

    Examples
    --------
    >>> children = pd.DataFrame({"child_id": ["A", "B"], "birth_date": ["2015-05-01"] * 2,
    ...     "sex": ["F", "F"]})
    >>> links = pd.DataFrame({"child_id": ["A", "B"], "family_id": ["X", "X"]})
    >>> referrals = pd.DataFrame({"referral_id": ["1", "2"], "child_id": ["A", "B"],
    ...     "referral_date": ["2021-03-01", "2023-03-01"]})
    >>> records = Records.from_frames({"children": children, "family_links": links,
    ...     "referrals": referrals}, extract_date="2024-12-31")
    >>> len(probable_duplicates(records))
    1
    """
    first, last = _seen(records)
    children = records["children"][["child_id", "birth_date", "sex"]].dropna()
    known = children.merge(records["family_links"][["child_id", "family_id"]], on="child_id")
    known = known.dropna().drop_duplicates(["child_id", "family_id"])
    alike = known[known.duplicated(["family_id", "birth_date", "sex"], keep=False)]
    pairs = alike.merge(alike, on=["family_id", "birth_date", "sex"], suffixes=("", "_other"))
    frame = pd.DataFrame(
        {
            "child_id": pairs["child_id"],
            "later_child_id": pairs["child_id_other"],
            "last_seen": looked_up(pairs["child_id"], last),
            "seen_again": looked_up(pairs["child_id_other"], first),
        }
    )
    apart = (frame["child_id"] != frame["later_child_id"]) & (
        frame["last_seen"] < frame["seen_again"]
    )
    found = frame[apart].drop_duplicates(["child_id", "later_child_id"])
    return found.sort_values(["seen_again", "later_child_id"], ignore_index=True)


def _seen(records: Records) -> tuple[pd.Series, pd.Series]:
    """Give the first and last day on which anything begins, by child."""
    dates = [
        pd.Series(frame[table.date].to_numpy(), index=pd.Index(frame["child_id"]))
        for name, table in TABLES.items()
        if table.date and "child_id" in table and len(frame := records[name])
    ]
    if not dates:
        nothing = pd.Series(dtype="datetime64[s]", index=pd.Index(np.array([], dtype=str)))
        return nothing, nothing
    days = pd.concat(dates).groupby(level=0)
    return days.min(), days.max()
