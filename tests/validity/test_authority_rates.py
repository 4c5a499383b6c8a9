"""The rates of default authorities beside the published ones, averaged over seeds."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.calibration import authority_rates

pytestmark = pytest.mark.slow

SEEDS = (0, 1, 2)
KEPT = [
    "contacts",
    "early_help",
    "referrals",
    "re_referrals_12_months",
    "referrals_no_further_action",
    "referrals_not_in_need",
    "referrals_in_need",
    "assessments",
    "assessment_days_lower_quartile",
    "assessment_days_median",
    "assessment_days_upper_quartile",
    "assessments_within_45_days",
    "section47",
    "conferences_within_15_days",
    "cp_plans_at_year_end",
    "care_at_year_end",
    "care_starts",
    "care_starts_unaccompanied",
    "court_applications_children",
    "source_police",
    "source_school",
    "source_health",
    "source_local_authority",
    "source_individual",
    "source_other",
    "factors_per_assessment",
    "any_trio",
    "all_three_trio",
    "need_disabled",
    "children_per_family",
    "re_referred_12_months_after_closure",
    "referral_to_care_12_months",
    "referral_to_care_18_months",
    "plan_to_care_12_months",
    "lifetime_referred",
    "lifetime_assessed",
    "lifetime_in_need",
    "lifetime_on_plan",
]
"""Measures held to the tolerance of the published table."""

LOOSER = {
    "conferences": 0.10,
    "cp_plan_starts": 0.10,
    "cp_plans_second_or_later": 0.15,
    "re_referred_6_years_after_closure": 0.12,
    "referral_to_plan_12_months": 0.20,
    "need_at_year_end": 0.20,
}
"""Measures held to a share of the target instead; why is said in the documentation."""


@pytest.fixture(scope="module")
def rates():
    tables = [authority_rates(make_authority(seed=seed)) for seed in SEEDS]
    table = tables[0].set_index("measure")
    return table.assign(got=np.mean([one["got"] for one in tables], axis=0))


@pytest.mark.parametrize("measure", KEPT)
def test_rate_is_as_published(measure, rates):
    row = rates.loc[measure]

    assert row["got"] == pytest.approx(row["target"], abs=row["tolerance"])


@pytest.mark.parametrize("measure", LOOSER)
def test_rate_is_near_the_published_one(measure, rates):
    row = rates.loc[measure]

    assert row["got"] == pytest.approx(row["target"], rel=LOOSER[measure])


def test_most_factors_are_as_common_as_published(rates):
    factors = rates[rates.index.str.startswith("factor_")]
    near = (factors["got"] - factors["target"]).abs() <= factors["tolerance"]

    assert near.mean() > 0.9


def test_months_follow_the_published_index(rates):
    months = rates[rates.index.str.startswith("month_")]

    assert np.corrcoef(months["got"], months["target"])[0, 1] > 0.8
    assert months["got"].idxmin() == "month_august"


def test_plans_end_at_reviews(rates):
    bands = ["up_to_3", "3_to_6", "6_to_12", "12_to_24", "over_24"]
    rows = rates.loc[[f"cp_plans_ended_{name}_months" for name in bands]]

    assert ((rows["got"] - rows["target"]).abs() < 4).all()


def test_records_of_a_large_authority_are_steady_from_the_first_day():
    records = make_authority(seed=3)
    plans = records["cp_plans"]
    stock = [
        ((plans["start_date"] <= day) & ~(plans["end_date"] <= day)).sum()
        for day in pd.to_datetime([f"{year}-03-31" for year in range(2018, 2026)])
    ]
    assert max(stock) < 1.35 * min(stock)
