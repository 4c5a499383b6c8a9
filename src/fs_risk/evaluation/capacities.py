"""What lists of several capacities hold: right, wrong and missed, with ties told apart."""

from collections.abc import Sequence

import numpy as np

from fs_risk.errors import SettingError
from fs_risk.evaluation.cases import Tested
from fs_risk.evaluation.figures import count_lists
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval, interval_of_volumes
from fs_risk.evaluation.ranking import AtCapacity, ratio
from fs_risk.evaluation.report_parts import AtOneCapacity, Figure, known, make_figure
from fs_risk.records.counts_in_words import out_of

STEPS = (1 / 3, 2 / 3, 1.0, 1.5, 2.0, 3.0)
"""Capacities shown, as multiples of the plan's own."""

LARGEST_SHARE = 0.6

_ONES = ("precision", "recall", "found", "missed", "false", "ratio")


def capacities_to_show(own: float, asked: Sequence[float] = ()) -> tuple[float, ...]:
    """Choose the capacities of a report: about the plan's own, and those asked for.

    Parameters
    ----------
    own : int or float
        The plan's; a number of children, or a share in (0, 1).
    asked : sequence of int or float, optional

    Returns
    -------
    tuple of int or float
        In order, numbers of children and shares apart.

    Raises
    ------
    SettingError
        If one asked for is neither a whole number of children nor a share below 1.

    Examples
    --------
    >>> capacities_to_show(9)
    (3, 6, 9, 14, 18, 27)
    >>> capacities_to_show(0.15, (10,))
    (0.05, 0.1, 0.15, 0.225, 0.3, 0.45, 10)
    """
    odd = [each for each in asked if not _is_a_size(each)]
    if odd:
        raise SettingError(
            f"{out_of(len(odd), len(asked), 'capacity', 'capacities')} neither a whole number "
            "of children nor a share between 0 and 1.",
            where="capacities",
            fix="Give 12 for twelve children on each list, or 0.1 for a tenth of the cases.",
        )
    if own < 1:
        about = {round(own * step, 4) for step in STEPS if own * step <= LARGEST_SHARE} | {own}
        chosen: set[float] = about | set(asked)
    else:
        chosen = {max(1, int(own * step + 0.5)) for step in STEPS} | {own} | set(asked)
    return tuple(sorted(chosen))


def at_capacities(
    tested: Tested, capacities: Sequence[float], planned: float, resamples: int, seed: int
) -> tuple[AtOneCapacity, ...]:
    """Measure lists of several capacities.

    Parameters
    ----------
    tested : Tested
    capacities : sequence of int or float
    planned : int or float
        The plan's own.
    resamples, seed : int

    Returns
    -------
    tuple of AtOneCapacity
    """
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    held = {
        each: AtCapacity(tested.label, tested.log_odds, tested.period, each) for each in capacities
    }

    def measures(weight: np.ndarray) -> dict[str, np.ndarray]:
        return {
            f"{each} {name}": values
            for each, lists in held.items()
            for name, values in _of_lists(lists, tested, weight).items()
        }

    spread = bootstrap.together(measures)
    return tuple(
        _at(tested, lists, each, each == planned, {n: spread[f"{each} {n}"] for n in _ONES})
        for each, lists in held.items()
    )


def _of_lists(lists: AtCapacity, tested: Tested, weight: np.ndarray) -> dict[str, np.ndarray]:
    counts = count_lists(lists, tested, weight)
    return {**_shares(counts), "ratio": counts["observed_over_expected_listed"]}


def _shares(counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    tp, fp = counts["true_positives"], counts["false_positives"]
    fn, tn = counts["false_negatives"], counts["true_negatives"]
    everyone = tp + fp + fn + tn
    return {
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "found": 1000 * tp / everyone,
        "missed": 1000 * fn / everyone,
        "false": 1000 * fp / everyone,
    }


def _at(
    tested: Tested,
    lists: AtCapacity,
    capacity: float,
    planned: bool,
    spread: dict[str, np.ndarray],
) -> AtOneCapacity:
    once = np.ones((1, len(tested.label)))
    value = {name: float(each[0]) for name, each in _of_lists(lists, tested, once).items()}
    worst, best = (
        {name: known(float(each[0])) for name, each in _shares(counts).items()}
        for counts in lists.extremes(once)
    )
    listed = float(lists.listed(once).sum())
    n, positives = len(tested.label), float(tested.label.sum())
    sizes = {"precision": listed, "recall": positives, "ratio": listed}

    def figure(name: str, metric: str) -> Figure:
        low, high = interval(spread[name])
        if name == "false":
            low, high = interval_of_volumes(spread[name], value[name], top=1000)
        return make_figure(metric, value[name], low, high, sizes.get(name, n))

    return AtOneCapacity(
        capacity=capacity,
        planned=planned,
        n=n,
        lists=len(np.unique(tested.period)),
        listed=listed,
        precision=figure("precision", "precision"),
        recall=figure("recall", "recall"),
        precision_worst=worst["precision"],
        precision_best=best["precision"],
        recall_worst=worst["recall"],
        recall_best=best["recall"],
        found_per_1000=figure("found", "found_per_1000"),
        missed_per_1000=figure("missed", "missed_per_1000"),
        false_per_1000=figure("false", "false_per_1000"),
        observed_over_expected=figure("ratio", "observed_over_expected"),
    )


def _is_a_size(capacity: object) -> bool:
    """Say whether it is a whole number of children or a share below 1."""
    if isinstance(capacity, bool) or not isinstance(capacity, int | float | np.number):
        return False
    size = float(capacity)
    return 0 < size < 1 or (size >= 1 and size.is_integer())
