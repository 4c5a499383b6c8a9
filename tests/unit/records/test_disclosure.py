"""Which counts of a published table are hidden, by example."""

import numpy as np

from fs_risk.records.disclosure import SYMBOLS, hidden_in_line, hidden_in_table, is_small


def test_counts_of_one_to_five_are_small():
    """A2: 1 to 5 become c."""
    assert is_small(np.array([0, 1, 5, 6, 5.4, 5.6])).tolist() == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]


def test_symbols_are_the_departments():
    assert SYMBOLS == ("c", "z", ":")


def test_a_line_without_small_counts_is_shown():
    assert not hidden_in_line(np.array([10, 0, 60])).any()


def test_one_small_count_takes_the_smallest_other_with_it():
    """A2: what would give it away by subtraction."""
    assert hidden_in_line(np.array([3, 40, 12, 0])).tolist() == [True, False, True, False]


def test_two_small_counts_hide_each_other():
    assert hidden_in_line(np.array([3, 40, 2])).tolist() == [True, False, True]


def test_a_small_count_alone_among_noughts_is_hidden_with_them():
    assert hidden_in_line(np.array([0, 4, 0])).all()


def test_a_table_hides_a_circle_through_each_small_count():
    counts = np.array([[3, 40, 30], [50, 20, 60], [70, 80, 25]])
    hidden = hidden_in_table(counts)

    assert hidden[0, 0]
    assert hidden.sum() == 4
    assert (hidden.sum(axis=0)[hidden.any(axis=0)] >= 2).all()
    assert (hidden.sum(axis=1)[hidden.any(axis=1)] >= 2).all()


def test_a_table_without_small_counts_is_shown():
    assert not hidden_in_table(np.array([[10, 20], [30, 40]])).any()
