"""The dataset's tables of enquiries, plans, care, involvements and pre-proceedings."""

from fs_risk.records.layouts.ssd_table import declare

PROTECTION = (
    declare(
        "ssd_s47_enquiry",
        "s47e",
        "s47_enquiry_id referral_id person_id s47_start_date s47_end_date s47_nfa "
        "s47_outcome_json s47_completed_by_team s47_completed_by_worker_id",
        {
            "section47_id": "s47_enquiry_id",
            "referral_id": "referral_id",
            "child_id": "person_id",
            "start_date": "s47_start_date",
            "end_date": "s47_end_date",
            "conference_needed": "s47_outcome_json",
        },
        also_read="s47_nfa",
        needed="s47_enquiry_id person_id s47_start_date",
    ),
    declare(
        "ssd_initial_cp_conference",
        "icpc",
        "icpc_id icpc_meeting_id s47_enquiry_id person_id cp_plan_id referral_id "
        "icpc_transfer_in icpc_target_date icpc_date icpc_outcome_cp_flag icpc_outcome_json "
        "icpc_team icpc_worker_id",
        {
            "conference_id": "icpc_id",
            "section47_id": "s47_enquiry_id",
            "child_id": "person_id",
            "referral_id": "referral_id",
            "transfer_in": "icpc_transfer_in",
            "target_date": "icpc_target_date",
            "conference_date": "icpc_date",
            "plan_made": "icpc_outcome_cp_flag",
        },
        also_read="cp_plan_id icpc_outcome_json",
        needed="icpc_id person_id icpc_date",
    ),
    declare(
        "ssd_cp_plans",
        "cppl",
        "cp_plan_id referral_id icpc_id person_id cp_plan_start_date cp_plan_end_date cp_plan_ola "
        "cp_plan_initial_category cp_plan_latest_category",
        {
            "cp_plan_id": "cp_plan_id",
            "referral_id": "referral_id",
            "conference_id": "icpc_id",
            "child_id": "person_id",
            "start_date": "cp_plan_start_date",
            "end_date": "cp_plan_end_date",
            "other_authority": "cp_plan_ola",
            "initial_category": "cp_plan_initial_category",
            "latest_category": "cp_plan_latest_category",
        },
        needed="cp_plan_id person_id cp_plan_start_date",
    ),
    declare(
        "ssd_legal_status",
        "lega",
        "legal_status_id person_id legal_status legal_status_start_date legal_status_end_date",
        {
            "child_id": "person_id",
            "legal_status": "legal_status",
            "start_date": "legal_status_start_date",
            "end_date": "legal_status_end_date",
        },
        needed="person_id legal_status legal_status_start_date",
    ),
    declare(
        "ssd_cla_episodes",
        "clae",
        "cla_episode_id person_id cla_placement_id cla_episode_start_date "
        "cla_episode_start_reason cla_primary_need_code cla_episode_ceased_date "
        "cla_episode_ceased_reason cla_id referral_id cla_last_iro_contact_date entered_care_date",
        {
            "care_episode_id": "cla_episode_id",
            "child_id": "person_id",
            "start_date": "cla_episode_start_date",
            "start_reason": "cla_episode_start_reason",
            "end_date": "cla_episode_ceased_date",
            "end_reason": "cla_episode_ceased_reason",
            "care_period_id": "cla_id",
            "referral_id": "referral_id",
        },
        also_read="cla_placement_id entered_care_date",
        needed="cla_episode_id person_id cla_episode_start_date",
    ),
    declare(
        "ssd_cla_placement",
        "clap",
        "cla_placement_id cla_id person_id cla_placement_start_date cla_placement_type "
        "cla_placement_urn cla_placement_distance cla_placement_provider cla_placement_postcode "
        "cla_placement_end_date cla_placement_change_reason",
        {"placement_type": "cla_placement_type"},
        also_read="cla_placement_id",
        needed="cla_placement_id cla_placement_type",
    ),
    declare(
        "ssd_missing",
        "miss",
        "table_id person_id missing_episode_start_date missing_episode_type "
        "missing_episode_end_date missing_rhi_offered missing_rhi_accepted",
        {
            "missing_id": "table_id",
            "child_id": "person_id",
            "start_date": "missing_episode_start_date",
            "end_date": "missing_episode_end_date",
        },
        needed="table_id person_id missing_episode_start_date",
    ),
    declare(
        "ssd_involvements",
        "invo",
        "involvements_id professional_id professional_role_id professional_team person_id "
        "involvement_start_date involvement_end_date worker_change_reason referral_id",
        {
            "involvement_id": "involvements_id",
            "team": "professional_team",
            "child_id": "person_id",
            "start_date": "involvement_start_date",
            "end_date": "involvement_end_date",
            "referral_id": "referral_id",
        },
        needed="involvements_id involvement_start_date",
    ),
    declare(
        "ssd_pre_proceedings",
        "prep",
        "table_id person_id plo_family_id pre_pro_decision_date initial_pre_pro_meeting_date "
        "pre_pro_outcome agree_stepdown_issue_date cp_plans_referral_period legal_gateway_outcome "
        "prev_pre_proc_child prev_care_proc_child pre_pro_letter_date care_pro_letter_date "
        "pre_pro_meetings_num pre_pro_parents_legal_rep parents_legal_rep_point_of_issue "
        "court_reference care_proc_court_hearings care_proc_short_notice "
        "proc_short_notice_reason la_inital_plan_approved la_initial_care_plan "
        "la_final_plan_approved la_final_care_plan",
        {
            "pre_proceedings_id": "table_id",
            "child_id": "person_id",
            "start_date": "pre_pro_decision_date",
            "meeting_date": "initial_pre_pro_meeting_date",
            "outcome": "pre_pro_outcome",
            "end_date": "agree_stepdown_issue_date",
        },
        needed="table_id person_id pre_pro_decision_date",
    ),
)
