"""How sure a model says it is of the tested cases: whom it gives no score, and its intervals."""

import pandas as pd

from fs_risk.evaluation.report_parts import AbstentionRate, Figure, IntervalCheck, make_figure
from fs_risk.model.certainty import abstention_rates, groups_of
from fs_risk.model.interval_checks import check_intervals
from fs_risk.model.step_up import StepUpModel
from fs_risk.model.vignettes import orders_failed


def rates_of_abstention(
    model: StepUpModel, X: pd.DataFrame, ethnicity: pd.Series | None = None
) -> tuple[AbstentionRate, ...]:
    """Say how often cases get no score, by age, source and ethnicity (requirement M3).

    Parameters
    ----------
    model : StepUpModel
    X : DataFrame of shape (n, n_features)
        Of the tested cases.
    ethnicity : Series, shape (n,), optional
        Of the same cases, where the records are at hand.

    Returns
    -------
    tuple of AbstentionRate
        As they may be published; none for a model of before models abstained.
    """
    if model.facts.interval is None or model.facts.support is None:
        return ()
    groups = groups_of(X)
    if ethnicity is not None:
        groups["ethnicity"] = ethnicity.astype("object")
    table = abstention_rates(model, X, by=groups)
    return tuple(AbstentionRate.model_validate(row) for row in table.to_dict("records"))


def checks_of_intervals(
    model: StepUpModel, X: pd.DataFrame, label: pd.Series, households: pd.Series
) -> tuple[IntervalCheck, ...]:
    """Hold the model's intervals against what followed, group by group (requirement M3).

    Parameters
    ----------
    model : StepUpModel
    X : DataFrame of shape (n, n_features)
    label : Series of float, shape (n,)
    households : Series of str, shape (n,)

    Returns
    -------
    tuple of IntervalCheck
        As `check_intervals`; none for a model without intervals.
    """
    if model.facts.interval is None or model.facts.support is None:
        return ()
    table = check_intervals(model, X, label, households)
    return tuple(IntervalCheck.model_validate(row) for row in table.to_dict("records"))


def vignettes_failed(model: StepUpModel) -> tuple[Figure, ...]:
    """Count the orders of the vignettes that the model does not hold (requirement M7).

    Parameters
    ----------
    model : StepUpModel

    Returns
    -------
    tuple of Figure
        One, or none where the model was tried on no vignettes: then a gate on it fails.
    """
    results = model.facts.vignettes
    if not results:
        return ()
    return (make_figure("vignettes_failed", orders_failed(results), None, None, len(results)),)
