"""Whatever the scores, households and sizes: who is on a list, and in which order."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.triage.prioritise_places import (
    AT_RANDOM,
    BESIDE,
    DUE,
    LISTED,
    NO_SCORE,
    NOT_LISTED,
    arrange,
)
from fs_risk.triage.risk_score import ModelUsed, RiskScore

MODEL = ModelUsed(name="m", version="1", plan="p", origin="SYNTHETIC")


def scores_of(values):
    return [
        RiskScore(
            score_id=f"{place:016x}", referral_id=f"R{place}", child_id=f"C{place}",
            as_of="2025-03-31", outcome="cp_plan", within_days=365, synthetic=True, model=MODEL,
            log_odds=value, code="OUT_OF_SCOPE" if value is None else None,
        )
        for place, value in enumerate(values)
    ]  # fmt: skip


@st.composite
def lists(draw):
    n = draw(st.integers(0, 40))
    # few values, so that many are equal
    values = draw(st.lists(st.none() | st.integers(-6, 6).map(float), min_size=n, max_size=n))
    households = draw(st.lists(st.integers(1, 12), min_size=n, max_size=n))
    overdue = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    places, share = draw(st.integers(1, 20)), draw(st.sampled_from([0.0, 0.1, 0.25, 0.5]))
    return {
        "scores": scores_of(values),
        "households": np.array(households, dtype=np.int64),
        "overdue": np.array(overdue, dtype=bool),
        "places": places,
        "random_share": share,
        "seed": draw(st.integers(0, 5)),
    }


def arranged(case):
    return arrange(case.pop("scores"), case.pop("households"), case.pop("overdue"), **case)


@settings(max_examples=100)
@given(lists())
def test_nothing_is_lost_and_capacity_is_never_exceeded(case):
    n, places = len(case["scores"]), case["places"]
    scored = [score.code is None for score in case["scores"]]
    overdue = case["overdue"]
    found = arranged(dict(case))
    listed = [block in (LISTED, AT_RANDOM) for block in found.block]
    ranked = int((np.array(scored, dtype=bool) & ~overdue).sum())

    assert sorted(found.order.tolist()) == list(range(n))
    assert sum(listed) == min(places, ranked)
    assert [block == DUE for block in found.block] == overdue.tolist()
    for place, block in enumerate(found.block):
        assert (block in (DUE, NO_SCORE)) == (overdue[place] or not scored[place])
    # the chances of the ranked sum to the children listed, as those of a drawing must
    assert abs(np.nansum(found.chance) - sum(listed)) < 1e-9


@settings(max_examples=100)
@given(lists())
def test_listed_by_score_are_those_above_all_others_and_ties_are_stated(case):
    risk = np.array([np.nan if s.log_odds is None else s.log_odds for s in case["scores"]], float)
    found = arranged(dict(case))
    block = np.array(found.block, dtype=object)
    by_score, left = risk[block == LISTED], risk[np.isin(block, [BESIDE, NOT_LISTED])]

    if len(by_score) and len(left):
        assert by_score.min() >= left.max()
        assert found.tied == (left == by_score.min()).sum()
        assert found.tied_listed == (by_score == by_score.min()).sum() * (found.tied > 0)
    ranked = found.place > 0
    order = np.argsort(found.place[ranked])
    assert (np.diff(risk[ranked][order]) <= 0).all()


@settings(max_examples=100)
@given(lists())
def test_households_stand_side_by_side_in_blocks_that_follow_each_other(case):
    households = case["households"]
    found = arranged(dict(case))
    block = np.array(found.block, dtype=object)[found.order]
    shown = households[found.order][found.place[found.order] > 0]

    changes = shown[np.r_[True, shown[1:] != shown[:-1]]] if len(shown) else shown
    assert len(set(changes.tolist())) == len(changes)
    assert block.tolist()[: (block == DUE).sum()] == [DUE] * (block == DUE).sum()
    ranked_first = np.flatnonzero(~np.isin(block, [DUE, NO_SCORE]))
    assert not len(ranked_first) or ranked_first[0] == np.isin(block, [DUE, NO_SCORE]).sum()
    # no household without a listed child stands above one with one
    on_list = np.isin(shown, households[np.isin(found.block, [LISTED, AT_RANDOM])])
    assert (np.diff(on_list.astype(int)) <= 0).all()


@settings(max_examples=60)
@given(st.lists(st.integers(-50, 50), unique=True, max_size=30), st.integers(1, 20))
def test_without_ties_and_households_the_order_is_that_of_the_scores(values, places):
    n = len(values)
    found = arrange(
        scores_of([float(value) for value in values]),
        np.arange(1, n + 1),
        np.zeros(n, dtype=bool),
        places=places,
        random_share=0.0,
        seed=0,
    )

    assert [values[place] for place in found.order] == sorted(values, reverse=True)


@settings(max_examples=60)
@given(lists(), st.randoms(use_true_random=False))
def test_same_seed_lists_the_same_children_in_whatever_order_they_come(case, random):
    mixed = list(range(len(case["scores"])))
    random.shuffle(mixed)
    again = {
        **case,
        "scores": [case["scores"][place] for place in mixed],
        "households": case["households"][mixed],
        "overdue": case["overdue"][mixed],
    }
    a, b = arranged(dict(case)), arranged(again)

    assert a.order.tolist() == [mixed[place] for place in b.order]
    assert [a.block[place] for place in mixed] == b.block


def test_drawing_gives_each_left_out_the_chance_that_it_states():
    scores = scores_of([float(-place) for place in range(30)])
    drawn = np.zeros(30)
    for seed in range(2_000):
        found = arrange(
            scores, np.arange(1, 31), np.zeros(30, dtype=bool),
            places=10, random_share=0.4, seed=seed,
        )  # fmt: skip
        drawn += [block == AT_RANDOM for block in found.block]

    expected = 4 / 24
    assert found.chance[10] == expected
    assert drawn[:6].sum() == 0
    # five standard errors of a share of 2,000
    assert np.abs(drawn[6:] / 2_000 - expected).max() < 5 * np.sqrt(expected / 2_000)
