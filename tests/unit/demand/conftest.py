"""Invented authorities that several tests of demand look at."""

import pytest

import fs_risk as fs
from fs_risk.demand.caseload import forecast_caseload


@pytest.fixture(scope="session")
def borough():
    """Five years of a small place."""
    return fs.make_authority(children=4_000, years=5, seed=2)


@pytest.fixture(scope="session")
def borough_forecast(borough):
    """A year ahead of the small place, without a look back."""
    return forecast_caseload(borough, horizon=12, n_paths=150, by_team=True, backtest=False)


@pytest.fixture(scope="session")
def looked_back(borough):
    """Half a year ahead of the small place, looked back at from four origins."""
    return forecast_caseload(borough, horizon=6, n_paths=60, progress=False)


@pytest.fixture(scope="session")
def small_profile():
    """The smallest profile of the generator."""
    return fs.make_authority(profile="small")
