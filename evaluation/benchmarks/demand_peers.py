"""Peers of the demand forecaster: run by ``demand.py`` in a Python that has them.

Each is given the series up to each origin and forecasts 12 months with 80 % and 95 % bands.
mlforecast's LightGBM is set up as its documentation does: lags, rolling means, month, Tweedie
on raw counts, recursive, conformal bands from two windows (its default).
"""

import json
import sys
import time
import warnings

import lightgbm
import pandas as pd
from mlforecast import MLForecast
from mlforecast.lag_transforms import RollingMean
from mlforecast.utils import PredictionIntervals
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, AutoTheta

LEVELS = [80, 95]
COLUMNS = ["mean", "lo-95", "lo-80", "hi-80", "hi-95"]


def by_statsforecast(kind: type, known: pd.DataFrame) -> pd.DataFrame:
    """Forecast each series alone."""
    forecaster = StatsForecast([kind(season_length=12)], freq="MS", n_jobs=1)
    return forecaster.forecast(df=known, h=12, level=LEVELS).reset_index()


def by_mlforecast(known: pd.DataFrame) -> pd.DataFrame:
    """Forecast all series with one LightGBM."""
    trees = lightgbm.LGBMRegressor(
        objective="tweedie", n_estimators=200, learning_rate=0.05, num_threads=1, verbosity=-1
    )
    forecaster = MLForecast(
        {"LightGBM": trees},
        freq="MS",
        lags=list(range(1, 14)),
        lag_transforms={1: [RollingMean(3), RollingMean(12)]},
        date_features=["month"],
    )
    forecaster.fit(known, prediction_intervals=PredictionIntervals(n_windows=2, h=12))
    return forecaster.predict(12, level=LEVELS)


PEERS = {
    "AutoETS": lambda known: by_statsforecast(AutoETS, known),
    "AutoTheta": lambda known: by_statsforecast(AutoTheta, known),
    "mlforecast LightGBM": by_mlforecast,
}


def main() -> None:
    """Forecast from each origin, write the forecasts, and print processor seconds."""
    warnings.simplefilter("ignore")
    given, taken, *origins = sys.argv[1:]
    series = pd.read_csv(given, parse_dates=["ds"])
    parts, seconds = [], dict.fromkeys(PEERS, 0.0)
    for place, peer in enumerate(PEERS.values()):
        if place < 2:  # compiled on first use: not part of the time
            few = series["unique_id"].unique()[:2]
            peer(series[series["unique_id"].isin(few) & (series["ds"] <= origins[0])])
    for origin in origins:
        known = series[series["ds"] <= origin]
        for name, peer in PEERS.items():
            start = time.process_time()
            said = peer(known)
            seconds[name] += time.process_time() - start
            model = next(column for column in said if column.endswith("-lo-95"))[: -len("-lo-95")]
            names = {model: "mean", **{f"{model}-{each}": each for each in COLUMNS[1:]}}
            said = said.rename(columns=names)[["unique_id", "ds", *COLUMNS]]
            parts.append(said.assign(model=name, origin=origin))
    pd.concat(parts).to_csv(taken, index=False)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
