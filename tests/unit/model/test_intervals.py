import numpy as np
import pytest
from scipy import stats

from fs_risk.errors import SettingError
from fs_risk.model.intervals import BEST_SPREAD, OTHER_SPREAD, ScoreInterval, best_spread_of


@pytest.fixture
def sure():
    return ScoreInterval(
        cases_worth=25.0,
        cases_worth_unknown=12.0,
        best_spread=0.7,
        brier=0.09,
        best_brier=0.0855,
        n=7_500,
        positives=790,
    )


def test_ends_are_quantiles_of_the_beta_distribution_with_the_score_as_mean(sure):
    p = np.array([0.05, 0.2, 0.5, 0.9])
    beta = stats.beta(p * 25.0, (1 - p) * 25.0)

    np.testing.assert_allclose(sure.bounds(p), np.stack([beta.ppf(0.05), beta.ppf(0.95)], axis=1))


def test_score_is_always_inside(sure):
    p = np.r_[0.0, 1e-12, np.linspace(1e-6, 1 - 1e-6, 999), 1.0]
    low, high = sure.bounds(p).T

    assert ((low <= np.clip(p, 1e-9, 1 - 1e-9)) & (np.clip(p, 1e-9, 1 - 1e-9) <= high)).all()
    assert ((low >= 0) & (high <= 1)).all()


def test_higher_level_is_wider_and_levels_nest(sure):
    narrow, wide = sure.bounds(np.array([0.1]), level=0.5), sure.bounds(np.array([0.1]), level=0.99)

    assert wide[0, 0] < narrow[0, 0] < narrow[0, 1] < wide[0, 1]


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 90])
def test_level_that_is_no_share_is_refused(sure, level):
    with pytest.raises(SettingError, match="share between 0 and 1"):
        sure.bounds(np.array([0.1]), level=level)


def test_the_more_is_unlike_training_the_wider(sure):
    """M3: the interval grows where support is thin."""
    ends = sure.bounds(np.full(5, 0.1), unlike=np.linspace(0, 1, 5))
    width = ends[:, 1] - ends[:, 0]

    assert (np.diff(width) > 0).all()
    unknown = stats.beta(0.1 * 12.0, 0.9 * 12.0)
    np.testing.assert_allclose(ends[-1], [unknown.ppf(0.05), unknown.ppf(0.95)])


def world(n, *, seed, worth=20.0, noise=0.0):
    """Cases whose true probability is beta-distributed around a calibrated score."""
    rng = np.random.default_rng(seed)
    score = rng.beta(2.0, 16.0, n)
    truth = rng.beta(score * worth, (1 - score) * worth)
    said = np.clip(score + noise * rng.normal(size=n), 0.001, 0.999)
    return said, truth, (rng.random(n) < truth).astype(float)


def alone(label):
    """Give each case a household of its own."""
    return np.arange(len(label))


def spread_of(truth):
    return truth.var() / (truth.mean() * (1 - truth.mean())) ** 2


def test_recovers_how_widely_truth_lies_around_the_score():
    """An oracle: the truth's spread is known, so its beta distribution must be found."""
    said, truth, label = world(400_000, seed=0)
    sure = ScoreInterval.fit(said, label, alone(label), best_spread=spread_of(truth))
    low, high = sure.bounds(said).T

    assert sure.cases_worth == pytest.approx(20.0, rel=0.1)
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(0.9, abs=0.01)


def test_noisy_score_gets_a_wider_interval():
    said, truth, label = world(400_000, seed=1)
    noisy, _, same = world(400_000, seed=1, noise=0.05)
    good = ScoreInterval.fit(said, label, alone(label), best_spread=spread_of(truth))
    poor = ScoreInterval.fit(noisy, same, alone(same), best_spread=spread_of(truth))

    assert poor.cases_worth < good.cases_worth


def test_score_that_says_nothing_is_worth_as_much_as_an_unknown_case():
    _, truth, label = world(200_000, seed=2)
    flat = np.full(len(label), label.mean())
    sure = ScoreInterval.fit(flat, label, alone(label), best_spread=spread_of(truth))

    assert sure.cases_worth == pytest.approx(sure.cases_worth_unknown, rel=1e-6)


def test_excess_of_the_brier_score_is_the_squared_distance_from_the_truth():
    """Brier 1950: what is above the best possible Brier score is the mean of (p - q)²."""
    said, truth, label = world(400_000, seed=3, noise=0.03)
    sure = ScoreInterval.fit(said, label, alone(label), best_spread=spread_of(truth))
    excess = np.mean(said * (1 - said)) / (sure.cases_worth + 1)

    assert excess == pytest.approx(np.mean((said - truth) ** 2), rel=0.1)


def test_luck_of_few_cases_is_added_by_households():
    """The standard error of the excess: against many draws of the same world, in pairs of cases."""
    n, draws = 4_000, 300
    truths = np.concatenate([world(n, seed=1_000 + seed)[1] for seed in range(40)])
    best = spread_of(truths)
    pairs = np.arange(2 * n) // 2
    excess, error = [], []
    for seed in range(draws):
        said, _, label = (np.repeat(part, 2) for part in world(n, seed=seed))
        room = np.mean(said * (1 - said))
        both = [
            room / (ScoreInterval.fit(said, label, household, best_spread=best).cases_worth + 1)
            for household in (pairs, np.zeros(2 * n))
        ]
        excess.append(both[1])
        error.append(both[0] - both[1])

    # the mean's own luck moves the best score, which is an assumption and not counted
    assert np.mean(error) == pytest.approx(np.std(excess), rel=0.2)


def test_fewer_cases_make_wider_intervals():
    said, truth, label = world(64_000, seed=4)
    household = np.arange(len(label)) // 4
    worth = [
        np.mean([
            ScoreInterval.fit(
                said[part], label[part], household[part], best_spread=spread_of(truth)
            ).cases_worth
            for part in np.array_split(np.arange(len(label)), pieces)
        ])
        for pieces in (1, 4, 16)
    ]  # fmt: skip
    assert worth[0] > worth[1] > worth[2]


def test_outcomes_without_a_figure_of_their_own_get_the_general_one():
    assert best_spread_of("cp_plan", "referral") == BEST_SPREAD["cp_plan", "referral"]
    assert best_spread_of("step_down", "open_case") == OTHER_SPREAD
