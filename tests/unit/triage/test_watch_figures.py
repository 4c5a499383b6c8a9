"""The figures of a check of drift, against independent oracles."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression

from fs_risk.errors import SettingError
from fs_risk.triage.watch_limits import SPENT, DriftLimits
from fs_risk.triage.watch_outcomes import slope_and_error
from fs_risk.triage.watch_published import household_effect, share_of
from fs_risk.triage.watch_rates import Rate, group_rows, limits_from, rate_rows
from fs_risk.triage.watch_recording import _moved
from fs_risk.triage.watch_rows import AS_EXPECTED, LOOK, NOT_ENOUGH, STOP, Row, table_of, worst
from fs_risk.triage.watch_words import CHECKS, MEASURES

MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]


def cases(n=600, size=2, seed=0):
    rng = np.random.default_rng(seed)
    log_odds = np.repeat(rng.normal(-1.0, 1.0, n // size), size) + rng.normal(0, 0.3, n)
    shared = np.repeat(rng.random(n // size), size)
    luck = np.where(rng.random(n) < 0.5, shared, rng.random(n))
    label = (luck < 1 / (1 + np.exp(-0.7 * log_odds))).astype(float)
    return label, log_odds, np.repeat(np.arange(n // size), size)


def test_slope_is_that_of_an_unpenalised_logistic_regression():
    label, log_odds, household = cases()
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds[:, None], label)

    assert slope_and_error(label, log_odds, household)[0] == pytest.approx(
        fitted.coef_[0, 0], abs=1e-5
    )


def test_error_of_the_slope_is_that_of_leaving_each_household_out():
    label, log_odds, household = cases()
    left_out = [
        slope_and_error(label[kept], log_odds[kept], household[kept])[0]
        for home in np.unique(household)
        for kept in [household != home]
    ]
    n = len(left_out)
    jackknife = np.sqrt((n - 1) / n * np.sum((np.array(left_out) - np.mean(left_out)) ** 2))

    assert slope_and_error(label, log_odds, household)[1] == pytest.approx(jackknife, rel=0.05)


def test_interval_of_the_slope_holds_it_as_often_as_it_says():
    held = 0
    for seed in range(100):
        slope, error = slope_and_error(*cases(seed=seed))
        held += abs(slope - 0.7) < 1.96 * error
    assert 88 <= held <= 100


def test_share_and_interval_are_wilsons():
    value, low, high = share_of(15, 80)
    found = binomtest(15, 80).proportion_ci(method="wilson")

    assert (value, low, high) == pytest.approx((15 / 80, found.low, found.high))


def test_design_effect_of_twins_who_are_all_alike_is_two():
    rng = np.random.default_rng(0)
    hits = np.repeat((rng.random(4_000) < 0.3).astype(float), 2)
    household = np.repeat(np.arange(4_000), 2)
    effect = household_effect(hits - 0.3, len(hits) * 0.21, household)

    assert effect == pytest.approx(2.0, rel=0.06)
    assert household_effect(hits[:0], 0.0, household[:0]) == 1.0


def test_limits_from_the_past_are_its_interval_and_the_tolerance():
    hits, household = np.repeat([1.0, 0.0], [30, 170]), np.arange(200)
    found = binomtest(30, 200).proportion_ci(0.99, method="wilson")

    assert limits_from(hits, household, alpha=0.05, more=0.1) == pytest.approx(
        (max(0.0, found.low - 0.1), found.high + 0.1), abs=0.0051
    )
    assert limits_from(hits[:10], household[:10], alpha=0.05) is None


def rate(hits, month, **fields):
    settings = {"check": "overrides", "measure": "override_rate", "low": 0.02, "high": 0.5,
                "alpha": 0.01}  # fmt: skip
    settings |= fields
    return Rate(hits=np.asarray(hits, dtype=float), month=np.asarray(month),
                household=np.arange(len(hits)), **settings)  # fmt: skip


def test_monthly_rows_are_pandas_own_counts_rounded():
    rng = np.random.default_rng(1)
    month, hits = rng.integers(0, 12, 1_200), rng.random(1_200) < 0.3
    rows = table_of(rate_rows(rate(hits, month), MONTHS, "2024", "Overrides."))
    counted = pd.Series(hits).groupby(month).agg(["sum", "size"]).map(lambda n: (n + 2) // 5 * 5)
    single = rows[rows["verdict"] == ""].set_index("period")

    assert single["n"].to_list() == counted["size"].to_list()
    assert single["value"].to_list() == pytest.approx(counted["sum"] / counted["size"], abs=1e-4)
    assert rows["verdict"].iloc[0] == AS_EXPECTED


def test_verdicts_of_a_rate():
    month = np.repeat(np.arange(12), 40)
    rng = np.random.default_rng(2)
    stop = (0.0, 0.7)
    usual = rate(rng.random(480) < 0.2, month)
    many = rate(rng.random(480) < 0.8, month)
    none = rate(np.zeros(480), month, low=0.05)
    very = rate(rng.random(480) < 0.95, month, stop=stop)

    assert usual.verdict(12) == (AS_EXPECTED, None)
    assert many.verdict(12)[0] == LOOK
    assert none.verdict(12)[0] == LOOK
    assert very.verdict(12)[0] == STOP
    assert rate(np.ones(5), np.zeros(5, int)).verdict(12) == (NOT_ENOUGH, None)
    says = rate_rows(many, MONTHS, "2024", "Overrides.")[0].says
    assert says.startswith("Overrides. First signalled with 2024-")


def test_hidden_team_has_no_figure_and_no_verdict_of_its_own():
    rng = np.random.default_rng(3)
    teams = [
        rate(rng.random(n) < share, np.zeros(n, int), by="team", group=name)
        for name, n, share in (("North", 90, 0.2), ("South", 80, 0.2), ("Duty", 60, 1.0))
    ]
    rows = group_rows(teams, MONTHS, "2024", "Overrides.", also=np.array([False, False, True]))
    shown = {row.group: row for row in rows}

    assert shown["Duty"].suppressed
    assert shown["Duty"].value is None
    assert shown["Duty"].n is None
    assert shown["Duty"].verdict == NOT_ENOUGH
    assert sum(row.suppressed for row in rows) == 2


def test_codes_that_moved_are_beyond_chance_and_others_are_not():
    rng = np.random.default_rng(4)
    share = np.array([0.4, 0.3, 0.2, 0.1])
    then = rng.multinomial(4_000, share)
    index, bound = _moved(then, rng.multinomial(400, share), 1.0, 1e-4)
    moved, chance = _moved(then, rng.multinomial(400, share[::-1]), 1.0, 1e-4)

    assert index < bound
    assert moved > max(chance, 0.1)
    assert _moved(then, np.array([3, 2, 1, 0]), 1.0, 1e-4) is None


def test_stability_of_codes_is_the_sum_written_out():
    then, now = np.array([600, 300, 100]), np.array([300, 200, 100])
    p, q = (then + 0.5) / 1_001.5, (now + 0.5) / 601.5
    assert _moved(then, now, 1.0, 0.01)[0] == pytest.approx(np.sum((q - p) * np.log(q / p)))


def test_false_alarm_is_spent_whole():
    assert sum(SPENT.values()) == pytest.approx(1.0)
    assert DriftLimits(false_alarm=0.1).alpha("calibration") == pytest.approx(
        0.1 * SPENT["calibration"]
    )


@pytest.mark.parametrize(
    "wrong",
    [{"ratio": (1.1, 1.3)}, {"slope": (1.5, 0.7)}, {"gap": 0.0}, {"ratio_stop": (0.9, 1.1)}],
)
def test_limits_that_are_not_possible_are_refused(wrong):
    with pytest.raises(SettingError, match="limit"):
        DriftLimits(**wrong)


def test_table_has_the_same_columns_whatever_it_holds():
    empty, one = table_of([]), table_of([Row("model", "days_since_test", "2024-01-01", value=3.0)])
    assert empty.dtypes.to_list() == one.dtypes.to_list()
    assert worst([AS_EXPECTED, STOP, LOOK]) == STOP


def test_every_check_and_figure_has_words():
    assert all(words.to_do and words.asks.endswith("?") for words in CHECKS.values())
    assert len(set(MEASURES)) == len(MEASURES)
