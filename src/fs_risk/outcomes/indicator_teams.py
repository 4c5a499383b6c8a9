"""Which team an event counts for, and how many cases each team had open.

The team is that of the child's latest referral by the day, as at the extract: a team that
was renamed or took a case over later stands for the whole of it.
"""

import numpy as np
import pandas as pd

from fs_risk.outcomes.open_episodes import open_episodes
from fs_risk.records.dates import NEVER, to_days
from fs_risk.records.other_grounds import unaccompanied_children
from fs_risk.records.records import Records

NO_TEAM = "not recorded"


def of_teams(records: Records, events: pd.DataFrame) -> pd.DataFrame:
    """Give each event its team.

    Parameters
    ----------
    records : Records
    events : DataFrame
        With ``child_id`` and ``day``.

    Returns
    -------
    DataFrame
        The same rows with ``team``, in order of day; `NO_TEAM` where no referral of the
        child by that day names one.
    """
    referrals = records["referrals"][["child_id", "referral_date", "team"]]
    referrals = referrals.sort_values("referral_date", kind="stable")
    ordered = events.sort_values("day", kind="stable")
    found = pd.merge_asof(
        ordered, referrals, left_on="day", right_on="referral_date", by="child_id"
    ).drop(columns="referral_date")
    return found.assign(team=found["team"].fillna(NO_TEAM).astype("str"))


def mean_open_cases(records: Records, edges: pd.DatetimeIndex, *, by_team: bool) -> pd.Series:
    """Average the number of open cases over the days of each period.

    Parameters
    ----------
    records : Records
    edges : DatetimeIndex
        First days of the periods, and of the one after.
    by_team : bool

    Returns
    -------
    Series of float64
        Indexed by team and period; ``"all teams"`` among the teams.

    Notes
    -----
    A case counts from the day of its referral up to, not with, the day it closed.
    """
    episodes = open_episodes(records)
    team = records["referrals"]["team"].reindex(episodes.index).fillna(NO_TEAM).astype(str)
    own = ~episodes["child_id"].isin(unaccompanied_children(records)).to_numpy()
    start = to_days(episodes["start_date"]).astype(np.int64)[own]
    end = np.where(episodes["end_date"].isna(), NEVER, to_days(episodes["end_date"]))[own]
    days = to_days(pd.Series(edges)).astype(np.int64)
    names, place = np.unique(team.to_numpy(dtype=object)[own].astype(str), return_inverse=True)
    spent = np.stack(
        [
            np.bincount(place, np.clip(np.minimum(end, day) - start, 0, None), len(names))
            for day in days
        ],
        axis=1,
    )
    mean = np.diff(spent, axis=1) / np.diff(days)
    table = {"all teams": mean.sum(axis=0)}
    if by_team:
        table |= {str(name): mean[row] for row, name in enumerate(names)}
    return pd.DataFrame(table).T.stack().rename_axis(["team", "period"])
