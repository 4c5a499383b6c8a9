import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from fs_risk.evaluation import cases as evaluated
from fs_risk.evaluation.net_benefit import (
    EVERYONE,
    decision_curves,
    gain_at_base_rate,
    net_benefit,
    thresholds_to_show,
)
from fs_risk.evaluation.report import THE_MODEL


def drawn(seed=0, n=400):
    rng = np.random.default_rng(seed)
    chance = np.clip(rng.beta(1, 6, n), 0.01, 0.99)
    label = (rng.random(n) < chance).astype(float)
    label[:2] = [0, 1]
    margins = {"previous_referrals": rng.poisson(1 + label).astype(float)}
    return evaluated.Tested(
        label, logit(chance), margins, np.arange(n).astype(str), np.zeros(n, dtype=int), {}
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_curves_are_those_of_the_formula(seed):
    cases = drawn(seed)
    chance = 1 / (1 + np.exp(-cases.log_odds))
    curves = {each.choice: each for each in decision_curves(cases, 5, 0)}

    assert list(curves) == [THE_MODEL, "previous_referrals", EVERYONE]
    for threshold, value in zip(
        curves[THE_MODEL].threshold, curves[THE_MODEL].per_1000, strict=True
    ):
        assert value == pytest.approx(1000 * net_benefit(cases.label, chance, threshold))


def test_attention_to_everyone_is_the_closed_form():
    cases = drawn()
    base = cases.label.mean()
    curve = decision_curves(cases, 5, 0)[-1]
    at = np.array(curve.threshold)

    assert curve.per_1000 == pytest.approx(1000 * (base - (1 - base) * at / (1 - at)))


def test_at_the_base_rate_everyone_is_worth_nothing_and_a_telling_score_something():
    cases = drawn(n=3_000)
    base = cases.label.mean()
    gain = gain_at_base_rate(cases, 200, 0)

    assert net_benefit(cases.label, np.ones(3_000), base) == pytest.approx(0.0)
    assert gain.low > 0
    assert gain.n == 3_000


def test_a_score_that_tells_nothing_is_worth_no_more_than_chance():
    cases = drawn(n=3_000)
    rng = np.random.default_rng(1)
    blind = evaluated.Tested(
        cases.label, rng.permutation(cases.log_odds), cases.margins, cases.household,
        cases.period, {},
    )  # fmt: skip
    gain = gain_at_base_rate(blind, 200, 0)

    assert gain.low < 0 < gain.high or gain.high < 0


def test_thresholds_lie_where_the_probabilities_do():
    chance = np.linspace(0.01, 0.3, 500)
    found = thresholds_to_show(chance)

    assert len(found) == 25
    assert 0 < found[0] < found[-1] <= 0.3


def test_interval_holds_its_value(report):
    for curve in report.net_benefit:
        inside = [
            low <= value <= high
            for low, value, high in zip(curve.low, curve.per_1000, curve.high, strict=True)
        ]
        assert np.mean(inside) > 0.9
