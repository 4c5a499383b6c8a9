"""A model's results as one page that opens in any browser, on a phone, and in print."""

from pathlib import Path
from typing import Any

from fs_risk.errors import AuditError
from fs_risk.evaluation.plots import (
    NAMES,
    plot_calibration,
    plot_gain,
    plot_precision_recall,
    plot_svg,
)
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.model.step_up import MODES, StepUpModel
from fs_risk.outcomes.definitions import find_outcome

MEASURES = {
    "average_precision": "average precision: how well the highest scores find the outcome",
    "ceiling_average_precision": "the best that any model of these invented records could reach",
    "everything_average_precision": "the same, knowing also what no record tells",
    "base_rate": "share of cases where the outcome followed",
    "average_precision_random": "average precision in any order",
    "gain_average_precision": "gain in average precision over the best simpler model",
    "roc_auc": "chance that a case with the outcome scores above one without it",
    "calibration_slope": "calibration slope: 1 is ideal, below it scores are too extreme",
    "calibration_intercept": "calibration in the large: 0 is ideal, above it scores are too low",
    "calibration_error": "mean gap between predicted and observed, over tenths",
    "observed_over_expected": "number observed over number predicted",
    "precision_at_capacity": "share of those listed where the outcome followed",
    "recall_at_capacity": "share of those with the outcome who were listed",
    "lift_at_capacity": "the former over the rate among all",
    "true_positives_per_1000": "of 1,000 cases: listed, and the outcome followed",
    "false_positives_per_1000": "of 1,000 cases: listed, and it did not follow",
    "false_negatives_per_1000": "of 1,000 cases: not listed, and the outcome followed",
    "true_negatives_per_1000": "of 1,000 cases: not listed, and it did not follow",
}
"""The measures of a report in plain words."""


def write_page(report: EvaluationReport, model: StepUpModel, path: str | Path) -> Path:
    """Write a model's results as one self-contained HTML page.

    Parameters
    ----------
    report : EvaluationReport
    model : StepUpModel
        The model that the report is about.
    path : str or Path

    Returns
    -------
    Path

    Raises
    ------
    AuditError
        If the report is about another model.
    """
    if report.plan_hash != model.plan.hash or report.model_name != model.name:
        raise AuditError(
            "The report is about another model.",
            where=f"report {report.model_name}, model {model.name}",
            fix="Evaluate this model first.",
        )
    target = Path(path)
    target.write_bytes(page_html(report, model).encode())
    return target


def page_html(report: EvaluationReport, model: StepUpModel) -> str:
    """Give the page of `write_page` as text.

    Parameters
    ----------
    report : EvaluationReport
    model : StepUpModel

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(**_content(report, model))


def _content(report: EvaluationReport, model: StepUpModel) -> dict[str, Any]:
    outcome = find_outcome(report.plan.outcome)
    pictures = [
        (plot_precision_recall, _precision_recall_text(report)),
        (plot_calibration, _calibration_text(report)),
        (plot_gain, report.leading_sentence),
    ]
    return {
        "report": report,
        "model": model,
        "mode": MODES[model.mode],
        "outcome": f"{outcome.meaning} within {report.plan.within_days} days",
        "measures": [(_measure(figure.metric), figure) for figure in report.figures],
        "counts": {
            name: report[f"{name}_per_1000"]
            for name in ("true_positives", "false_positives", "false_negatives", "true_negatives")
        },
        "pictures": [{"svg": plot_svg(draw, report), "text": text} for draw, text in pictures],
        "names": NAMES,
        "plan": [
            (name, value)
            for name, value in report.plan.model_dump(mode="json").items()
            if name not in ("gates", "booster")
        ],
    }


def _measure(metric: str) -> str:
    if metric in MEASURES:
        return MEASURES[metric]
    for kind, name in NAMES.items():
        if metric.endswith(kind):
            what = metric[: -len(kind)].rstrip("_").removesuffix("_over")
            joint = "over" if "gain" in metric else "of"
            return f"{what.replace('_', ' ')}, {joint} the simpler model: {name}"
    return metric.replace("_", " ")


def _precision_recall_text(report: EvaluationReport) -> str:
    return (
        f"Precision against recall. Average precision {report['average_precision']:.3f}; "
        f"in any order it is {report['base_rate']:.3f}."
    )


def _calibration_text(report: EvaluationReport) -> str:
    first, last = report.bins[0], report.bins[-1]
    return (
        f"Observed against predicted. In the lowest tenth {1000 * first.predicted:.0f} in 1,000 "
        f"were predicted and {1000 * first.observed:.0f} observed; in the highest "
        f"{1000 * last.predicted:.0f} and {1000 * last.observed:.0f}."
    )
