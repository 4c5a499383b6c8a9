"""Who and what is decided on other grounds than harm in the home, as the records say it."""

import pandas as pd

from fs_risk.records.records import Records


def unaccompanied_children(records: Records) -> pd.Index:
    """List the children recorded as unaccompanied asylum seekers.

    By the child's own flag, or by factor 9A of any assessment: a census has no flag.

    Parameters
    ----------
    records : Records

    Returns
    -------
    Index of str
        Child ids.
    """
    children = records["children"]
    flagged = children.loc[children["unaccompanied"].fillna(False).to_numpy(dtype=bool), "child_id"]
    factors = records["factors"]
    assessments = records["assessments"]
    named = factors.loc[(factors["code"] == "9A").to_numpy(dtype=bool), "assessment_id"]
    assessed = assessments.loc[assessments["assessment_id"].isin(named), "child_id"]
    return pd.Index(pd.concat([flagged, assessed]).unique())


def legal_status_at_start(records: Records) -> pd.Series:
    """Give the legal status at the start of each care period.

    Parameters
    ----------
    records : Records

    Returns
    -------
    Series of str
        Of the first care episode, where the period itself does not say; indexed as the table.
    """
    periods = records["care_periods"]
    status = periods["legal_status"]
    if not status.isna().any():
        return status
    episodes = records["care_episodes"].sort_values(["start_date", "care_episode_id"])
    first = episodes.drop_duplicates("care_period_id").set_index("care_period_id")
    found = periods["care_period_id"].map(first["legal_status"]).astype(status.dtype)
    return status.fillna(found)
