"""`authority_rates`: each measure against the same thing counted another way."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import RecordsError
from fs_risk.records.records import Records
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.calibration import COLUMNS, authority_rates

FIRST = pd.Timestamp("2020-04-01")


@pytest.fixture(scope="module")
def authority(small_authority):
    return small_authority


@pytest.fixture(scope="module")
def rates(authority):
    return authority_rates(authority).set_index("measure")


def test_table_says_where_each_target_comes_from(rates):
    assert ["measure", *rates.columns] == ["measure", *[c for c in COLUMNS if c != "measure"]]
    assert set(rates["kind"]) <= {"V", "D", "A"}
    assert (rates["source"].str.len() > 0).all()
    assert rates["row"].between(2, 33).all()


def test_within_says_whether_the_tolerance_was_kept(rates):
    near = (rates["got"] - rates["target"]).abs() <= rates["tolerance"]

    assert (near == rates["within"]).all()


def test_referrals_are_per_10_000_children_a_year(authority, rates):
    made = sum(1 for day in authority["referrals"]["referral_date"] if day >= FIRST)

    assert rates.at["referrals", "got"] == pytest.approx(made / 6_000 / 5 * 10_000)


def test_plans_at_year_end_are_counted_as_on_the_day(authority, rates):
    open_plans = 0
    for _, plan in authority["cp_plans"].iterrows():
        for year in range(2021, 2026):
            day = pd.Timestamp(year, 3, 31)
            open_plans += plan["start_date"] <= day and not plan["end_date"] <= day

    expected = open_plans / 5 / 6_000 * 10_000
    assert rates.at["cp_plans_at_year_end", "got"] == pytest.approx(expected)


def test_re_referrals_look_back_a_year(authority, rates):
    referrals = authority["referrals"]
    again = total = 0
    for child, rows in referrals.groupby("child_id")["referral_date"]:
        days = sorted(rows)
        for place, day in enumerate(days):
            if day >= FIRST:
                total += 1
                again += place > 0 and (day - days[place - 1]).days <= 365
        assert child
    assert rates.at["re_referrals_12_months", "got"] == pytest.approx(100 * again / total)


def test_referral_to_plan_looks_forward_a_year(authority, rates):
    alone = set(authority["children"].query("unaccompanied")["child_id"])
    starts = authority["cp_plans"].groupby("child_id")["start_date"].agg(list).to_dict()
    seen = []
    for _, referral in authority["referrals"].iterrows():
        day = referral["referral_date"]
        if referral["child_id"] in alone or day < FIRST:
            continue
        if day + pd.Timedelta(days=365) <= authority.extract_date:
            gaps = [(start - day).days for start in starts.get(referral["child_id"], [])]
            seen.append(any(0 < gap <= 365 for gap in gaps))
    assert rates.at["referral_to_plan_12_months", "got"] == pytest.approx(100 * np.mean(seen))


def test_any_trio_counts_assessments_with_a_factor(authority, rates):
    ended = authority["assessments"]
    ended = ended[ended["authorised_date"] >= FIRST]["assessment_id"]
    codes = authority["factors"]
    codes = codes[codes["assessment_id"].isin(ended) & (codes["code"] != "21")]
    by_assessment = codes.groupby("assessment_id")["code"].agg(set)
    trio = {"3A", "3B", "3C", "4B", "1B", "2B"}
    share = np.mean([bool(found & trio) for found in by_assessment])

    assert rates.at["any_trio", "got"] == pytest.approx(100 * share)


def test_other_records_are_refused():
    referrals = pd.DataFrame(
        {"referral_id": ["R"], "child_id": ["C"], "referral_date": ["2024-01-01"]}
    )
    records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")

    with pytest.raises(RecordsError, match="not of a synthetic authority"):
        authority_rates(records)


def test_a_tiny_authority_can_be_measured():
    table = authority_rates(make_authority(children=30, years=1, seed=0))

    assert len(table) > 100
