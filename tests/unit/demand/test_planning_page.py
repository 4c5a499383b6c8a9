"""The planning page and the waterfall: figures that add up, told in tables, nobody named."""

import re

import numpy as np
import pandas as pd
import pytest

from fs_risk.demand.caseload_waterfall import STEPS, bars
from fs_risk.demand.forecast import forecast_demand
from fs_risk.demand.planning_page import planning_page
from fs_risk.demand.planning_pictures import fan_svg
from fs_risk.demand.scenarios import Scenario
from fs_risk.demand.series import demand_series
from fs_risk.demand.staffing import StaffingPlan
from fs_risk.errors import SettingError

PLAN = StaffingPlan(
    roles=[
        {"name": "social <worker>", "weights": {2: 1, 3: 1.5}, "standard": 15, "in_post": 5},
        {"name": "domestic abuse worker", "need": "domestic_abuse", "counts": "families",
         "weights": {2: 1, 3: 1}, "standard": 20},
    ]
)  # fmt: skip
MORE = Scenario(
    name="more <b>referrals</b>",
    note="an estimate",
    changes=[{"kind": "entry", "tier": 2, "multiply": 1.5, "start": "2025-06-01"}],
)


@pytest.fixture(scope="module")
def counted(borough):
    series = demand_series(borough, measures=["contacts", "referrals"])
    return forecast_demand(series, horizon=12, seeds=1)


@pytest.fixture(scope="module")
def page(looked_back, counted):
    return looked_back.to_html(plan=PLAN, scenarios=[MORE], counts=counted)


@pytest.mark.parametrize("tier", [1, 2, 3, 4, 5])
def test_waterfall_adds_up_and_equals_the_account(borough_forecast, tier):
    """By another way: the account of the months, added up."""
    steps = borough_forecast.waterfall(tier).set_index("step")["mean"]
    account = borough_forecast.account()
    own = account[account["tier"] == tier]
    flows = [step for step, kind in STEPS if kind in ("in", "out")]

    assert steps["unreconciled"] == 0
    assert np.isclose(steps["stock at the start"] + steps[flows].sum(), steps["stock at the end"])
    assert np.isclose(steps[flows[:3]].sum(), own["in"].sum())
    assert np.isclose(-steps[flows[3:]].sum(), own["out"].sum())
    assert np.isclose(steps["stock at the end"], own["closing"].iloc[-1])


def test_waterfall_of_fewer_months_ends_earlier(borough_forecast):
    account = borough_forecast.account()
    fourth = account[account["tier"] == 2]["closing"].iloc[3]

    assert np.isclose(borough_forecast.waterfall(2, months=4)["mean"].iloc[-1], fourth)


def test_bars_begin_where_the_one_before_ends(borough_forecast):
    begin, end = bars(borough_forecast.waterfall(3))

    assert (begin[0], begin[-1]) == (0, 0)
    assert np.allclose(begin[1:-1], end[:-2])
    assert np.isclose(end[-1], end[-2])


@pytest.mark.parametrize("wrong", [{"tier": 7}, {"tier": 2, "months": 13}])
def test_impossible_waterfall_is_refused(borough_forecast, wrong):
    with pytest.raises(SettingError, match="There is no waterfall"):
        borough_forecast.waterfall(**wrong)


def test_plot_of_flows_has_a_bar_for_each_step(borough_forecast):
    import matplotlib

    matplotlib.use("Agg")
    ax = borough_forecast.plot_flows(2, months=6)

    assert len(ax.patches) == len(STEPS)
    assert "hild in need, 6 months" in ax.get_title()
    ax.figure.clear()


def test_past_of_a_forecast_ends_at_its_opening_stock(borough_forecast):
    last = borough_forecast.past.groupby("tier")["stock"].last()

    for tier in borough_forecast.tiers:
        assert last[tier] == borough_forecast.paths.opening[tier]


def test_account_of_the_last_year_shows_what_is_unreconciled(borough_forecast):
    year = borough_forecast.last_year

    assert set(year["tier"]) == set(borough_forecast.tiers)
    rest = year["closing"] - (year["opening"] + year["in"] - year["out"])
    assert np.allclose(year["unreconciled"], rest)


def test_page_holds_every_part_and_says_synthetic(page):
    """G11: verdict and coverage stand beside each forecast."""
    for words in ("SYNTHETIC", "What if", "Staff", "Families for each specialist", "Tier by tier",
                  "Do the records balance?", "Counts to come", "unreconciled"):  # fmt: skip
        assert words in page, words
    assert page.count("earlier dates the 80 % band held") == 6  # five tiers, and needs
    assert "months in breach were expected" in page
    assert len(re.findall(r"Verdict: (use it|no better)", page)) >= 6
    assert "chance of a breach in the worst month" in page
    assert "posts not given, so no chance of a breach" in page


def test_page_shows_the_figures_of_the_forecast(page, looked_back):
    last = looked_back.table[looked_back.table["unique_id"] == "stock/tier=2"].iloc[-1]

    assert f'<td class="number">{last["median"]:,.0f}</td>' in page
    assert f"{last['lo-80']:,.0f} to {last['hi-80']:,.0f}" in page


def test_page_is_self_contained_and_escapes_what_it_is_given(page):
    assert "default-src 'none'" in page
    for outside in ("http:", "https:", "<script", "<link", "url(//", "<img"):
        assert outside not in page
    assert "<b>referrals</b>" not in page
    assert "social &lt;worker&gt;" in page


def test_every_picture_has_words_and_a_table(page):
    pictures = re.findall(r'<svg role="img" aria-label="([^"]+)"', page)

    assert len(pictures) == 2 * 5 + 2
    assert all("table below" in words for words in pictures)
    assert page.count("<table>") >= len(pictures)


def test_page_names_no_child(page, borough):
    """G11: no person-level output on the path of demand."""
    shown = set(re.findall(r"[\w-]+", page))

    assert not shown & set(borough["children"]["child_id"].astype(str))


def test_page_of_counts_alone(counted, tmp_path):
    page = counted.to_html(tmp_path / "page.html", synthetic=True)

    assert (tmp_path / "page.html").read_text("utf-8") == page
    assert "SYNTHETIC" in page
    assert "Tier by tier" not in page
    assert f"Verdict: {counted.verdict}." in page


def test_missing_months_leave_a_gap_in_the_line():
    days = pd.date_range("2024-01-01", periods=6, freq="MS")
    past = pd.DataFrame({"ds": days, "y": [3.0, 4.0, np.nan, 5.0, 6.0, 7.0]})
    ends = {"median": 5.0, "lo-80": 3.0, "hi-80": 7.0, "lo-95": 2.0, "hi-95": 9.0}
    table = pd.DataFrame({"ds": [pd.Timestamp("2024-07-01")]}).assign(**ends)

    assert fan_svg(past, table, "words").count('class="observed"') == 2


def labels(picture):
    return re.findall(r'<text[^>]*text-anchor="(end|middle)">([^<]+)<', picture)


def counts(values):
    days = pd.date_range("2024-08-01", periods=len(values), freq="MS")
    ends = {"median": 5.0, "lo-80": 3.0, "hi-80": 7.0, "lo-95": 2.0, "hi-95": 9.0}
    after = pd.DataFrame({"ds": [days[-1] + pd.DateOffset(months=1)]}).assign(**ends)
    return fan_svg(pd.DataFrame({"ds": days, "y": values}), after, "words")


@pytest.mark.parametrize("peak", [4.0, 9.0, 11.5, 12.5, 24.0, 60.0, 110.0, 240.0])
def test_lines_of_a_picture_are_where_their_labels_say(peak):
    said = [int(words) for side, words in labels(counts([peak, 1.0, 2.0])) if side == "end"]

    assert len(set(np.diff(said))) == 1


def test_few_months_are_marked_quarter_by_quarter():
    days = [words for side, words in labels(counts([5.0] * 8)) if side == "middle"]

    assert days == ["Oct 2024", "Jan 2025", "Apr 2025"]


def test_nothing_to_show_is_refused():
    with pytest.raises(SettingError, match="no forecast to show"):
        planning_page()


def test_scenarios_without_a_caseload_are_refused(counted):
    with pytest.raises(SettingError, match="need a caseload forecast"):
        planning_page(forecast=counted, scenarios=[MORE])


def test_two_scenarios_of_one_name_are_refused(looked_back):
    with pytest.raises(SettingError, match="2 scenarios of 1 names"):
        looked_back.to_html(scenarios=[MORE, MORE])


def test_page_in_no_folder_is_refused(counted, tmp_path):
    with pytest.raises(SettingError, match="cannot be written"):
        counted.to_html(tmp_path / "none" / "page.html")


def test_staffing_plan_comes_back_from_its_file(tmp_path):
    assert StaffingPlan.load(PLAN.save(tmp_path / "plan.json")) == PLAN


def test_file_that_is_no_plan_is_refused(tmp_path):
    (tmp_path / "plan.json").write_text('{"rolls": []}', encoding="utf-8")
    with pytest.raises(SettingError, match="not a staffing plan"):
        StaffingPlan.load(tmp_path / "plan.json")
