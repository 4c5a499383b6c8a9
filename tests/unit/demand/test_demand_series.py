"""Series of demand: each equals a naive count, and says what was not observed."""

import sqlite3
import warnings
from collections import Counter
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from drawn import authority
from fs_risk.demand.series import LateRecordingWarning, demand_series
from fs_risk.errors import OutcomeError, SettingError
from fs_risk.records.breaks import Break
from fs_risk.records.codes import SHORT_BREAK_STATUSES
from fs_risk.records.records import Records


@pytest.fixture(scope="module")
def records(small_profile):
    return small_profile


@pytest.fixture(scope="module")
def monthly(records):
    return demand_series(records, by=["team", "source"])


def values(series, unique_id):
    own = series[series["unique_id"] == unique_id]
    assert len(own), unique_id
    return own.set_index("ds")["y"]


EVENTS = {
    "contacts": ("contacts", "contact_date"),
    "referrals": ("referrals", "referral_date"),
    "closures": ("referrals", "close_date"),
    "assessments": ("assessments", "start_date"),
    "section47": ("section47", "start_date"),
    "conferences": ("conferences", "conference_date"),
    "cp_plan_starts": ("cp_plans", "start_date"),
    "cp_plan_ends": ("cp_plans", "end_date"),
    "pre_proceedings_starts": ("pre_proceedings", "start_date"),
    "pre_proceedings_ends": ("pre_proceedings", "end_date"),
    "early_help_starts": ("early_help", "start_date"),
    "early_help_ends": ("early_help", "end_date"),
}


@pytest.mark.parametrize("measure", EVENTS)
def test_monthly_count_equals_a_count_in_sqlite(records, monthly, measure):
    table, column = EVENTS[measure]
    with closing(sqlite3.connect(":memory:")) as base:
        records[table][[column]].astype("str").to_sql("events", base)
        rows = base.execute(
            f"select substr({column}, 1, 7), count(*) from events "
            f"where {column} not in ('NaT', 'nan') group by 1"
        ).fetchall()
    counted = dict(rows)
    found = values(monthly, measure)

    assert len(found) == 48
    assert {f"{day:%Y-%m}": y for day, y in found.items() if y} == {
        month: n for month, n in counted.items() if month >= "2021-04"
    }


def test_weekly_count_equals_a_naive_count(records):
    with pytest.warns(LateRecordingWarning, match="referrals about 9"):
        series = demand_series(records, freq="W-MON", measures=["referrals"])
    series = values(series, "referrals")
    days = records["referrals"]["referral_date"]
    naive = Counter(day - pd.Timedelta(days=day.weekday()) for day in days)

    assert all(day.weekday() == 0 for day in series.index)
    assert series.notna().sum() == 208
    for monday, y in series.dropna().items():
        assert y == naive[monday]


def test_re_referral_is_within_twelve_months_after_an_earlier_referral(records, monthly):
    referrals = records["referrals"]
    naive = Counter()
    for row in referrals.itertuples():
        earlier = referrals.loc[
            (referrals["child_id"] == row.child_id)
            & (referrals["referral_date"] < row.referral_date),
            "referral_date",
        ]
        if len(earlier) and (row.referral_date - earlier.max()).days <= 365:
            naive[f"{row.referral_date:%Y-%m}"] += 1
    found = values(monthly, "re_referrals")

    # a year must have been observed before
    assert found[:"2022-03"].isna().all()
    assert found["2022-04":].notna().all()
    for day, y in found["2022-04":].items():
        assert y == naive[f"{day:%Y-%m}"]


PERIODS = (
    (1, "early_help", "start_date", "end_date"),
    (2, "referrals", "referral_date", "close_date"),
    (3, "cp_plans", "start_date", "end_date"),
    (4, "pre_proceedings", "start_date", "end_date"),
    (5, "care_periods", "start_date", "end_date"),
)


def naive_tiers(records, day):
    """The highest tier of each child open at the end of a day, from the tables row by row."""
    highest = {}
    for tier, table, start, end in PERIODS:
        for row in records[table].to_dict("records"):
            if tier == 2 and row["no_further_action"] is True:
                continue
            if tier == 5 and row["legal_status"] in SHORT_BREAK_STATUSES:
                continue
            if row[start] <= day and (pd.isna(row[end]) or row[end] > day):
                highest[row["child_id"]] = max(highest.get(row["child_id"], 0), tier)
    return highest


@pytest.mark.parametrize("month", ["2021-04", "2023-07", "2025-03"])
def test_stock_equals_children_followed_one_by_one(records, monthly, month):
    last = pd.Period(month).end_time.normalize()
    naive = Counter(naive_tiers(records, last).values())

    for tier in range(1, 6):
        assert values(monthly, f"stock/tier={tier}")[f"{month}-01"] == naive[tier]
    cases = values(monthly, "open_cases")[f"{month}-01"]
    assert cases == sum(naive[tier] for tier in (2, 3, 4, 5))


def test_stock_changes_by_what_comes_and_goes(monthly):
    """Stock, and the moves of the same paths, balance for every tier and month."""
    flows = monthly[monthly["measure"].isin(["step_ups", "step_downs", "entries", "exits"])]
    flows = flows[flows["team"] == ""]
    for tier in "12345":
        stock = values(monthly, f"stock/tier={tier}")
        came = flows[flows["to_tier"] == tier].groupby("ds")["y"].sum()
        went = flows[flows["tier"] == tier].groupby("ds")["y"].sum()
        change = (came - went).reindex(stock.index)
        assert (stock.diff()[1:] == change[1:]).all()


def test_teams_and_sources_add_up_to_the_total(monthly):
    for measure in ("referrals", "contacts", "stock", "step_ups", "cp_plan_starts"):
        own = monthly[monthly["measure"] == measure]
        key = ["tier", "to_tier", "ds"]
        total = own[(own["team"] == "") & (own["source"] == "")].set_index(key)["y"]
        for part in ("team", "source"):
            pieces = own[own[part] != ""]
            if len(pieces):
                summed = pieces.groupby(key)["y"].sum()
                assert (summed == total.reindex(summed.index)).all(), (measure, part)


def test_a_case_may_have_several_needs(records, monthly):
    needs = monthly[monthly["measure"] == "need"]
    latest = needs[needs["ds"] == "2025-03-01"].set_index("need")["y"]
    cases = values(monthly, "open_cases")["2025-03-01"]

    assert set(latest.index) == {"domestic_abuse", "substance_misuse", "mental_health", "not_known"}
    assert (latest <= cases).all()
    assert latest.drop("not_known").sum() > 0


def test_a_period_not_wholly_observed_is_missing_never_nothing():
    records = authority(
        {"referrals": ("2024-01-15", "2024-12-31")},
        referrals="""
            referral_id | child_id | referral_date
            R1 | A | 2024-01-20
            R2 | B | 2024-02-20
        """,
    )
    found = values(demand_series(records, measures=["referrals"]), "referrals")

    assert np.isnan(found["2024-01-01"])
    assert found["2024-02-01"] == 1
    assert found["2024-03-01"] == 0
    assert found.index[-1] == pd.Timestamp("2024-12-01")


def test_the_month_of_an_extract_within_it_is_missing():
    records = authority(
        {"referrals": ("2024-01-01", "2024-12-15")},
        referrals="""
            referral_id | child_id | referral_date
            R1 | A | 2024-12-10
        """,
    )
    found = demand_series(records, measures=["referrals"])

    assert np.isnan(found["y"].iloc[-1])
    assert "not wholly observed" in found["mark"].iloc[-1]


def test_a_table_that_the_return_does_not_hold_gives_missing_values():
    records = authority(
        referrals="""
            referral_id | child_id | referral_date
            R1 | A | 2024-12-10
        """,
    )
    series = demand_series(records)
    contacts = series[series["unique_id"] == "contacts"]

    assert contacts["y"].isna().all()
    assert contacts["mark"].str.contains("not held by this return").all()
    assert series.loc[series["unique_id"] == "stock/tier=5", "y"].isna().all()
    assert values(series, "stock/tier=2")["2024-12-01"] == 1


def test_a_return_with_none_of_the_tables_is_refused():
    records = Records.from_frames(
        {"children": pd.DataFrame({"child_id": ["A"]})}, extract_date="2024-12-31"
    )

    with pytest.raises(OutcomeError, match="hold none of"):
        demand_series(records)


def test_an_empty_table_that_was_observed_is_a_series_of_noughts():
    frame = pd.DataFrame({"referral_id": [], "child_id": [], "referral_date": []})
    records = Records.from_frames(
        {"referrals": frame.astype({"referral_id": "str", "child_id": "str"})},
        extract_date="2024-03-31",
        coverage={"referrals": ("2024-01-01", "2024-03-31")},
    )

    series = demand_series(records)

    assert values(series, "referrals").to_list() == [0.0, 0.0, 0.0]
    assert values(series, "stock/tier=2").to_list() == [0.0, 0.0, 0.0]


def test_one_month_is_one_row():
    records = authority(
        {"referrals": ("2024-12-01", "2024-12-31")},
        referrals="""
            referral_id | child_id | referral_date
            R1 | A | 2024-12-10
        """,
    )

    assert values(demand_series(records), "referrals").to_list() == [1.0]


def test_types_and_order_are_as_stated(monthly):
    assert str(monthly["ds"].dtype) == "datetime64[s]"
    assert monthly["y"].dtype == np.float64
    assert monthly["unique_id"].dtype == "str"
    pd.testing.assert_frame_equal(
        monthly, monthly.sort_values(["unique_id", "ds"], ignore_index=True)
    )
    assert not monthly.duplicated(["unique_id", "ds"]).any()


def test_rows_in_another_order_give_the_same_series(records):
    """M8: no output depends on the order of rows."""
    shuffled = records.replace(
        **{name: records[name].sample(frac=1, random_state=5) for name in ("referrals", "cp_plans")}
    )

    chosen = ["referrals", "re_referrals", "stock", "step_ups"]
    pd.testing.assert_frame_equal(
        demand_series(records, by="team", measures=chosen),
        demand_series(shuffled, by="team", measures=chosen),
    )


def test_go_live_and_shock_are_marked_and_stretches_numbered(records):
    series = demand_series(
        records,
        measures=["referrals"],
        breaks=[
            Break(start="2023-05-10", what="Family Safeguarding"),
            Break(kind="shock", start="2024-01-03", end="2024-02-10", what="flood"),
        ],
    ).set_index("ds")

    assert series.loc["2023-05-01", "mark"] == "go-live: Family Safeguarding"
    assert series.loc["2023-04-01", "segment"] == 0
    assert (series.loc["2023-05-01":, "segment"] == 1).all()
    assert series.loc["2024-01-01":"2024-02-01", "mark"].str.startswith("shock: flood").all()


def test_family_help_merges_tiers_and_no_single_tier_crosses_it(records):
    series = demand_series(records, measures=["stock", "entries"], family_help_from="2024-04-01")
    need, merged = (values(series, f"stock/tier={tier}") for tier in ("2", "1+2"))
    before = demand_series(records, measures=["stock"])

    assert need[:"2024-03"].notna().all()
    assert need["2024-04":].isna().all()
    assert merged.notna().all()
    both = values(before, "stock/tier=1") + values(before, "stock/tier=2")
    assert (merged == both).all()
    assert values(series, "stock/tier=3").notna().all()
    mark = series.set_index(["unique_id", "ds"])["mark"]
    assert mark["stock/tier=1+2", "2024-04-01"].startswith("tier rule")


def test_a_month_far_from_its_neighbours_is_marked():
    days = [day for month in pd.period_range("2022-01", "2023-12", freq="M")
            for day in [month.start_time] * (90 if str(month) == "2023-03" else 20)]  # fmt: skip
    frame = pd.DataFrame(
        {"contact_id": range(len(days)), "child_id": "A", "contact_date": days}
    ).astype({"contact_id": "str"})
    records = Records.from_frames(
        {"contacts": frame},
        extract_date="2023-12-31",
        coverage={"contacts": ("2022-01-01", "2023-12-31")},
    )
    series = demand_series(records, measures=["contacts"]).set_index("ds")

    assert series.index[series["mark"] != ""].to_list() == [pd.Timestamp("2023-03-01")]
    assert "far more" in series.loc["2023-03-01", "mark"]


def test_late_recording_warns_and_marks_the_last_months():
    rng = np.random.default_rng(0)
    days = pd.date_range("2022-01-01", "2024-12-31").repeat(3)
    known = days + pd.to_timedelta(rng.integers(0, 60, len(days)), "D")
    told = known <= "2024-12-31"
    frame = pd.DataFrame(
        {"contact_id": np.arange(len(days)), "child_id": "A", "contact_date": days,
         "known_date": known}
    )[told].astype({"contact_id": "str"})  # fmt: skip
    records = Records.from_frames(
        {"contacts": frame},
        extract_date="2024-12-31",
        coverage={"contacts": ("2022-01-01", "2024-12-31")},
    )

    with pytest.warns(LateRecordingWarning, match="contacts about"):
        series = demand_series(records, measures=["contacts"]).set_index("ds")

    truth = told.astype(float)
    month = pd.Series(days.to_period("M"))
    share = pd.Series(truth).groupby(month.to_numpy()).mean()
    assert abs(series.loc["2024-12-01", "completeness"] - share.iloc[-1]) < 0.06
    assert abs(series.loc["2024-11-01", "completeness"] - share.iloc[-2]) < 0.06
    assert "late recording" in series.loc["2024-12-01", "mark"]
    assert series.loc["2024-09-01", "mark"] == ""


def test_without_recorded_clocks_completeness_is_not_known(records):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        series = demand_series(records, measures=["conferences"])

    assert series["completeness"].isna().all()


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"freq": "D"}, "freq='D' is not possible"),
        ({"by": "locality"}, "No return holds a locality"),
        ({"measures": ["referals"]}, "Did you mean 'referrals'"),
        ({"breaks": ["soon"]}, "breaks is not a day"),
        ({"measures": []}, "No measure was named"),
        ({"family_help_from": "soon"}, "family_help_from is not a day"),
    ],
)
def test_an_impossible_argument_is_refused(records, arguments, match):
    with pytest.raises(SettingError, match=match):
        demand_series(records, **arguments)


def test_one_measure_may_be_named_alone(records):
    pd.testing.assert_frame_equal(
        demand_series(records, measures="referrals"),
        demand_series(records, measures=["referrals"]),
    )
