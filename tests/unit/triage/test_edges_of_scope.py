"""The edges of what a score is given for and shown as: observed days, and ends of intervals."""

import dataclasses
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from fs_risk.features.timeline import History
from fs_risk.triage.cases import cases_of
from fs_risk.triage.limits import limits_of
from fs_risk.triage.referral import Referral
from fs_risk.triage.scope import OPEN_NOW, Reach

OBSERVED = date(2018, 2, 27), date(2020, 2, 29)
"""The first and the last day that referrals are observed, well before the extract."""

DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)


@pytest.fixture(scope="module")
def history(small_authority):
    return History.from_records(small_authority)


def coded(history, model, days, window, lag):
    """Give the code of a referral of each day, where nothing but the day could be amiss."""
    span = window and tuple((day - EPOCH).days for day in window)
    seen = dataclasses.replace(history, coverage={**history.coverage, "referrals": span})
    referrals = [
        Referral(referral_id=f"R{number}", child_id="nobody", referral_date=day,
                 birth_date=date(2015, 5, 1))
        for number, day in enumerate(days)
    ]  # fmt: skip
    cases = cases_of(seen, referrals, lag_days=lag)
    nothing_open = np.zeros((len(days), len(OPEN_NOW)))
    found = Reach(seen, model).codes(referrals, cases, nothing_open)
    return dict(zip(days, found, strict=True))


@pytest.mark.parametrize("lag", [0, 7, 30])
def test_referral_gets_no_score_on_exactly_the_days_not_observed(history, small_model, lag):
    """M3. From the first observed day until so long after the last as the extract may be old:
    what was known by the end of the day before the lag is all that a score reads."""
    first, last = OBSERVED[0], OBSERVED[1] + (lag + 1) * DAY
    beside = [day + step * DAY for day in (first, last) for step in (-1, 0, 1)]
    around = [first - 365 * DAY, *beside, OBSERVED[1], last + 365 * DAY]
    expected = {day: None if first <= day <= last else "NOT_OBSERVED" for day in around}

    assert coded(history, small_model, around, OBSERVED, lag) == expected


def test_window_of_a_single_day_is_observed_on_that_day(history, small_model):
    """M3."""
    only = OBSERVED[0]
    found = coded(history, small_model, [only - DAY, only, only + DAY, only + 2 * DAY],
                  (only, only), 0)  # fmt: skip

    assert list(found.values()) == ["NOT_OBSERVED", None, None, "NOT_OBSERVED"]


def test_records_without_referrals_observe_no_day(history, small_model):
    """M3."""
    found = coded(history, small_model, OBSERVED, None, 7)

    assert set(found.values()) == {"NOT_OBSERVED"}


def test_stale_extract_comes_before_what_is_not_observed(history, small_model):
    """M3. Of two codes that apply, the one that a new extract mends is given."""
    extract = EPOCH + history.extract_day * DAY
    found = coded(history, small_model, [extract + 8 * DAY, extract + 9 * DAY], OBSERVED, 7)

    assert list(found.values()) == ["NOT_OBSERVED", "STALE_EXTRACT"]


def ends_said(*ends):
    """Give the ends as they are said, of a model whose intervals have these ends."""
    support = SimpleNamespace(
        similar=lambda values: (np.full(len(values), 40), np.zeros(len(values), dtype=int)),
        unlike=lambda values: np.zeros(len(values)),
        why_not_given=lambda values, *_: [""] * len(values),
        alike_in_words=lambda number: "age group",
    )
    interval = SimpleNamespace(level=0.9, bounds=lambda *_, **__: np.array(ends))
    model = SimpleNamespace(
        facts=SimpleNamespace(interval=interval, support=support),
        plan=SimpleNamespace(cohort="referral"),
    )
    made = limits_of(model, np.zeros((len(ends), 1)), np.zeros(len(ends)))
    sentences = [each.fields["interval_said"] for each in made]
    assert all(said.endswith(" in 1,000 for 9 of 10 such referrals.") for said in sentences)
    between = [said.split("between ")[1].split(" in 1,000")[0] for said in sentences]
    return [tuple(each.split(" and ")) for each in between]


def test_end_of_an_interval_is_shown_up_to_990_and_from_10():
    """M1: beyond these, and by however little, only that it is beyond."""
    highs = {0.5: "500", 0.9894: "989", 0.99: "990", 0.9901: "more than 990",
             0.9905: "more than 990", 0.995: "more than 990", 0.9989: "more than 990",
             0.9991: "more than 990", 1.0: "more than 990"}  # fmt: skip
    lows = {0.0: "fewer than 10", 0.0009: "fewer than 10", 0.0011: "fewer than 10",
            0.005: "fewer than 10", 0.0099: "fewer than 10", 0.01: "10", 0.0106: "11"}  # fmt: skip

    assert ends_said(*[(0.4, high) for high in highs]) == [("400", said) for said in highs.values()]
    assert ends_said(*[(low, 0.5) for low in lows]) == [(said, "500") for said in lows.values()]


def test_both_ends_may_be_beyond_what_is_shown():
    """M1."""
    assert ends_said((0.992, 0.997), (0.001, 0.004), (0.001, 0.999)) == [
        ("more than 990", "more than 990"),
        ("fewer than 10", "fewer than 10"),
        ("fewer than 10", "more than 990"),
    ]


def test_no_score_that_a_model_could_give_has_an_end_shown_beyond_990_or_10(small_model):
    """M1. Log-odds from -9 to 9, as no small authority's cases reach them."""
    log_odds = np.linspace(-9.0, 9.0, 2_001)
    values = np.full((len(log_odds), len(small_model.feature_names)), np.nan)
    made = limits_of(small_model, values, log_odds)
    low, high = np.array([each.fields["interval"] for each in made]).T
    said = [each.fields["interval_said"] for each in made]

    assert ((high > 0.99) & (high < 0.999)).sum() > 20
    assert ((low > 0.001) & (low < 0.01)).sum() > 20
    assert [" and more than 990 in" in each for each in said] == (high > 0.99).tolist()
    assert [" between fewer than 10 and " in each for each in said] == (low < 0.01).tolist()
