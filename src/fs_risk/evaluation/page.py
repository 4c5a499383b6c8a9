"""A model's results as one page that opens in any browser, on a phone, and in print."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fs_risk.errors import AuditError
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.html_templates import filled


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
    from fs_risk.evaluation.page_content import page_content

    return from_template("page.html.j2", page_content(report, model))


def from_template(name: str, content: Mapping[str, Any]) -> str:
    """Fill one of the templates.

    Parameters
    ----------
    name : str
    content : mapping of str to object

    Returns
    -------
    str
        Everything that comes from data is escaped.
    """
    return filled(Path(__file__).parent / "templates", name, content)
