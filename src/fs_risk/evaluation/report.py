"""`EvaluationReport`: what was measured of a model, as plain data, and in words."""

import html
from functools import cached_property
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from fs_risk.errors import AuditError, nearest
from fs_risk.evaluation.calibration import CalibrationBin
from fs_risk.model.gates import GateResult, judge
from fs_risk.model.plan import Plan

THE_MODEL = "step_up_model"
"""What `leads_with` says when the model is shown to be better than every simpler one."""

COLUMNS = ("metric", "value", "low", "high", "n")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Frozen):
    """One measure with its 95 % interval; None where it could not be had.

    Attributes
    ----------
    metric : str
    value, low, high : float or None
    n : int
        Cases behind it.
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int


class GroupFigure(Figure):
    """The same for one level of a grouping.

    Attributes
    ----------
    by, level : str
        For example ``"age band"`` and ``"under 1"``.
    positives : int
    """

    by: str
    level: str
    positives: int


class Curve(_Frozen):
    """Recall and precision of one score at each threshold."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]


class EvaluationReport(_Frozen):
    """What was measured of a model on cases that it had not seen.

    Attributes
    ----------
    model_name, model_version, plan_hash : str
    plan : Plan
    origin : {"real", "synthetic"}
        Of the records that the model was fitted on.
    fresh : bool
        Whether these were another authority's cases, scored by the booster in use,
        rather than later cases of unseen households, scored by replicas.
    n, positives, households : int
        Evaluated cases.
    first_as_of, last_as_of : str
        ISO dates.
    resamples : int
    figures : tuple of Figure
    candidates : dict of str to str
        The simple models' names and what they are, the simplest first.
    leads_with : str
        `THE_MODEL`, or the simplest candidate that it is not shown to beat.
    bins : tuple of CalibrationBin
    curves : dict of str to Curve
        By score: the model and each candidate.
    groups : tuple of GroupFigure
    """

    model_name: str
    model_version: str
    plan_hash: str
    plan: Plan
    origin: Literal["real", "synthetic"]
    fresh: bool
    n: int
    positives: int
    households: int
    first_as_of: str
    last_as_of: str
    resamples: int
    figures: tuple[Figure, ...]
    candidates: dict[str, str]
    leads_with: str
    bins: tuple[CalibrationBin, ...]
    curves: dict[str, Curve]
    groups: tuple[GroupFigure, ...] = ()

    def figure(self, metric: str) -> Figure:
        """Find one figure with its interval.

        Parameters
        ----------
        metric : str

        Raises
        ------
        AuditError
            If it was not measured.
        """
        found = self._by_metric.get(metric)
        if found is None:
            raise AuditError(
                f"The report has no {metric!r}.{nearest(metric, self._by_metric)}",
                where=", ".join(self._by_metric),
                fix="Ask for one of the measures in report.table.",
            )
        return found

    def __getitem__(self, metric: str) -> float:
        value = self.figure(metric).value
        return float("nan") if value is None else value

    @cached_property
    def _by_metric(self) -> dict[str, Figure]:
        return {figure.metric: figure for figure in self.figures}

    @property
    def table(self) -> pd.DataFrame:
        """All figures: metric, value, low, high, n."""
        rows = [[getattr(figure, name) for name in COLUMNS] for figure in self.figures]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        return frame.astype({"metric": "str", "value": float, "low": float, "high": float})

    @property
    def group_table(self) -> pd.DataFrame:
        """All figures by group: by, level, metric, value, low, high, n, positives."""
        names = ["by", "level", *COLUMNS, "positives"]
        rows = [[getattr(figure, name) for name in names] for figure in self.groups]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({"value": float, "low": float, "high": float})

    @property
    def gate_results(self) -> tuple[GateResult, ...]:
        """How the model stood against its plan's gates."""
        return judge_gates(self.plan, self)

    @property
    def leading_sentence(self) -> str:
        """Which model the report leads with, and why."""
        if self.leads_with == THE_MODEL:
            best = self.figure("gain_average_precision")
            return (
                "The step-up model ranks better than every simpler one: its average precision "
                f"is {best.value:.3f} above the best of them ({best.low:.3f} to {best.high:.3f})."
            )
        gain = self.figure(f"gain_average_precision_over_{self.leads_with}")
        return (
            f"The simpler model leads: {self.candidates[self.leads_with]}. The step-up model is "
            f"not shown to rank better: its gain in average precision is {_number(gain.value)} "
            f"({_number(gain.low)} to {_number(gain.high)}), and the interval is not above 0."
        )

    def text(self) -> str:
        """Give a printable summary.

        Returns
        -------
        str
            Several lines.
        """
        stamp = ["SYNTHETIC: invented records; says nothing about real children."]
        whom = "another authority" if self.fresh else "later time, unseen households"
        lines = [
            *(stamp if self.origin == "synthetic" else []),
            self.leading_sentence,
            f"{self.model_name} {self.model_version}: {self.n:,} cases of {self.households:,} "
            f"households, {self.first_as_of} to {self.last_as_of} ({whom}); the outcome "
            f"followed in {self.positives:,}.",
            "",
            *(
                f"{figure.metric:<48} {_number(figure.value):>8}  "
                f"({_number(figure.low)} to {_number(figure.high)})"
                for figure in self.figures
            ),
            "",
            *(
                f"gate {'passed' if result.passed else 'FAILED'}: {result.gate.says}; "
                f"found {_number(result.figure)}"
                for result in self.gate_results
            ),
        ]
        return "\n".join(lines)

    def plot_precision_recall(self, ax: Any = None) -> Any:
        """Plot precision against recall, for the model and each candidate; give the axes."""
        from fs_risk.evaluation.plots import plot_precision_recall

        return plot_precision_recall(self, ax)

    def plot_calibration(self, ax: Any = None) -> Any:
        """Plot observed shares against predicted probabilities; give the axes."""
        from fs_risk.evaluation.plots import plot_calibration

        return plot_calibration(self, ax)

    def plot_gain(self, ax: Any = None) -> Any:
        """Plot the gain over each candidate with its interval; give the axes."""
        from fs_risk.evaluation.plots import plot_gain

        return plot_gain(self, ax)

    def __repr__(self) -> str:
        return (
            f"<EvaluationReport {self.model_name} {self.model_version}: average precision "
            f"{self['average_precision']:.3f}, n {self.n:,}, leads with {self.leads_with}>"
        )

    def _repr_html_(self) -> str:
        stamp = "<p><b>SYNTHETIC</b></p>" if self.origin == "synthetic" else ""
        rows = "".join(
            f"<tr><td>{html.escape(figure.metric)}</td><td>{_number(figure.value)}</td>"
            f"<td>{_number(figure.low)} to {_number(figure.high)}</td><td>{figure.n:,}</td></tr>"
            for figure in self.figures
        )
        return (
            f"{stamp}<p>{html.escape(self.leading_sentence)}</p><table><thead><tr>"
            "<th>measure</th><th>value</th><th>95 % interval</th><th>n</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def judge_gates(plan: Plan, report: EvaluationReport) -> tuple[GateResult, ...]:
    """Hold a report against a plan's gates.

    Parameters
    ----------
    plan : Plan
    report : EvaluationReport

    Returns
    -------
    tuple of GateResult
        A measure that could not be had fails its gate.
    """
    figures = {
        (figure.metric, side): value
        for figure in report.figures
        for side in ("value", "low", "high")
        if (value := getattr(figure, side)) is not None
    }
    return judge(plan.gates, figures)


def _number(value: float | None) -> str:
    """Write a figure, or a dash where it could not be had."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"
