"""Cases as integers: one out of many is the same case, with all that it declares."""

import warnings
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from drawn import authority
from fs_risk.features.build import build_features
from fs_risk.features.cases import UnknownCasesWarning, as_cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.evidence import facts_behind
from fs_risk.features.timeline import History

REFERRALS = """
    referral_id | child_id | referral_date | source
    R1          | A        | 2023-09-20    | 6
    R2          | B        | 2023-10-02    | 1A
"""
ASSESSMENTS = """
    assessment_id | child_id | start_date | authorised_date
    1             | A        | 2023-05-01 | 2023-06-01
    2             | A        | 2023-10-01 | 2023-11-01
"""
FACTORS = "assessment_id | code\n 1 | 16A\n 2 | 16A"


def open_cases():
    records = authority(referrals=REFERRALS, assessments=ASSESSMENTS, factors=FACTORS)
    history = History.from_records(records)
    cohort = pd.DataFrame(
        {
            "case_id": ["R2", "R1"],
            "child_id": ["B", "A"],
            "as_of": pd.to_datetime(["2024-01-31", "2024-01-31"]),
            "family_id": ["F", "F"],
        }
    )
    return history, as_cases(history, cohort, lag_days=0)


def test_part_of_the_cases_keeps_every_field():
    _, cases = open_cases()

    one = cases.part(1, 2)

    for field in fields(cases):
        whole, kept = getattr(cases, field.name), getattr(one, field.name)
        assert whole is not None, field.name
        np.testing.assert_array_equal(kept, whole[1:2], err_msg=field.name)


def test_evidence_for_one_open_case_of_many_is_of_the_episodes_before_its_own():
    """E2: the assessment of the current episode is not behind what was found before it."""
    history, cases = open_cases()
    spec = next(spec for spec in CATALOGUE if spec.name == "child_neglect_current_365d")

    facts = facts_behind(history, cases.part(1, 2), spec)

    assert [str(fact.day) for fact in facts] == ["2023-06-01"]


class TestIdsOfAnotherSystem:
    """Read back from the census, whose reader numbers the referrals itself."""

    def records(self):
        rows = "\n".join(f"R{n} | A | 2024-01-{n:02d} | 6" for n in range(1, 26))
        return authority(referrals=f"referral_id | child_id | referral_date | source\n{rows}")

    def cohort(self, ids):
        days = pd.date_range("2024-02-01", periods=len(ids))
        return pd.DataFrame({"case_id": ids, "child_id": "A", "as_of": days})

    def test_cases_none_of_which_is_a_referral_are_warned_of(self):
        with pytest.warns(UnknownCasesWarning, match="No case_id of the cohort is a referral_id"):
            build_features(self.records(), self.cohort([f"A/{n}" for n in range(20)]))

    @pytest.mark.parametrize(
        "ids",
        [["R1", *(f"A/{n}" for n in range(30))], ["A/1", "A/2"], []],
        ids=["one is known", "a few made by hand", "nobody"],
    )
    def test_others_are_not(self, ids):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            build_features(self.records(), self.cohort(ids))

    def test_nor_are_cases_that_state_their_own_source(self):
        cohort = self.cohort([f"A/{n}" for n in range(30)]).assign(source="6")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            build_features(self.records(), cohort)
