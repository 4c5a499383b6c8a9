"""Whether some group is recorded more than what is found in it bears out.

Records are not the world: a group that is watched more has more contacts for the same
need, and a model that counts contacts ranks it higher. The test compares how many
contacts it takes, by group, until a child is found in need (an outcome test). It can
also fail for other reasons, such as need that is found less often in one group: it
calls for a look, it does not decide.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from fs_risk.errors import AuditError
from fs_risk.records.households import household_keys
from fs_risk.records.lookup import looked_up
from fs_risk.records.records import Records

FEWEST = 30
"""A group is looked at from so many families with a contact on."""
RATIO = 1.1
"""And named only if even the lower limit of its ratio is above this."""

_NOT_IN_NEED = ("RC8", "RC9")


def audit_recording(records: Records, groups: pd.Series, *, level: float = 0.99) -> pd.DataFrame:
    """Compare by group the contacts recorded for each child found in need.

    Parameters
    ----------
    records : Records
        That observe contacts and referrals.
    groups : Series of str
        By ``child_id``; children without one are left out.
    level : float, default=0.99
        Of the intervals; shared among the groups (Bonferroni).

    Returns
    -------
    DataFrame
        A row for each group, the most recorded first: ``group``, ``children``,
        ``contacts``, ``found_in_need`` (referrals taken up and not closed as not in
        need), ``contacts_per_need``, ``ratio`` (to all other children), ``low``,
        ``high``, ``recorded_more`` (whether `low` is above 1.1). Families are the
        units of the intervals.

    Raises
    ------
    AuditError
        If contacts or referrals are not observed, or no group is large enough.

    References
    ----------
    .. [1] Becker, G. S. (1957). The Economics of Discrimination (outcome tests).
    .. [2] Woodruff, R. S. (1971). A simple method for approximating the variance of a
       complicated estimate. JASA 66, 411-414.
    """
    if records.coverage["contacts"] is None or records.coverage["referrals"] is None:
        raise AuditError(
            "Contacts or referrals are not observed.",
            where="records",
            fix="Use records that hold both, such as the Standard Safeguarding Dataset.",
        )
    families = _by_family(records, groups)
    sizes = families.groupby("group")["family"].nunique()
    names = [str(name) for name in sizes.index if FEWEST <= sizes[name] < sizes.sum()]
    if not names:
        raise AuditError(
            f"No group has {FEWEST} families with a contact.",
            where="groups",
            fix="Use a longer period, or take groups together.",
        )
    z = float(norm.ppf(1 - (1 - level) / 2 / len(names)))
    rows = [_compared(families, name, z) for name in names]
    columns = ["group", "children", "contacts", "found_in_need", "contacts_per_need"]
    frame = pd.DataFrame(rows, columns=[*columns, "ratio", "low", "high"])
    frame["recorded_more"] = frame["low"] > RATIO
    return frame.sort_values(["ratio", "group"], ascending=[False, True], ignore_index=True)


def _by_family(records: Records, groups: pd.Series) -> pd.DataFrame:
    """Count contacts and children found in need, by family and group."""
    window = records.coverage["contacts"]
    referrals = records["referrals"]
    dropped = referrals["no_further_action"].fillna(True).astype(bool)
    needed = ~dropped & ~referrals["close_reason"].isin(_NOT_IN_NEED)
    if window is not None:
        needed &= referrals["referral_date"] >= window.observed_from
    contacts = records["contacts"]
    rows = pd.DataFrame(
        {
            "child_id": pd.concat(
                [contacts["child_id"], referrals.loc[needed, "child_id"]], ignore_index=True
            ),
            "contacts": np.r_[np.ones(len(contacts)), np.zeros(int(needed.sum()))],
        }
    )
    rows["needs"] = 1.0 - rows["contacts"]
    households = household_keys(records["children"], records["family_links"])
    rows["family"] = looked_up(rows["child_id"], households).fillna(rows["child_id"])
    rows["group"] = looked_up(rows["child_id"], groups.astype("str"))
    return (
        rows.dropna(subset="group")
        .groupby(["group", "family"])
        .agg(contacts=("contacts", "sum"), needs=("needs", "sum"), children=("child_id", "nunique"))
        .reset_index()
    )


def _compared(families: pd.DataFrame, name: str, z: float) -> tuple[object, ...]:
    inside = families["group"] == name
    theirs, others = families[inside], families[~inside]
    own, own_variance = _log_ratio(theirs)
    rest, rest_variance = _log_ratio(others)
    spread = z * np.sqrt(own_variance + rest_variance)
    gap = own - rest
    return (
        name,
        int(theirs["children"].sum()),
        int(theirs["contacts"].sum()),
        int(theirs["needs"].sum()),
        float(np.exp(own)),
        float(np.exp(gap)),
        float(np.exp(gap - spread)),
        float(np.exp(gap + spread)),
    )


def _log_ratio(families: pd.DataFrame) -> tuple[float, float]:
    """Give the logarithm of contacts per need and its variance over families [2]_."""
    contacts, needs = families["contacts"].to_numpy(), families["needs"].to_numpy()
    if not needs.sum() or not contacts.sum():
        return float("nan"), float("nan")
    parts = contacts / contacts.sum() - needs / needs.sum()
    variance = float((parts**2).sum() * len(parts) / max(len(parts) - 1, 1))
    return float(np.log(contacts.sum() / needs.sum())), variance
