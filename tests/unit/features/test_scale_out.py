import pickle

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from drawn import authority, case
from fs_risk.errors import FeatureError
from fs_risk.features.build import build_features
from fs_risk.features.scale_out import Part, build_features_in_parts, split_by_household
from fs_risk.features.timeline import History
from fs_risk.records.households import household_keys
from fs_risk.records.tables import TABLES


@pytest.fixture(scope="module")
def cohort(small_authority):
    return fs.referral_cohort(small_authority).sample(600, random_state=1)


@pytest.fixture(scope="module")
def whole(small_authority, cohort):
    return build_features(small_authority, cohort, lag_days=7)


@pytest.mark.parametrize("n_parts", [1, 5])
def test_features_built_in_parts_are_bit_identical(small_authority, cohort, whole, n_parts):
    pytest.importorskip("dask.dataframe", reason="fs-risk[dask] is not installed")
    parts = split_by_household(small_authority, cohort, n_parts=n_parts)

    built = build_features_in_parts(parts, lag_days=7)

    assert built.npartitions == n_parts
    found = built.compute(scheduler="threads").loc[cohort.index]
    assert found.to_numpy().tobytes() == whole.to_numpy().tobytes()
    pd.testing.assert_frame_equal(found, whole)


def test_part_may_be_read_where_it_is_used(small_authority, cohort, whole):
    dask = pytest.importorskip("dask", reason="fs-risk[dask] is not installed")
    parts = split_by_household(small_authority, cohort, n_parts=3)
    stored = [pickle.dumps(Part(History.from_records(p.records), p.cohort)) for p in parts]

    built = build_features_in_parts(
        [dask.delayed(pickle.loads)(part) for part in stored], lag_days=7
    )

    found = built.compute(scheduler="synchronous").loc[cohort.index]
    pd.testing.assert_frame_equal(found, whole)


def test_no_household_is_split(small_authority, cohort):
    keys = household_keys(small_authority["children"], small_authority["family_links"])
    parts = split_by_household(small_authority, cohort, n_parts=4)

    seen = [set(keys[part.records["children"]["child_id"]]) for part in parts]

    assert sum(map(len, seen)) == len(set.union(*seen)) == keys.nunique()
    for part, households in zip(parts, seen, strict=True):
        assert set(keys[part.cohort["child_id"]]) <= households


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_in_one_part(small_authority, cohort, name):
    parts = split_by_household(small_authority, cohort, n_parts=3)

    together = pd.concat([part.records[name] for part in parts], ignore_index=True)
    expected = small_authority[name]
    columns = TABLES[name].names

    digest = [
        np.sort(pd.util.hash_pandas_object(f[columns], index=False)) for f in (together, expected)
    ]
    np.testing.assert_array_equal(*digest)


def test_factors_go_with_their_assessment(small_authority, cohort):
    for part in split_by_household(small_authority, cohort, n_parts=3):
        assert (
            part.records["factors"]["assessment_id"]
            .isin(part.records["assessments"]["assessment_id"])
            .all()
        )


def test_child_without_records_is_in_a_part_too():
    records = authority(contacts="contact_id | child_id | contact_date\n 1 | A | 2024-01-05")

    parts = split_by_household(records, case("stranger", "2024-02-01"), n_parts=2)

    assert [len(part.cohort) for part in parts] == [1, 0]


def test_case_named_for_another_households_referral_is_refused():
    records = authority(
        referrals="referral_id | child_id | referral_date\n 1 | A | 2024-01-05\n 2 | B | 2024-01-06"
    )

    with pytest.raises(FeatureError, match="1 case is named for a referral"):
        split_by_household(records, case("A", "2024-02-01", case_id="2"), n_parts=2)


def test_no_parts_is_refused():
    records = authority(contacts="contact_id | child_id | contact_date\n 1 | A | 2024-01-05")

    with pytest.raises(FeatureError, match="no parts"):
        split_by_household(records, case("A", "2024-02-01"), n_parts=0)
