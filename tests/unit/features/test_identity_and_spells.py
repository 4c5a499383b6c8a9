import numpy as np

from drawn import authority, case
from fs_risk.features.build import build_features

CHILDREN = """
    child_id | birth_date | expected_birth_date
    A        | 2014-03-01 | -
    B        | 2024-03-01 | 2024-03-05
    C        | -          | -
"""


def row(child, as_of, **tables):
    records = authority(children=CHILDREN, **tables)
    return build_features(records, case(child, as_of)).iloc[0]


def test_age_is_that_on_the_day():
    assert round(float(row("A", "2024-03-01")["child_age_years"]), 2) == 10.0


def test_child_not_yet_born_has_no_age_and_is_unborn():
    before = row("B", "2024-02-01")
    after = row("B", "2024-04-01")

    assert np.isnan(before["child_age_years"])
    assert (before["child_unborn"], before["child_under_1"]) == (1, 0)
    assert (after["child_unborn"], after["child_under_1"]) == (0, 1)


def test_child_without_any_date_has_an_unknown_age():
    assert row("C", "2024-02-01")[["child_age_years", "child_unborn"]].isna().all()


def test_birth_date_declared_with_the_case_is_used():
    cohort = case("Z", "2024-03-01").assign(birth_date=np.array(["2023-09-01"], "datetime64[s]"))

    built = build_features(authority(children=CHILDREN), cohort).iloc[0]

    assert built["child_under_1"] == 1


def test_source_is_the_one_this_referral_declares():
    referrals = "referral_id | child_id | referral_date | source\n R1 | A | 2024-01-05 | 6"
    records = authority(referrals=referrals)

    own = build_features(records, case("A", "2024-01-05", "R1")).iloc[0]
    other = build_features(records, case("A", "2024-01-05", "R2")).iloc[0]

    assert (own["referral_source_police"], own["referral_source_school"]) == (1, 0)
    assert np.isnan(other["referral_source_police"])


def test_plan_is_open_until_its_end_is_known():
    plans = """
    cp_plan_id | child_id | start_date | end_date   | end_known_date
    1          | A        | 2023-01-10 | 2023-06-10 | 2023-06-20
    """
    on = {day: row("A", day, cp_plans=plans) for day in
          ("2023-01-10", "2023-01-11", "2023-06-20", "2023-06-21")}  # fmt: skip

    assert [on[day]["child_cp_plan_open"] for day in on] == [0, 1, 1, 0]
    assert on["2023-06-20"]["child_cp_plan_open_days"] == 161
    assert np.isnan(on["2023-06-21"]["child_cp_plan_open_days"])


def test_siblings_plan_is_told_apart_from_the_childs_own():
    built = row(
        "A", "2023-03-01",
        family_links="child_id | family_id\n A | F\n B | F",
        cp_plans="cp_plan_id | child_id | start_date\n 1 | B | 2023-01-10",
    )  # fmt: skip

    assert (built["siblings_cp_plan_open"], built["child_cp_plan_open"]) == (1, 0)
