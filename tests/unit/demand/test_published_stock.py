"""Published stock: the pooled return to the mean, and a verdict that says when it is no use."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.caseload_published import (
    USE_IT,
    backtest_published_stock,
    forecast_published_stock,
)
from fs_risk.errors import OutcomeError, RecordsError

STOCKS = {
    "At31_episodes": (0.0791, 0.1006, USE_IT),
    "CPP_At31": (0.1674, 0.2116, USE_IT),
}


def invented(reverting, n=120, years=12, seed=0):
    rng = np.random.default_rng(seed)
    mean = rng.normal(6, 0.5, n)
    level = np.zeros((n, years))
    for year in range(1, years):
        level[:, year] = reverting * level[:, year - 1] + rng.normal(0, 0.15, n)
    frame = pd.DataFrame(np.exp(mean[:, None] + level), columns=range(2010, 2010 + years))
    frame = frame.rename_axis("unique_id").reset_index()
    return frame.melt("unique_id", var_name="year", value_name="y").astype({"year": int})


def test_a_stock_that_returns_to_its_mean_is_beaten():
    _, summary = backtest_published_stock(invented(0.3, n=400), first=2016)

    assert (summary["verdict"] == USE_IT).all()
    assert (summary["wape"] < 0.95 * summary["wape_last_value"]).all()
    assert summary["cover_80"].between(0.74, 0.86).all()
    assert summary["cover_95"].between(0.92, 0.98).all()


def test_a_stock_that_walks_at_random_is_left_to_last_value():
    table, summary = backtest_published_stock(invented(1.0, seed=3), first=2016)

    assert (abs(summary["wape"] / summary["wape_last_value"] - 1) < 0.02).all()
    assert abs(np.log(table["median"] / table["last_value"])).mean() < 0.03


def test_what_comes_later_changes_no_forecast():
    stock = invented(0.3)
    early = stock[stock["year"] <= 2018]
    table, _ = backtest_published_stock(stock, first=2018)
    from_then = table[(table["origin"] == 2018) & (table["h"] == 1)].set_index("unique_id")
    alone = forecast_published_stock(early, horizon=1).set_index("unique_id")

    assert np.allclose(from_then["median"], alone["median"].reindex(from_then.index))


def test_missing_years_are_left_out():
    stock = invented(0.3)
    stock.loc[(stock["unique_id"] == 5) & (stock["year"] == 2021), "y"] = np.nan

    assert 5 not in set(forecast_published_stock(stock)["unique_id"])


def test_too_few_authorities_are_refused():
    with pytest.raises(OutcomeError, match="pairs of years are too few"):
        forecast_published_stock(invented(0.3, n=3))
    with pytest.raises(OutcomeError, match="No year can be forecast from"):
        backtest_published_stock(invented(0.3), first=2030)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (lambda stock: stock.drop(columns="y"), "lacks y"),
        (lambda stock: pd.concat([stock, stock.head(3)]), "3 authorities and years"),
    ],
)
def test_a_wrong_table_is_refused(wrong, match):
    with pytest.raises(RecordsError, match=match):
        forecast_published_stock(wrong(invented(0.3)))


@pytest.mark.samples
@pytest.mark.parametrize("column", STOCKS)
def test_published_need_and_plans_beat_last_value_at_one_and_two_years(samples, column):
    panel = pd.read_csv(samples / "published" / "dfe_la_annual_panel.csv")
    stock = panel.rename(columns={"new_la_code": "unique_id", "time_period": "year", column: "y"})
    _, summary = backtest_published_stock(stock[["unique_id", "year", "y"]], first=2018)
    one, two, verdict = STOCKS[column]

    assert np.allclose(summary["wape_last_value"], [one, two], atol=5e-4)
    assert (summary["wape"] < summary["wape_last_value"] - 0.002).all()
    assert (summary["verdict"] == verdict).all()


@pytest.mark.samples
def test_published_looked_after_stock_is_left_to_last_value(samples):
    panel = pd.read_csv(samples / "published" / "dfe_la_annual_panel.csv")
    stock = panel.rename(
        columns={"new_la_code": "unique_id", "time_period": "year", "LAIT_LACnum": "y"}
    )
    _, summary = backtest_published_stock(stock[["unique_id", "year", "y"]], first=2018)

    assert (abs(summary["wape"] / summary["wape_last_value"] - 1) < 0.03).all()
