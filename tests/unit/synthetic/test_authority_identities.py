"""What must hold in any authority's records, whatever its rates."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.records.households import household_keys

DAY = pd.Timedelta(days=1)
FAR = pd.Timestamp("2100-01-01")


@pytest.fixture(scope="module")
def authority(small_authority):
    return small_authority


@pytest.fixture(scope="module")
def births(authority):
    children = authority["children"].set_index("child_id")
    return children["birth_date"].fillna(children["expected_birth_date"])


def inside(authority, name, start="start_date", end="end_date"):
    """Rows of a table with their episode's first and last day."""
    referrals = authority["referrals"].set_index("referral_id")
    rows = authority[name]
    opened = referrals["referral_date"].reindex(rows["referral_id"]).to_numpy()
    closed = referrals["close_date"].fillna(FAR).reindex(rows["referral_id"]).to_numpy()
    return rows[start].to_numpy(), rows[end].fillna(FAR).to_numpy(), opened, closed


def test_no_child_is_referred_while_their_case_is_open(authority):
    referrals = authority["referrals"].sort_values(["child_id", "referral_date"])
    same = referrals["child_id"].eq(referrals["child_id"].shift())
    before = referrals["close_date"].fillna(FAR).shift()[same]

    assert (referrals.loc[same, "referral_date"] > before).all()


@pytest.mark.parametrize(
    "name", ["cp_plans", "cin_plans", "section47", "pre_proceedings", "care_periods"]
)
def test_what_belongs_to_an_episode_lies_within_it(authority, name):
    start, end, opened, closed = inside(authority, name)

    assert (start >= opened).all()
    assert (start <= closed).all()
    if name != "section47":
        assert (end <= closed).all()
    assert (end >= start).all()


def test_assessments_lie_within_their_episode(authority):
    start, end, opened, closed = inside(authority, "assessments", end="authorised_date")

    assert (start >= opened).all()
    assert ((end <= closed) | (end == FAR)).all()


@pytest.mark.parametrize("name", ["cp_plans", "cin_plans", "pre_proceedings", "care_periods"])
def test_a_child_has_one_of_a_kind_at_a_time(authority, name):
    rows = authority[name].sort_values(["child_id", "start_date"])
    same = rows["child_id"].eq(rows["child_id"].shift())

    assert (rows.loc[same, "start_date"] >= rows["end_date"].fillna(FAR).shift()[same]).all()


def test_a_plan_begins_on_the_day_of_a_conference_that_made_it(authority):
    conferences = authority["conferences"].set_index("conference_id")
    plans = authority["cp_plans"]
    made_by = conferences.reindex(plans["conference_id"])

    assert made_by["plan_made"].fillna(False).all()
    assert (made_by["conference_date"].to_numpy() == plans["start_date"].to_numpy()).all()
    assert made_by.index.is_unique
    assert conferences["plan_made"].sum() == len(plans)


def test_a_conference_follows_its_enquiry(authority):
    enquiries = authority["section47"].set_index("section47_id")
    conferences = authority["conferences"]
    conferences = conferences[~conferences["transfer_in"]]
    began = enquiries["start_date"].reindex(conferences["section47_id"]).to_numpy()

    assert (conferences["conference_date"].to_numpy() >= began).all()
    assert len(conferences) <= len(enquiries)
    assert (conferences["conference_date"].to_numpy() - began).max() <= np.timedelta64(58, "D")


def test_previous_plans_count_the_earlier_ones(authority):
    plans = authority["cp_plans"].sort_values(["child_id", "start_date"])
    rank = plans.groupby("child_id").cumcount()

    assert (plans["previous_plans"] >= rank).all()
    step = plans.groupby("child_id")["previous_plans"].diff().dropna()
    assert (step == 1).all()


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("referrals", "referral_date"),
        ("section47", "start_date"),
        ("cp_plans", "start_date"),
        ("care_periods", "start_date"),
    ],
)
def test_nothing_begins_after_eighteen_or_long_before_birth(authority, births, name, date):
    rows = authority[name]
    age = (rows[date] - births.reindex(rows["child_id"]).to_numpy()).dt.days

    assert (age < 18 * 365.25 + 1).all()
    assert (age > -280).all()
    if name == "care_periods":
        assert (age >= 0).all()


def test_a_child_referred_before_birth_has_an_expected_date(authority):
    children = authority["children"].set_index("child_id")
    rows = authority["referrals"].merge(children, left_on="child_id", right_index=True)
    before = rows["birth_date"].isna() | (rows["referral_date"] < rows["birth_date"])

    assert rows.loc[before, "expected_birth_date"].notna().all()
    assert before.any()


def test_nothing_ends_after_the_eighteenth_birthday(authority, births):
    for name in ("care_periods", "cp_plans"):
        rows = authority[name].dropna(subset="end_date")
        age = (rows["end_date"] - births.reindex(rows["child_id"]).to_numpy()).dt.days
        assert (age <= 18 * 365.25 + 1).all()


def test_stock_moves_by_starts_and_ends(authority):
    for name, start, end in (
        ("cp_plans", "start_date", "end_date"),
        ("care_periods", "start_date", "end_date"),
        ("referrals", "referral_date", "close_date"),
    ):
        rows = authority[name]
        first, last = pd.Timestamp("2022-03-31"), pd.Timestamp("2023-03-31")
        stock = [((rows[start] <= day) & ~(rows[end] <= day)).sum() for day in (first, last)]
        started = rows[start].between(first + DAY, last).sum()
        ended = rows[end].between(first + DAY, last).sum()
        assert stock[1] == stock[0] + started - ended


def test_care_episodes_fill_their_period_without_gaps(authority):
    episodes = authority["care_episodes"].sort_values(["care_period_id", "start_date"])
    periods = authority["care_periods"].set_index("care_period_id")
    by_period = episodes.groupby("care_period_id")
    first, last = by_period.first(), by_period.last()

    assert set(first.index) == set(periods.index)
    assert (first["start_date"] == periods["start_date"].reindex(first.index)).all()
    assert (first["start_reason"] == "S").all()
    assert (first["legal_status"] == periods["legal_status"].reindex(first.index)).all()
    ended = periods["end_date"].reindex(last.index)
    assert by_period["end_date"].agg(lambda dates: dates.iloc[-1]).equals(ended.rename("end_date"))
    same = episodes["care_period_id"].eq(episodes["care_period_id"].shift())
    assert (episodes.loc[same, "start_date"] == episodes["end_date"].shift()[same]).all()


def test_no_factors_identified_stands_alone(authority):
    factors = authority["factors"]
    alone = factors.loc[factors["code"] == "21", "assessment_id"]

    assert factors["assessment_id"].isin(alone).sum() == len(alone)
    recorded = authority["assessments"].set_index("assessment_id")["factors_recorded"]
    assert set(factors["assessment_id"]) == set(recorded[recorded.fillna(False)].index)


def test_siblings_mostly_share_the_day_of_referral(authority):
    links = authority["family_links"].drop_duplicates("child_id").set_index("child_id")
    referrals = authority["referrals"]
    family = links["family_id"].reindex(referrals["child_id"]).to_numpy()
    together = referrals.groupby([family, "referral_date"]).size()

    assert (together > 1).mean() > 0.3


def test_unaccompanied_children_come_straight_into_care_and_have_no_family(authority):
    children = authority["children"]
    alone = children.loc[children["unaccompanied"], "child_id"]
    referrals, periods = (
        authority[name].query("child_id in @alone").set_index("child_id").reindex(alone)
        for name in ("referrals", "care_periods")
    )

    assert len(alone) > 0
    assert (referrals["referral_date"] == periods["start_date"]).all()
    assert not authority["family_links"]["child_id"].isin(alone).any()
    assessed = authority["assessments"]
    theirs = assessed.loc[assessed["child_id"].isin(alone), "assessment_id"]
    factors = authority["factors"]
    assert (factors.loc[factors["assessment_id"].isin(theirs), "code"] == "9A").all()
    assert (factors.loc[factors["code"] == "9A", "assessment_id"].isin(theirs)).all()


def test_conferences_never_exceed_enquiries_nor_plans_conferences_in_any_window(authority):
    enquiries = authority["section47"]["start_date"].sort_values().to_numpy()
    conferences = authority["conferences"]
    own = conferences[~conferences["transfer_in"]]["conference_date"].sort_values().to_numpy()
    plans = authority["cp_plans"]["start_date"].sort_values().to_numpy()
    held = conferences["conference_date"].sort_values().to_numpy()
    days = pd.date_range("2020-06-30", "2025-03-31", freq="30D").to_numpy()
    quarter = np.timedelta64(91, "D")

    def between(dates, start, end):
        return np.searchsorted(dates, end, "right") - np.searchsorted(dates, start, "left")

    later = np.timedelta64(58, "D")  # a conference is at latest so long after its enquiry
    assert (
        between(own, days - quarter, days) <= between(enquiries, days - quarter - later, days)
    ).all()
    assert (between(plans, days - quarter, days) <= between(held, days - quarter, days)).all()


def test_no_plan_begins_on_or_after_the_eighteenth_birthday(authority, births):
    plans = authority["cp_plans"]
    born = births.reindex(plans["child_id"])
    birthday = pd.Series(born.to_numpy()) + pd.DateOffset(years=18)

    assert (plans["start_date"].to_numpy() < birthday.to_numpy()).all()


def test_children_are_in_view_before_birth_for_forty_weeks_at_most(authority, births):
    for name, date in (("referrals", "referral_date"), ("contacts", "contact_date")):
        rows = authority[name]
        weeks = (births.reindex(rows["child_id"]).to_numpy() - rows[date]).dt.days / 7
        assert weeks.max() <= 40


class TestFamilies:
    def test_links_join_two_families_at_most_and_directly(self, authority):
        links = authority["family_links"]
        keys = household_keys(authority["children"], links)
        families = links.groupby(links["child_id"].map(keys))["family_id"].nunique()

        assert families.max() == 2
        assert 0.005 < (families == 2).mean() < 0.08
        pairs = links.groupby("child_id")["family_id"].agg(set)
        both = pairs[pairs.str.len() == 2]
        for family in {min(pair) for pair in both}:
            members = pairs[[family in each for each in pairs]]
            assert members.str.len().nunique() <= 2

    def test_all_children_of_a_doubly_linked_family_have_both_links_from_one_day(self, authority):
        links = authority["family_links"]
        first = links.drop_duplicates("child_id").set_index("child_id")["family_id"]
        count = links.groupby("child_id").size()
        by_family = count.groupby(first.reindex(count.index)).nunique()

        assert (by_family == 1).all()
        assert (links.groupby("child_id")["known_date"].nunique() == 1).all()


class TestMoves:
    def test_nothing_happens_to_a_child_after_the_family_left_or_the_child_died(self, authority):
        referrals = authority["referrals"]
        gone = referrals[referrals["close_reason"].isin(["RC2", "RC5"])]
        last = gone.set_index("child_id")["close_date"]

        assert len(last) > 0
        assert last.index.is_unique
        for name, date in (
            ("referrals", "referral_date"),
            ("contacts", "contact_date"),
            ("early_help", "start_date"),
            ("cp_plans", "start_date"),
            ("care_periods", "start_date"),
            ("cp_plans", "end_date"),
            ("care_periods", "end_date"),
        ):
            rows = authority[name]
            rows = rows[rows["child_id"].isin(last.index)]
            after = rows[date].to_numpy() > last.reindex(rows["child_id"]).to_numpy()
            assert not after.any(), (name, date)

    def test_siblings_with_open_cases_leave_on_one_day(self, authority):
        referrals = authority["referrals"]
        gone = referrals[referrals["close_reason"] == "RC5"]
        links = authority["family_links"].drop_duplicates("child_id").set_index("child_id")
        family = links["family_id"].reindex(gone["child_id"]).to_numpy()

        assert (gone.groupby(family)["close_date"].nunique() == 1).all()

    def test_care_that_ends_by_leaving_is_taken_over(self, authority):
        referrals = authority["referrals"].set_index("referral_id")
        periods = authority["care_periods"].dropna(subset="end_date")
        reason = referrals["close_reason"].reindex(periods["referral_id"]).to_numpy()
        closed = referrals["close_date"].reindex(periods["referral_id"]).to_numpy()
        together = periods["end_date"].to_numpy() == closed

        left = (reason == "RC5") & together
        assert left.any()
        assert (periods.loc[left, "end_reason"] == "E3").all()

    def test_a_child_who_came_on_a_plan_has_a_transfer_in_conference(self, authority):
        conferences = authority["conferences"].set_index("conference_id")
        brought = conferences[conferences["transfer_in"]]
        plans = authority["cp_plans"].set_index("conference_id").reindex(brought.index)

        assert 0 < len(brought) < 0.08 * len(conferences)
        assert brought["section47_id"].isna().all()
        assert (plans["start_date"] == brought["conference_date"]).all()
        chances = authority.truth["referrals"].set_index("referral_id").filter(like="prob_")
        assert chances.reindex(brought["referral_id"]).isna().all(axis=None)

    def test_some_families_move_within_the_authority(self, authority):
        children = authority["children"]
        first = authority["family_links"].groupby("child_id")["known_date"].min()
        since = children.set_index("child_id")["deprivation_date"]
        moved = (since > first.reindex(since.index)).mean()

        assert 0.05 < moved < 0.5


class TestBirths:
    def test_a_new_id_begins_at_birth_and_the_old_one_ends_before(self, authority):
        pairs = authority.truth["new_ids"]
        children = authority["children"].set_index("child_id")
        referrals = authority["referrals"].set_index("child_id")

        assert len(pairs) > 5
        assert children.loc[pairs["unborn_id"], "birth_date"].isna().all()
        born = children.loc[pairs["child_id"], "birth_date"]
        assert born.notna().all()
        for old, new, day in zip(pairs["unborn_id"], pairs["child_id"], born, strict=True):
            assert referrals.loc[[old], "close_date"].max() < day
            if new in referrals.index:
                assert referrals.loc[[new], "referral_date"].min() >= day
        links = authority["family_links"].groupby("child_id")["family_id"].agg(set)
        assert (links[pairs["unborn_id"]].array == links[pairs["child_id"]].array).all()
