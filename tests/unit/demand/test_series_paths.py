"""Joint paths: each part keeps its band, and parts add up to the total on every path."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.series import demand_series
from fs_risk.demand.series_paths import joint_paths, part_names, summed_paths
from fs_risk.errors import RecordsError

LEVELS = {"lo-95": 0.025, "lo-80": 0.1, "median": 0.5, "hi-80": 0.9, "hi-95": 0.975}
NORMAL = {"lo-95": -1.96, "lo-80": -1.2816, "median": 0.0, "hi-80": 1.2816, "hi-95": 1.96}


def bands(names, middle=200.0, sd=20.0, horizon=6):
    ds = pd.date_range("2025-01-01", periods=horizon, freq="MS")
    parts = [
        pd.DataFrame({"unique_id": name, "ds": ds,
                      **{each: middle + z * sd for each, z in NORMAL.items()}})
        for name in names
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def history(together, seed=0, n=600):
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=n), rng.normal(size=(2, n))
    ds = pd.date_range("1975-01-01", periods=n, freq="MS")
    values = 200 + 20 * (shared if together else own)
    values = np.broadcast_to(values, (2, n)) + rng.normal(size=(2, n))
    return pd.concat(
        [pd.DataFrame({"unique_id": name, "ds": ds, "y": values[place]})
         for place, name in enumerate(("referrals/source=a", "referrals/source=b"))]
    )  # fmt: skip


NAMES = ("referrals/source=a", "referrals/source=b")


def test_each_part_keeps_the_band_of_its_forecast():
    paths = joint_paths(bands(NAMES), history(together=True), n_paths=20_000)

    for name in NAMES:
        found = np.quantile(paths[name], list(LEVELS.values()), axis=0)
        wanted = np.array([200 + z * 20 for z in NORMAL.values()])
        assert np.abs(found - wanted[:, None]).max() < 1.5
        assert (paths[name] >= 0).all()


def test_total_is_the_sum_on_every_path_and_wider_when_parts_move_together():
    table = bands(NAMES)
    widths = {}
    for together in (True, False):
        paths = joint_paths(table, history(together), n_paths=4_000)
        total = summed_paths(paths, table, "referrals", NAMES)
        naive = sum(paths[name] for name in NAMES)
        assert np.allclose(total["mean"], naive.mean(axis=0))
        widths[together] = float((total["hi-95"] - total["lo-95"]).mean())

    assert np.isclose(widths[False], 78.4 * 2**0.5, rtol=0.06)
    assert widths[True] > 1.2 * widths[False]
    assert widths[True] < 2 * 78.4


def test_small_counts_stay_whole_and_keep_their_mean():
    table = bands(["a"], middle=1.3, sd=0.1)
    drawn = joint_paths(table, history(together=True), n_paths=20_000)["a"]

    assert set(np.unique(drawn)) <= {0, 1, 2, 3}
    assert abs(drawn.mean() - 1.3) < 0.02


def test_same_seed_same_paths():
    one, two = (joint_paths(bands(NAMES), history(True), n_paths=50, seed=3) for _ in range(2))

    assert all((one[name] == two[name]).all() for name in NAMES)


def test_parts_of_a_series_are_found_by_name(small_profile):
    series = demand_series(small_profile, by=["source", "team"], measures=["referrals"])
    found = part_names(series["unique_id"].unique(), "referrals")
    last = series[series["ds"] == "2025-03-01"].set_index("unique_id")["y"]

    for names in found.values():
        assert last[list(names)].sum() == last["referrals"]


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (lambda table: table.drop(columns="lo-95"), "lacks lo-95"),
        (lambda table: table.iloc[1:], "have different periods"),
    ],
)
def test_a_wrong_forecast_is_refused(wrong, match):
    with pytest.raises(RecordsError, match=match):
        joint_paths(wrong(bands(NAMES)), history(together=True))
