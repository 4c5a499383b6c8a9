"""The caseload forecast: paths add up, teams add to the authority, figures follow the data."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drawn import authority
from fs_risk.demand.caseload import forecast_caseload
from fs_risk.demand.caseload_account import flow_account, with_unreconciled
from fs_risk.demand.caseload_backtest import CaseloadBacktest, backtest_caseload
from fs_risk.demand.caseload_extract import as_extract
from fs_risk.demand.caseload_flows import fit_flows
from fs_risk.demand.caseload_paths import tier_paths
from fs_risk.demand.caseload_simulate import simulate
from fs_risk.demand.hazards_rows import last_day
from fs_risk.demand.markov import markov_forecast
from fs_risk.demand.series import demand_series
from fs_risk.errors import OutcomeError, RecordsError, SettingError
from fs_risk.records.as_known import with_another_future
from fs_risk.records.records import Records


@pytest.fixture(scope="module")
def records(borough):
    return borough


@pytest.fixture(scope="module")
def model(records):
    return fit_flows(records)


@pytest.fixture(scope="module")
def forecast(borough_forecast):
    return borough_forecast


def random_records(seed, n, closing):
    """Periods drawn anyhow: overlapping, empty, on one day, without an end."""
    rng = np.random.default_rng(seed)
    tables = {}
    for name, key, start, end in (
        ("referrals", "referral_id", "referral_date", "close_date"),
        ("cp_plans", "cp_plan_id", "start_date", "end_date"),
        ("pre_proceedings", "pre_proceedings_id", "start_date", "end_date"),
        ("care_periods", "care_period_id", "start_date", "end_date"),
        ("early_help", "early_help_id", "start_date", "end_date"),
    ):
        rows = n if name == "referrals" else n // 3
        begun = np.datetime64("2020-01-01") + rng.integers(0, 1_090, rows)
        ended = begun + rng.integers(0, 400, rows)
        gone = rng.random(rows) < closing
        frame = pd.DataFrame(
            {key: np.arange(rows), "child_id": rng.integers(0, max(n // 2, 1), rows),
             start: begun, end: np.where(gone, ended, np.datetime64("NaT"))}
        )  # fmt: skip
        frame[end] = frame[end].where(frame[end] <= pd.Timestamp("2022-12-31"))
        tables[name] = frame.astype({key: "str", "child_id": "str"})
    return Records.from_frames(
        tables,
        extract_date="2022-12-31",
        coverage=dict.fromkeys(tables, ("2020-01-01", "2022-12-31")),
    )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(3, 100),
    closing=st.floats(0.0, 1.0),
    horizon=st.integers(1, 8),
)
def test_every_sample_path_adds_up(seed, n, closing, horizon):
    drawn = simulate(
        fit_flows(random_records(seed, n, closing)),
        horizon=horizon,
        n_paths=10,
        seed=seed,
        by_team=True,
    )

    assert not drawn.unreconciled().any()
    assert (drawn.stock >= 0).all()
    assert (drawn.team_stock.sum(axis=-1) == drawn.stock).all()
    # all who came are on a tier, or came and went
    assert (drawn.entered.sum(axis=2) == drawn.moves[:, :, 0].sum(axis=2)).all()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), n=st.integers(3, 60), day=st.integers(18_262, 19_357))
def test_stock_equals_a_naive_count_of_any_periods(seed, n, day):
    records = random_records(seed, n, 0.7)
    highest = {}
    for tier, name, start, end in (
        (1, "early_help", "start_date", "end_date"),
        (2, "referrals", "referral_date", "close_date"),
        (3, "cp_plans", "start_date", "end_date"),
        (4, "pre_proceedings", "start_date", "end_date"),
        (5, "care_periods", "start_date", "end_date"),
    ):
        then = pd.Timestamp(np.datetime64(day, "D"))
        for row in records[name].to_dict("records"):
            if row[start] <= then and (pd.isna(row[end]) or row[end] > then):
                child = row["child_id"]
                highest[child] = max(highest.get(child, 0), tier)
    found = tier_paths(records)
    counted = pd.Series(highest, dtype=int).value_counts()

    for tier in range(1, 6):
        assert found.stock(np.array([day]), tier)[0] == counted.get(tier, 0)
    children = found.children.get_indexer(list(highest)).astype(np.int64)
    assert found.on(children, np.full(len(children), day)).tolist() == list(highest.values())


def test_history_balances_as_the_paths_do(records):
    """Stock at the end of months equals that of the series, month for month."""
    paths = tier_paths(records)
    series = demand_series(records, measures=["stock"])
    for tier in range(1, 6):
        own = series[series["unique_id"] == f"stock/tier={tier}"]
        months = own["ds"].to_numpy().astype("datetime64[M]").astype(np.int64)
        assert (paths.stock(last_day(months), tier) == own["y"]).all()


def test_opening_stock_is_the_last_of_the_series(records, forecast):
    series = demand_series(records, measures=["stock"]).drop_duplicates("unique_id", keep="last")
    last = series.set_index("tier")["y"]
    account = forecast.account().drop_duplicates("tier").set_index("tier")

    assert (account["opening"] == last.set_axis(last.index.astype(int))).all()


def test_account_of_the_forecast_has_nothing_unreconciled(forecast):
    account = forecast.account()
    rest = account["closing"] - (account["opening"] + account["in"] - account["out"])

    assert (account["unreconciled"] == 0).all()
    assert np.allclose(rest, 0)


def test_teams_add_up_to_the_authority_in_the_mean(forecast):
    table = forecast.table
    teams = table[table["team"] != ""].groupby(["tier", "ds"])["mean"].sum()
    total = table[(table["team"] == "") & (table["tier"] != "")].set_index(["tier", "ds"])["mean"]

    assert np.allclose(teams, total.reindex(teams.index))


def test_bands_are_ordered_and_widen(forecast):
    table = forecast.table
    columns = ["lo-95", "lo-80", "median", "hi-80", "hi-95"]
    assert (np.diff(table[columns].to_numpy(), axis=1) >= 0).all()
    need = table[table["unique_id"] == "stock/tier=2"]
    width = (need["hi-95"] - need["lo-95"]).to_numpy()
    assert width[-1] > width[0]


def test_same_seed_same_paths_and_another_seed_others(model):
    first, again, other = (
        simulate(model, horizon=3, n_paths=30, seed=seed).stock for seed in (1, 1, 2)
    )

    assert (first == again).all()
    assert (first != other).any()


def test_rows_in_another_order_give_the_same_forecast(records, forecast):
    """M8."""
    shuffled = records.replace(
        **{name: records[name].sample(frac=1, random_state=7)
           for name in ("referrals", "cp_plans", "children", "family_links")}
    )  # fmt: skip
    again = forecast_caseload(shuffled, horizon=12, n_paths=150, by_team=True, backtest=False)

    pd.testing.assert_frame_equal(again.table, forecast.table)


def test_what_is_recorded_later_does_not_change_an_earlier_forecast(records):
    """T: a forecast of an earlier day uses nothing known after it."""
    day = pd.Timestamp("2024-04-01")
    later = records.replace(
        referrals=records["referrals"].assign(
            close_date=lambda frame: frame["close_date"].mask(
                frame["end_known_date"] >= day, pd.Timestamp("2024-12-30")
            )
        )
    )
    one, two = (
        simulate(fit_flows(as_extract(each, day)), horizon=4, n_paths=20, seed=0).stock
        for each in (records, later)
    )

    assert (one == two).all()


def test_another_future_leaves_an_earlier_extract_as_it_was(records):
    """The leakage prover's own change of the future, put through the flow model."""
    day = pd.Timestamp("2024-04-01")
    other = with_another_future(records, day)
    one, two = (
        simulate(fit_flows(as_extract(each, day)), horizon=3, n_paths=20, seed=0).stock
        for each in (records, other)
    )

    assert (one == two).all()


def test_extract_of_an_earlier_day_observes_no_later_month(records):
    model = fit_flows(as_extract(records, pd.Timestamp("2024-04-10")))

    assert str(np.datetime64(model.origin, "M")) == "2024-03"


def test_less_than_a_year_is_refused():
    records = authority(
        {"referrals": ("2024-06-01", "2024-12-31")},
        referrals="""
            referral_id | child_id | referral_date
            R1 | A | 2024-07-10
        """,
    )

    with pytest.raises(OutcomeError, match="7 whole months are observed"):
        forecast_caseload(records)


def test_without_referrals_there_is_no_caseload():
    records = authority(
        contacts="""
            contact_id | child_id | contact_date
            K1 | A | 2024-07-10
        """,
    )

    with pytest.raises(OutcomeError, match="no caseload to follow"):
        forecast_caseload(records)


def test_nobody_open_and_nobody_coming_stays_at_nothing():
    records = authority(
        referrals="""
            referral_id | child_id | referral_date | close_date
            R1 | A | 2016-07-10 | 2016-08-10
        """,
    )
    forecast = forecast_caseload(records, horizon=3, n_paths=50, backtest=False)

    assert forecast.table["median"].max() <= 1


@pytest.mark.parametrize("wrong", [{"horizon": 0}, {"horizon": 61}, {"n_paths": 3}, {"seed": -1}])
def test_an_impossible_argument_is_refused(records, wrong):
    with pytest.raises(SettingError, match="is not a whole number"):
        forecast_caseload(records, backtest=False, **wrong)


def test_nothing_in_a_forecast_names_a_child(records, forecast):
    """G11: no person-level output on the path of demand."""
    ids = set(records["children"]["child_id"])
    for frame in (forecast.table, forecast.flows, forecast.account(), forecast.specialists()):
        assert not {"child_id", "case_id", "family_id"} & set(frame.columns)
        text = frame.select_dtypes(exclude="number").astype(str).to_numpy().ravel()
        assert not ids & set(text)
    assert forecast._model.history is None
    assert (forecast._model.cases.child == -1).all()


def test_a_forecast_carries_its_bands_and_how_they_held(looked_back):
    """G11: interval and rolling back-test coverage ship with the forecast."""
    forecast = looked_back

    assert {"lo-80", "hi-80", "lo-95", "hi-95"} <= set(forecast.table.columns)
    assert {"cover_80", "cover_95", "origins"} <= set(forecast.coverage.columns)
    assert set(forecast.coverage["tier"]) == {1, 2, 3, 4, 5}
    assert forecast.coverage[["cover_80", "cover_95"]].notna().all(axis=None)
    assert (forecast.coverage["origins"] == 4).all()
    for tier, words in forecast.verdicts.items():
        assert re.search(r"use it|use that", words), (tier, words)


def test_without_a_look_back_the_verdict_says_so(forecast):
    assert all("not looked back" in words for words in forecast.verdicts.values())
    assert forecast.coverage.empty


def test_a_short_history_has_no_look_back_and_says_why(records):
    short = as_extract(records, pd.Timestamp("2022-06-01"))
    forecast = forecast_caseload(short, horizon=12, n_paths=30, progress=False)

    assert forecast.backtest is None
    assert "too few to look back" in forecast.verdicts[2]


def test_verdict_prefers_the_simple_rule_that_did_better():
    base = {"origin": list("abcd"), "ds": 0, "h": 12, "tier": 5, "observed": 100.0, "mean": 0.0,
            "lo-80": 90.0, "hi-80": 110.0, "lo-95": 80.0, "hi-95": 99.0, "markov_lo": 0.0,
            "markov_hi": 200.0}  # fmt: skip
    table = pd.DataFrame({**base, "median": 110.0, "last_value": 101.0, "markov": 120.0})
    summary = CaseloadBacktest(table).summary().iloc[0]

    assert CaseloadBacktest(table).verdicts()[5].endswith("no better than last value: use that")
    assert (summary["cover_80"], summary["cover_95"], summary["cover_markov"]) == (1.0, 0.0, 1.0)
    assert np.allclose(summary[["wape", "wape_last_value", "wape_markov", "bias"]].astype(float),
                       [0.10, 0.01, 0.20, 0.10])  # fmt: skip
    better = CaseloadBacktest(table.assign(median=100.5))
    assert better.verdicts()[5] == "looked after: use it"


@pytest.mark.parametrize(("error", "worth_it"), [(9.79, True), (9.81, False), (9.99, False)])
def test_verdict_asks_for_errors_that_are_smaller_by_two_hundredths(error, worth_it):
    """Of a few origins, whose answers overlap, a smaller difference says nothing."""
    base = {"origin": list("abcd"), "ds": 0, "h": 12, "tier": 5, "observed": 100.0, "mean": 0.0,
            "lo-80": 90.0, "hi-80": 110.0, "lo-95": 80.0, "hi-95": 99.0, "markov_lo": 0.0,
            "markov_hi": 200.0, "last_value": 110.0, "markov": 120.0}  # fmt: skip
    looked_back = CaseloadBacktest(pd.DataFrame({**base, "median": 100.0 + error}))

    assert looked_back.verdicts()[5].endswith("use it") is worth_it


def test_backtest_needs_history_before_and_after(records):
    with pytest.raises(OutcomeError, match="too few to look back over 48"):
        backtest_caseload(records, horizon=48, progress=False)


def test_markov_baseline_is_the_matrix_product(model):
    """By hand: mean rates of 24 months, carried forward."""
    rows, opening = model.history.rows, np.bincount(model.cases.tier, minlength=6)
    recent = rows.place >= rows.n_months - 24
    matrix = np.zeros((6, 6))
    for tier in range(1, 6):
        mine = recent & ~rows.entered & (rows.tier == tier)
        for to in range(6):
            matrix[tier, to] = (rows.to[mine] == to).mean()
    came = np.array([(recent & rows.entered & (rows.to == to)).sum() / 24 for to in range(6)])
    first = opening[1:] @ matrix[1:, 1:] + came[1:]
    second = first @ matrix[1:, 1:] + came[1:]
    found = markov_forecast(rows, opening, horizon=2)

    assert np.allclose(found.mean[:, 1:], [first, second])
    assert (found.sd[1, 1:] > found.sd[0, 1:]).all()


def test_account_of_a_return_shows_the_rest():
    records = authority(
        referrals="""
            referral_id | child_id | referral_date | close_date
            R1 | A | 2015-01-10 | 2015-06-10
            R2 | A | 2015-02-10 | 2015-07-10
            R3 | B | 2015-02-11 | -
        """,
    )
    account = flow_account(records).set_index("ds")

    # the child's second episode is a start, but no other child
    assert account.loc["2015-02-01", ["opening", "in", "out", "closing"]].to_list() == [1, 2, 0, 2]
    assert account.loc["2015-02-01", "unreconciled"] == -1
    assert account.loc["2015-06-01", "unreconciled"] == 1
    assert account["unreconciled"].sum() == 0


def test_account_without_its_columns_is_refused():
    with pytest.raises(RecordsError, match="lacks closing"):
        with_unreconciled(pd.DataFrame({"opening": [1], "in": [1], "out": [1]}))
