import numpy as np
import pytest

from fs_risk.features.catalogue import CATALOGUE
from fs_risk.triage.reasons import ABSENT, RECORDED, concept_totals, reasons_for, unknowns

SPECS = {spec.name: spec for spec in CATALOGUE}


def reasons(**features):
    """Give reasons for features written as name=(value, contribution)."""
    specs = [SPECS[name] for name in features]
    values = np.array([value for value, _ in features.values()], dtype=float)
    parts = np.array([part for _, part in features.values()], dtype=float)
    return reasons_for(specs, values, parts)


def test_the_same_thing_is_not_said_for_several_windows():
    [reason] = reasons(
        child_contacts_90d=(2, 0.3), child_contacts_180d=(3, 0.4), child_contacts_365d=(4, 0.1)
    )

    assert reason.wording == "3 contacts in the last 180 days"
    assert reason.contribution == pytest.approx(0.8)


def test_two_things_of_one_concept_are_both_said_strongest_first():
    [reason] = reasons(child_referrals_365d=(2, 0.2), child_referrals_nfa_730d=(1, 0.5))

    assert reason.wording == (
        "1 earlier referral with no further action in the last two years; "
        "2 earlier referrals in the last year"
    )


def test_only_what_moves_with_the_concept_is_said():
    [reason] = reasons(child_referrals_365d=(2, 0.5), child_referrals_nfa_730d=(0, -0.2))

    assert "no further action" not in reason.wording


def test_a_worry_says_what_is_recorded_before_what_is_not():
    [reason] = reasons(
        household_contacts_health_share_1825d=(0, 0.5),
        household_contacts_police_share_1825d=(40, 0.2),
    )

    assert reason.wording == (
        "made by the police: 40 % of the contacts about the household known in the last five years"
    )


def test_what_weighs_next_to_nothing_is_not_said_in_the_place_of_what_weighs():
    [reason] = reasons(
        household_contacts_health_share_1825d=(0, 0.5),
        household_contacts_police_share_1825d=(40, 0.01),
    )

    assert reason.wording.startswith(f"{ABSENT}made by a health service: none of the contacts")


def test_absence_that_the_model_counts_upward_is_said_to_be_one():
    """Nobody is left to wonder how "none of the assessments" could be a worry."""
    [reason] = reasons(child_mental_health_child_current_365d=(0, 0.4))

    assert reason.direction == "worry"
    assert reason.wording.startswith(
        "an absence is no worry in itself; the model counts it upward here: "
    )


@pytest.mark.parametrize(
    "features",
    [
        {"child_age_years": (0, 0.4)},
        {"referral_source_police": (0, 0.3), "referral_source_health": (1, 0.1)},
        {"child_contacts_90d": (0, 0.2), "child_contacts_police_365d": (1, 0.3)},
        {"child_contacts_90d": (0, -0.5)},
    ],
    ids=["age", "source", "something recorded weighs too", "strength"],
)
def test_what_is_no_odd_reason_is_said_without_more(features):
    [reason] = reasons(**features)
    assert not reason.wording.startswith((ABSENT, RECORDED))


def test_recorded_worry_that_the_model_counts_downward_is_said_to_be_one():
    [reason] = reasons(child_contacts_90d=(2, -0.5))

    assert reason.direction == "strength"
    assert reason.wording == (
        "a recorded worry is no strength in itself; the model counts it downward here: "
        "2 contacts in the last 90 days"
    )


def test_recorded_worry_stands_last_in_a_strength_and_is_not_left_out():
    [reason] = reasons(child_contacts_90d=(0, -0.3), child_contacts_police_365d=(1, -0.5))

    assert reason.wording.startswith("no contact in the last 90 days; ")
    assert "police" in reason.wording


def test_a_strength_may_be_that_nothing_is_recorded():
    [reason] = reasons(child_contacts_90d=(0, -0.5), child_contacts_police_365d=(1, -0.3))

    assert reason.wording.startswith("no contact in the last 90 days; ")


def test_referral_is_said_to_come_from_who_made_it_not_from_who_did_not():
    [reason] = reasons(
        referral_source_police=(0, 0.3), referral_source_health=(1, 0.1), child_age_years=(5, 0)
    )

    assert reason.wording == "this referral was made by a health service"


def test_unborn_child_is_said_to_be_unborn():
    [reason] = reasons(child_age_years=(np.nan, 0.6), child_unborn=(1, 0.2), child_under_1=(0, 0.1))

    assert reason.wording == "the child is unborn"


def test_worries_come_before_strengths_and_tiny_parts_are_not_said():
    made = reasons(
        child_contacts_90d=(0, -0.9), child_age_years=(2, 0.4), child_referrals_365d=(0, 0.001)
    )

    assert [reason.direction for reason in made] == ["worry", "strength"]


def test_concepts_sum_to_the_features():
    rng = np.random.default_rng(0)
    parts = rng.normal(size=len(CATALOGUE))

    assert sum(concept_totals(CATALOGUE, parts).values()) == pytest.approx(parts.sum())


def test_nothing_having_happened_is_not_an_unknown():
    specs = [SPECS[name] for name in (
        "child_days_since_contacts_1095d", "siblings_youngest_years", "child_contacts_90d",
        "child_neglect_current_365d",
    )]  # fmt: skip

    said = unknowns(specs, np.array([np.nan, np.nan, np.nan, np.nan]))

    assert said == (
        SPECS["child_contacts_90d"].missing,
        SPECS["child_neglect_current_365d"].missing,
    )
