"""Service responses are study columns, as known on the day; they are no features."""

import numpy as np
import pandas as pd

from drawn import authority, case
from fs_risk.evaluation.service_responses import service_responses
from fs_risk.features.catalogue import CATALOGUE

LINKS = "child_id | family_id\n A | F\n B | F\n C | G"
WORK = """
    specialist_work_id | family_id | adult_id | role     | start_date | known_date | end_date | end_known_date
    1                  | F         | P        | recovery | 2024-01-10 | 2024-01-10 | 2024-02-10 | 2024-02-10
    2                  | F         | P        | recovery | 2024-02-01 | 2024-02-20 | -          | -
    3                  | G         | Q        | recovery | 2024-01-05 | 2024-01-05 | -          | -
"""  # noqa: E501
SUPERVISION = """
    supervision_id | family_id | supervision_date | agreed_rating
    1              | F         | 2024-01-15       | high
    2              | F         | 2024-02-15       | medium
    3              | F         | 2024-03-01       | low
"""
TEAMS = """
    involvement_id | child_id | start_date | team
    1              | A        | 2024-01-01 | assessment
    2              | A        | 2024-01-20 | family
"""


def found(day="2024-03-01", child="A", **more):
    records = authority(
        family_links=LINKS, specialist_work=WORK, group_supervision=SUPERVISION, involvements=TEAMS
    )
    return service_responses(records, case(child, day), **more)


def test_only_what_was_known_before_the_day_is_counted():
    """T1, T2, T5."""
    on = {day: found(day)["specialist_work"].iloc[0] for day in ("2024-02-15", "2024-02-21")}

    assert on["2024-02-15"]["study_specialist_work_times"] == 1
    assert on["2024-02-21"]["study_specialist_work_times"] == 2
    assert on["2024-02-15"]["study_specialist_work_open"] == 0
    assert on["2024-02-21"]["study_specialist_work_open"] == 1


def test_rating_of_the_day_itself_is_not_known_yet():
    """T2: the latest rating before the day is the one of February."""
    frame = found("2024-03-01")["group_supervision"].iloc[0]

    assert frame["study_group_supervision_times"] == 2
    assert frame["study_group_supervision_days_since"] == 15
    assert sum(frame[name] for name in frame.index if "latest" in name) == 1


def test_lag_hides_what_became_known_within_it():
    assert found("2024-02-21", lag_days=7)["specialist_work"].iloc[0].iloc[0] == 1


def test_teams_are_the_childs_own_and_work_is_the_familys():
    brother = found(child="B")

    assert brother["specialist_work"].iloc[0]["study_specialist_work_times"] == 2
    assert brother["teams"].iloc[0]["study_teams_times"] == 0
    assert np.isnan(brother["teams"].iloc[0]["study_teams_days_since"])


def test_index_is_the_cohorts_and_kinds_not_held_are_left_out():
    cohort = pd.concat([case("C", "2024-03-01"), case("A", "2024-03-01")])
    cohort.index = pd.Index([7, 3])
    records = authority(family_links=LINKS, specialist_work=WORK)

    columns = service_responses(records, cohort)

    assert list(columns) == ["specialist_work"]
    assert columns["specialist_work"].index.tolist() == [7, 3]
    assert columns["specialist_work"]["study_specialist_work_times"].tolist() == [1, 2]
    assert not {spec.name for spec in CATALOGUE} & set(columns["specialist_work"])
