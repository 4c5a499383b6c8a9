"""Whether one team's assessments lack their factors more often than the others'."""

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from fs_risk.records.households import household_keys
from fs_risk.records.lookup import looked_up
from fs_risk.records.many_tests import holm
from fs_risk.records.records import Records

_SMALL_P = 0.01
_NOTABLE = 0.05
"""A team is named only if its share is so much above the others'."""


def factors_by_team(records: Records) -> pd.DataFrame:
    """Count by team the assessments without factors, and say which teams stand out.

    Siblings assessed together are one: their factors are entered, or not, at one go.
    Each team is compared with all others by Fisher's exact test (one-sided), the
    probabilities adjusted by Holm's method.

    Parameters
    ----------
    records : Records

    Returns
    -------
    DataFrame
        A row for each team, the worst first: ``team``, ``assessments``, ``missing``,
        ``share``, ``share_of_others``, ``p`` (adjusted), ``stands_out`` (`p` below
        0.01 and five points above the others).

    Examples
    --------
    >>> records = Records.from_frames({"referrals": pd.DataFrame({"referral_id": ["R1"],
    ...     "child_id": ["A"], "referral_date": ["2024-03-01"]})}, extract_date="2024-12-31")
    >>> len(factors_by_team(records))
    0
    """
    together = _assessed_together(records)
    counts = together.groupby("team")["missing"].agg(["size", "sum"])
    total, lacking = int(counts["size"].sum()), int(counts["sum"].sum())
    size, missing = counts["size"].to_numpy(), counts["sum"].to_numpy(dtype=np.int64)
    others = (lacking - missing) / np.maximum(total - size, 1)
    p = holm(hypergeom.sf(missing - 1, total, lacking, size))
    share = missing / np.maximum(size, 1)
    frame = pd.DataFrame(
        {
            "team": counts.index.astype("str"),
            "assessments": size,
            "missing": missing,
            "share": share,
            "share_of_others": others,
            "p": p,
            "stands_out": (p < _SMALL_P) & (share > others + _NOTABLE),
        }
    )
    return frame.sort_values(["p", "team"], ignore_index=True)


def _assessed_together(records: Records) -> pd.DataFrame:
    """Give one row for each household, team and day of authorisation."""
    assessments = records["assessments"].dropna(subset="authorised_date")
    teams = records["referrals"].set_index("referral_id")["team"]
    households = household_keys(records["children"], records["family_links"])
    frame = pd.DataFrame(
        {
            "team": looked_up(assessments["referral_id"], teams),
            "household": looked_up(assessments["child_id"], households).fillna(
                assessments["child_id"]
            ),
            "day": assessments["authorised_date"],
            "missing": ~assessments["factors_recorded"].fillna(False).astype(bool),
        }
    ).dropna(subset="team")
    return frame.groupby(["team", "household", "day"], as_index=False)["missing"].any()
