"""Periods, exposure, breaks and late recording."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fs_risk.demand.breaks import marks, months_marked
from fs_risk.demand.calendar import check_frequency, exposure, period_edges
from fs_risk.demand.completeness import LONGEST_DELAY, completeness, delay_distribution
from fs_risk.errors import SettingError
from fs_risk.records.breaks import Break, as_breaks

DAYS = st.dates(date(2012, 1, 1), date(2030, 12, 31))


@example(first=date(2012, 1, 16), length=0, freq="W-MON")
@given(first=DAYS, length=st.integers(0, 900), freq=st.sampled_from(["MS", "W-MON"]))
@settings(max_examples=60, deadline=None)
def test_periods_cover_the_days_without_gap(first, length, freq):
    last = first + timedelta(days=length)
    edges = period_edges(pd.Timestamp(first), pd.Timestamp(last), freq)
    expected = pd.date_range(
        pd.Timestamp(first).to_period("M" if freq == "MS" else "W").start_time, last, freq=freq
    )

    assert edges[0] <= np.datetime64(first)
    assert edges[-2] <= np.datetime64(last) < edges[-1]
    assert (edges[:-1] == expected.to_numpy().astype("datetime64[D]")).all()


def test_working_days_and_bank_holidays_of_england():
    """The days of 2024, as published by the government."""
    edges = period_edges(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-31"), "MS")
    table = exposure(edges)

    assert table["bank_holidays"].to_list() == [1, 0, 1, 1, 2, 0, 0, 1, 0, 0, 0, 2]
    assert table["working_days"].sum() == 254
    weeks = exposure(period_edges(pd.Timestamp("2024-08-19"), pd.Timestamp("2024-09-08"), "W-MON"))
    assert weeks["working_days"].to_list() == [5, 4, 5]
    assert weeks["school_weeks"].to_list() == [0.0, 0.0, 1.0]


def test_school_days_of_your_own_take_the_place_of_the_usual():
    edges = period_edges(pd.Timestamp("2024-06-03"), pd.Timestamp("2024-06-09"), "W-MON")
    closed = np.array(["2024-06-03", "2024-06-04"], dtype="datetime64[D]")

    assert exposure(edges, school_closed=closed)["school_weeks"].to_list() == [0.6]


def test_frequency_is_months_or_weeks():
    assert check_frequency("W") == "W-MON"
    with pytest.raises(SettingError, match="is not possible"):
        check_frequency("QS")


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"kind": "shock", "start": "2024-01-01"}, "no last day"),
        ({"kind": "shock", "start": "2024-01-02", "end": "2024-01-01"}, "before its first"),
        ({"start": "2024-01-02", "end": "2024-02-01"}, "go-live has a last day"),
    ],
)
def test_an_impossible_break_is_refused(fields, match):
    with pytest.raises(SettingError, match=match):
        Break(**fields)


def test_breaks_are_read_in_order():
    one, two = as_breaks(["2024-05-01", Break(start="2023-05-01", what="system")])

    assert (one.what, two.kind) == ("system", "go-live")
    assert as_breaks("2024-05-01") == (two,)


def test_months_of_breaks_and_shocks():
    breaks = as_breaks(
        ["2020-03-15", "2019-01-01", Break(kind="shock", start="2020-05-20", end="2020-06-01")]
    )
    new, hidden = months_marked(breaks, 600, 12)

    assert np.flatnonzero(new).tolist() == [2]
    assert np.flatnonzero(hidden).tolist() == [4, 5]


def test_a_stretch_begins_in_the_period_of_its_go_live():
    edges = np.arange("2020-01", "2020-06", dtype="datetime64[M]").astype("datetime64[D]")
    mark, segment = marks(as_breaks(["2020-02-29", "2020-03-01"]), edges)

    assert segment.tolist() == [0, 1, 2, 2]
    assert mark.tolist() == ["", "go-live", "go-live", ""]


def test_delays_are_corrected_for_what_cannot_be_seen_yet():
    """Against the distribution they were drawn from; the plain share is far off."""
    rng = np.random.default_rng(0)
    days = pd.Series(pd.date_range("2023-01-01", "2024-12-31").repeat(20))
    delay = rng.geometric(1 / 20, len(days)) - 1
    known = days + pd.to_timedelta(delay, "D")
    seen = known <= pd.Timestamp("2024-12-31")
    found = delay_distribution(days[seen], known[seen], pd.Timestamp("2024-12-31"))
    true = 1 - (1 - 1 / 20) ** (np.arange(LONGEST_DELAY + 1) + 1)

    assert np.abs(found - true).max() < 0.02
    assert (np.diff(found) >= -1e-12).all()
    assert found[-1] == 1.0


def test_without_events_completeness_is_not_known():
    none = pd.Series([], dtype="datetime64[s]")
    edges = np.arange("2020-01", "2020-04", dtype="datetime64[M]").astype("datetime64[D]")

    assert np.isnan(completeness(none, none, edges, pd.Timestamp("2020-03-31"))).all()


def test_old_months_are_complete():
    days = pd.Series(pd.date_range("2023-01-01", "2023-12-31"))
    edges = np.arange("2023-01", "2024-02", dtype="datetime64[M]").astype("datetime64[D]")
    found = completeness(days, days, edges, pd.Timestamp("2023-12-31"))

    assert (found == 1).all()
