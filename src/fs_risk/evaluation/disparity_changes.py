"""Before and after: how each group's rates, and everyone's, change from one list to another."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.evaluation.disparity_cases import ListedCases
from fs_risk.evaluation.disparity_gaps import (
    Gap,
    degrees_of_freedom,
    gap_between,
    limits,
    parts_of,
    standard_error,
)
from fs_risk.evaluation.fairness_audit import FairnessAudit
from fs_risk.evaluation.fairness_measures import PRECISION, PRIMARY, RECALL
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval
from fs_risk.evaluation.ranking import Ranking

AVERAGE_PRECISION = "average_precision"
GROUP_COLUMNS = (
    "option", "attribute", "group", "metric", "before", "after", "change", "low", "high",
    "gap_before", "gap_after", "gap_change", "gap_low", "gap_high", "suppressed",
)  # fmt: skip
"""The columns of the groups' rates before and after."""

Lists = Mapping[str, np.ndarray]
"""By option: each case's chance of being listed; the first is the model as it is."""


def group_rows(
    cases: ListedCases, audits: Mapping[str, FairnessAudit], lists: Lists
) -> pd.DataFrame:
    """Compare every option with the first, for each group of each attribute.

    Parameters
    ----------
    cases : ListedCases
    audits : mapping of str to FairnessAudit
        By option: which groups there are, and which small ones are hidden before or after.
    lists : mapping of str to ndarray of float, shape (n,)

    Returns
    -------
    DataFrame
        As `FairnessOptions.table`: nothing of an attribute of which all cases are one group.
    """
    first, *others = lists
    table = audits[first].full_table
    found = []
    for row in table[table["metric"].isin(PRIMARY)].itertuples():
        inside = cases.inside(str(row.attribute), str(row.group))
        if inside.all():
            continue
        metric = str(row.metric)
        rest = parts_of(metric, cases.label, lists[first])[1].sum() - row.of
        for name in others:
            figures = _compared(cases, metric, lists[first], lists[name], inside)
            if min(row.of, rest) < audits[first].settings.fewest:
                figures = dict.fromkeys(figures, float("nan"))
            after = audits[name].full_table
            own = (after["attribute"] == row.attribute) & (after["group"] == row.group)
            hidden = bool(after.loc[own & (after["metric"] == metric), "suppressed"].any())
            found.append(
                {
                    "option": name, "attribute": row.attribute, "group": row.group,
                    "metric": metric, **figures, "suppressed": bool(row.suppressed) or hidden,
                }
            )  # fmt: skip
    return pd.DataFrame(found, columns=list(GROUP_COLUMNS))


def _compared(
    cases: ListedCases, metric: str, before: np.ndarray, after: np.ndarray, inside: np.ndarray
) -> dict[str, float]:
    gaps = [gap_between(*parts_of(metric, cases.label, share), inside) for share in (before, after)]
    freedom = degrees_of_freedom(cases.household, inside, parts_of(metric, cases.label, before)[1])
    own = _limits(cases, [_own(gap, inside) for gap in gaps], freedom)
    gap = _limits(cases, gaps, freedom)
    return {
        "before": float(gaps[0].own[0]),
        "after": float(gaps[1].own[0]),
        "change": float((gaps[1].own - gaps[0].own)[0]),
        "low": own[0],
        "high": own[1],
        "gap_before": float(gaps[0].value[0]),
        "gap_after": float(gaps[1].value[0]),
        "gap_change": float((gaps[1].value - gaps[0].value)[0]),
        "gap_low": gap[0],
        "gap_high": gap[1],
    }


def _own(gap: Gap, inside: np.ndarray) -> Gap:
    """Leave the rest out: the group's own rate."""
    return Gap(gap.own, np.zeros_like(gap.own), gap.pull * inside[:, None])


def _limits(cases: ListedCases, two: list[Gap], freedom: float) -> tuple[float, float]:
    change = two[1].value - two[0].value
    error = standard_error(two[1].pull - two[0].pull, cases.household)
    low, high, _ = limits(change, np.nan_to_num(error), freedom)
    return float(low[0]), float(high[0])


def overall_rows(
    cases: ListedCases, lists: Lists, scores: Mapping[str, np.ndarray], resamples: int
) -> pd.DataFrame:
    """Compare everyone's recall, precision and average precision.

    Parameters
    ----------
    cases : ListedCases
    lists, scores : mapping of str to ndarray of float, shape (n,)
    resamples : int

    Returns
    -------
    DataFrame
        ``option``, ``metric``, ``before``, ``after``, ``change``, ``low``, ``high``.
    """
    label = cases.label
    rankings = {name: Ranking(label, score) for name, score in scores.items()}

    def measures(weight: np.ndarray) -> dict[str, np.ndarray]:
        found = {}
        for name, share in lists.items():
            hits = weight @ (label * share)
            with np.errstate(invalid="ignore", divide="ignore"):
                found[f"{name} {RECALL}"] = hits / (weight @ label)
                found[f"{name} {PRECISION}"] = hits / (weight @ share)
            found[f"{name} {AVERAGE_PRECISION}"] = rankings[name].average_precision(weight)
        return found

    once = {name: float(each[0]) for name, each in measures(np.ones((1, len(label)))).items()}
    spread = HouseholdBootstrap(cases.household, resamples=resamples).together(measures)
    first, *others = lists
    rows = []
    for name in others:
        for metric in (RECALL, PRECISION, AVERAGE_PRECISION):
            before, after = once[f"{first} {metric}"], once[f"{name} {metric}"]
            ends = interval(spread[f"{name} {metric}"] - spread[f"{first} {metric}"])
            rows.append((name, metric, before, after, after - before, *ends))
    columns = ["option", "metric", "before", "after", "change", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def frontier_rows(cases: ListedCases, inside: np.ndarray, lists: Lists) -> pd.DataFrame:
    """Give for each option the group's gap in recall and everyone's recall.

    Parameters
    ----------
    cases : ListedCases
    inside : ndarray of bool, shape (n,)
    lists : mapping of str to ndarray of float, shape (n,)

    Returns
    -------
    DataFrame
        ``option``, ``gap``, ``gap_low``, ``gap_high``, ``recall``, ``recall_low``,
        ``recall_high``; ``unbeaten``, where no other option has both a smaller gap and
        a higher recall.
    """
    rows = []
    for name, share in lists.items():
        values, weights = parts_of(RECALL, cases.label, share)
        gap = gap_between(values, weights, inside)
        freedom = degrees_of_freedom(cases.household, inside, weights)
        ends = limits(gap.value, standard_error(gap.pull, cases.household), freedom)
        whole = weights @ values / weights.sum()
        pull = (weights * (values - whole) / weights.sum())[:, None]
        around = limits(np.array([whole]), standard_error(pull, cases.household), 1_000.0)
        rows.append(
            (name, float(gap.value[0]), float(ends[0][0]), float(ends[1][0]), float(whole),
             float(around[0][0]), float(around[1][0]))
        )  # fmt: skip
    columns = ["option", "gap", "gap_low", "gap_high", "recall", "recall_low", "recall_high"]
    frame = pd.DataFrame(rows, columns=columns)
    size, recall = frame["gap"].abs().to_numpy(), frame["recall"].to_numpy()
    frame["unbeaten"] = [
        not ((size < size[i]) & (recall > recall[i])).any() for i in range(len(frame))
    ]
    return frame
