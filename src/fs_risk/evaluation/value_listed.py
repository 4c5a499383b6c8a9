"""What a list of each capacity holds, read off an evaluation report."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.errors import AuditError
from fs_risk.evaluation.report import THE_MODEL, EvaluationReport

_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
_Z = 1.959963984540054


@dataclass(frozen=True)
class Listed:
    """What a list of one capacity holds.

    Attributes
    ----------
    capacity : int or float
        As asked for.
    share : float
        Of all cases that are listed.
    precision, low, high : float
        Share of the listed in whom the outcome followed, with its 95 % interval.
    counted : str
        ``"list by list"`` as the report measured it, or ``"from the curve"``.
    """

    capacity: float
    share: float
    precision: float
    low: float
    high: float
    counted: str

    @property
    def per_1000(self) -> float:
        """Listed, of 1,000 cases."""
        return 1000 * self.share


def own_capacity(report: EvaluationReport) -> Listed:
    """Read off what lists of the plan's own capacity held, as the report measured it.

    Parameters
    ----------
    report : EvaluationReport

    Returns
    -------
    Listed

    Raises
    ------
    AuditError
        If the report has no precision there.
    """
    figure = report.figure("precision_at_capacity")
    if figure.value is None or figure.low is None or figure.high is None:
        raise AuditError(
            "The report holds no precision with an interval at the plan's capacity.",
            where=f"report {report.model_name}",
            fix="Evaluate the model on more cases.",
        )
    share = (report["true_positives_per_1000"] + report["false_positives_per_1000"]) / 1000
    return Listed(
        report.plan.capacity, share, figure.value, figure.low, figure.high, "list by list"
    )


def listed_at(report: EvaluationReport, capacity: float, own: Listed) -> Listed:
    """Work out what lists of another capacity would have held, from the report's curve.

    Parameters
    ----------
    report : EvaluationReport
    capacity : int or float
    own : Listed
        At the plan's own capacity.

    Returns
    -------
    Listed

    Notes
    -----
    The curve ranks the whole period at once, so precision is that of one long list; lists
    made period by period find a little less. Its interval is Wilson's on the number
    listed, over the design effect that the report's own interval shows at the plan's
    capacity (households share outcomes), at least 1.
    """
    share = _share(report, capacity)
    precision = _precision(report, share)
    inflation = _design_effect(own, report.n)
    low, high = _wilson(precision, share * report.n / inflation)
    return Listed(capacity, share, precision, low, high, "from the curve")


def _share(report: EvaluationReport, capacity: float) -> float:
    """Turn places on each list into the share of all cases they hold."""
    if capacity < 1:
        return float(capacity)
    span = pd.Timestamp(report.last_as_of) - pd.Timestamp(report.first_as_of)
    lists = (span.days + 1) / _DAYS[report.plan.list_period]
    return float(min(capacity * lists / report.n, 1.0))


def _precision(report: EvaluationReport, share: float) -> float:
    """Read the precision off the curve, cases tied at the last place sharing it."""
    curve = report.curves[THE_MODEL]
    recall, precision = np.asarray(curve.recall), np.asarray(curve.precision)
    found = recall * report.positives
    listed = np.divide(found, precision, out=np.zeros_like(found), where=precision > 0)
    order = np.argsort(listed, kind="stable")
    wanted = share * report.n
    hits = np.interp(wanted, np.r_[0.0, listed[order]], np.r_[0.0, found[order]])
    return float(hits / wanted)


def _design_effect(own: Listed, n: int) -> float:
    low, high = _wilson(own.precision, own.share * n)
    return max(1.0, ((own.high - own.low) / (high - low)) ** 2)


def _wilson(p: float, n: float) -> tuple[float, float]:
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))
