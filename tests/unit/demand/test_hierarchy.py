"""Forecasts of teams and sources add up to that of the whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fs_risk.demand.backtest import backtest_demand
from fs_risk.demand.forecast import forecast_demand
from fs_risk.demand.hierarchy import Sum, Total, added_up, adding_up, named_totals
from fs_risk.demand.no_peeking import prove_no_peeking

LEVELS = st.floats(0.01, 5_000)


def split_counts(n_periods: int = 60, *, seed: int = 0) -> pd.DataFrame:
    """Monthly counts of three teams and two sources, and of the whole."""
    rng = np.random.default_rng(seed)
    season = 1 + 0.2 * np.sin(np.arange(n_periods) * np.pi / 6)
    teams = rng.poisson(np.array([[40], [15], [3]]) * season)
    whole = teams.sum(axis=0)
    police = rng.binomial(whole, 0.3)
    held = {"": whole, **{f"team {i}": each for i, each in enumerate(teams)}}
    days = pd.date_range("2019-01-01", periods=n_periods, freq="MS")
    parts = [
        pd.DataFrame({"unique_id": f"referrals {team}".strip(), "ds": days, "y": y * 1.0,
                      "measure": "referrals", "team": team, "source": ""})
        for team, y in held.items()
    ]  # fmt: skip
    parts += [
        pd.DataFrame({"unique_id": f"referrals by {source}", "ds": days, "y": y * 1.0,
                      "measure": "referrals", "team": "", "source": source})
        for source, y in (("police", police), ("others", whole - police))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def gaps(table: pd.DataFrame, column: str) -> np.ndarray:
    """By how much teams, and sources, miss their total."""
    wide = table.pivot(index="ds", columns="unique_id", values=column)
    whole = wide["referrals"]
    sources = wide[["referrals by police", "referrals by others"]].sum(axis=1)
    teams = wide[[name for name in wide if "team" in name]].sum(axis=1)
    return np.concatenate([teams - whole, sources - whole])


@pytest.fixture(scope="module")
def series():
    return split_counts()


@pytest.fixture(scope="module")
def forecast(series):
    return forecast_demand(series, horizon=6, seeds=1)


class TestReconciling:
    @settings(max_examples=60, deadline=None)
    @given(LEVELS, st.lists(LEVELS, min_size=1, max_size=5), st.lists(LEVELS, max_size=4))
    def test_is_weighted_least_squares_under_the_sums(self, whole, first, second):
        """Oracle: the closest point that adds up, by the conditions of Karush, Kuhn, Tucker."""
        said = np.array([whole, *first, *second])
        splits = [np.arange(1, 1 + len(first)), np.arange(1 + len(first), len(said))]
        splits = [each for each in splits if len(each)]
        rules = np.zeros((len(splits), len(said)))
        for row, each in zip(rules, splits, strict=True):
            row[0], row[each] = 1, -1
        weight = np.diag(1 / said)
        system = np.block([[weight, rules.T], [rules, np.zeros((len(splits), len(splits)))]])
        closest = np.linalg.solve(system, [*(weight @ said), *np.zeros(len(splits))])[: len(said)]

        joined = added_up(said[:, None], (Sum(0, tuple(splits)),))[:, 0]

        assert np.allclose(joined, closest, rtol=1e-6, atol=1e-9)
        assert (joined >= 0).all()

    def test_what_already_adds_up_is_left(self):
        said = np.array([[6.0], [2.0], [4.0], [9.0]])
        joined = added_up(said, (Sum(0, (np.array([1, 2]),)),))

        assert np.allclose(joined, said)

    def test_a_part_of_nothing_but_zeros_adds_nothing(self):
        said = np.array([[6.0], [5.0], [np.nan]])
        joined = added_up(said, (Sum(0, (np.array([1, 2]),)),))

        assert joined[0] == joined[1]

    def test_parts_that_are_all_nought_make_the_whole_nought(self):
        said = np.array([[0.3], [0.0], [0.0]])
        assert not added_up(said, (Sum(0, (np.array([1, 2]),)),)).any()


class TestFinding:
    def test_totals_are_named_by_their_columns(self, series):
        (total,) = named_totals(series)

        assert total.whole == "referrals"
        assert total.parts == (
            ("referrals team 0", "referrals team 1", "referrals team 2"),
            ("referrals by others", "referrals by police"),
        )

    def test_series_of_another_measure_or_tier_are_no_parts(self, series):
        other = series.assign(measure="contacts", unique_id="c " + series["unique_id"])
        totals = named_totals(pd.concat([series, other]))

        assert [each.whole for each in totals] == ["c referrals", "referrals"]
        assert all(name.startswith("c ") for each in totals[0].parts for name in each)

    def test_two_wholes_leave_it_open_whose_the_parts_are(self, series):
        twice = series[series["unique_id"] == "referrals"].assign(unique_id="another place")
        assert named_totals(pd.concat([series, twice])) == ()

    def test_plain_series_have_none(self, series):
        assert named_totals(series[["unique_id", "ds", "y"]]) == ()

    def test_parts_that_do_not_add_up_are_forecast_apart_and_said(self, series):
        short = series[series["unique_id"] != "referrals team 2"]
        with_note = forecast_demand(short, horizon=3, seeds=1)

        assert any("1 total was not observed to be the sum" in note for note in with_note.notes)
        alone = forecast_demand(short.drop(columns=["team", "source"]), horizon=3, seeds=1)
        pd.testing.assert_frame_equal(with_note.table, alone.table)

    def test_sums_are_judged_only_where_all_were_observed(self):
        totals = (Total("all", (("a", "b"),)),)
        ids = np.array(["a", "all", "b"], dtype=object)
        values = np.array([[1.0, 2, np.nan], [3.0, 5, 7], [2.0, 3, 1]])

        assert adding_up(totals, ids, values) == (totals, ())
        never = values.copy()
        never[0] = np.nan
        assert adding_up(totals, ids, never)[0] == ()


class TestForecasts:
    @pytest.mark.parametrize("column", ["mean", "median"])
    def test_teams_and_sources_add_up_to_the_whole(self, forecast, column):
        assert np.abs(gaps(forecast.table, column)).max() < 1e-9

    def test_bands_stay_in_order_about_them(self, forecast):
        ends = forecast.table[["lo-95", "lo-80", "median", "hi-80", "hi-95"]].to_numpy()
        assert (np.diff(ends, axis=1) >= 0).all()

    def test_every_sample_path_adds_up(self, forecast):
        paths = forecast.paths(50)
        ids = list(forecast.table["unique_id"].unique())
        teams = [number for number, name in enumerate(ids) if "team" in name]

        assert np.allclose(paths[:, teams].sum(axis=1), paths[:, ids.index("referrals")])

    def test_a_total_of_all_counts_no_child_twice(self, forecast):
        ids = list(forecast.table["unique_id"].unique())
        whole = forecast.paths(50)[:, ids.index("referrals")]

        assert np.allclose(forecast.totals(n_paths=50)["mean"], whole.mean(axis=0))

    def test_forecasts_looked_back_at_add_up_too(self, series):
        table = backtest_demand(series, horizon=3, windows=2, step=6, seeds=1).table
        for _, one in table.groupby("origin"):
            assert np.abs(gaps(one, "median")).max() < 1e-9

    def test_a_prior_of_the_same_measure_does_not_hide_them(self, series):
        prior = split_counts(seed=1).assign(unique_id=lambda each: "other " + each["unique_id"])
        table = forecast_demand(series, horizon=3, seeds=1, prior=prior).table

        assert np.abs(gaps(table, "mean")).max() < 1e-9

    def test_teams_follow_a_whole_that_others_referrals_forecast(self):
        """Where less than two years are known, the whole is lent and its teams move with it."""
        short = split_counts(16)
        table = forecast_demand(short, horizon=3, seeds=1, authority="E06000001").table
        alone = forecast_demand(
            short[short["unique_id"] == "referrals"], horizon=3, seeds=1, authority="E06000001"
        ).table

        assert np.abs(gaps(table, "median")).max() < 1e-9
        assert np.abs(gaps(table, "mean")).max() < 1e-9
        whole = table[table["unique_id"] == "referrals"].reset_index(drop=True)
        pd.testing.assert_frame_equal(whole, alone)

    def test_no_forecast_knows_whether_later_counts_add_up(self, series):
        """G11: what is changed later does not undo the sums of earlier origins."""
        assert prove_no_peeking(series, 3).passed
