"""Which families a setting discusses, on drawn histories."""

import pandas as pd
import pytest

from drawn import authority
from fs_risk.errors import SettingError
from fs_risk.records.as_known import as_known_before
from fs_risk.triage.supervision_families import families_on
from fs_risk.triage.supervision_setting import SupervisionSetting
from fs_risk.triage.supervision_state import Agreed, last_agreed, progress

DAY = pd.Timestamp("2024-06-10")
TRIO = """
    assessment_id | code
    A1            | 3B"""


def drawn(**tables):
    """Draw one open case with domestic abuse on its assessment, and what is said besides."""
    return authority(
        **{
            "children": """
                child_id | birth_date | expected_birth_date
                A        | 2016-01-01 | -
                B        | 2018-01-01 | -
                C        | -          | 2024-09-01""",
            "referrals": """
                referral_id | child_id | referral_date | decision_date | team | primary_need
                R1          | A        | 2024-01-10    | 2024-01-11    | N    | N1""",
            "family_links": """
                child_id | family_id
                A        | F
                B        | F""",
            "assessments": """
                assessment_id | child_id | referral_id | start_date | authorised_date
                A1            | A        | R1          | 2024-01-12 | 2024-02-20""",
            "factors": TRIO,
            **tables,
        }
    )


def found(records, *, team=None, day=DAY, **setting):
    known = as_known_before(records, day)
    return families_on(records, known, day, SupervisionSetting(**setting), team)


def test_open_case_with_the_trio_is_discussed_with_its_tier_and_team():
    families = found(drawn())
    row = families.children.iloc[0]

    assert (row["child_id"], row["case_id"], row["tier"], row["team"]) == ("A", "R1", 2, "N")
    assert families.trio["area"].to_list() == ["domestic_abuse"]
    assert families.members.to_dict() == {"A": 0, "B": 0}
    assert families.left_out == {}


@pytest.mark.parametrize(
    ("factors", "discussed"),
    [("1B", True), ("2C", True), ("3A", True), ("4B", True), ("4C", False), ("1A", False),
     ("16A", False), ("21", False)],
)  # fmt: skip
def test_trio_is_that_of_adults_and_of_those_subjected_to_abuse(factors, discussed):
    records = drawn(factors=f"assessment_id | code\nA1 | {factors}")

    assert (not found(records).children.empty) == discussed


def test_trio_found_for_a_brother_or_sister_counts_for_the_family():
    records = drawn(
        assessments="""
            assessment_id | child_id | referral_id | start_date | authorised_date
            A1            | B        | -           | 2024-01-12 | 2024-02-20"""
    )

    assert found(records).children["child_id"].to_list() == ["A"]


def test_trio_assessed_before_the_window_and_the_episode_does_not_count():
    records = drawn(
        assessments="""
            assessment_id | child_id | referral_id | start_date | authorised_date
            A1            | A        | -           | 2021-01-12 | 2021-02-20"""
    )

    assert found(records).left_out == {"families without the trio": 1}
    assert len(found(records, trio_within_days=2_000).children) == 1


def test_trio_assessed_since_a_long_episode_began_still_counts():
    records = drawn(
        referrals="""
            referral_id | child_id | referral_date | decision_date | close_date
            R1          | A        | 2021-01-10    | 2021-01-11    | -""",
        assessments="""
            assessment_id | child_id | referral_id | start_date | authorised_date
            A1            | A        | R1          | 2021-01-12 | 2021-02-20""",
    )

    assert len(found(records).children) == 1


def test_what_was_not_known_before_the_day_counts_for_nothing():
    """T1: the assessment is authorised, the plan made and the family joined on the day."""
    records = drawn(
        assessments="""
            assessment_id | child_id | referral_id | start_date | authorised_date
            A1            | A        | R1          | 2024-01-12 | 2024-06-10""",
        cp_plans="""
            cp_plan_id | child_id | start_date
            P          | A        | 2024-06-10""",
    )

    assert found(records).left_out == {"families without the trio": 1}
    later = found(records, day=DAY + pd.Timedelta(days=1))
    assert later.children["tier"].to_list() == [3]


def test_case_closed_or_turned_away_is_not_open():
    closed = drawn(
        referrals="""
            referral_id | child_id | referral_date | decision_date | no_further_action | close_date
            R1          | A        | 2024-01-10    | 2024-01-11    | -                 | 2024-06-01
            R2          | B        | 2024-06-01    | 2024-06-02    | yes               | -"""
    )

    assert found(closed).children.empty


def test_unborn_child_is_included_unless_the_setting_leaves_it_out():
    records = drawn(
        referrals="""
            referral_id | child_id | referral_date | decision_date
            R1          | C        | 2024-05-10    | 2024-05-11""",
        family_links="""
            child_id | family_id
            C        | F
            A        | F""",
    )

    assert found(records).children["child_id"].to_list() == ["C"]
    assert found(records, include_unborn=False).left_out["unborn"] == 1


def test_contextual_case_is_left_out_unless_harm_in_the_home_was_found_too():
    assessments = """
        assessment_id | child_id | referral_id | start_date | authorised_date
        A1            | B        | -           | 2024-01-12 | 2024-02-20
        A2            | A        | R1          | 2024-02-12 | 2024-03-20"""
    alone = drawn(assessments=assessments, factors=TRIO + "\nA2 | 24A")
    both = drawn(assessments=assessments, factors=TRIO + "\nA2 | 24A\nA2 | 16A")

    assert found(alone).left_out == {"contextual only": 1}
    assert len(found(alone, exclude_contextual_only=False).children) == 1
    assert len(found(both).children) == 1


def test_specialist_disability_case_is_left_out_by_need_or_team():
    by_need = drawn(
        referrals="""
            referral_id | child_id | referral_date | decision_date | primary_need | team
            R1          | A        | 2024-01-10    | 2024-01-11    | N2           | N"""
    )

    assert found(by_need).left_out == {"specialist disability": 1}
    assert len(found(by_need, exclude_specialist_disability=False).children) == 1
    assert found(drawn(), disability_teams=("N",)).left_out == {"specialist disability": 1}


def test_family_whose_children_are_all_looked_after_is_on_another_tier():
    records = drawn(
        care_periods="""
            care_period_id | child_id | start_date
            K              | A        | 2024-03-01"""
    )

    assert found(records).left_out == {"families on another tier alone": 1}
    assert found(records, tiers=(5,)).children["tier"].to_list() == [5]


def test_child_left_out_stays_in_sight_beside_a_brother_or_sister():
    records = drawn(
        referrals="""
            referral_id | child_id | referral_date | decision_date | primary_need
            R1          | A        | 2024-01-10    | 2024-01-11    | N1
            R2          | B        | 2024-01-10    | 2024-01-11    | N2"""
    )
    children = found(records).children

    assert children["left_out"].to_list() == ["", "specialist disability"]


def test_record_past_its_retention_date_is_not_shown():
    """G7."""
    records = drawn(
        children="""
            child_id | birth_date | retain_until
            A        | 2016-01-01 | 2024-06-09
            B        | 2018-01-01 | -"""
    )

    assert found(records).left_out == {"past its retention date": 1}


def test_team_is_the_one_involved_on_the_day_before_that_of_the_extract():
    involved = """
        involvement_id | child_id | referral_id | start_date | end_date   | team
        I1             | A        | R1          | 2024-01-10 | 2024-03-01 | X
        I2             | A        | R1          | 2024-03-01 | -          | Y
        I3             | A        | R1          | 2024-06-10 | -          | Z"""
    records = drawn(involvements=involved)

    assert found(records).children["team"].to_list() == ["Y"]
    assert len(found(records, team="Y").children) == 1


def test_family_of_another_team_is_left_out_and_an_unknown_team_refused():
    records = drawn(
        referrals="""
            referral_id | child_id | referral_date | decision_date | team
            R1          | A        | 2024-01-10    | 2024-01-11    | North
            R2          | D        | 2024-01-10    | 2024-01-11    | South"""
    )

    assert found(records, team="South").left_out["families of another team"] == 1
    with pytest.raises(SettingError, match="Did you mean 'North'"):
        found(records, team="Nort")


def test_records_without_teams_say_so_when_asked_for_one():
    records = drawn(
        referrals="""
            referral_id | child_id | referral_date | decision_date
            R1          | A        | 2024-01-10    | 2024-01-11"""
    )

    assert found(records).children["team"].to_list() == [""]
    with pytest.raises(SettingError, match="name no team"):
        found(records, team="North")


SERVICE = {
    "group_supervision": """
        supervision_id | family_id | supervision_date | agreed_rating | next_step | known_date
        V1             | F         | 2024-04-10       | low           | continue  | 2024-04-10
        V2             | F         | 2024-05-10       | high          | step up   | 2024-05-12
        V3             | F         | 2024-06-10       | medium        | -         | 2024-06-10""",
    "programme_modules": """
        module_id | family_id | module | start_date | end_date
        G1        | F         | 1      | 2024-03-01 | 2024-04-01
        G2        | F         | 2      | 2024-04-01 | 2024-06-10
        G3        | F         | 3      | 2024-06-10 | -""",
    "specialist_work": """
        specialist_work_id | family_id | role           | start_date | end_date   | outcome
        W1                 | F         | recovery       | 2024-03-01 | 2024-04-01 | declined
        W2                 | F         | victim support | 2024-04-01 | -          | -
        W3                 | F         | psychologist   | 2020-01-01 | 2020-04-01 | completed""",
}


class TestState:
    records = drawn(**SERVICE)
    known = as_known_before(records, DAY)
    families = found(records)

    def test_last_meeting_is_the_one_before_the_day(self):
        agreed = last_agreed(self.known, self.families, DAY, None)

        assert agreed == {0: Agreed(pd.Timestamp("2024-05-10").date(), "high", "step up")}

    def test_rating_in_the_ledger_holds_over_an_earlier_one_in_the_table(self):
        ratings = pd.DataFrame(
            {"entry": [7, 8], "child_id": ["A", "A"], "family_id": ["another id", "F"],
             "on": pd.to_datetime(["2024-05-10", "2024-06-10"]), "rating": ["medium", "low"],
             "next_step": ["", ""]}
        )  # fmt: skip
        agreed = last_agreed(self.known, self.families, DAY, ratings)

        assert agreed[0].rating == "medium"

    def test_progress_is_what_was_known_before_the_day(self):
        done = progress(self.known, self.families, DAY)[0]

        assert (done.modules_done, done.modules_open) == (1, ("module 2",))
        assert done.work == (
            "victim support since 1 Apr 2024",
            "recovery since 1 Mar 2024, ended 1 Apr 2024: declined",
        )
        assert done.roles == {"recovery", "victim support", "psychologist"}

    def test_records_without_the_service_s_tables_say_that_they_hold_none(self):
        records = drawn()
        known, families = as_known_before(records, DAY), found(records)
        done = progress(known, families, DAY)[0]

        assert last_agreed(known, families, DAY, None) == {}
        assert done.lines() == (
            "modules: not held by these records",
            "specialists: not held by these records",
        )
