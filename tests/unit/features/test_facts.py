"""Facts as rows: written from tables as plain Python would, and stored once."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fs_risk as fs
from fs_risk.features.stream_kernels import append_facts
from fs_risk.features.timeline import FACT_COLUMNS, History
from fs_risk.records.dates import MISSING_DAY, NEVER

DAYS = st.sampled_from([MISSING_DAY, -3, 0, 5, 9])


@pytest.mark.parametrize("n_columns", [4, 6])
@settings(max_examples=50, deadline=None)
@given(
    table=st.lists(st.tuples(st.booleans(), DAYS, DAYS, DAYS, st.integers(0, 9), DAYS, DAYS)),
    first=st.integers(0, 3),
)
def test_chosen_rows_are_appended_as_plain_python_would(table, first, n_columns):
    """Known when both the row and what is read of it are; an end that is missing never came."""
    columns = np.array(table, dtype=np.int32).reshape(-1, 7)
    chosen, day, recorded, clock, owner, end_known, end = columns.T
    rows = np.zeros((first + len(table) + 1, n_columns), dtype=np.int32)

    last = append_facts(
        chosen.astype(bool), day, recorded, clock, owner, 7, end_known, end, first, rows
    )

    expected = [
        [d, max(r, c), o, 7, *(NEVER if e == MISSING_DAY else e for e in (ek, en))][:n_columns]
        for wanted, d, r, c, o, ek, en in table
        if wanted
    ]
    assert last == first + len(expected)
    assert rows[first:last].tolist() == expected
    assert not rows[:first].any()


def test_history_is_stored_once_and_reads_the_same(small_authority):
    history = History.from_records(small_authority)
    cohort = fs.referral_cohort(small_authority).head(50)

    stored = pickle.loads(pickle.dumps(history))

    for name in FACT_COLUMNS[:4]:
        assert np.shares_memory(getattr(stored.events, name), stored.events.rows)
    pd.testing.assert_frame_equal(
        fs.build_features(stored, cohort), fs.build_features(history, cohort)
    )


def test_child_who_came_after_all_closures_has_no_repeat():
    """F4: a sequel looks for what it follows among the child's own facts alone."""
    day = pd.to_datetime(["2021-01-04", "2021-03-01", "2021-06-01"])
    referrals = pd.DataFrame(
        {
            "referral_id": ["1", "2", "3"],
            "child_id": ["A", "Y", "Z"],
            "referral_date": day,
            "close_date": [day[0] + pd.Timedelta(days=9), pd.NaT, pd.NaT],
        }
    )
    records = fs.Records.from_frames(
        {"referrals": referrals},
        extract_date="2021-12-31",
        coverage={"referrals": ("2015-01-01", "2021-12-31")},
    )
    cohort = pd.DataFrame(
        {"case_id": ["a", "z"], "child_id": ["A", "Z"], "as_of": pd.to_datetime(["2021-12-01"] * 2)}
    )

    found = fs.build_features(records, cohort)["child_referrals_after_closure_1095d"]

    assert found.tolist() == [0, 0]
