"""The compiled passes against plain Python, on drawn facts with few keys, days and kinds."""

import os
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.features import kernels, threads
from fs_risk.features.lookup import FEW, places_of
from fs_risk.features.ordering import order_by_key_and_day, order_events
from fs_risk.features.threads import in_pieces
from fs_risk.records.dates import NEVER

N_KEYS, N_KINDS, N_CHILDREN = 4, 3, 5
WINDOWS = {0: (3, 10), 1: (), 2: (5,)}
SINCE = ((0, 4), (1, 10))
N_ROWS = sum(len(own) for own in WINDOWS.values()) + len(SINCE)


def ints(low, high, n):
    # a byte for each: numbers drawn one by one take longer than all that is tried with them
    return st.binary(min_size=n, max_size=n).map(
        lambda drawn: low + np.frombuffer(drawn, dtype=np.uint8).astype(np.int32) % (high - low + 1)
    )


@st.composite
def facts(draw, most=30):
    n = draw(st.integers(0, most))
    day = draw(ints(-5, 15, n))
    return {
        "key": draw(ints(0, N_KEYS - 1, n)),
        "day": day,
        "known": (day + draw(ints(0, 4, n))).astype(np.int32),
        "kind": draw(ints(0, N_KINDS - 1, n)).astype(np.int16),
        "owner": draw(ints(0, N_CHILDREN - 1, n)),
        "end_known": (day + draw(ints(0, 9, n))).astype(np.int32),
        "mask": draw(ints(0, 7, n)).astype(np.uint64),
    }


@st.composite
def cases(draw):
    n = draw(st.integers(0, 6))
    day = draw(ints(0, 12, n))
    return {
        "key": draw(ints(-1, N_KEYS - 1, n)),
        "day": day,
        "cut": (day - draw(ints(0, 2, n))).astype(np.int32),
        "exclude": draw(ints(-1, N_CHILDREN - 1, n)),
    }


retentions = st.lists(st.sampled_from([2, 8, NEVER]), min_size=N_CHILDREN, max_size=N_CHILDREN).map(
    lambda drawn: np.array(drawn, dtype=np.int32)
)


def ordered(drawn):
    starts, order = order_by_key_and_day(drawn["key"], drawn["day"], N_KEYS)
    return starts, {name: values[order] for name, values in drawn.items()}


def visible(drawn, asked, retain, i):
    """Say in plain Python which facts a case may see."""
    return [
        e
        for e in range(drawn["day"].size)
        if drawn["key"][e] == asked["key"][i]
        and drawn["day"][e] < asked["day"][i]
        and drawn["known"][e] < asked["cut"][i]
        and drawn["owner"][e] != asked["exclude"][i]
        and retain[drawn["owner"][e]] >= asked["day"][i]
    ]


@settings(deadline=None)
@given(facts(most=200), st.integers(N_KEYS, 5_000))
def test_order_is_by_key_then_day_and_keeps_the_order_within_a_day(drawn, n_keys):
    key, day = drawn["key"], drawn["day"]

    starts, order = order_by_key_and_day(key, day, n_keys)

    expected = np.lexsort([day, key])
    np.testing.assert_array_equal(order, expected)
    np.testing.assert_array_equal(starts, np.searchsorted(key[expected], np.arange(n_keys + 1)))


def test_order_of_many_facts_on_many_keys_and_of_long_histories():
    rng = np.random.default_rng(0)
    n = 150_000
    key = np.where(rng.random(n) < 0.1, 17, rng.integers(0, 40_000, n)).astype(np.int32)
    day, known = (rng.integers(0, 3_000, n).astype(np.int32) for _ in range(2))
    kind = rng.integers(0, 30, n).astype(np.int16)

    starts, *found = order_events(key, day, known, kind, 40_000)

    expected = np.lexsort([day, key])
    for values, column in zip((day, known, kind), found, strict=True):
        np.testing.assert_array_equal(column, values[expected])
        assert column.dtype == np.int32
    np.testing.assert_array_equal(starts, np.searchsorted(key[expected], np.arange(40_001)))


def test_no_facts_and_no_keys_are_ordered_too():
    none = np.empty(0, dtype=np.int32)

    starts, order = order_by_key_and_day(none, none, 0)

    assert starts.tolist() == [0]
    assert order.size == 0


def count(starts, drawn, asked, retain, *, key_is_owner, pieces=1):
    windows = [days for own in WINDOWS.values() for days in own]
    steps = np.unique([*windows, *(days for _, days in SINCE)])
    sizes = [len(own) for own in WINDOWS.values()]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    column_of = np.full((N_KINDS, steps.size), len(windows), dtype=np.int32)
    for kind, own in WINDOWS.items():
        for place, step in enumerate(steps):
            fits = [first[kind] + c for c, days in enumerate(own) if step <= days]
            column_of[kind, place] = min(fits, default=len(windows))
    n, n_rows = asked["key"].size, len(windows) + len(SINCE)
    values = np.full((n_rows, n), -1, dtype=np.float32)
    since = [(kind, days, len(windows) + row) for row, (kind, days) in enumerate(SINCE)]
    cuts = [n * piece // pieces for piece in range(pieces + 1)]
    for from_case, to_case in pairwise(cuts):
        kernels.count_windows(
            starts,
            drawn["day"],
            drawn["known"],
            drawn["kind"],
            drawn["owner"],
            retain,
            asked["key"],
            asked["day"],
            asked["cut"],
            asked["exclude"],
            key_is_owner,
            first,
            np.arange(len(windows), dtype=np.int32),
            np.searchsorted(steps, np.arange(steps[-1] + 1)).astype(np.int16),
            column_of,
            np.array(since, dtype=np.int32),
            from_case,
            to_case,
            values,
        )
    return values


def brute_count(drawn, asked, retain):
    rows = []
    for i in range(asked["key"].size):
        seen, t = visible(drawn, asked, retain, i), asked["day"][i]
        days = {k: {drawn["day"][e] for e in seen if drawn["kind"][e] == k} for k in range(N_KINDS)}
        row = [sum(t - d <= w for d in days[k]) for k, own in WINDOWS.items() for w in own]
        row += [min([t - d for d in days[k] if t - d <= w], default=np.nan) for k, w in SINCE]
        rows.append(row)
    return np.array(rows, dtype=np.float32).reshape(asked["key"].size, N_ROWS).T


@settings(max_examples=200, deadline=None)
@given(facts(), cases(), retentions, st.integers(1, 3))
def test_counts_equal_plain_python_in_any_pieces(drawn, asked, retain, pieces):
    starts, sorted_facts = ordered(drawn)

    found = count(starts, sorted_facts, asked, retain, key_is_owner=False, pieces=pieces)

    np.testing.assert_array_equal(found, brute_count(drawn, asked, retain))


@settings(max_examples=100, deadline=None)
@given(facts(), cases(), retentions)
def test_counts_of_a_childs_own_facts_equal_plain_python(drawn, asked, retain):
    drawn["owner"] = drawn["key"]
    asked["exclude"][:] = -1
    starts, sorted_facts = ordered(drawn)

    found = count(starts, sorted_facts, asked, retain, key_is_owner=True)

    np.testing.assert_array_equal(found, brute_count(drawn, asked, retain))


@settings(max_examples=100, deadline=None)
@given(facts(), cases(), retentions)
def test_open_spells_equal_plain_python(drawn, asked, retain):
    starts, spells = ordered(drawn)
    n = asked["key"].size
    n_open = np.zeros((n, N_KINDS), dtype=np.float32)
    since = np.empty((n, N_KINDS), dtype=np.int32)

    kernels.open_spells(
        starts, spells["day"], spells["known"], spells["kind"], spells["owner"], retain,
        asked["key"], asked["day"], asked["cut"], asked["exclude"], spells["end_known"],
        np.arange(N_KINDS, dtype=np.int32), n_open, since,
    )  # fmt: skip

    for i in range(n):
        still = [
            e for e in visible(drawn, asked, retain, i) if drawn["end_known"][e] >= asked["cut"][i]
        ]
        for kind in range(N_KINDS):
            days = [drawn["day"][e] for e in still if drawn["kind"][e] == kind]
            assert n_open[i, kind] == len(days)
            assert since[i, kind] == min(days, default=np.iinfo(np.int32).min)


@settings(max_examples=100, deadline=None)
@given(facts(), cases(), retentions)
def test_factor_states_equal_plain_python(drawn, asked, retain):
    asked["exclude"][:] = -1
    starts, assessments = ordered(drawn)
    groups = np.array([1, 6], dtype=np.uint64)
    states = np.zeros((asked["key"].size, 2), dtype=np.int8)

    kernels.factor_states(
        starts, assessments["day"], assessments["known"], assessments["mask"],
        assessments["owner"], retain, asked["key"], asked["day"], asked["cut"], groups, 4, 9,
        states,
    )  # fmt: skip

    for i, t in enumerate(asked["day"]):
        seen = [e for e in visible(drawn, asked, retain, i) if t - drawn["day"][e] <= 9]
        latest = max((drawn["day"][e] for e in seen), default=None)
        for g, bits in enumerate(groups):
            having = [drawn["day"][e] for e in seen if drawn["mask"][e] & bits]
            if latest is None:
                expected = kernels.UNKNOWN
            elif latest in having and t - latest <= 4:
                expected = kernels.CURRENT
            else:
                expected = kernels.EARLIER if having else kernels.NOT_RECORDED
            assert states[i, g] == expected


@settings(max_examples=100, deadline=None)
@given(facts(), cases(), retentions, ints(-20, 12, N_CHILDREN))
def test_household_members_equal_plain_python(drawn, asked, retain, birth):
    starts, members = ordered(drawn)
    birth[0] = np.iinfo(np.int32).min
    n = asked["key"].size
    number, youngest = np.zeros(n, dtype=np.float32), np.empty(n, dtype=np.float32)

    kernels.household_members(
        starts, members["owner"], members["known"], birth, retain, asked["key"], asked["day"],
        asked["cut"], asked["exclude"], 15, number, youngest,
    )  # fmt: skip

    for i, t in enumerate(asked["day"]):
        ages = [
            t - birth[child]
            for key, child, known in zip(drawn["key"], drawn["owner"], drawn["known"], strict=True)
            if key == asked["key"][i]
            and child not in (0, asked["exclude"][i])
            and known < asked["cut"][i]
            and retain[child] >= t
            and birth[child] < asked["cut"][i]
            and t - birth[child] < 15
        ]
        assert number[i] == len(ages)
        np.testing.assert_array_equal(youngest[i], min(ages, default=np.nan))


@pytest.mark.parametrize("cores", [1, 2, 7])
@pytest.mark.parametrize("n", [0, 1, 5, 1_000])
def test_pieces_make_up_the_whole_on_any_number_of_cores(monkeypatch, cores, n):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    done = np.zeros(n, dtype=int)

    def work(first, last):
        done[first:last] += 1

    in_pieces(work, n, rows=threads.WORTH_THREADS)

    assert (done == 1).all()


def test_error_in_a_piece_is_not_lost(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def work(first, last):
        raise ValueError("in a thread")

    with pytest.raises(ValueError, match="in a thread"):
        in_pieces(work, 10, rows=threads.WORTH_THREADS)


@pytest.mark.parametrize("index", [["B", "A", "D"], ["A", "A", "B"][1:], [], ["A"]])
def test_places_of_many_ids_are_those_of_few(index):
    index = pd.Index(index, dtype="str")
    ids = pd.Series(["A", "B", None, "Z", "D"] * (FEW // 4), dtype="str")

    found = places_of(ids, index)

    np.testing.assert_array_equal(found, index.get_indexer(ids))
    np.testing.assert_array_equal(found[:5], places_of(ids[:5], index))
