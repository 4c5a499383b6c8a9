"""Ids numbered and looked up as bytes, against pandas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.features.lookup import FEW, number_ids, places_of

texts = st.text(st.sampled_from("ab0é€\U0001f600"), max_size=9)


def as_text(values):
    return pd.Series(values, dtype="str")


@settings(max_examples=60, deadline=None)
@given(
    first=st.lists(texts, max_size=30),
    others=st.lists(st.none() | texts, min_size=1, max_size=30),
    once=st.booleans(),
)
def test_numbers_are_those_of_pandas(first, others, once):
    first = as_text(dict.fromkeys(first) if once else first)
    others = as_text(others * (FEW // len(others) + 1))

    numbers, names = number_ids(first, others)

    expected, listed = pd.factorize(pd.concat([first, others], ignore_index=True))
    np.testing.assert_array_equal(numbers, expected)
    assert numbers.dtype == np.int32
    assert list(names) == list(listed)


@settings(max_examples=60, deadline=None)
@given(known=st.sets(texts, max_size=30), asked=st.lists(texts, min_size=1, max_size=30))
def test_places_are_those_of_pandas(known, asked):
    index = pd.Index(sorted(known), dtype="str")
    ids = as_text(asked * (FEW // len(asked) + 1))

    np.testing.assert_array_equal(places_of(ids, index), index.get_indexer(ids))


@pytest.mark.parametrize("rows", [slice(3, None), slice(None, None, 7), slice(10, 9_000)])
def test_part_of_a_column_is_looked_up_as_the_whole(rows):
    ids = as_text([f"C{number % 997}" for number in range(20_000)])
    index = pd.Index(ids.unique())[::-1]

    found = places_of(ids.iloc[rows], index)

    np.testing.assert_array_equal(found, places_of(ids, index)[rows])


def test_ids_in_several_pieces_of_memory_are_numbered_as_one():
    piece = as_text([f"C{number}" for number in range(4_000)])
    others = pd.concat([piece, piece.iloc[::-1], as_text(["new"])])

    numbers, names = number_ids(piece, others)

    np.testing.assert_array_equal(names[numbers], pd.concat([piece, others]))


def test_many_ids_on_several_threads_are_found():
    index = pd.Index([f"C{number:06d}" for number in range(30_000)], dtype="str")
    wanted = np.random.default_rng(0).integers(0, len(index), 150_000)

    np.testing.assert_array_equal(places_of(pd.Series(index[wanted]), index), wanted)
