"""The main figures for each group of cases, on the lists that are made of all of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.evaluation.cases import FEWEST_POSITIVES, Tested
from fs_risk.evaluation.groupings import TIMES
from fs_risk.evaluation.intervals import HouseholdBootstrap, Measures, interval, interval_of_volumes
from fs_risk.evaluation.ranking import AtCapacity, Ranking, ratio
from fs_risk.evaluation.report_parts import Figure, GroupFigure, make_figure

GROUP_METRICS = (
    "base_rate",
    "average_precision",
    "observed_over_expected",
    "share_listed",
    "precision_at_capacity",
    "recall_at_capacity",
)
"""What is shown of each group."""

WORST = "worst_group_recall"


def figures_by_group(
    tested: Tested,
    cohort: pd.DataFrame,
    rows: np.ndarray,
    by: Mapping[str, pd.Series],
    capacity: float,
    resamples: int,
    seed: int,
) -> tuple[GroupFigure, ...]:
    """Measure each level of each grouping that is large enough.

    Lists are made of all cases, as in use: a group's recall is the share of its own
    children with the outcome who were listed among everyone.

    Parameters
    ----------
    tested : Tested
    cohort : DataFrame
    rows : ndarray of bool
        The cases of `cohort` that are in `tested`.
    by : mapping of str to Series
        On the cohort's index; levels of a categorical come in its order.
    capacity : int or float
    resamples, seed : int

    Returns
    -------
    tuple of GroupFigure
        Without values where fewer than `FEWEST_POSITIVES` households have, or have not,
        a case with the outcome.
    """
    levels = {
        (name, value): (level == value).to_numpy()
        for name, series in by.items()
        for level, values in [_levels(series.reindex(cohort.index)[rows])]
        for value in values
    }
    large = {key: inside for key, inside in levels.items() if _large(tested.only(inside))}
    measures = _measures(tested, large, capacity)
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    spread = bootstrap.together(measures) if large else {}
    value = measures(np.ones((1, len(tested.label)))) if large else {}
    found: list[GroupFigure] = []
    for key, inside in levels.items():
        n, positives = int(inside.sum()), int(tested.label[inside].sum())
        for metric in GROUP_METRICS:
            at = f"{key} {metric}"
            figure = Figure(metric=metric, value=None, low=None, high=None, n=n)
            if at in value:
                once = float(value[at][0])
                ends = interval(spread[at])
                if metric == "share_listed":
                    ends = interval_of_volumes(spread[at], once, top=1)
                figure = make_figure(metric, once, *ends, n)
            found.append(
                GroupFigure(**figure.model_dump(), by=key[0], level=key[1], positives=positives)
            )
    return tuple(found)


def _levels(series: pd.Series) -> tuple[pd.Series, list[str]]:
    """Give each case's level as text, and the levels there are: in their own order, or sorted."""
    text = series.astype("object").astype("str").where(series.notna().to_numpy(), "missing")
    order = sorted(text.unique())
    if isinstance(series.dtype, pd.CategoricalDtype):
        own = [str(value) for value in series.cat.categories]
        order.sort(key=lambda value: own.index(value) if value in own else len(own))
    return text, order


def _large(part: Tested) -> bool:
    """Say whether enough households have, and have not, the outcome."""
    sides = (part.label == 1, part.label == 0)
    return min(len(np.unique(part.household[side])) for side in sides) >= FEWEST_POSITIVES


def _measures(
    tested: Tested, levels: Mapping[tuple[str, str], np.ndarray], capacity: float
) -> Measures:
    held = AtCapacity(tested.label, tested.log_odds, tested.period, capacity)
    chance = expit(tested.log_odds)
    rankings = {
        key: Ranking(tested.label[inside], tested.log_odds[inside])
        for key, inside in levels.items()
    }

    def measures(weight: np.ndarray) -> dict[str, np.ndarray]:
        on_list = weight * held.listed(weight)
        found: dict[str, np.ndarray] = {}
        for key, inside in levels.items():
            drawn, listed, label = weight[:, inside], on_list[:, inside], tested.label[inside]
            everyone, positives = drawn.sum(axis=1), drawn @ label
            hits, places = listed @ label, listed.sum(axis=1)
            figures = (
                ratio(positives, everyone),
                rankings[key].average_precision(drawn),
                ratio(positives, drawn @ chance[inside]),
                ratio(places, everyone),
                ratio(hits, places),
                ratio(hits, positives),
            )
            found |= {
                f"{key} {metric}": values
                for metric, values in zip(GROUP_METRICS, figures, strict=True)
            }
        return found

    return measures


def worst_recall(groups: tuple[GroupFigure, ...]) -> Figure | None:
    """Find the group whose children with the outcome were listed least.

    Parameters
    ----------
    groups : tuple of GroupFigure

    Returns
    -------
    Figure or None
        The recall of that group with its own interval and size; None where no group,
        months and years aside, is large enough.
    """
    recalls = [
        each
        for each in groups
        if each.metric == "recall_at_capacity" and each.by not in TIMES and each.value is not None
    ]
    if not recalls:
        return None
    worst = min(recalls, key=lambda each: (each.value, each.by, each.level))
    return make_figure(WORST, worst.value, worst.low, worst.high, worst.n)
