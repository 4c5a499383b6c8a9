"""What the ledger holds of a model in use; of those who decided, only how many they were."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.model.step_up import StepUpModel
from fs_risk.triage.ledger import Ledger
from fs_risk.triage.watch_cases import Watched

WATCHED_CONTEXTS = ("referral", "list")
"""Scores made for the child referred. Others, of the household or for supervision, are
asked for because of someone else or again, so they are counted apart."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a ledger holds of one model's use.

    Attributes
    ----------
    scores : DataFrame
        The first score of each referral, as `Ledger.scores` gives it.
    decisions : DataFrame
        As `Ledger.decisions` gives them.
    people : Mapping of str to int
        How many persons decided in each team.
    lists : DataFrame
        A row for each list: ``list_id``, ``as_of`` (its last referral's day), ``capacity``,
        ``listed``.
    listed : DataFrame
        Scores that were on a list, each referral once.
    apart : int
        Scores of other contexts.
    other_models : int
        Scores that another model made.
    sealed : int
        Of `scores`, those that are sealed still.
    unreadable : int
        Entries that are erased or past their date.
    """

    scores: pd.DataFrame
    decisions: pd.DataFrame
    people: Mapping[str, int]
    lists: pd.DataFrame
    listed: pd.DataFrame
    apart: int
    other_models: int
    sealed: int
    unreadable: int


def recorded_use(ledger: Ledger, model: StepUpModel) -> Recorded:
    """Read what a ledger holds of a model's use.

    Parameters
    ----------
    ledger : Ledger
    model : StepUpModel

    Returns
    -------
    Recorded

    Raises
    ------
    LedgerError
        If an entry is not as it was written.
    """
    every = ledger.scores()
    ours = every[every["model_hash"] == model.content_hash]
    here = ours["context"].isin(WATCHED_CONTEXTS)
    kept = ours[here].sort_values("entry").drop_duplicates(["referral_id", "as_of"])
    kept = kept.reset_index(drop=True)
    silent = kept["probability"].isna() & kept["code"].isna()
    return Recorded(
        scores=kept,
        decisions=ledger.decisions(),
        people=ledger.people_by_team(),
        lists=_lists(ours[ours["list_id"].notna()]),
        listed=ours[ours["listed"].fillna(False)].drop_duplicates(["referral_id", "as_of"]),
        apart=int((~here).sum()),
        other_models=len(every) - len(ours),
        sealed=int((silent & kept["sealed"]).sum()),
        unreadable=ledger.count_unreadable(),
    )


def _lists(scores: pd.DataFrame) -> pd.DataFrame:
    by = scores.groupby("list_id", sort=False)
    return pd.DataFrame(
        {
            "as_of": by["as_of"].max(),
            "capacity": by["capacity"].first().astype("int64"),
            "listed": by["listed"].sum().astype("int64"),
        }
    ).reset_index()


def given_log_odds(recorded: Recorded | None, watched: Watched) -> tuple[np.ndarray, np.ndarray]:
    """Give each case's log-odds as they were recorded, else as made again.

    Parameters
    ----------
    recorded : Recorded or None
    watched : Watched

    Returns
    -------
    log_odds : ndarray of float64, shape (n,)
    from_ledger : ndarray of bool, shape (n,)
    """
    none = np.zeros(len(watched.cohort), dtype=bool)
    if recorded is None or recorded.scores.empty:
        return watched.log_odds, none
    key = ["referral_id", "as_of"]
    known = recorded.scores.dropna(subset="log_odds").set_index(key)["log_odds"]
    cases = pd.MultiIndex.from_arrays([watched.cohort["case_id"], watched.cohort["as_of"]])
    found = known.reindex(cases).to_numpy(dtype=np.float64)
    held = ~np.isnan(found)
    return np.where(held, found, watched.log_odds), held
