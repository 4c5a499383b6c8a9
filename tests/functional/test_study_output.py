"""A model fitted on invented records, on a file that none of us wrote."""

import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.triage.referral import declared_referrals

pytestmark = pytest.mark.samples


@pytest.fixture(scope="module")
def census(samples):
    folder = samples / "samples" / "data-to-insight+csc-validator-be-cin"
    return fs.read_cin_census(folder / "fake_CIN_data.xml")


@pytest.fixture(scope="module")
def observed(census):
    window = census.coverage["referrals"]
    return declared_referrals(census, window.observed_from.date(), window.observed_to.date())


def test_features_are_built_with_what_a_census_cannot_hold_missing(census):
    cohort = fs.referral_cohort(census)
    built = fs.build_features(census, cohort)

    assert len(cohort) > 0
    assert built[[name for name in built if "contacts" in name]].isna().all(axis=None)
    assert built[[name for name in built if "early_help" in name]].isna().all(axis=None)
    assert built[[name for name in built if name.startswith("siblings")]].isna().all(axis=None)
    assert built["child_age_years"].notna().any()


def test_cohort_keeps_only_referrals_made_while_the_return_observed_them(census):
    window = census.coverage["referrals"]
    cohort = fs.referral_cohort(census)

    assert cohort["as_of"].between(window.observed_from, window.observed_to).all()
    assert len(cohort) < len(census["referrals"])


def test_study_output_is_stamped_and_names_nobody(census, observed, small_model):
    listed = fs.prioritise(
        observed, records=census, model=small_model, capacity=9, purpose="second_read"
    )

    assert len(listed.table) == len(observed) > 9
    assert listed.table["probability"].notna().sum() >= 9
    assert listed.table[["referral_id", "child_id", "band"]].isna().all(axis=None)
    assert (listed.table["stamp"] == "SYNTHETIC").all()
    ids = set(census["children"]["child_id"])
    shown = listed.table.to_csv() + listed._repr_html_() + "".join(map(str, listed.scores))
    assert not any(child in shown for child in ids)


def test_what_the_census_cannot_know_is_said(census, observed, small_model):
    made = [
        fs.score_referral(referral, records=census, model=small_model) for referral in observed[:5]
    ]

    assert all(
        any("contacts" in said for said in score.unknowns) for score in made if not score.code
    )


def test_leakage_is_proven_absent_on_the_census(census):
    proof = fs.prove_no_leakage(census, fs.referral_cohort(census), days=3)

    assert proof.passed
    assert isinstance(proof.table, pd.DataFrame)
