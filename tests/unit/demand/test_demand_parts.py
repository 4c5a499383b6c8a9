"""The parts of a demand forecast, each against an oracle of its own."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.accuracy import measures_by_series
from fs_risk.demand.bands import DEFAULT, default_bands, fit_bands
from fs_risk.demand.panel import as_panel
from fs_risk.demand.past_errors import PastForecasts, past_forecasts
from fs_risk.demand.rolling import MODELS, RollingFits, learning_rows
from fs_risk.demand.rows import feature_names, origin_rows
from fs_risk.demand.statistical import ALPHAS, COMPANIONS, companion_forecasts
from fs_risk.demand.weights import choose_weights, combine, error_scale


def frame(values, start="2018-01-01", freq="MS", **about):
    values = np.asarray(values, dtype=float)
    days = pd.date_range(start, periods=values.shape[1], freq=freq)
    ids = [f"s{i}" for i in range(len(values))]
    return pd.DataFrame(
        {
            "unique_id": np.repeat(ids, len(days)),
            "ds": np.tile(days, len(ids)),
            "y": values.ravel(),
            **about,
        }
    )


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(1)
    season = 1 + 0.3 * np.sin(np.arange(60) * np.pi / 6)
    return as_panel(frame(rng.poisson(100 * season, (5, 60)), kind="stock"), ahead=12)


class TestRows:
    def test_one_column_for_each_name(self, panel):
        rows = origin_rows(panel, 47, 12)

        assert rows.matrix.shape == (5, 12, len(feature_names(12)))

    def test_expected_follows_the_season(self, panel):
        rows = origin_rows(panel, 47, 12)
        truth = 100 * (1 + 0.3 * np.sin(np.arange(48, 60) * np.pi / 6))

        assert np.abs(rows.expected / truth - 1).max() < 0.12

    def test_naive_is_the_same_month_of_last_year(self, panel):
        rows = origin_rows(panel, 47, 12)

        assert np.array_equal(rows.naive, panel.values[:, 36:48])

    def test_second_year_ahead_repeats_the_last_observed_year(self, panel):
        rows = origin_rows(panel.until(47), 47, 24) if panel.working.shape[1] >= 72 else None
        assert rows is None or np.array_equal(rows.naive[:, 12:], rows.naive[:, :12])

    def test_rows_do_not_change_with_the_scale(self, panel):
        """Rows are divided by the level: the same shape at ten times the size is the same row."""
        large = as_panel(frame(panel.values * 10, kind="stock"), ahead=12)
        first, second = (origin_rows(each, 47, 12).matrix for each in (panel, large))
        level = feature_names(12).index("log_level")
        others = [place for place in range(first.shape[2]) if place != level]

        assert np.allclose(first[..., others], second[..., others], equal_nan=True, atol=1e-4)

    def test_upstream_columns_are_those_of_the_series_that_leads(self, panel):
        leads = np.array([1, -1, -1, -1, -1])
        rows = origin_rows(panel, 47, 1, upstream=leads)
        names = feature_names(12)
        up, own = names.index("upstream_mean_3"), names.index("mean_3")

        assert rows.matrix[0, 0, up] == rows.matrix[1, 0, own]
        assert np.isnan(rows.matrix[1, 0, up])

    def test_answers_after_the_cutoff_are_not_learnt(self, panel):
        fits = RollingFits(panel, 12)
        whole = learning_rows(fits, 40)
        cut = learning_rows(RollingFits(panel.until(40), 12), 40)

        assert np.array_equal(whole.ratio, cut.ratio)
        assert np.array_equal(whole.matrix, cut.matrix, equal_nan=True)


class TestCompanions:
    def test_order_is_that_of_the_models(self):
        assert MODELS[1:] == COMPANIONS

    def test_constant_series_is_forecast_as_it_is(self):
        panel = as_panel(frame(np.full((2, 48), 30.0), kind="stock"), ahead=6)
        said = companion_forecasts(panel, 47, 6, origin_rows(panel, 47, 6))

        assert np.allclose(said, 30.0)

    def test_smoothing_is_exponential_smoothing(self):
        """An oracle by hand, for years, which have no season."""
        rng = np.random.default_rng(0)
        values = np.exp(np.cumsum(rng.normal(0, 0.2, (3, 12)), axis=1)) * 100
        panel = as_panel(frame(values, freq="YS"), ahead=2)
        said = companion_forecasts(panel, 11, 2, origin_rows(panel, 11, 2))
        smoothed = []
        for alpha in ALPHAS:
            level = values[:, 0].copy()
            for place in range(1, 12):
                level += alpha * (values[:, place] - level)
            smoothed.append(level)

        found = said[COMPANIONS.index("smoothing")][:, 0]
        assert any(np.allclose(found, each) for each in smoothed)


class TestWeights:
    def past(self, errors):
        """Forecasts with errors of given size for each model, about answers of 100."""
        rng = np.random.default_rng(2)
        answers = np.full((12, 8, 3), 100.0)
        said = [answers + size * rng.normal(size=answers.shape) for size in errors]
        return PastForecasts(np.stack(said), answers, np.repeat([1, 2], 6), np.arange(12))

    def test_columns_sum_to_one(self):
        past = self.past([3, 5, 5, 2, 5, 5])
        weights = choose_weights(past, np.ones(8), np.zeros(8, int), np.ones(8))

        assert np.allclose(weights.sum(axis=0), 1)
        assert (weights >= 0).all()

    def test_bad_companions_do_not_join(self):
        past = self.past([1, 50, 50, 50, 50, 50])
        weights = choose_weights(past, np.ones(8), np.zeros(8, int), np.ones(8))

        assert np.allclose(weights[0], 1)

    def test_mixture_errs_less_than_the_trees_alone(self):
        past = self.past([5, 50, 50, 5, 50, 50])
        weights = choose_weights(past, np.ones(8), np.zeros(8, int), np.ones(8))
        mixed = np.abs(combine(past.forecasts, weights) - past.answers).mean()

        assert mixed < np.abs(past.forecasts[0] - past.answers).mean()

    def test_without_a_past_the_level_counts_alone(self):
        weights = choose_weights(None, np.ones(8), np.zeros(8, int), np.ones(8))

        assert (weights[1] == 1).all()

    def test_groups_choose_for_themselves(self):
        past = self.past([5, 50, 50, 50, 50, 50])
        groups = np.repeat([0, 1], 4)
        past.forecasts[2, :, 4:] = past.answers[:, 4:]
        weights = choose_weights(past, np.ones(8), groups, np.ones(8))

        assert weights[2, 4] > weights[2, 0]

    def test_scale_of_a_constant_series_is_not_nought(self):
        assert (error_scale(np.full((2, 30), 5.0), 12) > 0).all()


class TestBands:
    def draws(self, seed, n=40, origins=30):
        rng = np.random.default_rng(seed)
        level = np.exp(rng.normal(4, 0.7, n))[None, :, None] * np.ones((origins, 1, 6))
        wide = 0.1 + 0.02 * np.arange(6)
        answers = np.maximum(level * (1 + wide * rng.normal(size=level.shape)), 0)
        return level, answers, np.repeat(np.arange(origins // 5), 5)

    def test_cover_what_they_say_on_new_answers(self):
        said, came, folds = self.draws(0)
        bands = fit_bands(said, came, folds)
        fresh_said, fresh_came, _ = self.draws(0)
        rng = np.random.default_rng(9)
        wide = 0.1 + 0.02 * np.arange(6)
        fresh_came = fresh_said * (1 + wide * rng.normal(size=fresh_said.shape))
        ends = bands.around(fresh_said[0])
        inside = (ends[1] <= fresh_came) & (fresh_came <= ends[3])

        assert inside.mean() == pytest.approx(0.8, abs=0.04)
        assert inside[..., 0].mean() == pytest.approx(0.8, abs=0.07)
        assert inside[..., 5].mean() == pytest.approx(0.8, abs=0.07)

    def test_widen_with_the_horizon_and_never_narrow(self):
        said, came, folds = self.draws(3)

        assert (np.diff(fit_bands(said, came, folds).by_step) >= 0).all()

    def test_few_errors_leave_the_published_width(self):
        bands = fit_bands(np.full((1, 1, 3), 50.0), np.full((1, 1, 3), 51.0), np.array([1]))

        assert bands.measured == 0
        assert np.array_equal(bands.quantiles, DEFAULT)

    def test_never_below_nought(self):
        assert (default_bands(1, 3).around(np.full((1, 3), 0.5)) >= 0).all()


class TestAccuracy:
    def test_measures_by_hand(self):
        answers = np.array([[10.0, 20.0, np.nan]])
        ends = np.array([[[5.0] * 3], [[8.0] * 3], [[12.0] * 3], [[15.0] * 3], [[25.0] * 3]])
        found = measures_by_series(answers, ends, np.array([2.0]), np.array([4.0]))

        assert found["mase"][0] == pytest.approx((2 + 8) / 2 / 2)
        assert found["rmsse"][0] == pytest.approx(np.sqrt((4 + 64) / 2) / 4)
        assert found["coverage_80"][0] == 0.5
        assert found["interval_80"][0] == pytest.approx((7 + (7 + 10 * 5)) / 2 / 2)
        assert found["interval_95"][0] == pytest.approx(20 / 2)


def test_past_answers_stop_at_the_present(panel):
    past = past_forecasts(RollingFits(panel, 6), 47)

    assert np.isfinite(past.answers[past.folds == 1][-1]).sum(axis=1).max() == 1


def test_period_not_yet_recorded_in_full_is_left_out():
    """Late recording makes the last months look quiet; they are not learnt from."""
    days = pd.date_range("2023-01-01", periods=4, freq="MS")
    series = pd.DataFrame({"unique_id": "a", "ds": days, "y": [30.0, 28.0, 31.0, 9.0]})
    series["completeness"] = [1.0, 1.0, 0.97, 0.4]

    panel = as_panel(series, ahead=1)

    assert panel.values.tolist() == [[30.0, 28.0, 31.0]]
    assert any("1 of 4 values" in note and "less than 95 %" in note for note in panel.notes)
