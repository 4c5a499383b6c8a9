"""What became of every case of the tested period: tested, left out, or decided at once."""

import numpy as np
import pandas as pd

from fs_risk.evaluation.intervals import HouseholdBootstrap, interval
from fs_risk.evaluation.ranking import ratio
from fs_risk.evaluation.report_parts import CaseEnd, Figure, make_figure

AT_ONCE = ("decided at once", "same day")
"""Reasons of `label_outcome` for an outcome that was the decision on the case itself."""

THE_OUTCOME = "the outcome"
SEEN_THROUGH = "seen to the last day without it"
KINDS = ("with the outcome", "without it", "decided at once", "no label")


def case_ends(labels: pd.DataFrame, child: np.ndarray, period: np.ndarray) -> tuple[CaseEnd, ...]:
    """Count every case of a period by what came first.

    Parameters
    ----------
    labels : DataFrame
        As `label_outcome` gives it.
    child : ndarray of str, shape (n,)
    period : ndarray of bool, shape (n,)
        Cases of the period, labelled or not.

    Returns
    -------
    tuple of CaseEnd
        Every case once, so that the counts add up to the period's; commonest first
        within a kind. Outcomes decided at once stand apart (requirement T11).
    """
    part = labels[period]
    label = part["label"].to_numpy(dtype=np.float64)
    reason = part["reason"].astype("str").to_numpy(dtype=object)
    ended = np.full(len(part), "", dtype=object)
    if "competing_end" in part:
        ended = part["competing_end"].astype("str").to_numpy(dtype=object)
    kind = np.select(
        [label == 1, label == 0, np.isin(reason, AT_ONCE)], [KINDS[0], KINDS[1], KINDS[2]], KINDS[3]
    )
    without = np.where(ended == "", SEEN_THROUGH, ended)
    end = np.select([label == 1, label == 0], [THE_OUTCOME, without], reason)
    table = pd.DataFrame({"kind": kind.astype(str), "end": end.astype(str), "child": child[period]})
    counts = table.groupby(["kind", "end"])["child"].agg(["size", "nunique"])
    found = [
        CaseEnd(kind=kind, end=end, count=int(count), children=int(children))
        for (kind, end), (count, children) in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (KINDS.index(each.kind), -each.count, each.end)))


def decided_at_once(
    labels: pd.DataFrame,
    household: np.ndarray,
    period: np.ndarray,
    resamples: int,
    seed: int,
) -> Figure:
    """Give how many of 1,000 outcomes were the decision on the case itself.

    Parameters
    ----------
    labels : DataFrame
    household : ndarray of str, shape (n,)
    period : ndarray of bool, shape (n,)
    resamples, seed : int

    Returns
    -------
    Figure
        Its n is of all outcomes of the period, at once or later.
    """
    part = labels[period]
    once = part["reason"].isin(AT_ONCE).to_numpy(dtype=np.float64)
    later = (part["label"] == 1).to_numpy(dtype=np.float64)
    bootstrap = HouseholdBootstrap(household[period], resamples=resamples, seed=seed)
    spread = bootstrap.replicates({"share": lambda w: 1000 * ratio(w @ once, w @ (once + later))})
    value = 1000 * once.sum() / max((once + later).sum(), 1.0)
    return make_figure(
        "decided_at_once_per_1000", value, *interval(spread["share"]), (once + later).sum()
    )
