"""The headline figures of a report with their intervals, all on the same resamples."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import expit

from fs_risk.evaluation.calibration import Calibration
from fs_risk.evaluation.cases import TRUTHS, Tested
from fs_risk.evaluation.intervals import (
    HouseholdBootstrap,
    Measures,
    Statistic,
    interval,
    interval_of_volumes,
)
from fs_risk.evaluation.ranking import AtCapacity, Ranking, ratio
from fs_risk.evaluation.report import THE_MODEL
from fs_risk.evaluation.report_parts import Figure, make_figure
from fs_risk.model.candidates import SIMPLEST_FIRST

COUNTS = ("true_positives", "false_positives", "false_negatives", "true_negatives")

_OF_VOLUMES = ("false_positives_per_1000", "true_negatives_per_1000")
_OF_LISTED = ("precision_at_capacity", "lift_at_capacity", "observed_over_expected_listed")


def make_figures(tested: Tested, capacity: float, resamples: int, seed: int) -> tuple[Figure, ...]:
    """Compute every headline figure with its interval.

    Parameters
    ----------
    tested : Tested
    capacity : int or float
        Of each list.
    resamples, seed : int

    Returns
    -------
    tuple of Figure
        In the order of the report; ``n`` is of the cases that the figure is a share or
        mean of: the listed for precision, those with the outcome for recall.
    """
    measures = _measures(tested, capacity)
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    replicates = bootstrap.together(measures)
    n = len(tested.label)
    values = measures(np.ones((1, n)))
    best = max(tested.margins, key=lambda kind: values[f"average_precision_{kind}"][0])
    points, spreads = _derive(values, best), _derive(replicates, best)
    listed = float((values["true_positives"] + values["false_positives"])[0])
    sizes = {"recall": float(tested.label.sum()), "listed": listed, "all": float(n)}
    figures = [_figure(name, points[name], spreads[name], sizes) for name in points]
    return tuple(_with_chance(figures, tested, resamples, seed))


def _with_chance(figures: list[Figure], tested: Tested, resamples: int, seed: int) -> list[Figure]:
    """Give the calibration error an interval that holds it, and what chance alone shows.

    Resampling only adds to a gap that is taken as a size. What chance adds to it, or takes
    from it, is at most the error that chance alone would show.
    """
    lines = Calibration(tested.label, tested.log_odds)
    by_chance = lines.error_by_chance(tested.household, draws=resamples, seed=seed)
    low, most, high = (float(each) for each in np.quantile(by_chance, [0.025, 0.95, 0.975]))
    n, found = len(tested.label), []
    for figure in figures:
        if figure.metric != "calibration_error" or figure.value is None:
            found.append(figure)
            continue
        at = figure.value
        found.append(make_figure(figure.metric, at, max(at - most, 0.0), at + most, n))
        name = "calibration_error_by_chance"
        found.append(make_figure(name, float(by_chance.mean()), low, high, n))
    return found


def _measures(tested: Tested, capacity: float) -> Measures:
    """Give everything that has to be measured anew on each resample."""
    held = AtCapacity(tested.label, tested.log_odds, tested.period, capacity)
    alone = _statistics(tested, capacity)

    def measures(weight: np.ndarray) -> dict[str, np.ndarray]:
        return {
            **{name: statistic(weight) for name, statistic in alone.items()},
            **count_lists(held, tested, weight),
        }

    return measures


def count_lists(held: AtCapacity, tested: Tested, weight: np.ndarray) -> dict[str, np.ndarray]:
    """Count what lists hold, and the outcomes expected of it.

    Parameters
    ----------
    held : AtCapacity
    tested : Tested
    weight : ndarray of float, shape (b, n)

    Returns
    -------
    dict of str to ndarray of float64, shape (b,)
        As `AtCapacity.counts`, and ``observed_over_expected_listed``.
    """
    on_list = weight * held.listed(weight)
    found, listed = on_list @ tested.label, on_list.sum(axis=1)
    positives, everyone = weight @ tested.label, weight.sum(axis=1)
    return {
        "true_positives": found,
        "false_positives": listed - found,
        "false_negatives": positives - found,
        "true_negatives": everyone - listed - positives + found,
        "observed_over_expected_listed": ratio(found, on_list @ expit(tested.log_odds)),
    }


def _statistics(tested: Tested, capacity: float) -> dict[str, Statistic]:
    ranking = Ranking(tested.label, tested.log_odds)
    lines = Calibration(tested.label, tested.log_odds)
    statistics: dict[str, Statistic] = {
        "average_precision": ranking.average_precision,
        "roc_auc": ranking.roc_auc,
        "calibration_slope": lines.slope,
        "calibration_intercept": lines.intercept,
        "calibration_error": lines.error,
        "observed_over_expected": lines.observed_over_expected,
        "base_rate": lambda weight: weight @ tested.label / weight.sum(axis=1),
    }
    for kind, margin in tested.margins.items():
        statistics[f"average_precision_{kind}"] = Ranking(tested.label, margin).average_precision
        at = AtCapacity(tested.label, margin, tested.period, capacity)
        statistics[f"recall_at_capacity_{kind}"] = at.recall
    for given, name in TRUTHS.items():
        if given in tested.truth:
            statistics[name] = _of_truth(tested, given, "average_precision")
    if "given_recorded" in tested.truth:
        statistics["ceiling_roc_auc"] = _of_truth(tested, "given_recorded", "roc_auc")
        statistics["way_to_ceiling"] = _way(tested)
    return statistics


def _of_truth(tested: Tested, given: str, measure: str) -> Statistic:
    """Measure true probabilities, on the cases that have one."""
    known = ~np.isnan(tested.truth[given])
    ranking = Ranking(tested.label[known], tested.truth[given][known])
    measured: Callable[[np.ndarray], np.ndarray] = getattr(ranking, measure)
    return lambda weight: measured(weight[:, known])


def _way(tested: Tested) -> Statistic:
    """Give how far average precision has come from the base rate to the ceiling."""
    known = ~np.isnan(tested.truth["given_recorded"])
    label = tested.label[known]
    model = Ranking(label, tested.log_odds[known]).average_precision
    ceiling = Ranking(label, tested.truth["given_recorded"][known]).average_precision

    def way(weight: np.ndarray) -> np.ndarray:
        drawn = weight[:, known]
        base = ratio(drawn @ label, drawn.sum(axis=1))
        return ratio(model(drawn) - base, ceiling(drawn) - base)

    return way


def _derive(found: Mapping[str, np.ndarray], best: str) -> dict[str, np.ndarray]:
    """Lay figures out in the order of the report, with those that follow from others."""
    tp, fp, fn, tn = (found[name] for name in COUNTS)
    everyone = tp + fp + fn + tn
    model = found["average_precision"]
    kinds = [kind for kind in SIMPLEST_FIRST if f"average_precision_{kind}" in found]
    of_truth = (*TRUTHS.values(), "way_to_ceiling", "ceiling_roc_auc")
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "average_precision": model,
            **{name: found[name] for name in of_truth if name in found},
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
            "observed_over_expected_listed": found["observed_over_expected_listed"],
            "precision_at_capacity": tp / (tp + fp),
            "recall_at_capacity": tp / (tp + fn),
            "lift_at_capacity": tp / (tp + fp) / ((tp + fn) / everyone),
            **{f"recall_at_capacity_{kind}": found[f"recall_at_capacity_{kind}"] for kind in kinds},
            **{f"{name}_per_1000": 1000 * found[name] / everyone for name in COUNTS},
        }


def _figure(
    metric: str, point: np.ndarray, spread: np.ndarray, sizes: Mapping[str, float]
) -> Figure:
    value = float(point[0])
    low, high = interval(spread)
    if metric in _OF_VOLUMES:
        low, high = interval_of_volumes(spread, value, top=1000)
    of = "listed" if metric in _OF_LISTED else "recall" if metric.startswith("recall") else "all"
    return make_figure(metric, value, low, high, sizes[of])


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
