"""Forecasts of demand: what goes in, what comes out, and what each odd series does."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.backtest import backtest_demand
from fs_risk.demand.forecast import coverage_in_words, forecast_demand
from fs_risk.demand.forecaster import COLUMNS, DemandForecaster, joined_panel
from fs_risk.demand.no_peeking import prove_no_peeking
from fs_risk.demand.trees import TreeSettings
from fs_risk.errors import AuditError, RecordsError, SettingError

SEASON = 1 + 0.2 * np.sin(np.arange(12) * np.pi / 6)


def counts(n_series=6, n_periods=60, level=80.0, seed=0, start="2018-01-01", freq="MS"):
    """Poisson counts with one season for all, and levels that differ."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(start, periods=n_periods, freq=freq).astype("datetime64[s]")
    levels = level * np.exp(rng.normal(0, 0.4, n_series))
    y = rng.poisson(levels[:, None] * np.resize(SEASON, n_periods))
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"place {i}" for i in range(n_series)], n_periods),
            "ds": np.tile(days, n_series),
            "y": y.ravel().astype(float),
        }
    )


@pytest.fixture(scope="module")
def many():
    return counts()


@pytest.fixture(scope="module")
def forecast(many):
    return forecast_demand(many, horizon=6, seeds=1)


@pytest.fixture(scope="module")
def backtest():
    return backtest_demand(counts(n_series=8, n_periods=72), horizon=6, windows=3, seeds=1)


class TestTable:
    def test_has_a_row_for_each_series_and_period_ahead(self, many, forecast):
        table = forecast.table

        assert tuple(table.columns) == COLUMNS
        assert table["unique_id"].nunique() == 6
        assert table["ds"].min() == many["ds"].max() + pd.DateOffset(months=1)
        assert len(table) == 6 * 6

    def test_bands_are_nested_and_not_below_nought(self, forecast):
        table = forecast.table
        ordered = table[["lo-95", "lo-80", "median", "hi-80", "hi-95"]].to_numpy()

        assert (np.diff(ordered, axis=1) >= 0).all()
        assert (ordered >= 0).all()

    def test_same_seed_gives_the_same_forecast(self, many, forecast):
        again = forecast_demand(many, horizon=6, seeds=1)

        pd.testing.assert_frame_equal(again.table, forecast.table)

    def test_one_thread_is_used_unless_more_are_asked_for(self, many):
        """On a busy machine two threads wait for each other: measured at many times the time."""
        one, two = DemandForecaster(), DemandForecaster(num_threads=2)
        panel, own = joined_panel(many, None, ahead=12)

        assert one.rolling_fits(panel, own).threads == 1
        assert two.rolling_fits(panel, own).threads == 2
        assert TreeSettings().parameters(0, 1_000, 2)["num_threads"] == 2

    def test_order_of_rows_does_not_matter(self, many, forecast):
        shuffled = many.sample(frac=1, random_state=3)

        pd.testing.assert_frame_equal(
            forecast_demand(shuffled, horizon=6, seeds=1).table, forecast.table
        )

    def test_says_what_each_simple_rule_says(self, many, forecast):
        """The verdict may send one to a rule: its number stands there too."""
        last = many.groupby("unique_id")["y"].last()
        year = many.groupby("unique_id")["y"].nth(-12)
        first = forecast.rules.drop_duplicates("unique_id").set_index("unique_id")

        assert np.array_equal(first["last value"], last)
        assert np.array_equal(first["last year"], year)
        assert set(forecast.verdicts["best_rule"]) <= set(forecast.rules.columns)
        assert len(forecast.by_series) == 6

    def test_carries_coverage_verdict_and_history(self, forecast):
        assert set(forecast.coverage) == {80, 95}
        assert 0.5 < forecast.coverage[80] < 1
        assert forecast.verdict == "use it"
        assert "80 % band" in forecast._repr_html_()

    def test_larger_counts_scale_the_forecast(self, many, forecast):
        """One row of the trees is divided by the series' own level."""
        large = forecast_demand(many.assign(y=many["y"] * 50), horizon=6, seeds=1).table

        assert np.allclose(large["median"], 50 * forecast.table["median"], rtol=0.05)


class TestPaths:
    def test_every_path_of_a_total_is_the_sum_of_its_series(self, forecast):
        """Totals add up in every sample path."""
        paths = forecast.paths(200)
        totals = forecast.totals(n_paths=200)

        assert paths.shape == (200, 6, 6)
        assert (paths >= 0).all()
        assert np.allclose(totals["mean"], paths.sum(axis=1).mean(axis=0))
        assert np.allclose(totals["median"], np.median(paths.sum(axis=1), axis=0))

    def test_paths_are_about_as_wide_as_the_bands(self, forecast):
        paths = forecast.paths(2_000)
        drawn = np.quantile(paths, 0.9, axis=0) - np.quantile(paths, 0.1, axis=0)
        band = (forecast.table["hi-80"] - forecast.table["lo-80"]).to_numpy().reshape(6, 6)

        assert 0.7 < (drawn / band).mean() < 1.3

    def test_each_series_needs_a_total(self, forecast):
        with pytest.raises(SettingError, match="5 of 6 series belong to no total"):
            forecast.totals({"place 1": "north"})

    def test_short_series_have_no_paths(self):
        short = forecast_demand(counts(n_series=2, n_periods=8), horizon=12)
        with pytest.raises(AuditError, match="past forecasts ran their whole course"):
            short.paths()


class TestOddSeries:
    def test_zeros_are_forecast_as_nought_and_said(self):
        series = counts(n_series=2)
        series.loc[series["unique_id"] == "place 0", "y"] = 0.0
        forecast = forecast_demand(series, horizon=3, seeds=1)
        nought = forecast.table.query("unique_id == 'place 0'")

        assert (nought[["median", "lo-95", "lo-80"]] == 0).all(axis=None)
        assert any("nothing but zeros" in note for note in forecast.notes)

    def test_zeros_for_a_short_time_leave_room_above(self):
        series = counts(n_series=1, n_periods=4).assign(y=0.0)

        assert forecast_demand(series, horizon=2).table["hi-95"].ge(1).all()

    @pytest.mark.parametrize("n_periods", [2, 5, 11, 13, 24, 30])
    def test_one_short_series_has_a_forecast_and_bands(self, n_periods):
        series = counts(n_series=1, n_periods=n_periods)
        forecast = forecast_demand(series, horizon=12, seeds=1)

        assert np.isfinite(forecast.table.iloc[:, 2:].to_numpy()).all()
        assert (forecast.table["hi-95"] > forecast.table["lo-95"]).all()
        if n_periods < 24:
            assert any("less than two years" in note for note in forecast.notes)

    @pytest.mark.parametrize(("n_series", "n_periods"), [(1, 4), (6, 9), (6, 14)])
    def test_too_short_to_measure_says_so(self, n_series, n_periods):
        forecast = forecast_demand(counts(n_series=n_series, n_periods=n_periods), horizon=6)

        assert forecast.verdict == "not measured: too short to look back"
        assert set(forecast.by_series["verdict"]) == {forecast.verdict}
        assert "could not be measured" in forecast.words[1]

    def test_gaps_are_left_out_and_counted(self, many):
        holes = many.copy()
        holes.loc[holes.index[10:14], "y"] = np.nan
        forecast = forecast_demand(holes, horizon=6, seeds=1)

        assert forecast.notes[0].startswith("4 of 360 values are missing")
        assert forecast.table["median"].notna().all()

    def test_missing_rows_are_as_missing_values(self, many):
        gone = many.drop(index=many.index[10:14])
        holes = many.copy()
        holes.loc[holes.index[10:14], "y"] = np.nan

        pd.testing.assert_frame_equal(
            forecast_demand(gone, horizon=3, seeds=1).table,
            forecast_demand(holes, horizon=3, seeds=1).table,
        )

    def test_year_without_observations_falls_back_on_earlier_years(self, many):
        silent = many.copy()
        here = (silent["unique_id"] == "place 0") & (silent["ds"] >= "2021-12-01")
        silent.loc[here, "y"] = np.nan
        median = forecast_demand(silent, horizon=3, seeds=1).table["median"]

        assert median.notna().all()

    def test_shock_in_the_last_month_is_said_and_not_carried_on_whole(self, many):
        shocked = many.copy()
        last = shocked["ds"] == shocked["ds"].max()
        shocked.loc[last, "y"] *= 6
        forecast = forecast_demand(shocked, horizon=6, seeds=1)
        before = many.groupby("unique_id")["y"].mean()
        ahead = forecast.table.groupby("unique_id")["median"].mean()

        assert any("far from the year before" in note for note in forecast.notes)
        assert (ahead / before).max() < 2.5

    def test_fractions_are_read_as_rates_and_said(self, many):
        forecast = forecast_demand(many.assign(y=many["y"] / 7), horizon=2, seeds=1)

        assert any("fractions" in note for note in forecast.notes)

    def test_weeks_and_years_work_like_months(self):
        weeks = counts(n_series=2, n_periods=112, start="2022-01-03", freq="W-MON")
        years = counts(n_series=20, n_periods=8, start="2014-04-01", freq="YS-APR")
        of_weeks = forecast_demand(weeks, horizon=4, seeds=1).table
        of_years = forecast_demand(years, horizon=2, seeds=1).table

        assert (of_weeks["ds"].dt.day_of_week == 0).all()
        assert of_years["ds"].dt.strftime("%m-%d").eq("04-01").all()
        assert of_years["median"].notna().all()

    def test_stock_is_not_divided_by_working_days(self, many):
        flow, _ = joined_panel(many, None, ahead=1)
        stock, _ = joined_panel(many.assign(kind="stock"), None, ahead=1)

        assert flow.working[0, 0] == 22
        assert (stock.working == 1).all()


class TestRefusals:
    def test_negative_count(self, many):
        with pytest.raises(RecordsError, match="1 row holds a negative count"):
            forecast_demand(many.assign(y=many["y"].where(many.index != 5, -1.0)))

    def test_infinite_count(self, many):
        with pytest.raises(RecordsError, match="1 row holds an infinite count"):
            forecast_demand(many.assign(y=many["y"].where(many.index != 5, np.inf)))

    def test_period_twice(self, many):
        with pytest.raises(RecordsError, match="2 rows repeat a series and period"):
            forecast_demand(pd.concat([many, many.iloc[:2]]))

    def test_no_column(self, many):
        with pytest.raises(RecordsError, match=r"no column 'ds'"):
            forecast_demand(many.drop(columns="ds"))

    def test_nothing_observed(self, many):
        with pytest.raises(RecordsError, match="None of 360 rows holds a count"):
            forecast_demand(many.assign(y=np.nan))

    def test_days(self, many):
        days = pd.date_range("2024-01-01", periods=len(many), freq="D")
        with pytest.raises(RecordsError, match="1 day apart"):
            forecast_demand(many.assign(ds=days, unique_id="a"))

    def test_middle_of_the_month(self, many):
        with pytest.raises(RecordsError, match="do not begin on the first day"):
            forecast_demand(many.assign(ds=many["ds"] + pd.Timedelta(days=3)))

    def test_single_period(self, many):
        with pytest.raises(RecordsError, match="a single period"):
            forecast_demand(many[many["ds"] == many["ds"].min()])

    @pytest.mark.parametrize("horizon", [0, -1, 2.5, True])
    def test_impossible_horizon(self, many, horizon):
        with pytest.raises(SettingError, match=r"horizon=.* is not possible"):
            forecast_demand(many, horizon=horizon)

    def test_longer_horizon_than_fitted(self, many):
        forecaster = DemandForecaster(horizon=2, seeds=1).fit(many)

        assert len(forecaster.predict(1)) == 6
        with pytest.raises(SettingError, match="longer than the 2 periods"):
            forecaster.predict(3)

    def test_not_fitted(self):
        with pytest.raises(SettingError, match="was not fitted"):
            DemandForecaster().predict()

    def test_unknown_upstream(self, many):
        with pytest.raises(SettingError, match="1 name in upstream is no series"):
            forecast_demand(many, upstream={"place 0": "nowhere"})

    def test_prior_of_other_periods(self, many):
        years = counts(n_series=3, n_periods=4, start="2018-01-01", freq="YS")
        years["unique_id"] = "other " + years["unique_id"]
        with pytest.raises(RecordsError, match="periods are not those"):
            forecast_demand(many, prior=years)

    def test_unknown_series_to_plot(self, forecast):
        with pytest.raises(SettingError, match="no such series"):
            forecast.plot("place 77")


class TestPrior:
    def test_series_that_is_forecast_is_left_out_of_the_prior(self, many):
        """The prior never holds the authority that is forecast."""
        own = many[(many["unique_id"] == "place 0") & (many["ds"] >= "2022-01-01")]
        panel, mine = joined_panel(own, many, ahead=1)

        assert mine.sum() == 1
        assert np.isfinite(panel.values[mine]).sum() == 12

    def test_prior_lends_its_season_to_a_single_year(self):
        """The season of one year is noise; that of the others is not."""
        everything = counts(n_series=16, n_periods=72, level=40)
        ids = everything["unique_id"]
        last = everything["ds"] >= everything["ds"].max() - pd.DateOffset(months=23)
        own = everything[(ids == "place 0") & last]
        before, after = own.iloc[:12], own.iloc[12:]
        others = everything[everything["ds"] <= before["ds"].max()]
        alone = forecast_demand(before, seeds=1).table["median"].to_numpy()
        helped = forecast_demand(before, prior=others, seeds=1).table["median"].to_numpy()
        came = after["y"].to_numpy()

        assert np.abs(helped - came).mean() < np.abs(alone - came).mean()

    def test_nothing_of_the_prior_after_the_last_period_is_used(self, many):
        before = many["ds"] <= "2021-12-01"
        own = many[(many["unique_id"] == "place 0") & before]
        whole = forecast_demand(own, horizon=3, prior=many, seeds=1).table
        cut = forecast_demand(own, horizon=3, prior=many[before], seeds=1).table

        pd.testing.assert_frame_equal(whole, cut)


class TestBacktest:
    def test_mase_is_that_of_the_table(self, backtest):
        """An oracle by hand for the last origin."""
        series = counts(n_series=8, n_periods=72)
        origin = backtest.by_origin["origin"].iloc[-1]
        part = backtest.table[backtest.table["origin"] == origin]
        before = series[series["ds"] <= origin]
        change = before.groupby("unique_id")["y"].agg(
            lambda y: np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean()
        )
        error = (part["y"] - part["median"]).abs().groupby(part["unique_id"]).mean()

        assert backtest.by_origin["mase"].iloc[-1] == pytest.approx((error / change).mean())

    def test_coverage_is_that_of_the_table(self, backtest):
        table = backtest.table
        inside = (table["lo-80"] <= table["y"]) & (table["y"] <= table["hi-80"])

        assert backtest["coverage_80"] == pytest.approx(inside.mean())

    def test_interval_score_is_that_of_the_table(self, backtest):
        series = counts(n_series=8, n_periods=72)
        origin = backtest.by_origin["origin"].iloc[0]
        part = backtest.table[backtest.table["origin"] == origin]
        below = (part["lo-95"] - part["y"]).clip(lower=0)
        above = (part["y"] - part["hi-95"]).clip(lower=0)
        score = part["hi-95"] - part["lo-95"] + 40 * (below + above)
        before = series[series["ds"] <= origin].groupby("unique_id")["y"]
        scale = before.agg(lambda y: np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean())
        by_series = score.groupby(part["unique_id"]).mean() / scale

        assert backtest.by_origin["interval_95"].iloc[0] == pytest.approx(by_series.mean())

    def test_beats_last_year_on_noise_about_a_season(self, backtest):
        last_year = backtest.skill.set_index("rival").loc["last year", "skill"]

        assert last_year > 0.1
        assert backtest.verdict == "use it"

    def test_years_that_repeat_themselves_are_told_to_use_last_year(self):
        """Last year's number has no error at all here; ours has little, and says so."""
        rng = np.random.default_rng(1)
        series = counts(n_series=4, n_periods=72)
        series["y"] = np.tile(rng.poisson(60, (4, 12)), (1, 6)).ravel()
        found = backtest_demand(series, horizon=6, windows=4, seeds=1)

        assert found.verdict == "no better than last year: use that"
        assert (found.by_series["best_rule"] == "last year").all()
        assert found.by_series["unique_id"].to_list() == [f"place {i}" for i in range(4)]

    def test_a_simple_rule_within_chance_does_not_take_the_verdict(self, backtest):
        row = backtest.verdicts.iloc[0]

        assert row["mase_best_rule"] < row["mase"]  # Theta, by three hundredths, on three origins
        assert row["low"] < 0 < row["high"]

    def test_random_walks_are_told_to_use_last_year(self):
        """Where nothing can be known, last year's number is as good."""
        rng = np.random.default_rng(4)
        walks = np.exp(np.cumsum(rng.normal(0, 0.15, (60, 10)), axis=1)) * 2_000
        years = pd.date_range("2014-04-01", periods=10, freq="YS-APR")
        frame = pd.DataFrame(walks.round(), columns=years)
        series = frame.rename_axis("unique_id").reset_index()
        series = series.melt("unique_id", var_name="ds", value_name="y").astype({"unique_id": str})
        backtest = backtest_demand(series, horizon=1, windows=4, seeds=1)

        assert abs(backtest.skill.set_index("rival").loc["last value", "skill"]) < 0.04

    def test_series_that_begins_after_an_origin_is_not_forecast_from_it(self):
        """Nothing observed is not nought."""
        series = counts(n_series=4, n_periods=72)
        late = (series["unique_id"] == "place 3") & (series["ds"] < "2023-09-01")
        series.loc[late, "y"] = np.nan
        found = backtest_demand(series, horizon=3, windows=2, step=6, seeds=1)
        late = found.table[found.table["unique_id"] == "place 3"]
        first = late["origin"] == late["origin"].min()

        assert late.loc[first, "median"].isna().all()
        assert late.loc[~first, "median"].notna().all()
        assert found.verdicts["mase"].iloc[0] < 2

    def test_few_origins_are_said(self, backtest):
        assert any("fewer than four" in note for note in backtest.notes)

    def test_no_possible_origin(self):
        with pytest.raises(SettingError, match="None of 4 origins"):
            backtest_demand(counts(n_periods=20), horizon=12)

    def test_draws_coverage_and_fan(self, backtest, forecast):
        from matplotlib import pyplot

        assert backtest.plot().get_ylabel() == "of what came, inside the band, %"
        assert forecast.plot("place 1").get_title().startswith("place 1")
        assert "Verdict" in backtest._repr_html_()
        pyplot.close("all")


class TestNoPeeking:
    def test_changing_the_future_changes_no_forecast(self, many):
        """G11: a forecast from an origin knows nothing after it."""
        proof = prove_no_peeking(many, horizon=6, origin="2021-06-01")

        assert proof.passed
        assert proof.changed == 0

    def test_proof_finds_a_forecaster_that_peeks(self, many, monkeypatch):
        """A level that averages the whole series is caught."""
        import fs_risk.demand.rows as rows

        honest = rows._at_target

        def peeking(panel, origin, *rest):
            ahead, expected, naive = honest(panel, origin, *rest)
            return ahead, expected * (1 + 1e-3 * panel.values[:, -1:]), naive

        monkeypatch.setattr(rows, "_at_target", peeking)

        assert not prove_no_peeking(many, horizon=6, origin="2021-06-01").passed


def test_coverage_words_round_to_whole_percent():
    assert "94 %" in coverage_in_words({80: 0.8, 95: 0.944})


class TestFarAhead:
    @pytest.mark.parametrize(("horizon", "said"), [(12, False), (48, True)])
    def test_what_lies_beyond_what_was_measured_is_said(self, horizon, said):
        """A verdict of three years ahead is none of the fourth."""
        forecast = forecast_demand(counts(n_series=2, n_periods=60), horizon=horizon, seeds=1)
        past = np.isfinite(forecast.origin.past.answers).any(axis=(0, 1))
        note = f"up to {past.sum()} periods ahead, of the {horizon}"

        assert past.all() != said
        assert any(note in each for each in forecast.notes) == said
