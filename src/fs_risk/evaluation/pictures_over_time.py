"""Pictures over time and over the number of cases learnt from, and what all pictures need."""

from typing import Any

from fs_risk.errors import AuditError
from fs_risk.evaluation.groupings import MONTH, TIMES, YEAR
from fs_risk.evaluation.plots import title_of
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.report_parts import GroupFigure
from fs_risk.records.axes import COLOURS, new_axes


def plot_months(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot observed over expected outcomes for each month, or year, that is large enough.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    months = groups_to_draw(report, "observed_over_expected", [MONTH])
    shown = months if len(months) > 1 else groups_to_draw(report, "observed_over_expected", [YEAR])
    need(shown, "months large enough")
    ax = new_axes(ax)
    for place, each in enumerate(shown):
        value, low, high = (each.value or 0.0), each.low, each.high
        if low is None or high is None:
            continue
        ax.errorbar(
            place, value, yerr=[[max(value - low, 0)], [max(high - value, 0)]], fmt="o",
            color=COLOURS[0], capsize=3,
        )  # fmt: skip
    ax.axhline(1.0, color="0.4", linewidth=0.8, linestyle="--")
    ax.set(
        title=title_of(report, "Calibration over time"),
        xlabel=shown[0].by,
        ylabel="observed for each outcome expected,\n95 % interval",
        xticks=range(len(shown)),
        ylim=(0, None),
    )
    ax.set_xticklabels([each.level for each in shown], rotation=45, ha="right")
    return ax


def plot_learning(report: EvaluationReport, ax: Any = None) -> Any:
    """Plot average precision of short fits against how many households they learnt from.

    Parameters
    ----------
    report : EvaluationReport
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    need(report.learning, "learning curve: it is part of thorough reports")
    ax = new_axes(ax)
    learnt = [point.n_learnt for point in report.learning]
    figures = [point.average_precision for point in report.learning]
    ax.plot(learnt, [figure.value for figure in figures], "o-", color=COLOURS[0])
    ax.fill_between(
        learnt,
        [figure.low or 0.0 for figure in figures],
        [figure.high or 0.0 for figure in figures],
        color=COLOURS[0],
        alpha=0.15,
        linewidth=0,
    )
    ax.axhline(report["base_rate"], color="0.4", linewidth=0.8, linestyle=":", label="any order")
    ax.set(
        title=title_of(report, "What more cases are worth"),
        xlabel="cases learnt from, whole households",
        ylabel="average precision of a short fit,\n95 % interval",
        ylim=(0, None),
        xlim=(0, None),
    )
    ax.legend(frameon=False, fontsize="small")
    return ax


def groups_to_draw(report: EvaluationReport, metric: str, by: list[str]) -> list[GroupFigure]:
    """List the groups that have a value.

    Parameters
    ----------
    report : EvaluationReport
    metric : str
    by : list of str
        Groupings; where none is named, all but those of time.

    Returns
    -------
    list of GroupFigure
    """
    return [
        each
        for each in report.groups
        if each.metric == metric
        and each.value is not None
        and (each.by in by if by else each.by not in TIMES)
    ]


def need(parts: Any, what: str) -> None:
    """Refuse to draw what a report does not hold.

    Parameters
    ----------
    parts : Any
        Empty where the report does not hold it.
    what : str

    Raises
    ------
    AuditError
    """
    if not parts:
        raise AuditError(
            f"The report holds no {what}.",
            where="EvaluationReport",
            fix="Evaluate with fs.evaluate_step_up(model, records, thorough=True).",
        )
