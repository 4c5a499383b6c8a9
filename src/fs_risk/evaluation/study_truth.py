"""What is true of an invented authority's cases; apart, so that only it loads the generator."""

import pandas as pd

from fs_risk.evaluation.cases import rows_to_test
from fs_risk.evaluation.study_cases import StudyCases
from fs_risk.model.step_up import StepUpModel
from fs_risk.records.records import Records


def true_probabilities(
    model: StepUpModel, records: Records, cases: StudyCases, *, fresh: bool
) -> pd.DataFrame | None:
    """Give the true probabilities of a synthetic authority, for the cases to test.

    Parameters
    ----------
    model : StepUpModel
    records : Records
    cases : StudyCases
    fresh : bool
        As in `evaluate`.

    Returns
    -------
    DataFrame or None
        None where there is no truth to know.
    """
    plan = model.plan
    if records.truth is None:
        return None
    # Only here: real records never load the generator.
    from fs_risk.synthetic.ceiling import ceiling_probabilities, has_ceiling

    if not has_ceiling(records, plan.outcome, plan.within_days, plan.cohort):
        return None
    rows = rows_to_test(model, cases.features, cases.labels, cases.cohort, fresh=fresh)
    tested = cases.cohort[rows]
    known = ceiling_probabilities(
        records, tested, outcome=plan.outcome, within_days=plan.within_days, kind=plan.cohort
    )
    return None if known.isna().all(axis=None) else known.reindex(cases.cohort.index)
