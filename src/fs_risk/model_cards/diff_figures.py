"""Changes of figures, and whether they are more than chance."""

from collections.abc import Callable, Iterator

from fs_risk.evaluation.measures_in_words import measure_in_words
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.parts import CardFigure
from fs_risk.model_cards.words import DASH, spread

Told = tuple[str, str, str, str, str]

_PART = "Figures"


def _of_100(more: str, fewer: str) -> Callable[[float], str]:
    def means(change: float) -> str:
        size = abs(100 * change)
        return f"{size:.0f} {more if change > 0 else fewer}."

    return means


MEANINGS: dict[str, Callable[[float], str]] = {
    "recall_at_capacity": _of_100(
        "more of 100 children with the outcome are listed",
        "fewer of 100 children with the outcome are listed",
    ),
    "precision_at_capacity": _of_100(
        "more of 100 children listed are ones for whom the outcome followed",
        "fewer of 100 children listed are ones for whom the outcome followed",
    ),
    "base_rate": _of_100(
        "more of 100 cases have the outcome: the service or its recording changed",
        "fewer of 100 cases have the outcome: the service or its recording changed",
    ),
    "average_precision": lambda change: "It ranks better." if change > 0 else "It ranks worse.",
    "roc_auc": lambda change: "It ranks better." if change > 0 else "It ranks worse.",
    "gain_average_precision": lambda change: (
        "It is further above the best simpler model."
        if change > 0
        else "It is less far above the best simpler model."
    ),
    "calibration_slope": lambda change: (
        "Its probabilities are less bold." if change > 0 else "Its probabilities are bolder."
    ),
    "observed_over_expected": lambda change: (
        "For each outcome expected, more are observed."
        if change > 0
        else "For each outcome expected, fewer are observed."
    ),
    "calibration_error": lambda change: (
        "Predicted and observed lie further apart."
        if change > 0
        else "Predicted and observed lie closer together."
    ),
    "list_overlap": lambda change: (
        "Lists stay more alike from month to month."
        if change > 0
        else "Lists change more from month to month."
    ),
    "worst_group_recall": lambda change: (
        "The group that lists find least of is found more."
        if change > 0
        else "The group that lists find least of is found less."
    ),
}
"""What a change of a headline measure means, by the measure."""


def figure_changes(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    """Tell the changes of figures, the headline ones with their meaning.

    Parameters
    ----------
    earlier, later : ModelCard

    Yields
    ------
    tuple of str
        Part, what, before, after, meaning.
    """
    before = {each.metric: each for each in earlier.performance.figures}
    after = {each.metric: each for each in later.performance.figures}
    others = 0
    for metric in dict.fromkeys((*before, *after)):
        was, now = before.get(metric), after.get(metric)
        if _alike(was, now):
            continue
        if metric not in MEANINGS:
            others += 1
            continue
        yield (_PART, measure_in_words(metric), _told(was), _told(now), _means(metric, was, now))
    if others:
        yield (_PART, "other measures", "as on the earlier card", "as on the later card",
               f"{others} other measures changed; the card lists every one.")  # fmt: skip


def _alike(was: CardFigure | None, now: CardFigure | None) -> bool:
    def stated(figure: CardFigure | None) -> tuple[object, ...]:
        if figure is None:
            return ()
        return figure.value, figure.low, figure.high, figure.n, figure.symbol

    return stated(was) == stated(now)


def _told(figure: CardFigure | None) -> str:
    return DASH if figure is None else spread(figure, 3)


def _means(metric: str, was: CardFigure | None, now: CardFigure | None) -> str:
    if was is None or now is None or was.value is None or now.value is None:
        return "It can be had on one of the two cards only."
    change = now.value - was.value
    if change == 0.0:
        return "The value is the same; its interval or its cases changed."
    return f"{MEANINGS[metric](change)} {_chance(was, now)}"


def _chance(was: CardFigure, now: CardFigure) -> str:
    """Say whether two intervals overlap; if they do, chance may account for the change."""
    if was.low is None or was.high is None or now.low is None or now.high is None:
        return "Without intervals chance cannot be told apart."
    if was.low <= now.high and now.low <= was.high:
        return "The intervals overlap: chance alone may account for it."
    return "The intervals do not overlap: more than chance."
