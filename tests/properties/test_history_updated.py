"""A history brought up to date is the history of all the rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_as_of import CHILDREN, ON_ANY_MACHINE, cohorts, histories

import fs_risk as fs
import histories as told
from fs_risk.features.build import build_features
from fs_risk.features.timeline import History
from fs_risk.records.households import household_keys
from fs_risk.records.tables import TABLES

SOME = st.lists(st.sampled_from(CHILDREN), unique=True, max_size=3)
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def town(small_authority):
    """Every twentieth household: some three hundred children, all tables, joined families."""
    households = household_keys(
        pd.DataFrame({"child_id": sorted(told.ids_of(small_authority))}),
        small_authority["family_links"],
    )
    chosen = sorted(set(households))[::20]
    return told.only(small_authority, households.index[households.isin(chosen)])


def as_it_stood(records, rng):
    """Leave rows out that came later, and ends and decisions that were not known yet."""
    frames = {}
    for name, table in TABLES.items():
        frame = records[name]
        if name not in ("children", "factors"):
            frame = frame[rng.random(len(frame)) < 0.7].reset_index(drop=True)
        late = rng.random(len(frame)) < 0.4
        for date, clock in ((table.end, "end_known_date"), ("", "decision_known_date")):
            for column in filter(None, (date, clock)):
                if column in frame:
                    frame[column] = frame[column].mask(late)
        frames[name] = frame
    return records.replace(**frames)


def renamed(records):
    """Give the rows other keys, as those of another history."""
    frames = {}
    for name in TABLES:
        frame = records[name]
        for key in TABLES[name].key:
            if key not in ("child_id", "code"):
                frame[key] = "other " + frame[key]
        frames[name] = frame
    return records.replace(**frames)


@settings(max_examples=8, **ON_ANY_MACHINE)
@given(SEEDS, st.sampled_from([0.02, 0.3, 1.0]))
def test_updated_history_is_that_of_all_rows(town, seed, share):
    """Rows added, spells ended, decisions made known, children and links new: nothing differs."""
    rng = np.random.default_rng(seed)
    ids = sorted(told.ids_of(town))
    changed = rng.permutation(ids)[: round(share * len(ids))]
    before = History.from_records(told.in_place_of(town, as_it_stood(town, rng), changed))

    after = before.updated(told.only(town, changed))

    whole, cohort = History.from_records(town), fs.referral_cohort(town)
    assert told.said(after) == told.said(whole)
    pd.testing.assert_frame_equal(build_features(after, cohort), build_features(whole, cohort))


@settings(max_examples=6, **ON_ANY_MACHINE)
@given(SEEDS)
def test_corrected_history_is_that_of_all_rows(town, seed):
    """Whatever was held of the children before, and whoever is removed."""
    rng = np.random.default_rng(seed)
    ids = sorted(told.ids_of(town))
    changed = set(rng.permutation(ids)[: len(ids) // 3])
    removed = set(rng.permutation(ids)[: len(ids) // 10]) - changed
    wrong = renamed(town).replace(children=town["children"])
    before = History.from_records(told.in_place_of(town, as_it_stood(wrong, rng), changed))

    after = before.updated(told.only(town, changed), removed=removed, corrected=True)

    left = told.only(town, set(ids) - removed)
    assert told.said(after) == told.said(History.from_records(left))


@pytest.mark.nightly
@settings(max_examples=25, **ON_ANY_MACHINE)
@given(histories(), SOME, cohorts(), SEEDS)
def test_updated_history_of_any_authority_is_that_of_all_rows(records, changed, cohort, seed):
    """The same for histories that no authority has had."""
    earlier = as_it_stood(records, np.random.default_rng(seed))
    before = History.from_records(told.in_place_of(records, earlier, changed))

    after = before.updated(told.only(records, changed))

    whole = History.from_records(records)
    assert told.said(after) == told.said(whole)
    pd.testing.assert_frame_equal(build_features(after, cohort), build_features(whole, cohort))
