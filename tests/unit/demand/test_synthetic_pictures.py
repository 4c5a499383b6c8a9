"""Pictures of forecasts say so where the counts are those of an invented authority."""

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
