"""The same cases scored again after stated changes, to see whether list and result stay."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import expit

from fs_risk.evaluation.calibration import Calibration
from fs_risk.evaluation.cases import Tested
from fs_risk.evaluation.intervals import HouseholdBootstrap, Measures, interval
from fs_risk.evaluation.ranking import AtCapacity, Ranking, ratio
from fs_risk.evaluation.report_parts import Figure, Retest, make_figure
from fs_risk.evaluation.rescoring import Scored
from fs_risk.model.listing import share_listed

OVERLAP = "list_overlap"
MONTHLY = "month_to_month"
WORST_EDIT = "list_overlap_edited"


def retest(
    tested: Tested, again: list[Scored], capacity: float, resamples: int, seed: int
) -> tuple[Retest, ...]:
    """Hold scores after each change against those before it.

    Parameters
    ----------
    tested : Tested
    again : list of Scored
    capacity : int or float
    resamples, seed : int

    Returns
    -------
    tuple of Retest
        Lists are those of all cases, not made anew in each resample, so that the
        interval of an overlap is of who is in the cases.
    """
    if not again:
        return ()
    before = share_listed(tested.log_odds, tested.period, capacity)
    after = {each.name: share_listed(each.log_odds, tested.period, capacity) for each in again}
    measures = _measures(tested, again, before, after, capacity)
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    spread, value = bootstrap.together(measures), measures(np.ones((1, len(tested.label))))
    sizes = {"overlap": float(before.sum()), "recall": float(tested.label.sum())}
    probability = expit(tested.log_odds)
    found = []
    for each in again:
        change = np.abs(expit(each.log_odds) - probability)
        figures = {
            name: make_figure(
                f"{name}_{each.name}",
                float(value[f"{each.name} {name}"][0]),
                *interval(spread[f"{each.name} {name}"]),
                sizes.get(name, len(tested.label)),
            )
            for name in ("overlap", "average_precision", "loss", "recall", "observed_over_expected")
        }
        found.append(
            Retest(
                name=each.name,
                kind=each.kind,
                says=each.says,
                mean_change=float(change.mean()),
                largest_change=float(change.max()),
                **figures,
            )
        )
    return tuple(found)


def _measures(
    tested: Tested,
    again: list[Scored],
    before: np.ndarray,
    after: Mapping[str, np.ndarray],
    capacity: float,
) -> Measures:
    label = tested.label
    own = Ranking(label, tested.log_odds)
    rankings = {each.name: Ranking(label, each.log_odds) for each in again}
    lists = {each.name: AtCapacity(label, each.log_odds, tested.period, capacity) for each in again}
    lines = {each.name: Calibration(label, each.log_odds) for each in again}

    def measures(weight: np.ndarray) -> dict[str, np.ndarray]:
        mine, listed = own.average_precision(weight), weight @ before
        found: dict[str, np.ndarray] = {}
        for name, ranking in rankings.items():
            theirs = ranking.average_precision(weight)
            found |= {
                f"{name} overlap": ratio(weight @ np.minimum(before, after[name]), listed),
                f"{name} average_precision": theirs,
                f"{name} loss": mine - theirs,
                f"{name} recall": lists[name].recall(weight),
                f"{name} observed_over_expected": lines[name].observed_over_expected(weight),
            }
        return found

    return measures


def overlap_of_months(
    tested: Tested, child: np.ndarray, capacity: float, resamples: int, seed: int
) -> Retest | None:
    """Say how many listed in one period are listed in the next, of the cases in both.

    Parameters
    ----------
    tested : Tested
        Cases that are asked about again in each period, as open cases are.
    child : ndarray of str, shape (n,)
    capacity : int or float
    resamples, seed : int

    Returns
    -------
    Retest or None
        None where no child listed is met again in the next period.
    """
    listed = share_listed(tested.log_odds, tested.period, capacity)
    one = pd.DataFrame(
        {"child": child, "period": tested.period, "row": np.arange(len(child)), "now": listed}
    ).drop_duplicates(["child", "period"])
    later = one.assign(period=one["period"] - 1)[["child", "period", "now"]]
    pairs = one.merge(later, on=["child", "period"], suffixes=("", "_next"))
    before, both = np.zeros(len(child)), np.zeros(len(child))
    before[pairs["row"]] = pairs["now"]
    both[pairs["row"]] = np.minimum(pairs["now"], pairs["now_next"])
    if not before.any():
        return None
    bootstrap = HouseholdBootstrap(tested.household, resamples=resamples, seed=seed)
    spread = bootstrap.replicates({"overlap": lambda w: ratio(w @ both, w @ before)})
    ends = interval(spread["overlap"])
    value = float(both.sum() / before.sum())
    return Retest(
        name=MONTHLY,
        kind="month",
        says="Of those listed in one period and met again in the next, the share listed again.",
        overlap=make_figure("overlap_month_to_month", value, *ends, before.sum()),
        mean_change=None,
        largest_change=None,
    )


def retest_figures(retests: tuple[Retest, ...]) -> list[Figure]:
    """Name the figures of retests as the report's table has them.

    Parameters
    ----------
    retests : tuple of Retest

    Returns
    -------
    list of Figure
        ``list_overlap``, from one month to the next; ``list_overlap_<name>`` for every
        other change; ``list_overlap_edited``, the least of the trivial edits;
        ``list_overlap_refitted``, the least of the replicas; and of the delays the average
        precision, its loss, recall and observed over expected.
    """
    figures: list[Figure] = []
    edits = [each.overlap for each in retests if each.kind == "edit"]
    refits = [each.overlap for each in retests if each.name.startswith("replica_")]
    for each in retests:
        if each.name.startswith("replica_"):
            continue
        name = OVERLAP if each.name == MONTHLY else f"{OVERLAP}_{each.name}"
        figures.append(_renamed(each.overlap, name))
        if each.kind == "delay":
            figures += _of_delay(each)
    if edits:
        figures.append(_renamed(min(edits, key=_value), WORST_EDIT))
    if refits:
        figures.append(_renamed(min(refits, key=_value), f"{OVERLAP}_refitted"))
    return figures


def _of_delay(each: Retest) -> list[Figure]:
    named = {
        "average_precision": each.average_precision,
        "loss_average_precision": each.loss,
        "recall_at_capacity": each.recall,
        "observed_over_expected": each.observed_over_expected,
    }
    return [
        _renamed(figure, f"{name}_{each.name}")
        for name, figure in named.items()
        if figure is not None
    ]


def _value(figure: Figure) -> float:
    return float("inf") if figure.value is None else figure.value


def _renamed(figure: Figure, metric: str) -> Figure:
    return figure.model_copy(update={"metric": metric})
