"""A label counts if its window ends by the day of the extract, and not a day later."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from drawn import authority, case
from fs_risk.errors import PlanError
from fs_risk.model.plan import Plan
from fs_risk.outcomes.labels import label_outcome
from fs_risk.training.checks import check_mature
from fs_risk.training.labelled_cases import label_cases

WITHIN = 365
LAST_CASE = date(2024, 3, 1)
MATURES = date(2025, 3, 1)  # 365 days later
DAY_BEFORE = date(2025, 2, 28)


def cases_until_the_last(refit):
    """Cases up to a last day, just two of them on it, each with a label."""
    study = refit.make_study(n=1_500, seed=4, extract="2099-12-31")
    last = (study.cohort["as_of"] < pd.Timestamp(LAST_CASE)).sum()
    study.X, study.cohort = study.X[:last], study.cohort[:last].copy()
    study.labels = study.labels[:last].copy()
    study.cohort.loc[study.cohort.index[-2:], "as_of"] = pd.Timestamp(LAST_CASE)
    study.labels["known_date"] = study.cohort["as_of"] + np.timedelta64(WITHIN, "D")
    return study


def kept(study, extract_date):
    plan = Plan(outcome="cp_plan", within_days=WITHIN)
    return label_cases(
        study.X, study.labels, study.cohort, study.households, plan, study.specs,
        extract_date=extract_date,
    )  # fmt: skip


AS_GIVEN = pytest.mark.parametrize(
    "given", [date, str, pd.Timestamp], ids=lambda kind: kind.__name__
)


def as_given(given, day):
    return day if given is date else given(day)


@AS_GIVEN
def test_labels_that_mature_on_the_day_of_the_extract_are_fitted_to(refit, given):
    """T6: that day was observed."""
    study = cases_until_the_last(refit)

    assert len(kept(study, as_given(given, MATURES)).y) == len(study.X)


@AS_GIVEN
def test_labels_that_mature_a_day_after_the_extract_are_refused(refit, given):
    """T6: that day nobody has seen, and the refusal counts those that end on it."""
    study = cases_until_the_last(refit)
    number = len(study.X)

    with pytest.raises(PlanError, match=f"^2 of {number:,} labels are for windows that end after"):
        kept(study, as_given(given, DAY_BEFORE))


def test_a_case_without_a_label_need_not_be_mature(refit):
    """T6: it is left out, so nothing is claimed of a day that nobody has seen."""
    study = cases_until_the_last(refit)
    study.labels.loc[study.labels.index[-2:], ["label", "reason"]] = [np.nan, "immature"]

    assert len(kept(study, DAY_BEFORE).y) == len(study.X) - 2


def test_an_extract_of_unknown_day_is_not_held_against_labels():
    labels = pd.DataFrame({"known_date": pd.to_datetime(["2999-12-31"])})

    check_mature(labels, None)


@pytest.mark.parametrize(("as_of", "labelled"), [("2024-01-01", True), ("2024-01-02", False)])
def test_labels_are_made_and_accepted_up_to_the_same_day(as_of, labelled):
    """T6: what labelling leaves without a label is just what fitting would refuse."""
    records = authority(
        referrals=f"""
        referral_id | child_id | referral_date
        R1          | A        | {as_of}
        """,
        cp_plans="""
        cp_plan_id | child_id | start_date
        P1         | B        | 2024-05-01
        """,
    )
    labels = label_outcome(records, case("A", as_of), outcome="cp_plan", within_days=WITHIN)

    assert labels["label"].notna().tolist() == [labelled]
    if labelled:
        check_mature(labels, records.extract_date)
    else:
        with pytest.raises(PlanError, match="1 of 1 label"):
            check_mature(labels, records.extract_date)
