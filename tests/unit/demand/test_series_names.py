"""What a series is called where people read it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.demand.series_measures import CASELOAD, MEASURES
from fs_risk.demand.series_names import CALLED, in_words
from fs_risk.demand.verdicts import USE_LAST_YEAR, plain_words


def test_each_measure_has_a_name_of_its_own():
    assert set(CALLED) == {*MEASURES, *CASELOAD}
    assert len(set(CALLED.values())) == len(CALLED)
    assert not any("_" in name for name in CALLED.values())


@pytest.mark.parametrize(
    ("unique_id", "said"),
    [
        ("section47", "section 47 enquiries"),
        ("stock/tier=5", "children at the end of the period, looked after"),
        ("stock/tier=1+2", "children at the end of the period, early help and child in need"),
        ("step_ups/tier=2/to=3/team=A", "step-ups, child in need to child protection plan, team A"),
        ("need/need=domestic_abuse", "open cases by need, domestic abuse"),
        ("referrals/team=North_East/source=school",
         "referrals, team North East, source school"),
        ("home visits", "home visits"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_it_is_split_by_follows(unique_id, said):
    assert in_words(unique_id) == said


def test_verdicts_and_pictures_use_the_names():
    verdicts = pd.DataFrame(
        {
            "measure": ["care_starts", "section47"],
            "verdict": USE_LAST_YEAR,
            "best_rule": "last year",
            "mase": 1.0,
            "mase_best_rule": 1.0,
        }
    )
    assert plain_words(verdicts) == [
        "No better than last year, use that: children who came into care, section 47 enquiries."
    ]
    days = pd.date_range("2020-01-01", periods=36, freq="MS")
    counts = 60 + 12 * np.sin(np.arange(36) * np.pi / 6)
    series = pd.DataFrame({"unique_id": "cp_plan_starts", "ds": days, "y": counts.round()})
    ax = fs.forecast_demand(series, horizon=3, seeds=1).plot()
    try:
        assert ax.get_title().startswith("child protection plans begun: ")
    finally:
        plt.close(ax.figure)
