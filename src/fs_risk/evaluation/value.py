"""Cost and benefit of extra attention at each capacity, under a stated assumption."""

from collections.abc import Sequence

from fs_risk.errors import AuditError, SettingError
from fs_risk.evaluation.report import EvaluationReport
from fs_risk.evaluation.value_costs import Costs, EffectAssumption
from fs_risk.evaluation.value_listed import listed_at, own_capacity
from fs_risk.evaluation.value_of_attention import ValueOfAttention
from fs_risk.records.arguments import COSTS, EFFECT, REPORT, takes

DEFAULT_CAPACITIES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)


@takes(report=REPORT, costs=COSTS, effect=EFFECT.or_none())
def weigh_value(
    report: EvaluationReport,
    costs: Costs,
    *,
    effect: EffectAssumption | None = None,
    capacities: Sequence[float] = DEFAULT_CAPACITIES,
) -> ValueOfAttention:
    """Weigh what extra attention costs against what it might avert, at each capacity.

    Parameters
    ----------
    report : EvaluationReport
    costs : Costs
        Of the report's outcome.
    effect : EffectAssumption, optional
        What is assumed of the attention. It has no default value: left out, the result
        gives the break-even and the net over a stated range of effects
        (`value_of_attention.EFFECTS_SHOWN`), and no single saving.
    capacities : sequence of int or float
        Children on each list of the plan's period, or shares in (0, 1). The plan's own
        capacity is always added.

    Returns
    -------
    ValueOfAttention

    Raises
    ------
    AuditError
        If the costs are of another outcome, or the report holds no precision to work from.
    SettingError
        If a capacity is neither a whole number nor a share.

    Notes
    -----
    Per 1,000 cases, with L listed, precision p, effect e, cost a of attention to a listed
    child and cost c of an outcome: found ``L p``, averted ``L p e``, net ``L p e c - L a``,
    break-even effect ``a / (p c)``.

    Examples
    --------
    >>> print(weigh_value(report, costs).text())  # doctest: +SKIP
    >>> value = weigh_value(report, costs, effect=EffectAssumption(
    ...     reduction=0.1, low=0.0, high=0.2, basis="assumed"))  # doctest: +SKIP
    >>> print(value.text())  # doctest: +SKIP
    """
    if costs.outcome != report.plan.outcome:
        raise AuditError(
            f"The costs are of {costs.outcome}; the report is on {report.plan.outcome}.",
            where="costs.outcome",
            fix="State the costs of the report's outcome.",
        )
    for capacity in capacities:
        whole = isinstance(capacity, int) and not isinstance(capacity, bool) and capacity >= 1
        if not whole and not (isinstance(capacity, float) and 0 < capacity < 1):
            raise SettingError(
                "A capacity is neither a whole number of children nor a share between 0 and 1.",
                where="capacities",
                fix="Pass capacities such as (5, 9, 20) or (0.05, 0.1).",
            )
    own = own_capacity(report)
    others = [listed_at(report, each, own) for each in capacities if each != report.plan.capacity]
    rows = sorted([own, *others], key=lambda listed: listed.share)
    return ValueOfAttention(
        report_name=f"{report.model_name} {report.model_version}",
        outcome=report.plan.outcome,
        within_days=report.plan.within_days,
        n=report.n,
        origin=report.origin,
        costs=costs,
        effect=effect,
        listed=tuple(rows),
        own=own,
    )
