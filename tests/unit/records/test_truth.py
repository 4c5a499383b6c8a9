"""Truth: tables of which some are worked out when they are first read."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from fs_risk.records.truth import Later, Truth

SEED = pd.DataFrame({"seed": [3]})


@pytest.fixture
def counted():
    """Work that keeps count of how often it was done."""
    done = []

    def work():
        done.append(threading.get_ident())
        return pd.DataFrame({"chance": [0.25]})

    return work, done


def test_looking_what_there_is_works_nothing_out(counted):
    work, done = counted
    truth = Truth({"referrals": Later(work), "authority": SEED})
    assert (list(truth), len(truth), "referrals" in truth) == (["referrals", "authority"], 2, True)
    assert "defects" not in truth
    assert repr(truth) == "<Truth: referrals, authority>"
    assert truth["authority"] is SEED
    assert done == []


def test_a_table_is_worked_out_once_for_all_that_share_it(counted):
    work, done = counted
    truth = Truth({"referrals": Later(work)})
    again, joined = Truth(truth), truth | Truth({"authority": SEED})
    assert done == []
    assert truth["referrals"] is again["referrals"] is joined["referrals"]
    assert len(done) == 1


def test_threads_that_ask_at_once_get_the_same_table():
    begun, done = threading.Barrier(4), []

    def work():
        done.append(1)
        threading.Event().wait(0.05)
        return SEED.copy()

    truth = Truth({"referrals": Later(work)})

    def read(_):
        begun.wait()
        return truth["referrals"]

    with ThreadPoolExecutor(4) as pool:
        tables = list(pool.map(read, range(4)))
    assert len(done) == 1
    assert all(table is tables[0] for table in tables)


def test_work_that_failed_is_tried_again():
    outcomes = [ValueError("not yet"), SEED]

    def work():
        outcome = outcomes.pop(0)
        if isinstance(outcome, ValueError):
            raise outcome
        return outcome

    truth = Truth({"referrals": Later(work)})
    with pytest.raises(ValueError, match="not yet"):
        truth["referrals"]
    assert truth["referrals"] is SEED


def test_the_later_of_two_truths_counts_and_neither_is_changed():
    other = pd.DataFrame({"seed": [4]})
    first, second = Truth({"authority": SEED, "families": SEED}), Truth({"authority": other})
    joined = first | second
    assert list(joined) == ["authority", "families"]
    assert joined["authority"] is other
    assert first["authority"] is SEED


def test_tables_cannot_be_put_in_place_of_others():
    held = {"authority": SEED}
    truth = Truth(held)
    held["families"] = SEED
    assert list(truth) == ["authority"]
    with pytest.raises(TypeError, match="item assignment"):
        truth["authority"] = SEED
