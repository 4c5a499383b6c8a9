"""F1: the four states of a factor, each told apart from the others."""

import numpy as np
import pytest

from drawn import authority, case
from fs_risk.features.build import build_features

ASSESSMENTS = """
    assessment_id | child_id | start_date | authorised_date
    1             | A        | 2022-01-01 | 2022-02-01
    2             | A        | 2023-08-01 | 2023-09-01
    3             | B        | 2023-08-01 | -
    4             | C        | 2023-08-01 | 2023-09-01
"""
FACTORS = """
    assessment_id | code
    1             | 3B
    1             | 4B
    2             | 4B
    3             | 1B
"""
CURRENT = "child_{}_current_365d"
EARLIER = "child_{}_earlier_1095d"


def states(child, as_of, name):
    records = authority(assessments=ASSESSMENTS, factors=FACTORS)
    row = build_features(records, case(child, as_of))
    return row[CURRENT.format(name)].item(), row[EARLIER.format(name)].item()


def test_factor_on_the_latest_assessment_is_current():
    assert states("A", "2024-01-01", "mental_health_parent") == (1, 0)


def test_factor_only_on_an_earlier_assessment_is_earlier():
    assert states("A", "2024-01-01", "domestic_abuse_household") == (0, 1)


def test_factor_assessed_and_not_recorded_is_neither():
    assert states("A", "2024-01-01", "alcohol_parent") == (0, 0)


@pytest.mark.parametrize(
    ("child", "why"), [("B", "not authorised"), ("C", "factors missing"), ("Z", "not assessed")]
)
def test_factor_is_missing_not_absent_when_nothing_was_found_out(child, why):
    assert np.isnan(states(child, "2024-01-01", "alcohol_parent")).all(), why


def test_assessment_older_than_a_year_is_earlier_and_current_is_missing():
    current, earlier = states("A", "2024-09-02", "mental_health_parent")

    assert np.isnan(current)
    assert earlier == 1


def test_factor_is_unknown_until_the_assessment_is_authorised():
    current, earlier = states("A", "2022-02-01", "domestic_abuse_household")

    assert np.isnan([current, earlier]).all()
    assert states("A", "2022-02-02", "domestic_abuse_household") == (1, 0)


def test_trio_areas_are_counted_on_the_latest_assessment():
    records = authority(assessments=ASSESSMENTS, factors=FACTORS)
    name = "child_trio_areas_current_365d"

    assert build_features(records, case("A", "2022-06-01"))[name].item() == 2
    assert build_features(records, case("A", "2024-01-01"))[name].item() == 1
