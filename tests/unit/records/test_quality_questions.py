"""Questions that the records as a whole raise, on drawn records and on the report's page."""

import pandas as pd

from fs_risk.records.quality_page import quality_html
from fs_risk.records.quality_questions import questions_of
from fs_risk.records.records import Records

DAYS = pd.date_range("2021-01-01", "2024-12-31", freq="D")


def records_of(days, *, teams=("East", "West"), lacking=()):
    """A referral and its assessment each day, by turns of two teams."""
    n = len(days)
    ids = [f"R{number}" for number in range(n)]
    team = [teams[number % 2] for number in range(n)]
    referrals = pd.DataFrame(
        {"referral_id": ids, "child_id": ids, "referral_date": days, "team": team}
    )
    recorded = [each not in lacking or number % 4 > 1 for number, each in enumerate(team)]
    assessments = pd.DataFrame(
        {
            "assessment_id": [f"A{number}" for number in range(n)],
            "child_id": ids,
            "referral_id": ids,
            "start_date": days,
            "authorised_date": days,
            "factors_recorded": recorded,
        }
    )
    frames = {"referrals": referrals, "assessments": assessments}
    return Records.from_frames(frames, extract_date="2024-12-31")


def test_steady_records_raise_no_question():
    records = records_of(DAYS)

    assert questions_of(records) == []
    assert "Nothing stands out." in quality_html(records)


def test_another_level_of_events_is_asked_about_from_its_month_on():
    kept = DAYS[(DAYS < "2023-01-01") | (DAYS.day % 2 == 0)]
    found = {one.where: one.found for one in questions_of(records_of(kept))}

    assert found["referrals"] == "from 2023-01 on 0.5 times as many each month"


def test_a_team_without_factors_is_asked_about_and_escaped_on_the_page():
    records = records_of(DAYS, teams=("<East>", "West"), lacking=("<East>",))
    (one,) = questions_of(records)

    assert one.where == "assessments, <East>"
    assert one.found.endswith("in the other teams in 0 %")
    page = quality_html(records)
    assert "assessments, &lt;East&gt;" in page
    assert "<East>" not in page


def test_a_few_children_under_two_identifiers_are_asked_about_without_their_number():
    children = pd.DataFrame(
        {"child_id": ["A", "B"], "birth_date": ["2015-05-01"] * 2, "sex": ["F", "F"]}
    )
    links = pd.DataFrame({"child_id": ["A", "B"], "family_id": ["X", "X"]})
    referrals = pd.DataFrame(
        {"referral_id": ["1", "2"], "child_id": ["A", "B"],
         "referral_date": ["2021-03-01", "2023-03-01"]}
    )  # fmt: skip
    frames = {"children": children, "family_links": links, "referrals": referrals}
    (one,) = questions_of(Records.from_frames(frames, extract_date="2024-12-31"))

    assert (one.where, one.found[:7]) == ("children", "c pairs")
