"""Every figure of a report with its interval, all on the same resamples of households."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fs_risk.evaluation.calibration import Calibration
from fs_risk.evaluation.cases import FEWEST_POSITIVES, TRUTHS, Tested
from fs_risk.evaluation.intervals import HouseholdBootstrap, Statistic, interval, value_of
from fs_risk.evaluation.ranking import AtCapacity, Ranking
from fs_risk.evaluation.report import THE_MODEL, Figure, GroupFigure
from fs_risk.model.candidates import SIMPLEST_FIRST

_COUNTS = ("true_positives", "false_positives", "false_negatives", "true_negatives")
_GROUP_METRICS = (
    "average_precision",
    "base_rate",
    "observed_over_expected",
    "recall_at_capacity",
)


def make_figures(tested: Tested, capacity: float, resamples: int, seed: int) -> tuple[Figure, ...]:
    """Compute every figure with its interval.

    Parameters
    ----------
    tested : Tested
    capacity : int or float
        Of each list.
    resamples, seed : int

    Returns
    -------
    tuple of Figure
        In the order of the report.
    """
    statistics = _statistics(tested, capacity)
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    replicates = bootstrap.replicates(statistics)
    n = len(tested.label)
    values = {name: np.array([value_of(each, n)]) for name, each in statistics.items()}
    best = max(tested.margins, key=lambda kind: values[f"average_precision_{kind}"][0])
    points, spreads = _derive(values, best), _derive(replicates, best)
    return tuple(_figure(name, points[name], spreads[name], n) for name in points)


def _statistics(tested: Tested, capacity: float) -> dict[str, Statistic]:
    ranking = Ranking(tested.label, tested.log_odds)
    lines = Calibration(tested.label, tested.log_odds)
    held = AtCapacity(tested.label, tested.log_odds, tested.period, capacity)
    statistics: dict[str, Statistic] = {
        "average_precision": ranking.average_precision,
        "roc_auc": ranking.roc_auc,
        "calibration_slope": lines.slope,
        "calibration_intercept": lines.intercept,
        "calibration_error": lines.error,
        "observed_over_expected": lines.observed_over_expected,
        "base_rate": lambda weight: weight @ tested.label / weight.sum(axis=1),
        **{name: _count(held, name) for name in _COUNTS},
    }
    for kind, margin in tested.margins.items():
        statistics[f"average_precision_{kind}"] = Ranking(tested.label, margin).average_precision
        at = AtCapacity(tested.label, margin, tested.period, capacity)
        statistics[f"recall_at_capacity_{kind}"] = at.recall
    for given, name in TRUTHS.items():
        if given in tested.truth:
            statistics[name] = _of_truth(tested.label, tested.truth[given])
    return statistics


def _of_truth(label: np.ndarray, chance: np.ndarray) -> Statistic:
    """Average precision of true probabilities, on the cases that have one."""
    known = ~np.isnan(chance)
    ranking = Ranking(label[known], chance[known])
    return lambda weight: ranking.average_precision(weight[:, known])


def _count(held: AtCapacity, name: str) -> Statistic:
    return lambda weight: held.counts(weight)[name]


def _derive(found: Mapping[str, np.ndarray], best: str) -> dict[str, np.ndarray]:
    """Lay figures out in the order of the report, with those that follow from others."""
    tp, fp, fn, tn = (found[name] for name in _COUNTS)
    everyone = tp + fp + fn + tn
    model = found["average_precision"]
    kinds = [kind for kind in SIMPLEST_FIRST if f"average_precision_{kind}" in found]
    ceiling = {name: found[name] for name in TRUTHS.values() if name in found}
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "average_precision": model,
            **ceiling,
            "base_rate": found["base_rate"],
            "average_precision_random": found["base_rate"],
            **{f"average_precision_{kind}": found[f"average_precision_{kind}"] for kind in kinds},
            "gain_average_precision": model - found[f"average_precision_{best}"],
            **{
                f"gain_average_precision_over_{kind}": model - found[f"average_precision_{kind}"]
                for kind in kinds
            },
            "roc_auc": found["roc_auc"],
            "calibration_slope": found["calibration_slope"],
            "calibration_intercept": found["calibration_intercept"],
            "calibration_error": found["calibration_error"],
            "observed_over_expected": found["observed_over_expected"],
            "precision_at_capacity": tp / (tp + fp),
            "recall_at_capacity": tp / (tp + fn),
            "lift_at_capacity": tp / (tp + fp) / ((tp + fn) / everyone),
            **{f"recall_at_capacity_{kind}": found[f"recall_at_capacity_{kind}"] for kind in kinds},
            **{f"{name}_per_1000": 1000 * found[name] / everyone for name in _COUNTS},
        }


def _figure(metric: str, point: np.ndarray, spread: np.ndarray, n: int) -> Figure:
    low, high = interval(spread)
    return Figure(
        metric=metric, value=_known(float(point[0])), low=_known(low), high=_known(high), n=n
    )


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def find_leader(figures: tuple[Figure, ...], margins: Mapping[str, np.ndarray]) -> str:
    """Name the simplest candidate that the model is not shown to beat, or the model.

    Parameters
    ----------
    figures : tuple of Figure
    margins : mapping
        By candidate, the simplest first.

    Returns
    -------
    str
        A candidate's kind, or `THE_MODEL`.
    """
    low = {figure.metric: figure.low for figure in figures}
    for kind in margins:
        end = low[f"gain_average_precision_over_{kind}"]
        if end is None or end <= 0:
            return kind
    return THE_MODEL


def figures_by_group(
    tested: Tested,
    cohort: pd.DataFrame,
    rows: np.ndarray,
    by: Mapping[str, pd.Series],
    capacity: float,
    resamples: int,
    seed: int,
) -> tuple[GroupFigure, ...]:
    """Repeat the main figures for each level of each grouping that is large enough.

    Parameters
    ----------
    tested : Tested
    cohort : DataFrame
    rows : ndarray of bool
        The cases of `cohort` that are in `tested`.
    by : mapping of str to Series
        On the cohort's index.
    capacity : int or float
    resamples, seed : int

    Returns
    -------
    tuple of GroupFigure
        Without values where fewer than `FEWEST_POSITIVES` cases have, or have not,
        the outcome.
    """
    found: list[GroupFigure] = []
    for name, levels in by.items():
        level = levels.reindex(cohort.index)[rows].astype("str").fillna("missing")
        for value in sorted(level.unique()):
            part = tested.only((level == value).to_numpy())
            positives, n = int(part.label.sum()), len(part.label)
            figures: tuple[Figure, ...] = ()
            if min(positives, n - positives) >= FEWEST_POSITIVES:
                figures = make_figures(part, capacity, resamples, seed)
            known = {figure.metric: figure for figure in figures}
            for metric in _GROUP_METRICS:
                figure = known.get(
                    metric, Figure(metric=metric, value=None, low=None, high=None, n=n)
                )
                found.append(
                    GroupFigure(
                        **figure.model_dump(), by=name, level=str(value), positives=positives
                    )
                )
    return tuple(found)
