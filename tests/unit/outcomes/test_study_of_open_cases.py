"""A plan on open cases is carried out on the first of each month."""

from drawn import authority
from fs_risk.api import COHORTS, study_cases
from fs_risk.model.plan import Plan

WINDOW = ("2020-12-15", "2023-12-31")
RECORDS = authority(
    dict.fromkeys(("referrals", "cp_plans", "pre_proceedings", "care_periods"), WINDOW),
    referrals="""
        referral_id | child_id | referral_date | close_date
        R1          | A        | 2021-01-10    | 2021-04-10
        R2          | B        | 2021-02-01    | 2021-03-01""",
    family_links="""
        child_id | family_id
        A        | F
        B        | F""",
    cp_plans="""
        cp_plan_id | child_id | start_date
        P          | A        | 2021-03-20""",
)


def test_every_cohort_of_a_plan_can_be_studied():
    assert set(COHORTS) == set(Plan.model_fields["cohort"].annotation.__args__)


def test_case_stands_in_each_month_it_was_open_with_its_label_and_features():
    cases = study_cases(RECORDS, Plan(outcome="cp_plan", cohort="open_case"))
    rows = cases.cohort.assign(month=cases.cohort["as_of"].dt.strftime("%m-%d"))

    assert list(zip(rows["case_id"], rows["month"], strict=True)) == [
        ("R1", "02-01"),
        ("R1", "03-01"),
        ("R2", "03-01"),
        ("R1", "04-01"),
    ]
    assert cases.labels["label"].to_list()[:3] == [1.0, 1.0, 0.0]
    assert cases.labels["reason"].iloc[3] == "at or above tier"
    assert cases.features.index.equals(cases.cohort.index)


def test_rows_of_one_household_stay_together():
    cases = study_cases(RECORDS, Plan(outcome="cp_plan", cohort="open_case"))

    assert cases.households["A"] == cases.households["B"]
