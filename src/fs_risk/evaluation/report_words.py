"""A report as printed text and as a notebook shows it."""

import html

from fs_risk.evaluation.certainty_in_words import (
    certainty_in_sentences,
    tried_in_words,
    vignettes_in_sentences,
)
from fs_risk.evaluation.plots import NAMES
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.verdict import capacity_words, number
from fs_risk.records.counts_in_words import count_of

STAMP = "SYNTHETIC: invented records; says nothing about real children."


def report_text(report: EvaluationReport) -> str:
    """Give a report as printable text: the verdict, lists, all figures, gates.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    str
    """
    whom = "another authority" if report.fresh else "later time, unseen households"
    lines = [
        *([STAMP] if report.origin == "synthetic" else []),
        *report.verdict,
        f"{report.model_name} {report.model_version}: {count_of(report.n, 'case')} of "
        f"{count_of(report.households, 'household')}, {report.first_as_of} to "
        f"{report.last_as_of} ({whom}); the outcome followed in {report.positives:,}.",
        *_gains(report),
        tried_in_words(report),
        *vignettes_in_sentences(report),
        *certainty_in_sentences(report),
        "",
        *_lists(report),
        *(
            f"{figure.metric:<48} {number(figure.value):>8}  "
            f"({number(figure.low)} to {number(figure.high)})  n {figure.n:,}"
            for figure in report.figures
        ),
        "",
        *(
            f"gate {'passed' if result.passed else 'FAILED'}: {result.gate.says}; "
            f"found {number(result.figure)}"
            for result in report.gate_results
        ),
    ]
    return "\n".join(lines)


def _gains(report: EvaluationReport) -> list[str]:
    """Say what the model gains over each simpler one, the simplest first."""
    gains = {
        kind: report.figure(f"gain_average_precision_over_{kind}") for kind in report.candidates
    }
    return [
        f"Gain in average precision over {NAMES.get(kind, kind)}: {number(gain.value)} "
        f"({number(gain.low)} to {number(gain.high)})."
        for kind, gain in gains.items()
    ]


def _lists(report: EvaluationReport) -> list[str]:
    if not report.capacities:
        return []
    lines = [f"{'of 1,000 cases, with':<32} {'found':>7} {'false':>7} {'missed':>7}"]
    for at in report.capacities:
        words = capacity_words(report, at.capacity) + (" (the plan's)" if at.planned else "")
        lines.append(
            f"{words:<32} {number(at.found_per_1000.value, 0):>7} "
            f"{number(at.false_per_1000.value, 0):>7} {number(at.missed_per_1000.value, 0):>7}"
        )
    return [*lines, ""]


def report_html(report: EvaluationReport) -> str:
    """Give a report as a fragment of HTML: the verdict, then the table.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    stamp = "<p><b>SYNTHETIC</b></p>" if report.origin == "synthetic" else ""
    first, *others = report.verdict
    said = "".join(f"<li>{html.escape(each)}</li>" for each in others)
    rows = "".join(
        f"<tr><td>{html.escape(figure.metric)}</td><td>{number(figure.value)}</td>"
        f"<td>{number(figure.low)} to {number(figure.high)}</td><td>{figure.n:,}</td></tr>"
        for figure in report.figures
    )
    return (
        f"{stamp}<p><b>{html.escape(first)}</b></p><ul>{said}</ul><table><thead><tr>"
        "<th>measure</th><th>value</th><th>95 % interval</th><th>n</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
