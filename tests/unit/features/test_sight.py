"""What a case may see, and features in blocks, against plain Python and one case at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fs_risk as fs
from fs_risk.features import build, threads
from fs_risk.features.cases import as_cases
from fs_risk.features.catalogue import CATALOGUE
from fs_risk.features.ordering import order_by_key_and_day
from fs_risk.features.sight_kernels import facts_in_sight
from fs_risk.features.threads import in_blocks
from fs_risk.features.timeline import FACT_COLUMNS, History

N_KEYS, NEVER = 4, np.iinfo(np.int32).max


@st.composite
def drawn_facts(draw):
    n = draw(st.integers(0, 25))
    rng = np.random.default_rng(draw(st.integers(0, 1_000)))
    day = rng.integers(0, 12, n)
    return {
        "key": rng.integers(0, N_KEYS, n).astype(np.int32),
        "day": day.astype(np.int32),
        "known": (day + rng.integers(0, 4, n)).astype(np.int32),
        "owner": rng.integers(0, N_KEYS, n).astype(np.int32),
        "kind": rng.integers(0, 9, n).astype(np.int32),
        "end_known": rng.integers(0, 20, n).astype(np.int32),
        "end": rng.integers(0, 20, n).astype(np.int32),
    }


@pytest.mark.parametrize("n_columns", [4, 6])
@pytest.mark.parametrize("key_is_owner", [True, False])
@settings(max_examples=100, deadline=None)
@given(
    drawn=drawn_facts(),
    case=st.tuples(st.integers(-1, N_KEYS - 1), st.integers(0, 12), st.integers(0, 2)),
    exclude=st.integers(-1, N_KEYS - 1),
    retain=st.lists(st.sampled_from([2, 8, NEVER]), min_size=N_KEYS, max_size=N_KEYS),
)
def test_sight_is_that_of_plain_python(drawn, case, exclude, retain, key_is_owner, n_columns):
    """Requirement T1: happened before the day, known before the cut, not past retention."""
    if key_is_owner:
        drawn, exclude = {**drawn, "owner": drawn["key"]}, -1
    starts, order = order_by_key_and_day(drawn["key"], drawn["day"], N_KEYS)
    facts = {name: column[order] for name, column in drawn.items()}
    key, day, lag = (np.array([value, value], dtype=np.int32) for value in case)

    rows = np.column_stack([facts[name] for name in FACT_COLUMNS[:n_columns]])

    first, found, place = facts_in_sight(
        starts, rows, np.array(retain, dtype=np.int32),
        key, day, day - lag, np.array([exclude, exclude], dtype=np.int32), key_is_owner,
    )  # fmt: skip

    seen = [
        e
        for e in range(order.size)
        if facts["key"][e] == key[0]
        and facts["day"][e] < day[0]
        and facts["known"][e] < day[0] - lag[0]
        and facts["owner"][e] != exclude
        and retain[facts["owner"][e]] >= day[0]
    ]
    expected = rows[seen + seen]
    expected[:, 2] = [0] * len(seen) + [1] * len(seen)
    assert place.tolist() == seen + seen
    assert first.tolist() == [0, len(seen), 2 * len(seen)]
    assert found.T.tolist() == expected.tolist()


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9])
@pytest.mark.parametrize("threaded", [False, True])
def test_blocks_make_up_the_whole(monkeypatch, n, threaded):
    monkeypatch.setattr(threads, "WORTH_THREADS", 0 if threaded else 100)
    done = np.zeros(n, dtype=int)

    def work(first, last):
        assert last - first <= 4
        done[first:last] += 1

    in_blocks(work, n, size=4)

    assert (done == 1).all()


@pytest.mark.parametrize("size", [7, 100])
def test_features_in_blocks_on_threads_are_bit_identical(monkeypatch, small_authority, size):
    """A case has the same features whichever cases stand beside it."""
    history = History.from_records(small_authority)
    cohort = fs.referral_cohort(small_authority).sample(600, random_state=1)
    layout = build.lay_out(CATALOGUE)
    cases = as_cases(history, cohort, lag_days=3)
    whole = build.feature_matrix(history, cases, layout)

    monkeypatch.setattr(build, "BLOCK", size)
    monkeypatch.setattr(threads, "WORTH_THREADS", 10)
    found = build.feature_matrix(history, cases, layout)

    assert found.tobytes(order="A") == whole.tobytes(order="A")
