"""The dataset's tables of children, contacts, early help, referrals and assessments."""

from fs_risk.records.layouts.ssd_table import declare

NEED = (
    declare(
        "ssd_person",
        "pers",
        "legacy_id person_id upn forename surname sex gender ethnicity dob single_unique_id "
        "upn_unknown send_flag expected_dob death_date is_mother nationality",
        {
            "child_id": "person_id",
            "birth_date": "dob",
            "expected_birth_date": "expected_dob",
            "sex": "sex",
            "ethnicity": "ethnicity",
            "death_date": "death_date",
        },
        also_read="gender",
        needed="person_id",
    ),
    declare(
        "ssd_family",
        "fami",
        "table_id family_id person_id",
        {"family_id": "family_id", "child_id": "person_id"},
        needed="family_id person_id",
    ),
    declare(
        "ssd_mother",
        "moth",
        "table_id person_id childs_person_id childs_dob",
        {"family_id": "person_id", "child_id": "childs_person_id"},
        needed="person_id childs_person_id",
    ),
    declare(
        "ssd_disability",
        "disa",
        "table_id person_id disability_code",
        {"child_id": "person_id", "code": "disability_code"},
        needed="person_id disability_code",
    ),
    declare(
        "ssd_immigration_status",
        "immi",
        "immigration_status_id person_id immigration_status_start_date "
        "immigration_status_end_date immigration_status",
        {"child_id": "person_id"},
        also_read="immigration_status",
        needed="person_id immigration_status",
    ),
    declare(
        "ssd_contacts",
        "cont",
        "contact_id person_id contact_date contact_source_code contact_source_desc "
        "contact_outcome_json",
        {
            "contact_id": "contact_id",
            "child_id": "person_id",
            "contact_date": "contact_date",
            "source": "contact_source_code",
            "outcome": "contact_outcome_json",
        },
        also_read="contact_source_desc",
        needed="contact_id person_id contact_date",
    ),
    declare(
        "ssd_early_help_episodes",
        "earl",
        "episode_id person_id episode_start_date episode_end_date episode_reason "
        "episode_end_reason episode_organisation episode_worker_id",
        {
            "early_help_id": "episode_id",
            "child_id": "person_id",
            "start_date": "episode_start_date",
            "end_date": "episode_end_date",
        },
        needed="episode_id person_id episode_start_date",
    ),
    declare(
        "ssd_cin_episodes",
        "cine",
        "referral_id person_id referral_date cin_primary_need_code referral_source_code "
        "referral_source_desc referral_outcome_json referral_nfa close_reason close_date "
        "referral_team referral_worker_id",
        {
            "referral_id": "referral_id",
            "child_id": "person_id",
            "referral_date": "referral_date",
            "source": "referral_source_code",
            "primary_need": "cin_primary_need_code",
            "no_further_action": "referral_nfa",
            "close_date": "close_date",
            "close_reason": "close_reason",
            "team": "referral_team",
        },
        also_read="referral_source_desc referral_outcome_json",
        needed="referral_id person_id referral_date",
        aliases={
            "cin_referral_nfa": "referral_nfa",
            "cine_referral_source": "referral_source_code",
        },
    ),
    declare(
        "ssd_cin_assessments",
        "cina",
        "assessment_id person_id referral_id assessment_start_date assessment_child_seen "
        "assessment_auth_date assessment_outcome_json assessment_outcome_nfa assessment_team "
        "assessment_worker_id",
        {
            "assessment_id": "assessment_id",
            "child_id": "person_id",
            "referral_id": "referral_id",
            "start_date": "assessment_start_date",
            "authorised_date": "assessment_auth_date",
        },
        needed="assessment_id person_id assessment_start_date",
    ),
    declare(
        "ssd_assessment_factors",
        "cinf",
        "table_id assessment_id assessment_factors_json",
        {"assessment_id": "assessment_id", "code": "assessment_factors_json"},
        needed="assessment_id assessment_factors_json",
    ),
    declare(
        "ssd_cin_plans",
        "cinp",
        "cin_plan_id referral_id person_id cin_plan_start_date cin_plan_end_date cin_plan_team "
        "cin_plan_worker_id",
        {
            "cin_plan_id": "cin_plan_id",
            "referral_id": "referral_id",
            "child_id": "person_id",
            "start_date": "cin_plan_start_date",
            "end_date": "cin_plan_end_date",
        },
        needed="cin_plan_id person_id cin_plan_start_date",
        aliases={"cin_plan_id": "cin_plan_id"},
    ),
)
