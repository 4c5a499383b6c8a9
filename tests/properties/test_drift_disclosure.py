"""What a check of drift publishes gives no small number away, by subtraction or otherwise."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.records.suppression import rounded
from fs_risk.triage.watch_published import share_of, shown_parts

COUNTS = st.lists(st.integers(0, 24), min_size=2, max_size=4)


@st.composite
def parts(draw):
    n = draw(COUNTS)
    return [draw(st.integers(0, each)) for each in n], n


def may_be(shown):
    """The counts that are shown as one number: 0, 6 or 7 as 5, else two either side."""
    if shown == 0:
        return 0, 0
    return (6, 7) if shown == 5 else (shown - 2, shown + 2)


def could_be(line, hidden, place):
    """What a hidden count could be, given the others as shown and the total as shown."""
    total = int(rounded(np.array([line.sum()]))[0])
    least, most = may_be(total)
    others = [
        may_be(int(rounded(np.array([c]))[0])) for c, h in zip(line, hidden, strict=True) if not h
    ]
    low, high = (sum(pair[side] for pair in others) for side in (0, 1))
    beside = hidden.sum() > 1
    return [
        count
        for count in range(1, most + 1)
        if count + low <= most and (beside or count + high >= least)
    ]


@settings(max_examples=500, deadline=None)
@given(parts())
def test_no_count_of_1_to_5_follows_from_what_is_shown(drawn):
    """Every small count is hidden, and could be three others given all else that is shown."""
    hits, n = (np.array(each) for each in drawn)
    shown = shown_parts(hits, n)
    for line in (hits, n, n - hits):
        small = np.flatnonzero((line > 0) & (line <= 5))
        assert shown.hidden[small].all()
        if not shown.all_hidden:
            for place in small:
                assert len(could_be(line, shown.hidden, place)) >= 3


@given(parts())
def test_what_is_shown_depends_on_rounded_counts_alone(drawn):
    """Two worlds that round alike, with the same cells hidden, look alike to the last digit."""
    hits, n = (np.array(each) for each in drawn)
    shown = shown_parts(hits, n)
    same = rounded(n)
    for k in np.flatnonzero(~shown.hidden):
        assert shown.n[k] == same[k]
        assert shown.n[k] % 5 == 0
        assert shown.hits[k] % 5 == 0
        if shown.n[k]:
            value = share_of(int(shown.hits[k]), int(shown.n[k]))[0]
            assert value == min(rounded(hits)[k], same[k]) / same[k]


@given(parts(), st.integers(0, 3))
def test_part_to_be_hidden_is_hidden_and_not_alone(drawn, which):
    """A team of one or two people stands hidden beside another: the total gives neither away."""
    hits, n = (np.array(each) for each in drawn)
    also = np.zeros(len(n), dtype=bool)
    also[which % len(n)] = True
    shown = shown_parts(hits, n, also=also)

    assert shown.hidden[also].all()
    assert shown.hidden.sum() >= 2 or shown.hidden.all()
