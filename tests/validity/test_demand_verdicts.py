"""The verdict names a simple rule where one is better by more than chance, and only there."""

import numpy as np
import pytest

from fs_risk.demand.chance import paired_interval
from fs_risk.demand.verdicts import (
    LAST_YEAR,
    RULES,
    USE_IT,
    PairedErrors,
    plain_years,
    verdict_table,
)

pytestmark = pytest.mark.slow


def errors(rng, *, n_origins=8, step=6, horizon=12, n=1, gains=None, noise=0.15):
    """Errors about 1 of the forecast and of each rule, origins that share answers alike.

    `gains` says by what share a rule's error is smaller than ours; 0 is as good.
    """
    apart = step * np.abs(np.subtract.outer(np.arange(n_origins), np.arange(n_origins)))
    root = np.linalg.cholesky(np.maximum(1 - apart / horizon, 0) + 1e-9 * np.eye(n_origins))

    def drawn():
        return noise * (root @ rng.normal(size=(n_origins, n)))

    common = 1 + drawn()
    gains = gains or {}
    ours = {rule: common + drawn() for rule in RULES}
    first = ours[LAST_YEAR]
    ours = dict.fromkeys(RULES, first)
    theirs = {
        rule: common + drawn() - gains.get(rule, -0.3 if rule == LAST_YEAR else 0.0)
        for rule in RULES
    }
    return PairedErrors(ours, theirs, step * np.arange(n_origins), horizon)


def verdicts(seed, times=400, **planted):
    rng = np.random.default_rng(seed)
    return [str(errors(rng, **planted).judged()["verdict"]) for _ in range(times)]


@pytest.mark.parametrize(("n_origins", "step"), [(4, 12), (4, 6), (8, 6), (36, 1)])
def test_interval_holds_its_level_where_origins_share_answers(n_origins, step):
    rng = np.random.default_rng(7)
    held = []
    for _ in range(600):
        found = errors(rng, n_origins=n_origins, step=step)
        apart = (found.theirs["theta"] - found.ours["theta"])[:, 0]
        _, low, high = paired_interval(apart, found.places, found.horizon)
        held.append(low <= 0 <= high)

    assert 0.92 < np.mean(held) < 0.99


@pytest.mark.parametrize(("n_origins", "step"), [(4, 12), (8, 6), (36, 1)])
def test_rules_that_are_as_good_are_seldom_preferred(n_origins, step):
    """Five rules as good as the forecast: picking the luckiest of them is not evidence."""
    said = verdicts(1, n_origins=n_origins, step=step)

    assert np.mean([each.endswith("use that") and "last year" not in each for each in said]) < 0.05


def test_a_rule_that_is_better_beyond_chance_is_named():
    said = verdicts(2, gains={"theta": 0.3}, noise=0.05, times=200)

    assert np.mean([each == "no better than Theta: use that" for each in said]) > 0.95


def test_last_year_is_named_where_it_is_better():
    said = verdicts(3, gains={LAST_YEAR: 0.3}, noise=0.05, times=200)

    assert set(said) == {"no better than last year: use that"}


def test_the_forecast_is_kept_where_it_is_better():
    said = verdicts(4, gains=dict.fromkeys(RULES, -0.3), noise=0.05, times=200)

    assert set(said) == {USE_IT}


def test_each_series_is_judged_by_its_own_errors():
    rng = np.random.default_rng(5)
    better = errors(rng, gains={"theta": 0.4}, noise=0.03)
    worse = errors(rng, gains=dict.fromkeys(RULES, -0.4), noise=0.03)
    both = PairedErrors(
        *({rule: np.hstack([one[rule], two[rule]]) for rule in RULES}
          for one, two in ((better.ours, worse.ours), (better.theirs, worse.theirs))),
        better.places, 12,
    )  # fmt: skip
    table = verdict_table(np.array(["a", "b"]), both, called="unique_id")

    assert table["verdict"].to_list() == ["no better than Theta: use that", USE_IT]


def test_years_ahead_at_which_last_year_is_as_good_are_named():
    measures = np.array(["care", "care", "plans"])
    answers = np.full((3, 3, 2), 100.0)
    ours, last = answers + 10.0, answers + 10.0
    ours[:, :2, 1] = 105.0  # care is forecast better two years ahead
    ours[:, 2] = 101.0  # plans are better throughout

    assert plain_years(measures, answers, ours, last) == [
        "1 year ahead no better than last year, use that: care."
    ]
