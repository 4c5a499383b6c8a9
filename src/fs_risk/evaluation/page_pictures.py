"""The pictures of the page, each with its text alternative."""

from collections.abc import Callable
from dataclasses import dataclass

from fs_risk.errors import AuditError
from fs_risk.evaluation.measures_in_words import retest_words
from fs_risk.evaluation.pictures import PICTURES
from fs_risk.evaluation.plots import NAMES, plot_svg
from fs_risk.evaluation.report import THE_MODEL, EvaluationReport
from fs_risk.evaluation.verdict import capacity_words, number, planned
from fs_risk.records.axes import COLOURS

_SIDE, _GAP, _ACROSS = 10, 3, 20
_ROW = 0.24


@dataclass(frozen=True)
class Picture:
    """A picture of the page.

    Attributes
    ----------
    svg : str
        Drawn from numbers; its words are escaped.
    text : str
        What it shows, in a sentence, for those who cannot see it and as its caption.
    """

    svg: str
    text: str


def picture_of(name: str, report: EvaluationReport) -> Picture | None:
    """Draw one picture.

    Parameters
    ----------
    name : str
        In `PICTURES`.
    report : EvaluationReport

    Returns
    -------
    Picture or None
        None where the report does not hold what it shows.
    """
    try:
        svg = plot_svg(PICTURES[name], report, height=_height(name, report))
    except AuditError:
        return None
    return Picture(svg, _TEXTS[name](report))


def of_100(filled: int, what: str) -> str:
    """Draw a hundred squares, some of them filled.

    Parameters
    ----------
    filled : int
        From 0 to 100.
    what : str
        A word for the drawing's own names, letters only.

    Returns
    -------
    str
        An ``<svg>`` element.

    Examples
    --------
    >>> of_100(3, "listed").count("<rect")
    101
    """
    step = _SIDE + _GAP
    squares = "".join(
        f'<rect x="{(place % _ACROSS) * step + 1}" y="{(place // _ACROSS) * step + 1}" '
        f'width="{_SIDE}" height="{_SIDE}" stroke="#333" stroke-width="1" '
        f'fill="{COLOURS[0] if place < filled else f"url(#empty-{what})"}"/>'
        for place in range(100)
    )
    width, height = _ACROSS * step, 100 // _ACROSS * step
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg"><defs><pattern id="empty-{what}" width="4" height="4" '
        'patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="#fff"/>'
        '<path d="M0 4 L4 0" stroke="#bbb" stroke-width="0.8"/></pattern></defs>'
        f"{squares}</svg>"
    )


def _height(name: str, report: EvaluationReport) -> float:
    """Give a picture's height in inches: taller where it has more rows."""
    if name == "plot_groups":
        rows = sum(
            each.metric == "recall_at_capacity" and each.value is not None for each in report.groups
        )
        return max(3.0, 1.6 + _ROW * rows)
    if name == "plot_stability":
        return max(3.0, 1.4 + _ROW * len(report.retests))
    return 4.2


def _of_lists(report: EvaluationReport) -> str:
    at = planned(report)
    if at is None:
        return "What followed of 1,000 cases, by size of list."
    return (
        f"What followed, by size of list. With {capacity_words(report, at.capacity)}, of "
        f"1,000 cases {number(at.found_per_1000.value, 0)} were listed and the outcome followed, "
        f"{number(at.false_per_1000.value, 0)} were listed and it did not, and "
        f"{number(at.missed_per_1000.value, 0)} with the outcome were not listed."
    )


def _of_ranking(report: EvaluationReport) -> str:
    return (
        f"Precision against recall. Average precision {report['average_precision']:.3f}; "
        f"in any order it is {report['base_rate']:.3f}."
    )


def _of_calibration(report: EvaluationReport) -> str:
    first, last = report.bins[0], report.bins[-1]
    return (
        f"Observed against predicted. In the lowest tenth {1000 * first.predicted:.0f} in 1,000 "
        f"were predicted and {1000 * first.observed:.0f} observed; in the highest "
        f"{1000 * last.predicted:.0f} and {1000 * last.observed:.0f}."
    )


def _of_benefit(report: EvaluationReport) -> str:
    gain = report.figure("net_benefit_at_base_rate_per_1000")
    return (
        "Net benefit against the threshold. Where attention to everyone and to none are worth the "
        f"same, the model's is {number(gain.value, 1)} of 1,000 cases ({number(gain.low, 1)} to "
        f"{number(gain.high, 1)})."
    )


def _of_steadiness(report: EvaluationReport) -> str:
    worst = min(
        (each for each in report.retests if each.overlap.value is not None),
        key=lambda each: each.overlap.value or 0.0,
    )
    return (
        "Share of the list that stays after each change. It is least here: "
        f"{retest_words(worst.name)}, {100 * (worst.overlap.value or 0.0):.0f} of 100."
    )


def _of_groups(report: EvaluationReport) -> str:
    return (
        "Of 100 children for whom the outcome followed, how many were listed, by group; all "
        f"children: {100 * report['recall_at_capacity']:.0f}. Groups where fewer than ten "
        "households have, or have not, a case with the outcome are not drawn."
    )


def _of_months(report: EvaluationReport) -> str:
    ratio = report.figure("observed_over_expected")
    return (
        "Outcomes observed for each one expected, over time; on the whole "
        f"{number(ratio.value, 2)} ({number(ratio.low, 2)} to {number(ratio.high, 2)})."
    )


def _of_learning(report: EvaluationReport) -> str:
    first, last = report.learning[0], report.learning[-1]
    return (
        f"Average precision of short fits: {number(first.average_precision.value)} from "
        f"{first.n_learnt:,.0f} cases, {number(last.average_precision.value)} from "
        f"{last.n_learnt:,.0f}."
    )


def _of_gain(report: EvaluationReport) -> str:
    gains = [
        f"{NAMES.get(kind, kind)} {number(figure.value)} ({number(figure.low)} to "
        f"{number(figure.high)})"
        for kind in report.candidates
        if kind != THE_MODEL
        for figure in [report.figure(f"gain_average_precision_over_{kind}")]
    ]
    return f"Gain in average precision over each simpler model: {'; '.join(gains)}."


_TEXTS: dict[str, Callable[[EvaluationReport], str]] = {
    "plot_capacity": _of_lists,
    "plot_precision_recall": _of_ranking,
    "plot_calibration": _of_calibration,
    "plot_gain": _of_gain,
    "plot_net_benefit": _of_benefit,
    "plot_stability": _of_steadiness,
    "plot_groups": _of_groups,
    "plot_months": _of_months,
    "plot_learning": _of_learning,
}
