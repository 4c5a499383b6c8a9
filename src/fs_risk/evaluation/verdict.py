"""What a report comes to, in plain sentences, the most important first."""

from fs_risk.evaluation.edits import DELAYS
from fs_risk.evaluation.groupings import TIMES
from fs_risk.evaluation.measures_in_words import gated_measure
from fs_risk.evaluation.report import THE_MODEL, EvaluationReport
from fs_risk.evaluation.report_parts import AtOneCapacity, Figure
from fs_risk.model.marked_breaks import sides_tested
from fs_risk.records.counts_in_words import count_of

STEADY = 0.9
"""A list that keeps less than this after an edit that should not matter is not steady."""


def verdict(report: EvaluationReport) -> tuple[str, ...]:
    """Say what the report comes to.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    tuple of str
        Which model leads; how often lists of the plan's capacity are wrong; whether
        probabilities hold; for whom it finds least; what needs looking into.
    """
    said = [
        leading_sentence(report),
        *_wrong(report),
        _probabilities(report),
        *_boldness(report),
        *_for_whom(report),
        *_gates(report),
        *sides_tested(
            report.plan.breaks, report.first_as_of, report.last_as_of, report.plan.within_days
        ),
        *_looked_into(report),
    ]
    return tuple(said)


def leading_sentence(report: EvaluationReport) -> str:
    """Say which model the report leads with, and why.

    Parameters
    ----------
    report : EvaluationReport
    """
    if report.leads_with == THE_MODEL:
        best = report.figure("gain_average_precision")
        return (
            "The step-up model ranks better than every simpler one: its average precision "
            f"is {number(best.value)} above the best of them ({number(best.low)} to "
            f"{number(best.high)})."
        )
    gain = report.figure(f"gain_average_precision_over_{report.leads_with}")
    simpler = report.candidates[report.leads_with]
    gained = (
        f"its gain in average precision is {number(gain.value)} ({number(gain.low)} to "
        f"{number(gain.high)})"
    )
    if gain.high is not None and gain.high < 0:
        return (
            f"A simpler model ranks better: {simpler}. The step-up model is behind: {gained}, and "
            "the interval is below 0."
        )
    return (
        f"A simpler model is as good, as far as can be shown: {simpler}. The step-up model is not "
        f"shown to rank better: {gained}, and the interval is not above 0."
    )


def planned(report: EvaluationReport) -> AtOneCapacity | None:
    """Find the lists of the plan's own capacity.

    Parameters
    ----------
    report : EvaluationReport
    """
    return next((at for at in report.capacities if at.planned), None)


def capacity_words(report: EvaluationReport, capacity: float) -> str:
    """Say how large lists are and how often they are made.

    Parameters
    ----------
    report : EvaluationReport
    capacity : int or float
    """
    period = report.plan.list_period
    if capacity < 1:
        return f"{100 * capacity:g} % of each {period}'s cases"
    return f"{capacity:g} {'child' if capacity == 1 else 'children'} each {period}"


def _wrong(report: EvaluationReport) -> list[str]:
    at = planned(report)
    if at is None or at.precision.value is None or at.recall.value is None:
        return []
    return [
        f"With {capacity_words(report, at.capacity)}: of 100 children listed, the outcome "
        f"followed for {_of_100(at.precision)} and did not for {_rest_of_100(at.precision)}; of "
        f"100 children for whom it followed, {_of_100(at.recall)} were listed and "
        f"{_rest_of_100(at.recall)} were not."
    ]


def _of_100(figure: Figure) -> str:
    value = f"{100 * (figure.value or 0.0):.0f}"
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({100 * figure.low:.0f} to {100 * figure.high:.0f})"


def _rest_of_100(figure: Figure) -> str:
    return f"{100 - round(100 * (figure.value or 0.0)):.0f}"


def _probabilities(report: EvaluationReport) -> str:
    ratio = report.figure("observed_over_expected")
    shown = f"({number(ratio.low, 2)} to {number(ratio.high, 2)})"
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return "Whether probabilities hold cannot be said: there are too few cases."
    if ratio.low <= 1.0 <= ratio.high:
        return (
            "No error of the probabilities' level is shown: for each outcome expected, "
            f"{ratio.value:.2f} were observed {shown}."
        )
    way = "too low" if ratio.value > 1 else "too high"
    return (
        f"The probabilities are {way}: for each outcome expected, {ratio.value:.2f} were observed "
        f"{shown}."
    )


def _boldness(report: EvaluationReport) -> list[str]:
    slope = report.figure("calibration_slope")
    if slope.value is None or slope.low is None or slope.high is None:
        return []
    if slope.low <= 1.0 <= slope.high:
        return []
    way = "too bold: high ones are too high and low ones too low"
    if slope.value > 1:
        way = "too timid: high ones are too low and low ones too high"
    return [
        f"The probabilities are {way}; the calibration slope is {slope.value:.2f} "
        f"({slope.low:.2f} to {slope.high:.2f}), where 1 is ideal."
    ]


def _for_whom(report: EvaluationReport) -> list[str]:
    recalls = [
        each
        for each in report.groups
        if each.metric == "recall_at_capacity" and each.by not in TIMES and each.value is not None
    ]
    if len(recalls) < 2:
        return []
    worst = min(recalls, key=lambda each: (each.value, each.by, each.level))
    best = max(recalls, key=lambda each: (each.value, each.by, each.level))
    return [
        "Of the groups that are large enough, it finds least of this one: "
        f"{worst.by}, {worst.level}. Of 100 such children for whom the outcome followed, "
        f"{_of_100(worst)} were listed; most of this one: {best.by}, {best.level}: "
        f"{_of_100(best)}."
    ]


def _gates(report: EvaluationReport) -> list[str]:
    results = report.gate_results
    failed = [gated_measure(result.gate.metric) for result in results if not result.passed]
    if not failed:
        n = len(results)
        every = "The one gate of its plan is" if n == 1 else f"All {n} gates of its plan are"
        return [f"{every} passed."]
    which = f"{len(failed)} of {count_of(len(results), 'gate')} of its plan"
    return [f"{which} {'is' if len(failed) == 1 else 'are'} not passed: {'; '.join(failed)}."]


def _looked_into(report: EvaluationReport) -> list[str]:
    said = []
    suspicious = [each.feature for each in report.telling if each.suspicious]
    if suspicious:
        said.append(
            f"{count_of(len(suspicious), 'feature tells', 'features tell')} the outcome too "
            f"well to have been known before it; find out how it comes about: "
            f"{', '.join(suspicious[:5])}."
        )
    drifted = [each.feature for each in report.changed if each.drifted]
    if drifted:
        said.append(
            f"{count_of(len(drifted), 'feature has', 'features have')} drifted since training: "
            f"{', '.join(drifted[:5])}"
            f"{' and others' if len(drifted) > 5 else ''}."
        )
    said += _unsteady(report)
    for days in DELAYS:
        name = f"loss_average_precision_delayed_{days}d"
        loss = report.figure(name) if name in report else None
        if loss is not None and loss.low is not None and loss.low > 0:
            said.append(
                f"The result leans on when facts are taken to be known: were those dated by rule "
                f"known {days} days later, average precision would be {number(loss.value)} lower "
                f"({number(loss.low)} to {number(loss.high)})."
            )
    return said


def _unsteady(report: EvaluationReport) -> list[str]:
    return [
        f"The list is not steady: {each.says} Of those listed before, "
        f"{100 * each.overlap.value:.0f} of 100 still were."
        for each in report.retests
        if each.kind == "edit" and each.overlap.value is not None and each.overlap.value < STEADY
    ]


def number(value: float | None, digits: int = 3) -> str:
    """Write a figure, or a dash where it could not be had.

    Parameters
    ----------
    value : float or None
    digits : int, default=3

    Examples
    --------
    >>> number(0.12345), number(1234.5), number(None)
    ('0.123', '1,234', '–')
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}f}"
