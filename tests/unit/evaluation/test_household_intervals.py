import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from fs_risk.errors import AuditError
from fs_risk.evaluation import intervals
from fs_risk.evaluation.intervals import HouseholdBootstrap, interval, value_of
from fs_risk.evaluation.ranking import Ranking


def draw(n=120):
    rng = np.random.default_rng(0)
    label = (rng.random(n) < 0.4).astype(float)
    return label, label + rng.normal(size=n), rng.integers(0, 40, n)


def test_replicates_are_those_of_rows_copied_by_household():
    label, score, household = draw()
    bootstrap = HouseholdBootstrap(household, resamples=20, seed=3)
    found = bootstrap.replicates({"ap": Ranking(label, score).average_precision})["ap"]
    names, row = np.unique(household, return_inverse=True)
    drawn = np.random.default_rng(3).multinomial(
        len(names), np.full(len(names), 1 / len(names)), 20
    )
    slow = []
    for counts in drawn:
        rows = np.concatenate(
            [np.flatnonzero(row == place) for place, count in enumerate(counts)
             for _ in range(count)]
        )  # fmt: skip
        slow.append(average_precision_score(label[rows], score[rows]))

    assert found == pytest.approx(slow)


def test_whole_households_are_drawn():
    _, _, household = draw()
    for weight in HouseholdBootstrap(household, resamples=5).weights():
        for name in np.unique(household):
            assert (np.ptp(weight[:, household == name], axis=1) == 0).all()


def test_blocks_change_nothing(monkeypatch):
    _, _, household = draw()
    bootstrap = HouseholdBootstrap(household, resamples=11, seed=1)
    whole = np.concatenate(list(bootstrap.weights()))
    monkeypatch.setattr(intervals, "BLOCK", 3 * len(household))
    parts = list(bootstrap.weights())

    assert len(parts) == 4
    assert (np.concatenate(parts) == whole).all()


def test_all_statistics_see_the_same_resamples():
    label, score, household = draw()
    bootstrap = HouseholdBootstrap(household, resamples=10)
    same = Ranking(label, score).average_precision
    found = bootstrap.replicates({"a": same, "b": same})

    assert (found["a"] == found["b"]).all()


def test_undefined_replicates_are_left_out_unless_there_are_many():
    values = np.r_[np.arange(95.0), [np.nan] * 5]

    assert interval(values) == pytest.approx(tuple(np.quantile(np.arange(95.0), [0.025, 0.975])))
    assert np.isnan(interval(np.r_[np.arange(50.0), [np.nan] * 50])).all()


def test_value_is_the_statistic_with_every_row_once():
    label, score, _ = draw()

    assert value_of(Ranking(label, score).average_precision, len(label)) == pytest.approx(
        average_precision_score(label, score)
    )


def test_one_household_has_no_interval():
    with pytest.raises(AuditError, match="two households or more; given: 1"):
        HouseholdBootstrap(np.zeros(5))
