"""Pictures of forecasts say so where the counts are those of an invented authority."""

import copy
import pickle

import pandas as pd
import pytest
from matplotlib import pyplot

from fs_risk.demand.backtest import backtest_demand
from fs_risk.demand.forecast import forecast_demand
from fs_risk.demand.series import demand_series


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def series(borough):
    return demand_series(borough, measures=["referrals"])


@pytest.fixture(scope="module")
def forecast(series):
    return forecast_demand(series, horizon=3, seeds=1)


def own_counts(series):
    """The same counts in a frame of a user's own: nobody said what they were counted from."""
    return pd.DataFrame({name: series[name].to_numpy() for name in ("unique_id", "ds", "y")})


def test_series_know_what_records_they_were_counted_from(series, borough):
    real = type(borough).from_frames(
        {"referrals": borough["referrals"]},
        extract_date=borough.extract_date,
        coverage={"referrals": borough.coverage["referrals"]},
    )

    assert series.attrs == {"origin": "synthetic"}
    assert demand_series(real, measures=["referrals"]).attrs == {"origin": "real"}


def test_picture_and_page_of_a_forecast_of_invented_counts_are_stamped(forecast):
    assert forecast.plot().get_title().startswith("SYNTHETIC. referrals")
    assert "SYNTHETIC" in forecast.to_html()


def test_picture_of_a_forecast_of_a_part_of_invented_counts_is_stamped(series):
    part = series[series["ds"] >= "2022-01-01"]
    assert forecast_demand(part, 3, seeds=1).plot().get_title().startswith("SYNTHETIC. ")


def test_picture_of_a_backtest_of_invented_counts_is_stamped(series):
    made = backtest_demand(series, horizon=3, windows=1, seeds=1)
    assert made.plot().get_title().startswith("SYNTHETIC. Coverage of the bands")


def test_counts_of_a_users_own_are_not_stamped(series):
    forecast = forecast_demand(own_counts(series), horizon=3, seeds=1)
    backtest = backtest_demand(own_counts(series), horizon=3, windows=1, seeds=1)

    assert forecast.plot().get_title().startswith("referrals")
    assert backtest.plot().get_title().startswith("Coverage of the bands")
    assert "SYNTHETIC" not in forecast.to_html()


def test_series_say_row_by_row_what_records_they_were_counted_from(series):
    assert set(series["records"]) == {"synthetic"}
    assert str(series["records"].dtype) == "str"


def test_forecast_of_invented_counts_beside_own_ones_is_stamped(series):
    """`pd.concat` of unlike frames drops their attrs."""
    own = own_counts(series).assign(unique_id="ours")
    mixed = pd.concat([series, own], ignore_index=True)
    made = forecast_demand(mixed, 3, seeds=1)

    assert not mixed.attrs
    assert made.synthetic
    assert made.plot().get_title().startswith("SYNTHETIC. ")
    assert backtest_demand(mixed, horizon=3, windows=1, seeds=1).synthetic


def test_forecast_that_learnt_from_invented_counts_is_stamped(series):
    own = own_counts(series).assign(unique_id="ours")

    assert forecast_demand(own, 3, prior=series, seeds=1).synthetic


def test_displays_of_invented_counts_are_stamped(forecast, series):
    made = backtest_demand(series, horizon=3, windows=1, seeds=1)

    for shown in (forecast, made):
        assert repr(shown).startswith("SYNTHETIC. Demand")
        assert shown._repr_html_().index("SYNTHETIC. ") < shown._repr_html_().index("Verdict")


@pytest.mark.parametrize("again", [copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_stamp_is_kept_when_saved_and_loaded_again(forecast, series, again):
    made = backtest_demand(series, horizon=3, windows=1, seeds=1)

    for shown in (again(forecast), again(made)):
        assert shown.plot().get_title().startswith("SYNTHETIC. ")
        assert repr(shown).startswith("SYNTHETIC. ")
    assert "SYNTHETIC" in again(forecast).to_html()


def test_displays_of_a_users_own_counts_are_not_stamped(series):
    for made in (
        forecast_demand(own_counts(series), horizon=3, seeds=1),
        backtest_demand(own_counts(series), horizon=3, windows=1, seeds=1),
    ):
        assert not made.synthetic
        assert "SYNTHETIC" not in repr(made) + made._repr_html_()


def test_look_back_at_an_invented_caseload_is_stamped(looked_back):
    made = looked_back.backtest

    assert repr(made).startswith("SYNTHETIC. CaseloadBacktest")
    assert made.plot().get_title().startswith("SYNTHETIC. Coverage of the bands")
