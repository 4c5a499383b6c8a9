"""The household as one: days on which any of its children came to notice, and shares."""

import numpy as np
import pytest

from drawn import authority, case
from fs_risk.features.build import build_features
from fs_risk.features.catalogue import CATALOGUE, features_for_outcome
from fs_risk.features.household_needs import household_needs_features
from fs_risk.features.measures import Share
from fs_risk.features.streams import NEVER_MODELLED, STREAMS

LINKS = "child_id | family_id\nA | F\nB | F"
CONTACTS = """
contact_id | child_id | contact_date | known_date | source
1          | A        | 2024-02-01   | 2024-02-01 | 6
2          | B        | 2024-02-01   | 2024-02-01 | 6
3          | B        | 2024-02-20   | 2024-02-20 | 2A
4          | C        | 2024-02-20   | 2024-02-20 | 2A
"""
ASSESSED = """
assessment_id | child_id | start_date | authorised_date | factors_recorded
1             | A        | 2023-10-01 | 2023-11-01      | yes
2             | B        | 2024-01-05 | 2024-02-05      | yes
3             | B        | 2024-02-10 | 2024-03-01      | yes
"""
FACTORS = "assessment_id | code\n1 | 16A\n1 | 4B\n2 | 21\n3 | 16A\n3 | 4B"


def value(name, as_of="2024-03-10", case_id="case", **tables):
    built = build_features(authority(**tables), case("A", as_of, case_id))
    return float(built[name].item())


def test_a_day_on_which_two_children_were_contacted_about_counts_once():
    assert value("household_contacts_90d", contacts=CONTACTS, family_links=LINKS) == 2


def test_a_child_without_a_family_is_a_household_of_its_own():
    found = value("household_contacts_90d", contacts=CONTACTS, family_links="child_id | family_id")

    assert found == 1


def test_a_share_is_of_the_days_that_had_any():
    shared = {"assessments": ASSESSED, "factors": FACTORS, "family_links": LINKS}

    found = value("household_mental_health_parent_share_1825d", **shared)

    assert found == pytest.approx(200 / 3)


def test_a_share_of_nothing_is_missing():
    assert np.isnan(value("household_contacts_police_share_1825d", family_links=LINKS))


def test_a_share_does_not_wait_for_its_whole_window_to_be_observed():
    """A year nobody watched is not taken for a year in which nothing happened."""
    by_name = {spec.name: spec for spec in CATALOGUE}

    assert by_name["household_contacts_police_share_1825d"].observed_days == 0
    assert by_name["household_contacts_365d"].observed_days == 365


def test_neglect_found_in_this_episode_is_left_out():
    """The assessment of the episode and the decision on a plan are one judgement."""
    referred = "referral_id | child_id | referral_date\nR | A | 2024-01-01"
    shared = {"assessments": ASSESSED, "factors": FACTORS, "family_links": LINKS}

    before = value("household_neglect_share_1825d", case_id="R", referrals=referred, **shared)
    on_a_day = value("household_neglect_share_1825d", referrals=referred, **shared)

    assert before == 100.0
    assert on_a_day == pytest.approx(200 / 3)


def test_every_share_is_of_a_stream_that_holds_it():
    """What is shared is part of the whole: never above 100%."""
    for spec in household_needs_features():
        if isinstance(spec.measure, Share):
            part, whole = STREAMS[spec.measure.stream], STREAMS[spec.measure.of]
            assert (part.table, part.date) == (whole.table, whole.date)
            assert set(part.factors) <= set(whole.factors) or not whole.factors


def test_a_whole_share_is_said_without_a_percentage():
    """One assessment of one is no "100 %", which reads as a certainty."""
    for spec in household_needs_features():
        if isinstance(spec.measure, Share):
            assert ": all of the " in spec.say(100.0), spec.name
            assert spec.say(100.0).endswith("(there may be only one)")
            assert "%" not in spec.say(100.0)
            assert ": 99 % of the " in spec.say(99.0)


def test_no_factor_that_stands_for_ethnicity_or_belief_is_read():
    """Factors 9A, 22A and 23A never enter a model, not even in what others are shared by."""
    for name, stream in STREAMS.items():
        assert not set(stream.factors) & set(NEVER_MODELLED), name


def test_models_of_a_plan_may_use_them_all():
    names = {spec.name for spec in features_for_outcome("cp_plan")}

    assert {spec.name for spec in household_needs_features()} <= names
