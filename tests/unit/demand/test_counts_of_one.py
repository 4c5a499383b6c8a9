"""What is said of one series, row or month speaks of one."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.backtest import backtest_demand
from fs_risk.demand.caseload import forecast_caseload
from fs_risk.demand.caseload_backtest import backtest_caseload
from fs_risk.demand.forecaster import joined_panel
from fs_risk.demand.panel import as_panel
from fs_risk.demand.staffing import StaffingPlan
from fs_risk.errors import RecordsError

DAYS = pd.date_range("2022-01-01", periods=30, freq="MS")


def series(name="plans", y=5.0, **more):
    return pd.DataFrame({"unique_id": name, "ds": DAYS, "y": y, **more})


def first(n, value, otherwise):
    return np.where(np.arange(len(DAYS)) < n, value, otherwise)


def said(frame):
    return " ".join(as_panel(frame, ahead=0).notes)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (series(y=0.0), "1 series holds nothing but zeros: it is forecast as 0."),
        (series(y=2.5), "1 series holds fractions"),
        (series()[:20], "1 series has less than two years: too short for seasons of its own."),
        (series(completeness=first(29, 1.0, 0.5)),
         "1 of 30 values is of a period recorded to less than 95 % so far: it is left out."),
        (series(segment=first(15, 0, 1)), "1 series crosses a marked break"),
        (series(mark=first(1, "shock: flood", "")), "1 value lies in a marked shock: it is left"),
    ],
)  # fmt: skip
def test_notes_on_one_series_or_value_are_in_the_singular(one, words):
    assert words in said(one)
    assert not re.search(r"\b1 (series (hold|have|cross|end)|values|of 30 values are)\b", said(one))


def test_notes_on_two_series_are_in_the_plural():
    two = pd.concat([series("a", y=0.0), series("b", y=0.0)])

    assert "2 series hold nothing but zeros: they are forecast as 0." in said(two)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (series(y=first(1, -1.0, 5.0)), "1 row holds a negative count"),
        (series(y=first(2, -1.0, 5.0)), "2 rows hold a negative count"),
        (pd.concat([series(), series()[:1]]), "1 row repeats a series and period"),
        (series().assign(ds=[pd.NaT, *DAYS[1:]]), "1 row has no date"),
        (series(y=np.nan)[:1], "None of 1 row holds a count"),
        (series().assign(ds=pd.date_range("2024-01-01", periods=30)), "are 1 day apart"),
        (series().assign(ds=[*DAYS[:-1], DAYS[-1] + pd.Timedelta(days=2)]),
         "1 period does not begin"),
    ],
)  # fmt: skip
def test_refusals_count_in_the_singular_and_in_the_plural(wrong, message):
    with pytest.raises(RecordsError, match=message):
        as_panel(wrong, ahead=0)


def test_one_series_of_another_authority_is_one():
    panel, own = joined_panel(series(), series("other"), ahead=2)

    assert own.sum() == 1
    assert "1 series of another authority was learnt from beside them." in panel.notes


def test_backtest_of_one_origin_says_origin():
    long = pd.DataFrame(
        {"unique_id": "a", "ds": pd.date_range("2018-01-01", periods=60, freq="MS"), "y": 9.0}
    )
    made = backtest_demand(long, horizon=2, windows=1, seeds=1)

    assert any(note.startswith("Only 1 origin:") for note in made.notes)


@pytest.fixture(scope="module")
def page_of_one(borough):
    """A planning page of one child on each tier, one month, one earlier date and one post."""
    found = forecast_caseload(borough, horizon=1, n_paths=40, backtest=False)
    opening = np.ones_like(found.paths.opening)
    role = {"weights": {2: 1}, "standard": 1}
    roles = [
        {"name": "worker", "in_post": 1, **role},
        {"name": "specialist", "counts": "families", **role},
    ]
    return replace(
        found,
        _drawn=replace(found.paths, opening=opening),
        backtest=backtest_caseload(borough, horizon=1, windows=1, n_paths=40, progress=False),
    ).to_html(plan=StaffingPlan(roles=roles))


@pytest.mark.parametrize(
    "words",
    ["from 1 child, by what", "comes and goes in 1 month, means", "From 1 earlier date the 80 %",
     "From 1 earlier date, at these standards", "worker: 1 post;", "worker: 1 child (",
     "specialist: 1 family (", "of 1 month in breach"],
)  # fmt: skip
def test_planning_page_counts_one_as_one(page_of_one, words):
    assert words in page_of_one


def test_planning_page_puts_no_plural_after_one(page_of_one):
    many = r"(?<![\d,.])1 (children|families|months|posts|earlier dates|origins)\b"

    assert not re.search(many, page_of_one)
