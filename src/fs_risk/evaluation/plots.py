"""Plots of an evaluation report, and any plot as SVG; a door to matplotlib."""

import io
import re
from collections.abc import Callable
from typing import Any

from fs_risk.evaluation.report import THE_MODEL, EvaluationReport
from fs_risk.records.axes import COLOURS, STYLES, new_axes
from fs_risk.records.notebook import stamp_of

NAMES = {
    THE_MODEL: "step-up model",
    "previous_referrals": "earlier referrals",
    "rule_set": "practice rules",
    "spline_logistic": "spline logistic",
    "explainable_boosting": "explainable boosting",
    "everyone": "attention to everyone",
}

_IDS = re.compile(r'(id="|href="#|url\(#)([^")]+)')


def plot_precision_recall(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot precision against recall for the model and each candidate.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax)
    for place, (name, curve) in enumerate(report.curves.items()):
        metric = "average_precision" if name == THE_MODEL else f"average_precision_{name}"
        ax.step(
            [0.0, *curve.recall],
            [curve.precision[0], *curve.precision],
            where="pre",
            color=COLOURS[place % len(COLOURS)],
            linestyle=STYLES[place % len(STYLES)],
            label=f"{NAMES.get(name, name)} (average precision {report[metric]:.3f})",
        )
    base = report["base_rate"]
    ax.axhline(base, color="0.4", linewidth=0.8, label=f"any order ({base:.3f})")
    ax.set(
        title=title_of(report, "Precision and recall"),
        xlabel="recall: share of children with the outcome that are found",
        ylabel="precision: share of those listed\nwhere the outcome followed",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    ax.legend(frameon=False, fontsize="small")
    return ax


def plot_calibration(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot observed shares, with intervals, against predicted probabilities.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax)
    predicted = [1000 * part.predicted for part in report.bins]
    observed = [1000 * part.observed for part in report.bins]
    # An end may miss the value by a rounding error where none, or all, have the outcome.
    below = [1000 * max(part.observed - part.low, 0.0) for part in report.bins]
    above = [1000 * max(part.high - part.observed, 0.0) for part in report.bins]
    end = 1.05 * max([*predicted, *(1000 * part.high for part in report.bins)])
    ax.plot([0, end], [0, end], color="0.4", linewidth=0.8, label="as predicted")
    ax.errorbar(
        predicted,
        observed,
        yerr=[below, above],
        fmt="o",
        markersize=4,
        color=COLOURS[0],
        ecolor=COLOURS[0],
        capsize=2,
        label="tenths of the cases, 95 % interval",
    )
    ax.set(
        title=title_of(report, "Calibration"),
        xlabel="predicted, in 1,000 similar cases",
        ylabel="observed, in 1,000",
        xlim=(0, end),
        ylim=(0, end),
    )
    ax.legend(frameon=False, fontsize="small", loc="upper left")
    return ax


def plot_gain(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot the gain in average precision over each candidate, with its interval.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax)
    kinds = list(report.candidates)
    for place, kind in enumerate(kinds):
        gain = report.figure(f"gain_average_precision_over_{kind}")
        if gain.value is None or gain.low is None or gain.high is None:
            continue
        ax.errorbar(
            gain.value,
            place,
            xerr=[[max(gain.value - gain.low, 0.0)], [max(gain.high - gain.value, 0.0)]],
            fmt="o",
            color=COLOURS[0],
            capsize=3,
        )
    ax.axvline(0.0, color="0.4", linewidth=0.8)
    ax.set(
        title=title_of(report, "Gain over simpler models"),
        xlabel="gain in average precision, 95 % interval;\nright of 0 the model ranks better",
        yticks=range(len(kinds)),
        yticklabels=[NAMES.get(kind, kind) for kind in kinds],
        ylim=(-0.5, len(kinds) - 0.5),
    )
    return ax


def plot_svg(
    draw: Callable[[EvaluationReport, Any], Any],
    report: EvaluationReport,
    *,
    height: float = 4.2,
) -> str:
    """Draw a plot as SVG, the same bytes each time, to stand inside a page.

    Parameters
    ----------
    draw : callable
        One of the plots of a report.
    report : EvaluationReport
    height : float, default=4.2
        Inches, of 6.4 inches' width.

    Returns
    -------
    str
        An ``<svg>`` element whose ids are its own.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    prefix = draw.__name__.replace("_", "-")
    settings: Any = {"svg.hashsalt": prefix, "svg.fonttype": "none", "font.family": "sans-serif"}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(6.4, height), layout="constrained")
        FigureCanvasSVG(figure)
        draw(report, figure.add_subplot())
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    svg = written.getvalue()
    return _IDS.sub(rf"\g<1>{prefix}-\g<2>", svg[svg.index("<svg") :])


def title_of(report: EvaluationReport, what: str) -> str:
    """Write a picture's title: what it shows, of how many, and whether it is invented.

    Parameters
    ----------
    report : EvaluationReport
    what : str
    """
    stamp = stamp_of(report.origin == "synthetic")
    return f"{stamp}{what}\nn {report.n:,}, of them {report.positives:,} with the outcome"
