"""`EvaluationReport`: what was measured of a model, as plain data."""

from functools import cached_property
from typing import Any, Literal

import pandas as pd

from fs_risk.errors import AuditError, nearest
from fs_risk.evaluation.calibration import CalibrationBin
from fs_risk.evaluation.report_parts import (
    AbstentionRate,
    AtOneCapacity,
    CaseEnd,
    ChangedFeature,
    Curve,
    Figure,
    Frozen,
    GroupFigure,
    IntervalCheck,
    LearningPoint,
    NetBenefit,
    Retest,
    TellingFeature,
    WithoutFeatures,
)
from fs_risk.model.gates import GateResult, judge
from fs_risk.model.plan import Plan
from fs_risk.model.vignettes import VignetteResult

__all__ = [
    "COLUMNS",
    "THE_MODEL",
    "Curve",
    "EvaluationReport",
    "Figure",
    "GroupFigure",
    "judge_gates",
]

THE_MODEL = "step_up_model"
"""What `leads_with` says when the model is shown to be better than every simpler one."""

COLUMNS = ("metric", "value", "low", "high", "n")


class EvaluationReport(Frozen):
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
    capacities : tuple of AtOneCapacity
        Lists of the plan's capacity and of others about it.
    net_benefit : tuple of NetBenefit
        Decision curves.
    retests : tuple of Retest
        The same cases after stated changes; needs the records.
    ends : tuple of CaseEnd
        Every case of the tested period, by what came first.
    changed : tuple of ChangedFeature
        The features whose values changed most since training, and all that drifted.
    telling : tuple of TellingFeature
        The features that tell the outcome best alone, and all that are suspicious.
    learning : tuple of LearningPoint
        Thorough reports only.
    without : tuple of WithoutFeatures
        Thorough reports only.
    share_by_rule : float or None
        Of dated rows, those whose recording date is set by rule; needs the records.
    plans_tried : int or None
        Different plans tried on the model's test period; None where no list was kept.
    configurations_tried : int
        Of the booster.
    vignettes : tuple of VignetteResult
        How the model orders the fixed cases.
    abstentions : tuple of AbstentionRate
        How often there is no score, by age and source.
    interval_checks : tuple of IntervalCheck
        Whether intervals hold what followed, group by group.
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
    capacities: tuple[AtOneCapacity, ...] = ()
    net_benefit: tuple[NetBenefit, ...] = ()
    retests: tuple[Retest, ...] = ()
    ends: tuple[CaseEnd, ...] = ()
    changed: tuple[ChangedFeature, ...] = ()
    telling: tuple[TellingFeature, ...] = ()
    learning: tuple[LearningPoint, ...] = ()
    without: tuple[WithoutFeatures, ...] = ()
    share_by_rule: float | None = None
    plans_tried: int | None = None
    configurations_tried: int = 1
    vignettes: tuple[VignetteResult, ...] = ()
    abstentions: tuple[AbstentionRate, ...] = ()
    interval_checks: tuple[IntervalCheck, ...] = ()

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

    def __contains__(self, metric: object) -> bool:
        return metric in self._by_metric

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
        """All figures by group, exact: by, level, metric, value, low, high, n, positives."""
        names = ["by", "level", *COLUMNS, "positives"]
        rows = [[getattr(figure, name) for name in names] for figure in self.groups]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({"value": float, "low": float, "high": float})

    @property
    def published_groups(self) -> pd.DataFrame:
        """The groups as they may be published: text, counts of 1 to 5 hidden, others rounded."""
        from fs_risk.evaluation.report_tables import published_groups

        return published_groups(self)

    @property
    def capacity_table(self) -> pd.DataFrame:
        """Lists of each capacity: right, wrong and missed, with ties told apart."""
        from fs_risk.evaluation.report_tables import capacity_table

        return capacity_table(self)

    @property
    def retest_table(self) -> pd.DataFrame:
        """The same cases after each stated change: how alike list and result are."""
        from fs_risk.evaluation.report_tables import retest_table

        return retest_table(self)

    @property
    def ends_table(self) -> pd.DataFrame:
        """Every case of the tested period: kind, end, count, children."""
        names = ["kind", "end", "count", "children"]
        rows = [[getattr(end, name) for name in names] for end in self.ends]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({"count": "Int64", "children": "Int64"})

    @property
    def abstention_table(self) -> pd.DataFrame:
        """How often cases get no score, as it may be published: by attribute and group."""
        return pd.DataFrame(
            [each.model_dump() for each in self.abstentions],
            columns=list(AbstentionRate.model_fields),
        )

    @property
    def interval_table(self) -> pd.DataFrame:
        """Whether intervals hold what followed, by attribute and group; exact."""
        return pd.DataFrame(
            [each.model_dump() for each in self.interval_checks],
            columns=list(IntervalCheck.model_fields),
        )

    @property
    def gate_results(self) -> tuple[GateResult, ...]:
        """How the model stood against its plan's gates."""
        return judge_gates(self.plan, self)

    @property
    def leading_sentence(self) -> str:
        """Which model the report leads with, and why."""
        from fs_risk.evaluation.verdict import leading_sentence

        return leading_sentence(self)

    @property
    def verdict(self) -> tuple[str, ...]:
        """What the report comes to, in plain sentences, the most important first."""
        from fs_risk.evaluation.verdict import verdict

        return verdict(self)

    def text(self) -> str:
        """Give a printable summary.

        Returns
        -------
        str
            Several lines.
        """
        from fs_risk.evaluation.report_words import report_text

        return report_text(self)

    def plot_precision_recall(self, ax: Any = None) -> Any:
        """Plot precision against recall, for the model and each candidate; give the axes."""
        return _plotted("plot_precision_recall", self, ax)

    def plot_calibration(self, ax: Any = None) -> Any:
        """Plot observed shares against predicted probabilities; give the axes."""
        return _plotted("plot_calibration", self, ax)

    def plot_gain(self, ax: Any = None) -> Any:
        """Plot the gain over each candidate with its interval; give the axes."""
        return _plotted("plot_gain", self, ax)

    def plot_capacity(self, ax: Any = None) -> Any:
        """Plot what followed for 1,000 cases, listed and not, at each capacity; give the axes."""
        return _plotted("plot_capacity", self, ax)

    def plot_net_benefit(self, ax: Any = None) -> Any:
        """Plot the decision curves; give the axes."""
        return _plotted("plot_net_benefit", self, ax)

    def plot_stability(self, ax: Any = None) -> Any:
        """Plot how much of the list stays after each stated change; give the axes."""
        return _plotted("plot_stability", self, ax)

    def plot_groups(self, ax: Any = None) -> Any:
        """Plot recall at capacity for each group that is large enough; give the axes."""
        return _plotted("plot_groups", self, ax)

    def plot_months(self, ax: Any = None) -> Any:
        """Plot observed and expected outcomes by month; give the axes."""
        return _plotted("plot_months", self, ax)

    def plot_learning(self, ax: Any = None) -> Any:
        """Plot what more households are worth; give the axes."""
        return _plotted("plot_learning", self, ax)

    def __repr__(self) -> str:
        stamp = "SYNTHETIC " if self.origin == "synthetic" else ""
        return (
            f"<EvaluationReport {stamp}{self.model_name} {self.model_version}: average precision "
            f"{self['average_precision']:.3f}, n {self.n:,}, leads with {self.leads_with}>"
        )

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        from fs_risk.evaluation.report_words import report_html

        return report_html(self)


def _plotted(name: str, report: EvaluationReport, ax: Any) -> Any:
    """Draw a picture; matplotlib is loaded only now."""
    from fs_risk.evaluation.pictures import PICTURES

    return PICTURES[name](report, ax)


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
