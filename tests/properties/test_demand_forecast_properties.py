"""What holds for every series that can be forecast."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fs_risk.demand.forecast import forecast_demand
from fs_risk.demand.no_peeking import prove_no_peeking

COUNTS = st.one_of(st.integers(0, 5), st.integers(0, 3_000), st.just(np.nan)).map(float)


@st.composite
def series(draw, least=2, most=30):
    n, periods = draw(st.integers(1, 3)), draw(st.integers(least, most))
    values = draw(arrays(float, (n, periods), elements=COUNTS))
    values[0, [0, -1]] = 7.0  # something is observed, at both ends
    days = pd.date_range("2020-01-01", periods=periods, freq="MS")
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{i}" for i in range(n)], periods),
            "ds": np.tile(days, n),
            "y": values.ravel(),
        }
    )


@settings(max_examples=25, deadline=None)
@given(series())
def test_every_observed_series_has_ordered_finite_bands(given_series):
    table = forecast_demand(given_series, horizon=3, seeds=1).table
    ends = table[["lo-95", "lo-80", "median", "hi-80", "hi-95"]].to_numpy()
    heard = given_series.groupby("unique_id")["y"].count()

    assert set(table["unique_id"]) == set(heard.index[heard > 0])
    assert np.isfinite(ends).all()
    assert (ends >= 0).all()
    assert (np.diff(ends, axis=1) >= 0).all()


@settings(max_examples=10, deadline=None)
@given(series(least=6))
def test_no_forecast_knows_its_future(given_series):
    """G11: whatever came later, the numbers are the same to the bit."""
    assert prove_no_peeking(given_series, 3).passed
